"""Installed packages, as their metadata and our table of licences describe them."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TABLE = (Path(__file__).parents[2] / "docs" / "licences.md").read_text()
_ROW = re.compile(r"^\| `([\w.-]+)` \| ([^|]+) \|", re.MULTILINE)
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


def run_with() -> dict[str, Distribution]:
    """Return all packages that ON News needs to run on this Python, by name."""
    seen: set[Needed] = set()
    waiting = needs("on-news")
    while waiting:
        need = waiting.pop()
        seen.add(need)
        waiting |= needs(need.name, need.extras) - seen
    return {name: distribution(name) for name in sorted({need.name for need in seen})}


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


def listed() -> dict[str, str]:
    """Return package → licence, from the table."""
    return dict(_ROW.findall(TABLE))
