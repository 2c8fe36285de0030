"""Which language a text is in, where its source does not say. Runs in a worker."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from news.text.letters import CJK

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
_SMALL_WORDS: dict[str, frozenset[str]] = {
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
_MORE_SMALL_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "was were will into or but not have had you your who which after over about than "
        "his her they we these says said more can an on is as new in while where would before",
        "it": "dal dalla nella nelle ha hanno stato uno dai tra lo da un in e le nuova nuovo ne "
        "questa questo anni ma chi dove dopo perché loro suo ogni",
        "fr": "sont ont ce leur elle il son sa ou chez entre pas ne de la en un nouvelle ans si "
        "mais où dont après selon tout or comme",
        "de": "wie bei aus nach einen einer zum zur sind hat als oder über in neue an aber noch "
        "nur seine",
        "es": "ha en la un lo de esta desde fue años nueva nuevo son e o una si pero quien donde "
        "hasta muy cuando sin tras",
        "pt": "de em na no um pela pelo à é sobre entre son mais quem onde muito",
        "nl": "de in is dat die over was of een als",
        "tr": "son da o",
        "da": "og det som på med til for har den et fra ved er af ikke i en",
        "ro": "și în la cu de pe din pentru care este un o nu sunt si mai",
        "ca": "el la els les de i amb per una un del que al dels en és més si",
        "id": "di dan yang dengan untuk pada dari ini itu akan para",
    }.items()
}
"""More of them that other languages have too, and those of further languages."""
_ALL_SMALL_WORDS = {
    language: _SMALL_WORDS.get(language, frozenset()) | _MORE_SMALL_WORDS.get(language, frozenset())
    for language in dict.fromkeys((*_SMALL_WORDS, *_MORE_SMALL_WORDS))
}
_TIMES = Counter(chain.from_iterable(_ALL_SMALL_WORDS.values()))
_TELLING = {
    language: frozenset(word for word in words if _TIMES[word] == 1)
    for language, words in _ALL_SMALL_WORDS.items()
}
"""Those that are words of one language only."""
_FAMILIAR = frozenset({"en", "it", "fr", "de", "es"})
"""Languages of which there are enough telling words here."""
_TOGETHER = 4
"""So many of them in a few articles of one source."""
_HAN = 12
"""So many Chinese characters without kana are no Japanese."""
_SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7a3]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "th": re.compile("[\u0e01-\u0e2e]"),
    "ar": re.compile("[\u0620-\u06d3]"),
}
"""Scripts of one language each, Arabic's but for letters that Persian and Urdu add."""
_NOT_ARABIC = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc\u0679\u0688\u0691\u06d2]")
_SCRIPT = 6
"""So many letters of it."""
_BEGINNING = 200
"""Characters; a word that is cut off there is hardly ever a small one."""
_PLAINLY = 3
"""So many small words of another language, and so many times its own, show it to be in that one."""


def detect(text: str) -> str | None:
    """The two-letter code of the language of `text`; None where that is not certain enough."""
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
    plain = _by_small_words(sample, _PLAINLY)
    if plain is not None:
        return plain
    language, certainty = _identifier().classify(sample)
    return str(language) if certainty >= _CERTAIN else None


def _by_script(text: str, letters: int) -> str | None:
    """The language of a text in letters that hardly another is written in."""
    if not letters or text.isascii():
        return None
    for language, script in _SCRIPTS.items():
        own = len(script.findall(text))
        if own >= _SCRIPT and own * 2 > letters:
            return None if language == "ar" and _NOT_ARABIC.search(text) else language
    return None


def _by_small_words(text: str, least: int) -> str | None:
    """The language of which a text holds so many telling words, and far more than of any other.

    It takes a fraction of the model's time, and the model need not even be loaded.
    """
    if _OTHER_LETTERS.search(text):
        return None
    words = _words(text)
    counts = {
        language: sum(map(telling.__contains__, words)) for language, telling in _TELLING.items()
    }
    language = max(counts, key=counts.__getitem__)
    most = counts.pop(language)
    sure = most >= least and most >= _PLAINLY * max(counts.values())
    return language if sure and language in _FAMILIAR else None


def _words(text: str) -> list[str]:
    return text.casefold().replace("'", " ").replace("\u2019", " ").split()


def contradicts(text: str, language: str) -> bool:
    """Whether a text is plainly not in the language that it is said to be in.

    Cheap, and on strong evidence only: the script is another, or the small words are.
    """
    own = _ALL_SMALL_WORDS.get(language)
    # Of nearly all texts the beginning tells.
    if own and sum(map(own.__contains__, _words(text[:_BEGINNING]))) >= _PLAINLY:
        return False
    sample = text[:_READ]
    words = _words(sample)
    few = sum(map(own.__contains__, words)) if own else 0
    letters = len(_LETTER.findall(sample))
    if few >= _PLAINLY or language not in LANGUAGES or letters < _ENOUGH // 2:
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

    Where the first, the middle and the last one together are plainly in a language, or agree on
    one in Latin letters, the others are of that language too unless they plainly contradict; else
    each is looked at by itself.
    """
    few = {0, len(texts) // 2, len(texts) - 1} if len(texts) > _ASKED else set()
    one = _by_small_words(" ".join(texts[place][:_READ] for place in few), _TOGETHER)
    found: dict[int, str | None] = {}
    if one is None:
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


@cache
def _identifier() -> Any:  # noqa: ANN401 — the library is untyped
    # Here, because it brings numpy and a model along: half a second that most sources do without.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 — see above

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
