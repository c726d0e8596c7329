"""What texts mean as directions: near words lie near, no text is too odd, the table is the one."""

import hashlib
import unicodedata

import numpy as np
import pytest

from directory.meaning import vectors

ODD = [
    "",
    "   ",
    "?!… (((a* OR b*)",
    "😀👩‍👩‍👧",
    "بے روزگار ہوں مدد چاہیے",
    "একাকীত্ব",
    "\x00\x01\u202e\ufeff",
    "Z̸̢a̷l̴g̵o̶" * 50,
    "a" * 10_000,
    "help " * 2_000,
    "qzxv " * 2_000,
    "' ’ `",
]


def like(one: str, other: str) -> float:
    first, second = vectors.vector(one), vectors.vector(other)
    assert first is not None
    assert second is not None
    return float(first @ second)


def kept(*texts: str) -> np.ndarray:
    rows = b"".join(vectors.stored(vectors.vector(text)) for text in texts)
    return np.frombuffer(rows, dtype=np.int8).reshape(len(texts), vectors.SIZE)


@pytest.mark.parametrize(
    ("typed", "near", "far"),
    [
        ("skint", "money advice", "choir"),
        ("in debt", "money advice", "choir"),
        ("can't get out since my husband died", "bereavement support", "football club"),
        ("nobody to talk to", "befriending", "swimming lessons"),
        ("mum keeps forgetting things", "dementia café", "job club"),
        ("stuff to make with wool", "knitting", "housing advice"),
        ("nothing in the cupboard to eat", "food bank", "tai chi"),
    ],
)
def test_what_somebody_means_is_nearer_than_what_they_do_not(
    typed: str, near: str, far: str
) -> None:
    assert like(typed, near) > like(typed, far) + 0.1


@pytest.mark.parametrize(
    ("slip", "meant", "other"),
    [
        ("bereavment", "bereavement", "basketball"),
        ("lonelyness", "loneliness", "library"),
        ("councelling", "counselling", "country"),
        ("gardning", "gardening", "guarding"),
    ],
)
def test_a_slip_of_the_pen_stays_near_what_was_meant(slip: str, meant: str, other: str) -> None:
    assert like(slip, meant) > like(slip, other)


def test_capitals_accents_and_apostrophes_change_nothing() -> None:
    assert like("CAN’T PAY", "can't pay") == pytest.approx(1, abs=1e-4)
    assert like("café", "cafe") == pytest.approx(1, abs=1e-4)
    assert vectors.tokens(unicodedata.normalize("NFD", "Müde É")) == ["mude", "e"]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_text_is_a_direction_or_nothing_but_never_an_error(text: str) -> None:
    found = vectors.vector(text)
    if found is None:
        assert vectors.stored(found) == bytes(vectors.SIZE)
        return
    assert found.shape == (vectors.SIZE,)
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-4)


def test_without_a_word_there_is_no_direction() -> None:
    assert vectors.vector("") is None
    assert vectors.vector(" … 😀 ") is None
    assert vectors.of_listing({"name": "", "place": "Leeds"}) is None


def test_a_listing_is_about_all_its_texts() -> None:
    listing = {
        "name": "The Thursday Lot",
        "about": "Knitting and crochet, with tea and cake.",
        "categories": "Arts and crafts",
        "place": "Preston",
    }
    found = vectors.of_listing(listing)
    asked, other = vectors.vector("sewing and knitting"), vectors.vector("debt advice")
    assert found is not None
    assert asked is not None
    assert other is not None
    assert found @ asked > found @ other + 0.2
    elsewhere = vectors.of_listing({**listing, "place": "Debt Advice House"})
    assert elsewhere is not None
    assert np.array_equal(found, elsewhere)


def test_a_kept_vector_is_as_like_as_the_vector_itself() -> None:
    texts = ["choir", "money advice", "walking group", "somebody to talk to", ""]
    asked = vectors.vector("singing")
    assert asked is not None
    found = vectors.likeness(kept(*texts), asked)
    whole = [0.0 if (each := vectors.vector(text)) is None else each @ asked for text in texts]
    assert found == pytest.approx(np.array(whole), abs=0.02)
    assert found.dtype == np.float32
    assert len(vectors.likeness(kept(), asked)) == 0


def test_likeness_is_the_same_over_however_many_listings() -> None:
    rows = np.random.default_rng(1).integers(-90, 90, (vectors.AT_A_TIME + 5, vectors.SIZE))
    asked = vectors.vector("singing")
    assert asked is not None
    found = vectors.likeness(rows.astype(np.int8), asked)
    assert found == pytest.approx(rows @ asked / vectors.STEPS, abs=1e-4)


def test_the_nearest_come_in_the_order_of_rows_with_their_likeness() -> None:
    rows = kept("debt advice", "choir", "singing together", "football", "singing for joy")
    asked = vectors.vector("singing")
    assert asked is not None
    at, alike = vectors.nearest(rows, asked, 3)
    assert at.tolist() == [1, 2, 4]
    assert alike == pytest.approx(vectors.likeness(rows, asked)[at])
    assert len(vectors.nearest(rows, asked, 9)[0]) == 5


def test_among_very_many_the_signs_find_some_that_are_as_near() -> None:
    chance = np.random.default_rng(2)
    about = kept("choir", "debt advice", "football", "knitting", "food bank", "dementia café")
    rows = about[chance.integers(0, len(about), vectors.SCREENED + 1)].astype(np.int16)
    noisy = np.clip(rows + chance.normal(0, 30, rows.shape), -127, 127).astype(np.int8)
    asked = vectors.vector("singing group")
    assert asked is not None
    _, best = vectors.nearest(noisy, asked, 20)
    quick, alike = vectors.nearest(noisy, asked, 20, vectors.marks(noisy))
    assert alike.mean() > 0.95 * best.mean()
    assert alike == pytest.approx(vectors.likeness(noisy[quick], asked))
    assert np.all(np.diff(quick) > 0)


def test_the_table_is_the_one_that_was_learned_and_small() -> None:
    named, _ = vectors.TABLE.with_suffix(".npy.sha256").read_text(encoding="ascii").split()
    packed = vectors.TABLE.read_bytes()
    assert hashlib.sha256(packed).hexdigest() == named
    assert len(packed) <= 10_000_000
    words = np.load(vectors.TABLE)["word"]
    assert np.all(words[1:] > words[:-1])
