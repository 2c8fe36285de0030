"""Which language a text is in, where its source does not say. Runs in a worker."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from news.wording import CJK

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
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTERS = re.compile("[\u0370-\u1cff\u2c00-\ua6ff\ua800-\uab2f\uac00-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_LATIN_LETTERS = re.compile("[A-Za-z\u00c0-\u024f]")
_SMALL_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to with for its has from that by are this at be their it",
        "it": "il di che la per una con del della nel sono anche gli alla dei delle si come più è",
        "fr": "le les des du et une pour dans est sur avec au aux plus par ses cette qui se à",
        "de": "der die das und ein eine mit von für den im ist auf dem des zu sich auch nicht wird",
        "es": "el los las y que una por con para del su más como al sus entre este sobre se ha",
        "pt": "o os as e que uma por com para do da dos das no na em seu sua mais ao não",
        "nl": "het een van en voor met op te zijn niet aan bij ook naar uit door wordt dat heeft",
        "pl": "w na z do się jest oraz od dla że po przez nie i został nowy nowego",
        "sv": "och att det som av på med för till är har den ett från vid",
        "tr": "ve bir ile için bu olarak yeni en çok daha olan gibi",
    }.items()
}
"""Of each language, small words that hardly a sentence is without."""
_PLAINLY = 3
"""So many small words of another language, and so many times its own, show it to be in that one."""


def detect(text: str) -> str | None:
    """The two-letter code of the language of `text`; None where that is not certain enough."""
    sample = text[:_READ]
    letters = len(_LETTER.findall(sample))
    cjk = len(CJK.findall(sample))
    if letters + 3 * cjk < _ENOUGH:
        return None
    if _KANA.search(sample) and len(_KANA.findall(sample)) * 10 >= cjk:
        return "ja"
    language, certainty = _identifier().classify(sample)
    return str(language) if certainty >= _CERTAIN else None


def contradicts(text: str, language: str) -> bool:
    """Whether a text is plainly not in the language that it is said to be in.

    Cheap, and on strong evidence only: the script is another, or the small words are.
    """
    sample = text[:_READ]
    own = _SMALL_WORDS.get(language)
    words = sample.casefold().split()
    few = sum(map(own.__contains__, words)) if own else 0
    if few >= _PLAINLY or language not in LANGUAGES:
        return False
    letters = len(_LETTER.findall(sample))
    if letters < _ENOUGH // 2:
        return False
    latin = len(_LATIN_LETTERS.findall(sample))
    if (language in _LATIN) != (latin * 2 > letters):
        # A Chinese text with a house's name in Latin letters is still mostly Chinese.
        return language in _LATIN or latin * 10 > letters * 9
    if language in {"ja", "zh"}:
        kana = len(_KANA.findall(sample))
        return kana * 10 >= letters if language == "zh" else not kana and letters >= _ENOUGH
    if own is None:
        return False
    least = _PLAINLY * max(1, few)
    return any(sum(map(each.__contains__, words)) >= least for each in _SMALL_WORDS.values())


def corrected(text: str, language: str) -> str:
    """The language of a text that is said to be in `language`, which plain evidence corrects."""
    return (contradicts(text, language) and detect(text)) or language


def detect_all(texts: Sequence[str]) -> list[str | None]:
    """The languages of one source's articles.

    Where the first, the middle and the last one agree on a language in Latin letters, the others
    are of that language too unless they plainly contradict; else each is looked at by itself.
    """
    few = {0, len(texts) // 2, len(texts) - 1} if len(texts) > _ASKED else set()
    found = {place: detect(texts[place]) for place in few}
    told = set(found.values())
    one = told.pop() if len(told) == 1 else None
    if one in _LATIN:
        return [
            one
            if len(text) >= _ENOUGH
            and not _OTHER_LETTERS.search(text[:_READ])
            and not contradicts(text, one)
            else detect(text)
            for text in texts
        ]
    return [found[place] if place in found else detect(text) for place, text in enumerate(texts)]


def warm() -> None:
    """Load the model, a quarter of a second that no text has to wait for."""
    _identifier()


@cache
def _identifier() -> Any:  # noqa: ANN401 — the library is untyped
    # Here, because it brings numpy and a model along.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 — see above

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
