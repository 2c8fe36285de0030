"""Import and export of lists of sources, as TOML or OPML, without loss.

Lists are untrusted. An invalid source is refused with a reason; a file that cannot be read brings
no sources.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from news.entry import Refused, UnreadableError
from news.fetch.guard import PrivateAddressError, check_literal
from news.sources import defaults, opml
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute, signs_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from news.filing.taxonomy import Taxonomy
    from storage.model import NewSource

LARGEST = opml.MAX_BYTES
NAME_LIMIT = 200
MAX_SOURCES = 5_000
_SIGNS_IN = "contains a user name or password"


class Format(StrEnum):
    """Format of a list."""

    TOML = "toml"
    OPML = "opml"


class ListError(ValueError):
    """A file is not a list of sources; the text says why and where."""


@dataclass(frozen=True, slots=True)
class SourceList:
    """Sources read from a file."""

    sources: tuple[NewSource, ...]
    refused: tuple[Refused, ...] = ()
    """Sources in the file that were refused."""
    unfiled: tuple[tuple[str, str], ...] = ()
    """Source's name and an unknown category that was dropped from it."""


def format_of(name: str) -> Format | None:
    """Return the format for a file's ending, or None."""
    ending = name.rpartition(".")[2].casefold()
    return {"toml": Format.TOML, "opml": Format.OPML, "xml": Format.OPML}.get(ending)


def write(listed: Iterable[NewSource], form: Format) -> bytes:
    """Return a list as a file, in UTF-8."""
    if form is Format.OPML:
        return opml.write(listed)
    blocks = ["# Sources of ON News: `onnews sources import` reads them.\n", *map(_block, listed)]
    return "\n".join(blocks).encode("utf-8", "replace")


def read(
    document: bytes, form: Format, taxonomy: Taxonomy, *, allow_private: bool = False
) -> SourceList:
    """Return the sources of a file, each address once, in its order; or ListError."""
    if len(document) > LARGEST:
        raise ListError(f"it is larger than {LARGEST // 1024**2} MiB")
    refused: list[Refused] = []
    if form is Format.OPML:
        try:
            listed = opml.read(document)
        except UnreadableError as error:
            raise ListError(f"it is not OPML ({error})") from None
    else:
        listed = _read_toml(document)
    found: dict[str, NewSource] = {}
    unfiled: list[tuple[str, str]] = []
    for source in listed:
        url = absolute(source.url)
        why = _against(source, url, found, allow_private=allow_private)
        if why or url is None:
            refused.append(Refused(why, f"{named(source.name)} {source.url[:200]}".strip()))
            continue
        slugs = {text: taxonomy.find(text) for text in source.categories}
        name = named(source.name) or url
        unfiled += ((name, text) for text, category in slugs.items() if category is None)
        found[url] = replace(
            source,
            name=name,
            url=url,
            site=absolute(source.site) or "",
            language=code(source.language),
            categories=tuple(
                dict.fromkeys(each.slug for each in slugs.values() if each is not None)
            ),
        )
    return SourceList(tuple(found.values()), tuple(refused), tuple(unfiled))


def read_in_worker(document: bytes, form: Format, *, allow_private: bool) -> SourceList:
    """Return the sources of a file with the worker's taxonomy; a hostile list may take hours."""
    from news.documents import taxonomy_of_worker  # noqa: PLC0415 — for workers only

    return read(document, form, taxonomy_of_worker(), allow_private=allow_private)


def _against(
    source: NewSource, url: str | None, found: Mapping[str, NewSource], *, allow_private: bool
) -> str:
    if url is None:
        return "no http or https address" if source.url else "no address"
    problems = {
        "listed twice": url in found,
        _SIGNS_IN: signs_in(source.url),
        f"not read; a list has at most {MAX_SOURCES} sources": len(found) == MAX_SOURCES,
    }
    if any(problems.values()):
        return next(why for why, holds in problems.items() if holds)
    try:
        if not allow_private:
            check_literal(url)
    except PrivateAddressError:
        return "private address; ALLOW_PRIVATE_SOURCES=true allows it"
    return ""


def named(text: str) -> str:
    """Return a source's name as one line of limited length."""
    return clean.one_line(text)[:NAME_LIMIT].strip()


def _read_toml(document: bytes) -> tuple[NewSource, ...]:
    try:
        listed = defaults.read(document.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ListError("it is not UTF-8 text") from None
    except defaults.SourcesError as error:
        raise ListError(str(error)) from None
    except (ValueError, RecursionError) as error:
        # int() refuses a number of five thousand digits with a ValueError.
        raise ListError(f"it is not TOML ({error})") from None
    if not listed:
        raise ListError("it has no [[source]]")
    return listed


def _block(source: NewSource) -> str:
    lines = (f"{name} = {_value(value)}" for name, value in defaults.entry_of(source).items())
    return "\n".join(("[[source]]", *lines, ""))


def _value(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{_value(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    # TOML's values are JSON's, except that TOML needs DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
