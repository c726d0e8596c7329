"""The door for the programs of practices: FHIR R4 for reading, and the PRSB headings as JSON."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from core import clock, site
from core.access import by_key, door_of, open_to_all
from core.actors import become, current
from core.errors import BadInput
from core.saving import saving
from core.settings import in_force
from referrals.clients import NO_KEY, admit
from referrals.closing import for_referrer
from referrals.fhir import asking, bundles, finding, parties, prsb, statement
from referrals.fhir.agreements import consent as consent_of
from referrals.fhir.answers import INSTRUMENTS, questionnaire, questionnaire_response
from referrals.fhir.finding import Fields
from referrals.fhir.orders import service_request, task
from referrals.fhir.shapes import ROOT, Resource, address
from referrals.models import Referral
from referrals.sight import facts_shown

FHIR_JSON = "application/fhir+json"
WHOSE = "a practice's own program"
STATE, WHO, NEEDS, ALL = "F1", "F1 F2 F3", "F1 F4", "F1 F2 F3 F4"

bp = Blueprint("fhir", __name__)


@bp.before_request
def come_in() -> None:
    """Nobody reaches a door with a key before the key was looked at."""
    door = door_of(current_app.view_functions[request.endpoint or ""])
    if door is not None and door.is_open:
        return
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise BadInput(str(NO_KEY), 401)
    become(admit(key.strip(), from_address=_from_where()))


@bp.get(f"{ROOT}/metadata")
@open_to_all("what this interface can do holds nothing of anybody")
def metadata() -> ResponseReturnValue:
    """What can be read and searched here. (CapabilityStatement.)"""
    return _answer(statement.capability_statement(site.name()))


@bp.get(f"{ROOT}/Questionnaire/<any({','.join(INSTRUMENTS)}):key>")
@open_to_all("published questions, without anybody's answers")
def questions(key: str) -> ResponseReturnValue:
    """A set of questions people are asked."""
    return _answer(questionnaire(INSTRUMENTS[key]))


@bp.get(f"{ROOT}/Task")
@by_key(WHOSE, shows=NEEDS)
def tasks() -> ResponseReturnValue:
    """How far the referrals of the practice have come, in the order in which they moved."""
    asked = asking.read(request.args.items(multi=True))
    with saving():
        found = finding.find_tasks(asked, seen_by=current())
        said = [task(each, facts_shown(each, current())) for each in found.referrals]
    here = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    after = _task_address([*here, ("page", str(found.after))]) if found.after else ""
    own = [*here, ("page", str(asked.after))] if asked.after else here
    return _answer(bundles.page(said, total=found.total, here=_task_address(own), after=after))


@bp.get(f"{ROOT}/Task/<uuid:key>")
@by_key(WHOSE, shows=NEEDS)
def one_task(key: uuid.UUID) -> ResponseReturnValue:
    """How far one referral has come."""
    return _told_of(key, task)


@bp.get(f"{ROOT}/ServiceRequest/<uuid:key>")
@by_key(WHOSE, shows=NEEDS)
def one_request(key: uuid.UUID) -> ResponseReturnValue:
    """What was asked for somebody."""
    return _told_of(key, service_request)


@bp.get(f"{ROOT}/Patient/<uuid:key>")
@by_key(WHOSE, shows=WHO)
def one_patient(key: uuid.UUID) -> ResponseReturnValue:
    """Whom a referral of the practice is about."""
    with saving():
        said = parties.patient(finding.get_patient(key, seen_by=current()))
    return _answer(said)


@bp.get(f"{ROOT}/Organization/<uuid:key>")
@by_key(WHOSE, shows=STATE)
def one_organisation(key: uuid.UUID) -> ResponseReturnValue:
    """Who sent a referral of the practice, or got it."""
    return _answer(parties.organisation(finding.get_organisation(key, seen_by=current())))


@bp.get(f"{ROOT}/QuestionnaireResponse/<uuid:key>")
@by_key(WHOSE, shows=NEEDS)
def one_response(key: uuid.UUID) -> ResponseReturnValue:
    """What somebody answered."""
    with saving():
        said = questionnaire_response(finding.get_answers(key, seen_by=current()))
    return _answer(said)


@bp.get(f"{ROOT}/Consent/<uuid:key>")
@by_key(WHOSE, shows=NEEDS)
def one_consent(key: uuid.UUID) -> ResponseReturnValue:
    """What somebody agreed to share."""
    with saving():
        said = consent_of(finding.get_consent(key, seen_by=current()))
    return _answer(said)


@bp.get(f"{ROOT}/ServiceRequest/<uuid:key>/$bundle")
@by_key(WHOSE, shows=ALL)
def bundle(key: uuid.UUID) -> ResponseReturnValue:
    """One referral with all that hangs on it, as far as the key opens it."""
    with saving():
        found = finding.get_request(key, seen_by=current(), tells=finding.ALL)
        said = bundles.whole(found, facts_shown(found, current()), for_referrer(found, current()))
    return _answer(said)


@bp.get(f"{ROOT}/ServiceRequest/<uuid:key>/$bars-shaped-message")
@by_key(WHOSE, shows=ALL)
def message(key: uuid.UUID) -> ResponseReturnValue:
    """One referral as a message shaped like those of BaRS."""
    with saving():
        found = finding.get_request(key, seen_by=current(), needs=finding.ALL, tells=finding.ALL)
        said = bundles.message(found, facts_shown(found, current()))
    return _answer(said)


@bp.get("/api/prsb/referrals/<uuid:key>")
@by_key(WHOSE, shows=ALL)
def headings(key: uuid.UUID) -> ResponseReturnValue:
    """One referral under the headings of the PRSB standard."""
    with saving():
        found = finding.get_request(key, seen_by=current(), needs=finding.ALL, tells=finding.ALL)
        said = prsb.headings(found, None, for_referrer(found, current()))
    return _answer(said, "application/json")


@bp.after_request
def say_how_to_come_back(response: Response) -> Response:
    """Which key is wanted of whoever had none, and when to ask again."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if response.status_code == 429:
        response.headers["Retry-After"] = "60"
    return response


def tell_trouble(status: int, title: str, reason: str) -> Response:
    """Everything that goes wrong under this root is said in its own tongue."""
    said = statement.outcome(status, title, reason)
    return Response(_text(said), status, content_type=FHIR_JSON)


def _told_of(key: uuid.UUID, say: Callable[[Referral, Fields], Resource]) -> ResponseReturnValue:
    """One referral, said in one way, as far as whoever asks may read it."""
    with saving():
        found = finding.get_request(key, seen_by=current())
        said = say(found, facts_shown(found, current()))
    return _answer(said)


def _answer(said: Resource, kind: str = FHIR_JSON) -> Response:
    """The resource, or that it is as it was: the tag is of every word of it."""
    text = _text(said)
    response = Response(text, content_type=kind)
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32], weak=True)
    changed = said.get("meta", {}).get("lastUpdated")
    if changed:
        response.last_modified = datetime.fromisoformat(changed)
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        response.set_data(b"")
    return response


def _text(said: Resource) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _task_address(parameters: Iterable[tuple[str, str]]) -> str:
    asked = urlencode(list(parameters), safe=",:")
    return address("Task") + (f"?{asked}" if asked else "")


def _from_where() -> str:
    """Who knocks, so that wrong keys are counted: a hash, and another one each day."""
    settings = in_force()
    key = f"{settings.secret_key}|{clock.today()}".encode()
    return hmac.new(key, (request.remote_addr or "").encode(), "sha256").hexdigest()
