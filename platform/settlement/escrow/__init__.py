"""What the platform holds for others: contract money and deposits, until they are paid out."""
