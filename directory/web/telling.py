"""What people without an account can tell us: it is wrong, it is ours, thank you, I wish."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    EmailField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError

from core import actors
from core.access import open_to_all
from core.forms import Form, Required, choices_of, is_email
from core.languages import _, lazy
from core.saving import saving
from core.senders import sender
from directory.desk import claims, reports, thanks, wishes
from directory.desk.reports import ABOUT_WORDS
from directory.desk.sendings import note_sending
from directory.desk.wishes import TIMES_WORDS
from directory.listings import get_listing
from directory.places import find_place
from directory.web.public import bp


def _longest(count: int) -> Length:
    return Length(max=count, message=lazy("Use %(count)s letters or fewer", count=count))


class TellingForm(Form):
    """A form for everybody. Its last box is shown to nobody: only a machine fills it in."""

    homepage = StringField(lazy("Leave this empty"))

    @property
    def is_by_machine(self) -> bool:
        """Whether something filled in what no person can see."""
        return bool(self.homepage.data)


class ReportForm(TellingForm):
    """Something in a listing is wrong."""

    about = RadioField(
        lazy("What is wrong?"),
        [Required(lazy("Choose what is wrong"))],
        choices=choices_of(ABOUT_WORDS),
    )
    words = TextAreaField(
        lazy("What should it say?"),
        [Required(lazy("Tell us what is wrong, so that we can put it right")), _longest(1000)],
        description=lazy("Please leave out anything about you or other people’s health."),
    )
    email = EmailField(
        lazy("Your email address, so that we can tell you (you can leave this empty)"),
        [is_email],
    )


class ClaimForm(TellingForm):
    """A listing is somebody's group."""

    your_name = StringField(lazy("Your name"), [Required(lazy("Enter your name")), _longest(120)])
    email = EmailField(
        lazy("Your group’s email address"),
        [Required(lazy("Enter your group’s email address")), is_email],
        description=lazy("We write to this address to ask whether things are still right."),
    )
    words = TextAreaField(
        lazy("How can we make sure?"),
        [_longest(500)],
        description=lazy("For example, a phone number we can ring, or your group’s web page."),
    )


def _names_nobody(_form: Form, field: Any) -> None:
    if wishes.tells_who(field.data or ""):
        raise ValidationError(
            _(
                "Please take out phone numbers, email addresses and postcodes: "
                "we need not know who you are"
            )
        )


class ThanksForm(TellingForm):
    """Thanks to a group, with words or without."""

    words = TextAreaField(
        lazy("What would you like to say? (you can leave this empty)"),
        [_longest(thanks.LONGEST), _names_nobody],
        description=lazy("Please do not say who you are, or name anybody else."),
    )


class WishForm(TellingForm):
    """Something that is not there and should be."""

    words = TextAreaField(
        lazy("I wish there were …"),
        [Required(lazy("Tell us what you wish there were")), _longest(500), _names_nobody],
        description=lazy("For example, a walking group for people who walk slowly."),
    )
    place = StringField(
        lazy("About where?"),
        [Length(max=100, message=lazy("Use 100 letters or fewer"))],
        description=lazy("A town or a postcode. We keep only the first half of a postcode."),
    )
    times = SelectMultipleField(lazy("When would you come?"), choices=choices_of(TIMES_WORDS))

    def validate_place(self, field: Any) -> None:
        """A place we know, or none."""
        if (field.data or "").strip() and find_place(field.data) is None:
            raise ValidationError(_("We do not know that place. Try a town or a postcode"))


@bp.route("/activities/<slug>/wrong", methods=["GET", "POST"])
@open_to_all("whoever sees that something is wrong can say so, without an account")
def report(slug: str) -> ResponseReturnValue:
    """Say that something in a listing is wrong."""
    service = get_listing(slug)
    form = ReportForm()
    if form.validate_on_submit():
        with saving() as work:
            if not form.is_by_machine:
                note_sending(sender("sendings"))
                said = form.about.data, form.words.data or "", form.email.data or ""
                reports.report(service, *said, by=actors.current())
            work.leads_to(url_for(".activity", slug=slug))
        return work.redirect(_("Thank you. A person will look at it."))
    page = render_template("directory/telling/wrong.html", service=service, form=form)
    return page, form.status


@bp.route("/activities/<slug>/ours", methods=["GET", "POST"])
@open_to_all("a group can say that a listing is its own, without an account")
def claim(slug: str) -> ResponseReturnValue:
    """Say that a listing is one's own group's."""
    service = get_listing(slug)
    form = ClaimForm()
    if form.validate_on_submit():
        with saving() as work:
            if not form.is_by_machine:
                note_sending(sender("sendings"))
                said = form.your_name.data or "", form.email.data or "", form.words.data or ""
                claims.claim(service, *said, by=actors.current())
            work.leads_to(url_for(".activity", slug=slug))
        return work.redirect(_("Thank you. We will make sure, then write to you."))
    page = render_template("directory/telling/ours.html", service=service, form=form)
    return page, form.status


@bp.route("/activities/<slug>/thanks", methods=["GET", "POST"])
@open_to_all("anybody can thank a group; we need not know who")
def thank(slug: str) -> ResponseReturnValue:
    """Say thank you to a group."""
    service = get_listing(slug)
    form = ThanksForm()
    if form.validate_on_submit():
        with saving() as work:
            if not form.is_by_machine:
                note_sending(sender("sendings"))
                thanks.thank(service, form.words.data or "", by=actors.current())
            work.leads_to(url_for(".activity", slug=slug))
        return work.redirect(_("Your thanks are on their way. They mean a lot to small groups."))
    page = render_template("directory/telling/thanks.html", service=service, form=form)
    return page, form.status


@bp.route("/wish", methods=["GET", "POST"])
@open_to_all("anybody can say what they wish there were; we need not know who")
def wish() -> ResponseReturnValue:
    """Say what is not there and should be."""
    form = WishForm(data={"place": request.args.get("near", "")[:100]})
    if form.validate_on_submit():
        with saving() as work:
            if not form.is_by_machine:
                note_sending(sender("sendings"))
                words, place = form.words.data or "", form.place.data or ""
                wishes.wish(words, place, form.times.data or [], by=actors.current())
            work.leads_to(url_for(".activities"))
        return work.redirect(
            _("Thank you. We count what people wish for when new things are planned.")
        )
    return render_template("directory/telling/wish.html", form=form), form.status
