"""Lists of sources in files: our own TOML and everybody's OPML, out and in again without loss.

A list may come from anybody. What is wrong with one source of it refuses that source, with the
reason; a file that cannot be read as a whole brings nothing.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from news.entry import Refused, UnreadableError
from news.fetch.guard import PrivateAddressError, check_literal
from news.sources import defaults, opml
from news.text import clean
from news.text.language_tag import code
from news.text.links import absolute, signs_in
from storage.model import NewSource, Show, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from news.filing.taxonomy import Taxonomy

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


def _against(
    source: NewSource, url: str | None, found: Mapping[str, NewSource], *, allow_private: bool
) -> str:
    """Why a source cannot be had; empty when it can."""
    if url is None:
        return "no http or https address" if source.url else "no address"
    problems = {
        "stands twice": url in found,
        _SIGNS_IN: signs_in(source.url),
        "an editor is nothing to fetch from": source.kind is SourceKind.EDITOR,
        f"not read; a list has at most {MAX_SOURCES} sources": len(found) == MAX_SOURCES,
    }
    if any(problems.values()):
        return next(why for why, holds in problems.items() if holds)
    private = not allow_private and _is_private(url)
    return "private address; ALLOW_PRIVATE_SOURCES=true allows it" if private else ""


def _is_private(url: str) -> bool:
    try:
        check_literal(url)
    except PrivateAddressError:
        return True
    return False


def named(text: str) -> str:
    """A source's name: one line, and not long."""
    return clean.one_line(text)[:NAME_LIMIT].strip()


def _read_toml(document: bytes) -> tuple[NewSource, ...]:
    try:
        text = document.decode("utf-8-sig")
        entries = tomllib.loads(text).get("source", [])
    except UnicodeDecodeError:
        raise ListError("it is no text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        # tomllib leaves a number of five thousand digits to int(), which refuses it.
        raise ListError(f"it is no TOML ({error})") from None
    if not isinstance(entries, list) or not entries:
        raise ListError("it has no [[source]]")
    for place, entry in enumerate(entries, start=1):
        if problem := _misshapen(entry):
            raise ListError(f"source {place}: {problem}")
    try:
        return defaults.read(text)
    except defaults.SourcesError as error:
        raise ListError(str(error)) from None


def _misshapen(entry: object) -> str:
    """What is of the wrong type in an entry; empty when nothing is."""
    if not isinstance(entry, dict):
        return "it must be a table, begun by [[source]]"
    for field, value in entry.items():
        wanted = defaults.SHAPES.get(field, object)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            return f"its {field} must be of the type {wanted.__name__}"
    texts = [*entry.get("categories", ()), *entry.get("selectors", {}).values()]
    if not all(isinstance(text, str) for text in texts):
        return "its categories and selectors must be texts"
    return ""


def _block(source: NewSource) -> str:
    """One source as TOML; what is as usual is not said."""
    fields: dict[str, Any] = {"name": source.name, "url": source.url, "site": source.site}
    if source.kind is not SourceKind.FEED:
        fields["kind"] = source.kind.value
    fields |= {"language": source.language, "weight": source.weight}
    fields |= {"categories": list(source.categories), "read_pages": source.read_pages}
    if source.full_text is not Show.PRIVATE:
        fields["full_text"] = source.full_text.value
    if source.pictures is not Show.YES:
        fields["pictures"] = source.pictures.value
    fields |= {"selectors": source.selectors, "paused": source.paused}
    lines = ["[[source]]"]
    for name, value in fields.items():
        if value or name in {"name", "url", "weight"}:
            lines.append(f"{name} = {_value(value)}")
    if source.paywall is not None:
        lines.append(f"paywall = {_value(source.paywall)}")
    return "\n".join((*lines, ""))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        pairs = (f"{_value(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    # TOML's escapes are those of JSON, but for one character that JSON lets through.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
