"""Settings: read once, checked, and strict where people depend on it."""

from pathlib import Path

import pytest

from core.settings import BadSettings, Settings

PRODUCTION = {
    "KITH_ENV": "production",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "BASE_URL": "https://kith.example",
}


def test_with_nothing_set_it_is_the_demo_on_an_embedded_database(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)})
    assert settings.is_demo
    assert settings.database_url == f"sqlite:///{tmp_path / 'kith.db'}"
    assert settings.transport == "letterbox"


def test_the_demo_keeps_its_secret_from_start_to_start(tmp_path: Path) -> None:
    first = Settings.from_env({"DATA_DIR": str(tmp_path)})
    again = Settings.from_env({"DATA_DIR": str(tmp_path)})
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "keys" / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.asvs("13.2.3")
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "demo-demo-demo-demo-demo-demo-demo-demo"}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"BASE_URL": "http://kith.example"}, "https"),
        ({"MAIL": "letterbox"}, "letterbox"),
    ],
)
def test_production_refuses_to_start_with_what_the_demo_may_do(
    tmp_path: Path, change: dict[str, str], complaint: str
) -> None:
    Settings.from_env({**PRODUCTION, "DATA_DIR": str(tmp_path)})
    with pytest.raises(BadSettings, match=complaint):
        Settings.from_env({**PRODUCTION, "DATA_DIR": str(tmp_path), **change})


@pytest.mark.parametrize(
    "wrong",
    [
        {"KITH_ENV": "staging"},
        {"DATABASE_URL": "mysql://x"},
        {"MAIL": "pigeon"},
        {"SMTP_PORT": "many"},
        {"SMTP_STARTTLS": "perhaps"},
        {"THEME": "brand"},
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=next(iter(wrong))):
        Settings.from_env({"DATA_DIR": str(tmp_path), **wrong})
