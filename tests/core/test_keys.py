"""The root key: made once, refused when missing, and a new one taken up while running."""

from pathlib import Path

import pytest
from flask import Flask

from core import keys, sealing
from core.keys import KeyRing, KeyTrouble
from core.settings import Settings


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    keys.make_file(tmp_path / "root_key.json")
    return KeyRing(tmp_path / "root_key.json")


def _settings(folder: Path, env: str) -> Settings:
    return Settings(env=env, data_dir=folder, secret_key="x" * 40)


@pytest.mark.asvs("13.3.1")
def test_production_does_not_start_without_its_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="no key file at"):
        keys.init_app(Flask("kith"), _settings(tmp_path, "production"))
    assert not list(tmp_path.iterdir())


@pytest.mark.asvs("13.3.2")
def test_production_does_not_start_with_a_key_file_that_others_can_read(tmp_path: Path) -> None:
    path = keys.path_for(_settings(tmp_path, "production"))
    keys.make_file(path)
    path.chmod(0o640)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        keys.init_app(Flask("kith"), _settings(tmp_path, "production"))


def test_the_demo_makes_a_key_file_for_its_owner_alone_and_keeps_it(tmp_path: Path) -> None:
    path = keys.path_for(_settings(tmp_path, "demo"))
    keys.init_app(Flask("kith"), _settings(tmp_path, "demo"))
    first = path.read_text()
    keys.init_app(Flask("kith"), _settings(tmp_path, "demo"))
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{}", '{"base": "AA==", "roots": []}', "[]", "not json"])
def test_a_damaged_key_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "root_key.json"
    path.write_text(text)
    with pytest.raises(KeyTrouble, match="key file"):
        KeyRing(path)


def test_a_running_process_finds_a_root_that_another_process_made(ring: KeyRing) -> None:
    other = KeyRing(ring.path)
    new = other.add_root()
    assert ring.root(new.id) == new
    assert ring.newest() == new


@pytest.mark.asvs("11.2.2", "11.2.3")
def test_purposes_have_their_own_keys_and_a_new_root_leaves_them(ring: KeyRing) -> None:
    before = ring.derive("audit")
    assert before != ring.derive("backup")
    old = ring.newest().id
    ring.add_root()
    ring.forget_roots({old})
    assert ring.derive("audit") == before
    with pytest.raises(KeyTrouble, match=old.hex()):
        ring.root(old)


def test_the_newest_root_is_never_forgotten(ring: KeyRing) -> None:
    ring.forget_roots(set(ring.ids()))
    assert len(ring.ids()) == 1


@pytest.mark.asvs("11.3.3")
def test_a_sealed_value_opens_only_where_it_was_sealed(tmp_path: Path) -> None:
    app = Flask("kith")
    keys.init_app(app, _settings(tmp_path, "demo"))
    with app.app_context():
        sealed = sealing.seal(b"secret", purpose="totp", about="user.totp|1")
        assert b"secret" not in sealed
        assert sealing.unseal(sealed, purpose="totp", about="user.totp|1") == b"secret"
        for purpose, about in [("totp", "user.totp|2"), ("backup", "user.totp|1")]:
            with pytest.raises(sealing.Broken):
                sealing.unseal(sealed, purpose=purpose, about=about)
        for changed in [sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", b"\x02" + sealed[1:]]:
            with pytest.raises(sealing.Broken):
                sealing.unseal(changed, purpose="totp", about="user.totp|1")
