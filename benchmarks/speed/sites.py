"""A site with the invented directory: its database and our index, made once and kept.

They lie in `kith-bench` in the system's temporary folder, under a name that follows from all the
code and data they are made by, so a change of those makes them anew; whoever wants the space back
deletes the folder.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import flask_migrate
from flask import Flask
from sqlalchemy import insert

from app import create_app
from benchmarks.speed.invented_rows import batches
from benchmarks.speed.telling import progress
from core.actors import system
from core.db import db, may_write
from core.saving import saving
from core.settings import DEMO, Settings
from directory import search, taxonomy
from directory.search import documents
from directory.search.documents import Document
from directory.search.shelf import Shelf
from directory.search.snapshot import Snapshot, open_state

Made = TypeVar("Made")

HERE = Path(__file__).resolve().parents[2]
KEPT = Path(tempfile.gettempdir()) / "kith-bench"

OF_DATABASE = ("migrations", "directory/models", "directory/data", "accounts/models.py")
OF_DATABASE += ("benchmarks/speed/invented_rows.py", "benchmarks/speed/vocabulary.py")
OF_INDEX = (
    *(
        f"directory/search/{name}.py"
        for name in ("columns", "documents", "lexicon", "points", "postings", "segments", "shelf")
    ),
    *(f"directory/search/{name}.py" for name in ("sidecars", "state", "ticks", "words")),
    "directory/meaning",
)


class Site:
    """So many invented listings in a database, with our index of them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.folder = KEPT / f"{size}-{_key(OF_DATABASE)}"

    @property
    def environment(self) -> dict[str, str]:
        """What the application is started with."""
        return {"KITH_ENV": DEMO, "DATA_DIR": str(self.folder), "SECRET_KEY": "b" * 40}

    def prepare(self) -> None:
        """Make what is not there yet."""
        done = self.folder / "made"
        if not done.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            with self.application().app_context(), progress(f"{self.size:,} listings written"):
                _fill(self.size)
            done.touch()
        indexed = self.folder / f"indexed-{_key(OF_INDEX)}"
        if not indexed.exists():
            for other in self.folder.glob("indexed-*"):
                other.unlink()
            with self.application().app_context(), progress(f"{self.size:,} listings indexed"):
                search.rebuild()
            indexed.touch()

    def application(self) -> Flask:
        """Kith over this database."""
        return create_app(Settings.from_env(self.environment))

    def copied(self, folder: Path) -> "Site":
        """The same elsewhere, to be changed."""
        other = Site(self.size)
        other.folder = folder
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("beside-*"))
        (folder / "index").chmod(0o700)
        return other

    def snapshot(self) -> Snapshot:
        """Our index, open."""
        shelf = Shelf(self.folder)
        manifest = shelf.manifest()
        return open_state(shelf.path(manifest), manifest.files, {})[0]

    @contextmanager
    def documents(self) -> Iterator[Iterable[Document]]:
        """The listings as the index takes them."""
        with self.application().app_context():
            session = db.session()
            yield documents.read(session, documents.shown_ids(session))
            db.session.remove()
            db.engine.dispose()

    def beside(self, name: str) -> Path:
        """A folder in which another engine keeps its index of the same listings."""
        return self.folder / f"beside-{name}-{_key((*OF_INDEX, 'benchmarks/speed/others'))}"


def _fill(size: int) -> None:
    flask_migrate.upgrade()
    with saving():
        taxonomy.ensure_terms(by=system("benchmark"))
    for rows in batches(size):
        with may_write(), db.engine.begin() as connection:
            for model, several in rows.items():
                if several:
                    connection.execute(insert(model), several)


def _key(names: Iterable[str]) -> str:
    """A short word that follows from the contents of these files and folders."""
    found = hashlib.blake2b(digest_size=6)
    for name in names:
        path = HERE / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(file.read_bytes())
    return found.hexdigest()
