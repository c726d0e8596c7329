"""Words from outside: safe on our pages, tidy on our cards."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.cleaning import TAGS, one_line, plain_text, safe_html, summary_of


@pytest.mark.asvs("1.3.1", "1.3.5")
@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("", ""),
        ("Tea & cake", "<p>Tea &amp; cake</p>"),
        ("Tea &amp; cake", "<p>Tea &amp; cake</p>"),
        ("One\ntwo\n\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("I <3 tea, ages 5<10", "<p>I &lt;3 tea, ages 5&lt;10</p>"),
        ("Ask Jo <jo@club.example>", "<p>Ask Jo &lt;jo@club.example&gt;</p>"),
        ("<p>Hi<script>alert(1)</script></p>", "<p>Hi</p>"),
        ("<p onclick='x()' style='color:red'>Hi</p>", "<p>Hi</p>"),
        (
            "<h1>Us</h1><div><b>Tea</b> <i>daily</i></div>",
            "<p><strong>Us</strong></p><p><strong>Tea</strong> <em>daily</em></p>",
        ),
        ("<p>a&nbsp;b<br></p><p><br></p><h2></h2>", "<p>a b</p>"),
        ("<ul><li>Tea</li><li></li></ul>", "<ul><li>Tea</li></ul>"),
        ("<p><img src=x onerror=alert(1)>Hi</p>", "<p>Hi</p>"),
        ("<p><a href='javascript:alert(1)'>Hi</a></p>", "<p>Hi</p>"),
        ("<p><a href='#top'>Hi</a></p>", "<p>Hi</p>"),
        ("<p>cut <a href='https://a.exam", "<p>cut</p>"),
    ],
)
def test_html_is_made_safe_and_text_is_made_html(raw: str, safe: str) -> None:
    assert safe_html(raw) == safe


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("www.a.example", "https://www.a.example"),
        ("mailto:jo@a.example?body=hello", "mailto:jo@a.example"),
        ("tel:01632 960 001", "tel:01632960001"),
    ],
)
def test_a_real_link_stays_and_is_made_whole(href: str, kept: str) -> None:
    [found] = re.findall(r'href="([^"]*)"', safe_html(f"<p><a href='{href}'>Go</a></p>"))
    assert found == kept


def test_plain_text_has_a_line_for_each_paragraph_and_item() -> None:
    assert plain_text("<p>Tea &amp; cake<br>daily</p><ul><li>a</li><li>b</li></ul>") == (
        "Tea & cake\ndaily\na\nb"
    )


def test_a_summary_ends_at_a_sentence_or_else_at_a_word() -> None:
    assert summary_of("<p>Short.</p>") == "Short."
    assert summary_of("<p>We meet weekly. There is always tea and talk.</p>", 30) == (
        "We meet weekly."
    )
    assert summary_of("<p>There is always tea and somebody to talk to</p>", 30) == (
        "There is always tea and…"
    )


def test_a_name_is_plain_text_on_one_line() -> None:
    assert one_line(" Tea\n&amp; <b>Tales</b>\x00\ud83d ") == "Tea & Tales"


@pytest.mark.asvs("1.3.1")
@given(st.text(alphabet=st.sampled_from("<>/abpiul scrt=\"'&;:h1\n"), max_size=80) | st.text())
def test_nothing_but_our_few_tags_ever_comes_out_and_twice_is_as_once(raw: str) -> None:
    safe = safe_html(raw)
    assert set(re.findall(r"<([a-z0-9]+)", safe)) <= TAGS
    assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', safe))
    summary = summary_of(safe)
    assert len(summary) <= 201


@pytest.mark.parametrize(
    "raw",
    [
        "<p>Tea.</p>",
        "<p>Tea.</p><p>Cake for £1, “yes”!</p>",
        '<p>She says "come"</p>',
        "<p> Tea.</p>",
        "<p>Tea.</p> <p>Cake</p>",
        "<p>Tea &amp; cake</p>",
        "<p>Tea > coffee</p>",
        "<p></p>",
        "<p>Tea",
        "<p>Tea\N{NO-BREAK SPACE}.</p>",
        "<p>Tea</p><script>no</script>",
    ],
)
def test_paragraphs_left_as_they_are_are_those_the_cleaner_would_leave(raw: str) -> None:
    emphasised = safe_html(f"{raw}<p><em>and</em></p>")  # which is never taken for plain

    assert emphasised == f"{safe_html(raw)}<p><em>and</em></p>"
