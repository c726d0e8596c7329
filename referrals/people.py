"""Referrals: the people referred: how they are entered, recognised again, and reached."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts import Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import ChangedMeanwhile, Refused
from core.sealing import blind
from referrals.models import Person
from referrals.rights.history import kept
from referrals.rules import ContactRoute

WEIGHTS = range(10, 1, -1)
"""NHS Data Dictionary: modulus 11 over the first nine digits; the tenth is the check digit."""

MISSING_WAY = {
    ContactRoute.PHONE: "Give the telephone number they agreed to be rung on.",
    ContactRoute.TEXT: "Give the mobile number they agreed to be sent texts on.",
    ContactRoute.EMAIL: "Give the email address they agreed to.",
    ContactRoute.LETTER: "Give the address to write to.",
    ContactRoute.SOMEONE_ELSE: "Say whom to ask for, and how to reach them.",
}

OTHER_BIRTHDAY = "This NHS number belongs to somebody with another date of birth. Check both."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What a referrer says of somebody; the record is made, or brought up to date, from it."""

    name: str
    born_on: date
    nhs_number: str | None = None
    preferred_name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    contact_route: ContactRoute = ContactRoute.PHONE
    contact_note: str = ""
    communication_needs: str = ""


def clean_nhs_number(text: str) -> str:
    """The number without the spaces and hyphens people type and paste."""
    return "".join(mark for mark in text if not mark.isspace() and mark not in "-‐‑‒–—\u200b\ufeff")


def is_nhs_number(text: str) -> bool:
    """Whether this can be an NHS number: ten digits, and the last one checks the others."""
    digits = clean_nhs_number(text)
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    if len(set(digits)) == 1:  # 000 000 0000 passes the sum, and is nobody
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False))
    check = (11 - total % 11) % 11
    return check == int(digits[9])  # a check of 10 is no digit: such a number is never given out


def way_to_reach(person: Person | NewPerson) -> str:
    """The one number, address or name they agreed to be reached by; empty when it is missing."""
    ways = {
        ContactRoute.PHONE: person.phone,
        ContactRoute.TEXT: person.phone,
        ContactRoute.EMAIL: person.email,
        ContactRoute.LETTER: ", ".join(part for part in (person.address, person.postcode) if part),
        ContactRoute.SOMEONE_ELSE: person.contact_note,
    }
    return ways[person.contact_route]


def enter_person(new: NewPerson, practice: Organisation, *, by: Actor) -> Person:
    """The practice's record of this person, made or brought up to date, and held for this work."""
    number = clean_nhs_number(new.nhs_number or "") or None
    if number and not is_nhs_number(number):
        raise Refused("That is not an NHS number. Check each digit.")
    if not way_to_reach(new):
        raise Refused(MISSING_WAY[new.contact_route])
    person = find_person(new, practice)
    if person is None:
        return _add(new, number, practice, by=by)
    hold(person)
    if person.born_on != new.born_on:
        raise Refused(OTHER_BIRTHDAY)
    helps = new.communication_needs or person.communication_needs
    with kept(person, person, by=by):
        for fact in NewPerson.__slots__:
            setattr(person, fact, number if fact == "nhs_number" else getattr(new, fact))
        person.communication_needs = helps  # who says nothing of it does not say that nothing helps
    audit.record(by, "person brought up to date", about=f"person:{person.id}")
    return person


def find_person(new: NewPerson, practice: Organisation) -> Person | None:
    """Whom the practice knows by this NHS number; without one, by full name and date of birth."""
    number = clean_nhs_number(new.nhs_number or "")
    found = select(Person).where(Person.practice_id == practice.id)
    if number:
        index = blind(Person.nhs_number_index, number)
        return db.session.scalar(found.where(Person.nhs_number_index == index))
    index = blind(Person.name_index, new.name, new.born_on)
    return db.session.scalar(
        found.where(Person.nhs_number_index.is_(None), Person.name_index == index).limit(1)
    )


def _add(new: NewPerson, number: str | None, practice: Organisation, *, by: Actor) -> Person:
    facts = {fact: getattr(new, fact) for fact in NewPerson.__slots__} | {"nhs_number": number}
    person = Person(practice=practice, created_at=clock.now(), **facts)
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError:  # a colleague entered the same person at the same moment
        raise ChangedMeanwhile from None
    audit.record(by, "person entered", about=f"person:{person.id}")
    return person
