"""The categories that readers can follow, and their names in texts.

Categories, houses and groups are in `taxonomy.toml`, the words of each section and market in a file
of `words/`, and words around a name that show whether a house is meant in `context.toml`. Adding a
house takes one line of `taxonomy.toml`.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from functools import cache, cached_property
from hashlib import sha256
from itertools import islice, takewhile
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from news.filing.spelling import nearest, slips, sound
from news.filing.tokenising.folding import fold, has_cjk, key
from storage.beside_bytecode import BesideBytecode
from storage.model import Category, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_LEAST_BEGUN = 3
"""Letters of a name that must be typed before it is suggested."""
_LONGEST_NAME = 100
"""Characters of a text that may be a name or a strong word."""
_LONG = 7
"""Fewest letters of a typed name in which even the first letter may be wrong."""
_EVERYDAY = frozenset(
    (
        *("aide", "aiuto", "amore", "bella", "bravo", "buenas", "ciao", "grazie", "hallo"),
        *("hello", "help", "hola", "lol", "merci", "more", "nice", "perfect", "pronto"),
        *("salut", "salute", "salve", "start", "stop", "super", "thanks"),
    )
)
"""Common words in chats that are similar to some name; they are never taken for a typing error."""
_INDEPENDENT = "independent"
_HOUSE_FIELDS = frozenset(
    {"name", "in", "also", "shared", "weak", "with", "unless", "not", "surname"}
)
_WITH_WORDS = frozenset({Kind.SECTION, Kind.MARKET})
_RENAMED = {"not": "blocks"}
"""Field in a file of words → its name in `Words`."""
_GROUP_FIELDS = _HOUSE_FIELDS - {"in", "shared"}


class TaxonomyError(ValueError):
    """The taxonomy's files are inconsistent; `where` names the entry."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class NamedCategory:
    """A category with its names in texts."""

    category: Category
    names: tuple[str, ...]
    """Names that mean only this category."""
    shared: tuple[str, ...] = ()
    """Names that mean the category and another one as well."""
    weak: tuple[str, ...] = ()
    """Names that also have other meanings; they count only in context and with a capital."""
    context: tuple[str, ...] = ()
    """Words near which a weak name is meant, besides those of its home sections."""
    unless: tuple[str, ...] = ()
    """Words near which no name of the category is meant."""
    blocks: tuple[str, ...] = ()
    """Phrases that contain a name but mean something else: `Omega-3`."""
    homes: tuple[str, ...] = ()
    """Sections to which news of the house probably belongs."""
    surname: bool = False
    """Whether the name is also a surname: after a first name it means a person."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a section or market by weight, and other evidence for it."""

    strong: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    """Sections that, if they have enough points, add some to this section."""
    blocks: tuple[str, ...] = ()
    """Phrases that contain one of the words but mean something else."""
    ordinary: tuple[str, ...] = ()
    """Words that have no points if one of the sections in `among` has enough."""
    among: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Labels before titles of articles in the section: `Video: …`."""
    companies: bool = False
    """Whether news of what companies do belongs to the section."""
    towns: bool = False
    """Whether a name before a town is one of its houses: `Fairmont Doha`."""


@dataclass(frozen=True, slots=True)
class Companies:
    """Words around a company's name in headlines, all folded."""

    makers: frozenset[str]
    """Words before the name: `carmaker`, `CEO of`."""
    have: frozenset[str]
    """Words that may follow a company's name for a thing that it has: `ceo`, `boutique`."""
    do: frozenset[str]
    """Words that may follow a company's name and name an action that others may do too."""
    only_they_do: frozenset[str]
    """Words that may follow a company's name and name an action of companies only."""
    towns: frozenset[str]
    others_do: frozenset[str]
    """Phrases after a name that begin like one of `do` or `have` but do not show a company."""


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All categories, in the order in which a picker shows them."""

    categories: Mapping[str, Category]
    entries: Mapping[str, NamedCategory]
    words: Mapping[str, Words]
    companies: Companies
    first_names: frozenset[str]
    titles: frozenset[str]
    """Words before a surname, or before a name in a street address."""
    lifetimes: frozenset[str]
    """Words after the name of a designer who worked for a house: `the Tom Ford era`."""
    shops: tuple[str, ...]
    """Words near which any weak name is meant."""
    everyday: tuple[str, ...]
    """Words of everyday news; near them, a use typical of companies does not prove a weak name."""
    for_companies: tuple[str, ...]
    """Sections to which news of what companies do belongs."""
    _by_key: Mapping[str, str] = field(repr=False)

    @cached_property
    def _by_sound(self) -> Mapping[str, list[str]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._by_key:
            if key := sound(name):
                names[key].append(name)
        return MappingProxyType(names)

    @cached_property
    def _by_strong_word(self) -> Mapping[str, tuple[str, ...]]:
        slugs: dict[str, tuple[str, ...]] = {}
        for slug, words in self.words.items():
            for word in dict.fromkeys(map(fold, words.strong)):
                slugs[word] = (*slugs.get(word, ()), slug)
        return MappingProxyType(slugs)

    @cached_property
    def _in_order(self) -> list[tuple[str, int]]:
        """The keys of names in alphabetical order, each with its place in `_by_key`."""
        return sorted((name, place) for place, name in enumerate(self._by_key))

    @cached_property
    def _further_words(self) -> tuple[tuple[str, str], ...]:
        """The words of names after the first, as keys, each with the category's slug."""
        return tuple(
            (key(word), slug)
            for slug, entry in self.entries.items()
            for word in entry.category.name.split()[1:]
        )

    def find(self, text: str) -> Category | None:
        """Return the category with this slug, name or other name, or None."""
        slug = self._by_key.get(key(text)) if len(text) <= _LONGEST_NAME else None
        return None if slug is None else self.categories[slug]

    def begun(self, text: str, limit: int = 3) -> list[Category]:
        """Return up to `limit` categories with a name or a word of it that begins with the text."""
        wanted = key(text)
        if len(wanted) < (2 if has_cjk(wanted) else _LEAST_BEGUN):
            return []
        later = islice(self._in_order, bisect_left(self._in_order, (wanted,)), None)
        names = takewhile(lambda each: each[0].startswith(wanted), later)
        slugs = dict.fromkeys(self._by_key[name] for name, _ in sorted(names, key=itemgetter(1)))
        for word, slug in self._further_words:
            if word.startswith(wanted):
                slugs.setdefault(slug)
        return [self.categories[slug] for slug in list(slugs)[:limit]]

    def spoken_for(self, text: str) -> list[Category]:
        """Return sections and markets that have the text as a strong word: Style for `couture`."""
        slugs = self._by_strong_word.get(fold(text[:_LONGEST_NAME]), ())
        return [self.categories[slug] for slug in slugs]

    def suggest(self, text: str, limit: int = 3) -> list[Category]:
        """Return up to `limit` categories that a mistyped or incomplete text may mean; [] if none.

        A mistyped name sounds right, which counts as one error, or has at most as many errors as
        its length allows; the first letter of a short name must be right. Names with fewer errors
        come first, and incomplete names last. A strong word of sections is no error: the sections
        are returned.
        """
        wanted = key(text)
        if wanted in _EVERYDAY:
            return []
        if about := self.spoken_for(text):
            return about[:limit]
        near = [(1, name) for name in self._by_sound.get(sound(wanted), ())]
        if slips(wanted):
            for name, errors in nearest(wanted, self._by_key.keys()):
                if (name[0] == wanted[0] or len(wanted) >= _LONG) and not (
                    # Another word of two Chinese characters is rarely an error: 工匠 is not 工作.
                    len(wanted) == 2 and self.categories[self._by_key[name]].kind in _WITH_WORDS
                ):
                    near.append((errors, name))
        slugs = dict.fromkeys(self._by_key[name] for _, name in sorted(near))
        slugs.update(dict.fromkeys(category.slug for category in self.begun(text, limit)))
        return [self.categories[slug] for slug in list(slugs)[:limit]]

    def houses_of(self, group_slug: str) -> tuple[Category, ...]:
        """Return the houses of a group, in order; () if the slug is not a group."""
        return tuple(
            category for category in self.categories.values() if category.group == group_slug
        )

    def by_kind(self, kind: Kind) -> tuple[Category, ...]:
        """Return the categories of a kind, in order."""
        return tuple(category for category in self.categories.values() if category.kind is kind)


