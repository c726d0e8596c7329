"""Accounts: people who sign in, the organisations they act for, and what each may do."""

from accounts.auditing import say_whose
from accounts.leaving import Holding, say_what_is_held
from accounts.models import Membership, Organisation, User
from accounts.people import (
    actor_for,
    actor_for_client,
    add_user,
    describe,
    find_organisation,
    get_organisation,
    join,
    members,
    organisations_from,
    set_up,
    set_up_many,
)
from accounts.rules import Field, May, OrganisationKind, Role
from accounts.signing_in import hash_password, is_password

__all__ = [
    "Field",
    "Holding",
    "May",
    "Membership",
    "Organisation",
    "OrganisationKind",
    "Role",
    "User",
    "actor_for",
    "actor_for_client",
    "add_user",
    "describe",
    "find_organisation",
    "get_organisation",
    "hash_password",
    "is_password",
    "join",
    "members",
    "organisations_from",
    "say_what_is_held",
    "say_whose",
    "set_up",
    "set_up_many",
]
