"""The documentation against the program: what it lists is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.cli import main
from bot.settings import NAMES
from handlers.commands import COMMANDS

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


def picture() -> dict[str, set[str]]:
    """Floor → the names of Python files that its part of the picture of the house shows."""
    drawn = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    parts = re.split(r"^(\w+)/ ", drawn, flags=re.MULTILINE)[1:]
    names = {
        floor: set(re.findall(r"\b\w+\.py\b", part))
        for floor, part in zip(parts[::2], parts[1::2], strict=True)
    }
    return {floor: names[floor] for floor in FLOORS}


FLOORS = ("bot", "handlers", "digest", "news", "workers", "templates", "storage", "playground")
NOT_DRAWN = ("storage/migrations/", "storage/backup/", "playground/methods/")


def test_the_picture_of_the_house_shows_every_file_on_its_floor_and_no_other() -> None:
    files = {
        floor: {
            path.name
            for path in (ROOT / floor).rglob("*.py")
            if path.name != "__init__.py"
            and not path.relative_to(ROOT).as_posix().startswith(NOT_DRAWN)
        }
        for floor in FLOORS
    }
    assert picture() == files
