"""A shell in which an operator types."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playground.server import Playground

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
LONG_ENOUGH = 60


class Terminal:
    """A shell in an empty folder, with a town whose newsstand has three feeds."""

    def __init__(self, town: Playground, folder: Path) -> None:
        self.town = town
        self.folder = folder
        self.feed = f"{town.url}/newsstand/motor.atom"
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": town.token,
            "TELEGRAM_API_URL": town.url,
            "DATABASE_URL": f"sqlite:///{folder}/onnews.db",
            "ALLOW_PRIVATE_SOURCES": "true",
        }

    async def start(self, *words: str, **env: str) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.folder,
            env={**self.env, **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, *words: str, status: int = 0, **env: str) -> str:
        process = await self.start(*words, **env)
        output, _ = await asyncio.wait_for(process.communicate(), LONG_ENOUGH)
        text = output.decode()
        assert process.returncode == status, text
        assert "Traceback" not in text
        assert self.town.token not in text
        return text


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with Playground() as town:
        yield Terminal(town, tmp_path)
