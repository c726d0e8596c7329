"""The reference deployment is one that could be used: it parses, and asks only for what exists."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from core.settings import BadSettings, Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSED = sorted(DEPLOY.glob("compose*.yaml"))
KNOWN = {item.metadata["env"] for item in fields(Settings)}


def settings_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_example_settings_exist_and_lack_only_the_secret(tmp_path: Path) -> None:
    said = settings_in((DEPLOY / "kith.env").read_text())
    assert said.keys() <= KNOWN
    said |= {"DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    with pytest.raises(BadSettings, match="SECRET_KEY"):
        Settings.from_env(said)
    assert Settings.from_env(said | {"SECRET_KEY": "0123456789abcdef" * 4}).is_production


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_one_that_systemd_takes(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    for word in ("ProtectSystem=strict", "UMask=0077", "NoNewPrivileges=yes", "KillSignal=SIGTERM"):
        assert word in text
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd is not here")
    here = str(Path(sys.executable).parent / "flask")
    copy = tmp_path / unit.name
    copy.write_text(
        text.replace("/srv/kith/.venv/bin/flask", here).replace("WorkingDirectory=/srv/kith\n", "")
    )
    ran = subprocess.run(
        [checker, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert unit.name not in ran.stderr, ran.stderr


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_what_is_composed_holds_together(path: Path) -> None:
    said = yaml.safe_load(path.read_text())
    for name, service in said["services"].items():
        assert set(service.get("depends_on", [])) <= said["services"].keys(), name
        assert set(service.get("secrets", [])) <= said["secrets"].keys(), name
        named = [each.partition(":")[0] for each in service.get("volumes", [])]
        assert {each for each in named if not each.startswith((".", "/"))} <= said["volumes"].keys()
        if service["image"] == "kith":
            assert service["environment"].keys() <= KNOWN, name
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name


def test_the_proxy_keeps_and_logs_no_address() -> None:
    said = (DEPLOY / "nginx" / "kith.conf").read_text()
    form = next(line for line in said.splitlines() if line.startswith("log_format"))
    assert not re.search(r"\$(request\b|request_uri|uri|args|http_referer)", form)
    for word in ("Strict-Transport-Security", "proxy_cache off", "TLSv1.2 TLSv1.3;"):
        assert word in said
    assert said.count("{") == said.count("}")
    for line in said.splitlines():
        bare = line.partition("#")[0].rstrip()
        assert not bare or bare[-1] in ";{}", line
