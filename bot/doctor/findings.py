"""What a check finds: well, worth knowing, or wrong; and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    """The bot works, but somebody should know."""
    ERROR = "error"
    """The bot does not work, or not all of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found.

    Attributes:
        name: What was looked at, such as `token`; several findings may share it.
        state: How it is.
        detail: What was found, in one line.
        remedy: What to do, in one line; empty where there is nothing to do.
    """

    name: str
    state: Severity
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Finding:
    """All is well there."""
    return Finding(name, Severity.OK, detail)


def warning(name: str, detail: str, remedy: str) -> Finding:
    """Somebody should know."""
    return Finding(name, Severity.WARNING, detail, remedy)


def error(name: str, detail: str, remedy: str) -> Finding:
    """Something does not work."""
    return Finding(name, Severity.ERROR, detail, remedy)


def of_database(failure: Exception, otherwise: str) -> Finding:
    """What an error of the database says, and what it advises; `otherwise` where it does not."""
    detail, _, advice = str(failure).partition(". ")
    return error("database", detail, advice or otherwise)
