"""Logs: one line a record, as text or JSON, in which the bot's token never appears."""

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
    "apscheduler": logging.ERROR,  # a tick that is skipped because the last still runs is no news
    "httpx": logging.WARNING,  # writes every address at INFO, and Telegram's hold the token
    "aiosqlite": logging.INFO,
    "asyncio": logging.INFO,
    "telegram": logging.INFO,
    "trafilatura": logging.WARNING,
}
"""Libraries that say more than an operator can use, and from which level they are heard."""


UPDATER = "telegram.ext.Updater"
"""PTB's logger of what happens as updates are fetched."""


def redact(text: str, token: str) -> str:
    """Take a token out of a text, also where it stands percent-encoded or without its number."""
    if not token:
        return text
    secret = token.partition(":")[2]
    # A short secret, such as a test's, may be a word of its own elsewhere.
    parts = (token, quote(token, safe=""), *([secret] if len(secret) >= 16 else []))
    for part in parts:
        text = text.replace(part, HIDDEN)
    return text


class LastWord(logging.Filter):
    """Makes a line of the traceback that PTB logs where a stop cannot confirm updates."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without a traceback where the error is Telegram's."""
        error = record.exc_info[1] if record.exc_info else None
        # Loading the library takes longer than `onnews --help` should.
        if type(error).__module__ == "telegram.error":
            record.msg = "Telegram cannot be told which updates have come (%s); they may come again"
            record.args = (error,)
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class Redacted(logging.Formatter):
    """Formats as another formatter does, then takes the token out of message and traceback."""

    def __init__(self, inner: logging.Formatter, token: str) -> None:
        super().__init__()
        self.inner = inner
        self.token = token

    def format(self, record: logging.LogRecord) -> str:
        """The line for a record, without the token."""
        return redact(self.inner.format(record), self.token)


def configure(level: str, layout: str, token: str) -> None:
    """Send every log record to standard error; `layout` is `text` or `json`.

    An exception that nobody caught is printed without the token too.
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
    updater = logging.getLogger(UPDATER)
    updater.filters = [LastWord()]
    for name, floor in QUIET.items():
        logging.getLogger(name).setLevel(max(floor, root.level))

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(redact(text, token))

    sys.excepthook = uncaught
