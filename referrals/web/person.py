"""A page of one’s own: a signed link and a PIN, no account. Without the PIN it shows nothing."""

import uuid
from collections.abc import Callable
from functools import wraps

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts import Field, May, hash_password
from core import actors, audit, cookies, links
from core.access import by_link, door
from core.actors import Actor, become
from core.forms import Form
from core.languages import _
from core.links import LinkExpired
from core.saving import new_key, saving
from core.settings import in_force
from core.web import trouble
from referrals.models import PrivatePage, Referral
from referrals.pathway import act, what_may
from referrals.person import pages, telling
from referrals.person.keys import MY_PAGE, page_of
from referrals.person.looking import plan_of, what_next, who_has_it, who_looked
from referrals.rights.consent import has_withdrawn
from referrals.rules import Action, Reason, Status
from referrals.sight import get_referral
from referrals.web.asking_forms import WHY_WORDS
from referrals.web.linkworker import SHOWS, open_record, person_page
from referrals.web.linkworker import bp as caseload
from referrals.web.own_forms import (
    TOLD_BY_WORDS,
    AnswerForm,
    CorrectForm,
    EnterForm,
    SendForm,
    StopForm,
    TellingForm,
    TheirTellingForm,
    as_typed,
)

bp = Blueprint("own", __name__, url_prefix="/my")

COOKIE = "kith_own_page"
SHOWN = "F1 F2 F3 F4 F7"
LOOKED_AT = (Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS, Field.ACCESS_LOG)

View = Callable[..., ResponseReturnValue]
"""Takes the token, the page, who is inside, and what else stands in the address."""


def init_app(app: Flask) -> None:
    """Hang the pages."""
    app.register_blueprint(bp)


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address is a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.errorhandler(LinkExpired)
def run_out(_error: LinkExpired) -> ResponseReturnValue:
    """A new link is one call away."""
    return trouble(
        410, _("Ring your link worker for a new one, or call %(phone)s.", phone=_phone())
    )


def behind_the_pin(view: View) -> Callable[..., ResponseReturnValue]:
    """Show the view to whoever has typed the PIN in this browser, and the question for it else."""

    @wraps(view)
    def seen(token: str, **more: object) -> ResponseReturnValue:
        link = links.unseal(MY_PAGE, token)
        page = pages.page_behind(link)
        inside = pages.inside(page, cookies.given(COOKIE))
        if inside is None:
            return _ask_pin(page, EnterForm(formdata=None))
        become(inside)
        return view(token, page, inside, **more)

    return seen


@bp.get("/<token>")
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def page(token: str, own: PrivatePage, by: Actor) -> ResponseReturnValue:
    """The plan, what was said, who has it, who looked, and what can be done about it."""
    referral = own.referral
    with saving():
        audit.record(by, "looked", about=referral.about, classes=sorted(LOOKED_AT), own=True)
    return render_template(
        "referrals/person/own.html",
        token=token,
        referral=referral,
        person=referral.person,
        next_words=what_next(referral),
        plan=plan_of(referral),
        reasons=[WHY_WORDS[Reason(each)] for each in referral.reasons],
        holders=who_has_it(referral),
        looks=who_looked(referral),
        telling=referral.person.telling,
        TOLD_BY_WORDS=TOLD_BY_WORDS,
        corrections=pages.corrections_of(referral),
        has_stopped=has_withdrawn(referral),
        question=_open_question(referral) if Action.ANSWER in what_may(by, referral) else "",
        nav=[],
    )


@bp.post("/<token>")
@by_link(MY_PAGE, shows=SHOWN)
def enter(token: str) -> ResponseReturnValue:
    """Try the PIN."""
    link = links.unseal(MY_PAGE, token)
    form = EnterForm()
    if not form.validate_on_submit():
        return _ask_pin(pages.page_behind(link), form)
    key = pages.enter(link, form.pin.data or "")
    if key is None:
        own = pages.page_behind(link)
        left = pages.tries_left(own)
        words = _("That PIN is not right. You can try %(count)s more times.", count=left)
        form.pin.errors = [pages.why_shut(own) or words]
        form.once.data = new_key()
        return _ask_pin(own, form)
    answer = make_response("", 303)
    answer.headers["Location"] = url_for(".page", token=token)
    cookies.give(answer, COOKIE, key)
    return answer


@bp.post("/<token>/close")
@by_link(MY_PAGE)
def close(token: str) -> ResponseReturnValue:
    """Close the page on this phone."""
    link = links.unseal(MY_PAGE, token)
    with saving() as work:
        pages.leave(cookies.given(COOKIE), by=link.actor)
        work.leads_to(url_for(".page", token=token))
    answer = work.redirect(_("Your page is closed on this phone."))
    cookies.take_away(answer, COOKIE)
    return answer


