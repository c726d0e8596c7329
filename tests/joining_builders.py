"""Builds groups on their way in, with every page answered, and photos."""

import io
import re
import uuid
from typing import Any

from PIL import Image
from sqlalchemy import select

from core import outbox
from core.actors import Actor
from core.db import db
from directory.joining import ask_for_link, keep
from directory.models import GroupDraft, Service
from directory.photos import add_photo, add_to_draft
from directory.picturing import Picture, picture_in
from directory.rules import Access

EMAIL = "wendy@tableclub.example"
LINK = re.compile(r"/add-your-group/([\w-]{43})")

ANSWERS: dict[str, dict[str, Any]] = {
    "about": {
        "name": "Table tennis & tea",
        "group": "Poplar Bats",
        "kind": "moving-more",
        "summary": "Gentle table tennis, then tea.",
        "description": "We play for an hour. Then we sit and have tea. Bats and balls are there.",
    },
    "when": {
        "whens-0-often": "weekly",
        "whens-0-days": "FR",
        "whens-0-opens_at": "2pm",
        "whens-0-closes_at": "4pm",
    },
    "where": {
        "attending": "venue",
        "place_name": "Spey House",
        "address_1": "1 Violet Road",
        "city": "London",
        "postcode": "e33tx",
    },
    "cost": {"cost": "paid", "amount": "1.50", "cost_note": "tea is included"},
    "who": {"eligibility_description": "Anybody over 50", "minimum_age": "50", "audiences": "men"},
    "arrive": {
        "when_you_arrive": "Ring the bell. Wendy comes down.",
        "meets_at_door": "y",
        **{f"access-{each}": "unknown" for each in Access},
        "access-step_free": "yes",
    },
    "contact": {"contact_name": "Wendy", "phone": "01632 960 987"},
}


def a_picture() -> Picture:
    """A small green picture."""
    out = io.BytesIO()
    Image.new("RGB", (200, 150), "green").save(out, "PNG")
    return picture_in(out.getvalue())


def key_in_letter(email: str = EMAIL) -> str:
    """The key in the newest letter to somebody who adds a group."""
    sent = select(outbox.Letter).where(outbox.Letter.kind == "add-group-link")
    letters = db.session.scalars(sent.order_by(outbox.Letter.written_at)).all()
    found = LINK.search([letter.body for letter in letters if letter.to_address == email][-1])
    assert found
    return found[1]


def a_group_on_its_way(
    service: Service, email: str, *, keeper: Actor
) -> tuple[str, list[uuid.UUID]]:
    """The key to a draft with every page answered, and the ids of its photo and a listing's.

    Inside a unit of work.
    """
    ask_for_link(email, "Wendy Lowe", by=keeper)
    db.session.flush()
    draft = db.session.scalars(select(GroupDraft).where(GroupDraft.email == email)).one()
    for page, answers in ANSWERS.items():
        keep(draft, page, {name: [said] for name, said in answers.items()})
    own = add_to_draft(draft, a_picture(), "A green wall")
    shown = add_photo(service, a_picture(), "A green door", by=keeper)
    return key_in_letter(email), [own.id, shown.id]
