"""What somebody types is bounded before it is folded and after, and read in few steps."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from handlers.typed import folding, parse_hours, requests
from handlers.typed.folding import FOLDED, LONGEST, bounded
from handlers.typed.parse_days import read_date, read_past_day
from handlers.typed.parse_hours import read_hours, read_minute
from handlers.typed.parse_moment import read_moment
from handlers.typed.places import Places
from handlers.typed.plain_words import opens_with_thanks, plain
from handlers.typed.requests import is_name, read_request, request_of, without_courtesies
from handlers.typed.search_filters import narrowed
from handlers.typed.story_numbers import story_number
from news.filing import taxonomy
from news.text.letters import without_accents
from storage.words.search_words import LONGEST_QUERY, muted, phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNITS = 4_096
TODAY, NOW = date(2026, 12, 2), datetime(2026, 12, 2, 9, tzinfo=UTC)
WIDEST = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
"""The character that becomes the most letters when it is folded: 18."""
MOST_STEPS = 20
"""The most times that one sentence may be split into a request and its subject."""


def narrow(text: str) -> object:
    return narrowed(
        text, sources=(), taxonomy=taxonomy.load(), shown=str, language="en", today=TODAY
    )


READERS: dict[str, Callable[[str], object]] = {
    "request": lambda text: read_request(text, lambda _: False),
    "courtesies": without_courtesies,
    "request of": request_of,
    "name": is_name,
    "thanks": opens_with_thanks,
    "number": story_number,
    "minute": read_minute,
    "hours": read_hours,
    "day": lambda text: read_date(text, "en", TODAY),
    "past day": lambda text: read_past_day(text, "zh", TODAY),
    "moment": lambda text: read_moment(text, "it", NOW),
    "search": narrow,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "seed", [WIDEST, f"{WIDEST} ", f"{WIDEST}'", "\u1f80 ", "\ud55c", "a ", "1"]
)
def test_no_reader_of_typed_words_folds_a_longer_text_than_is_read(
    monkeypatch: pytest.MonkeyPatch, reader: str, seed: str
) -> None:
    folded: list[str] = []

    def without_accents_noted(text: str) -> str:
        folded.append(text)
        return without_accents(text)

    monkeypatch.setattr(folding, "without_accents", without_accents_noted)
    plain.cache_clear()
    text = (seed * UNITS)[:UNITS]
    READERS[reader](text)
    assert all(len(one) <= LONGEST for one in folded)
    assert all(len(unicodedata.normalize("NFKD", one)) <= FOLDED for one in folded)


@pytest.mark.parametrize(
    "text", ["a" * LONGEST, "\ud55c" * LONGEST, "\u1ebf" * LONGEST, "\u4e2d" * LONGEST]
)
def test_words_of_a_language_are_bounded_only_before_they_are_folded(text: str) -> None:
    assert bounded(text + "and more") == text


def test_letters_that_become_many_are_bounded_after_they_are_folded_too() -> None:
    assert 0 < len(without_accents(bounded(WIDEST * UNITS))) <= FOLDED


@pytest.mark.parametrize("seed", ["a", WIDEST, "\u1f80 "])
def test_words_that_are_searched_for_or_followed_are_bounded(seed: str) -> None:
    text = seed * UNITS
    assert muted(text) == muted(text[:LONGEST_QUERY])
    assert sum(len(word) for phrase in phrases(text) for word in phrase.tokens) <= LONGEST_QUERY


async def test_a_city_with_a_very_long_name_is_not_looked_up() -> None:
    assert await Places(None).find(WIDEST * UNITS) == ()  # type: ignore[arg-type]  # never asked


@pytest.mark.parametrize(
    ("before", "behind"),
    [("and", "news"), ("only", "articles"), ("i want", "no thanks"), ("voglio", "notizie")],
)
def test_wishes_in_wishes_are_read_in_few_steps(
    monkeypatch: pytest.MonkeyPatch, before: str, behind: str
) -> None:
    steps, read = iter(range(MOST_STEPS)), requests._as_asked

    def counted(text: str) -> Iterator[tuple[str, str]]:
        next(steps)
        return read(text)

    monkeypatch.setattr(requests, "_as_asked", counted)
    read_request(f"{before} " * 12 + "zqv" + f" {behind}" * 12, lambda _: False)


@pytest.mark.parametrize("wish", ["i want ", "and ", "thanks ", "the ", "merci ", "voglio "])
def test_a_repeated_wish_or_courtesy_is_no_request(wish: str) -> None:
    assert read_request(wish * (UNITS // len(wish)), lambda _: False).kind in {"", "search"}


def test_a_wish_may_hold_a_wish_that_holds_a_request() -> None:
    request = read_request("and I would like less Gucci", "Gucci".__eq__)
    assert (request.kind, request.words) == ("less", "Gucci")


def test_a_time_has_few_characters() -> None:
    assert read_minute("at " * 20 + "7:30") == 7 * 60 + 30
    assert read_minute("at " * parse_hours.LONGEST + "7:30") is None
