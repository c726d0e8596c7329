"""The demo's cast: who can sign in, shared by the demo site, the tests and the screenshots."""

from dataclasses import dataclass

from accounts import Role

PASSWORD = "a warm welcome"  # noqa: S105 - invented people, and the demo says so on every page


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: a person at a desk."""

    key: str
    name: str
    email: str
    job: str
    role: Role
    organisation: str


CAST = (
    Member(
        "gp", "Dr Priya Nair", "priya.nair@practice.example", "GP", Role.CLINICIAN, "bow-practice"
    ),
)
