"""The demo at the size of a county: one maker of invented rows, for the demo and the benchmarks.

Nothing here is of anybody: people, groups, offices and all that happened are drawn by lot, the same
at every load of the same day. The rows are as the real moves would have left them, but written in
bulk. No letters go out, and the record for investigation says once that all of it is invented.
"""

from demo.scale.filling import ICB, SIGN_IN_AS, SIZES, TAKES_A_WHILE, Size, fill, load

__all__ = ["ICB", "SIGN_IN_AS", "SIZES", "TAKES_A_WHILE", "Size", "fill", "load"]
