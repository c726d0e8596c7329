"""Tests of what security standards ask, where no other test shows it."""
