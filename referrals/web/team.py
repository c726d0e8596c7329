"""The team on the web: who has how much, the queue, cover, supervision, and changes for many."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.languages import _, ngettext
from core.saving import saving
from referrals.caseload import queue
from referrals.day import cover as covering
from referrals.day.many import Change, change_many, chosen, preview
from referrals.day.supervision import get_to_discuss, talked, to_discuss
from referrals.day.team import claim as claim_referral
from referrals.day.team import colleagues, loads, scale
from referrals.models import ManyKind, Referral
from referrals.sight import get_referral
from referrals.web.day_forms import CoverForm, ManyForm, ids_in
from referrals.web.linkworker import SHOWS, person_page, words

bp = Blueprint("team", __name__, url_prefix="/team")
bp.context_processor(words)


@bp.get("")
@door(May.WORK_CASELOAD, shows=SHOWS)
def team() -> ResponseReturnValue:
    """Who has how much, whom nobody has taken, who is away, and what is to be talked over."""
    actor = current()
    everybody = loads(actor)
    return render_template(
        "referrals/day/team.html",
        loads=everybody,
        scale=scale(),
        queue=queue(actor),
        covers=covering.covers_of([load.user for load in everybody]),
        discuss=to_discuss(actor),
    )


@bp.post("/claim/<uuid:referral_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def claim(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody from the queue."""
    referral = get_referral(referral_id, seen_by=current())
    with saving() as work:
        claim_referral(referral, by=current())
        work.leads_to(person_page(referral))
    return work.redirect(_("They are with you now. Read the referral and accept it."))


@bp.route("/cover", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows="F1")
def cover() -> ResponseReturnValue:
    """Agree who looks after whose people for some days."""
    people = colleagues(current())
    form = CoverForm()
    form.offer(people)
    if form.validate_on_submit() and form.from_on.data and form.until_on.data:
        by_id = {str(each.id): each for each in people}
        with saving() as work:
            covering.begin(
                by_id[form.away.data],
                by_id[form.covering.data],
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                by=current(),
            )
            work.leads_to(url_for(".team"))
        return work.redirect(_("The cover is agreed."))
    return render_template("referrals/day/cover.html", form=form), form.status


@bp.post("/cover/<uuid:cover_id>/end")
@door(May.WORK_CASELOAD, shows="F1")
def end_cover(cover_id: uuid.UUID) -> ResponseReturnValue:
    """The cover is over."""
    found = covering.get_cover(cover_id, seen_by=current())
    with saving() as work:
        covering.end(found, by=current())
        work.leads_to(url_for(".team"))
    return work.redirect(_("The cover is over."))


@bp.post("/discussed/<uuid:discuss_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def discussed(discuss_id: uuid.UUID) -> ResponseReturnValue:
    """They have talked."""
    about = get_to_discuss(discuss_id, seen_by=current())
    with saving() as work:
        talked(about, by=current())
        work.leads_to(url_for(".team"))
    return work.redirect(_("Taken off the list."))


@bp.post("/many")
@door(May.WORK_CASELOAD, shows=SHOWS)
def many() -> ResponseReturnValue:
    """What to do for those who are ticked. Ids come in the form: none stands in the address."""
    form = ManyForm(formdata=None)
    form.offer(colleagues(current()))
    return _many_page(form)


@bp.post("/many/preview")
@door(May.WORK_CASELOAD, shows=SHOWS)
def look_first() -> ResponseReturnValue:
    """Who would be changed and who would not, before anything is."""
    form = ManyForm()
    form.offer(colleagues(current()))
    if not form.validate():
        return _many_page(form), form.status
    change = _change_in(form)
    lines = preview(_chosen(), change, by=current())
    able = [line for line in lines if not line.why_not]
    return render_template(
        "referrals/day/preview.html",
        form=form,
        change=change,
        able=able,
        unable=[line for line in lines if line.why_not],
    )


@bp.post("/many/do")
@door(May.WORK_CASELOAD, shows=SHOWS)
def do_many() -> ResponseReturnValue:
    """Make the change that was shown."""
    form = ManyForm()
    form.offer(colleagues(current()))
    if not form.validate():
        return _many_page(form), form.status
    people, change = _chosen(), _change_in(form)
    with saving() as work:
        made = change_many(people, change, by=current())
        number = len(made.before)
        work.leads_to(url_for("day.today"))
    done = ngettext("Changed for %(num)s person.", "Changed for %(num)s people.", number)
    return work.redirect(done)


def _many_page(form: ManyForm) -> str:
    return render_template("referrals/day/many.html", form=form, people=_chosen())


def _chosen() -> list[Referral]:
    return chosen(ids_in(request.form.getlist("who")), seen_by=current())


def _change_in(form: ManyForm) -> Change:
    people = {str(each.id): each for each in colleagues(current())}
    kind = ManyKind(form.kind.data)
    return Change(
        kind,
        on=form.on.data,
        to=people.get(form.to.data) if kind is ManyKind.HAND_OVER else None,
        words=(form.words.data or "").strip(),
    )
