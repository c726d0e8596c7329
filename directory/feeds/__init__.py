"""Directory: how listings come in from other people's files, and go out to other systems."""
