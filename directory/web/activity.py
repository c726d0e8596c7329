"""The directory for everybody: one activity's page, in the order people ask, and its calendar."""

from dataclasses import dataclass
from datetime import date

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import clock, site
from core.access import open_to_all
from core.errors import NotFound
from core.languages import in_english, translated
from directory import assurance, counting, notices
from directory.cards import Card, access_of, card
from directory.freshness import evidence
from directory.listings import get_listing, has_ended, moved_to, shown_listings
from directory.models import Service
from directory.notices import now_on
from directory.places import Place, PlaceKind
from directory.rules import ACCESS_WORDS, Life, NoticeKind
from directory.search import Query, search
from directory.short_links import find_slug
from directory.timing.calendars import calendar_of, has_calendar, no_sessions, session_on
from directory.timing.sessions import Session, next_sessions
from directory.web import maps, reading, sharing
from directory.web.counted import counted
from directory.web.linked_data import linked_data
from directory.web.public import bp

ALSO_NEARBY = 4
NEARBY_MILES = 3.0
SESSIONS_SHOWN = 5
A_WHILE = 3600
"""Seconds that a calendar may be kept by whoever fetched it."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One of the next sessions, and why it is off if it is."""

    session: Session
    why: str


@bp.get("/activities/<slug>")
@open_to_all("anybody may read about an activity")
def activity(slug: str) -> ResponseReturnValue:
    """One activity, in the order people ask: when, where, what it costs, who it is for."""
    now_at = moved_to(slug)
    if now_at is not None:
        return redirect(url_for(".activity", slug=now_at), 301)
    service = get_listing(slug)
    spot = reading.point(service.location)
    brief, known = card(service), evidence.evidence_of(service)
    counted([service.id], counting.SEEN)
    return render_template(
        "directory/activity.html",
        service=service,
        card=brief,
        location=service.location,
        where=reading.where(service),
        who_for=reading.who_for(service),
        audiences=reading.audiences(service),
        joining=reading.joining(service),
        languages_spoken=reading.languages_spoken(service),
        ways=reading.ways(service.location),
        phone=reading.phone(service),
        email=reading.email(service),
        website=reading.website(service),
        meetings=_meetings(service),
        calendar=_calendar_address(service),
        sure=evidence.how_sure(service, known),
        known=known,
        aspect_words=evidence.ASPECT_WORDS,
        access=access_of(service),
        access_words={each: translated(words) for each, words in ACCESS_WORDS.items()},
        drawing=maps.draw_one(*spot) if spot else None,
        nearby=_nearby(service, *spot) if spot else [],
        back=_back_to_results(),
        is_paused=service.life is Life.PAUSED,
        told=notices.told(service, clock.today()),
        assured=assurance.facts_for_everybody(service.organisation_id),
        data=linked_data(service),
        sharing=sharing.of_activity(brief),
    )


@bp.get("/activities/<slug>/calendar.ics")
@open_to_all("a calendar shows what the page shows")
def calendar(slug: str) -> ResponseReturnValue:
    """All sessions, for a calendar to follow; it is emptied when the activity has ended."""
    now_at = moved_to(slug)
    if now_at is not None:
        return redirect(url_for(".calendar", slug=now_at), 301)
    if has_ended(slug):
        return _calendar_file(no_sessions(), f"{slug}.ics")
    service = get_listing(slug)
    # Calendar programs ask twice a day for ever: only a person who presses the link is counted.
    counted([service.id], counting.CALENDAR)
    with in_english():  # kept by whoever fetched it, for others too
        file = calendar_of(service)
    return _calendar_file(file, f"{service.slug}.ics")


@bp.get("/activities/<slug>/sessions/<on>.ics")
@open_to_all("a calendar shows what the page shows")
def one_session(slug: str, on: str) -> ResponseReturnValue:
    """One day's session, for somebody's own calendar."""
    service = get_listing(slug)
    try:
        with in_english():
            file = session_on(service, date.fromisoformat(on))
    except ValueError:
        raise NotFound from None
    counted([service.id], counting.CALENDAR)
    return _calendar_file(file, f"{service.slug}-{on}.ics")


@bp.get("/a/<code>")
@open_to_all("the short address of a public page")
def short(code: str) -> ResponseReturnValue:
    """From the short address on paper to the page."""
    slug = find_slug(code)
    if slug is None:
        raise NotFound
    return redirect(url_for(".activity", slug=moved_to(slug) or slug), 301)


def _calendar_file(raw: bytes, name: str) -> Response:
    file = Response(raw, mimetype="text/calendar")
    file.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    file.headers["Cache-Control"] = f"public, max-age={A_WHILE}"
    file.add_etag()
    file.make_conditional(request)
    return file


def _calendar_address(service: Service) -> str:
    """Where a calendar finds the sessions; empty if there is nothing to put into one."""
    if service.life is Life.PAUSED or not has_calendar(service):
        return ""
    return url_for(".calendar", slug=service.slug, _external=True)


def _meetings(service: Service) -> list[Meeting]:
    coming = next_sessions(service, after=clock.now(), count=SESSIONS_SHOWN, with_cancelled=True)
    return [Meeting(each, _why_off(service, each.on) if each.cancelled else "") for each in coming]


def _why_off(service: Service, on: date) -> str:
    told = (each for each in now_on(service, on) if each.kind is NoticeKind.CANCELLED)
    return next((each.words for each in told if each.words), "")


def _nearby(service: Service, latitude: float, longitude: float) -> list[Card]:
    here = Place(service.name, PlaceKind.POINT, latitude, longitude)
    found = search(Query(near=here, within=NEARBY_MILES, per_page=ALSO_NEARBY + 1))
    away = {hit.id: hit.distance_miles for hit in found.hits if hit.id != service.id}
    return [card(each, away[each.id]) for each in shown_listings(list(away))][:ALSO_NEARBY]


def _back_to_results() -> str:
    """The results somebody came from, if they came from ours."""
    came_from, results = site.came_from(), url_for("directory.activities")
    return came_from if came_from.partition("?")[0] == results else results
