"""What a group gave: its statement as a page and as CSV, for itself and for its link workers."""

import uuid
from decimal import Decimal

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import DecimalField, StringField
from wtforms.validators import InputRequired, Length

from accounts import May
from core import links
from core.access import by_link, door
from core.actors import current
from core.forms import Form, NumberRange
from core.languages import _, lazy
from core.saving import saving
from directory import Service
from referrals.groups.desk import get_group
from referrals.groups.keys import REGISTER_LINK, service_behind
from referrals.groups.value import (
    entries,
    set_rate,
    statement,
    statement_as_csv,
    this_year,
    worth_of,
)
from referrals.models import Given
from referrals.web import group_pages, groups

A_NUMBER = lazy("Type a number, such as 1.5")


def _box(words: str) -> DecimalField:
    return DecimalField(
        words,
        [InputRequired(A_NUMBER), NumberRange(0, 10_000, A_NUMBER)],
        places=2,
    )


class RateForm(Form):
    """What a welcome and a visit count for."""

    welcome_hours = _box(lazy("Hours for each person welcomed"))
    welcome_pounds = _box(lazy("Pounds for each person welcomed"))
    visit_hours = _box(lazy("Hours for each visit"))
    visit_pounds = _box(lazy("Pounds for each visit"))
    agreed_with = StringField(
        lazy("Who agreed to this?"),
        [Length(max=120)],
        description=lazy("Your funder, for example. Empty: the figures stay a guess, and say so."),
    )


@groups.bp.route("/<uuid:service_id>/value", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows="F1")
def for_link_worker(service_id: uuid.UUID) -> ResponseReturnValue:
    """The statement of a group, and the rate it goes by."""
    service = get_group(service_id, seen_by=current())
    form = _rate_form(service)
    if form.validate_on_submit():
        with saving() as work:
            set_rate(
                service,
                welcome=_both(form.welcome_hours, form.welcome_pounds),
                visit=_both(form.visit_hours, form.visit_pounds),
                agreed_with=form.agreed_with.data or "",
                by=current(),
            )
            work.leads_to(url_for(".for_link_worker", service_id=service.id))
        return work.redirect(_("Saved. It counts from now on."))
    page = _page(
        service,
        back_to=url_for(".group", service_id=service.id),
        file=url_for(".value_file", service_id=service.id),
        form=form,
    )
    return page, form.status


@groups.bp.get("/<uuid:service_id>/value.csv")
@door(May.WORK_CASELOAD, shows="F1")
def value_file(service_id: uuid.UUID) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return _file(get_group(service_id, seen_by=current()))


@group_pages.bp.get("/register/<token>/value")
@by_link(REGISTER_LINK, shows="F1")
def for_group(token: str) -> ResponseReturnValue:
    """The group's own statement, to show to whoever funds it."""
    service = service_behind(links.unseal(REGISTER_LINK, token))
    return _page(
        service,
        back_to=url_for(".register", token=token),
        file=url_for(".own_file", token=token),
        form=None,
    )


@group_pages.bp.get("/register/<token>/value.csv")
@by_link(REGISTER_LINK, shows="F1")
def own_file(token: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return _file(service_behind(links.unseal(REGISTER_LINK, token)))


def _both(hours: DecimalField, pounds: DecimalField) -> tuple[Decimal, Decimal]:
    return hours.data or Decimal(), pounds.data or Decimal()


def _rate_form(service: Service) -> RateForm:
    welcome = worth_of(service.id, Given.WELCOME)
    visit = worth_of(service.id, Given.VISIT)
    return RateForm(
        data={
            "welcome_hours": welcome.hours,
            "welcome_pounds": welcome.pounds,
            "visit_hours": visit.hours,
            "visit_pounds": visit.pounds,
        }
    )


def _page(service: Service, *, back_to: str, file: str, form: RateForm | None) -> str:
    first, last = this_year()
    return render_template(
        "referrals/group/value.html",
        service=service,
        statement=statement(service, first, last),
        lines=len(entries(service, first, last)),
        back_to=back_to,
        file=file,
        form=form,
        **({"nav": []} if form is None else {}),
    )


def _file(service: Service) -> Response:
    response = Response(statement_as_csv(service, *this_year()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="what-we-gave.csv"'
    return response
