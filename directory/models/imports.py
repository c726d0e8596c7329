"""Directory: an import under way: the file, what it would do row by row, how far it is."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from directory.models.listing import LONG, SHORT
from directory.rules import ImportState, Verdict


class ImportRun(Model):
    """One file or feed on its way in."""

    __tablename__ = "import_run"

    id: Mapped[uuid.UUID] = new_id()
    source: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(SHORT)
    url: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[ImportState] = mapped_column(default=ImportState.WAITING, index=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(LONG, default="")
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportRow(Model):
    """One record of an import: what is to be done with it, or why it is refused."""

    __tablename__ = "import_row"

    id: Mapped[uuid.UUID] = new_id()
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id"), index=True)
    number: Mapped[int]
    place: Mapped[str] = mapped_column(SHORT, default="")
    name: Mapped[str] = mapped_column(SHORT, default="")
    verdict: Mapped[Verdict]
    reason: Mapped[str] = mapped_column(Text, default="")
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    run: Mapped[ImportRun] = relationship()
