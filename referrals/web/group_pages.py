"""The group's pages behind its own links: who came this week, its register, its room, the door."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from core import audit, clock, links, paper, site
from core.access import by_link
from core.actors import Actor
from core.errors import NotFound
from core.forms import Form, NumberRange, Required
from core.languages import _, lazy
from core.links import SignedLink
from core.saving import saving
from core.templating import day_long
from directory import Service
from referrals.groups.attending import mark
from referrals.groups.capacity import desk_of, room_at
from referrals.groups.keys import (
    DOOR_LINK,
    REGISTER_LINK,
    WEEK_LINK,
    door_key,
    service_behind,
    week_behind,
)
from referrals.groups.places import open_desk
from referrals.groups.register import check_in, columns, find_by_code, people_on_paper
from referrals.groups.room import rest, rest_weeks, set_room, weeks_ahead
from referrals.groups.weeks import Expected, expected_at, lines_of
from referrals.models import Told
from referrals.rules import Came
from referrals.web.group import keep_quiet

bp = Blueprint("group_pages", __name__, url_prefix="/g")
bp.after_request(keep_quiet)

LOOKS_BACK = timedelta(days=6)
CAME_WORDS = {
    Came.CAME: lazy("Came"),
    Came.DID_NOT_COME: lazy("Did not come"),
    Came.NOT_KNOWN: lazy("Not sure"),
}


class WhoCameForm(Form):
    """A mark for each line; which lines there are is the domain's to say."""


class DoorForm(Form):
    """One's own code."""

    code = StringField(
        lazy("Your code"),
        [Required(lazy("Type the four marks of your code")), Length(max=10)],
        description=lazy("Four letters and numbers. Your link worker has told you."),
    )


class RoomForm(Form):
    """What a group can take. An empty box is no limit."""

    places = IntegerField(
        lazy("How many people sent by link workers can come at one time?"),
        [Optional(), NumberRange(0, 500, lazy("Type a number from 0 to 500, or leave it empty"))],
    )
    new_per_week = IntegerField(
        lazy("How many new people can start in one week?"),
        [Optional(), NumberRange(0, 100, lazy("Type a number from 0 to 100, or leave it empty"))],
    )
    high_support = IntegerField(
        lazy("How many who need a lot of support, at one time?"),
        [Optional(), NumberRange(0, 100, lazy("Type a number from 0 to 100, or leave it empty"))],
    )
    weeks = SelectMultipleField(
        lazy("Weeks with nobody new"),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        description=lazy("Those who come already still come. Nobody new is sent."),
    )

    def offer_weeks(self) -> None:
        """The weeks that can be chosen."""
        self.weeks.choices = [
            (monday.isoformat(), _("Week of %(day)s", day=day_long(monday)))
            for monday in weeks_ahead()
        ]

    def save(self, service: Service, *, by: Actor) -> None:
        """Write down what was said; the caller saves."""
        set_room(
            service,
            places=self.places.data,
            new_per_week=self.new_per_week.data,
            high_support=self.high_support.data,
            by=by,
        )
        chosen = set(self.weeks.data or [])
        rest(service, [day for day in weeks_ahead() if day.isoformat() in chosen], by=by)


def room_form(service: Service) -> RoomForm:
    """The form, with what the group has said so far."""
    desk = desk_of(service.id)
    form = RoomForm(
        data={
            "places": desk.places if desk else None,
            "new_per_week": desk.new_per_week if desk else None,
            "high_support": desk.high_support if desk else None,
            "weeks": [day.isoformat() for day in rest_weeks(service)],
        }
    )
    form.offer_weeks()
    return form


@bp.route("/week/<token>", methods=["GET", "POST"])
@by_link(WEEK_LINK, shows="F1 F2")
def week(token: str) -> ResponseReturnValue:
    """Who came this week? A tap for each, and one to send."""
    link = links.find(WEEK_LINK, token)
    if link is None:
        raise NotFound
    if not link.works:
        return _over()
    return _who_came(link, lines_of(week_behind(link)), url_for(".week", token=token))


@bp.route("/register/<token>", methods=["GET", "POST"])
@by_link(REGISTER_LINK, shows="F1 F2")
def register(token: str) -> ResponseReturnValue:
    """The register of today, and of the days before that nobody has filled in."""
    link = links.find(REGISTER_LINK, token)
    if link is None:
        raise NotFound
    if not link.works:
        return _over()
    service = service_behind(link)
    lines = expected_at([service], clock.today() - LOOKS_BACK, clock.today())
    here = url_for(".register", token=token)
    return _who_came(link, lines, here, service=service, token=token)