@cache
def load() -> Taxonomy:
    """Return the project's taxonomy, read once; TaxonomyError names an inconsistent entry."""
    folder = Path(__file__).parent
    words = sorted((folder / "words").glob("*.toml"))
    files = (folder / "taxonomy.toml", folder / "context.toml", *words)
    categories, context, *tables = BesideBytecode(__file__, "toml").derived(
        b"".join(sha256(each.read_bytes()).digest() for each in files),
        lambda: [tomllib.loads(each.read_text("utf-8")) for each in files],
    )
    by_section = {path.stem: table for path, table in zip(words, tables, strict=True)}
    return build(categories, by_section, context)


def build(
    categories: Mapping[str, Any], words: Mapping[str, Any], context: Mapping[str, Any]
) -> Taxonomy:
    """Return a taxonomy from the files' contents, `words` by section or market.

    Raises TaxonomyError for an unknown field, group or section, or a name of two entries.
    """
    entries: dict[str, NamedCategory] = {}
    for table, kind in (("sections", Kind.SECTION), ("markets", Kind.MARKET)):
        _add(entries, _plain_entries(categories.get(table, {}), table, kind))
    groups = _plain_entries(categories.get("groups", {}), "groups", Kind.GROUP)
    known = {entry.category.slug for entry in groups}
    houses: list[NamedCategory] = []
    for group, table in categories.get("houses", {}).items():
        if group != _INDEPENDENT and group not in known:
            raise TaxonomyError(f"houses.{group}", "this group does not exist")
        houses += [
            _house(slug, fields, None if group == _INDEPENDENT else group, frozenset(entries))
            for slug, fields in table.items()
        ]
    _add(entries, sorted(houses, key=lambda entry: key(entry.category.name)))
    _add(entries, groups)
    sections = {slug for slug, entry in entries.items() if entry.category.kind in _WITH_WORDS}
    by_section = _words(words, sections)
    return Taxonomy(
        categories=MappingProxyType({slug: entry.category for slug, entry in entries.items()}),
        entries=MappingProxyType(entries),
        words=MappingProxyType(by_section),
        companies=_companies(context.get("companies", {})),
        first_names=_folded(context.get("first_names", ())),
        titles=_folded(context.get("titles", ())),
        lifetimes=_folded(context.get("lifetimes", ())),
        shops=tuple(context.get("shops", ())),
        everyday=tuple(context.get("everyday", ())),
        for_companies=tuple(slug for slug, section in by_section.items() if section.companies),
        _by_key=MappingProxyType(_keys(entries)),
    )


