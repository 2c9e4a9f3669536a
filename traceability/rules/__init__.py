"""What events do to lots: pure arithmetic on whole numbers."""
