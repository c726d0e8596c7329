"""Benchmarks: how far Kith can be trusted, in figures anybody can make again.

Every module here but `goals` is one script, `python -m benchmarks.assurance.NAME [--full]`, that
prints a line a figure. `python -m benchmarks.assurance` runs them all.
"""