def _add(entries: dict[str, NamedCategory], more: Iterable[NamedCategory]) -> None:
    for entry in more:
        slug = entry.category.slug
        if slug in entries:
            raise TaxonomyError(slug, "this slug is used twice")
        entries[slug] = entry


def _plain_entries(table: Mapping[str, Any], where: str, kind: Kind) -> list[NamedCategory]:
    allowed = _GROUP_FIELDS if kind is Kind.GROUP else frozenset({"name", "also"})
    entries = []
    for slug, fields in table.items():
        _check(f"{where}.{slug}", fields, allowed)
        names = _further_names(fields) if kind is Kind.GROUP else ()
        entries.append(_entry(Category(slug, fields["name"], kind, names=names), fields))
    return entries


def _house(
    slug: str, fields: Mapping[str, Any], group: str | None, sections: frozenset[str]
) -> NamedCategory:
    where = f"houses.{group or _INDEPENDENT}.{slug}"
    _check(where, fields, _HOUSE_FIELDS)
    homes = fields.get("in", ())
    for home in homes:
        if home not in sections:
            raise TaxonomyError(where, f"there is no section {home!r}")
    section = next(iter(homes), None)
    names = _further_names(fields)
    return _entry(Category(slug, fields["name"], Kind.HOUSE, group, section, names), fields)


def _further_names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for kind in ("also", "shared", "weak") for name in fields.get(kind, ()))


def _entry(category: Category, fields: Mapping[str, Any]) -> NamedCategory:
    weak = tuple(fields.get("weak", ()))
    doubtful = {key(name) for name in weak}
    sure = () if key(category.name) in doubtful else (category.name,)
    return NamedCategory(
        category=category,
        names=(*sure, *fields.get("also", ())),
        shared=tuple(fields.get("shared", ())),
        weak=weak,
        context=tuple(fields.get("with", ())),
        unless=tuple(fields.get("unless", ())),
        blocks=tuple(fields.get("not", ())),
        homes=tuple(fields.get("in", ())),
        surname=bool(fields.get("surname", False)),
    )


def _check(where: str, fields: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if "name" not in fields:
        raise TaxonomyError(where, "it has no name")
    unknown = sorted(set(fields) - allowed)
    if unknown:
        raise TaxonomyError(where, f"unknown fields: {', '.join(unknown)}")


def _words(table: Mapping[str, Any], slugs: Collection[str]) -> dict[str, Words]:
    words = {slug: Words() for slug in slugs}
    known = {field.name for field in fields_of(Words)}
    for slug, fields in table.items():
        if slug not in slugs:
            raise TaxonomyError(f"words of {slug}", "there is no such section or market")
        unknown = sorted(name for name in fields if _RENAMED.get(name, name) not in known)
        if unknown:
            raise TaxonomyError(f"words of {slug}", f"unknown fields: {', '.join(unknown)}")
        values: dict[str, Any] = {
            _RENAMED.get(name, name): tuple(value) if isinstance(value, list) else value
            for name, value in fields.items()
        }
        words[slug] = Words(**values)
    return words


def _companies(table: Mapping[str, Any]) -> Companies:
    names = [field.name for field in fields_of(Companies)]
    unknown = sorted(set(table) - set(names))
    if unknown:
        raise TaxonomyError("companies", f"unknown fields: {', '.join(unknown)}")
    return Companies(**{name: _folded(table.get(name, ())) for name in names})


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


def _keys(entries: Mapping[str, NamedCategory]) -> dict[str, str]:
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
