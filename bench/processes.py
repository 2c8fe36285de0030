"""Processes under measurement: started, watched from outside, and ended."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parent.parent


@asynccontextmanager
async def python(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> AsyncIterator[Process]:
    """Run this Python with other arguments; the process is ended on the way out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=cwd,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()


def peak_mib(pid: int) -> float:
    """The peak resident memory of a running process in MiB, as Linux accounts it (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"the system does not tell the peak memory of process {pid}")
    return int(match[1]) / 1024
