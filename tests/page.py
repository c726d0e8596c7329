"""What makes a page a good page, whatever is on it."""

import html5lib
from html5lib.html5parser import ParseError

NS = "{http://www.w3.org/1999/xhtml}"


def check_page(html: str, *, is_fragment: bool = False) -> None:
    """Strict HTML5, one h1, a title that begins with it, unique ids, nothing the CSP forbids."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        tree = parser.parseFragment(html) if is_fragment else parser.parse(html)
    except ParseError as error:
        line, column = parser.errors[0][0]
        near = html.splitlines()[line - 1][max(0, column - 120) : column + 40]
        raise AssertionError(f"not valid HTML: {parser.errors[0][1]} near {near!r}") from error
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    twice = {name for name in ids if ids.count(name) > 1}
    assert not twice, f"ids used twice: {twice}"
    for element in tree.iter():
        assert element.get("style") is None, f"inline style on {element.tag}"
        handlers = [name for name in element.attrib if str(name).startswith("on")]
        assert not handlers, f"inline script on {element.tag}: {handlers}"
        if element.tag == f"{NS}script" and element.get("type") != "application/ld+json":
            assert element.get("nonce"), "a script without a nonce"
        if element.tag == f"{NS}form" and (element.get("method") or "").lower() == "post":
            assert _has_token(tree, element), "a form that posts without a token"
    if not is_fragment:
        _check_heading(tree)


def _check_heading(tree: object) -> None:
    headings = [_words(element) for element in tree.iter(f"{NS}h1")]  # type: ignore[attr-defined]
    titles = [_words(element) for element in tree.iter(f"{NS}title")]  # type: ignore[attr-defined]
    titles = [title for title in titles if title]
    assert len(headings) == 1, f"{len(headings)} first headings: {headings}"
    assert titles, "no title"
    title = titles[0].removeprefix("Error: ")
    assert title.startswith(headings[0]), f"title {titles[0]!r}, heading {headings[0]!r}"


def _has_token(tree: object, form: object) -> bool:
    inside = [*form.iter(f"{NS}input")]  # type: ignore[attr-defined]
    return any(field.get("name") == "csrf_token" for field in inside)


def _words(element: object) -> str:
    return " ".join("".join(element.itertext()).split())  # type: ignore[attr-defined]


def hidden_fields(html: str, *, everywhere: bool = False) -> dict[str, str]:
    """The hidden fields a form sends unseen: those in <main>, or those of the whole page."""
    tree = html5lib.parse(html)
    mains = [] if everywhere else [*tree.iter(f"{NS}main")]
    return {
        field.get("name"): field.get("value") or ""
        for field in (mains[0] if mains else tree).iter(f"{NS}input")
        if field.get("type") == "hidden" and field.get("name")
    }
