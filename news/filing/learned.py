"""What the learned layer says of a title: for each section, how likely its words make it.

A logistic regression for each section over words, pairs of words and runs of characters,
trained by `./dev train` on the labelled headlines beside that script. The weights are data,
`learned.tsv`, whose first lines say what they were made from.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from importlib import resources
from math import sqrt
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from news.filing.tokens import Text

MOST_CHARACTERS = 300
"""What a title and a standfirst say, they say at their beginning."""
_SCALE = 3.0
_FEW = 30
"""Features: from fewer, nothing is concluded more boldly."""
_SHORTEST, _LONGEST = 3, 5
_LONGEST_RUN = 3
"""Ideographs."""
_NUMBER = re.compile(r"\d+")
_SHARE = re.compile(r"\d\s?[%\uff05]")
_PER_CENT, _MONEY = "%", "$"
_MARKS = (_PER_CENT, _MONEY)
_FIRST_IDEOGRAPH = "\u2e80"
_LAST_IDEOGRAPH = "\u9fff"
_HUNDREDTH = 0.01
_BITS = 32
_ZERO = 1 << 31
"""0 in 32 bits of which a sum may be less."""


class Learned:
    """The weights of the learned layer.

    Args:
        slugs: The sections that were learned.
        intercepts: The logit of each where nothing is known.
        weights: Feature → the places of slugs that it speaks for or against → hundredths.
    """

    def __init__(
        self,
        slugs: Sequence[str],
        intercepts: Sequence[float],
        weights: Mapping[str, Mapping[int, int]],
    ) -> None:
        self.slugs = tuple(slugs)
        self._intercepts = tuple(intercepts)
        # With the features kept, each match is one of them, and no places have to be made for it.
        self._automaton = AhoCorasick(list(weights), store_patterns=True)
        # A feature's weights for all slugs are one large number, 32 bits for each slug: so the
        # features of a text are added up for all slugs at once, which takes a fifth of the time.
        self._numbers = {
            feature: sum(hundredths << (_BITS * place) for place, hundredths in by_place.items())
            for feature, by_place in weights.items()
        }
        self._zeros = sum(_ZERO << (_BITS * place) for place in range(len(self.slugs)))
        self._unpack = struct.Struct(f"<{len(self.slugs)}I").unpack

    def logits(self, text: Text) -> dict[str, float]:
        """What the words of a text say of each section: above 0, it is likely."""
        found = self._automaton.find_matches_as_strings(_prepared(text), overlapping=True)
        features = set(found)
        total = sum(map(self._numbers.__getitem__, features), self._zeros)
        totals = self._unpack(total.to_bytes(_BITS // 8 * len(self.slugs), "little"))
        scale = share(len(features)) * _HUNDREDTH
        return {
            slug: intercept + scale * (total - _ZERO)
            for slug, intercept, total in zip(self.slugs, self._intercepts, totals, strict=True)
        }


def share(features: int) -> float:
    """What each of a text's features counts: so long texts weigh as much as others."""
    return _SCALE / sqrt(max(features, _FEW))


def features_of(text: Text) -> set[str]:
    """The words of a text, its pairs of words, and the runs of characters in it.

    Each is a part of what `logits` looks through, so that all are found in one go.
    """
    return set(_features(_prepared(text)))


def _prepared(text: Text) -> str:
    """The words of a text with a blank between and around them, and signs of money and shares."""
    words = _NUMBER.sub("0", text.words[:MOST_CHARACTERS])
    beginning = text.original[:MOST_CHARACTERS]
    if ("%" in beginning or "\uff05" in beginning) and _SHARE.search(beginning):
        words += f"{_PER_CENT} "
    money = "$" in beginning or "£" in beginning or "€" in beginning or "¥" in beginning
    return f"{words}{_MONEY} " if money else words


def _features(words: str) -> Iterator[str]:
    run: list[str] = []
    before = ""
    for word in words.split():
        if word in _MARKS:
            yield word
            continue
        if _FIRST_IDEOGRAPH <= word[0] <= _LAST_IDEOGRAPH:
            run = [*run[1 - _LONGEST_RUN :], word]
            for length in range(1, len(run) + 1):
                yield " ".join(run[-length:])
            before = ""
            continue
        run = []
        whole = f" {word} "
        yield whole
        if before:
            yield f" {before}{whole}"
        before = word
        for length in range(_SHORTEST, _LONGEST + 1):
            for start in range(len(whole) - length + 1):
                yield whole[start : start + length]


@cache
def load() -> Learned:
    """The weights that come with the project, read once."""
    text = (resources.files("news.filing") / "learned.tsv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    slugs = tuple(lines[0].split("\t"))
    intercepts = tuple(float(number) for number in lines[1].split("\t"))
    weights: dict[str, dict[int, int]] = {}
    for line in lines[2:]:
        feature, *pairs = line.split("\t")
        halves = (pair.partition(":") for pair in pairs)
        weights[feature] = {int(place): int(hundredths) for place, _, hundredths in halves}
    return Learned(slugs, intercepts, weights)
