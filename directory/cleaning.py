"""Directory: makes words from outside safe and tidy, or says in plain words why it cannot."""

import html
import re
from decimal import Decimal

import nh3

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a"}
LONGEST_RAW = 200_000  # deep nesting takes the cleaner quadratic time; this keeps it to seconds

_RENAMED = {
    **dict.fromkeys(("b", "strong"), ("<strong>", "</strong>")),
    **dict.fromkeys(("i", "em"), ("<em>", "</em>")),
    # Headings become strong paragraphs: a page of ours keeps its one h1 and its own outline.
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ("<p><strong>", "</strong></p>")),
    **dict.fromkeys(
        ("div", "section", "article", "header", "footer", "main", "tr", "blockquote"),
        ("<p>", "</p>"),
    ),
    **dict.fromkeys(("td", "th"), (" ", " ")),
}
# None of these patterns may step over a "<": an unclosed tag must not be scanned to the end twice.
_RENAMABLE = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?:\s[^<>]*)?>", re.IGNORECASE)
# An address in angle brackets (<jo@club.example>) is not a tag, so "@" and ":" do not match.
_LOOKS_LIKE_HTML = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
# Plain paragraphs as a cleaner would write them: most of what feeds send is already this.
_PLAIN = re.compile(r"(?:<p>[^\s<>&](?:[^<>&]*[^\s<>&])?</p>)+")
_EDGE = re.compile(r"(<p>|<li>)?(?:\s|<br>)+(</p>|</li>)?")
_EMPTY_INLINE = re.compile(r"<(strong|em|li)>(?:\s|<br>)*</\1>")
_EMPTY_BLOCK = re.compile(r"<(p|ul|ol)>(?:\s|<br>)*</\1>")
_LINK_TO_NOWHERE = re.compile(r"<a(?! href)[^<>]*>(.*?)</a>", re.DOTALL)
_BREAK = re.compile(r"<br>|</p>|</li>|</ul>|</ol>|<ul>|<ol>")
_TAG = re.compile(r"<[^<>]*>")
# Lone surrogates (an emoji cut in half) and controls; neither PostgreSQL nor UTF-8 takes them.
_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d-]{1,63}\.)+[a-z]{2,63}", re.A | re.I)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}(?::\d{1,5})?")
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(?:(\d[A-Z]{2}))?")
_BARE_SUM = re.compile(r"£? ?(\d{1,4}(?:\.\d\d?)?)(?: ?pounds?)?", re.ASCII)
_PENCE = re.compile(r"(\d\d?) ?p(?:ence)?", re.ASCII)
_POUNDS = re.compile(r"£ ?(\d{1,4}(?:\.\d\d?)?)(?! ?(?:-|–|to) ?£?\d)(?![\d,]|\.\d)", re.ASCII)
_FREE = re.compile(r"(?:it is |it's )?(?:free|free of charge|no charge|no cost|nil)", re.IGNORECASE)


def whole_text(raw: str) -> tuple[str, bool]:
    """The text without characters no database can keep, and whether there were any."""
    if raw.isprintable():
        return raw, False
    text = _BROKEN.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return text, bool(_BROKEN.search(raw))


def one_line(raw: str) -> str:
    """Plain text on one line, without tags or doubled spaces."""
    if raw.isprintable() and "<" not in raw and "&" not in raw:
        return " ".join(raw.split())  # nearly all of it: feeds are long, and the rest takes time
    text = html.unescape(_TAG.sub(" ", raw)) if _LOOKS_LIKE_HTML.search(raw) else html.unescape(raw)
    return " ".join(_BROKEN.sub("", text).split())