@bp.route("/<token>/telling", methods=["GET", "POST"])
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def change_telling(token: str, own: PrivatePage, by: Actor) -> ResponseReturnValue:
    """How to be told, and how it is safe."""
    form = TellingForm(data=as_typed(own.referral.person.telling))
    if form.validate_on_submit():
        pin = pages.bare(form.pin.data or "")
        pin_hash = hash_password(pin) if pin else ""
        with saving() as work:
            _change(pages.page_behind(links.unseal(MY_PAGE, token)), form, pin_hash, by)
            work.leads_to(url_for(".page", token=token))
        return work.redirect(_("Saved. We do as you say from now on."))
    return _form_page("telling", token, form)


@bp.route("/<token>/correct", methods=["GET", "POST"])
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def correct(token: str, own: PrivatePage, by: Actor) -> ResponseReturnValue:
    """Ask for something to be put right."""
    form = CorrectForm()
    if form.validate_on_submit():
        with saving() as work:
            pages.correct(own, form.words.data or "", by=by)
            work.leads_to(url_for(".page", token=token))
        return work.redirect(_("Thank you. Your link worker is asked to put it right."))
    return _form_page("correct", token, form)


@bp.route("/<token>/answer", methods=["GET", "POST"])
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def answer(token: str, own: PrivatePage, by: Actor) -> ResponseReturnValue:
    """Answer the team's question."""
    form = AnswerForm()
    if form.validate_on_submit():
        with saving() as work:
            act(own.referral, Action.ANSWER, by=by, note=form.words.data or "")
            work.leads_to(url_for(".page", token=token))
        return work.redirect(_("Thank you. Your answer is sent."))
    return _form_page("answer", token, form, question=_open_question(own.referral))


@bp.route("/<token>/stop", methods=["GET", "POST"])
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def stop(token: str, own: PrivatePage, by: Actor) -> ResponseReturnValue:
    """Stop it all."""
    form = StopForm()
    if form.validate_on_submit():
        with saving() as work:
            pages.stop_sharing(own, by=by)
            work.leads_to(url_for(".page", token=token))
        return work.redirect(_("It is stopped. Nothing more is sent to anybody."))
    return _form_page("stop", token, form, referral=own.referral)


@caseload.route("/<uuid:referral_id>/own-page", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def send_own_page(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Send the person the link to their own page; the PIN is read out to them, and shown once."""
    referral = open_record(referral_id)
    form, pin = SendForm(), ""
    if form.validate_on_submit():
        pin, pin_hash = pages.pin_and_its_hash()
        with saving() as work:
            work.leads_to(url_for("linkworker.send_own_page", referral_id=referral_id))
            found = get_referral(referral_id, seen_by=actors.current())
            pages.send_page(found, pin_hash=pin_hash, by=actors.current())
    shown = render_template(
        "referrals/person/send.html",
        referral=referral,
        form=form,
        pin=pin,
        page=page_of(referral),
        possible=telling.can_be_told(referral.person),
    )
    return shown, form.status


@caseload.route("/<uuid:referral_id>/telling", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def tell_for_them(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Write down how somebody wishes to be told, and how it is safe."""
    referral = open_record(referral_id)
    form = TheirTellingForm(data=as_typed(referral.person.telling))
    if form.validate_on_submit():
        with saving() as work:
            found = get_referral(referral_id, seen_by=actors.current())
            pages.change_telling(found, by=actors.current(), **form.said)
            work.leads_to(person_page(found))
        return work.redirect(_("Saved. Messages go as they say from now on."))
    shown = render_template(
        "referrals/person/their_telling.html", referral=referral, form=form, possible=True
    )
    return shown, form.status


def _ask_pin(own: PrivatePage, form: EnterForm) -> ResponseReturnValue:
    shut = pages.why_shut(own)
    shown = render_template("referrals/person/pin.html", form=form, shut=shut, nav=[])
    return shown, form.status


def _form_page(name: str, token: str, form: Form, **more: object) -> ResponseReturnValue:
    page_name = f"referrals/person/{name}.html"
    shown = render_template(page_name, token=token, form=form, nav=[], **more)
    return shown, form.status


def _change(own: PrivatePage, form: TellingForm, pin_hash: str, by: Actor) -> None:
    pages.change_telling(own.referral, by=by, **form.said)
    if pin_hash:
        pages.choose_pin(own, pin_hash, by=by)


def _open_question(referral: Referral) -> str:
    """What the team has asked, while it waits for an answer."""
    if referral.status is not Status.INFO_REQUESTED:
        return ""
    return next(step.note for step in reversed(referral.steps) if step.action is Action.ASK)


def _phone() -> str:
    return in_force().site_phone
