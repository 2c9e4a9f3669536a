"""What stands on a lot: codes, tags in every print, Digital Links, numbers of loads."""
