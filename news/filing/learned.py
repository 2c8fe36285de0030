"""What the learned layer says of an article: how likely its words make each section, and more.

A logistic regression for each section and for what the trade wants (`TRADE`), over words, pairs of
words and their beginnings and ends; trained by `./dev train`. The weights are data, `learned.tsv`,
whose first lines say what they were made from.
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

TRADE = "(trade)"
"""What is learned beside sections; no slug has brackets."""
MOST_CHARACTERS = 300
"""What a title and a standfirst say, they say at their beginning."""
STANDFIRST = 0.5
"""What a feature of the standfirst counts, of one in the title."""
_SCALE = 3.0
_FEW = 30
"""Features: from fewer, nothing is concluded more boldly."""
_BEGINNINGS, _ENDS = (3, 4, 5, 6), (4, 5)
"""Letters."""
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
_MOST_WORDS = 3
"""Words in a reason."""


class Learned:
    """The weights of the learned layer.

    Args:
        slugs: What was learned: sections, and `TRADE`.
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

    def logits(self, title: Text, standfirst: Text | None = None) -> dict[str, float]:
        """Return for each slug what the words say: above 0, it is likely."""
        in_title = self._found(title)
        in_standfirst = self._found(standfirst) - in_title if standfirst else frozenset()
        # A feature of the title counts two, one of the standfirst alone counts one.
        number = self._numbers.__getitem__
        total = 2 * sum(map(number, in_title)) + sum(map(number, in_standfirst), self._zeros)
        totals = self._unpack(total.to_bytes(_BITS // 8 * len(self.slugs), "little"))
        scale = share(len(in_title) + STANDFIRST * len(in_standfirst)) * _HUNDREDTH * STANDFIRST
        return {
            slug: intercept + scale * (total - _ZERO)
            for slug, intercept, total in zip(self.slugs, self._intercepts, totals, strict=True)
        }

    def heaviest(self, slug: str, *texts: Text, against: bool = False) -> list[str]:
        """Return the words of texts that speak most for a slug, or against it, the heaviest first.

        A word stands for itself, its beginnings and its ends.
        """
        place = self.slugs.index(slug)
        sign = -1 if against else 1
        weights: dict[str, int] = {}
        for text in texts:
            for word in dict.fromkeys(text.words.split()):
                found = self._automaton.find_matches_as_strings(f" {word} ", overlapping=True)
                weight = sign * sum(self._weight(feature, place) for feature in set(found))
                weights[word] = max(weight, weights.get(word, weight))
        best = sorted(weights, key=lambda word: -weights[word])[:_MOST_WORDS]
        return [word for word in best if weights[word] > 0]

    def _found(self, text: Text) -> frozenset[str]:
        found = self._automaton.find_matches_as_strings(_prepared(text), overlapping=True)
        return frozenset(found)

    def _weight(self, feature: str, place: int) -> int:
        moved = self._numbers[feature] + self._zeros
        return ((moved >> (_BITS * place)) & (2 * _ZERO - 1)) - _ZERO


def share(features: float) -> float:
    """Return what each of a text's features counts: so long texts weigh as much as others."""
    return _SCALE / sqrt(max(features, _FEW))


def features_of(text: Text) -> set[str]:
    """Return the words of a text, its pairs of words, and how its words begin and end.

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
        yield from (f" {word[:length]}" for length in _BEGINNINGS if length <= len(word))
        yield from (f"{word[-length:]} " for length in _ENDS if length <= len(word))


@cache
def load() -> Learned:
    """Return the weights that come with the project, read once."""
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
