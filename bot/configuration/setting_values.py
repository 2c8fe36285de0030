"""Parsers of settings. Each returns a value, or raises ValueError with advice for the operator."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from news.fetch.proxy import Proxies, Proxy, is_host
from storage.model import Layout
from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_LINE = 200
"""Characters of a text that readers see, at most."""
MOST_PORTS = 65_535
_ID = re.compile(r"-?[1-9]\d{0,15}", re.ASCII)
_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
BOT_API_HOST = "api.telegram.org"
"""The host of Telegram's own Bot API server."""


def token(text: str) -> str:
    """Return a bot's token."""
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text):
        raise ValueError(
            "is not a bot token; copy it whole from @BotFather (digits, colon, letters)"
        )
    return text


def http_url(text: str) -> str:
    """Return an http or https URL without a slash at its end."""
    try:
        parts = urlsplit(text)
        has_host = is_host(parts.hostname or "") and not parts.netloc.endswith(":")
        fine = parts.scheme in {"http", "https"} and has_host and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\0-\x1f?#]", text):
        raise ValueError("must be an address such as https://api.telegram.org")
    return text.rstrip("/")


def api_url(text: str) -> str:
    """Return the URL of a Bot API server; requests to it contain the token."""
    url = http_url(text)
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname == BOT_API_HOST:
        raise ValueError(f"must be https://{BOT_API_HOST}: http would show the token to others")
    return url


def model_url(text: str) -> str:
    """Return the base address of a model server, to which `/chat/completions` is appended."""
    try:
        url = http_url(text)
    except ValueError:
        raise ValueError("must be an address such as http://127.0.0.1:11434/v1") from None
    if urlsplit(url).username is not None:
        raise ValueError("must not contain a user or password; write the key into MODEL_KEY")
    return url.removesuffix("/chat/completions")


def model_name(text: str) -> str:
    """Return the name of a model, as its server knows it."""
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", text):
        raise ValueError("must be a model's name as its server knows it, without spaces")
    return text


def model_key(text: str) -> str:
    """Return the key of a model server."""
    if not re.fullmatch(r"[\x21-\x7e]{1,1000}", text):
        raise ValueError("must be a key without spaces; copy it whole from the model's provider")
    return text


def database(text: str) -> str:
    """Return a database's URL."""
    if not re.match(r"(sqlite|postgresql|postgres)(\+\w+)?://", text):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return text


def ids(text: str) -> tuple[int, ...]:
    """Parse Telegram ids separated by commas; return each once, in their order."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(_ID.fullmatch(part) for part in parts):
        raise ValueError("must be Telegram ids: numbers with commas, as 1234,5678")
    return tuple(dict.fromkeys(map(int, parts)))


def people(text: str) -> tuple[int, ...]:
    """Parse ids of people, which are positive; return each once, in their order."""
    for part in map(str.strip, text.split(",")):
        if part.startswith("@"):
            raise ValueError(
                f"{part} is a name, which may pass to somebody else; write people's own ids: "
                "numbers with commas, as 1234,5678"
            )
    found = ids(text)
    for each in found:
        if each < 0:
            raise ValueError(
                f"{each} is a group or a channel; write people's own ids with commas, as 1234,5678"
            )
    return found


def chat(text: str) -> int | None:
    """Parse the id of a chat."""
    if not _ID.fullmatch(text):
        raise ValueError("must be a chat's id: a number such as -1001234567890")
    return int(text)


def language(text: str) -> str:
    """Return a language code."""
    if not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text):
        raise ValueError("must be a language code such as en or it")
    return text


def zone(text: str) -> str:
    """Return an IANA time zone name that this machine knows."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{text!r} is not a time zone; write an IANA name such as Europe/Rome"
        ) from None
    return text


def minute_of_day(text: str) -> int:
    """Parse a time of day, such as 08:00, into minutes after midnight."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        raise ValueError("must be a time of day such as 08:00")
    return int(match[1]) * 60 + int(match[2])


def layout(text: str) -> Layout:
    """Parse the name of a layout."""
    return Layout(one_of(*Layout)(text))


def between(low: int, high: int, unit: str) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`, counted in `unit`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number of {unit} from {low} to {high}")
        return int(text)

    return parse


def days(least: int) -> Callable[[str], int]:
    """Return a parser of days: at least `least`, or 0 for ever."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,5}", text) or 0 < int(text) < least:
            raise ValueError(f"must be a whole number of days from {least}, or 0 for ever")
        return int(text)

    return parse


