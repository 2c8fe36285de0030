"""The learned layer: logits of sections, relevance to the trade and kinds of stories, from words.

It has one regression per label, over words, pairs of words, and beginnings and ends of
words. `./dev train` learns the weights, `learned.tsv`; its first lines say from which data.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from importlib import resources
from math import sqrt
from string import ascii_letters
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from news.filing.tokenising.tokens import Text

TRADE = "(trade)"
"""The label for relevance to the trade. Slugs of sections have no brackets."""
WEIGHT, KIND = "(weight) ", "(kind) "
"""What labels begin with that say which kind a story is of, and whether it has this weight."""
MOST_CHARACTERS = 300
"""Characters of a title or standfirst that are read."""
STANDFIRST = 0.5
"""Weight of a feature of the standfirst, where one of the title has 1."""
_SCALE = 3.0
_FEW = 30
"""Least number of features assumed for a text, so that a few words do not decide too boldly."""
_BEGINNINGS, _ENDS = (3, 4, 5, 6), (4, 5)
"""Letters of the beginnings and ends of words that are features."""
_LONGEST_RUN = 3
"""Most ideographs in a feature."""
_NUMBER = re.compile(r"\d+")
_SHARE = re.compile(r"\d\s?[%\uff05]")
_PER_CENT, _MONEY = "%", "$"
_MARKS = (_PER_CENT, _MONEY)
_FIRST_IDEOGRAPH = "\u2e80"
_LAST_IDEOGRAPH = "\u9fff"
_HUNDREDTH = 0.01
LETTERS = ascii_letters
"""Letter of each label in the file of weights."""
_WEIGHT = re.compile(r"([a-zA-Z])(-?\d+)")
_IN_A_TENTH = 10
"""Hundredths in a tenth, the unit of the file of weights."""
_BITS = 32
_ZERO = 1 << 31
"""Offset that represents 0 in 32 unsigned bits, so that sums may be negative."""
_MOST_WORDS = 3
"""Most words in a reason."""


class Learned:
    """The weights of the learned layer: feature → those for all labels, as `packed` makes them."""

    def __init__(
        self,
        slugs: Sequence[str],
        intercepts: Sequence[float],
        weights: Mapping[str, int],
    ) -> None:
        self.slugs = tuple(slugs)
        self._intercepts = tuple(intercepts)
        # With stored patterns, matches are returned as features without computing positions.
        self._automaton = AhoCorasick(list(weights), store_patterns=True)
        self._numbers = weights
        self.features = weights.keys()
        self._zeros = sum(_ZERO << (_BITS * place) for place in range(len(self.slugs)))
        self._unpack = struct.Struct(f"<{len(self.slugs)}I").unpack

    def logits(self, title: Text, standfirst: Text | None = None) -> dict[str, float]:
        """Return label → logit, from the words of title and standfirst."""
        in_title = self._found(title)
        in_standfirst = self._found(standfirst) - in_title if standfirst else frozenset()
        # A feature of the title counts twice, one of the standfirst alone once.
        number = self._numbers.__getitem__
        total = 2 * sum(map(number, in_title)) + sum(map(number, in_standfirst), self._zeros)
        totals = self._unpack(total.to_bytes(_BITS // 8 * len(self.slugs), "little"))
        scale = share(len(in_title) + STANDFIRST * len(in_standfirst)) * _HUNDREDTH * STANDFIRST
        return {
            slug: intercept + scale * (total - _ZERO)
            for slug, intercept, total in zip(self.slugs, self._intercepts, totals, strict=True)
        }

    def heaviest(self, slug: str, *texts: Text, against: bool = False) -> list[str]:
        """Return up to three words that speak most for a label, or `against` it, heaviest first.

        A word's weight includes those of its beginnings and ends.
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


def packed(weights: Iterable[tuple[int, int]]) -> int:
    """Return the weights of a feature, in hundredths, as one integer with 32 bits per label.

    One addition then sums them for all labels, which takes a fifth of the time.
    """
    return sum(hundredths << (_BITS * place) for place, hundredths in weights)


def share(features: float) -> float:
    """Return the factor for each feature of a text, so that long and short texts weigh the same."""
    return _SCALE / sqrt(max(features, _FEW))


def features_of(text: Text) -> set[str]:
    """Return the features of a text; each is a substring of what `logits` searches."""
    return set(_features(_prepared(text)))


def _prepared(text: Text) -> str:
    """Return the words of a text joined by spaces, then marks for money and percentages."""
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
    """Return the weights in `learned.tsv`, read once."""
    text = (resources.files("news.filing") / "learned.tsv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    slugs = tuple(lines[0].split("\t"))
    intercepts = tuple(float(number) for number in lines[1].split("\t"))
    weights: dict[str, int] = {}
    for line in lines[2:]:
        feature, pairs = line.split("\t")
        weights[feature] = packed(
            (LETTERS.index(letter), int(tenths) * _IN_A_TENTH)
            for letter, tenths in _WEIGHT.findall(pairs)
        )
    return Learned(slugs, intercepts, weights)
