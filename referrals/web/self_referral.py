"""Asking for help without an account: for oneself, or for somebody who said yes; from any phone."""

import uuid
from datetime import date, time, timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from accounts import Organisation, hash_password
from core import actors, clock, cookies, work
from core.access import open_to_all
from core.db import db
from core.forms import Form
from core.languages import _, translated
from core.marking import marked
from core.rows import all_shown
from core.saving import new_key, saving
from core.senders import sender
from core.templating import add_to_nav, day_long
from directory import Service, format_postcode, get_listing, note_sending, shown_listings
from referrals import slips
from referrals.caseload import first_contact_by
from referrals.models import Asking, Slip
from referrals.person import drafts
from referrals.person.areas import team_for
from referrals.person.asking import SHARED, SHARED_BY_FRIEND, Answers, Friend, ask_for_help
from referrals.person.pages import bare, make_page
from referrals.person.telling import send_key
from referrals.rules import ContactRoute, Reason
from referrals.web.asking_forms import (
    FORMS,
    FRIEND_WORDS,
    NOT_BEFORE_WORDS,
    ROUTE_WORDS,
    VOICEMAIL_WORDS,
    WHY_WORDS,
    AgreeForm,
    WhereForm,
)
from referrals.web.slips import slip_with

bp = Blueprint("asking", __name__, url_prefix="/ask-for-help")

COOKIE = "kith_asking"
UNSAID = {"csrf_token", "once", "pin"}
FOR_A_FRIEND = "friend"
WHY_OPEN = "anybody may ask a link worker for help, without an account"


