"""The sources that a new archive starts with, as `sources.toml` lists them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

from news.text.language_tag import code
from storage.model import NewSource, Show, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping


SHAPES: dict[str, type] = {
    "name": str,
    "url": str,
    "site": str,
    "kind": str,
    "language": str,
    "weight": int,
    "categories": list,
    "read_pages": bool,
    "full_text": str,
    "pictures": str,
    "paywall": bool,
    "selectors": dict,
    "paused": bool,
}
"""The fields of an entry, and the type of each."""


class SourcesError(ValueError):
    """An entry of a sources file is wrong; `name` says which."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"source {name}: {problem}")
        self.name = name
        self.problem = problem


def defaults() -> tuple[NewSource, ...]:
    """The default sources, in the file's order.

    Raises:
        SourcesError: an entry lacks a name or address, or has a field that is not known.
    """
    return read((resources.files("news.sources") / "sources.toml").read_text("utf-8"))


def read(text: str) -> tuple[NewSource, ...]:
    """The sources of a file in the form of `sources.toml`.

    Raises:
        SourcesError: an entry lacks a name or address, or has a field that is not known.
        tomllib.TOMLDecodeError: the text is no TOML.
    """
    return tuple(_source(fields) for fields in tomllib.loads(text).get("source", ()))


def _source(fields: Mapping[str, Any]) -> NewSource:
    name = str(fields.get("name", "")).strip()
    url = str(fields.get("url", "")).strip()
    if not name or not url:
        raise SourcesError(name or url or "without a name", "it needs a name and a url")
    unknown = sorted(set(fields) - SHAPES.keys())
    if unknown:
        raise SourcesError(name, f"unknown fields: {', '.join(unknown)}")
    try:
        kind = SourceKind(fields.get("kind", SourceKind.FEED))
    except ValueError as error:
        raise SourcesError(name, f"no such kind: {fields['kind']}") from error
    weight = fields.get("weight", 50)
    if not isinstance(weight, int) or not 0 <= weight <= 100:
        raise SourcesError(name, "its weight is no number from 0 to 100")
    language = fields.get("language")
    if language and code(language) is None:
        raise SourcesError(name, f"its language must be a code such as en, not {language}")
    return NewSource(
        name=name,
        url=url,
        site=str(fields.get("site", "")),
        kind=kind,
        language=language,
        weight=weight,
        categories=tuple(fields.get("categories", ())),
        read_pages=bool(fields.get("read_pages", False)),
        full_text=_show(name, fields, "full_text", Show.PRIVATE),
        pictures=_show(name, fields, "pictures", Show.YES),
        paywall=fields.get("paywall"),
        selectors=dict(fields.get("selectors", {})),
        paused=bool(fields.get("paused", False)),
    )


def _show(name: str, fields: Mapping[str, Any], field: str, usual: Show) -> Show:
    """Where something of a source may be shown, as its entry says."""
    try:
        return Show(fields.get(field, usual))
    except ValueError as error:
        raise SourcesError(name, f"its {field} must be yes, no or private") from error
