"""Accounts: the one table of roles: what each may do, and which kinds of fact each may see.

Field classes and roles follow the permission matrix of the security notes (docs/reference/access.md
is printed from here). Every right is further narrowed by the organisation it is held in, the state
of the referral and consent. What is not said here is not allowed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """How private a fact is."""

    PUBLIC = "F0"
    LOGISTICS = "F1"
    MINIMUM = "F2"
    IDENTITY = "F3"
    NEEDS = "F4"
    RESTRICTED = "F5"
    VERBATIM = "F6"
    MODERATED = "F6p"
    ACCESS_LOG = "F7"
    AGGREGATE = "F8"
    USERS = "F9"


FIELD_MEANINGS = {
    Field.PUBLIC: "public directory",
    Field.LOGISTICS: "reference, status, dates, service",
    Field.MINIMUM: "preferred name, one agreed contact route, access needs",
    Field.IDENTITY: "full name, date of birth, NHS number, address, telephone numbers",
    Field.NEEDS: "reason, conditions given, scores, notes",
    Field.RESTRICTED: "safeguarding, safe contact, third parties",
    Field.VERBATIM: "feedback word for word",
    Field.MODERATED: "moderated feedback from eight people or more",
    Field.ACCESS_LOG: "who looked at a person's record",
    Field.AGGREGATE: "counts with small numbers hidden",
    Field.USERS: "users and their roles",
}


class May(StrEnum):
    """What a role may let somebody do; the organisation says where."""

    REFER = "refer"
    SEE_PRACTICE_REFERRALS = "see-practice-referrals"
    WORK_CASELOAD = "work-caseload"
    LEAD_TEAM = "lead-team"
    LEAD_SAFEGUARDING = "lead-safeguarding"
    KEEP_LISTINGS = "keep-listings"
    EDIT_DIRECTORY = "edit-directory"
    KEEP_USERS = "keep-users"
    REVIEW_ACCESS = "review-access"
    HANDLE_RIGHTS = "handle-rights"


class Proof(StrEnum):
    """How somebody showed who they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a way in
    TWO_STEPS = "two-steps"
    PASSKEY = "passkey"
    OUTSIDE = "outside"
    CAST = "cast"


class SecondStep(StrEnum):
    """Whether a password alone is enough; where people are seen it never is in production."""

    REQUIRED = "required"
    OFFERED = "offered"


class Role(StrEnum):
    """A job somebody does for an organisation."""

    PUBLIC = "public"
    RESIDENT = "resident"
    PROXY = "proxy"
    CLINICIAN = "clinician"
    PRACTICE_ADMIN = "practice-admin"
    LINK_WORKER = "link-worker"
    TEAM_LEAD = "team-lead"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    ORGANISER = "organiser"
    VOLUNTEER = "volunteer"
    EDITOR = "editor"
    ORG_ADMIN = "org-admin"
    COMMISSIONER = "commissioner"
    IG_OFFICER = "ig-officer"
    OPERATOR = "operator"
    API_CLIENT = "api-client"


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role means. `reads` and `writes` hold field classes."""

    label: str
    scope: str
    may: frozenset[May]
    reads: frozenset[Field]
    writes: frozenset[Field]


def _rights(label: str, scope: str, fields: str, *may: May) -> Rights:
    """`fields` as in the matrix: "F1:rw F5:w"; F0 is everybody's to read."""
    pairs = [pair.split(":") for pair in f"F0:r {fields}".split()]
    return Rights(
        label=label,
        scope=scope,
        may=frozenset(may),
        reads=frozenset(Field(name) for name, rights in pairs if "r" in rights),
        writes=frozenset(Field(name) for name, rights in pairs if "w" in rights),
    )


