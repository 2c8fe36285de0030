"""The licences of ON News and of its packages. The bill of materials of a release. The program
imports exactly the packages that it declares. The locks in `requirements/` agree with
`pyproject.toml`, each other and what is installed. The contents of the wheel and of the source
archive.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.bill import licence_of, needs, run_with
from deploy.lock import LOCKS, SETS, wanted
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


def test_the_bill_has_the_licence_and_the_locked_hashes_of_each_package(tmp_path: Path) -> None:
    wheel = tmp_path / "on_news.whl"
    wheel.write_bytes(b"a wheel")
    printed = subprocess.run(  # noqa: S603  # this Python
        [sys.executable, "-m", "deploy.bill", str(wheel)],
        cwd=ROOT,
        env={"SOURCE_DATE_EPOCH": "1767225600"},
        capture_output=True,
        check=True,
    ).stdout
    made = json.loads(printed)
    ours, others = made["metadata"]["component"], made["components"]
    assert made["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"
    assert (ours["name"], ours["licenses"]) == ("on-news", [{"expression": "Apache-2.0"}])
    whole = hashlib.sha256(b"a wheel").hexdigest()
    assert ours["hashes"] == [{"alg": "SHA-256", "content": whole}]
    versions = {name: package.version for name, package in run_with().items()}
    assert {each["name"]: each["version"] for each in others} == versions
    licences = {canonicalize_name(name): licence for name, licence in listed().items()}
    lock = (ROOT / "requirements" / "run.txt").read_text()
    for each in others:
        assert each["licenses"] == [{"expression": licences[each["name"]]}]
        start = lock.index(f"\n{each['name']}=={each['version']}")
        block = re.split(r"\n(?=\S)", lock[start + 1 :], maxsplit=1)[0]
        locked = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
        assert [one["content"] for one in each["hashes"]] == locked != []
    refs = {ours["bom-ref"], *(each["bom-ref"] for each in others)}
    graph = {each["ref"]: each["dependsOn"] for each in made["dependencies"]}
    assert set(graph) == refs
    assert {each for needed in graph.values() for each in needed} == refs - {ours["bom-ref"]}


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


def held(builder: type[SdistBuilder | WheelBuilder]) -> set[str]:
    return {file.distribution_path for file in builder(str(ROOT)).recurse_included_files()}


@pytest.mark.parametrize("builder", [SdistBuilder, WheelBuilder])
def test_a_release_has_the_whole_program_and_no_test_data(
    builder: type[SdistBuilder | WheelBuilder],
) -> None:
    files = held(builder)
    assert {
        "bot/__init__.py",
        "handlers/typed/cities.tsv.gz",
        "news/text/language_model.gz",
        "templates/locales/it.po",
    } <= files
    left_out = {"tests", "train", "bench", "docs", "playground"}
    assert not {path for path in files if path.split("/")[0] in left_out}


def test_wheel_and_source_archive_carry_licence_and_notice() -> None:
    assert {"LICENSE", "NOTICE"} <= {*WheelBuilder(str(ROOT)).metadata.core.license_files}
