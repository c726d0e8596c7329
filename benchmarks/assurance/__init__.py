"""Benchmarks: how far Kith can be trusted, in figures anybody can make again.

Every module here that begins with a goal's id is one script that prints a line a figure:
`python -m benchmarks.assurance.NAME [--full]`. `python -m benchmarks.assurance` runs them all.
"""
