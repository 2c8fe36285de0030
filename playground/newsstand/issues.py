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
    from datetime import date

LANGUAGES = ("en", "it", "es", "fr", "zh")
HOURS = {16: 3, 20: 4, 1: 3, 4: 4, 6: 4, 11: 3}
"""Hour in UTC → how many beats are printed in it, in the order of `beats.toml`."""
NUMBERS = (12, 18, 20, 24, 30, 36, 40)
PERCENTAGES = (6, 7, 8, 9, 11, 12, 14)


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
        # Houses, places and numbers of a beat are 5, 4 and 7, which have no common divisor, so that
        # a headline with two of them comes back late. The shift gives each language another house.
        choice = (day.toordinal() + shift) % len(sentences[beat["key"]])
        turn = day.toordinal() // len(sentences[beat["key"]]) + shift + position
        house, place = _turned(beat["houses"], turn), _turned(beat["places"], turn)
        values = {
            "house": names.get(house, house),
            "place": names.get(place, place),
            "n": _turned(NUMBERS, turn),
            "p": _turned(PERCENTAGES, turn),
        }
        title, standfirst = sentences[beat["key"]][choice]
        draft = Draft(
            feed=beat["feed"],
            categories=tuple(beat["categories"]),
            title=title.format_map(values),
            standfirst=standfirst,
            picture=_turned(beat["pictures"], day.toordinal()),
            language=language,
        )
        items.append(IssueStory(f"{beat['key']}-{language}-{day:%Y-%m-%d}", hour, draft))
    return items


def _turned(values: Any, turn: int) -> Any:  # noqa: ANN401 - the type of the list's values
    return values[turn % len(values)]


@cache
def _parts(file: str) -> dict[str, Any]:
    """Return a file of `parts/`, cached; callers must not change it."""
    path = resources.files("playground.newsstand") / "parts" / f"{file}.toml"
    return tomllib.loads(path.read_text("utf-8"))
