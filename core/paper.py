"""Ground floor: pages as PDF that a screen reader can read (PDF/UA-1), and codes to scan.

PDF needs Pango from the system. Where it is missing everything else works: pages still print from
the browser, and `NoPaper` says what to install.
"""

from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

import segno
from markupsafe import Markup
from PIL import ImageFile

WHAT_TO_INSTALL = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
"""Debian's names for what PDF needs."""

MODULE = 4


class NoPaper(Exception):
    """This machine cannot make PDF; the message is for whoever runs it."""

    def __init__(self) -> None:
        super().__init__(f"PDF needs these packages of the system: {WHAT_TO_INSTALL}")


def can_be_made() -> bool:
    """Whether this machine has what PDF needs. Whoever wants WeasyPrint asks here first."""
    try:
        import weasyprint.images  # noqa: F401
    except OSError:  # a shared library of the system is missing
        return False
    # Importing it lets the whole process take pictures that break off; photos sent to us must not.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return True


def pdf(html: str, *, static: Path) -> bytes:
    """The page as PDF/UA-1. It may refer to files under `static` as /static/…, and to no others."""
    if not can_be_made():
        raise NoPaper
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):  # type: ignore[misc]
        """Fetches our own styles from the disk; whatever else a page names is left out."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            wanted = (static / unquote(urlsplit(url).path).removeprefix("/static/")).resolve()
            if not (url.startswith(BASE) and wanted.is_relative_to(static.resolve())):
                raise ValueError("only our own styles belong in a leaflet")
            headers = {"Content-Type": guess_type(wanted)[0] or ""}
            return URLFetcherResponse(url, wanted.read_bytes(), headers)

    page = HTML(string=html, base_url=BASE, url_fetcher=OnlyOurs())
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return made


def qr(address: str, title: str) -> Markup:
    """A code that a phone's camera opens, as SVG; `title` is read out in its place."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(
        scale=MODULE, omitsize=True, title=title, svgclass="k-qr", lineclass=None, border=2
    )
    # Only what segno draws, and the title, which it escapes.
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704


BASE = "http://paper.invalid/"
"""Stands for this site in pages on their way to paper; nothing is ever asked of it."""
