"""Directory: what is known to be true of a listing, what is in doubt, and asking its group."""
