"""Which language a text is in, where its source does not say. Runs in a worker."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = (
    "en", "it", "es", "fr", "de", "pt", "nl", "zh", "ja", "ko", "ar", "ru", "el", "tr", "pl", "sv",
    "da", "no", "fi", "cs", "he", "th", "vi", "id", "hu", "ro", "uk",
)  # fmt: skip
_ENOUGH = 24
"""Letters below which a guess is no better than none; each CJK letter counts as four."""
_CERTAIN = 0.7
_READ = 2000
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KANA = re.compile("[\u3040-\u30ff]")


def detect(text: str) -> str | None:
    """The two-letter code of the language of `text`; None where that is not certain enough."""
    sample = text[:_READ]
    letters = sum(character.isalpha() for character in sample)
    cjk = len(_CJK.findall(sample))
    if letters + 3 * cjk < _ENOUGH:
        return None
    if _KANA.search(sample) and len(_KANA.findall(sample)) * 10 >= cjk:
        return "ja"
    language, certainty = _identifier().classify(sample)
    return str(language) if certainty >= _CERTAIN else None


@cache
def _identifier() -> Any:  # noqa: ANN401 — the library is untyped
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
