"""Running accounts (往来账) of two parties: advances, netting, ageing, monthly statements."""
