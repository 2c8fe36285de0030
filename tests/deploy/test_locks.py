"""The locks in `requirements/` agree with `pyproject.toml`, each other and what is installed."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.bill import run_with
from deploy.lock import LOCKS, SETS, wanted
from tests.deploy.installed import listed

_PIN = re.compile(
    r"^(\S+)==(\S+?)(?: ; ([^\\\n]+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}[ \\]*\n)+)",
    re.MULTILINE,
)


def pins(name: str) -> list[tuple[str, str, Requirement]]:
    """Return the pins of a lock: package, version, and its marker."""
    text = (LOCKS / f"{name}.txt").read_text()
    found: list[tuple[str, str, Requirement]] = [
        (
            canonicalize_name(package),
            version,
            Requirement(f"{package}; {marker}" if marker else package),
        )
        for package, version, marker, _ in _PIN.findall(text)
    ]
    assert len(found) == sum("==" in line and line[0].isalnum() for line in text.splitlines())
    return found


def here(name: str) -> dict[str, str]:
    """Return package → version on this Python and machine."""
    return {
        package: version
        for package, version, need in pins(name)
        if need.marker is None or need.marker.evaluate()
    }


@pytest.mark.parametrize("name", SETS)
def test_each_lock_satisfies_pyproject_toml(name: str) -> None:
    locked = here(name)
    for line in wanted(name):
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate():
            assert need.specifier.contains(locked[canonicalize_name(need.name)]), line


def test_every_set_of_packages_and_no_other_has_a_lock() -> None:
    project = tomllib.loads((LOCKS.parent / "pyproject.toml").read_text())["project"]
    assert {*SETS} == {"run", "build", *project["optional-dependencies"]}
    assert {path.stem for path in LOCKS.iterdir()} == {*SETS}


def test_a_package_has_the_same_version_in_every_lock() -> None:
    versions: dict[tuple[str, str], set[str]] = {}
    for name in SETS:
        for package, version, need in pins(name):
            versions.setdefault((package, str(need.marker)), set()).add(version)
    assert [each for each, found in versions.items() if len(found) > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_a_lock_names_no_host(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_installed_and_locked_packages_agree() -> None:
    assert {name: package.version for name, package in run_with().items()} == here("run")


def test_the_table_of_licences_lists_exactly_the_locked_packages() -> None:
    locked = {
        package
        for package, _, need in pins("run")
        if need.marker is None or "win32" not in str(need.marker)
    }
    assert {canonicalize_name(name) for name in listed()} == locked
