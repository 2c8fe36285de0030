"""The documentation against the program: what it lists is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.cli.cli import main
from bot.configuration.settings import NAMES
from handlers.entry.commands import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_readme_lists_every_command_of_the_bot_and_no_other() -> None:
    listed = re.findall(r"^\| `/(\w+)", README, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def commands(group: click.Group, prefix: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix} {name}")
        else:
            found.append(f"{prefix} {name}")
    return found


def test_the_readme_lists_every_command_of_the_terminal_and_no_other() -> None:
    listed = re.findall(r"^\| `(onnews[a-z ]*[a-z])", README, re.MULTILINE)
    assert sorted(listed) == sorted(commands(main, "onnews"))


def options(group: click.Group, prefix: str) -> list[tuple[str, str]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += options(command, f"{prefix} {name}")
        else:
            given = (each for each in command.params if isinstance(each, click.Option))
            found += [(f"{prefix} {name}", max(each.opts, key=len)) for each in given]
    return found


def test_the_readme_tells_of_every_option() -> None:
    rows = {line.split("`")[1]: line for line in README.splitlines() if line.startswith("| `onn")}
    for command, option in options(main, "onnews"):
        (line,) = (each for name, each in rows.items() if f"{name} ".startswith(f"{command} "))
        short = {"--category": "`-c "}.get(option, f"`{option}")
        assert option in line or short in line, f"{command} {option}"


def test_every_file_that_the_documents_name_is_there() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = document.read_text()
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name} links {link}"
        named = re.findall(
            r"`((?:bot|handlers|digest|news|workers|templates|storage|playground)/[\w./]*)`", text
        )
        for path in named:
            assert (ROOT / path).exists(), f"{document.name} names {path}"


def test_every_measurement_that_the_documents_name_can_be_run() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for name in re.findall(r"\./dev bench ([a-z]+)", document.read_text()):
            assert (ROOT / "bench" / f"{name}.py").exists(), f"{document.name} names bench {name}"


def test_settings_that_the_readme_names_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)=?`", README))
    assert named <= set(NAMES)


def picture() -> set[str]:
    """The folders that the picture of the house draws, as paths from its root."""
    drawn = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    found, above = set(), [""]
    for indent, name in re.findall(r"^( *)(\w+)/ ", drawn, re.MULTILINE):
        above[len(indent) // 2 :] = [name]
        found.add("/".join(above))
    return found


FLOORS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground")


def test_the_picture_of_the_house_draws_every_room_and_no_other() -> None:
    rooms = {
        folder.relative_to(ROOT).as_posix()
        for floor in FLOORS
        for folder in [ROOT / floor, *(ROOT / floor).rglob("*")]
        if folder.is_dir() and folder.name not in {"__pycache__", "locales"}
    }
    assert {path for path in picture() if path.split("/")[0] in FLOORS} == rooms


def test_no_folder_has_more_than_twenty_python_files() -> None:
    folders: dict[Path, int] = {}
    for floor in ROOMS:
        for path in (ROOT / floor).rglob("*.py"):
            folders[path.parent] = folders.get(path.parent, 0) + 1
    # Of Alembic's revisions there are as many as there were changes.
    assert [
        str(folder) for folder, files in folders.items() if files > 20 and folder.name != "versions"
    ] == []


ROOMS = (
    *("bot", "digest", "handlers", "news", "playground", "storage", "templates", "workers"),
    *("tests/bot", "tests/digest", "tests/handlers", "tests/news", "tests/playground"),
    *("tests/storage", "tests/templates"),
)
