"""The kind of a story and how much it weighs for an editor, from the learned layer's answers."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, NamedTuple

from news.filing import taxonomy
from news.filing.learned import KIND, WEIGHT
from news.filing.reading import read
from news.filing.tokenising.article_words import parts_of
from storage.model import StoryKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WEIGHTS = (1, 2, 3)
"""Weights that a story may have or exceed; 0 is left out, 3 could lead the whole briefing."""
_LANES = [(kind, f"{KIND}{kind}") for kind in StoryKind]


class Rated(NamedTuple):
    """What kind of story an article tells, how sure that is, and what weight it may have."""

    kind: StoryKind
    certainty: float
    weight: float
    """The expected one of `WEIGHTS`, 0 to 3."""


def rated(logits: Mapping[str, float]) -> Rated:
    """Return what the learned layer's logits say of a story."""
    powers = {kind: exp(logits[lane]) for kind, lane in _LANES}
    kind = max(powers, key=powers.__getitem__)
    weight = sum(1 / (1 + exp(-logits[f"{WEIGHT}{least}"])) for least in WEIGHTS)
    return Rated(kind, powers[kind] / sum(powers.values()), weight)


def rated_texts(titles: Sequence[str], standfirsts: Sequence[str]) -> list[Rated]:
    """Return the kinds and weights of stories from their words, which filing has not read yet."""
    parts = [parts_of(*each, None) for each in zip(titles, standfirsts, strict=True)]
    return [rated(found.logits) for found in read(parts, taxonomy.load())]
