"""Add a group: seven pages that need no account, no script and no more than a phone."""

import uuid
from dataclasses import replace
from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from core import actors, clock, links, site, work
from core.access import by_link, open_to_all
from core.errors import NotFound
from core.forms import Form
from core.inputs import takes_files
from core.languages import _
from core.links import LinkExpired, SignedLink
from core.saving import new_key, saving
from core.templating import add_to_nav
from core.web import trouble
from core.working_days import working_days_after
from directory import duplicates, joining, photos
from directory.facts import ListingFacts, ScheduleFacts
from directory.joining import ADD_GROUP, PAGES
from directory.models import GroupDraft
from directory.reading_age import reading
from directory.web.filling import said_in
from directory.web.forms import ListingForm
from directory.web.joining_answers import answers_of
from directory.web.joining_forms import (
    FORMS,
    AskForm,
    NotTheseForm,
    PhotoForm,
    SendForm,
    WhenForm,
)
from directory.web.photos import bp as photo_pages

bp = Blueprint("joining", __name__, url_prefix="/add-your-group")

UNSAID = {"csrf_token", "once", "look"}


def init_app(app: Flask) -> None:
    """Hang the pages of groups on their way in and of photos, and what other pages say of both."""
    app.register_blueprint(bp)
    app.register_blueprint(photo_pages)
    add_to_nav("", "Add your group", "joining.ask", order=70, only_wide=True)
    app.jinja_env.filters["reading"] = lambda text: reading(text or "")
    app.jinja_env.globals["photos_of"] = photos.photos_of
    work.chore("forget old drafts", timedelta(days=1), joining.forget_old_drafts)


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address is a key: no other site may learn it, no cache may keep the page."""
    if request.view_args:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.errorhandler(LinkExpired)
def run_out(_error: LinkExpired) -> ResponseReturnValue:
    """A new link is one letter away."""
    address = site.address(url_for(".ask"))
    return trouble(410, _("Ask for a new one at %(address)s.", address=address))


@bp.route("", methods=["GET", "POST"])
@open_to_all("anybody may offer a group; an editor looks at it first")
def ask() -> ResponseReturnValue:
    """Ask for the link to a new group."""
    form = AskForm()
    if form.validate_on_submit():
        with saving() as kept:
            asks = str(form.email.data), str(form.your_name.data)
            joining.ask_for_link(*asks, by=actors.current())
            kept.leads_to(url_for(".look_in_your_email"))
        return kept.redirect()
    return render_template("directory/joining/ask.html", form=form), form.status


@bp.get("/check-your-email")
@open_to_all("it says the same to everybody, whether a letter was sent or not")
def look_in_your_email() -> ResponseReturnValue:
    """The link is on its way."""
    return render_template("directory/joining/look.html")


@bp.get("/<token>")
@by_link(ADD_GROUP)
def go_on(token: str) -> ResponseReturnValue:
    """Go on where somebody left off."""
    _link, draft = _behind(token)
    if draft.sent_at is not None:
        due = working_days_after(clock.local_date(draft.sent_at), joining.LOOKED_AT_WITHIN)
        return render_template("directory/joining/sent.html", draft=draft, due=due, nav=[])
    page = next((page for page in PAGES if not _is_answered(draft, page)), "")
    if not page:
        return _check_page(token, draft, SendForm())
    return _page(token, page, _filled(draft, page))


@bp.route("/<token>/<any(about, when, where, cost, who, arrive, contact):page>", methods=["GET"])
@by_link(ADD_GROUP)
def question(token: str, page: str) -> ResponseReturnValue:
    """One of the seven questions."""
    _link, draft = _behind(token, still_open=True)
    return _page(token, page, _filled(draft, page))


@bp.post("/<token>/<any(about, when, where, cost, who, arrive, contact):page>")
@by_link(ADD_GROUP)
def answer(token: str, page: str) -> ResponseReturnValue:
    """Keep the answer and go on to the next question."""
    _link, draft = _behind(token, still_open=True)
    form = FORMS[page]()
    if not form.validate_on_submit():
        return _page(token, page, form)
    typed = {name: each for name, each in request.form.lists() if name not in UNSAID}
    with saving() as kept:
        joining.keep(draft, page, typed)
        stays = "look" in request.form
        kept.leads_to(
            url_for(".question", token=token, page=page) if stays else _next(token, draft)
        )
    return kept.redirect()


@bp.route("/<token>/is-it-here", methods=["GET", "POST"])
@by_link(ADD_GROUP)
def is_it_here(token: str) -> ResponseReturnValue:
    """Perhaps it is listed already: then it can be claimed instead."""
    _link, draft = _behind(token, still_open=True)
    found = _like_it(draft)
    form = NotTheseForm()
    if form.validate_on_submit():
        with saving() as kept:
            joining.rule_out(draft, [each.service_id for each in found])
            kept.leads_to(_next(token, draft))
        return kept.redirect()
    page = render_template(
        "directory/joining/is_it_here.html", form=form, found=found, token=token, nav=[]
    )
    return page, form.status


@bp.route("/<token>/check", methods=["GET", "POST"])
@by_link(ADD_GROUP)
def check(token: str) -> ResponseReturnValue:
    """Read it all once more, and send it."""
    link, draft = _behind(token, still_open=True)
    form = SendForm()
    if not form.validate_on_submit():
        return _check_page(token, draft, form)
    coming = _next(token, draft)
    if coming != url_for(".check", token=token):
        return redirect(coming, 303)
    with saving() as kept:
        joining.send(draft, _facts(draft), _group(draft), by=link.actor)
        kept.leads_to(url_for(".go_on", token=token))
    return kept.redirect()


@bp.route("/<token>/photo", methods=["GET", "POST"])
@by_link(ADD_GROUP)
@takes_files(photos.LARGEST_FILE)
def photo(token: str) -> ResponseReturnValue:
    """Add a photo, if they like."""
    _link, draft = _behind(token, still_open=True)
    form = PhotoForm()
    if form.validate_on_submit() and form.picture is not None:
        with saving() as kept:
            photos.add_to_draft(draft, form.picture, str(form.alt.data))
            kept.leads_to(url_for(".photo", token=token))
        return kept.redirect(_("Your photo is added."))
    page = render_template(
        "directory/joining/photo.html",
        form=form,
        token=token,
        photos=photos.photos_in_draft(draft),
        most=photos.MOST_PHOTOS,
        onward=_next(token, draft),
        nav=[],
    )
    return page, form.status


@bp.get("/<token>/photo/<uuid:photo_id>")
@by_link(ADD_GROUP)
def photo_file(token: str, photo_id: uuid.UUID) -> ResponseReturnValue:
    """A photo that only its sender sees so far."""
    _link, draft = _behind(token)
    found = photos.one_of(photos.photos_in_draft(draft), photo_id)
    return make_response(found.content, {"Content-Type": found.media_type})


@bp.post("/<token>/photo/<uuid:photo_id>/remove")
@by_link(ADD_GROUP)
def remove_photo(token: str, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Take a photo away again."""
    _link, draft = _behind(token, still_open=True)
    with saving() as kept:
        photos.remove_from_draft(draft, photo_id)
        kept.leads_to(url_for(".photo", token=token))
    return kept.redirect(_("The photo is gone."))


