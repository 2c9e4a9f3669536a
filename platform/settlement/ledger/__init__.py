"""The book of money: accounts, entries and postings, every entry of them zero in sum."""
