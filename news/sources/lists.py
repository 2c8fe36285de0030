"""Lists of sources in files: our own TOML and everybody's OPML, out and in again without loss.

A list may come from anybody. What is wrong with one source of it refuses that source, with the
reason; a file that cannot be read as a whole brings nothing.
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
_SIGNS_IN = "carries a name or password, which is not kept"


class Format(StrEnum):
    """How a list is written."""

    TOML = "toml"
    OPML = "opml"


class ListError(ValueError):
    """A file is no list of sources; the text says why, and what is wrong where."""


@dataclass(frozen=True, slots=True)
class SourceList:
    """What a file brings."""

    sources: tuple[NewSource, ...]
    refused: tuple[Refused, ...] = ()
    """Sources that it names and that cannot be had."""
    unfiled: tuple[tuple[str, str], ...] = ()
    """Source's name and a category of it that is not known here: it comes without that."""


def format_of(name: str) -> Format | None:
    """The format that a file's ending means; None for another ending."""
    ending = name.rpartition(".")[2].casefold()
    return {"toml": Format.TOML, "opml": Format.OPML, "xml": Format.OPML}.get(ending)


def write(listed: Iterable[NewSource], form: Format) -> bytes:
    """A list as a file, in UTF-8."""
    if form is Format.OPML:
        return opml.write(listed)
    blocks = ["# Sources of ON News: `onnews sources import` reads them.\n", *map(_block, listed)]
    return "\n".join(blocks).encode("utf-8", "replace")


def read(
    document: bytes, form: Format, taxonomy: Taxonomy, *, allow_private: bool = False
) -> SourceList:
    """The sources of a file, each address once, in its order.

    Args:
        document: The file.
        form: How it is written.
        taxonomy: The categories that there are; they may go by any of their names.
        allow_private: Whether a source may be on a private network.

    Raises:
        ListError: It is no such file.
    """
    if len(document) > LARGEST:
        raise ListError(f"it is larger than {LARGEST // 1024**2} MiB")
    refused: list[Refused] = []
    if form is Format.OPML:
        try:
            listed = opml.read(document)
        except UnreadableError as error:
            raise ListError(f"it is no OPML ({error})") from None
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
    """The same, by the taxonomy of a worker: a list may be made to take hours.

    Raises:
        ListError: It is no such list.
    """
    from news.documents import taxonomy_of_worker  # noqa: PLC0415 — weighs on workers only

    return read(document, form, taxonomy_of_worker(), allow_private=allow_private)


def _against(
    source: NewSource, url: str | None, found: Mapping[str, NewSource], *, allow_private: bool
) -> str:
    """Why a source cannot be had; empty when it can."""
    if url is None:
        return "no http or https address" if source.url else "no address"
    problems = {
        "stands twice": url in found,
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
    """A source's name: one line, and not long."""
    return clean.one_line(text)[:NAME_LIMIT].strip()


def _read_toml(document: bytes) -> tuple[NewSource, ...]:
    try:
        listed = defaults.read(document.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ListError("it is no text in UTF-8") from None
    except defaults.SourcesError as error:
        raise ListError(str(error)) from None
    except (ValueError, RecursionError) as error:
        # tomllib leaves a number of five thousand digits to int(), which refuses it.
        raise ListError(f"it is no TOML ({error})") from None
    if not listed:
        raise ListError("it has no [[source]]")
    return listed


def _block(source: NewSource) -> str:
    """One source as TOML."""
    lines = (f"{name} = {_value(value)}" for name, value in defaults.entry_of(source).items())
    return "\n".join(("[[source]]", *lines, ""))


def _value(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{_value(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    # TOML's values are JSON's, but for one character that JSON lets through.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
