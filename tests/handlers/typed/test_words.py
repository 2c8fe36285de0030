"""The files of the words that people type, one a language."""

from __future__ import annotations

from handlers.typed.phrases import FOLDER, all_words
from handlers.typed.plain_words import plain
from news.text.letters import without_accents
from templates.language.languages import SOURCE_LANGUAGE, languages

WITHOUT_ACCENTS = ("hours", "days", "filters")
"""Tables that are compared with texts without accents."""


def test_every_language_of_the_bot_has_a_file_of_words() -> None:
    assert all_words().keys() == {*languages()}


def test_every_file_has_every_table_and_every_list_of_requests() -> None:
    english = all_words()[SOURCE_LANGUAGE]
    for language, words in all_words().items():
        assert words.keys() == english.keys(), language
        for table in ("commands", "courtesies", "requests", "requests_after"):
            assert words[table].keys() == english[table].keys(), (language, table)
            assert all(words[table].values()), (language, table)


def test_no_list_has_a_phrase_twice_or_one_that_no_text_could_match() -> None:
    for language, words in all_words().items():
        for name, table in words.items():
            for key, phrases in table.items():
                assert len(set(phrases)) == len(phrases), (language, name, key)
                for phrase in phrases:
                    if isinstance(phrase, str):
                        assert plain(phrase), (language, name, key)
                    if name in WITHOUT_ACCENTS and isinstance(phrase, str):
                        assert without_accents(phrase) == phrase, (language, name, phrase)


def test_the_files_of_words_are_all_there_is_in_their_folder() -> None:
    assert {each.suffix for each in FOLDER.iterdir()} == {".toml"}


def test_a_phrase_asks_for_the_same_in_every_language() -> None:
    for table in ("commands", "requests"):
        meant: dict[str, str] = {}
        for language, words in all_words().items():
            for kind, phrases in words[table].items():
                for phrase in phrases:
                    assert meant.setdefault(plain(phrase), kind) == kind, (language, phrase)
