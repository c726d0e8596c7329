"""Tool for maintainers: print which packages run in production, as a CycloneDX inventory.

    python -m tools.sbom

Names and versions are those of requirements.txt; licences are what each package says of itself
where it is installed. The same requirements give the same file.
"""

import json
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "requirements.txt"
FILE = ROOT / "docs" / "assurance" / "sbom.json"
LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pinned() -> dict[str, str]:
    """Each package that is required, with its version."""
    found = LINE.finditer(PINNED.read_text(encoding="utf-8"))
    return {each["name"].lower(): each["version"] for each in found}


def listed() -> dict[str, str]:
    """Each package that the inventory names, with its version."""
    said = json.loads(FILE.read_text(encoding="utf-8"))
    return {each["name"]: each["version"] for each in said["components"]}


def inventory() -> dict[str, Any]:
    """The whole document."""
    components = [_component(name, version) for name, version in sorted(pinned().items())]
    told = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, told).urn,
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "kith", "name": "kith"},
            "licenses": [{"license": {"id": "Apache-2.0"}}],
        },
        "components": components,
        "dependencies": [{"ref": "kith", "dependsOn": [each["bom-ref"] for each in components]}],
    }


def _component(name: str, version: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name}@{version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "scope": "required",
    }
    said = metadata.metadata(name).json
    if "license_expression" in said:
        component["licenses"] = [{"expression": said["license_expression"]}]
    elif licences := _licences(list(said.get("classifier", [])), str(said.get("license", ""))):
        component["licenses"] = [{"license": {"name": each}} for each in licences]
    return component


def _licences(classifiers: list[str], said: str) -> list[str]:
    ends = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    named = [each for each in ends if each != "OSI Approved"]
    return named or ([said.splitlines()[0][:80]] if said.strip() else [])


def main() -> int:
    """Write the inventory."""
    FILE.write_text(json.dumps(inventory(), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
