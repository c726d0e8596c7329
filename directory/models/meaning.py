"""Directory: what editors changed in the thesaurus of needs, version after version."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, new_id
from directory.models.listing import LONG


class ConceptEdit(Model):
    """A concept as an editor left it. Of each code the last version stands; none is ever changed.

    `content` is all that is said of it but its code.
    """

    __tablename__ = "concept_edit"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[uuid.UUID] = new_id()
    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(LONG, default="")
    by_name: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime]
