"""The bot starts without the parts of libraries that it does not use."""

from __future__ import annotations

import subprocess
import sys

START = """
import sys
from bot.process.imports import CONSOLE, ORM, lean_imports
with lean_imports():
    import bot.run
unused = {*CONSOLE, *ORM, "sqlalchemy.orm", "rapidfuzz", "alembic", "babel.messages"}
print(*sorted(unused & sys.modules.keys()))
import rich, sqlalchemy.orm
from sqlalchemy.ext.asyncio.session import AsyncSession
print(AsyncSession.__name__)
"""

LATER = """
import sys, rich, sqlalchemy.ext.asyncio
from bot.process.imports import lean_imports
with lean_imports():
    import rich
    from sqlalchemy.ext.asyncio import AsyncSession
print(AsyncSession.__name__, "rich" in sys.modules)
"""


def printed(program: str) -> list[str]:
    """Run a program in a process of its own, and return the lines that it prints."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_start_loads_no_part_that_it_does_not_use() -> None:
    assert printed(START) == ["", "AsyncSession"]


def test_parts_that_are_loaded_already_stay() -> None:
    assert printed(LATER) == ["AsyncSession True"]
