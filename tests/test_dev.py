"""The packages that `./dev` installs for each command, with a fake Python that records them."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STUB = """#!/bin/sh
case "$1 $2" in
    "-c "*) echo 3.11 ;;
    "-m venv")
        [ "$3" != --clear ] || rm -rf "$4"
        for last in "$@"; do :; done
        mkdir -p "$last/bin" "$last/lib"
        cp "$0" "$last/bin/python"
        touch "$last/pip" ;;
    "-m pip")
        there=$(dirname "$0")/..
        [ -e "$there/pip" ] || exit 1
        [ "$3" != --version ] || exit 0
        locks=
        for word in "$@"; do
            case $word in
                requirements/*.txt) word=${word##*/} && locks="$locks+${word%.txt}" ;;
            esac
        done
        [ -z "$locks" ] || { echo "${locks#+}" >>installed; exit 0; }
        for name in onnews pytest; do
            printf '#!%s/bin/python\n' "$(cd "$there" && pwd -P)" >"$there/bin/$name"
            chmod +x "$there/bin/$name"
        done ;;
esac
"""
SERVER, DEMO, DEVELOPER = "build+run", "build+run+playground", "build+run+playground+dev"
"""What is installed for whom: names of locks."""


class Clone:
    """A fresh clone of the project, or an existing folder with one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.is_dir() and any(folder.iterdir()):
            return
        for name in ("deploy", "requirements", "names"):
            (folder / name).mkdir()
        for name in ("dev", "deploy/install", "pyproject.toml", "requirements/run.txt"):
            shutil.copy(ROOT / name, folder / name)
        stub = folder / "names" / "python3.11"
        stub.write_text(STUB)
        stub.chmod(0o755)

    def type(self, *words: str, script: str = "./dev", **environment: str) -> list[str]:
        """Type a command, and return the sets of packages installed so far."""
        subprocess.run(  # noqa: S603  # the project's own script
            [script, *words],
            cwd=self.folder,
            env={"PATH": f"{self.folder / 'names'}:/usr/bin:/bin", **environment},
            check=True,
            capture_output=True,
        )
        noted = self.folder / "installed"
        return noted.read_text().split() if noted.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_dev_installs_no_test_tools_on_a_server(clone: Clone) -> None:
    assert clone.type("help") == []
    assert clone.type("run") == [SERVER]
    assert clone.type("onnews", "health") == [SERVER]
    assert clone.type("demo") == [SERVER, DEMO]
    assert clone.type("run") == [SERVER, DEMO]
    assert clone.type("test") == [SERVER, DEMO, DEVELOPER]


def test_dev_never_removes_packages_for_a_command_that_needs_fewer(clone: Clone) -> None:
    for command in ("test", "run", "demo", "test"):
        assert clone.type(command) == [DEVELOPER]
    with (clone.folder / "requirements" / "run.txt").open("a") as pins:
        pins.write("# another pin\n")
    assert clone.type("run") == [DEVELOPER, SERVER]
    assert clone.type("test") == [DEVELOPER, SERVER, DEVELOPER]


def test_dev_makes_a_separate_environment_for_a_named_python(clone: Clone) -> None:
    python = str(clone.folder / "names" / "python3.11")
    assert clone.type("test") == [DEVELOPER]
    assert clone.type("test", PYTHON=python) == [DEVELOPER, DEVELOPER]
    assert clone.type("test", PYTHON=python) == [DEVELOPER, DEVELOPER]
    assert clone.type("test") == [DEVELOPER, DEVELOPER]
    assert (clone.folder / ".venv-3.11/bin/pytest").exists()


def test_an_environment_without_pip_is_made_again(clone: Clone) -> None:
    for place, words, script in (
        (".venv", ("run",), "./dev"),
        ("program", ("program",), "deploy/install"),
    ):
        python = clone.folder / place / "bin" / "python"
        python.parent.mkdir(parents=True)
        shutil.copy(clone.folder / "names" / "python3.11", python)
        assert clone.type(*words, script=script)[-1].endswith("run")
        assert (clone.folder / place / "pip").exists()


def test_a_copied_folder_gets_its_own_environment(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = Clone(tmp_path / "first")
    assert first.type("test") == [DEVELOPER]
    shutil.copytree(first.folder, tmp_path / "copy")
    copy = Clone(tmp_path / "copy")
    assert copy.type("run") == [DEVELOPER, SERVER]
    assert copy.type("test") == [DEVELOPER, SERVER, DEVELOPER]
    assert str(copy.folder) in (copy.folder / ".venv/bin/onnews").read_text()
    assert first.type("test") == [DEVELOPER]


def test_the_wheel_and_the_image_hold_every_package_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    # The stand-in for Telegram is a product of its own: the demo runs from a checkout.
    floors = set(project["importlinter"]["root_packages"]) - {"playground"}
    assert set(project["hatch"]["build"]["targets"]["wheel"]["packages"]) == floors
    context = (ROOT / ".dockerignore").read_text().split()
    beside = {"deploy/install", "pyproject.toml", "README.md", "LICENSE", "NOTICE"}
    beside |= {"requirements/run.txt", "requirements/build.txt"}
    assert floors | beside == {line[1:] for line in context if line.startswith("!")}
