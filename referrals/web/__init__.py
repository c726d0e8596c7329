"""Referrals on the web: one module for each desk."""

from datetime import timedelta

from flask import Flask

from accounts import May
from core import outbox, work
from core.marking import marked
from core.templating import add_to_nav, fill_slot
from core.web import csrf, say_trouble
from referrals import digest, leaving, row_guards, whose
from referrals import evidence as figures
from referrals import slips as forgetting
from referrals.clients import forget_wrong_keys
from referrals.fhir.shapes import ROOT
from referrals.groups import rounds
from referrals.measuring import licensed
from referrals.person.leave import leave_for
from referrals.rights import handing, keeping, repeating
from referrals.web import (  # noqa: F401 - the desk's other pages hang themselves on its blueprint
    about,
    area,
    barriers,
    breaking_glass,
    clinician,
    clinician_refer,
    clinician_sent,
    closing,
    day,
    endings,
    evidence,
    fhir,
    group,
    group_pages,
    group_value,
    groups,
    inbound,
    linkworker,
    linkworker_day,
    linkworker_onward,
    linkworker_steps,
    measuring,
    own_numbers,
    own_panels,
    person,
    prsb,
    reading,
    rights,
    rights_own,
    safety,
    self_referral,
    slips,
    team,
    tips,
    visiting,
)


def init_app(app: Flask) -> None:
    """Hang the room's desks."""
    row_guards.declare()
    rounds.init_app()
    app.register_blueprint(group.bp)
    app.register_blueprint(group_pages.bp)
    app.register_blueprint(groups.bp)
    app.register_blueprint(inbound.bp)
    csrf.exempt(inbound.bp)  # no browser: each message is signed instead
    app.register_blueprint(fhir.bp)
    say_trouble(ROOT, fhir.tell_trouble)
    work.chore("forget wrong keys", timedelta(hours=1), forget_wrong_keys)
    app.register_blueprint(clinician.bp)
    app.register_blueprint(linkworker.bp)
    app.register_blueprint(tips.bp)
    app.register_blueprint(slips.bp)
    app.register_blueprint(day.bp)
    app.register_blueprint(team.bp)
    app.register_blueprint(closing.bp)
    outbox.heed(leave_for)
    self_referral.init_app(app)
    person.init_app(app)
    app.register_blueprint(rights_own.bp)
    app.register_blueprint(rights.bp)
    add_to_nav(
        May.HANDLE_RIGHTS, marked("Rights"), "rights.desk", *_pages_of(app, "rights"), order=40
    )
    work.chore("empty old copies", timedelta(hours=1), handing.empty_old)
    work.chore("forget letters’ words", timedelta(days=1), keeping.forget_letters_words)
    app.register_blueprint(area.bp)
    app.register_blueprint(breaking_glass.bp)
    breaking_glass.add_to_navigation()
    app.register_blueprint(safety.bp)
    app.register_blueprint(measuring.own_bp)
    licensed.set_up(app.extensions["kith.settings"].measures_file)
    _clinicians_nav()
    _link_workers_nav(app)
    fill_slot("listing", clinician_refer.offer_to_refer)
    fill_slot("listing", slips.offer_slip)
    for choosing in ("listing", "wish"):
        fill_slot(choosing, evidence.panel)
        fill_slot(choosing, tips.panel)
    fill_slot("listing", self_referral.offer)
    fill_slot("sent referral", closing.referrer_panel)
    fill_slot("ended referral", closing.offer_to_write)
    figures.init_app()
    digest.init_app()
    leaving.init_app()
    whose.init_app()
    repeating.init_app()
    forgetting.init_app()
    fill_slot("own listing", own_numbers.panel)
    fill_slot("first about a person", about.hint)
    fill_slot("person on the caseload", about.panel)
    fill_slot("person on the caseload", barriers.panel)
    fill_slot("person on the caseload", endings.panel)
    fill_slot("my plan", endings.own_panel)
    fill_slot("person on the caseload", own_panels.panel)
    fill_slot("how to reach somebody", own_panels.warning)
    fill_slot("said about me", own_panels.said_about_me)


def _pages_of(app: Flask, desk: str) -> list[str]:
    return sorted(name for name in app.view_functions if name.startswith(f"{desk}."))


def _clinicians_nav() -> None:
    desk = clinician.bp.name
    sends = [f"{desk}.{page}" for page in ("refer_someone", "refer_in_best_interests", "sent")]
    follows = [
        f"{desk}.{page}" for page in ("my_referrals", "referral", "answer", "end", "add_note")
    ]
    add_to_nav(May.REFER, marked("Refer"), *sends, order=10)
    add_to_nav(May.SEE_PRACTICE_REFERRALS, marked("My referrals"), *follows, order=11)
    add_to_nav(
        May.SEE_PRACTICE_REFERRALS, marked("What happened"), f"{desk}.what_happened_page", order=12
    )
    add_to_nav(May.EDIT_DIRECTORY, marked("Tips"), "tips.waiting", order=90)


def _link_workers_nav(app: Flask) -> None:
    """Every page of this desk is reached from the caseload, but for those about groups."""
    of_groups = [name for name in app.view_functions if name.startswith(f"{groups.bp.name}.")]
    first = f"{groups.bp.name}.all_groups"
    add_to_nav(
        May.WORK_CASELOAD, marked("Groups"), first, *sorted({*of_groups} - {first}), order=14
    )
    first = f"{linkworker.bp.name}.people"
    pages = [name for name in app.view_functions if name.startswith(f"{linkworker.bp.name}.")]
    days = [f"{day.bp.name}.{page}" for page in ("today", "calendar")]
    desk = ("team", "cover", "many", "look_first", "do_many")
    teams = [f"{team.bp.name}.{page}" for page in desk]
    add_to_nav(May.WORK_CASELOAD, marked("Today"), *days, order=9)
    add_to_nav(May.WORK_CASELOAD, marked("Caseload"), first, *sorted({*pages} - {first}), order=10)
    add_to_nav(May.WORK_CASELOAD, marked("Team"), *teams, order=11)
    for leads in (May.LEAD_SAFEGUARDING, May.LEAD_TEAM):
        add_to_nav(leads, marked("Safety"), "safety.people", "safety.notes", order=15)
