"""Whether what is found in an article files it under a section, and whether the trade wants it.

What the lists find and what the learned layer says are put together by two small logistic
regressions, whose weights, `weighing.toml`, `./dev train` learns from real headlines: one that
decides for each section by the same few signs, and one, the gate, that decides which articles of a
general source go into sections at all.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from news.filing.evidence import ENOUGH, Points
from news.filing.learned import TRADE
from news.filing.lexicon import HINT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_TWO_SIGNS = 4.5
_MOST = 6.0
"""Points, and logits either way: what is beyond says no more."""


class Weighing(NamedTuple):
    """The weights of both regressions."""

    signs: Mapping[str, float]
    """Sign → what it weighs, for every section."""
    sections: Mapping[str, float]
    """Section → what it takes off or adds."""
    gate: Mapping[str, float]
    kept: float
    """The logit from which on a section is kept that the lists' points suffice for."""
    housed: float
    """The same where they suffice only with what a house adds."""
    added: float
    """The logit from which on a section is added for which they have too few."""
    alone: float
    """The same where they have none."""
    open: float
    """The gate's logit from which on an article goes into sections."""
    open_for_markets: float

    def logits(self, found: Points, learned: Mapping[str, float]) -> dict[str, float]:
        """Return for each section that may be filed how surely it is; above 0, it is likely."""
        of_sections = {
            slug: points for slug, points in found.words.items() if slug in self.sections
        }
        enough = {slug for slug, points in of_sections.items() if points >= ENOUGH}
        most = min(max(of_sections.values(), default=0), _MOST)
        # Most sections have neither points nor houses: of them these signs alone are asked.
        weight = self.signs.get("learned", 0)
        beside = self.signs.get("others", 0) * len(enough)
        beside += self.signs.get("most of others", 0) * most
        logits = {}
        for slug, base in self.sections.items():
            if slug not in learned:
                continue
            if slug not in of_sections and slug not in found.homes:
                logits[slug] = base + weight * max(-_MOST, min(_MOST, learned[slug])) + beside
                continue
            signs = signs_of(slug, found, learned[slug], enough, most)
            logits[slug] = base + sum(self.signs.get(name, 0) * value for name, value in signs)
        return logits

    def least(self, words: float, points: float) -> float:
        """Return the logit from which on a section is filed.

        Args:
            words: The points of its words.
            points: These and what houses add.
        """
        if words >= ENOUGH:
            return self.kept
        if points >= ENOUGH:
            return self.housed
        return self.added if points >= HINT else self.alone

    def gate_logit(
        self, found: Points, learned: Mapping[str, float], logits: Mapping[str, float]
    ) -> float:
        """Return how surely the trade wants an article; above 0, it is likely."""
        signs = gate_signs(found, learned, logits)
        return sum(self.gate.get(name, 0) * value for name, value in signs.items())


def signs_of(
    slug: str, found: Points, logit: float, enough: Collection[str], most: float
) -> list[tuple[str, float]]:
    """Return what speaks for a section or against it, each sign with how much there is of it.

    Args:
        slug: The section.
        found: What the lists find.
        logit: What the learned layer says of the section.
        enough: The sections that the lists' words suffice for.
        most: The points of the section that most speaks for, at most six.
    """
    logit = max(-_MOST, min(_MOST, logit))
    points, home = found.words.get(slug, 0), found.homes.get(slug, 0)
    has_enough = slug in enough
    others = len(enough) - has_enough
    signs = [("learned", logit)]
    if others:
        signs.append(("others", others))
    if points >= HINT:
        signs += [("points", min(points, _MOST)), ("some", 1)]
        if has_enough:
            signs += [("enough", 1), ("learned where enough", logit)]
            if points >= _TWO_SIGNS:
                signs.append(("two signs", 1))
        else:
            signs.append(("learned where some", logit))
    if not has_enough and most:
        signs.append(("most of others", most))
    if home:
        signs += _of_house(slug, min(home, ENOUGH), found, enough)
    return signs


def _of_house(
    slug: str, points: float, found: Points, enough: Collection[str]
) -> list[tuple[str, float]]:
    """What houses say for their section, and what takes the text from it."""
    signs = [("house", points), (f"house in {slug}", points)]
    others = [other for other in enough if other != slug]
    if not enough:
        signs.append(("house alone", 1))
    elif others:
        signs.append(("house beside others", 1))
        signs += [(f"house beside {other}", 1) for other in others]
    if found.everyday:
        signs.append(("house in everyday news", 1))
    return signs


def gate_signs(
    found: Points, learned: Mapping[str, float], logits: Mapping[str, float]
) -> dict[str, float]:
    """Return what speaks for the trade's wanting an article or against it, as `signs_of`."""
    signs = {"base": 1.0, "learned": learned.get(TRADE, 0)}
    if found.houses:
        signs["house"] = 1
    for slug, logit in logits.items():
        signs[f"learned {slug}"] = max(-_MOST, min(_MOST, learned[slug]))
        signs[f"filed {slug}"] = max(-3.0, min(3.0, logit))
        if found.words.get(slug, 0) >= ENOUGH:
            signs[f"enough {slug}"] = 1
    return signs


@cache
def load() -> Weighing:
    """Return the weights that come with the project, read once."""
    text = (resources.files("news.filing") / "weighing.toml").read_text("utf-8")
    return Weighing(**tomllib.loads(text))
