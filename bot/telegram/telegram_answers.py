"""What Telegram answers, told from what stands between it and us.

A proxy, a firewall or a hotel's log-in page answers with a status too. Were it taken for
Telegram's, a 403 would end every subscription, and a 404 the bot.
"""

from __future__ import annotations

import json
import logging
import re
import zlib
from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.error import NetworkError
from telegram.request import BaseRequest

from digest.pacing.telegram_errors import CutError

if TYPE_CHECKING:
    from telegram import Bot

log = logging.getLogger(__name__)

LONGEST = 1 << 20
"""Bytes of an answer that came compressed."""
LARGEST_NUMBER = 2**63
"""The first number that has no room in 64 bits."""
OK = 200
REDIRECTION = 300
REFUSED = 400
FLOOD = 429
_GZIP = b"\x1f\x8b"
_GZIP_ONLY = zlib.MAX_WBITS | 16
_WAIT = re.compile(r"retry after (\d+)", re.IGNORECASE)


def read_answer(status: int, answer: bytes) -> tuple[int, bytes]:
    """Telegram's own status and words.

    The status is the one in the words: a proxy may have made it 200. A flood says how long to
    wait, as Telegram's does; a second where it did not.

    Raises:
        CutError: Who answered is not Telegram, and says that all is well: the request may have
            been carried out.
        NetworkError: Who answered is not Telegram.
    """
    answer = _expanded(answer)
    parsed = _parsed(answer)
    if parsed is None:
        error = CutError if OK <= status < REDIRECTION else NetworkError
        raise error(f"what answers is not Telegram (status {status})")
    if parsed["ok"]:
        return OK, answer
    code = parsed.get("error_code")
    if not isinstance(code, int) or code < REFUSED:
        code = max(status, REFUSED)
    if code == FLOOD:
        parameters = parsed.get("parameters")
        parameters = dict(parameters) if isinstance(parameters, dict) else {}
        if not parameters.get("retry_after"):
            found = _WAIT.search(str(parsed.get("description")))
            parameters["retry_after"] = max(int(found[1]) if found else 1, 1)
        parsed["parameters"] = parameters
    return code, json.dumps(parsed).encode()


def _expanded(answer: bytes) -> bytes:
    """An answer that was compressed although nobody asked for that, as it was before."""
    if not answer.startswith(_GZIP):
        return answer
    try:
        return zlib.decompressobj(_GZIP_ONLY).decompress(answer, LONGEST)
    except zlib.error:
        return answer


def _parsed(answer: bytes) -> dict[str, Any] | None:
    """The JSON of an answer, if it is such as Telegram gives."""
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) and isinstance(parsed.get("ok"), bool) else None


class _Heard(BaseRequest):
    """An answer that is there already, for python-telegram-bot to say what it means."""

    def __init__(self, status: int, answer: bytes) -> None:
        self._answer = status, answer

    @property
    def read_timeout(self) -> float | None:
        """There is nothing to wait for."""
        return None

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:  # noqa: ANN401  # whatever it is asked
        """The answer."""
        return self._answer


async def understood(status: int, answer: bytes) -> Any:  # noqa: ANN401  # Telegram's JSON
    """Telegram's result.

    Raises:
        TelegramError: As python-telegram-bot raises it for it, or as `read_answer` does.
    """
    return await _Heard(*read_answer(status, answer)).post("")


def readable(answer: bytes) -> bytes:
    """Telegram's answer to long polling, without what python-telegram-bot cannot read.

    Of an update that it cannot read only the number is left. It would keep all others from being
    read, again and again, for as long as Telegram keeps it: a server of another age may leave out
    what this version holds to be required. Of the inline queries of one person only the newest is
    worth the time that reading takes.
    """
    try:
        parsed = json.loads(answer)
        updates = _without_typed_on(parsed["result"])
        left_out = [number for number, update in enumerate(updates) if update_of(update) is None]
        if not left_out and len(updates) == len(parsed["result"]):
            return answer
        for number in left_out:
            updates[number] = {"update_id": updates[number]["update_id"]}
        # One whose own number is none of Telegram's would have it asked for no others ever again.
        updates = [update for update in updates if not _has_no_room(update)]
    except (ValueError, TypeError, KeyError, AttributeError):
        # Not what Telegram answers at all: python-telegram-bot says so in its own way.
        return answer
    return json.dumps({**parsed, "result": updates}).encode()


def _has_no_room(update: object) -> bool:
    """Whether any number in an update, however deep, is larger than a database stores."""
    left = [update]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif isinstance(each, int | float) and not -LARGEST_NUMBER <= each < LARGEST_NUMBER:
            return True
    return False


def _without_typed_on(updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Updates without the inline queries after which the same person sent another."""
    writers = [_inline_writer(update) for update in updates]
    newest = {writer: number for number, writer in enumerate(writers)}
    return [
        update
        for number, (update, writer) in enumerate(zip(updates, writers, strict=True))
        if writer is None or newest[writer] == number
    ]


def _inline_writer(update: dict[str, Any]) -> int | None:
    """Who sent an inline query; None for any other update."""
    query = update.get("inline_query")
    sender = query.get("from") if isinstance(query, dict) else None
    number = sender.get("id") if isinstance(sender, dict) else None
    return number if isinstance(number, int) else None


def update_of(update: dict[str, Any], bot: Bot | None = None) -> Update | None:
    """An update as python-telegram-bot reads it; None where it cannot, and the log says why.

    One with a number of more than 64 bits is left out too: no id of Telegram's has more than 52,
    and no database stores it.
    """
    if _has_no_room(update):
        log.error(
            "update %s has a number of more than 64 bits and is left out", update["update_id"]
        )
        return None
    try:
        return Update.de_json(update, bot)
    except Exception as error:  # noqa: BLE001  # whatever a wrong shape makes it raise
        log.error("update %s cannot be read and is left out: %s", update["update_id"], error)  # noqa: TRY400  # the cause is in the data, not in our code
        return None
