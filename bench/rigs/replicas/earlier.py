"""An earlier commit of this program, checked out and with an environment that fits it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from bench import RevisionError
from bench.harness.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

LOCK = "requirements/run.txt"
NEEDED = "storage/replicas/members.py"
"""A file that exists since several processes answer."""


class Running(Protocol):
    """A process that was started."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """The exit status; None while the process runs."""

    def send_signal(self, signal: int) -> None:
        """Send a signal."""

    async def wait(self) -> int:
        """Wait for the end of the process, and return its exit status."""


@dataclass(frozen=True, slots=True)
class Program:
    """A version of this program.

    Attributes:
        root: Its folder.
        python: The Python with the packages that it needs.
    """

    root: Path = ROOT
    python: str = sys.executable

    def env(self) -> Mapping[str, str]:
        """Return the variables with which its Python finds its code."""
        return {"PYTHONPATH": str(self.root), "PYTHONSAFEPATH": "1"}

    async def start(
        self, *words: str, cwd: Path, env: Mapping[str, str], output: IO[bytes]
    ) -> Running:
        """Start a command of the program, which prints into a file.

        Args:
            words: The words after `onnews`.
            cwd: Its folder.
            env: Its environment, without the variables of `env`.
            output: The file that gets its output and its errors.
        """
        return await asyncio.create_subprocess_exec(
            *(self.python, "-m", "bot", *words),
            cwd=cwd,
            env={**self.env(), **env},
            stdout=output,
            stderr=output,
        )

    async def run(self, script: str, *arguments: str) -> None:
        """Run a script with the program's code.

        Raises:
            RevisionError: It failed; the text has its last line.
        """
        process = await asyncio.create_subprocess_exec(
            self.python,
            *("-c", script, *arguments),
            env={"PATH": "/usr/bin:/bin", **self.env()},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        if process.returncode:
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise RevisionError(f"{self.root} does not do what this measurement needs: {last}")


HERE = Program()
"""The program as it is here."""


@asynccontextmanager
async def earlier(commit: str) -> AsyncIterator[Program]:
    """Check out a commit into a temporary folder, which is removed at the end.

    Its own packages are installed if its lock differs from the one here, which takes a minute.

    Raises:
        RevisionError: There is no such commit, or several processes did not answer at it.
    """
    name = _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    if not name:
        raise RevisionError(f"there is no commit {commit} here")
    if not _git("ls-tree", "-r", "--name-only", name, NEEDED):
        raise RevisionError(
            f"{commit} is before several processes answered one bot, so there are no replicas to "
            "replace; name a later commit"
        )
    with tempfile.TemporaryDirectory(prefix="onnews-earlier-") as folder:
        root = Path(folder) / "program"
        _git("worktree", "add", "--detach", str(root), name, check=True)
        try:
            yield Program(root, _python_for(root, Path(folder)))
        finally:
            _git("worktree", "remove", "--force", str(root))


def _python_for(root: Path, folder: Path) -> str:
    if (root / LOCK).read_bytes() == (ROOT / LOCK).read_bytes():
        return sys.executable
    venv = folder / "venv"
    # The measurement's own packages are those of here, below those of the commit.
    for words in (
        (sys.executable, "-m", "venv", "--system-site-packages", str(venv)),
        (
            str(venv / "bin/python"),
            "-m",
            "pip",
            "-q",
            "install",
            "--no-deps",
            "-r",
            str(root / LOCK),
        ),
    ):
        subprocess.run(words, check=True)  # fixed words
    return str(venv / "bin/python")


def _git(*words: str, check: bool = False) -> str:
    done = subprocess.run(  # a commit's name is one word
        ["git", *words],  # noqa: S607  # whichever git there is
        cwd=ROOT,
        check=check,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
