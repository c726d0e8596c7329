"""Ground floor: what this site is called and where it stands, for letters: they have no request."""

from core.settings import Settings

_here: list[Settings] = []


def set_up(settings: Settings) -> None:
    """Remember the settings. Called once, when the application is made."""
    _here[:] = [settings]


def name() -> str:
    """What the site is called."""
    return _here[0].site_name


def address(path: str) -> str:
    """The whole address of a page of ours, as a letter needs it."""
    return _here[0].base_url.rstrip("/") + path
