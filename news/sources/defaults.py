"""The default sources of a new archive, and the format of `sources.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from news.text.language_tag import code
from storage.model import NewSource, Show, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_SHAPES: dict[str, type] = {
    **dict.fromkeys(("name", "url", "site", "kind", "language", "full_text", "pictures"), str),
    **dict.fromkeys(("read_pages", "paywall", "paused", "general", "approval", "translate"), bool),
    "weight": int,
    "categories": list,
    "selectors": dict,
}
"""Field of an entry, as in `NewSource` → its type."""
_CALLED = {
    str: "text in quotation marks",
    int: "a whole number",
    bool: "true or false, without quotation marks",
    list: "a list in square brackets",
    dict: "a table",
}


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


_BOUNDS: dict[str, tuple[Callable[[Any], object], str]] = {
    "kind": (lambda kind: kind in list(SourceKind), "no such kind: {}"),
    "language": (
        lambda tag: not tag or code(tag),
        "its language must be a code such as en, not {}",
    ),
    "weight": (lambda weight: 0 <= weight <= 100, "its weight must be a number from 0 to 100"),
    "categories": (_are_texts, "its categories must be texts"),
    "full_text": (lambda show: show in list(Show), "its full_text must be yes, no or private"),
    "pictures": (lambda show: show in list(Show), "its pictures must be yes, no or private"),
    "selectors": (lambda chosen: _are_texts(chosen.values()), "its selectors must be texts"),
}
_USUAL = NewSource("", "")


class SourcesError(ValueError):
    """An entry of a sources file is wrong; `name` says which."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"source {name}: {problem}")
        self.name = name
        self.problem = problem


@lru_cache(maxsize=1)
def defaults() -> tuple[NewSource, ...]:
    """Return the default sources, in the file's order. Raises SourcesError as `read` does."""
    return read((resources.files("news.sources") / "sources.toml").read_text("utf-8"))


def read(text: str) -> tuple[NewSource, ...]:
    """Return the sources of a file in the format of `sources.toml`; () if it lists none.

    Raises:
        SourcesError: An entry lacks a name or address, or has an unknown or invalid field.
        tomllib.TOMLDecodeError: The text is not TOML.
    """
    entries = tomllib.loads(text).get("source")
    listed = entries if isinstance(entries, list) else []
    return tuple(_source(place, entry) for place, entry in enumerate(listed, start=1))


def problem_of(field: str, value: object) -> str:
    """Return what is wrong with a field of an entry; empty if nothing is."""
    shape = _SHAPES.get(field)
    if shape is None:
        return f"unknown fields: {field}"
    if type(value) is not shape:
        return f"its {field} must be {_CALLED[shape]}"
    fits, problem = _BOUNDS.get(field, (lambda _: True, ""))
    return "" if fits(value) else problem.format(value)


def source_of(entry: Mapping[str, Any]) -> NewSource:
    """Return the source that an entry with valid fields describes."""
    given = {**entry, "kind": SourceKind(entry.get("kind", _USUAL.kind))}
    given["categories"] = tuple(entry.get("categories", ()))
    for field in ("full_text", "pictures"):
        given[field] = Show(entry.get(field, getattr(_USUAL, field)))
    return replace(_USUAL, **given)


def entry_of(source: NewSource) -> dict[str, Any]:
    """Return a source's name, address and weight, and other fields that differ from the default."""
    values = {field.name: getattr(source, field.name) for field in fields(NewSource)}
    return {
        name: value
        for name, value in values.items()
        if value != getattr(_USUAL, name) or name in {"name", "url", "weight"}
    }


def _source(place: int, entry: object) -> NewSource:
    if not isinstance(entry, dict):
        raise SourcesError(str(place), "it must be a table that begins with [[source]]")
    name = str(entry.get("name") or entry.get("url") or place)
    for field, value in entry.items():
        if problem := problem_of(field, value):
            raise SourcesError(name, problem)
    if not all(entry.get(field, "").strip() for field in ("name", "url")):
        raise SourcesError(name, "it needs a name and a url")
    return source_of(entry)


def languages() -> frozenset[str]:
    """Return the languages of the default sources, as two letters."""
    return frozenset(source.language for source in defaults() if source.language)


def trades() -> frozenset[str]:
    """Return the trades of the default sources, such as `watches`."""
    return frozenset(map(trade_of, defaults()))


def trade_of(source: NewSource) -> str:
    """Return the trade of a default source: as listed, or its first category, or empty."""
    return _listed().get(source.name) or next(iter(source.categories), "")


def chosen(packs: Collection[str]) -> tuple[NewSource, ...]:
    """Return the default sources in these languages and trades; no language or trade means all."""
    of_languages, of_trades = languages().intersection(packs), trades().intersection(packs)
    return tuple(
        source
        for source in defaults()
        if (not of_languages or source.language in of_languages)
        and (not of_trades or trade_of(source) in of_trades)
    )


@lru_cache(maxsize=1)
def _listed() -> dict[str, str]:
    """Return source's name → trade, for sources with another trade than their first category."""
    text = (resources.files("news.sources") / "packs.toml").read_text("utf-8")
    return {name: trade for trade, names in tomllib.loads(text).items() for name in names}
