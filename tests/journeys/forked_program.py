"""The program of a journey's replicas, whose processes are forked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from bench.rigs.replicas.earlier import Program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.rigs.replicas.earlier import Running
    from tests.plugins.fork_server import ForkServer


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkedProgram(Program):
    """This program, each of whose processes is forked from one that has loaded it."""

    fork_server: ForkServer

    async def start(
        self, *words: str, cwd: Path, env: Mapping[str, str], output: IO[bytes]
    ) -> Running:
        whole = {**self.env(), **env}
        return await self.fork_server.start(*words, cwd=cwd, env=whole, output=output.fileno())
