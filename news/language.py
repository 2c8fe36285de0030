"""Which language a text is in, where its source does not say. Runs in a worker."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = (
    "en", "it", "es", "fr", "de", "pt", "nl", "zh", "ja", "ko", "ar", "ru", "el", "tr", "pl", "sv",
    "da", "no", "fi", "cs", "he", "th", "vi", "id", "hu", "ro", "uk",
)  # fmt: skip
_LATIN = frozenset(LANGUAGES) - {"zh", "ja", "ko", "ar", "ru", "el", "he", "th", "uk"}
_ASKED = 3
"""Articles that decide for the others."""
_ENOUGH = 24
"""Letters below which a guess is no better than none; each CJK letter counts as four."""
_CERTAIN = 0.7
_READ = 300
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTERS = re.compile("[\u0370-\u1cff\u2c00-\ua6ff\ua800-\uab2f\uac00-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")


def detect(text: str) -> str | None:
    """The two-letter code of the language of `text`; None where that is not certain enough."""
    sample = text[:_READ]
    letters = len(_LETTER.findall(sample))
    cjk = len(_CJK.findall(sample))
    if letters + 3 * cjk < _ENOUGH:
        return None
    if _KANA.search(sample) and len(_KANA.findall(sample)) * 10 >= cjk:
        return "ja"
    language, certainty = _identifier().classify(sample)
    return str(language) if certainty >= _CERTAIN else None


def detect_all(texts: Sequence[str]) -> list[str | None]:
    """The languages of one source's articles.

    Where the first, the middle and the last one agree on a language in Latin letters, the others
    in such letters are of that language too; else each is looked at by itself.
    """
    few = {0, len(texts) // 2, len(texts) - 1} if len(texts) > _ASKED else set()
    found = {place: detect(texts[place]) for place in few}
    told = set(found.values())
    one = told.pop() if len(told) == 1 else None
    if one in _LATIN:
        return [
            one
            if len(text) >= _ENOUGH and not _OTHER_LETTERS.search(text[:_READ])
            else detect(text)
            for text in texts
        ]
    return [found[place] if place in found else detect(text) for place, text in enumerate(texts)]


@cache
def _identifier() -> Any:  # noqa: ANN401 — the library is untyped
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
