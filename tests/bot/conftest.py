"""A shell in which tests type commands."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.composition import Archive
from bot.configuration.settings import Settings
from playground.server import Playground

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from tests.plugins.fork_server import Forked, ForkServer

ROOT = Path(__file__).parents[2]
LONG_ENOUGH = 120
PACKS = ("en", "wine")
"""The packs of default sources that commands begin with: two sources, whose feeds are not there."""


class Terminal:
    """A shell in an empty folder, with a playground whose newsstand has three feeds."""

    def __init__(
        self, town: Playground, folder: Path, fork_server: ForkServer, new_archive: Path
    ) -> None:
        self.town = town
        self.folder = folder
        self.fork_server = fork_server
        self._new_archive = new_archive
        # So that none of the project's own is read.
        env_file = folder / ".env"
        env_file.touch(mode=0o600)
        self.feed = f"{town.url}/newsstand/motor.atom"
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": town.token,
            "TELEGRAM_API_URL": town.url,
            "DATABASE_URL": f"sqlite:///{folder}/onnews.db",
            "ALLOW_PRIVATE_SOURCES": "true",
            "SOURCE_PACKS": ",".join(PACKS),
        }

    def make(self, name: str = "onnews.db") -> Path:
        """Create a database with the sources of `PACKS`, and return its file."""
        return Path(shutil.copy(self._new_archive, self.folder / name))

    async def start(
        self,
        *words: str,
        output: int | None = None,
        errors: int | None = None,
        modules: Path | None = None,
        largest: int | None = None,
        descriptors: int | None = None,
        **env: str,
    ) -> Forked:
        """Start a command.

        Args:
            words: The words that are typed.
            output: The file that gets its output; without it, `stdout` of the process.
            errors: The file that gets its standard error separately.
            modules: The folder whose modules it imports before any of that name elsewhere.
            largest: The most bytes that a file may have, as on a full disk.
            descriptors: The most descriptors that it may have open.
            env: Settings of its environment.
        """
        return await self.fork_server.start(
            *words,
            cwd=self.folder,
            env={**self.env, **env},
            output=output,
            errors=errors,
            modules=modules,
            largest=largest,
            descriptors=descriptors,
        )

    async def start_anew(self, *words: str, into: int | None = None, **env: str) -> Process:
        """Start a command in a new Python process, as a shell does.

        Args:
            words: The words that are typed.
            into: The file that gets its standard output.
            env: Settings of its environment.
        """
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.folder,
            env={**self.env, **env},
            stdout=asyncio.subprocess.PIPE if into is None else into,
            stderr=asyncio.subprocess.STDOUT if into is None else asyncio.subprocess.PIPE,
        )

    async def run(
        self,
        *words: str,
        status: int = 0,
        modules: Path | None = None,
        largest: int | None = None,
        **env: str,
    ) -> str:
        process: Forked | Process
        # Some settings Python itself reads, as it starts.
        if any(name.startswith("PYTHON") for name in env):
            process = await self.start_anew(*words, into=None, **env)
        else:
            process = await self.start(
                *words,
                output=None,
                errors=None,
                modules=modules,
                largest=largest,
                descriptors=None,
                **env,
            )
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
        text = output.decode()
        assert process.returncode == status, text
        assert "Traceback" not in text
        assert self.town.token not in text
        return text


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the time limits of health checks, which other tests on the machine may delay."""
    for module in ("watching.process_health", "serving.web"):
        monkeypatch.setattr(f"bot.{module}.PATIENCE", LONG_ENOUGH)


@pytest.fixture
async def town() -> AsyncIterator[Playground]:
    async with Playground() as town:
        yield town


@pytest.fixture(scope="session")
def new_archive(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with the sources of `PACKS`, to be copied."""
    path = tmp_path_factory.mktemp("new") / "onnews.db"
    shutil.copy(sqlite_template, path)

    async def seed() -> None:
        opened = Archive(Settings(database_url=f"sqlite:///{path}", source_packs=PACKS))
        await opened.open()
        await opened.close()

    asyncio.run(seed())
    return path


@pytest.fixture
async def terminal(
    tmp_path: Path, fork_server: ForkServer, new_archive: Path
) -> AsyncIterator[Terminal]:
    async with Playground() as town:
        yield Terminal(town, tmp_path, fork_server, new_archive)
