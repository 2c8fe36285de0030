"""The result of a check: fine, a warning or an error, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    """The bot works, but an operator should know about it."""
    ERROR = "error"
    """The bot does not work, or only in part."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check.

    `name` is what was checked, such as `token`; several findings may share it. `detail` and
    `remedy` are a line each; the latter is empty if there is nothing to do.
    """

    name: str
    state: Severity
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Finding:
    """Return a finding without a problem."""
    return Finding(name, Severity.OK, detail)


def warning(name: str, detail: str, remedy: str) -> Finding:
    """Return a finding that an operator should know about."""
    return Finding(name, Severity.WARNING, detail, remedy)


def error(name: str, detail: str, remedy: str) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(name, Severity.ERROR, detail, remedy)


def of_database(failure: Exception, otherwise: str) -> Finding:
    """Return an error from a database exception.

    The remedy is the advice in the exception's text, or `otherwise` if there is none.
    """
    detail, _, advice = str(failure).partition(". ")
    return error("database", detail, advice or otherwise)
