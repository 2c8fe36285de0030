"""Texts keep the rules of the voice, as far as a program can tell; see docs/languages.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from templates import catalogue
from templates.catalogue import FOLDER
from templates.language.dates import DATE_CONTEXT
from templates.language.labels import LABELS, Plural
from templates.language.languages import LOCALES, languages, read, translations
from templates.language.layout_samples import SAMPLE_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

SOURCE = "en"
TRANSLATED = [language for language in languages() if language != SOURCE]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """The forms of a text: one, or those of a plural."""
    return [text] if isinstance(text, str) else list(text)


def messages(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Each message but patterns of dates and samples: its English forms, and the language's."""
    kept = catalogue.extract() if language == SOURCE else read(LOCALES / f"{language}.po")
    for message in kept:
        if not message.id or message.context in {DATE_CONTEXT, SAMPLE_CONTEXT}:
            continue
        sources = forms(message.id)
        yield message, sources, sources if language == SOURCE else forms(message.string or "")


def written(language: str) -> Iterator[tuple[str, str]]:
    """Each English text, in its last form, beside each form that the language has for it."""
    for _, sources, targets in messages(language):
        for target in targets:
            yield sources[-1], target


PREPOSITIONS = {
    "en": "in of from about on for to with at by under into the a an",
    "it": "di a da in con su per tra fra il lo la i gli le un uno una del dello della dei degli "
    "delle al allo alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli "
    "nelle sul sullo sulla sui sugli sulle",
    "es": "a ante bajo con contra de desde en entre hacia hasta para por según sin sobre tras el "
    "la los las un una del al",
    "fr": "à de en dans sur pour par avec chez sous sans vers le la les un une des du au aux",
    "zh": "在 关于 来自 从 对于",
}
CATEGORIES = r"%\((?:names?|category)\)s"


@pytest.mark.parametrize("language", languages())
def test_no_category_name_follows_a_preposition_or_article(language: str) -> None:
    words = "|".join(PREPOSITIONS[language].split())
    # A Chinese word has no space behind it; an article before a vowel ends in an apostrophe.
    pattern = rf"(?:{words})" if language == "zh" else rf"\b(?:{words}) |[’']"
    wrong = [
        target
        for _, target in written(language)
        if re.search(rf"(?:{pattern}){CATEGORIES}", target, re.IGNORECASE)
    ]
    assert wrong == [], "a name is a label: after a colon, or in brackets"


_VALUE = re.compile(r"\{%-? ?trans (.*?)-?%\}")
_FILLED = re.compile(r"(\w+)=((?:[^,()]|\([^()]*\))+)")


def test_only_values_that_are_categories_are_named_so() -> None:
    """The test above knows categories by these names."""
    wrong = []
    for path in FOLDER.rglob("*.j2"):
        for values in _VALUE.findall(path.read_text(encoding="utf-8")):
            for name, value in _FILLED.findall(values):
                category = re.search(r"\|(?:category|categories\(\d+\)|example)", value)
                if category and name not in {"name", "names", "category"}:
                    wrong.append(f"{path.name}: {name}={value}")
                if name in {"names", "category"} and not category and value.strip() != "names":
                    wrong.append(f"{path.name}: {name}={value}")
    assert wrong == []


MARKS = {"en": "“”", "it": "«»", "es": "«»", "fr": "«»", "zh": "“”"}
START = {"it": "Avvia", "es": "Iniciar", "fr": "Démarrer", "zh": "开始"}
"""Telegram's own button, by the name that its apps give it."""


def quoted(language: str, name: str) -> str:
    """A button's name in the language's marks."""
    gap = "\N{NARROW NO-BREAK SPACE}" if language == "fr" else ""
    opening, closing = tuple(MARKS[language])
    return f"{opening}{gap}{name}{gap}{closing}"


def buttons() -> list[str]:
    """The English names of buttons that take no value."""
    singular = [text for text in LABELS.values() if isinstance(text, str) and "%" not in text]
    counted = [text.many for text in LABELS.values() if isinstance(text, Plural)]
    return [text for text in (*singular, *counted) if text[0].isupper() and text[-1] != "."]


