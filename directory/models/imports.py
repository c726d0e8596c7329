"""Directory: an import under way: the file, what it would do row by row, how far it is."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, new_id
from directory.models.listing import LONG, SHORT
from directory.rules import ImportState, Life, Verdict


class ImportRun(Model):
    """One file or feed on its way in. The file itself lies on the disk until it has been read.

    `changed_organisations` are the new words for organisations that are here already.
    """

    __tablename__ = "import_run"

    id: Mapped[uuid.UUID] = new_id()
    source: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(SHORT)
    url: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[ImportState] = mapped_column(default=ImportState.WAITING, index=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_organisations: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(LONG, default="")
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    holder: Mapped[str] = mapped_column(String(40), default="")
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportRow(Model):
    """One record of an import: what is to be done with it, or why it is refused.

    `said` is what the file says of it; `was` what the listing said until this row changed it. A row
    that is `applied` has made or changed its listing; `new_organisation_id` is what it set up.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        Index("ix_import_row_run_id_service_id", "run_id", "service_id"),
    )

    id: Mapped[uuid.UUID] = new_id()
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(SHORT, default="")
    name: Mapped[str] = mapped_column(SHORT, default="")
    verdict: Mapped[Verdict]
    has_problems: Mapped[bool] = mapped_column(default=False)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    was: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    service_id: Mapped[uuid.UUID | None]
    life: Mapped[Life | None]
    new_organisation_id: Mapped[uuid.UUID | None]
    applied: Mapped[bool] = mapped_column(default=False)
