"""Parsing of Telegram's answers, which rejects answers of anything between Telegram and the bot.

A proxy, a firewall or a hotel's log-in page can answer with a status too. If that were taken for
Telegram's, a 403 would end every subscription, and a 404 would stop the bot.
"""

from __future__ import annotations

import json
import logging
import re
import time
import zlib
from math import ceil
from typing import TYPE_CHECKING, Any, cast

from telegram import Update
from telegram.error import NetworkError
from telegram.request import BaseRequest

from digest.pacing.telegram_errors import CutError

if TYPE_CHECKING:
    from telegram import Bot

log = logging.getLogger(__name__)

LONGEST = 1 << 20
"""Bytes of a decompressed answer at most."""
LARGEST_NUMBER = 2**63
"""The smallest integer that does not fit in 64 signed bits."""
LONGEST_WAIT = 7 * 24 * 3600
"""Seconds of a flood's wait at most; Telegram's own are shorter than a day."""
OK = 200
REDIRECTION = 300
REFUSED = 400
FLOOD = 429
SERVER_ERROR = 500
_GZIP = b"\x1f\x8b"
_GZIP_ONLY = zlib.MAX_WBITS | 16
_WAIT = re.compile(r"retry after (\d{1,9})(?!\d)", re.IGNORECASE)


def read_answer(status: int, answer: bytes) -> tuple[int, bytes]:
    """Return Telegram's own status and JSON body.

    The status is taken from the body, because a proxy may have changed it to 200. An answer with
    status 429 always gets a `retry_after`, 1 second if Telegram named none.

    Raises:
        CutError: The answer is not Telegram's and its status is 2xx; the request may have been
            carried out.
        NetworkError: The answer is not Telegram's.
    """
    answer = _expanded(answer)
    parsed = _parsed(answer)
    if parsed is None:
        error = CutError if OK <= status < REDIRECTION else NetworkError
        raise error(f"the answer is not Telegram's (status {status})")
    if parsed["ok"]:
        return OK, answer
    code = parsed.get("error_code")
    if not isinstance(code, int) or code < REFUSED:
        code = max(status, REFUSED)
    given = parsed.get("parameters")
    parameters = dict(given) if isinstance(given, dict) else {}
    if _has_no_room(parameters):
        # Neither a database nor a clock could take such a number.
        parameters = {}
    if code == FLOOD:
        wait = parameters.get("retry_after")
        if not wait or not isinstance(wait, int | float):
            found = _WAIT.search(str(parsed.get("description")))
            wait = int(found[1]) if found else 1
        parameters["retry_after"] = max(1, min(ceil(wait), LONGEST_WAIT))
    parsed["parameters"] = parameters
    parsed["description"] = str(parsed.get("description") or "")
    return code, json.dumps(parsed).encode()


class LastHeard:
    """When Telegram last answered this process, whatever it was asked.

    Only Telegram's own answers count, refusals and floods too: neither its 5xx, which any server in
    between may send for it, nor a proxy's page.
    """

    def __init__(self) -> None:
        self.at: float | None = None
        """Seconds of `time.monotonic`; None before the first answer."""

    def now(self) -> None:
        """Note an answer that is known to be Telegram's own."""
        self.at = time.monotonic()

    def read(self, status: int, answer: bytes) -> tuple[int, bytes]:
        """Return Telegram's own status and JSON body, as `read_answer` does; note the answer."""
        status, answer = read_answer(status, answer)
        if status < SERVER_ERROR:
            self.now()
        return status, answer


def _expanded(answer: bytes) -> bytes:
    """Decompress an answer that is gzipped without being asked for."""
    if not answer.startswith(_GZIP):
        return answer
    try:
        return zlib.decompressobj(_GZIP_ONLY).decompress(answer, LONGEST)
    except zlib.error:
        return answer


def _parsed(answer: bytes) -> dict[str, Any] | None:
    """Return the JSON object of an answer, or None if it is not Telegram's."""
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) and isinstance(parsed.get("ok"), bool) else None


class _ReceivedAnswer(BaseRequest):
    """A request with an answer that is already received, for python-telegram-bot to parse."""

    def __init__(self, status: int, answer: bytes) -> None:
        self._answer = status, answer

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:  # noqa: ANN401  # arguments are unused
        return self._answer


async def result_of(status: int, answer: bytes) -> Any:  # noqa: ANN401  # Telegram's JSON
    """Return the `result` of Telegram's answer, or raise the TelegramError that it stands for.

    An answer that is not Telegram's raises as `read_answer` does.
    """
    return await _ReceivedAnswer(*read_answer(status, answer)).post("")


def read_updates(fetched: object, bot: Bot | None = None) -> tuple[Update, ...]:
    """Parse the updates that polling fetched.

    Of an update that cannot be parsed only the number is kept. Otherwise one such update would hold
    up all others; a server of another version may leave out a field that this version requires. Of
    one person's inline queries only the newest is kept, to save time.

    Raises:
        NetworkError: The result is no list of updates.
    """
    try:
        return tuple(
            update_of(update, bot) or Update(update["update_id"])
            for update in _without_typed_on(fetched)  # type: ignore[arg-type]  # may be anything
            # An update id that is too large would make the bot poll from there for ever.
            if not _has_no_room({"update_id": update["update_id"]})
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NetworkError("the answer is not Telegram's (no updates)") from None


def _has_no_room(update: object) -> bool:
    """Return whether any number in an update, at any depth, does not fit in 64 signed bits."""
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
    """Return the updates with only the newest inline query of each person."""
    writers = [_inline_writer(update) for update in updates]
    newest = {writer: number for number, writer in enumerate(writers)}
    return [
        update
        for number, (update, writer) in enumerate(zip(updates, writers, strict=True))
        if writer is None or newest[writer] == number
    ]


def _inline_writer(update: dict[str, Any]) -> int | None:
    """Return the Telegram id of the sender of an inline query; None for other updates."""
    query = update.get("inline_query")
    sender = query.get("from") if isinstance(query, dict) else None
    number = sender.get("id") if isinstance(sender, dict) else None
    return number if isinstance(number, int) else None


def update_of(update: dict[str, Any], bot: Bot | None = None) -> Update | None:
    """Parse an update with python-telegram-bot; log the reason and return None if that fails.

    An update with a number that does not fit in 64 bits fails too: no database could store it. No
    id of Telegram's has more than 52 bits.
    """
    if _has_no_room(update):
        log.error(
            "update %s has a number of more than 64 bits and is left out", update["update_id"]
        )
        return None
    try:
        return FetchedUpdate.de_json(update, bot)
    except Exception as error:  # noqa: BLE001  # a wrong shape may raise anything
        log.error("update %s cannot be read and is left out: %s", update["update_id"], error)  # noqa: TRY400  # the data is wrong, not the code
        return None


class FetchedUpdate(Update):
    """An update that keeps its JSON, which python-telegram-bot takes 20 times as long to make."""

    __slots__ = ("_received",)

    _received: str

    @classmethod
    def de_json(cls, data: dict[str, Any], bot: Bot | None = None) -> FetchedUpdate:
        """Parse an update."""
        update = cast("FetchedUpdate", super().de_json(data, bot))
        update._received = json.dumps(data)  # noqa: SLF001  # of this class
        return update

    def to_json(self) -> str:
        """Return the update as Telegram sent it, as JSON."""
        return self._received
