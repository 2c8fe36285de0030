"""What runs with ON News, as CycloneDX, with the licence and the hashes of each package.

`python -m deploy.bill WHEEL` prints it for a wheel of ON News, dated by SOURCE_DATE_EPOCH. The
hashes are those that `requirements/run.txt` allows, of the files for all systems.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "on-news"
LOCK = Path(__file__).parents[1] / "requirements" / "run.txt"
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "LGPL": "LGPL-3.0-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The BSD 2-Clause License": "BSD-2-Clause",
}
"""Licence names of packages without a licence expression → the expression."""


class Needed(NamedTuple):
    """A package that another one requires."""

    name: str
    extras: tuple[str, ...]


def needs(name: str, extras: tuple[str, ...] = ()) -> set[Needed]:
    """Return the packages that a package requires on this Python, with some of its extras."""
    found = set()
    for line in distribution(name).requires or ():
        need = Requirement(line)
        if need.marker is None or any(
            need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            found.add(Needed(canonicalize_name(need.name), tuple(sorted(need.extras))))
    return found


def requirements() -> dict[str, set[str]]:
    """Return ON News and each package that it needs to run on this Python → what that requires."""
    found: dict[str, set[str]] = {}
    waiting, seen = {Needed(OURS, ())}, set[Needed]()
    while waiting:
        need = waiting.pop()
        seen.add(need)
        required = needs(need.name, need.extras)
        found.setdefault(need.name, set()).update(each.name for each in required)
        waiting |= required - seen
    return found


def run_with() -> dict[str, Distribution]:
    """Return all packages that ON News needs to run on this Python, by name."""
    return {name: distribution(name) for name in sorted(requirements()) if name != OURS}


def licence_of(package: Distribution) -> str:
    """Return a package's licence from its metadata, as an SPDX expression if possible."""
    described = package.metadata.json
    named = [
        line.rpartition(" :: ")[2]
        for line in described.get("classifier", [])
        if line.startswith("License")
    ]
    word = str(
        described.get("license_expression") or described.get("license") or (named or [""])[0]
    )
    return _SPDX.get(word, word)


def locked_hashes() -> dict[tuple[str, str], list[str]]:
    """Return name and version of each locked package → the SHA-256 hashes of its files."""
    found: dict[tuple[str, str], list[str]] = {}
    hashes: list[str] = []
    for line in LOCK.read_text().splitlines():
        name, is_pin, version = line.partition(" ")[0].partition("==")
        if is_pin:
            hashes = found[name, version] = []
        elif line.lstrip().startswith("--hash=sha256:"):
            hashes.append(line.partition("sha256:")[2].partition(" ")[0])
    return found


def bill(wheel: Path, moment: datetime) -> dict[str, Any]:
    """Return the bill of materials of a release, as CycloneDX's JSON.

    Args:
        wheel: ON News itself.
        moment: When the release was made.

    Raises:
        KeyError: The lock does not have an installed package in its version.
    """
    pins = locked_hashes()
    required = requirements()
    ours = _component(OURS, [hashlib.sha256(wheel.read_bytes()).hexdigest()])
    others = [_component(name, pins[name, package.version]) for name, package in run_with().items()]
    refs = {each["name"]: each["bom-ref"] for each in (ours, *others)}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat(timespec="seconds"),
            "component": {**ours, "type": "application"},
        },
        "components": others,
        "dependencies": [
            {"ref": refs[name], "dependsOn": sorted(refs[each] for each in required[name])}
            for name in sorted(required)
        ],
    }


def _component(name: str, hashes: list[str]) -> dict[str, Any]:
    package = distribution(name)
    purl = f"pkg:pypi/{name}@{package.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": package.version,
        "purl": purl,
        "licenses": [{"expression": licence_of(package)}],
        "hashes": [{"alg": "SHA-256", "content": each} for each in hashes],
    }


if __name__ == "__main__":
    made = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    sys.stdout.write(json.dumps(bill(Path(sys.argv[1]), made), indent=2) + "\n")
