"""The program imports exactly the packages that it declares."""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from deploy.bill import needs

ROOT = Path(__file__).parents[2]
OURS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage")


@cache
def imported(package: str) -> set[str]:
    """Return the foreign modules that the files of a package import anywhere."""
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {*OURS, "playground"}


@pytest.mark.parametrize(("packages", "extras"), [(OURS, ()), (("playground",), ("playground",))])
def test_every_module_that_is_imported_belongs_to_a_package_that_is_declared(
    packages: tuple[str, ...], extras: tuple[str, ...]
) -> None:
    declared = {need.name for need in needs("on-news", extras)}
    owners = packages_distributions()
    undeclared = {
        module
        for package in packages
        for module in imported(package)
        if not declared & {canonicalize_name(owner) for owner in owners.get(module, ())}
    }
    assert undeclared == set()


def test_every_package_that_is_declared_is_imported() -> None:
    owners = packages_distributions()
    used = {
        canonicalize_name(owner)
        for package in (*OURS, "playground")
        for module in imported(package)
        for owner in owners.get(module, ())
    }
    # Drivers that SQLAlchemy imports by name, the data of time zones, and a part of lxml.
    unseen = {"aiosqlite", "asyncpg", "tzdata", "lxml-html-clean"}
    assert {need.name for need in needs("on-news")} - used <= unseen
