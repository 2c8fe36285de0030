"""What a check finds: well, worth knowing, or wrong; and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    """The bot works, but somebody should know."""
    ERROR = "error"
    """The bot does not work, or not all of it."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found.

    Attributes:
        name: What was looked at, such as `token`; several findings may share it.
        state: How it is.
        detail: What was found, in one line.
        remedy: What to do, in one line; empty where there is nothing to do.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Check:
    """All is well there."""
    return Check(name, State.OK, detail)


def warning(name: str, detail: str, remedy: str) -> Check:
    """Somebody should know."""
    return Check(name, State.WARNING, detail, remedy)


def error(name: str, detail: str, remedy: str) -> Check:
    """Something does not work."""
    return Check(name, State.ERROR, detail, remedy)


def of_database(failure: Exception, otherwise: str) -> Check:
    """What an error of the database says, and what it advises; `otherwise` where it does not."""
    detail, _, advice = str(failure).partition(". ")
    return error("database", detail, advice or otherwise)
