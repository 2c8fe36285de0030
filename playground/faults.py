"""Faults injected into requests to Telegram, on demand.

    town.faults.add(method="sendMessage", retry_after=3)          # the next one: 429
    town.faults.add(reset=True, times=None, chat_id=ana.id)       # cut every request to Ana
    town.faults.refuse("RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND")       # the next rich message: 400
    town.faults.refuse("IMAGE_PROCESS_FAILED", carrying="pictures", times=None)
    town.faults.old_server()                                      # no rich messages: 404
    town.faults.clear()

`carrying` narrows a fault to requests with some content: `rich` to sendRichMessage and to edits
with a `rich_message`, `pictures` to sendPhoto and to rich messages with a picture or another file.
`PICTURE_REASONS`, `PAGE_REASONS` and `SIZE_REASONS` list Telegram's known refusals of rich
messages, for tests to try each of them.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from playground.checks.refusal import ApiError, forbidden, too_many_requests
from playground.rich.visible_text import pictures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

PICTURE_REASONS = (
    "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND",
    "RICH_MESSAGE_PHOTO_URL_INVALID",
    "RICH_MESSAGE_PHOTO_INVALID",
    "RICH_MESSAGE_VIDEO_INVALID",
    "RICH_MESSAGE_DOCUMENT_NO_MEDIA_FOUND",
    "failed to get HTTP URL content",
    "wrong HTTP URL specified",
    "wrong type of the web page content",
    "wrong file identifier/HTTP URL specified",
    "IMAGE_PROCESS_FAILED",
    "not enough rights to send photos to the chat",
    "not enough rights to send the rich message to the chat",
)
"""Refusals of a picture; without pictures the same message may be accepted."""
PAGE_REASONS = (
    "RICH_MESSAGE_EMPTY",
    "RICH_MESSAGE_CONTENT_REQUIRED",
    "RICH_MESSAGE_HTML_INVALID",
    "RICH_MESSAGE_MARKDOWN_INVALID",
    "RICH_MESSAGE_URL_INVALID",
    "RICH_MESSAGE_EMAIL_INVALID",
    "RICH_MESSAGE_PHONE_INVALID",
    "RICH_MESSAGE_MENTION_INVALID",
    "RICH_MESSAGE_HASHTAG_INVALID",
    "RICH_MESSAGE_CASHTAG_INVALID",
    "RICH_MESSAGE_BOT_COMMAND_INVALID",
    "RICH_MESSAGE_BANK_CARD_INVALID",
    "RICH_MESSAGE_DATE_INVALID",
    "RICH_VALIDATE_CTOR_NOT_ALLOWED",
    "rich message must be non-empty",
    "can't parse InputRichBlock: Can't find field \"size\"",
)
"""Refusals of the page itself: a bug in the program that made it."""
SIZE_REASONS = (
    "RICH_MESSAGE_TEXT_TOO_LONG",
    "RICH_MESSAGE_BLOCKS_TOO_MANY",
    "RICH_MESSAGE_DEPTH_INVALID",
    "RICH_MESSAGE_MEDIA_TOO_MANY",
    "RICH_MESSAGE_TABLE_COLS_TOO_MANY",
)
"""Refusals of a page that is too large."""

Cargo = Literal["rich", "pictures"]
"""The content of a request that a fault looks for."""


@dataclass(eq=False, slots=True)
class Fault:
    """One fault, for the requests that it fits.

    A `reset` cuts the connection without an answer. A `hold` delays the answer until `release` is
    called, so a test can have a time-out without waiting for a clock.
    """

    method: str | None = None
    chat_id: int | None = None
    carrying: Cargo | None = None
    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    reset: bool = False
    hold: bool = False
    delay: float = 0.0
    """Seconds before the request is handled."""
    times: int | None = 1
    """Number of requests that it affects; None for all."""
    after_delivery: bool = False
    """Whether the request is carried out before its answer is replaced."""
    hits: int = 0
    _gate: asyncio.Event = field(default_factory=asyncio.Event)

    def fits(self, method: str, params: dict[str, Any]) -> bool:
        """Return whether the fault affects this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method is not None and self.method.lower() != method.lower():
            return False
        # A fault without a method does not stop the bot from getting updates.
        if self.method is None and method == "getUpdates":
            return False
        if self.carrying is not None and self.carrying not in cargo(method, params):
            return False
        return self.chat_id is None or str(self.chat_id) == str(params.get("chat_id"))

    def release(self) -> None:
        """Let requests delayed by a `hold` go on, now and from now on."""
        self._gate.set()

    async def wait(self) -> None:
        """Wait for the fault's delay, and for `release` if it is a `hold`."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.hold:
            await self._gate.wait()

    def error(self) -> ApiError | None:
        """Return the error that replaces the answer, or None."""
        if self.retry_after is not None:
            return too_many_requests(self.retry_after)
        if self.status is None:
            return None
        if self.status == 403 and self.description is None:
            return forbidden("bot was blocked by the user")
        return ApiError(self.status, self.description or _REASONS.get(self.status, "Error"))


@dataclass(frozen=True, slots=True)
class Mix:
    """Random faults: a share of all requests, each with one of several kinds."""

    share: float
    kinds: Sequence[Fault]
    dice: random.Random


class Faults:
    """The planned faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._mix: Mix | None = None

    def add(
        self,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        carrying: Cargo | None = None,
        status: int | None = None,
        description: str | None = None,
        retry_after: int | None = None,
        reset: bool = False,
        hold: bool = False,
        delay: float = 0.0,
        times: int | None = 1,
        after_delivery: bool = False,
    ) -> Fault:
        """Add a fault for the next `times` requests that fit; it counts them in `hits`.

        A `retry_after`, in seconds, means status 429. With `after_delivery` the request is carried
        out first: the message is in the chat, and the sender does not know it.
        """
        fault = Fault(
            method=method,
            chat_id=chat_id,
            carrying=carrying,
            status=status,
            description=description,
            retry_after=retry_after,
            reset=reset,
            hold=hold,
            delay=delay,
            times=times,
            after_delivery=after_delivery,
        )
        self._planned.append(fault)
        return fault

    def refuse(
        self,
        reason: str,
        *,
        carrying: Cargo = "rich",
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Answer the next `times` requests that fit with 400 and `reason`."""
        return self.add(
            method=method,
            chat_id=chat_id,
            carrying=carrying,
            status=400,
            description=f"Bad Request: {reason}",
            times=times,
        )

    def old_server(self) -> None:
        """Answer like a Bot API server from before rich messages."""
        unknown = "Not Found: method not found"
        self.add(method="sendRichMessage", status=404, description=unknown, times=None)
        # An old server ignores the unknown field and then finds no text.
        self.refuse("message text is empty", method="editMessageText", times=None)

    def mix(self, share: float, *, seed: int, kinds: Sequence[Fault] | None = None) -> None:
        """Add random faults to a share (0 to 1) of all requests, repeatable by the seed."""
        usual = (
            Fault(retry_after=1, times=None),
            Fault(status=502, times=None),
            Fault(reset=True, times=None),
            Fault(reset=True, times=None, after_delivery=True),
        )
        # Pseudo-random numbers make the faults repeatable; no secret depends on them.
        self._mix = Mix(share, kinds or usual, random.Random(seed))  # noqa: S311

    def clear(self) -> None:
        """Remove all faults, and let delayed requests go on."""
        for fault in self._planned:
            fault.release()
        self._planned.clear()
        self._mix = None

    def strike(self, method: str, params: dict[str, Any]) -> Fault | None:
        """Return the fault for this request and count it, or None."""
        for fault in self._planned:
            if fault.fits(method, params):
                fault.hits += 1
                return fault
        mix = self._mix
        if mix is None or method == "getUpdates" or mix.dice.random() >= mix.share:
            return None
        fault = mix.dice.choice(mix.kinds)
        fault.hits += 1
        return fault


def cargo(method: str, params: Mapping[str, Any]) -> set[Cargo]:
    """Return which content a request carries, even if it cannot be parsed."""
    carried: set[Cargo] = set()
    if method.lower() == "sendphoto":
        carried.add("pictures")
    rich = params.get("rich_message")
    if rich is not None:
        carried.add("rich")
        if isinstance(rich, str):
            try:
                rich = json.loads(rich)
            except ValueError:
                return carried
        if pictures(rich):
            carried.add("pictures")
    return carried


@dataclass(slots=True)
class Limits:
    """Telegram's rate limits, for a playground that enforces them.

    Attributes:
        overall: Messages a second to all chats.
        per_chat: Messages a second to one chat, with a small `burst`.
        per_group: Messages a minute to one group.
    """

    overall: int = 30
    per_chat: float = 1.0
    burst: int = 3
    per_group: int = 20
    _all: deque[float] = field(default_factory=deque)
    _chats: dict[int, deque[float]] = field(default_factory=dict)

    def take(self, chat_id: int, *, group: bool, now: float) -> None:
        """Count one message to a chat; `now` is in seconds.

        Raises:
            ApiError: 429, one message too many; it is not counted.
        """
        chat = self._chats.setdefault(chat_id, deque())
        seconds = self.burst / self.per_chat
        rules: list[tuple[deque[float], int, float]] = [
            (self._all, self.overall, 1.0),
            (chat, self.burst, seconds),
        ]
        if group:
            rules.append((chat, self.per_group, 60.0))
        for times, most, window in rules:
            recent = [when for when in times if when > now - window]
            if len(recent) >= most:
                wait = recent[-most] + window - now
                raise too_many_requests(max(1, math.ceil(wait)))
        for times, keep in ((self._all, 1.0), (chat, 60.0)):
            while times and times[0] <= now - keep:
                times.popleft()
            times.append(now)
