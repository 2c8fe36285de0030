"""The categories that readers can follow, and the names by which texts and readers call them.

The categories, houses and groups stand in `taxonomy.toml`; the words by which sections and
markets are told stand in `words.toml`. Both are data: adding a house needs no code.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process

from news.filing.phrases import has_cjk, key
from storage.model import Category, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LEAST_LIKENESS = 72.0
_LEAST_CJK_LIKENESS = 50.0
"""Chinese names are two or three letters long: one wrong letter is half the name."""
_INDEPENDENT = "independent"
_HOUSE_FIELDS = frozenset(
    {"name", "in", "also", "shared", "weak", "with", "unless", "not", "surname", "given"}
)
_WORDS_FIELDS = frozenset({"near", "strong", "plain", "hint", "not", "ordinary", "among"})
_GROUP_FIELDS = _HOUSE_FIELDS - {"in", "shared"}


class TaxonomyError(ValueError):
    """The taxonomy's files contradict themselves; `where` says at which entry."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Entry:
    """A category with the names it goes by in texts."""

    category: Category
    names: tuple[str, ...]
    """Names that mean this category and nothing else."""
    shared: tuple[str, ...] = ()
    """Names that mean this category and another one as well."""
    weak: tuple[str, ...] = ()
    """Names that also mean other things: they count only in context, and with a capital."""
    context: tuple[str, ...] = ()
    """Words near which a weak name is meant, besides those of its home sections."""
    unless: tuple[str, ...] = ()
    """Words near which no name of it is meant."""
    blocks: tuple[str, ...] = ()
    """Phrases that hold a name but mean something else: `Omega-3`."""
    homes: tuple[str, ...] = ()
    """Sections that its news are likely to belong to."""
    surname: bool = False
    """Whether the name after somebody's first name is that person's."""
    given: bool = False
    """Whether the name before a surname is that person's first name."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words by which a section or market is told, by how much they tell."""

    strong: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    """Sections that, when told, speak for this one too."""
    blocks: tuple[str, ...] = ()
    """Phrases that hold one of the words but mean something else."""
    ordinary: tuple[str, ...] = ()
    """Those of the words that tell nothing where one of `among` is told."""
    among: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All categories, in the order in which a picker shows them."""

    categories: Mapping[str, Category]
    entries: Mapping[str, Entry]
    words: Mapping[str, Words]
    first_names: frozenset[str]
    trade: tuple[str, ...]
    """Words near which any weak name is meant."""
    everyday: tuple[str, ...]
    """Words of everyday news, near which how a weak name is used tells nothing."""
    _by_key: Mapping[str, str] = field(repr=False)

    def find(self, text: str) -> Category | None:
        """The category that a reader means by its slug, its name or another name of it."""
        slug = self._by_key.get(key(text))
        return None if slug is None else self.categories[slug]

    def suggest(self, text: str, limit: int = 3) -> list[Category]:
        """The categories whose names look most like the text, best first."""
        wanted = key(text)
        if not wanted:
            return []
        least = _LEAST_CJK_LIKENESS if has_cjk(wanted) else _LEAST_LIKENESS
        found = process.extract(
            wanted, self._by_key.keys(), scorer=fuzz.ratio, score_cutoff=least, limit=limit * 4
        )
        begun = [name for name in self._by_key if name.startswith(wanted) and len(wanted) > 2]
        slugs = dict.fromkeys(self._by_key[name] for name, _, _ in found)
        slugs.update(dict.fromkeys(self._by_key[name] for name in begun))
        return [self.categories[slug] for slug in list(slugs)[:limit]]

    def houses_of(self, group_slug: str) -> tuple[Category, ...]:
        """The houses of a group, in order; none for a slug that is no group."""
        return tuple(
            category for category in self.categories.values() if category.group == group_slug
        )

    def by_kind(self, kind: Kind) -> tuple[Category, ...]:
        """The categories of a kind, in order."""
        return tuple(category for category in self.categories.values() if category.kind is kind)


@cache
def load() -> Taxonomy:
    """The project's taxonomy, read once.

    Raises:
        TaxonomyError: a file contradicts itself; the message names the entry.
    """
    folder = resources.files("news.filing")
    return build(
        tomllib.loads((folder / "taxonomy.toml").read_text("utf-8")),
        tomllib.loads((folder / "words.toml").read_text("utf-8")),
    )


def build(categories: Mapping[str, Any], words: Mapping[str, Any]) -> Taxonomy:
    """A taxonomy from the two files' contents.

    Raises:
        TaxonomyError: an unknown field, group or section, or a name that two entries claim.
    """
    entries: dict[str, Entry] = {}
    for table, kind in (("sections", Kind.SECTION), ("markets", Kind.MARKET)):
        _add(entries, _plain_entries(categories.get(table, {}), table, kind))
    groups = _plain_entries(categories.get("groups", {}), "groups", Kind.GROUP)
    known = {entry.category.slug for entry in groups}
    houses: list[Entry] = []
    for group, table in categories.get("houses", {}).items():
        if group != _INDEPENDENT and group not in known:
            raise TaxonomyError(f"houses.{group}", "there is no such group")
        houses += [
            _house(slug, fields, None if group == _INDEPENDENT else group, frozenset(entries))
            for slug, fields in table.items()
        ]
    _add(entries, sorted(houses, key=lambda entry: key(entry.category.name)))
    _add(entries, groups)
    return Taxonomy(
        categories=MappingProxyType({slug: entry.category for slug, entry in entries.items()}),
        entries=MappingProxyType(entries),
        words=MappingProxyType(_words(words, frozenset(entries))),
        first_names=frozenset(key(name) for name in categories.get("first_names", ())),
        trade=tuple(categories.get("trade", ())),
        everyday=tuple(categories.get("everyday", ())),
        _by_key=MappingProxyType(_keys(entries)),
    )


def _add(entries: dict[str, Entry], more: Iterable[Entry]) -> None:
    for entry in more:
        slug = entry.category.slug
        if slug in entries:
            raise TaxonomyError(slug, "the slug stands twice")
        entries[slug] = entry


def _plain_entries(table: Mapping[str, Any], where: str, kind: Kind) -> list[Entry]:
    allowed = _GROUP_FIELDS if kind is Kind.GROUP else frozenset({"name", "also"})
    entries = []
    for slug, fields in table.items():
        _check(f"{where}.{slug}", fields, allowed)
        entries.append(_entry(Category(slug, fields["name"], kind), fields))
    return entries


def _house(
    slug: str, fields: Mapping[str, Any], group: str | None, sections: frozenset[str]
) -> Entry:
    where = f"houses.{group or _INDEPENDENT}.{slug}"
    _check(where, fields, _HOUSE_FIELDS)
    for home in fields.get("in", ()):
        if home not in sections:
            raise TaxonomyError(where, f"there is no section {home!r}")
    return _entry(Category(slug, fields["name"], Kind.HOUSE, group), fields)


def _entry(category: Category, fields: Mapping[str, Any]) -> Entry:
    weak = tuple(fields.get("weak", ()))
    doubtful = {key(name) for name in weak}
    sure = () if key(category.name) in doubtful else (category.name,)
    return Entry(
        category=category,
        names=(*sure, *fields.get("also", ())),
        shared=tuple(fields.get("shared", ())),
        weak=weak,
        context=tuple(fields.get("with", ())),
        unless=tuple(fields.get("unless", ())),
        blocks=tuple(fields.get("not", ())),
        homes=tuple(fields.get("in", ())),
        surname=bool(fields.get("surname", False)),
        given=bool(fields.get("given", False)),
    )


def _check(where: str, fields: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if "name" not in fields:
        raise TaxonomyError(where, "it has no name")
    unknown = sorted(set(fields) - allowed)
    if unknown:
        raise TaxonomyError(where, f"unknown fields: {', '.join(unknown)}")


def _words(table: Mapping[str, Any], slugs: frozenset[str]) -> dict[str, Words]:
    words = {}
    for slug, fields in table.items():
        if slug not in slugs:
            raise TaxonomyError(f"words of {slug}", "there is no such section or market")
        unknown = sorted(set(fields) - _WORDS_FIELDS)
        if unknown:
            raise TaxonomyError(f"words of {slug}", f"unknown fields: {', '.join(unknown)}")
        words[slug] = Words(
            strong=tuple(fields.get("strong", ())),
            plain=tuple(fields.get("plain", ())),
            hint=tuple(fields.get("hint", ())),
            near=tuple(fields.get("near", ())),
            blocks=tuple(fields.get("not", ())),
            ordinary=tuple(fields.get("ordinary", ())),
            among=tuple(fields.get("among", ())),
        )
    return words


def _keys(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Every way to name a category; a name of several goes to the one that stands first."""
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for slug, entry in entries.items():
        for name in {slug, entry.category.name, *entry.names, *entry.weak}:
            if slug not in claims[key(name)]:
                claims[key(name)].append(slug)
    for name, slugs in claims.items():
        kinds = [entries[slug].category.kind for slug in slugs]
        if len(slugs) > len(set(kinds)):  # a house and its group may have one name
            raise TaxonomyError(", ".join(slugs), f"both go by the name {name!r}")
    keys = {name: slugs[0] for name, slugs in claims.items()}
    for slug, entry in entries.items():
        for name in entry.shared:
            keys.setdefault(key(name), slug)
    return keys
