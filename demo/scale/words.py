"""The demo: the words of its large invented county: towns, activities, names, and what is said."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    """Ada Agnes Ahmed Alan Aleksandra Alice Amara Andrew Anil Anjali Arthur Asha Barbara Beryl
    Brian Carol Chidi Clive Colin Daisy David Derek Dilys Doreen Edith Eileen Elsie Emeka Ernest
    Fatima Frances Frank Geeta George Gladys Graham Hamza Harold Hazel Hilda Ibrahim Imran Irene
    Ivy Jack Janet Jean Joan Joyce Kamal Kathleen Keith Khadija Krystyna Leila Len Leroy Lilian
    Malcolm Maria Marjorie Maureen Meera Mohammed Muriel Nasreen Neville Nora Olive Omar
    Patricia Pauline Pawel Peggy Percy Priti Ravi Reg Rita Rosa Roy Sadia Samina Shirley Sidney
    Stan Sunita Sylvia Tariq Thelma Usha Vera Victor Walter Wilfred Winifred Yusuf Zainab"""
)
LAST_NAMES = _words(
    """Abbotsworth Aldercroft Ashgill Barleymow Beckfoot Birchenough Blackrod Brackenhill Bramwith
    Calderstone Chadderlow Cloughbottom Cobblethwaite Cragdale Darwenholme Dunnockshaw Eavesmere
    Elderthorpe Entwood Fairhurstley Fernyhalgh Foxdenton Gawthwaite Goosnarrow Greenhalghe
    Hambleforth Harrowgill Hawkswick Heatherlow Hindburne Inglethwaite Kelbrough Kirkstead
    Langcroft Larksworth Longridding Lumbfield Marlowfold Mearclough Millthorne Mossbarrow
    Netherlaw Oakenclough Ottershaw Pendlewick Quernstone Ramsgreave Ribblestead Rowanthorn
    Ruddlesworth Scarthgap Silverdyke Slatebarrow Sowerthwaite Swallowfell Tansyfield Thornholme
    Tarnbeck Turvinshaw Underhow Wainstone Weaverthorne Wharfemoor Whinfell Wyreside Yarrowby"""
)
COMMUNICATION = ("Large print", "Hard of hearing: speak slowly", "Prefers texts to calls")
WHY_NOT_TAKEN = ("They live in another area.", "They need more help than we can give.")
WHY_PAUSED = ("In hospital for a while.", "Away with family for some weeks.")
WHY_FAILED = ("They moved away.", "They became too ill to go on.")
WHY_ASKED = ("Which number is best in the morning?", "Do they need an interpreter?")
ANSWERED = ("The mobile number is best.", "No, they speak English well.")
RISK = "Falls easily: a chair by the door, please."
MISTAKE = "Wrong person chosen."
CONTACT_NOTES = (
    "Talked about what a good week would look like.",
    "Rang as agreed. In better spirits.",
    "We went through two activities nearby.",
    "Would like somebody to go along the first time.",
)
GETTING_THERE = ("Walking, ten minutes", "The bus from the end of the road", "A lift from a friend")
MET_BY = "One of the helpers, at the door"
BRING = ("Glasses", "A cup", "Comfortable shoes", "")


@dataclass(frozen=True, slots=True)
class Town:
    """A real town, and some of its postcodes."""

    name: str
    latitude: float
    longitude: float
    postcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a group may offer."""

    kind: str
    needs: tuple[str, ...]
    name: str
    summary: str
    description: str


@cache
def towns() -> tuple[Town, ...]:
    """Where the people live."""
    read = tomllib.loads((HERE / "towns.toml").read_text("utf-8"))["town"]
    return tuple(Town(**(each | {"postcodes": tuple(each["postcodes"])})) for each in read)


@cache
def activities() -> tuple[Activity, ...]:
    """What groups offer."""
    return tuple(
        Activity(**(each | {"needs": tuple(each["needs"])})) for each in _said()["activity"]
    )


def listed(what: str) -> list[str]:
    """One of the lists at the head of activities.toml: places, roads, founders, bodies."""
    found: list[str] = _said()[what]
    return found


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads((HERE / "activities.toml").read_text("utf-8"))
