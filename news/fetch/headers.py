"""What the headers of an answer ask for: when to come again, with what, and where.

They are a stranger's: numbers without end, dates of no calendar, bytes of no charset. What cannot
be read was not said.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from http.cookies import SimpleCookie

    from multidict import MultiMapping

MAX_WAIT = 24 * 3600
"""Seconds: what Retry-After, Cache-Control and Expires may ask for at most."""
CONDITIONAL = frozenset({"If-None-Match", "If-Modified-Since"})
"""The headers of a request that may be answered by "not modified"."""
_COOKIES = 8_192
"""Characters of all cookies that are given back."""
_SECONDS = re.compile(r"\s*([0-9]+)(?:\.[0-9]+)?\s*")
_MAX_AGE = re.compile(r"(?:^|[\s,;])max-age\s*=\s*\"?([0-9]{1,9})", re.IGNORECASE)
_STALE = re.compile(r"no-(?:cache|store)(?!\s*=)", re.IGNORECASE)
# How aiohttp keeps bytes that are no UTF-8.
_RAW = re.compile("[\udc80-\udcff]")


def retry_after(text: str | None, now: datetime) -> int | None:
    """Seconds that a Retry-After header asks for, at most MAX_WAIT; None if it says nothing."""
    if not text:
        return None
    seconds = _SECONDS.fullmatch(text)
    return min(int(seconds[1][:9]), MAX_WAIT) if seconds else _seconds_until(text, now)


def max_age(headers: MultiMapping[str], now: datetime) -> int | None:
    """Seconds for which an answer stays fresh, at most MAX_WAIT; None if it does not say so.

    What a cache on the way has kept it for already (`Age`) is taken off.
    """
    # A header that is there twice is one list, in two pieces.
    control = ", ".join(headers.getall("Cache-Control", []))
    if _STALE.search(control):
        return None
    lifetime: int | None = None
    if found := _MAX_AGE.search(control):
        lifetime = min(int(found[1]), MAX_WAIT)
    elif expires := headers.get("Expires"):
        lifetime = _seconds_until(expires, _date(headers.get("Date", ""), now) or now)
    age = _SECONDS.fullmatch(headers.get("Age", ""))
    if lifetime is None or age is None:
        return lifetime
    return max(0, lifetime - int(age[1][:9]))


def validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers that ask whether anything is new."""
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value and value.isprintable()}


def validated(headers: Mapping[str, str]) -> dict[str, str | None]:
    """What a later request can ask by; nothing that could not be sent back as it came."""
    return {
        "etag": _whole(headers.get("ETag", ""), 500),
        "last_modified": _whole(headers.get("Last-Modified", ""), 100),
    }


def location(headers: Mapping[str, str]) -> str:
    """Where a redirect leads; bytes of no charset are written as such bytes are in addresses."""
    return _RAW.sub(lambda raw: f"%{ord(raw[0]) - 0xDC00:02X}", headers.get("Location", ""))


def readable(text: str | None) -> str:
    """A stranger's words for a log or a table: one line, and not long."""
    stated = (text or "").encode("utf-8", "replace").decode()[:400]
    # What a terminal takes for a command is not for a table.
    seen = "".join(letter if letter.isprintable() else " " for letter in stated)
    return " ".join(seen.split())[:200]


class Cookies:
    """What a server gives on one way through its redirects, and wants to see at the next step.

    Some let nobody in who does not. They are forgotten at the end of the way.
    """

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def keep(self, given: SimpleCookie, url: str) -> None:
        """Keep what `url` gave."""
        if given:
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True)
            self._jar.update_cookies(given, URL(url, encoded=True))

    def header(self, url: str) -> dict[str, str]:
        """The header that shows `url` what is meant for it; empty when nothing is."""
        if self._jar is None:
            return {}
        kept = self._jar.filter_cookies(URL(url, encoded=True))
        text = "; ".join(f"{name}={one.coded_value}" for name, one in kept.items())
        return {"Cookie": text} if text.isprintable() and 0 < len(text) <= _COOKIES else {}


def _whole(value: str, limit: int) -> str | None:
    """A validator; half of one would be another's."""
    return value if value.isprintable() and 0 < len(value) <= limit else None


def _date(text: str, now: datetime) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=now.tzinfo)


def _seconds_until(text: str, now: datetime) -> int | None:
    then = _date(text, now)
    return None if then is None else max(0, min(int((then - now).total_seconds()), MAX_WAIT))