def test_a_button_is_named_in_quotation_marks() -> None:
    names = "|".join(re.escape(name) for name in sorted(buttons(), key=len, reverse=True))
    # A capital within a sentence is a button's, or begins a name.
    bare = re.compile(rf"(?<=[a-z,] )(?:Start|{names})\b(?!”)")
    assert [text for _, text in written(SOURCE) if bare.search(text)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_texts_quote_buttons_by_their_names(language: str) -> None:
    spoken = translations(language)
    names = {name: spoken.gettext(name) for name in buttons()} | {"Start": START[language]}
    wrong = [
        (names[name], target)
        for source, target in written(language)
        for name in re.findall("“([^”%]+)”", source)
        if name in names and quoted(language, names[name]) not in target
    ]
    assert wrong == []


NUMBERS = r"%\((?:num|count|most|longest|fewest|days|hours|minutes|stories)\)s"
BARE = {
    "en": "more|less|fewer|elsewhere|within|from|in|about",
    "it": "in più|di più|altrove|entro|da|in|su",
    "es": "más|menos|en|de|dentro",
    "fr": "de plus|en plus|en|dans|parus|sur",
    "zh": "个以上",
}
"""What may stand behind a number only where its noun follows."""


@pytest.mark.parametrize("language", languages())
def test_every_number_has_a_noun(language: str) -> None:
    """In brackets behind a category it counts the stories of a heading: “More: Motor (2)”."""
    gap = "" if language == "zh" else " "
    bare = re.compile(
        rf"{NUMBERS}(?:{gap}(?:{BARE[language]}))?\s*(?:$|[.,;:·!?。，；：]|%\()|{NUMBERS}{gap}"
        rf"(?:{BARE[language]}) (?:%\(|six|sei|seis)"
    )
    wrong = [
        target
        for _, target in written(language)
        # Days and sources, as in `Mon, 5 sources`, and `3 of 80 sources`
        if bare.search(re.sub(r"%\(days\)s(?=[,，])|(?: de)? %\(total\)s", "", target))
    ]
    # How many stories /latest may be asked for is a number itself.
    # The line follows a headline, which is a story.
    wrong = [text for text in wrong if text != "and %(num)s more"]
    assert [text for text in wrong if "%(most)s" not in text] == []


INTERFACE = {
    "topic": {"it": "argoment", "es": r"\btemas?\b", "fr": r"\bsujet", "zh": "话题"},
    "message": {"it": r"\bmessagg", "es": r"\bmensaje", "fr": r"\bmessage", "zh": "消息"},
    "appearance": {"it": r"\baspetto", "es": r"\b(?:aspecto|apariencia)", "fr": "apparence|aspect"}
    | {"zh": "外观"},
}
"""What Telegram's apps call a part of theirs, and how that begins in each language."""
MEANT = {
    "topic": "topic",
    "message": "message|reply|write to you|hear from you",
    "appearance": "appearance",
}
"""How an English text means that part."""


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("word", INTERFACE)
def test_words_of_telegrams_interface_keep_their_meaning(language: str, word: str) -> None:
    wrong = [
        target
        for source, target in written(language)
        if re.search(INTERFACE[word][language], target, re.IGNORECASE)
        and not re.search(MEANT[word], source, re.IGNORECASE)
    ]
    assert wrong == []


def test_english_texts_use_topic_and_appearance_only_as_telegram_does() -> None:
    for text in (text for _, text in written(SOURCE)):
        assert "appearance" not in text.casefold(), text
        assert not re.search(r"\b(?:your|these|followed) topics?\b", text, re.IGNORECASE), text


PASSIVE = {
    "en": r"\b(?:is|are) followed\b(?!,)",
    "it": r"\bsi segue\b|\bsi seguono\b|viene seguit",
    "es": r"\bse siguen?\b",
    "fr": r"\best suivi|\bsont suivi",
    "zh": "被关注|此处(?:的)?关注",
}


@pytest.mark.parametrize("language", languages())
def test_in_a_group_the_chat_is_the_subject(language: str) -> None:
    wrong = [text for _, text in written(language) if re.search(PASSIVE[language], text)]
    assert [text for text in wrong if "What is followed, saved" not in text] == []


@pytest.mark.parametrize("language", languages())
def test_texts_have_no_exclamation_marks_and_no_emoji(language: str) -> None:
    for _, text in written(language):
        assert not re.search("[!！¡]", text), text
        assert not re.search("[\U0001f300-\U0001faff]", text), text


def test_chinese_dates_have_no_spaces() -> None:
    for message in read(LOCALES / "zh.po"):
        if message.context == DATE_CONTEXT:
            assert " " not in str(message.string), message.id
