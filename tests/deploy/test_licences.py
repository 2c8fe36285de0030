"""The licences of ON News and of its packages."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.licenses import canonicalize_license_expression

from deploy.bill import licence_of, run_with
from tests.deploy.installed import TABLE, listed

ROOT = Path(__file__).parents[2]
NOTICE = (ROOT / "NOTICE").read_text()
_PROSE = re.compile(r"[^<>&\[\]\"\\{}=]{200,}")
_ITEM = re.compile(r"<(?:item|entry)\b")


def test_the_table_has_the_licence_of_every_package_that_the_program_runs_with() -> None:
    installed = {package.metadata["Name"]: licence_of(package) for package in run_with().values()}
    table = listed()
    missing = [
        f"| `{name}` | {licence} |"
        for name, licence in installed.items()
        if table.get(name) != licence
    ]
    assert not missing, "\n".join(["docs/licences.md lacks:", *missing])


def choices(expression: str) -> list[str]:
    """Return the alternatives of a licence expression."""
    return canonicalize_license_expression(expression).split(" OR ")


def test_no_package_is_licensed_under_gpl_or_agpl_alone() -> None:
    for name, expression in listed().items():
        free = [
            choice
            for choice in choices(expression)
            if not any(part.startswith(("GPL", "AGPL")) for part in choice.split(" AND "))
        ]
        assert free, f"{name}: {expression}"


def test_packages_under_the_lgpl_are_named() -> None:
    lesser = {
        name for name, licence in listed().items() if all("LGPL" in c for c in choices(licence))
    }
    (line,) = re.findall(r"^\*\*LGPL\.\*\*.*?(?=\n\n)", TABLE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([\w.-]+)`", line)) == lesser


def test_the_licence_is_the_apache_licence_in_full() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith("Apache License\n                           Version 2.0")
    assert all(f"\n   {number}. " in text for number in range(1, 10))
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()


def test_every_file_that_the_notice_names_is_there() -> None:
    named = re.findall(r"[\w.-]+(?:/[\w.-]+)+\.\w+", re.sub(r"https://\S+", "", NOTICE))
    assert len(named) >= 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_samples_of_other_publishers_are_cut_short() -> None:
    samples = ROOT / "tests" / "news" / "samples"
    others = [
        path
        for folder in ("various", "newsrooms", "pages")
        for path in (samples / folder).iterdir()
    ]
    assert len(others) == 50
    long = {
        path.name: prose
        for path in others
        for prose in _PROSE.findall(path.read_text(encoding="latin-1"))
        if len(prose.split()) >= 30
    }
    assert long == {}
    items = {path.name: len(_ITEM.findall(path.read_text(encoding="latin-1"))) for path in others}
    assert {name: count for name, count in items.items() if count > 12} == {}
