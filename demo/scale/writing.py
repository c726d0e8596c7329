"""The demo: one referral of the large invented county, written down as the real moves would have.

Every status follows from the table of moves; a step that the table does not have stops the load.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from core.actors import Actor, system
from demo.scale.county import Rows, Somebody
from demo.scale.lot import Lot, new_id
from referrals.models import Consent, ContactMade, Step
from referrals.pathway import ENDED_TOO
from referrals.rules import CLOSED, MOVES, Action, Basis, ContactHow, Status

ENDS = {(move.action, start): move.end for move in MOVES for start in move.start}
SYSTEM = system("referral ended")
AGREED = 0.97
BEST_INTERESTS = "Cannot decide this just now; the family thinks it would help."


class Written:
    """A referral on its way: its row, and what is written beside it."""

    def __init__(self, row: dict[str, Any], rows: Rows, lot: Lot) -> None:
        self.row, self._rows, self._lot = row, rows, lot
        self._number = 0
        self._consent: dict[str, Any] = {}

    @property
    def id(self) -> uuid.UUID:
        """Of the referral."""
        found: uuid.UUID = self.row["id"]
        return found

    @property
    def status(self) -> Status:
        """Where it stands."""
        found: Status = self.row["status"]
        return found

    def agree(self, wording: str, at: datetime, by: Somebody, basis: Basis | None = None) -> Basis:
        """Put the agreement on record."""
        basis = basis or (Basis.AGREED if self._lot.random() < AGREED else Basis.BEST_INTERESTS)
        self._consent = {
            "id": new_id(self._lot),
            "referral_id": self.id,
            "basis": basis,
            "wording": wording[:300],
            "why": BEST_INTERESTS if basis is Basis.BEST_INTERESTS else "",
            "by": by.ref,
            "at": at,
            "withdrawn_at": None,
        }
        self._rows[Consent].append(self._consent)
        return basis

    def step(self, action: Action, at: datetime, by: Somebody | Actor, note: str = "") -> None:
        """Move it one step, by the table."""
        was, now = self.status, ENDS[action, self.status]
        self._number += 1
        self._rows[Step].append(
            {
                "id": new_id(self._lot),
                "referral_id": self.id,
                "number": self._number,
                "action": action,
                "was": was,
                "now": now,
                "by": by.ref,
                "by_name": by.name,
                "note": note,
                "at": at,
            }
        )
        self.row["status"] = now
        if action is Action.SEND:
            self.row["sent_at"] = at
        if now in CLOSED:
            self.row |= {"closed_at": at, "next_contact_on": None}
        if now is Status.PERSON_DECLINED:
            self.take_back_consent(at)

    def take_back_consent(self, at: datetime) -> None:
        """They said no: nothing is shared any more."""
        if self._consent["withdrawn_at"] is None:
            self._consent["withdrawn_at"] = at

    def end_too(self, action: Action, at: datetime) -> None:
        """The referral it hangs on has ended."""
        self.step(action, at, SYSTEM, ENDED_TOO)

    def contact(self, how: ContactHow, at: datetime, by: Somebody, note: str = "") -> None:
        """A contact, or a try at one."""
        minutes = self._lot.choice((10, 15, 30, 45)) if note else 2
        self._rows[ContactMade].append(
            {
                "id": new_id(self._lot),
                "referral_id": self.id,
                "how": how,
                "minutes": minutes,
                "note": note,
                "by": by.ref,
                "by_name": by.name,
                "at": at,
            }
        )


def referral_row(lot: Lot, ref: str, at: datetime, **said: Any) -> dict[str, Any]:
    """A referral nobody has sent yet, with every column that is ever set."""
    nothing = dict.fromkeys(
        ("parent_id", "service_id", "owner_id", "sent_at", "closed_at", "next_contact_on")
    )
    return {
        "id": new_id(lot),
        "ref": ref,
        "status": Status.DRAFT,
        "created_at": at,
        **nothing,
        **said,
    }


def a_minute_after(at: datetime) -> datetime:
    """So that two things done in one go keep their order."""
    return at + timedelta(minutes=1)
