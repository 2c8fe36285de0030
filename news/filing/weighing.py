"""Decision whether an article is filed under a section, and whether it is relevant to the trade.

Two small logistic regressions combine points from the lists with logits of the learned layer. One
decides on each section with the same few features. The other, the gate, decides which articles of a
general source get sections at all. `./dev train` learns their weights, `weighing.toml`, from real
headlines.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from math import exp
from typing import TYPE_CHECKING, NamedTuple

from news.filing.evidence import ENOUGH, Points
from news.filing.learned import TRADE
from news.filing.lexicon import HINT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_TWO_SIGNS = 4.5
_LONGEST = 20
"""Most words of a title that count."""
_MOST = 6.0
"""Largest points, and largest absolute logit, that count."""


class Weighing(NamedTuple):
    """Weights and thresholds of both regressions."""

    signs: Mapping[str, float]
    """Feature → weight, the same for every section."""
    sections: Mapping[str, float]
    """Section → intercept of its logit."""
    gate: Mapping[str, float]
    of_the_trade: Collection[str]
    """Sections whose news is mostly relevant to the trade; the others have news of all kinds."""
    kept: float
    """Lowest logit at which a section with enough points from words is filed."""
    housed: float
    """Lowest logit for a section that has enough points only together with those of houses."""
    added: float
    """Lowest logit at which a section with too few points is filed."""
    alone: float
    """Lowest logit at which a section without points is filed."""
    open: float
    """Lowest logit of the gate at which an article gets sections."""
    open_for_markets: float
    sure: float
    """Lowest logit of the gate at which an article in no section is filed under its likeliest."""
    likeliest: float
    """Lowest logit of that section."""

    def logits(self, found: Points, learned: Mapping[str, float]) -> dict[str, float]:
        """Return section → logit that the article belongs there."""
        of_sections = {
            slug: points for slug, points in found.words.items() if slug in self.sections
        }
        enough = {slug for slug, points in of_sections.items() if points >= ENOUGH}
        most = min(max(of_sections.values(), default=0), _MOST)
        # Fast path for most sections, which have neither points nor houses and only these features.
        weight = self.signs.get("learned", 0)
        beside = self.signs.get("others", 0) * len(enough)
        beside += self.signs.get("most of others", 0) * most
        logits, homes, weights = {}, found.homes, self.signs.get
        for slug, base in self.sections.items():
            logit = learned.get(slug)
            if logit is None:
                continue
            if slug not in of_sections and slug not in homes:
                limited = -_MOST if logit < -_MOST else min(_MOST, logit)
                logits[slug] = base + weight * limited + beside
                continue
            signs = signs_of(slug, found, logit, enough, most)
            logits[slug] = base + sum([weights(name, 0) * value for name, value in signs])
        return logits

    def least(self, words: float, points: float) -> float:
        """Return the lowest logit at which a section is filed; `points` includes houses'."""
        if words >= ENOUGH:
            return self.kept
        if points >= ENOUGH:
            return self.housed
        return self.added if points >= HINT else self.alone

    def section_of_sure(self, logits: Mapping[str, float], gate: float) -> str | None:
        """Return the likeliest section of an article without one, if the trade surely wants it."""
        if gate < self.sure or not logits:
            return None
        best = max(logits, key=logits.__getitem__)
        return best if logits[best] >= self.likeliest else None

    def gate_logit(
        self, found: Points, learned: Mapping[str, float], logits: Mapping[str, float]
    ) -> float:
        """Return the logit that an article is relevant to the trade."""
        signs = gate_signs(found, learned, logits, self.of_the_trade)
        weights = self.gate.get
        return sum([weights(name, 0) * value for name, value in signs.items()])


def signs_of(
    slug: str, found: Points, logit: float, enough: Collection[str], most: float
) -> list[tuple[str, float]]:
    """Return the features of a section and their values; `most` is the largest points of any."""
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
    found: Points,
    learned: Mapping[str, float],
    logits: Mapping[str, float],
    of_the_trade: Collection[str],
) -> dict[str, float]:
    """Return an article's features for the gate: feature → value."""
    signs = {
        "base": 1.0,
        "learned": learned.get(TRADE, 0),
        "length": min(found.length, _LONGEST) / 10,
        "best of the trade": -_MOST,
        "best of others": -_MOST,
        "of the trade": 0.0,
    }
    if found.houses:
        signs["house"] = 1
    for slug, logit in logits.items():
        wanted = slug in of_the_trade
        best = "best of the trade" if wanted else "best of others"
        signs[best] = max(signs[best], min(_MOST, logit))
        if wanted:
            signs["of the trade"] += 1 / (1 + exp(-logit))
        signs[f"filed {slug}"] = max(-3.0, min(3.0, logit))
        if found.words.get(slug, 0) >= ENOUGH:
            signs[f"enough {slug}"] = 1
    return signs


@cache
def load() -> Weighing:
    """Return the weights in `weighing.toml`, read once."""
    text = (resources.files("news.filing") / "weighing.toml").read_text("utf-8")
    return Weighing(**tomllib.loads(text))
