"""Ground floor: what is kept about people is sealed before the database sees it.

AES-256-GCM, bound to table, column and row: a value moved elsewhere does not open. Everybody whom
something is kept about has a key of their own (`data_keys`), wrapped by the root key (`core.keys`).
"""

from core.sealing.boxes import Broken, open_with, seal, unseal
from core.sealing.bulk import seal_rows
from core.sealing.check import init_app, key_fits
from core.sealing.columns import (
    REGISTER,
    Sealed,
    SealedBy,
    SealedBytes,
    blind,
    of_model,
    sealed,
    sealed_day,
    sealed_facts,
    sealed_list,
    sealed_or_none,
    sealed_words,
)
from core.sealing.data_keys import DataKey
from core.sealing.erasing import back_again, erase, settle_doubts

__all__ = [
    "REGISTER",
    "Broken",
    "DataKey",
    "Sealed",
    "SealedBy",
    "SealedBytes",
    "back_again",
    "blind",
    "erase",
    "init_app",
    "key_fits",
    "of_model",
    "open_with",
    "seal",
    "seal_rows",
    "sealed",
    "sealed_day",
    "sealed_facts",
    "sealed_list",
    "sealed_or_none",
    "sealed_words",
    "settle_doubts",
    "unseal",
]
