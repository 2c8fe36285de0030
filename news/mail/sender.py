"""Whose letter it is, by the check of the server that received it. Pure.

Anybody can write any sender into a letter. The receiving server notes whether the sender's domain
vouches for it (DMARC, RFC 7489) in an Authentication-Results field (RFC 8601), above all others.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import TYPE_CHECKING

from news.text import clean

if TYPE_CHECKING:
    from email.message import Message

LONGEST = 4_000
"""Characters of a field that is looked at, at most."""
_LONGEST_NAME = 100
ADDRESS = re.compile(r"[a-z0-9][a-z0-9._+=-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9-]{2,63}")
"""Matches an address that can be a source's, in small letters."""


def sender(headers: Message, authserv: str) -> tuple[str, str] | None:
    """Return a letter's address and name of sender, or None unless its domain vouches for it.

    Args:
        authserv: The name by which the receiving server signs its own check.
    """
    named = _fields(headers, "From")
    found = getaddresses(named) if len(named) == 1 and len(named[0]) <= LONGEST else []
    if len(found) != 1:
        return None
    name, address = _readable(found[0][0]), found[0][1].lower()
    if not ADDRESS.fullmatch(address):
        return None
    # Only the topmost one is the server's own: it writes above what the letter came with.
    checked = next(iter(_fields(headers, "Authentication-Results")), "")
    return (address, name) if _vouched(checked, authserv, address.partition("@")[2]) else None


def _readable(name: str) -> str:
    """Return a name as people read it; empty if it is wrongly encoded."""
    try:
        decoded = str(make_header(decode_header(name)))
    except (ValueError, LookupError, HeaderParseError):
        return ""
    return clean.one_line(decoded)[:_LONGEST_NAME]


def _fields(headers: Message, name: str) -> list[str]:
    return [str(each) for each in headers.get_all(name, [])]


def _vouched(checked: str, authserv: str, domain: str) -> bool:
    server, *results = _plain(checked).lower().split(";") if len(checked) <= LONGEST else [""]
    if not authserv or server.split()[:1] != [authserv.lower()]:
        return False
    of_dmarc = [words for each in results if (words := each.split()) and "dmarc" in words[0]]
    return len(of_dmarc) == 1 and (
        of_dmarc[0][0] == "dmarc=pass" and f"header.from={domain}" in of_dmarc[0][1:]
    )


def _plain(text: str) -> str:
    """Return a field without its comments, which nest, and without its quoted texts."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for each in text:
        if escaped:
            escaped = False
        elif each == "\\":
            escaped = True
        elif quoted or (each == '"' and not depth):
            quoted = each != '"' if quoted else True
        elif each == "(":
            depth += 1
        elif each == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(each)
    return "".join(kept)
