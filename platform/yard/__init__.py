"""What happens at a scale: tickets, gate purchases, deductions, inspection, imports, day end."""
