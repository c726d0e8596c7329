"""Directory search: arrays in a file, mapped into memory as they lie, one copy for all workers."""

import json
import math
import mmap
import struct
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

_MAGIC = b"KITHARR1"
_LENGTH = struct.Struct("<Q")
_HEAD = len(_MAGIC) + _LENGTH.size
_ALIGNED = 64


def write(path: Path, arrays: Arrays) -> None:
    """Put these arrays, which may be of any plain type and shape, into a new file."""
    table, end = {}, 0
    kept = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in kept.items():
        table[name] = (array.dtype.str, array.shape, end)
        end += _padded(array.nbytes)
    said = json.dumps(table).encode()
    said += b" " * (_padded(_HEAD + len(said)) - _HEAD - len(said))
    with path.open("wb") as file:
        file.write(_MAGIC + _LENGTH.pack(len(said)) + said)
        for array in kept.values():
            file.write(array.reshape(-1).view(np.uint8).data if array.size else b"")
            file.write(bytes(_padded(array.nbytes) - array.nbytes))


def open_(path: Path, only: Collection[str] = ()) -> Arrays:
    """The arrays of a file, or some of them, which cannot be written to; ValueError if it is no
    such file."""
    with path.open("rb") as file:
        held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    (length,) = _LENGTH.unpack_from(held, len(_MAGIC))
    if held[: len(_MAGIC)] != _MAGIC or _HEAD + length > len(held):
        raise ValueError(f"{path.name} holds no arrays")
    table = json.loads(held[_HEAD : _HEAD + length])
    wanted = only or table
    return {name: _array(held, _HEAD + length, *table[name]) for name in wanted}


def _array(held: mmap.mmap, start: int, kind: str, shape: list[int], at: int) -> NDArray[Any]:
    # What overruns the file is a ValueError here, not a crash when it is read.
    count = math.prod(shape)
    if not count:
        return np.zeros(shape, dtype=kind)
    return np.frombuffer(held, dtype=kind, count=count, offset=start + at).reshape(shape)


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