@bp.get("/register/<token>/paper", defaults={"kind": "page"})
@bp.get("/register/<token>/paper.pdf", defaults={"kind": "pdf"})
@by_link(REGISTER_LINK, shows="F1")
def on_paper(token: str, kind: str) -> ResponseReturnValue:
    """The register to print: numbers and codes, no names, and the group's code to scan."""
    link = links.unseal(REGISTER_LINK, token)
    service = service_behind(link)
    with saving():
        open_desk(service, by=link.actor)
    return printed(
        service,
        people_on_paper(service),
        kind=kind,
        scan=site.address(url_for(".register", token=token)),
        back=url_for(".register", token=token),
        pdf=url_for(".on_paper", token=token, kind="pdf"),
    )


@bp.route("/register/<token>/room", methods=["GET", "POST"])
@by_link(REGISTER_LINK, shows="F1")
def room(token: str) -> ResponseReturnValue:
    """The group says how many it can take, and when it rests."""
    link = links.unseal(REGISTER_LINK, token)
    service = service_behind(link)
    form = room_form(service)
    if form.validate_on_submit():
        with saving() as work:
            form.save(service, by=link.actor)
            work.leads_to(url_for(".register", token=token))
        return work.redirect(_("Saved. No more people are sent than that."))
    page = render_template(
        "referrals/group/room.html",
        service=service,
        form=form,
        back_to=url_for(".register", token=token),
        room=room_at(service),
        nav=[],
    )
    return page, form.status


@bp.post("/register/<token>/poster")
@by_link(REGISTER_LINK, shows="F1")
def poster(token: str) -> ResponseReturnValue:
    """A sheet for the wall: people scan it and type their own code."""
    link = links.unseal(REGISTER_LINK, token)
    service = service_behind(link)
    with saving():
        address = site.address(door_key(service, by=link.actor))
    return render_template(
        "paper/door.html",
        service=service,
        title=_("Are you coming in?"),
        address=address,
        qr=paper.qr(address, _("Code to scan: opens the page on which you type your code")),
        back=url_for(".register", token=token),
        pdf="",
        on_paper=False,
    )


@bp.route("/door/<token>", methods=["GET", "POST"])
@by_link(DOOR_LINK)
def door(token: str) -> ResponseReturnValue:
    """People tick themselves in by their own code; nobody's name is shown."""
    link = links.unseal(DOOR_LINK, token)
    service, form = service_behind(link), DoorForm()
    if form.validate_on_submit():
        mine = find_by_code(service, form.code.data or "")
        if mine is not None:
            with saving() as work:
                check_in(mine, by=link.actor)
                work.leads_to(url_for(".door", token=token))
            return work.redirect(_("Thank you. You are ticked in. Have a good time."))
        form.code.errors = [_("We do not know this code today. Ask whoever runs the group")]
    page = render_template("referrals/group/door.html", service=service, form=form, nav=[])
    return page, form.status


def printed(
    service: Service,
    people: Sequence[Expected],
    *,
    kind: str,
    scan: str,
    back: str,
    pdf: str,
) -> ResponseReturnValue:
    """A register as a page to print, or as PDF."""
    desk = desk_of(service.id)
    title = _("Code to scan: opens this register on a phone")
    page = render_template(
        "paper/register.html",
        title=_("Register of %(name)s", name=service.name),
        service=service,
        code=desk.code if desk else "",
        people=people,
        sessions=columns(service),
        qr=paper.qr(scan, title) if scan else "",
        back=back,
        pdf=pdf,
        on_paper=kind == "pdf",
    )
    if kind == "page":
        return page
    try:
        made = paper.pdf(page, static=Path(current_app.static_folder or "static"))
    except paper.NoPaper as missing:
        return render_template("paper/no_pdf.html", reason=str(missing), back=back), 501
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="register.pdf"'
    return response


def _who_came(
    link: SignedLink,
    lines: Sequence[Expected],
    here: str,
    *,
    service: Service | None = None,
    token: str = "",
) -> ResponseReturnValue:
    form = WhoCameForm()
    if form.validate_on_submit():
        with saving() as work:
            _note(lines, link)
            work.leads_to(here)
        return work.redirect(_("Thank you. That is all we need to know."))
    with saving():
        for about in sorted({line.onward.about for line in lines}):
            audit.looked(link.actor, about=about, classes=["F1", "F2"])
    page = render_template(
        "referrals/group/who_came.html",
        sessions=[
            (on, name, list(each))
            for (on, name), each in groupby(lines, key=lambda line: (line.on, line.activity))
        ],
        CAME_WORDS=CAME_WORDS,
        form=form,
        service=service,
        token=token,
        nav=[],
    )
    return make_response(page, form.status)


def _note(lines: Sequence[Expected], link: SignedLink) -> None:
    how = Told.REGISTER if link.purpose == REGISTER_LINK else Told.LETTER
    everybody = request.form.get("all") == Came.CAME
    for line in lines:
        said = Came.CAME.value if everybody else request.form.get(line.key, "")
        if said in {each.value for each in CAME_WORDS} and said != line.came:
            mark(line.onward, line.on, Came(said), how=how, by=link.actor)


def _over() -> ResponseReturnValue:
    return render_template("referrals/group/over.html", nav=[]), 410
