"""Where hubs should stand: numbers in, a judged answer with its proven bound out."""
