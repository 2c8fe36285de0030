"""Detection of a text's language, where its source does not declare it. Runs in a worker."""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from news.text.letters import CJK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANE = 3
"""Bytes of one weight. A row is one integer, so adding two rows adds all their weights."""
STEPS = 512
"""Integer steps of a weight for each unit of its logarithm."""
ABOVE = 1 << 13
"""Offset added to each weight, so that none is negative."""
_LONGEST, _LONGEST_ASCII = 6, 5
_MOST = 2_000
"""Bytes of a text that are read; the sum of more weights might not fit `LANE` bytes."""
LANGUAGES = (
    "en", "it", "es", "fr", "de", "pt", "nl", "zh", "ja", "ko", "ar", "ru", "el", "tr", "pl", "sv",
    "da", "no", "fi", "cs", "he", "th", "vi", "id", "hu", "ro", "uk",
)  # fmt: skip
_LATIN = frozenset(LANGUAGES) - {"zh", "ja", "ko", "ar", "ru", "el", "he", "th", "uk"}
_ASKED = 3
"""Articles of a source that are checked on behalf of the others."""
_ENOUGH = 24
"""Fewest letters for a guess; each CJK letter counts as four."""
_CERTAIN = 0.7
_READ = 300
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTERS = re.compile("[\u0370-\u1cff\u2c00-\ua6ff\ua800-\uab2f\uac00-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_LATIN_LETTERS = re.compile("[A-Za-z\u00c0-\u024f]")
_FAMILIAR: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and with for its from is by that are",
        "it": "il di che della del nel gli con alla sono per dei",
        "fr": "les des du et une pour dans est avec au sur qui",
        "de": "der die das und ein eine mit von für den im ist",
        "es": "el los las y una del con para su más que por",
        "pt": "os as uma do da em para com ao não que dos",
        "nl": "het een van en voor met op te zijn niet aan ook",
    }.items()
}
"""Common words of each language. A text with some of its declared language's needs no model."""
_HAN = 12
"""Chinese characters; a text with as many and no kana is not Japanese."""
_SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7a3]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "th": re.compile("[\u0e01-\u0e2e]"),
    "ar": re.compile("[\u0620-\u06d3]"),
}
"""Scripts used by one language each. Arabic's leaves out letters that Persian and Urdu add."""
_NOT_ARABIC = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc\u0679\u0688\u0691\u06d2]")
_SCRIPT = 6
"""Letters of a script of one language that decide a text's language."""
_LONG = 100
"""Letters; a text with as many needs two familiar words, as one may be another language's."""
_SURE = 0.99
"""Least probability from the model that overrides a declared language."""
_DOUBTED = 40
"""Fewest letters of a text on which the model may override a declared language."""


def detect(text: str) -> str | None:
    """Return the two-letter code of a text's language, or None if it is not certain enough."""
    sample = text[:_READ]
    letters = len(_LETTER.findall(sample))
    own = _by_script(sample, letters)
    if own is not None:
        return own
    cjk = len(CJK.findall(sample))
    if letters + 3 * cjk < _ENOUGH:
        return None
    if _KANA.search(sample) and len(_KANA.findall(sample)) * 10 >= cjk:
        return "ja"
    if cjk * 2 > letters and cjk >= _HAN:
        return "zh"
    language, certainty = model().classify(sample)
    return language if certainty >= _CERTAIN else None


def _by_script(text: str, letters: int) -> str | None:
    if not letters or text.isascii():
        return None
    for language, script in _SCRIPTS.items():
        own = len(script.findall(text))
        if own >= _SCRIPT and own * 2 > letters:
            return None if language == "ar" and _NOT_ARABIC.search(text) else language
    return None


def contradicts(text: str, language: str) -> bool:
    """Return whether a text is clearly in another language, by its script or a sure model."""
    sample = text[:_READ]
    if language not in LANGUAGES or _is_familiar(sample, language):
        return False
    letters = len(_LETTER.findall(sample))
    if letters < _ENOUGH // 2:
        return False
    latin = len(_LATIN_LETTERS.findall(sample))
    if (language in _LATIN) != (latin * 2 > letters):
        # A Chinese text with a house's name in Latin letters is mostly Chinese.
        return language in _LATIN or latin * 10 > letters * 9
    if language in {"ja", "zh"}:
        kana = len(_KANA.findall(sample))
        return kana * 10 >= letters if language == "zh" else not kana and letters >= _ENOUGH
    if letters < _DOUBTED:
        return False
    found, certainty = model().classify(sample)
    return found != language and certainty >= _SURE


def _is_familiar(text: str, language: str) -> bool:
    """Return whether a text has common words of a language: one in a short text, else two."""
    words = text.casefold().replace("'", " ").replace("\u2019", " ").split()
    familiar = len(_FAMILIAR.get(language, frozenset()).intersection(words))
    # Counting letters is slow, and most texts have two familiar words.
    return familiar > 1 or (familiar == 1 and len(_LETTER.findall(text)) < _LONG)


def corrected(text: str, language: str) -> str:
    """Return the detected language if a text contradicts the declared one; else that one."""
    return (contradicts(text, language) and detect(text)) or language


def detect_all(texts: Sequence[str]) -> list[str | None]:
    """Return the language of each of a source's articles, or None for an uncertain one.

    If the first, middle and last article together are in a language with Latin letters, the others
    get it too unless they contradict it. Otherwise each is detected alone.
    """
    few = {0, len(texts) // 2, len(texts) - 1} if len(texts) > _ASKED else set()
    one = detect(" ".join(texts[place][: _READ // _ASKED] for place in few))
    if one in _LATIN:
        return [
            one
            if len(text) >= _ENOUGH
            and not _OTHER_LETTERS.search(text[:_READ])
            and not contradicts(text, one)
            else detect(text)
            for text in texts
        ]
    return [detect(text) for text in texts]


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