def safe_html(raw: str) -> str:
    """HTML or plain text as a small safe HTML: paragraphs, lists, emphasis and real links."""
    if raw.isprintable() and len(raw) <= LONGEST_RAW and _PLAIN.fullmatch(raw):
        return raw
    text, _ = whole_text(raw[:LONGEST_RAW])
    if not _LOOKS_LIKE_HTML.search(text):
        return _paragraphs(html.unescape(text))
    cleaned = nh3.clean(
        _RENAMABLE.sub(_rename, text),
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_only_real_links,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
    )
    # Editors write &nbsp; between words; on a narrow phone that keeps the line from breaking.
    cleaned = _LINK_TO_NOWHERE.sub(r"\1", cleaned.replace("&nbsp;", " ").replace("\xa0", " "))
    cleaned = _EDGE.sub(lambda m: f"{m[1] or ''}{m[2] or ''}" if m[1] or m[2] else m[0], cleaned)
    for _ in range(2):  # an emptied emphasis may leave an empty paragraph, and that an empty list
        cleaned = _EMPTY_BLOCK.sub("", _EMPTY_INLINE.sub("", cleaned))
    return cleaned.strip()


def plain_text(safe: str) -> str:
    """The words of safe HTML, one paragraph or list item to a line."""
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", safe)))
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def summary_of(safe: str, longest: int = 200) -> str:
    """The opening of safe HTML for a card: whole sentences if they fit, else whole words."""
    text = " ".join(plain_text(safe).split())
    if len(text) <= longest:
        return text
    opening = text[: longest + 1]
    end = max(opening.rfind(mark) for mark in (". ", "! ", "? "))
    if end >= longest // 3:
        return opening[: end + 1]
    return opening[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:-– ") + "…"


def email_address(raw: str) -> str:
    """An e-mail address, or ValueError."""
    address = raw.strip().removeprefix("mailto:").split("?")[0]
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise ValueError("is not an e-mail address")
    return address


def web_address(raw: str) -> str:
    """An absolute http or https address, its beginning mended if need be, or ValueError."""
    address = raw.strip()
    rest = re.sub(r"^https?:/{0,3}", "", address, flags=re.IGNORECASE)
    scheme = "http" if re.match(r"http:", address, re.IGNORECASE) else "https"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # The pattern of a host also refuses user:password@host.
    if len(address) > 2_000 or re.search(r"[\s<>\"\\^`{|}]", rest) or not _HOST.fullmatch(host):
        raise ValueError("is not a web address")
    return f"{scheme}://{rest}"


def uk_postcode(raw: str) -> str:
    """A UK postcode or outcode as the post office spaces it, or ValueError."""
    match = _POSTCODE.fullmatch(re.sub(r"\s", "", raw).upper())
    if not match:
        raise ValueError("is not a UK postcode")
    return " ".join(filter(None, match.groups()))


def phone_number(raw: str) -> str:
    """A telephone number as written, or ValueError if there is none in it."""
    number = one_line(raw)
    if len(number) > 60 or not 3 <= sum(c.isdigit() for c in number) <= 30:
        raise ValueError("is not a telephone number")
    return number


def sum_in_words(words: str) -> Decimal | None:
    """The one sum in pounds these words name (nought for "free"); None if none or several."""
    trimmed = words.strip(" .!")
    if _FREE.fullmatch(trimmed):
        return Decimal(0)
    if pence := _PENCE.fullmatch(trimmed):
        return Decimal(pence[1]) / 100
    if bare := _BARE_SUM.fullmatch(trimmed):
        return Decimal(bare[1])
    sums = _POUNDS.findall(trimmed)
    return Decimal(sums[0]) if len(sums) == trimmed.count("£") == 1 else None


def _rename(match: re.Match[str]) -> str:
    opening, closing = _RENAMED[match[2].lower()]
    return closing if match[1] else opening


def _paragraphs(text: str) -> str:
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    lines = (html.escape(block, quote=False).split("\n") for block in blocks if block)
    return "".join(f"<p>{'<br>'.join(map(str.strip, block))}</p>" for block in lines)


def _only_real_links(_tag: str, _attribute: str, value: str) -> str | None:
    scheme, _, rest = value.strip().partition(":")
    try:
        if scheme.lower() == "mailto":
            return f"mailto:{email_address(rest)}"
        if scheme.lower() == "tel":
            number = re.sub(r"[^\d+]", "", rest)
            return f"tel:{number}" if len(number) >= 3 else None
        return web_address(value)
    except ValueError:
        return None
