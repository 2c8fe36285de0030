"""Selection of default sources by language and trade."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from news.sources.defaults import defaults

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.model import NewSource


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
