"""Accounts: the daily anchor of the audit, and the letter that takes it out of our hands."""

from datetime import timedelta

from sqlalchemy import select

from accounts.models import Membership, User
from accounts.rules import Role
from core import audit, outbox, site, work
from core.db import db
from core.saving import saving

EVERY = timedelta(days=1)


def init_app() -> None:
    """Have it done daily."""
    work.chore("anchor the audit", EVERY, anchor_and_tell)


def anchor_and_tell() -> None:
    """Write the anchor of today down, and send it to everybody who answers for the audit."""
    anchor = audit.anchor_today()
    with saving():
        for officer in officers():
            outbox.put(
                outbox.Draft(
                    kind="audit-anchor",
                    about="audit",
                    same_as=f"anchor:{anchor.at:%Y-%m-%d}",
                    to_address=officer.email,
                    to_name=officer.name,
                    subject=f"{site.name()}: keep this number",
                    body=(
                        f"The record of who did what has {anchor.number} entries today.\n\n"
                        f"Its seal is {anchor.seal}\n\n"
                        "Please keep this letter. With it anybody can check later that nothing "
                        "was taken away.\n"
                    ),
                )
            )


def officers() -> list[User]:
    """Everybody who answers for how facts about people are kept."""
    found = select(User).where(
        User.disabled_at.is_(None), User.memberships.any(Membership.role == Role.IG_OFFICER)
    )
    return list(db.session.scalars(found.order_by(User.name)))
