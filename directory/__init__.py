"""The directory: what is on offer, where, when and for whom."""

from directory.cards import Card, card
from directory.desk.sendings import note_sending
from directory.freshness.evidence import people_came
from directory.listings import get_listing, get_service, listings_for, shown_listings
from directory.models import Service
from directory.places import Place, find_place, format_postcode, miles
from directory.rules import Life
from directory.search import Query
from directory.search import search as find_services
from directory.taxonomy import AUDIENCES, KINDS, NEEDS, main_kinds
from directory.timing.sessions import Session, next_sessions, when_words

__all__ = [
    "AUDIENCES",
    "KINDS",
    "NEEDS",
    "Card",
    "Life",
    "Place",
    "Query",
    "Service",
    "Session",
    "card",
    "find_place",
    "find_services",
    "format_postcode",
    "get_listing",
    "get_service",
    "listings_for",
    "main_kinds",
    "miles",
    "next_sessions",
    "note_sending",
    "people_came",
    "shown_listings",
    "when_words",
]