ROLES: dict[Role, Rights] = {
    Role.PUBLIC: _rights("Public, not signed in", "nothing", "F6p:r F8:r"),
    Role.RESIDENT: _rights(
        "Resident", "themselves", "F1:r F2:rw F3:rw F4:rw F6:rw F6p:r F7:r F8:r"
    ),
    Role.PROXY: _rights(
        "Carer with recorded authority", "a named person", "F1:r F2:rw F3:r F6:rw F6p:r F8:r"
    ),
    Role.CLINICIAN: _rights(
        "Referring clinician",
        "own practice's referrals",
        "F1:rw F2:rw F3:rw F4:rw F5:w F6p:r F8:r",
        May.REFER,
        May.SEE_PRACTICE_REFERRALS,
    ),
    Role.PRACTICE_ADMIN: _rights(
        "Practice administrator",
        "own practice's referrals",
        "F1:rw F2:rw F3:rw F6p:r F8:r",
        May.SEE_PRACTICE_REFERRALS,
    ),
    Role.LINK_WORKER: _rights(
        "Link worker",
        "own team's referrals",
        "F1:rw F2:rw F3:rw F4:rw F5:rw F6:r F6p:r F8:r",  # F5: of whom they look after
        May.WORK_CASELOAD,
    ),
    Role.TEAM_LEAD: _rights(
        "Link-worker team lead",
        "own team",
        "F1:rw F2:rw F3:rw F4:rw F5:rw F6:rw F6p:rw F7:r F8:r",
        May.WORK_CASELOAD,
        May.LEAD_TEAM,
    ),
    Role.SAFEGUARDING_LEAD: _rights(
        "Safeguarding lead",
        "own team",
        "F1:r F2:r F3:r F4:r F5:rw F7:r F8:r",
        May.LEAD_SAFEGUARDING,
    ),
    Role.ORGANISER: _rights(
        "Community-group organiser",
        "own group's listings and referrals",
        "F0:rw F1:rw F2:r F6p:r F8:r",
        May.KEEP_LISTINGS,
    ),
    Role.VOLUNTEER: _rights("Volunteer", "people they are matched with", "F1:r F2:r"),
    Role.EDITOR: _rights("Directory editor", "the directory", "F0:rw F8:r", May.EDIT_DIRECTORY),
    Role.ORG_ADMIN: _rights(
        "Organisation administrator", "own organisation's users", "F8:r F9:rw", May.KEEP_USERS
    ),
    Role.COMMISSIONER: _rights("Commissioner", "aggregates only", "F6p:r F8:r"),
    Role.IG_OFFICER: _rights(
        "Information-governance officer",
        "audit and requests",
        "F1:r F7:r F8:r F9:r",
        May.REVIEW_ACCESS,
        May.HANDLE_RIGHTS,
    ),
    Role.OPERATOR: _rights("Platform operator", "no content", ""),
    Role.API_CLIENT: _rights(
        "API client",
        "own practice, scoped token",
        "F1:rw F2:r F3:rw F4:rw",
        May.SEE_PRACTICE_REFERRALS,
    ),
}


OF_PEOPLE = frozenset(Field) - {Field.PUBLIC, Field.LOGISTICS, Field.MODERATED, Field.AGGREGATE}
"""The facts that say something of somebody."""


def needs_second_step(reads: frozenset[str], wanted: SecondStep, *, is_production: bool) -> bool:
    """Whether who may read these must sign in with more than a password."""
    return wanted is SecondStep.REQUIRED or (is_production and bool(reads & OF_PEOPLE))


class OrganisationKind(StrEnum):
    """What sort of party an organisation is."""

    PRACTICE = "practice"
    LINK_WORKER_TEAM = "link-worker-team"
    GROUP = "group"
    COMMISSIONER = "commissioner"
    COUNCIL = "council"


MAY_JOIN: dict[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.PRACTICE: frozenset({Role.CLINICIAN, Role.PRACTICE_ADMIN, Role.ORG_ADMIN}),
    OrganisationKind.LINK_WORKER_TEAM: frozenset(
        {
            Role.LINK_WORKER,
            Role.TEAM_LEAD,
            Role.SAFEGUARDING_LEAD,
            Role.VOLUNTEER,
            Role.ORG_ADMIN,
            Role.IG_OFFICER,
        }
    ),
    OrganisationKind.GROUP: frozenset({Role.ORGANISER, Role.VOLUNTEER, Role.ORG_ADMIN}),
    OrganisationKind.COMMISSIONER: frozenset({Role.COMMISSIONER, Role.ORG_ADMIN, Role.IG_OFFICER}),
    OrganisationKind.COUNCIL: frozenset(
        {Role.EDITOR, Role.COMMISSIONER, Role.ORG_ADMIN, Role.IG_OFFICER, Role.OPERATOR}
    ),
}
"""Which roles can be held in which kind of organisation: a practice has no link workers."""

KEPT_BY_OPERATORS = frozenset({Role.IG_OFFICER, Role.OPERATOR})
"""Roles given by command only: those whom the audit watches do not choose who reads it."""


class Decision(StrEnum):
    """What is to become of somebody's roles, at the quarterly review."""

    KEEP = "keep"
    CHANGE = "change"
    END = "end"
