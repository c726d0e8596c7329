"""Directory: when a listing is on: what people write, the days it names, its next dates."""
