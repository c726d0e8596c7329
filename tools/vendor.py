"""Tool for maintainers: fetch the styles and scripts of others that Kith serves, checked, neutral.

    python -m tools.vendor [FOLDER OF TARBALLS]

Each package is fetched with `npm pack` (or taken from the folder), held against the checksum
below, and copied into static/vendor. GOV.UK Frontend loses its typeface and crest on the way, which
only GOV.UK itself may use; and for languages written from right to left a mirrored copy is made by
rtlcss. Nobody who installs or runs Kith needs npm: the results are kept here.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
LICENCES = VENDOR / "LICENCES"
RECORD = VENDOR / "VENDOR.json"
RTLCSS = "rtlcss@4.3.0"

SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",arial,sans-serif'
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
CREST_RULE = re.compile(r"[^{}]*\{[^{}]*govuk-crest\.svg[^{}]*\}")
SOURCE_MAP = re.compile(r"\n?(?://|/\*)# sourceMappingURL=\S+(?: \*/)?\s*$")
IMAGE_RULE = re.compile(r"[^{}]*\{[^{}]*url\((?:images/|#default#VML)[^{}]*\}")

MIT = """MIT License

{holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software
and associated documentation files (the "Software"), to deal in the Software without
restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package, pinned: where its files are, and under which licence."""

    name: str
    version: str
    integrity: str
    licence: str
    files: tuple[str, ...]
    licence_file: str = ""
    holder: str = ""

    @property
    def archive(self) -> str:
        return f"{self.name}-{self.version}.tgz"


def _integrity(text: str) -> str:
    return f"sha512-{text}"


PACKAGES = {
    package.name: package
    for package in (
        Package(
            name="govuk-frontend",
            version="6.3.0",
            integrity=_integrity(
                "cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJF"
                "lJk/srsRj/q8d5bM9cgKoA=="
            ),
            licence="MIT",
            holder="Copyright (C) 2017 Crown Copyright (Government Digital Service)",
            files=("dist/govuk/govuk-frontend.min.css",),
        ),
        Package(
            name="leaflet",
            version="1.9.4",
            integrity=_integrity(
                "nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR"
                "3XnWyZAxwQixURb+FA74PA=="
            ),
            licence="BSD-2-Clause",
            licence_file="LICENSE",
            files=("dist/leaflet.css", "dist/leaflet.js"),
        ),
        Package(
            name="leaflet.markercluster",
            version="1.5.3",
            integrity=_integrity(
                "vPTw/Bndq7eQHjLBVlWpnGeLa3t+3zGiuM7fJwCkiMFq+nmRuG3RI3f7f4N4TDX7"
                "T4NpbAXpR2+NTRSEGfCSeA=="
            ),
            licence="MIT",
            licence_file="MIT-LICENCE.txt",
            files=("dist/MarkerCluster.css", "dist/leaflet.markercluster.js"),
        ),
    )
}


def neutral(css: str) -> str:
    """GOV.UK's styles without what only GOV.UK may show: its typeface and its crest."""
    css = FONT_FACE.sub("", css)
    css = css.replace("GDS Transport,arial,sans-serif", SYSTEM_FONTS)
    css = CREST_RULE.sub("", css)
    if "GDS" in css or "url(" in css:
        raise SystemExit("govuk-frontend.min.css still names GOV.UK's typeface or an image.")
    return css


def pictureless(css: str) -> str:
    """Leaflet's styles without its pictures, none of which we use: our pins are drawn as SVG."""
    css = IMAGE_RULE.sub("", css)
    if "url(" in css:
        raise SystemExit("leaflet.css still names an image.")
    return css


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "govuk-frontend.min.css": (
        neutral,
        "@font-face and crest rules removed; the system's own typefaces instead of GDS Transport",
    ),
    "leaflet.css": (pictureless, "rules that name images removed"),
}


def tarball(package: Package, folder: Path) -> Path:
    """The package's tarball, fetched into the folder if need be; never one of another checksum."""
    path = folder / package.archive
    if not path.exists():
        wanted = f"{package.name}@{package.version}"
        subprocess.run(["npm", "pack", wanted], cwd=folder, check=True)
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if _integrity(digest) != package.integrity:
        raise SystemExit(f"{path.name} is not the file we pinned: its checksum differs.")
    return path


def take(package: Package, archive: Path) -> list[dict[str, str]]:
    """Copy one package's files and licence into static/vendor; say what was copied."""
    rows = []
    with tarfile.open(archive) as files:

        def text(name: str) -> str:
            file = files.extractfile(f"package/{name}")
            if file is None:
                raise SystemExit(f"{archive.name} has no {name}.")
            return file.read().decode()

        for source in package.files:
            name = Path(source).name
            change, changed = CHANGES.get(name, (str, ""))
            data = SOURCE_MAP.sub("\n", change(text(source))).encode()
            (VENDOR / name).write_bytes(data)
            rows.append(_row(package, name, data, source=source, changed=changed))
        licence = text(package.licence_file) if package.licence_file else None
    words = (licence or MIT.format(holder=package.holder)).encode()
    (LICENCES / f"{package.name}.txt").write_bytes(words)
    rows.append(_row(package, f"LICENCES/{package.name}.txt", words, source=package.licence_file))
    return rows


def mirror(package: Package, name: str, mirrored: str) -> dict[str, str]:
    """A copy of a stylesheet for pages written from right to left."""
    command = ["npm", "exec", "--yes", f"--package={RTLCSS}", "--", "rtlcss", name, mirrored]
    subprocess.run(command, cwd=VENDOR, check=True)
    data = (VENDOR / mirrored).read_bytes()
    return _row(package, mirrored, data, source=name, changed=f"mirrored by {RTLCSS}")


def _row(
    package: Package, name: str, data: bytes, *, source: str, changed: str = ""
) -> dict[str, str]:
    return {
        "file": name,
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "source": source,
        "changed": changed,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def main() -> int:
    LICENCES.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else empty)
        for package in PACKAGES.values():
            rows += take(package, tarball(package, folder))
    styles = "govuk-frontend.min.css", "govuk-frontend.rtl.min.css"
    rows.append(mirror(PACKAGES["govuk-frontend"], *styles))
    RECORD.write_text(json.dumps(rows, indent=1) + "\n")
    for row in rows:
        sys.stdout.write(f"{row['file']}  {row['package']} {row['version']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
