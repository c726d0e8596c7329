"""Tests of the house itself: its stairs, doors and papers."""
