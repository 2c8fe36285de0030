"""Parsing of HTTP response headers: retry time, freshness, validators, redirects, cookies.

The headers are untrusted: huge numbers, impossible dates, bytes in no charset. A header that cannot
be read is ignored.
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
"""Most seconds that Retry-After, Cache-Control and Expires may ask for."""
CONDITIONAL = frozenset({"If-None-Match", "If-Modified-Since"})
"""Request headers that allow the answer "not modified"."""
_COOKIES = 8_192
"""Most characters of all cookies that are sent back."""
_SECONDS = re.compile(r"\s*([0-9]+)(?:\.[0-9]+)?\s*")
_MAX_AGE = re.compile(r"(?:^|[\s,;])max-age\s*=\s*\"?([0-9]{1,9})", re.IGNORECASE)
_STALE = re.compile(r"no-(?:cache|store)(?!\s*=)", re.IGNORECASE)
# Matches bytes that are not UTF-8, as aiohttp decodes them.
_RAW = re.compile("[\udc80-\udcff]")


def retry_after(text: str | None, now: datetime) -> int | None:
    """Return the seconds that a Retry-After header asks for, at most MAX_WAIT, or None."""
    if not text:
        return None
    seconds = _SECONDS.fullmatch(text)
    return min(int(seconds[1][:9]), MAX_WAIT) if seconds else _seconds_until(text, now)


def max_age(headers: MultiMapping[str], now: datetime) -> int | None:
    """Return the seconds that an answer stays fresh, less its `Age`, at most MAX_WAIT, or None."""
    # A repeated header is one list in several parts.
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
    """Return the headers of a conditional request."""
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value and value.isprintable()}


def validated(headers: Mapping[str, str]) -> dict[str, str | None]:
    """Return the validators of an answer; None for one that cannot be sent back unchanged."""
    return {
        "etag": _whole(headers.get("ETag", ""), 500),
        "last_modified": _whole(headers.get("Last-Modified", ""), 100),
    }


def location(headers: Mapping[str, str]) -> str:
    """Return the target of a redirect, with undecodable bytes percent-encoded; else empty."""
    return _RAW.sub(lambda raw: f"%{ord(raw[0]) - 0xDC00:02X}", headers.get("Location", ""))


def readable(text: str | None) -> str:
    """Return a server's text for a log or table: one line of at most 200 characters."""
    stated = (text or "").encode("utf-8", "replace").decode()[:400]
    # Control characters could be commands to a terminal.
    seen = "".join(letter if letter.isprintable() else " " for letter in stated)
    return " ".join(seen.split())[:200]


class Cookies:
    """Cookies set and sent back during a chain of redirects, as some servers require."""

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def keep(self, given: SimpleCookie, url: str) -> None:
        """Keep the cookies that `url` set."""
        if given:
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True)
            self._jar.update_cookies(given, URL(url, encoded=True))

    def header(self, url: str) -> dict[str, str]:
        """Return a mapping with the Cookie header for `url`; empty if it gets no cookies."""
        if self._jar is None:
            return {}
        kept = self._jar.filter_cookies(URL(url, encoded=True))
        text = "; ".join(f"{name}={one.coded_value}" for name, one in kept.items())
        return {"Cookie": text} if text.isprintable() and 0 < len(text) <= _COOKIES else {}


def _whole(value: str, limit: int) -> str | None:
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
