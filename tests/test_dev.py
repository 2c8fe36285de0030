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
        mkdir -p .venv/bin
        cp "$0" .venv/bin/python
        for name in onnews pytest; do printf '#!/bin/sh\\n' >.venv/bin/$name; done
        chmod +x .venv/bin/* ;;
    "-m pip") for last in "$@"; do :; done; echo "$last" >>installed ;;
esac
"""


class Clone:
    """A fresh clone of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("dev", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder / name)
        stub = folder / "stub"
        stub.write_text(STUB)
        stub.chmod(0o755)

    def type(self, *words: str) -> list[str]:
        """Type a command; what has been installed by then."""
        subprocess.run(  # noqa: S603  # the project's own script
            ["./dev", *words],
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


def test_a_wheel_and_an_image_hold_every_floor_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    floors = set(project["importlinter"]["root_packages"])
    assert set(project["hatch"]["build"]["targets"]["wheel"]["packages"]) == floors
    context = (ROOT / ".dockerignore").read_text().split()
    assert floors | {"deploy/install", "constraints.txt", "pyproject.toml", "README.md"} == {
        line[1:] for line in context if line.startswith("!")
    }