def folder(text: str) -> Path | None:
    """Return a folder, with `~` expanded."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"{text}: the home folder ~ is unknown; write the full path") from None


def line(text: str) -> str:
    """Return a text that readers see, if it is not too long."""
    if len(text) > LONGEST_LINE:
        raise ValueError(f"must be at most {LONGEST_LINE} characters: it is shown in /privacy")
    return text


def flag(text: str) -> bool:
    """Parse `true` or `false`."""
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def packs(text: str) -> tuple[str, ...]:
    """Parse a list, separated by commas, of languages and trades whose sources are added."""
    # Imported here, because the list of sources is read only if this is set.
    from news.sources.defaults import languages, trades  # noqa: PLC0415

    named = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    known = [*sorted(languages()), *sorted(trades())]
    for each in named:
        if each not in known:
            raise ValueError(f"{each} is not a language or trade of sources: {', '.join(known)}")
    return named


_FETCH = "fetch"
"""A role of versions that shared the sources out; now the process that sends fetches them."""


def roles(text: str) -> tuple[Role, ...]:
    """Parse a list of roles, separated by commas; return each once, in the order of `Role`."""
    named = {part.strip().lower() for part in text.split(",") if part.strip()}
    if named == {_FETCH}:
        raise ValueError("fetch goes with send: write send, answer, or both, separated by commas")
    if not named or named - {*Role, _FETCH}:
        raise ValueError(f"must be {' or '.join(Role)}, or both, separated by commas")
    return tuple(role for role in Role if role in named)


def address(text: str) -> tuple[str, int] | None:
    """Parse `port` or `host:port`; without a host it is 127.0.0.1."""
    host, colon, port = text.rpartition(":")
    is_port = re.fullmatch(r"[1-9]\d{0,4}", port, re.ASCII) and int(port) <= MOST_PORTS
    if not is_port or (colon and not _HOST.fullmatch(host)):
        raise ValueError(
            "must be a port such as 9464 for this machine only, or 0.0.0.0:9464 for others too"
        )
    return host.strip("[]") or "127.0.0.1", int(port)


def webhook_url(text: str) -> str:
    """Return the URL to which Telegram posts updates."""
    url = http_url(text)
    if urlsplit(url).hostname == BOT_API_HOST or urlsplit(url).username:
        raise ValueError(
            "must be the https address at which Telegram reaches this bot, "
            "such as https://news.example/telegram"
        )
    return url


def mail_in(text: str) -> str:
    """Return the address of a mailbox; one without TLS may only be on this machine."""
    try:
        parts = urlsplit(text)
        fine = is_host(parts.hostname or "") and parts.port != 0 and not re.search(r"[\s?#]", text)
    except ValueError:
        fine = False
    schemes = {"imaps", "imap"} if fine and parts.hostname in _THIS_MACHINE else {"imaps"}
    if not fine or parts.scheme not in schemes or not parts.username:
        raise ValueError(
            "must be a mailbox such as imaps://news%40example.com@imap.example.com/INBOX "
            "(@ in the user's name is written %40)"
        )
    if parts.password is not None:
        raise ValueError("must not contain the password; write it into MAIL_IN_PASSWORD")
    return text


def mail_password(text: str) -> str:
    """Return the password of a mailbox."""
    if not text.isascii() or not text.isprintable():
        raise ValueError("must be of ASCII letters, digits and signs")
    return text


def authserv(text: str) -> str:
    """Return the name with which a mail server signs its checks of senders."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", text):
        raise ValueError(
            "must be the first word of Authentication-Results in your letters, such as "
            "mx.google.com"
        )
    return text


def pages_url(text: str) -> str:
    """Return the URL under which pages of editions are found, without a slash at its end."""
    url = http_url(text)
    if urlsplit(url).username:
        raise ValueError(
            "must be the https address under which your proxy serves the pages, "
            "such as https://news.example/editions"
        )
    return url


def secret(text: str) -> str:
    """Return the secret that Telegram sends with each update."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be 1 to 256 letters, digits, _ and -")
    return text


def listen(text: str) -> tuple[str, int]:
    """Parse `port` or `host:port` of a listening address."""
    found = address(text)
    if found is None:
        raise ValueError("must be an address such as 127.0.0.1:8080")
    return found


def own_proxy(text: str) -> Proxies:
    """Parse one proxy for all URLs, or `none`."""
    if text.lower() == "none":
        return Proxies()
    proxy = Proxy.of(text)
    return Proxies(proxy, proxy)


def hosts(text: str) -> tuple[str, ...]:
    """Parse hosts separated by commas or spaces, as in NO_PROXY."""
    found = tuple(text.replace(",", " ").split())
    for each in found:
        if "://" in each or "@" in each:
            raise ValueError("must be hosts with commas, as localhost,.corp.example,10.0.0.0/8")
    return found


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Parse IP addresses and networks separated by commas; return each once."""
    found: dict[IPv4Network | IPv6Network, None] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            found[ip_network(part.strip("[]"), strict=False)] = None
        except ValueError:
            raise ValueError(
                f"{part} is not an address or network; write them with commas, as "
                "10.0.0.5,10.1.0.0/16"
            ) from None
    return tuple(found)


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser of one of several words, ignoring case."""

    def parse(text: str) -> str:
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        raise ValueError(f"must be one of {', '.join(choices)}")

    return parse
