"""Language classification with py3langid's model, without numpy. Runs in a worker.

The model is naive Bayes over sequences of two to six bytes. `train/languages.py` converts it from
py3langid and documents the file's layout; a test checks that both give the same answers.
"""

from __future__ import annotations

import gzip
import json
import math
import struct
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LANE = 3
"""Bytes of one weight. A row is one integer, so adding two rows adds all their weights."""
STEPS = 512
"""Integer steps of a weight for each unit of its logarithm."""
ABOVE = 1 << 13
"""Offset added to each weight, so that none is negative."""
_LONGEST, _LONGEST_ASCII = 6, 5
_MOST = 2_000
"""Bytes of a text that are read; the sum of more weights might not fit `LANE` bytes."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Byte sequences and their weights for each language."""

    languages: tuple[str, ...]
    priors: tuple[float, ...]
    rows: Mapping[bytes, int]
    """Byte sequence → number of its row in `weights`."""
    weights: bytes

    def classify(self, text: str) -> tuple[str, float]:
        """Return the likeliest language and its probability, 1/n if no sequence is known."""
        read = unicodedata.normalize("NFC", text.lower() if text.isupper() else text)
        letters = read.encode("utf-8", "surrogatepass")[:_MOST]
        times = Counter(self._sequences(letters))
        if not times:
            return self.languages[0], 1 / len(self.languages)
        scores = self._scores(times)
        best = max(scores)
        # Dividing by the root of the length keeps probabilities of long and short texts comparable.
        likely = [math.exp((score - best) / math.sqrt(len(letters))) for score in scores]
        return self.languages[scores.index(best)], 1 / sum(likely)

    def _sequences(self, letters: bytes) -> list[bytes]:
        """Return for each position the longest known byte sequence that ends there."""
        rows = self.rows
        longest = _LONGEST_ASCII if letters.isascii() else _LONGEST
        found = []
        for end in range(2, len(letters) + 1):
            for start in range(max(0, end - longest), end - 1):
                if (sequence := letters[start:end]) in rows:
                    found.append(sequence)
                    break
        return found

    def _scores(self, times: Counter[bytes]) -> list[float]:
        width = LANE * len(self.languages)
        sums: Counter[int] = Counter()
        for sequence, count in times.items():
            place = self.rows[sequence] * width
            sums[count] += int.from_bytes(self.weights[place : place + width], "little")
        alike = Counter(times.values())
        scores = list(self.priors)
        for count, total in sums.items():
            factor = math.log1p(count) / STEPS
            lanes = total.to_bytes(width, "little")
            for index in range(len(scores)):
                weight = int.from_bytes(lanes[LANE * index : LANE * (index + 1)], "little")
                scores[index] += factor * (weight - ABOVE * alike[count])
        return scores


def unpacked(packed: bytes) -> LanguageModel:
    """Return the model in a file that `train/languages.py` wrote."""
    head, _, data = gzip.decompress(packed).partition(b"\n")
    facts = json.loads(head)
    sequences: list[bytes] = []
    at = 0
    for length, count in facts["sequences"]:
        end = at + length * count
        sequences += (data[place : place + length] for place in range(at, end, length))
        at = end
    rows = struct.unpack_from(f"<{len(sequences)}H", data, at)
    return LanguageModel(
        tuple(facts["languages"]),
        tuple(facts["priors"]),
        dict(zip(sequences, rows, strict=True)),
        data[at + 2 * len(sequences) :],
    )


@cache
def model() -> LanguageModel:
    """Return the bundled model, loaded once; it takes a tenth of a second and 30 MB."""
    return unpacked((resources.files(__package__) / "language_model.gz").read_bytes())
