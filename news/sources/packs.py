"""Which of the sources to start with an operator wants: those of some languages, of some trades."""

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
    """The languages of the sources to start with, as two letters."""
    return frozenset(source.language for source in defaults() if source.language)


def trades() -> frozenset[str]:
    """The trades of the sources to start with, such as `watches`."""
    return frozenset(map(trade_of, defaults()))


def trade_of(source: NewSource) -> str:
    """The trade of a source to start with; "" where neither a category nor the list says it."""
    return _listed().get(source.name) or next(iter(source.categories), "")


def chosen(packs: Collection[str]) -> tuple[NewSource, ...]:
    """The sources to start with that are of these packs, in the list's order.

    Args:
        packs: Languages and trades. Of a source its language has to be among the languages, and its
            trade among the trades; where none is named, all are.
    """
    of_languages, of_trades = languages().intersection(packs), trades().intersection(packs)
    return tuple(
        source
        for source in defaults()
        if (not of_languages or source.language in of_languages)
        and (not of_trades or trade_of(source) in of_trades)
    )


@lru_cache(maxsize=1)
def _listed() -> dict[str, str]:
    """Name → trade, of the sources whose trade is not their first category."""
    text = (resources.files("news.sources") / "packs.toml").read_text("utf-8")
    return {name: trade for trade, names in tomllib.loads(text).items() for name in names}
