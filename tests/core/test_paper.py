"""Paper is made of our own things alone."""

from pathlib import Path

from PIL import ImageFile

from core import paper
from tests.pdf import needs_pdf

STATIC = Path(__file__).parents[2] / "static"


@needs_pdf
def test_paper_fetches_nothing_but_our_own_styles() -> None:
    page = (
        '<html lang="en"><title>x</title><link rel="stylesheet" href="/static/css/paper.css">'
        '<img alt="" src="http://127.0.0.1:1/x"><img alt="" src="file:///etc/hostname">'
        '<img alt="" src="/static/../app.py"><p>Hello'
    )

    assert paper.pdf(page, static=STATIC).startswith(b"%PDF-")


@needs_pdf
def test_making_paper_leaves_photos_as_carefully_read_as_before() -> None:
    paper.pdf('<html lang="en"><title>x</title><p>Hello', static=STATIC)

    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_code_says_where_it_leads_to_those_who_cannot_see_it() -> None:
    drawn = paper.qr("https://kith.example/a/x", "Opens <this> page")

    assert 'role="img"' in drawn
    assert "<title>Opens &lt;this&gt; page</title>" in drawn
    assert "style=" not in drawn