def _behind(token: str, *, still_open: bool = False) -> tuple[SignedLink, GroupDraft]:
    link = links.unseal(ADD_GROUP, token)
    draft = joining.draft_behind(link)
    if still_open:
        joining.check_open(draft)
    return link, draft


def _page(token: str, page: str, form: Form) -> ResponseReturnValue:
    at = PAGES.index(page)
    shown = render_template(
        "directory/joining/question.html",
        form=form,
        page=page,
        number=at + 1,
        pages=len(PAGES),
        token=token,
        before=PAGES[at - 1] if at else "",
        nav=[],
    )
    return shown, form.status


def _check_page(token: str, draft: GroupDraft, form: SendForm) -> ResponseReturnValue:
    if any(not _is_answered(draft, page) for page in PAGES):
        raise NotFound
    facts = _facts(draft)
    shown = render_template(
        "directory/joining/check.html",
        form=form,
        answers=answers_of(facts, _group(draft), _read(draft, "when")),
        description=_read(draft, "about")["description"].data,
        photos=photos.photos_in_draft(draft),
        token=token,
        nav=[],
    )
    return shown, form.status


def _next(token: str, draft: GroupDraft) -> str:
    """Where to go now: the first open question, what may be the same listing, or the last look."""
    for page in PAGES:
        # What is asked up to here tells a listing from others; nobody should fill in more in vain.
        if page == "cost" and _like_it(draft):
            return url_for(".is_it_here", token=token)
        if not _is_answered(draft, page):
            return url_for(".question", token=token, page=page)
    return url_for(".check", token=token)


def _like_it(draft: GroupDraft) -> list[duplicates.Likely]:
    ruled_out = joining.ruled_out(draft)
    found = duplicates.likely(_facts(draft))
    return [each for each in found if each.service_id not in ruled_out]


def _typed(draft: GroupDraft, *pages: str) -> MultiDict[str, str]:
    """What was typed on these pages, as a form reads it."""
    return MultiDict(
        (name, value)
        for page in pages
        for name, values in draft.said.get(page, {}).items()
        for value in values
    )


def _read(draft: GroupDraft, page: str) -> Form:
    return FORMS[page](formdata=_typed(draft, page), meta={"csrf": False})


def _is_answered(draft: GroupDraft, page: str) -> bool:
    return page in draft.said and _read(draft, page).validate()


def _filled(draft: GroupDraft, page: str) -> Form:
    """The form of a page with what was typed before, and room for more."""
    form = _read(draft, page) if page in draft.said else FORMS[page](formdata=None)
    if isinstance(form, WhenForm):
        form.make_room()
    form.once.data = new_key()
    return form


def _facts(draft: GroupDraft) -> ListingFacts:
    """What the listing will say, as far as it has been answered."""
    form = ListingForm(formdata=_typed(draft, *PAGES), meta={"csrf": False})
    facts = said_in(form, ListingFacts(name=""))
    audiences = _typed(draft, "who").getlist("audiences")
    note = _typed(draft, "when").get("when_note", "").strip()
    schedules = facts.schedules or ((ScheduleFacts(description=note),) if note else ())
    return replace(facts, audiences=tuple(audiences), schedules=schedules)


def _group(draft: GroupDraft) -> str:
    return _typed(draft, "about").get("group", "").strip()
