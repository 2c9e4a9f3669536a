"""Ways that money takes: bank transfer by default, others behind the same Protocol."""
