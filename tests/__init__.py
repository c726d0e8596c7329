"""Tests, told by room and by person."""
