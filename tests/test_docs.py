"""The documentation agrees with the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.configuration.settings import NAMES
from docs import commands, tables
from handlers.entry.commands import COMMANDS
from news.filing import taxonomy
from news.sources.defaults import defaults
from storage.model import Kind
from templates.language.labels import LABELS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

LENGTHS = {"README.md": 110, "docs/architecture.md": 260}
"""The most lines that a document may have."""


@pytest.mark.parametrize("name", LENGTHS)
def test_a_document_stays_below_its_number_of_lines(name: str) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= LENGTHS[name]


def test_readers_md_lists_every_command_of_the_bot_and_no_other() -> None:
    listed = re.findall(r"^\| `/(\w+)", (DOCS / "readers.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_every_button_that_readers_md_names_in_bold_exists() -> None:
    named = set(re.findall(r"\*\*([^*]+)\*\*", (DOCS / "readers.md").read_text()))
    one_or_many = (
        (text,) if isinstance(text, str) else (text.one, text.many) for text in LABELS.values()
    )
    assert named <= {label for labels in one_or_many for label in labels}


def test_commands_md_is_generated_from_the_current_command_line() -> None:
    text = commands.FILE.read_text()
    assert commands.page(text) == text, "docs/commands.md is out of date: ./dev docs writes it"


def test_privacy_md_lists_every_table_as_it_is_declared() -> None:
    text = tables.FILE.read_text()
    assert tables.page(text) == text, "docs/privacy.md is out of date: ./dev docs writes it"


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/(\w+\.md)\)", (ROOT / "README.md").read_text()))
    assert linked == {page.name for page in DOCS.glob("*.md")}


def test_the_readme_and_the_changelog_state_the_true_counts_of_houses_and_sources() -> None:
    houses = len(taxonomy.load().by_kind(Kind.HOUSE))
    for name in ("README.md", "CHANGELOG.md"):
        text = " ".join((ROOT / name).read_text().split())
        assert f"{houses} houses" in text, name
        assert f"{len(defaults())} sources" in text, name


def headings(page: Path) -> set[str]:
    """Return the fragments by which a page's headings can be linked, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_heading_that_the_documents_link_exists() -> None:
    for document in DOCUMENTS:
        for path, fragment in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", document.read_text()):
            target = (document.parent / path) if path else document
            assert fragment in headings(target), f"{document.name} links {path}#{fragment}"


NAMED = re.compile(
    r"(?:bot|handlers|digest|news|workers|templates|storage|playground|tests|train|bench|deploy)/[\w./-]*"
)
"""A path of the project, where a code span is nothing else or has it among its words."""


def test_every_file_that_the_documents_name_exists() -> None:
    for document in DOCUMENTS:
        text = document.read_text()
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name} links {link}"
        for span in re.findall(r"`([^`\n]+)`", text):
            for path in filter(NAMED.fullmatch, span.split()):
                assert (ROOT / path).exists(), f"{document.name} names {path}"


def test_every_bench_that_the_documents_name_exists() -> None:
    for document in DOCUMENTS:
        for name in re.findall(r"\./dev bench ([a-z]+)", document.read_text()):
            assert (ROOT / "bench" / f"{name}.py").exists(), f"{document.name} names bench {name}"


NO_SETTINGS = {"POSTGRES_PASSWORD", "TEST_DATABASE_URL"}
"""Names of variables that the compose file and the tests read, not the bot."""


def test_every_setting_that_the_documents_name_exists() -> None:
    for document in (ROOT / "README.md", *DOCS.glob("*.md")):
        named = set(re.findall(r"`([A-Z]+_[A-Z_]+)=?", document.read_text()))
        assert named <= {*NAMES, *NO_SETTINGS}, document.name


def drawings() -> list[str]:
    """Return the blocks of architecture.md between fences: the picture, then the layers."""
    return (DOCS / "architecture.md").read_text().split("```")[1::2]


def picture() -> set[str]:
    """Return the folders that the picture in architecture.md draws, as paths from the root."""
    found, above = set(), [""]
    for indent, name in re.findall(r"^( *)(\w+)/ ", drawings()[0], re.MULTILINE):
        above[len(indent) // 2 :] = [name]
        found.add("/".join(above))
    return found


def test_the_layers_in_architecture_md_are_those_that_import_linter_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    held = {
        each.get("containers", ["all"])[0]: each["layers"]
        for each in project["contracts"]
        if each["type"] == "layers" and each["layers"][0] != "news.newsroom"
    }
    lines = [line.split(maxsplit=1) for line in drawings()[1].strip().splitlines()]
    assert {name: layers.split(" > ") for name, layers in lines} == held


FLOORS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground")


def has_files(folder: Path) -> bool:
    """Return whether a folder has more than what Python left of another branch's package."""
    return any(each.is_file() and "__pycache__" not in each.parts for each in folder.rglob("*"))


def test_the_picture_in_architecture_md_draws_every_package_and_no_other() -> None:
    rooms = {
        folder.relative_to(ROOT).as_posix()
        for floor in FLOORS
        for folder in [ROOT / floor, *(ROOT / floor).rglob("*")]
        if folder.is_dir() and folder.name not in {"__pycache__", "locales"} and has_files(folder)
    }
    assert {path for path in picture() if path.split("/")[0] in FLOORS} == rooms


def test_no_folder_has_more_than_twenty_python_files() -> None:
    folders: dict[Path, int] = {}
    for floor in ROOMS:
        for path in (ROOT / floor).rglob("*.py"):
            folders[path.parent] = folders.get(path.parent, 0) + 1
    # Alembic needs a file for each revision.
    assert [
        str(folder) for folder, files in folders.items() if files > 20 and folder.name != "versions"
    ] == []


ROOMS = (
    *("bot", "digest", "handlers", "news", "playground", "storage", "templates", "workers"),
    *("tests/bot", "tests/digest", "tests/handlers", "tests/news", "tests/playground"),
    *("tests/storage", "tests/templates"),
)