def init_app(app: Flask) -> None:
    """Hang the pages, and have what nobody finished forgotten."""
    app.register_blueprint(bp)
    add_to_nav("", marked("Get help"), "asking.start", order=65)
    work.chore("forget unfinished answers", timedelta(minutes=15), drafts.forget_old)


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """No cache keeps a page of answers, and no other site learns that somebody was here."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("")
@open_to_all(WHY_OPEN)
def start() -> ResponseReturnValue:
    """What this is, how long it takes, and what happens then."""
    return render_template("referrals/person/start.html", carried=_carried(), service=_service())


@bp.route("/where", methods=["GET", "POST"])
@open_to_all(WHY_OPEN)
def where() -> ResponseReturnValue:
    """Where they live comes first: where no team is near, nobody answers in vain."""
    form = WhereForm()
    is_friend = request.args.get("for") == FOR_A_FRIEND
    if not form.validate_on_submit():
        page = render_template(
            "referrals/person/where.html", form=form, is_friend=is_friend, carried=_carried()
        )
        return page, form.status
    postcode = format_postcode(form.postcode.data or "") or ""
    if team_for(postcode) is None:
        return render_template("referrals/person/nobody.html")
    service, slip = _service(), _slip()
    said = {
        "postcode": postcode,
        "friend": is_friend,
        "slip": str(slip.id) if slip else "",
        "service": str(service.id) if service else "",
    }
    with saving() as kept:
        note_sending(sender("asking"))
        token = drafts.begin({"where": said})
        kept.leads_to(url_for(".question", page="why"))
    answer = kept.redirect()
    cookies.give(answer, COOKIE, token)
    return answer


@open_to_all(WHY_OPEN)
def question(page: str) -> ResponseReturnValue:
    """One question."""
    draft = _draft()
    if draft is None or page not in _pages(draft):
        return _from_the_start()
    form = FORMS[page]() if request.method == "POST" else _filled(draft, page)
    if request.method == "POST" and form.validate_on_submit():
        typed = {name: each for name, each in request.form.lists() if name not in UNSAID}
        if page == "pin":
            typed["hash"] = [hash_password(bare(request.form["pin"]))]
        with saving() as kept:
            drafts.keep(draft, page, typed)
            kept.leads_to(_next(draft))
        return kept.redirect()
    pages = _pages(draft)
    at = pages.index(page)
    shown = render_template(
        "referrals/person/question.html",
        form=form,
        page=page,
        number=at + 2,
        pages=len(pages) + 1,
        before=pages[at - 1] if at else "",
        is_friend=_is_friend(draft),
    )
    return shown, form.status


for _page in FORMS:
    bp.add_url_rule(
        f"/{_page}",
        "question",
        question,
        defaults={"page": _page},
        methods=["GET", "POST"],
    )


@bp.route("/check", methods=["GET", "POST"])
@open_to_all(WHY_OPEN)
def check() -> ResponseReturnValue:
    """Read it once more, agree, and send it."""
    draft = _draft()
    if draft is None:
        return _from_the_start()
    coming = _next(draft)
    if coming != url_for(".check"):
        return redirect(coming)
    team = team_for(draft.said["where"]["postcode"])
    if team is None:  # nobody works there any more: nothing of it is kept
        with saving():
            drafts.forget(draft)
        return render_template("referrals/person/nobody.html")
    answers, form = _answers(draft), AgreeForm()
    if form.validate_on_submit():
        with saving() as kept, all_shown("taking in somebody who asks for help"):
            _send(draft, answers, team)
            kept.leads_to(url_for(".sent"))
        return kept.redirect()
    wording = SHARED_BY_FRIEND if answers.friend else SHARED
    shown = render_template(
        "referrals/person/check.html",
        form=form,
        rows=_rows(draft, answers),
        agreement=translated(wording).format(to=team.name),
        team=team,
        before=_pages(draft)[-1],
    )
    return shown, form.status


@bp.get("/sent")
@open_to_all(WHY_OPEN)
def sent() -> ResponseReturnValue:
    """It is sent: what happens next, and by when."""
    draft = drafts.find(cookies.given(COOKIE))
    if draft is None or draft.referral is None:
        return _from_the_start()
    referral = draft.referral
    return render_template(
        "referrals/person/sent.html",
        referral=referral,
        team=referral.to_organisation,
        due=first_contact_by(clock.local_date(referral.created_at)),
        told_by=referral.person.telling.told_by if referral.person.telling else "",
        is_friend=referral.asked_for is not None,
    )


@bp.post("/stop")
@open_to_all("whoever began may stop, and leave nothing on the phone or here")
def stop() -> ResponseReturnValue:
    """Forget all answers at once."""
    draft = drafts.find(cookies.given(COOKIE))
    with saving() as kept:
        if draft is not None:
            drafts.forget(draft)
        kept.leads_to(url_for("directory.home"))
    answer = kept.redirect(_("We have forgotten your answers."))
    cookies.take_away(answer, COOKIE)
    return answer


def offer(service: Service) -> dict[str, Any] | None:
    """On the page of an activity, for visitors: somebody can help them to get there."""
    if actors.current().is_signed_in:
        return None
    return {"template": "referrals/person/offer.html", "service": service}


def _send(draft: Asking, answers: Answers, team: Organisation) -> None:
    visitor = actors.current()
    said = draft.said
    referral = ask_for_help(answers, team, service=_service_of(draft), by=visitor)
    if not answers.friend:
        pin_hash = said.get("pin", {}).get("hash", [""])[0]
        page = make_page(referral, pin_hash=pin_hash, by=visitor)
        send_key(page, occasion=f"first:{page.about}", by=visitor)
    slip = db.session.get(Slip, uuid.UUID(said["where"]["slip"])) if said["where"]["slip"] else None
    if slip is not None:  # counted as any other: whose it was is not kept with the referral
        slips.turned(slip)
    drafts.sent(draft, referral)


def _draft() -> Asking | None:
    """The answers kept for this browser, unless they have been sent."""
    draft = drafts.find(cookies.given(COOKIE))
    return draft if draft is not None and draft.referral_id is None else None


def _from_the_start() -> ResponseReturnValue:
    return redirect(url_for(".start"), 302)


def _pages(draft: Asking) -> list[str]:
    """The questions for this person: a friend says who they are, and has no page to shut."""
    skipped = {"pin"} if _is_friend(draft) or not _is_written_to(draft) else set()
    if not _is_friend(draft):
        skipped.add("friend")
    return [page for page in FORMS if page not in skipped]


def _is_friend(draft: Asking) -> bool:
    return bool(draft.said["where"]["friend"])


def _is_written_to(draft: Asking) -> bool:
    """Whether messages reach them; until they have said, it is taken so, that none is missing."""
    chosen = draft.said.get("reach", {}).get("contact_route", [ContactRoute.TEXT])
    return chosen[0] in {ContactRoute.TEXT, ContactRoute.EMAIL}


def _next(draft: Asking) -> str:
    """The first question that is open, or the last look."""
    for page in _pages(draft):
        if not _is_answered(draft, page):
            return url_for(".question", page=page)
    return url_for(".check")


def _is_answered(draft: Asking, page: str) -> bool:
    if page == "pin":
        return "pin" in draft.said
    return page in draft.said and _read(draft, page).validate()


def _read(draft: Asking, page: str) -> Form:
    typed = MultiDict(
        (name, value) for name, values in draft.said[page].items() for value in values
    )
    return FORMS[page](formdata=typed, meta={"csrf": False})


def _filled(draft: Asking, page: str) -> Form:
    is_said = page in draft.said and page != "pin"
    form = _read(draft, page) if is_said else FORMS[page](formdata=None)
    form.once.data = new_key()
    return form


def _answers(draft: Asking) -> Answers:
    said = {page: _read(draft, page).data for page in _pages(draft) if page != "pin"}
    why, who, reach, safe = said["why"], said["who"], said["reach"], said["safe"]
    born_on: date = who["born_on"]
    return Answers(
        called=who["called"].strip(),
        born_on=born_on,
        postcode=draft.said["where"]["postcode"],
        reasons=[Reason(each) for each in why["reasons"]],
        words=why["words"] or "",
        contact_route=ContactRoute(reach["contact_route"]),
        phone=(reach["phone"] or "").strip(),
        email=(reach["email"] or "").strip(),
        communication_needs=reach["communication_needs"] or "",
        voicemail=safe["voicemail"] == "yes",
        not_before=time.fromisoformat(safe["not_before"]),
        code_word=safe["code_word"] or "",
        friend=_friend(said["friend"]) if _is_friend(draft) else None,
    )


def _friend(said: dict[str, Any]) -> Friend:
    return Friend(
        name=said["name"].strip(), is_their=said["is_their"], phone=(said["phone"] or "").strip()
    )


def _rows(draft: Asking, answers: Answers) -> list[tuple[Any, ...]]:
    """Each question, its answer, and the page on which it can be changed."""
    friend, service = answers.friend, _service_of(draft)
    not_before = NOT_BEFORE_WORDS[answers.not_before.isoformat("minutes")]
    route, way = ROUTE_WORDS[answers.contact_route], answers.phone
    if answers.contact_route is ContactRoute.EMAIL:
        way = answers.email
    rows = [
        ("", _("Postcode"), answers.postcode),
        ("", _("Group or activity"), service.name if service else ""),
        ("why", _("What would help"), ", ".join(str(WHY_WORDS[each]) for each in answers.reasons)),
        ("why", _("More about it"), answers.words),
        ("friend", _("Your name"), friend.name if friend else ""),
        ("friend", _("What you are to them"), FRIEND_WORDS[friend.is_their] if friend else ""),
        ("friend", _("Your phone"), friend.phone if friend else ""),
        ("who", _("Name"), answers.called),
        ("who", _("Date of birth"), day_long(answers.born_on)),
        ("reach", _("How to get in touch"), f"{route}: {way}"),
        ("reach", _("What helps"), answers.communication_needs),
        ("safe", _("Voice message"), VOICEMAIL_WORDS["yes" if answers.voicemail else "no"]),
        ("safe", _("When"), not_before),
        ("safe", _("Code word"), answers.code_word),
    ]
    return [
        (asked, str(said), url_for(".question", page=page), asked.lower())
        if page
        else (asked, str(said))
        for page, asked, said in rows
    ]


def _carried() -> dict[str, str]:
    """What comes with an address and is about nobody: a slip's code, an activity's name."""
    return {
        name: request.args[name][:80] for name in ("slip", "activity") if request.args.get(name)
    }


def _slip() -> Slip | None:
    code = request.args.get("slip", "")
    return slip_with(code) if code else None


def _service() -> Service | None:
    """The activity they come from: a listing's page, or a slip's."""
    slip = _slip()
    if slip is not None:
        return slip.service
    slug = request.args.get("activity", "")
    return get_listing(slug) if slug else None


def _service_of(draft: Asking) -> Service | None:
    """The activity they asked about, if it is still there."""
    service_id = draft.said["where"]["service"]
    found = shown_listings([uuid.UUID(service_id)]) if service_id else []
    return found[0] if found else None
