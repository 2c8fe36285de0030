"""Logging to standard error, as text or JSON, with the bot's token removed."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote

from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from types import TracebackType

HIDDEN = "<token>"

QUIET = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,  # warns of each tick skipped because the last one still runs
    "httpx": logging.WARNING,  # logs every URL at INFO; Telegram's URLs contain the token
    "aiosqlite": logging.INFO,
    "asyncio": logging.INFO,
    "telegram": logging.INFO,
    "trafilatura": logging.WARNING,
}
"""The lowest log level of libraries that log too much at lower levels."""


UPDATER = "telegram.ext.Updater"
"""The name of python-telegram-bot's logger for fetching updates."""
POLLING = "telegram.ext"
"""The name of python-telegram-bot's logger for the loop that fetches updates again and again."""


def redact(text: str, token: str) -> str:
    """Return a text without the token.

    The percent-encoded token and the part after its colon are removed too.
    """
    if not token:
        return text
    secret = token.partition(":")[2]
    # A short secret, such as a test's, may be an ordinary word elsewhere.
    parts = (token, quote(token, safe=""), *([secret] if len(secret) >= 16 else []))
    for part in parts:
        text = text.replace(part, HIDDEN)
    return text


def one_line(error: Exception) -> str:
    """Return what an error says in one line; errors of statements continue with their SQL."""
    return str(error).partition("\n")[0] or type(error).__name__


class InOneLine(logging.Filter):
    """A log filter that replaces the traceback of a Telegram error with one line at WARNING.

    The line has `%s` for the error.
    """

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True, so that the record is logged."""
        error = record.exc_info[1] if record.exc_info else None
        # Compares a name: importing the library would slow down `onnews --help`.
        if type(error).__module__ == "telegram.error":
            record.msg = self._line
            record.args = (error,)
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class Redacted(logging.Formatter):
    """A log formatter that removes the token from the output of another formatter."""

    def __init__(self, inner: logging.Formatter, token: str) -> None:
        super().__init__()
        self.inner = inner
        self.token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record, without the token."""
        return redact(self.inner.format(record), self.token)


def configure(level: str, layout: str, token: str) -> None:
    """Send all log records to standard error, without the token.

    Uncaught exceptions are printed without the token too. The layout is `text` or `json`.
    """
    inner: logging.Formatter
    if layout == "json":
        inner = JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )
    else:
        inner = logging.Formatter("{asctime} {levelname:<7} {name}: {message}", style="{")
    handler = logging.StreamHandler()
    handler.setFormatter(Redacted(inner, token))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, line in (
        (UPDATER, "cannot confirm the last updates to Telegram (%s); they may come again"),
        (POLLING, "fetching updates ends (%s)"),
    ):
        logging.getLogger(name).filters = [InOneLine(line)]
    for name, floor in QUIET.items():
        logging.getLogger(name).setLevel(max(floor, root.level))

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(redact(text, token))

    sys.excepthook = uncaught
