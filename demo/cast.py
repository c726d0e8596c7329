"""The demo's cast: who can sign in, shared by the demo site, the tests and the screenshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from accounts import Organisation, Role, User, add_user, join
from accounts.signing_in import hash_password
from core import clock
from core.actors import Actor

PASSWORD = "a warm welcome"  # noqa: S105 - invented people, and the demo says so on every page


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: a person at a desk. `organisation` is a key of the demo's files."""

    key: str
    name: str
    email: str
    job: str
    role: Role
    organisation: str


CAST = (
    Member(
        "gp",
        "Dr Priya Nair",
        "priya.nair@standrews-bow.example",
        "GP",
        Role.CLINICIAN,
        "st-andrews",
    ),
    Member(
        "link-worker",
        "Amina Rahman",
        "amina.rahman@bowlinkworkers.example",
        "Link worker",
        Role.LINK_WORKER,
        "bow-link-workers",
    ),
    Member(
        "organiser",
        "Sheila Docherty",
        "sheila@bowknitters.example",
        "Runs Knit and natter",
        Role.ORGANISER,
        "bow-knitters",
    ),
    Member(
        "second-gp",
        "Dr Tobi Adeyemi",
        "tobi.adeyemi@standrews-bow.example",
        "GP",
        Role.CLINICIAN,
        "st-andrews",
    ),
    Member(
        "practice-admin",
        "Joanne Clarke",
        "joanne.clarke@standrews-bow.example",
        "Practice administrator",
        Role.PRACTICE_ADMIN,
        "st-andrews",
    ),
    Member(
        "team-lead",
        "Delroy Francis",
        "delroy.francis@bowlinkworkers.example",
        "Team lead",
        Role.TEAM_LEAD,
        "bow-link-workers",
    ),
    Member(
        "safeguarding-lead",
        "Grace Adeyinka",
        "grace.adeyinka@bowlinkworkers.example",
        "Safeguarding lead",
        Role.SAFEGUARDING_LEAD,
        "bow-link-workers",
    ),
    Member(
        "editor",
        "Nadia Kowalska",
        "nadia.kowalska@towerhamlets.example",
        "Directory editor",
        Role.EDITOR,
        "tower-hamlets",
    ),
    Member(
        "nurse",
        "Ruth Okafor",
        "ruth.okafor@aberfeldy.example",
        "Nurse practitioner",
        Role.CLINICIAN,
        "aberfeldy",
    ),
    Member(
        "limehouse-gp",
        "Dr Karim Haddad",
        "karim.haddad@limehouse-practice.example",
        "GP",
        Role.CLINICIAN,
        "limehouse",
    ),
    Member(
        "preston-gp",
        "Dr Hannah Entwistle",
        "hannah.entwistle@fishergatehill.example",
        "GP",
        Role.CLINICIAN,
        "fishergate-hill",
    ),
    Member(
        "burnley-gp",
        "Dr Imran Patel",
        "imran.patel@burnleygroup.example",
        "GP",
        Role.CLINICIAN,
        "burnley-group",
    ),
    Member(
        "bay-nurse",
        "Lesley Gardner",
        "lesley.gardner@baymedical.example",
        "Nurse practitioner",
        Role.CLINICIAN,
        "bay",
    ),
    Member(
        "lancashire-link-worker",
        "Kath Duerden",
        "kath.duerden@lancslinkworkers.example",
        "Link worker",
        Role.LINK_WORKER,
        "lancashire-link-workers",
    ),
    Member(
        "lancashire-organiser",
        "Norah Whalley",
        "norah@avenhamlamplighters.example",
        "Runs The Wednesday Table",
        Role.ORGANISER,
        "preston-lamplighters",
    ),
    Member(
        "horsham-gp",
        "Dr James Penfold",
        "james.penfold@park-surgery.example",
        "GP",
        Role.CLINICIAN,
        "park-surgery",
    ),
    Member(
        "burgess-hill-nurse",
        "Agnieszka Nowak",
        "agnieszka.nowak@silverdale.example",
        "Nurse practitioner",
        Role.CLINICIAN,
        "silverdale",
    ),
    Member(
        "weald-link-worker",
        "Ellie Marchant",
        "ellie.marchant@wealdlinkworkers.example",
        "Link worker",
        Role.LINK_WORKER,
        "weald-link-workers",
    ),
    Member(
        "weald-organiser",
        "Maureen Tidy",
        "maureen@carfaxneighbours.example",
        "Runs Kettle Club",
        Role.ORGANISER,
        "hms-carfax-neighbours",
    ),
    Member(
        "team-admin",
        "Bernadette Coyle",
        "bernadette.coyle@bowlinkworkers.example",
        "Office manager",
        Role.ORG_ADMIN,
        "bow-link-workers",
    ),
    Member(
        "practice-manager",
        "Winston Grant",
        "winston.grant@standrews-bow.example",
        "Practice manager",
        Role.ORG_ADMIN,
        "st-andrews",
    ),
    Member(
        "ig-officer",
        "Sunita Mistry",
        "sunita.mistry@bowlinkworkers.example",
        "Information governance officer",
        Role.IG_OFFICER,
        "bow-link-workers",
    ),
)


def load_cast(organisations: Mapping[str, Organisation], *, by: Actor) -> dict[str, User]:
    """Enter them all in this order, with the one password; by their keys."""
    password_hash = hash_password(PASSWORD)
    started = clock.now()
    users = {}
    for minutes, member in enumerate(CAST):
        with clock.set_to(started + timedelta(minutes=minutes)):
            user = add_user(
                member.email, member.name, password_hash=password_hash, job=member.job, by=by
            )
            join(user, organisations[member.organisation], member.role, by=by)
        users[member.key] = user
    return users
