"""Names that are no settings, though somebody meant them to be; and who else reads the file."""

from __future__ import annotations

import re
import stat
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.settings import NAMES, senseless, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OTHERS = re.compile(r"TZ|LANG|LC_\w+|PATH|\w+_PROXY|(?:PYTHON|COMPOSE_|POSTGRES_|PG|DOCKER_)\w*")
"""Names in `.env` that are other programs'."""
RETIRED = frozenset({"EDITOR_IDS"})
"""Settings of earlier versions; what an old `.env` still says of them does nothing."""
CORRECT = "write it as in .env.example, or take it out"
"""What to do about a line that cannot be understood."""
_NAMED = 5
"""Lines that are named one by one."""


def unknown(env_file: Path) -> list[tuple[str, str | None]]:
    """The names in an `.env` that are no settings: each with the one that it may stand for.

    A setting of an earlier version stands for none.

    Raises:
        SettingError: The file cannot be read.
    """
    return [
        (name, _meant(name, 0.75))
        for name in written(env_file)
        if name not in NAMES and not _OTHERS.fullmatch(name.upper())
    ]


def misspelt(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names in the environment that are a setting's but for a letter or two, each with that one.

    What else the environment has is other programs'.
    """
    found = (
        (name, _meant(name, 0.85))
        for name in environ
        if name.upper() not in NAMES and not _OTHERS.fullmatch(name.upper())
    )
    return [(name, near) for name, near in found if near]


def _meant(name: str, closeness: float) -> str | None:
    if name.upper() in RETIRED:
        return None
    return next(iter(get_close_matches(name.upper(), NAMES, 1, closeness)), None)


def left_out(env_file: Path) -> str | None:
    """What is said of the lines in an `.env` that cannot be understood; None where there are none.

    Raises:
        SettingError: The file cannot be read.
    """
    lines = senseless(env_file)
    if not lines:
        return None
    if len(lines) == 1:
        return f"line {lines[0]} of {env_file} is no NAME=value, and does nothing"
    named = ", ".join(map(str, lines[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"lines {named}{more} of {env_file} are no NAME=value, and do nothing"


def others_can_read(path: Path) -> bool:
    """Whether other users of this machine may read a file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def remarks(env_file: Path | None) -> list[str]:
    """What an operator should know of an `.env`, each in a line: wrong names, and who reads it."""
    if env_file is None:
        return []
    broken = left_out(env_file)
    lines = [f"{broken}; {CORRECT}"] if broken else []
    for name, near in unknown(env_file):
        if name.upper() in RETIRED:
            lines.append(f"{name} in {env_file} does nothing any more; take the line out")
            continue
        meant = f"; did you mean {near}?" if near else "; .env.example lists them all"
        lines.append(f"{name} in {env_file} is no setting of ON News{meant}")
    if others_can_read(env_file):
        lines.append(f"others on this machine can read {env_file}; chmod 600 {env_file}")
    return lines
