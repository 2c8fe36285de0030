from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from news.filing import taxonomy
from news.sources.defaults import chosen, defaults, trade_of, trades


def test_every_default_source_has_an_address_a_language_and_known_categories() -> None:
    known = taxonomy.load().categories
    listed = defaults()

    assert len(listed) > 100
    for source in listed:
        assert urlsplit(source.url).scheme == "https", source
        assert source.language in {"en", "it", "es", "fr", "de", "zh", "ja"}, source
        assert set(source.categories) <= set(known), source


def test_no_default_source_is_listed_twice() -> None:
    listed = defaults()

    assert len({source.url for source in listed}) == len(listed)
    assert len({source.name.casefold() for source in listed}) == len(listed)


def test_without_packs_an_archive_starts_with_all_sources() -> None:
    assert chosen(()) == defaults()
    assert all(map(trade_of, defaults()))
    assert trades() >= {"watches", "beauty", "art", "real-estate", "yachts"}


def test_packs_are_languages_and_trades_of_which_a_source_has_one_each() -> None:
    italian = chosen(("it",))
    assert {source.language for source in italian} == {"it"}
    watches = chosen(("en", "de", "watches", "jewellery"))
    assert {source.language for source in watches} == {"en", "de"}
    assert {source.categories for source in watches} == {("watches",), ("jewellery",)}


@pytest.mark.parametrize("slug", ["beauty", "art", "real-estate", "yachts", "tourism", "watches"])
def test_each_trade_has_default_sources(slug: str) -> None:
    assert len(chosen((slug,))) >= 4
