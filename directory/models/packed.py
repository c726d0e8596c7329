"""Directory: the search index as PostgreSQL keeps it, for every machine. On SQLite it is a folder.

Nothing here is a source of anything: all of it may be emptied, and is made anew from the listings.
"""

import uuid
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model


class SearchState(Model):
    """The one state that is in force, if there is one: its parts, and who is gone from each."""

    __tablename__ = "search_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    layout: Mapped[int]
    generation: Mapped[uuid.UUID]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class SearchArray(Model):
    """An array that whoever searches holds in memory: of the listings or of the words of a part."""

    __tablename__ = "search_array"

    part_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    shape: Mapped[list[int]] = mapped_column(JSON)
    content: Mapped[bytes]


class SearchWord(Model):
    """In which listings of a part a word stands, how, and where: fetched when it is asked for."""

    __tablename__ = "search_word"

    part_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[bytes]
    cases: Mapped[bytes]
    places: Mapped[bytes]
