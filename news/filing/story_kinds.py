"""The kind of a story and how much it weighs for an editor, from the learned layer's answers."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, NamedTuple

from news.filing import taxonomy
from news.filing.learned import KIND, TENFOLD, WEIGHT
from news.filing.reading import read
from news.filing.tokenising.article_words import parts_of
from storage.model import StoryKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAVIEST = 3.0
_LANES = [(kind, f"{KIND}{kind}") for kind in StoryKind]


class Rated(NamedTuple):
    """What kind of story an article tells, how sure that is, and what weight it may have."""

    kind: StoryKind
    certainty: float
    weight: float
    """From 0, left out, to 3, could lead the whole briefing."""


def rated(logits: Mapping[str, float]) -> Rated:
    """Return what the learned layer's logits say of a story."""
    powers = {kind: exp(logits[lane]) for kind, lane in _LANES}
    kind = max(powers, key=powers.__getitem__)
    weight = max(0.0, min(_HEAVIEST, logits[WEIGHT] / TENFOLD))
    return Rated(kind, powers[kind] / sum(powers.values()), weight)


def rated_text(title: str, standfirst: str = "") -> Rated:
    """Return the kind and weight of a story from its words, which filing has not read yet."""
    (found,) = read([parts_of(title, standfirst, None)], taxonomy.load())
    return rated(found.logits)
