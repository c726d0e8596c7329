"""Ground floor: what a deployment may choose, read once from the environment and then fixed."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from flask import current_app

HERE = Path(__file__).resolve().parent.parent

DEMO, PRODUCTION, TEST = "demo", "production", "test"

SHORTEST_SECRET = 32


class BadSettings(Exception):
    """The environment asks for something that cannot or must not be run."""


def _setting(env: str, default: Any, about: str) -> Any:
    """Declare a setting: its name outside, its default, and a line for the settings page."""
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"env": env, "about": about})
    return field(default=default, metadata={"env": env, "about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One deployment's choices. Printed as docs/reference/settings.md."""

    env: str = _setting(
        "KITH_ENV",
        DEMO,
        "`demo` (invented data, a cast to sign in as, letters shown on a page), "
        "`production`, or `test`.",
    )
    secret_key: str = _setting(
        "SECRET_KEY",
        "",
        "Signs cookies. At least 32 characters in production; else made and kept in DATA_DIR.",
    )
    data_dir: Path = _setting(
        "DATA_DIR",
        HERE / "instance",
        "Where the database, the search index, uploads and keys live.",
    )
    key_file: str = _setting(
        "KEY_FILE",
        "",
        "The file with the root key, kept apart from the database and its backups. Empty: "
        "`keys/root_key.json` in DATA_DIR. See docs/runbooks/keys.md.",
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "SQLAlchemy URL. Empty: `kith.db` in DATA_DIR. PostgreSQL: `postgresql+psycopg://…`.",
    )
    migration_database_url: str = _setting(
        "MIGRATION_DATABASE_URL",
        "",
        "PostgreSQL: the sign-in of the tables' owner, used by `flask db` alone; see "
        "docs/runbooks/postgresql.md. Empty: DATABASE_URL.",
    )
    site_name: str = _setting("SITE_NAME", "Kith", "The name in the header and in letters.")
    site_tagline: str = _setting(
        "SITE_TAGLINE", "Good things near you", "A few words beside the name."
    )
    site_phone: str = _setting(
        "SITE_PHONE", "01632 960 111", "A telephone number that a person answers; on every page."
    )
    leave_url: str = _setting(
        "LEAVE_URL",
        "https://www.bbc.co.uk/weather",
        "The harmless page that “Leave quickly” opens, for who must not be seen here.",
    )
    base_url: str = _setting(
        "BASE_URL",
        "http://127.0.0.1:8000",
        "How people reach the site; used in letters. `https://…` also makes cookies secure.",
    )
    security_contact: str = _setting(
        "SECURITY_CONTACT",
        "",
        "Whom to tell of a hole, as `mailto:…` or `https://…`: printed at "
        "`/.well-known/security.txt`. Empty: there is no such file.",
    )
    security_policy: str = _setting(
        "SECURITY_POLICY", "", "The address of a page that says how you deal with what is told."
    )
    theme: Mapping[str, str] = _setting(
        "THEME", {}, "Colours, as `brand=#00463e,accent=#ffc845`; see docs/theme.md."
    )
    mail: str = _setting(
        "MAIL", "", "`smtp`, `console` or `letterbox`. Empty: letterbox in the demo, console else."
    )
    mail_from: str = _setting("MAIL_FROM", "kith@kith.example", "The sender of e-mail.")
    smtp_host: str = _setting("SMTP_HOST", "localhost", "The mail server.")
    smtp_port: int = _setting("SMTP_PORT", 587, "Its port.")
    smtp_user: str = _setting("SMTP_USER", "", "Its user; empty means no sign-in.")
    smtp_password: str = _setting("SMTP_PASSWORD", "", "Its password.")
    smtp_starttls: bool = _setting(
        "SMTP_STARTTLS", default=True, about="Whether to insist on encryption."
    )
    notify_key: str = _setting(
        "NOTIFY_KEY", "", "The key of GOV.UK Notify. Empty: text messages wait, and are given up."
    )
    notify_template: str = _setting(
        "NOTIFY_TEMPLATE", "", "The id of its text message template, which is `((words))` alone."
    )
    notify_url: str = _setting(
        "NOTIFY_URL", "https://api.notifications.service.gov.uk", "Where it is reached."
    )
    inbound_secret: str = _setting(
        "INBOUND_SECRET",
        "",
        "Signs the text messages and e-mails that a provider posts to `/inbound/text` and "
        "`/inbound/email`; see docs/groups.md. Empty: that door is shut.",
    )
    geocoder: str = _setting(
        "GEOCODER",
        "",
        "The geopy geocoder for street addresses, such as `nominatim`. Empty: postcodes and places "
        "only, and nothing a visitor types leaves this server.",
    )
    geocoder_options: Mapping[str, str] = _setting(
        "GEOCODER_OPTIONS", {}, "Its options, as `user_agent=us,timeout=5`."
    )
    school_terms: str = _setting(
        "SCHOOL_TERMS",
        "",
        "A TOML file with the dates of your schools' terms, each `[[term]]` with `first_day` and "
        "`last_day`. Empty: what is on in term time says so, and its dates say to ask.",
    )
    measures_file: str = _setting(
        "MEASURES_FILE",
        "",
        "A TOML file with the words of questions that need a licence; see docs/measures.md. "
        "Empty: those questions are not offered.",
    )
    tile_url: str = _setting(
        "TILE_URL", "", "Map tiles, as `https://…/{z}/{x}/{y}.png`. Empty: outlines only."
    )
    tile_attribution: str = _setting("TILE_ATTRIBUTION", "", "The credit the tiles ask for.")
    freshness: Mapping[str, str] = _setting(
        "FRESHNESS",
        {},
        "When groups are asked if their listings are still right, as `ask_after=240,rest=150`; "
        "see docs/freshness.md.",
    )
    import_megabytes: int = _setting(
        "IMPORT_MEGABYTES", 200, "The largest file or feed of listings that is brought in."
    )
    import_rows: int = _setting(
        "IMPORT_ROWS", 200_000, "The most listings that are brought in at once."
    )
    import_minutes: int = _setting(
        "IMPORT_MINUTES", 30, "How long fetching a feed, or reading a file, may take."
    )
    proxies: int = _setting(
        "PROXIES",
        0,
        "How many proxies of ours stand in front, each of which says who asked it. With 0 nobody’s "
        "word is taken; behind a proxy that is one, for tries are counted by address.",
    )
    backup_dir: str = _setting(
        "BACKUP_DIR",
        "",
        "Where a sealed backup is put every night, tried out, and kept for 35 days; best on "
        "another disk. Empty: none is made, and `flask ops doctor` says so.",
    )
    outlasting_file: str = _setting(
        "OUTLASTING_FILE",
        "",
        "The file in which it stands who was forgotten and what was taken back, to be done again "
        "after a restore: never on the database's disk, and one for all machines. Empty: "
        "`outlasting.log` in BACKUP_DIR, or without that in DATA_DIR.",
    )
    backup_database_url: str = _setting(
        "BACKUP_DATABASE_URL",
        "",
        "The database by a user who may read all of it and make a database to try backups out in. "
        "Empty: DATABASE_URL.",
    )
    postgres_tools: str = _setting(
        "POSTGRES_TOOLS",
        "",
        "The folder of `pg_dump` and `pg_restore`, of the server's version or later. Empty: "
        "wherever programs are.",
    )
    operator_email: str = _setting(
        "OPERATOR_EMAIL",
        "",
        "Who is written to when a backup fails, the disk fills or letters do not go.",
    )
    ballast_megabytes: int = _setting(
        "BALLAST_MEGABYTES",
        64,
        "The size of a file in DATA_DIR that is deleted to make room when the disk is full.",
    )
    metrics_port: int = _setting(
        "METRICS_PORT", 0, "The port of figures for Prometheus, at `/metrics`. 0: none."
    )
    metrics_host: str = _setting(
        "METRICS_HOST", "127.0.0.1", "The address of that port. Never one the public reaches."
    )
    logs: str = _setting(
        "LOGS", "", "`json` or `plain`. Empty: JSON in production, else plain lines."
    )
    frame_ancestors: str = _setting(
        "FRAME_ANCESTORS", "'none'", "Who may show Kith inside a page (Content-Security-Policy)."
    )
    idle_minutes: int = _setting(
        "IDLE_MINUTES", 30, "Signed out after so many minutes without a click."
    )
    longest_hours: int = _setting(
        "LONGEST_HOURS", 12, "Signed out after so many hours in any case."
    )

    second_factor: str = _setting(
        "SECOND_FACTOR",
        "",
        "`required`: everybody who signs in needs a second step (a passkey or an authenticator "
        "app). `offered`: who may see anything about people still needs one in production. "
        "Empty: required in production, offered else.",
    )

    identity_providers: str = _setting(
        "IDENTITY_PROVIDERS",
        "",
        "A TOML file with the identity providers people may sign in with (NHS login, CIS2, "
        "Entra); see docs/signing-in.md. Empty: passwords and passkeys only.",
    )

    @property
    def is_demo(self) -> bool:
        return self.env == DEMO

    @property
    def is_production(self) -> bool:
        return self.env == PRODUCTION

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def second_step(self) -> str:
        return self.second_factor or ("required" if self.is_production else "offered")

    @property
    def transport(self) -> str:
        return self.mail or ("console" if self.is_production else "letterbox")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read, complete and check the settings; BadSettings says what is wrong and what to do."""
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {}
        for item in fields(cls):
            text = environ.get(item.metadata["env"], "").strip()
            if text:
                given[item.name] = _parse(text, item.default, item.metadata["env"])
        chosen = cls(**given)
        _check(chosen)
        completed: dict[str, Any] = {}
        if not chosen.database_url:
            completed["database_url"] = f"sqlite:///{chosen.data_dir / 'kith.db'}"
        if not chosen.secret_key:
            completed["secret_key"] = _kept_secret(chosen.data_dir)
        return cls(**{f.name: getattr(chosen, f.name) for f in fields(cls)} | completed)


def in_force() -> Settings:
    """The settings of the present application."""
    found: Settings = current_app.extensions["kith.settings"]
    return found


def _parse(text: str, default: object, name: str) -> Any:
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise BadSettings(f"{name} must be yes or no, not {text!r}.")
        return text.lower() in {"1", "true", "yes"}
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise BadSettings(f"{name} must be a whole number, not {text!r}.")
        return int(text)
    if isinstance(default, Path):
        return Path(text).resolve()
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not key.strip() or not sign for key, sign, _ in pairs):
        raise BadSettings(f"{name} must look like `key=value,key=value`.")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _check(settings: Settings) -> None:
    if settings.env not in {DEMO, PRODUCTION, TEST}:
        raise BadSettings(f"KITH_ENV must be demo, production or test, not {settings.env!r}.")
    if settings.mail not in {"", "smtp", "console", "letterbox"}:
        raise BadSettings(f"MAIL must be smtp, console or letterbox, not {settings.mail!r}.")
    if settings.logs not in {"", "json", "plain"}:
        raise BadSettings(f"LOGS must be json or plain, not {settings.logs!r}.")
    if settings.second_factor not in {"", "required", "offered"}:
        raise BadSettings(
            f"SECOND_FACTOR must be required or offered, not {settings.second_factor!r}."
        )
    if bool(settings.notify_key) != bool(settings.notify_template):
        raise BadSettings("NOTIFY_KEY and NOTIFY_TEMPLATE are set both or neither.")
    url = settings.database_url
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSettings("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    _check_contact(settings.security_contact)
    if settings.is_production:
        _check_production(settings)


def _check_contact(contact: str) -> None:
    if contact and not contact.startswith(("mailto:", "https://", "tel:")):
        raise BadSettings("SECURITY_CONTACT must begin with mailto:, https:// or tel:.")


def _check_production(settings: Settings) -> None:
    secret = settings.secret_key
    if len(secret) < SHORTEST_SECRET or "demo" in secret.lower() or len(set(secret)) < 10:
        raise BadSettings(
            "SECRET_KEY must be set in production: 32 random characters or more, such as "
            "`python -c 'import secrets; print(secrets.token_hex(32))'` prints."
        )
    if not settings.secure_cookies:
        raise BadSettings("BASE_URL must begin with https:// in production.")
    if settings.mail == "letterbox":
        raise BadSettings("MAIL=letterbox shows letters on a page; it is for the demo only.")


def _kept_secret(data_dir: Path) -> str:
    """A random secret, made at the first start and the same for every process after it."""
    path = data_dir / "keys" / "secret_key"
    for folder in (data_dir, path.parent):  # the mode counts for the last of a path alone
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        # A link appears whole or not at all: two first starts at once agree on one secret.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
