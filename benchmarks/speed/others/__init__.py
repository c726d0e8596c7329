"""What engineers would pick instead, each set up as its own pages advise."""
