"""What officers and emergencies add to the towns: copies asked for, old records, broken glass."""

import uuid

from accounts import Role, User
from accounts.people import actor_for
from core import clock
from core.actors import Actor
from core.saving import saving
from referrals.breaking_glass import break_glass
from referrals.models import AskedHow, Emergency, Handing, Referral, Right, RightsRequest
from referrals.rights import handing, requests, reviewing

WHY = "Her neighbour rang: nobody has seen her for days."


def of_rights(
    referral: Referral, ended: Referral, users: dict[Role, User]
) -> tuple[str, dict[str, list[uuid.UUID]]]:
    """The key to a copy that was made, and the ids of what an officer has before them."""
    officer = actor_for(users[Role.IG_OFFICER])
    asked, made = (_asked(each, officer) for each in (referral, ended))
    with saving():
        for looked in reviewing.lay_out(made, by=officer):
            reviewing.decide(looked.line, Handing.GIVE, "Asked the lead.", by=officer)
        _pack, token = handing.make_ready(made, pin_hash="$argon2id$never-used", by=officer)
    return token, {
        "request_id": [asked.id],
        "line_id": [line.id for line in asked.lines[:2]],
        "person_id": [ended.person_id],
    }


def break_one(referral: Referral, *, by: User) -> uuid.UUID:
    """Somebody of another team opens this record in an emergency."""
    with saving():
        return break_glass(referral, Emergency.DANGER, WHY, by=actor_for(by)).id


def _asked(referral: Referral, officer: Actor) -> RightsRequest:
    with saving():
        request = requests.begin(
            referral.ref,
            referral.person.born_on,
            Right.SEE,
            AskedHow.PHONE,
            asked_on=clock.today(),
            by=officer,
        )
        requests.confirm_identity(request, "Rang the number we hold.", by=officer)
        reviewing.lay_out(request, by=officer)
    return request
