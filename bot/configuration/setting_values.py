"""How the text of a setting is read: each gives a value, or says what to write instead.

All of them raise ValueError with that advice.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from news.fetch.proxy import Proxies, Proxy
from storage.model import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_LINE = 200
"""Characters of a text that is shown to readers."""
MOST_PORTS = 65_535
_ID = re.compile(r"-?[1-9]\d{0,15}", re.ASCII)
_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)


def token(text: str) -> str:
    """A bot's token."""
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text):
        raise ValueError(
            "is not a bot token; copy it whole from @BotFather (digits, colon, letters)"
        )
    return text


def http_url(text: str) -> str:
    """An address of http or https, without a slash at its end."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\0-\x1f?#]", text):
        raise ValueError("must be an address such as https://api.telegram.org")
    return text.rstrip("/")


def database(text: str) -> str:
    """A database's address."""
    if not re.match(r"(sqlite|postgresql|postgres)(\+\w+)?://", text):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def ids(text: str) -> tuple[int, ...]:
    """Ids in the order in which they are named, each once."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(_ID.fullmatch(part) for part in parts):
        raise ValueError("must be Telegram ids: numbers with commas, as 1234,5678")
    return tuple(dict.fromkeys(map(int, parts)))


def people(text: str) -> tuple[int, ...]:
    """Ids of people, whose numbers are above zero; likewise."""
    found = ids(text)
    for each in found:
        if each < 0:
            raise ValueError(
                f"{each} is a group or a channel; write people's own ids with commas, as 1234,5678"
            )
    return found


def chat(text: str) -> int | None:
    """The id of a chat."""
    if not _ID.fullmatch(text):
        raise ValueError("must be a chat's id: a number such as -1001234567890")
    return int(text)


def language(text: str) -> str:
    """A language's code."""
    if not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text):
        raise ValueError("must be a language code such as en or it")
    return text


def zone(text: str) -> str:
    """An IANA name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{text!r} is no time zone; write an IANA name such as Europe/Rome"
        ) from None
    return text


def minute_of_day(text: str) -> int:
    """Minutes after midnight."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise ValueError("must be a time of day such as 08:00")
    return int(match[1]) * 60 + int(match[2])


def layout(text: str) -> Layout:
    """A layout."""
    return Layout(one_of(*Layout)(text))


def between(low: int, high: int, unit: str) -> Callable[[str], int]:
    """A parser of whole numbers within bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number of {unit} from {low} to {high}")
        return int(text)

    return parse


def days(least: int) -> Callable[[str], int]:
    """A parser of days, of which 0 is for ever."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,5}", text) or 0 < int(text) < least:
            raise ValueError(f"must be a whole number of days from {least}, or 0 for ever")
        return int(text)

    return parse


def folder(text: str) -> Path | None:
    """A folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"{text}: whose folder ~ is, is not known; write the folder out") from None


def line(text: str) -> str:
    """A text that is shown to readers."""
    if len(text) > LONGEST_LINE:
        raise ValueError(f"must be at most {LONGEST_LINE} characters: it is shown in /privacy")
    return text


def flag(text: str) -> bool:
    """True or false."""
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def packs(text: str) -> tuple[str, ...]:
    """Languages and trades of sources."""
    # The list is read only where some of it are chosen.
    from news.sources.packs import languages, trades  # noqa: PLC0415 — as above

    named = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    known = [*sorted(languages()), *sorted(trades())]
    for each in named:
        if each not in known:
            raise ValueError(f"{each} is no language or trade of sources: {', '.join(known)}")
    return named


def address(text: str) -> tuple[str, int] | None:
    """Host and port; the host is this machine where only a port is said."""
    host, colon, port = text.rpartition(":")
    is_port = re.fullmatch(r"[1-9]\d{0,4}", port, re.ASCII) and int(port) <= MOST_PORTS
    if not is_port or (colon and not _HOST.fullmatch(host)):
        raise ValueError("must be a port of this machine such as 9464, or 0.0.0.0:9464 for others")
    return host.strip("[]") or "127.0.0.1", int(port)


def webhook_url(text: str) -> str:
    """The address that Telegram posts updates to."""
    url = http_url(text)
    if urlsplit(url).hostname == "api.telegram.org" or urlsplit(url).username:
        raise ValueError(
            "must be the https address at which Telegram reaches this bot, "
            "such as https://news.example/telegram"
        )
    return url


def secret(text: str) -> str:
    """What Telegram shows with each update."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be 1 to 256 letters, digits, _ and -")
    return text


def listen(text: str) -> tuple[str, int]:
    """Host and port, both."""
    found = address(text)
    if found is None:
        raise ValueError("must be an address such as 127.0.0.1:8080")
    return found


def own_proxy(text: str) -> Proxies:
    """A proxy for all, whatever its address; or none at all."""
    if text.lower() == "none":
        return Proxies()
    proxy = Proxy.of(text)
    return Proxies(proxy, proxy)


def hosts(text: str) -> tuple[str, ...]:
    """Hosts, as NO_PROXY has them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, each once."""
    found: dict[IPv4Network | IPv6Network, None] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            found[ip_network(part.strip("[]"), strict=False)] = None
        except ValueError:
            raise ValueError(
                f"{part} is no address or network; write them with commas, as 10.0.0.5,10.1.0.0/16"
            ) from None
    return tuple(found)


def one_of(*choices: str) -> Callable[[str], str]:
    """A parser of one of some words, whatever their case."""

    def parse(text: str) -> str:
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        raise ValueError(f"must be one of {', '.join(choices)}")

    return parse
