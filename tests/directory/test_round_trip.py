"""Directory: what is carried away comes whole into an empty site, and can leave it again."""

import io
import zipfile

from flask import Flask

from core import clock
from core.db import db
from directory.exporting import as_hsds
from directory.feeds.importing import import_file
from tests.builders import BUILDER, MONDAY_MORNING
from tests.directory.open_feed import a_whole_directory
from tests.engines import Engines


def carried_away() -> dict[str, str]:
    """Every file of the package."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(as_hsds())))
    return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_export_import_into_an_empty_site_export_is_identical(
    app: Flask, engines: Engines, engine_name: str
) -> None:
    with clock.set_to(MONDAY_MORNING):
        a_whole_directory()
        packed = b"".join(as_hsds())
        before = carried_away()
    db.session.remove()
    engines.fresh(engine_name)
    with clock.set_to(MONDAY_MORNING.replace(day=25)):
        summary = import_file("hsds.zip", packed, by=BUILDER, source="another site")
        assert summary.rejected == 0, summary.problems
        after = carried_away()
        assert after == before
        assert b"".join(as_hsds()) == packed
