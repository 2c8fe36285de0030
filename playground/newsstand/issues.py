"""The newspaper's daily issue, composed from parts: a story a beat, in five languages. Pure.

An issue depends on its date and language only. A headline comes back after five weeks at the
earliest. On one day, no two languages have the same story.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from playground.newsstand.stories import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

LANGUAGES = ("en", "it", "es", "fr", "zh")
HOURS = {16: 3, 20: 4, 1: 3, 4: 4, 6: 4, 11: 3}
"""Hour in UTC → how many beats are printed in it, in the order of `beats.toml`."""
NUMBERS = range(12, 47)
"""Each language has every fifth of these: a house and a number in two reports mean one event."""
PERCENTAGES = range(3, 23)
"""Shared out like `NUMBERS`."""


@dataclass(frozen=True, slots=True)
class IssueStory:
    """A story of an issue."""

    slug: str
    hour: int
    """The hour in UTC in which it is printed."""
    draft: Draft


def issue(day: date, language: str) -> list[IssueStory]:
    """Return the stories of a day in a language, in the order of printing.

    Raises:
        ValueError: The newspaper has no such language.
    """
    shift = LANGUAGES.index(language)
    names, sentences = _parts("names").get(language, {}), _parts(language)
    hours = [hour for hour, beats in HOURS.items() for _ in range(beats)]
    items = []
    for position, (beat, hour) in enumerate(zip(_parts("beats")["beat"], hours, strict=True)):
        # Sentences, houses, places and numbers of a beat are 3, 5, 4 and 7, which have no common
        # divisor, so that a headline with two of them comes back late. Beats with one house, or
        # with names that are not known as houses, have 4 sentences and other numbers of places: a
        # sentence that comes back within three days would be of the same event. All change daily,
        # or the stories of three days would share their house, place and number and be one event.
        # The shift gives each language another house, but not another place: a house would be at
        # one place in one language after the other.
        choice = (day.toordinal() + shift) % len(sentences[beat["key"]])
        turn = day.toordinal() + shift + position
        house = _turned(beat["houses"], turn)
        place = _turned(beat["places"], turn - shift)
        values = {
            "house": names.get(house, house),
            "place": names.get(place, place),
            "n": _turned(NUMBERS[shift :: len(LANGUAGES)], turn),
            "p": _turned(PERCENTAGES[shift :: len(LANGUAGES)], turn),
        }
        title, standfirst = sentences[beat["key"]][choice]
        draft = Draft(
            feed=beat["feed"],
            categories=tuple(beat["categories"]),
            title=title.format_map(values),
            standfirst=standfirst,
            body=_body(sentences["body"], day.toordinal() + position, values),
            picture=_turned(beat["pictures"], day.toordinal()),
            language=language,
        )
        items.append(IssueStory(f"{beat['key']}-{language}-{day:%Y-%m-%d}", hour, draft))
    return items


def _body(
    lists: Mapping[str, Sequence[str]], turn: int, values: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return a story's paragraphs, one of each list; those of neighbours in an issue differ."""
    return tuple(
        _turned(paragraphs, turn + turn // step).format_map(values)
        for step, paragraphs in enumerate(lists.values(), 2)
    )


def _turned(values: Any, turn: int) -> Any:  # noqa: ANN401 - the type of the list's values
    return values[turn % len(values)]


@cache
def _parts(file: str) -> dict[str, Any]:
    """Return a file of `parts/`, cached; callers must not change it."""
    path = resources.files("playground.newsstand") / "parts" / f"{file}.toml"
    return tomllib.loads(path.read_text("utf-8"))
