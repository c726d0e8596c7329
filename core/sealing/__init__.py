"""Ground floor: what is kept about people is sealed before the database sees it.

AES-256-GCM, bound to table, column and row: a value moved elsewhere does not open.
"""

from core.sealing.boxes import Broken, seal, unseal

__all__ = ["Broken", "seal", "unseal"]
