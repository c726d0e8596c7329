"""The parts of `make bench`: one invented directory, one mix of questions, and who answers them."""
