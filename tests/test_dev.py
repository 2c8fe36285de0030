"""What `./dev` installs for which command, with a Python that only notes what it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STUB = """#!/bin/sh
case "$1 $2" in
    "-c "*) exit 0 ;;
    "-m venv")
        [ "$3" != --clear ] || rm -rf .venv
        for last in "$@"; do :; done
        mkdir -p "$last/bin"
        cp "$0" "$last/bin/python"
        touch "$last/pip" ;;
    "-m pip")
        there=$(dirname "$0")/..
        [ -e "$there/pip" ] || exit 1
        [ "$3" != --version ] || exit 0
        for last in "$@"; do :; done
        echo "$last" >>installed
        for name in onnews pytest; do
            printf '#!%s/bin/python\n' "$(cd "$there" && pwd -P)" >"$there/bin/$name"
            chmod +x "$there/bin/$name"
        done ;;
esac
"""


class Clone:
    """A fresh clone of the project, or a folder that is one already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.is_dir() and any(folder.iterdir()):
            return
        (folder / "deploy").mkdir()
        for name in ("dev", "deploy/install", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder / name)
        stub = folder / "stub"
        stub.write_text(STUB)
        stub.chmod(0o755)

    def type(self, *words: str, script: str = "./dev") -> list[str]:
        """Type a command; what has been installed by then."""
        subprocess.run(  # noqa: S603  # the project's own script
            [script, *words],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "PYTHON": str(self.folder / "stub")},
            check=True,
            capture_output=True,
        )
        noted = self.folder / "installed"
        return noted.read_text().split() if noted.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_a_server_gets_what_it_needs_and_no_test_tool(clone: Clone) -> None:
    assert clone.type("help") == []
    assert clone.type("run") == ["."]
    assert clone.type("onnews", "health") == ["."]
    assert clone.type("demo") == [".", ".[playground]"]
    assert clone.type("run") == [".", ".[playground]"]
    assert clone.type("test") == [".", ".[playground]", ".[dev]"]


def test_what_a_developer_has_is_never_taken_away_for_less(clone: Clone) -> None:
    for command in ("test", "run", "demo", "test"):
        assert clone.type(command) == [".[dev]"]
    with (clone.folder / "constraints.txt").open("a") as pins:
        pins.write("# another pin\n")
    assert clone.type("run") == [".[dev]", "."]
    assert clone.type("test") == [".[dev]", ".", ".[dev]"]


def test_an_environment_that_was_broken_off_before_it_had_pip_is_made_anew(clone: Clone) -> None:
    for place, words, script in (
        (".venv", ("run",), "./dev"),
        ("program", ("program",), "deploy/install"),
    ):
        python = clone.folder / place / "bin" / "python"
        python.parent.mkdir(parents=True)
        shutil.copy(clone.folder / "stub", python)
        assert clone.type(*words, script=script)[-1] == "."
        assert (clone.folder / place / "pip").exists()


def test_a_folder_that_was_moved_or_copied_gets_an_environment_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = Clone(tmp_path / "first")
    assert first.type("test") == [".[dev]"]
    shutil.copytree(first.folder, tmp_path / "copy")
    copy = Clone(tmp_path / "copy")
    assert copy.type("run") == [".[dev]", "."]
    assert copy.type("test") == [".[dev]", ".", ".[dev]"]
    assert str(copy.folder) in (copy.folder / ".venv/bin/onnews").read_text()
    assert first.type("test") == [".[dev]"]


def test_a_wheel_and_an_image_hold_every_floor_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    floors = set(project["importlinter"]["root_packages"])
    assert set(project["hatch"]["build"]["targets"]["wheel"]["packages"]) == floors
    context = (ROOT / ".dockerignore").read_text().split()
    beside = {
        "deploy/install",
        "constraints.txt",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "NOTICE",
    }
    assert floors | beside == {line[1:] for line in context if line.startswith("!")}
