"""Directory: what editors decide, and what people without an account tell them."""
