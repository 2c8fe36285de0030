"""Requests as natives type them in five languages, from `sentences.toml`: read, and carried out."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.typed.plain_words import command_of
from handlers.typed.requests import read_request, without_courtesies
from handlers.typed.story_numbers import story_number
from news.filing import taxonomy
from storage.model import Level
from tests.handlers.conftest import ask, press
from tests.handlers.typed.buttons import UNDO

if TYPE_CHECKING:
    from playground.people.people import Person
    from storage.model import Taste
    from tests.handlers.conftest import Bureau

SENTENCES = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))
LANGUAGES = tuple(SENTENCES)
OF_A_CATEGORY = {
    "follow": {"follow"},
    "unfollow": {"unfollow"},
    "more": {"more"},
    "less": {"less"},
    "off": {"off", "mute"},
    "normal": {"unmute"},
    "news": {"news", "want", ""},
}
"""List of `sentences.toml` → the kinds of request that its sentences may be."""
COMMANDS = {
    "resume": "resume",
    "more_stories": "more",
    "why": "why",
    "today": "today",
    "yesterday": "yesterday",
    "week": "week",
    "latest": "latest",
}
AFTER = {
    "follow": (Level.NORMAL, True),
    "unfollow": (Level.NORMAL, False),
    "more": (Level.MORE, True),
    "less": (Level.LESS, True),
    "off": (Level.OFF, False),
    "normal": (Level.NORMAL, True),
}
"""List of `sentences.toml` → the level of Gucci afterwards, and whether it is followed."""
SAMPLES = 4
"""Sentences of each list that are sent over HTTP."""


def is_known(name: str) -> bool:
    return taxonomy.load().find(name) is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("asked", OF_A_CATEGORY)
def test_a_sentence_names_its_request_and_its_category(language: str, asked: str) -> None:
    for sentence in SENTENCES[language][asked]:
        request = read_request(sentence, is_known)
        assert request.kind in OF_A_CATEGORY[asked], sentence
        found = taxonomy.load().find(request.words)
        assert found is not None, sentence
        assert found.slug == "gucci", sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_means_a_command_with_or_without_courtesies(language: str) -> None:
    for asked, command in COMMANDS.items():
        for sentence in SENTENCES[language][asked]:
            meant = command_of(sentence) or command_of(without_courtesies(sentence))
            assert meant == command, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_is_read_in_every_form(language: str) -> None:
    for sentence in SENTENCES[language]["number"]:
        assert story_number(sentence) == 2, sentence


@pytest.mark.parametrize(
    "text", ["", "no", "one more", "2026", "24S", "la", "le 8 mars", "第", "看", "page 2 of 3"]
)
def test_other_texts_are_no_number_of_a_story(text: str) -> None:
    assert story_number(text) is None


@pytest.mark.parametrize(
    "sentence",
    [
        *("no time to die", "More than a feeling", "Just Cavalli", "stop the presses"),
        *("never say never", "e la nave va", "y tu mamá también", "et alors", "有趣的腕表"),
        *("nothing compares to you", "sin tetas no hay paraíso", "trop belle pour toi"),
        *("silence of the lambs", "masque de beauté", "metti la sveglia", "suis en vacances"),
    ],
)
def test_a_title_that_begins_like_a_request_is_none(sentence: str) -> None:
    assert read_request(sentence, is_known).kind in {"", "want"}
    assert read_request(sentence, is_known).words == sentence


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        *(("follow Apocalypse Now", "Apocalypse Now"), ("关注能源", "能源")),
        *(("follow “in watches”", "in watches"), ("关注先锋派", "先锋派")),
        *(("segui «le notizie di moda»", "le notizie di moda"), ("follow Ok Go", "Ok Go")),
    ],
)
def test_a_followed_name_keeps_its_words(sentence: str, words: str) -> None:
    request = read_request(sentence, is_known)
    assert (request.kind, request.words) == ("follow", words)


async def prepared(bureau: Bureau, person: Person, asked: str) -> Taste:
    """Give a reader the choices before a request, and return them."""
    subscribers, known = bureau.onnews.archive.subscribers, await bureau.subscriber(person)
    await subscribers.set_level(known.id, "gucci", Level.NORMAL)
    await subscribers.follow(known.id, "gucci")
    if asked == "follow":
        await subscribers.unfollow(known.id, "gucci")
    if asked == "normal":
        await subscribers.set_level(known.id, "gucci", Level.OFF)
    return (await bureau.subscriber(person)).taste


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_native_types_is_done_and_taken_back(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    undo = UNDO[language]
    for asked, (level, followed) in AFTER.items():
        for sentence in SENTENCES[language][asked][-SAMPLES:]:
            before = await prepared(bureau, ana, asked)
            done = await ask(ana, sentence)
            assert done.labels == [undo], sentence
            taste = (await bureau.subscriber(ana)).taste
            assert (taste.level("gucci"), "gucci" in taste.follows) == (level, followed), sentence
            await press(ana, undo, done)
            assert (await bureau.subscriber(ana)).taste == before, sentence


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pauses_words_and_numbers_are_understood_as_natives_type_them(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    subscribers, known = bureau.onnews.archive.subscribers, await bureau.subscriber(ana)
    for sentence in SENTENCES[language]["pause"]:
        await ask(ana, sentence)
        until = (await bureau.subscriber(ana)).paused_until
        assert until is not None, sentence
        assert timedelta(0) < until - bureau.clock.now < timedelta(days=60), sentence
        await subscribers.change(known.id, paused_until=None)
    for sentence in (*SENTENCES[language]["follow_word"], *SENTENCES[language]["mute_word"]):
        before = (await bureau.subscriber(ana)).taste
        done = await ask(ana, sentence)
        taste = (await bureau.subscriber(ana)).taste
        assert len(taste.words) + len(taste.muted_words) == 1, sentence
        await press(ana, done.labels[0], done)
        assert (await bureau.subscriber(ana)).taste == before, sentence
    for sentence in SENTENCES[language]["number"][-SAMPLES:]:
        await ask(ana, "/latest 5")
        assert "Gucci dreams of a garden" in (await ask(ana, sentence)).text, sentence
        bureau.clock.pass_(minutes=1)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        *(("en", "no more crypto"), ("it", "basta cripto"), ("es", "nada de cripto")),
        *(("fr", "plus rien sur les cryptos"), ("zh", "不要加密货币")),
    ],
)
async def test_words_that_are_not_wanted_are_not_offered_to_be_followed(
    bureau: Bureau, language: str, sentence: str
) -> None:
    ana = await bureau.reader(language=language)
    asked = await ask(ana, sentence)
    assert len(asked.labels) == 1, "to search for the words"
    assert sentence not in asked.labels[0]


@pytest.mark.parametrize("forum", [False, True])
async def test_a_group_is_understood_as_a_person_is(bureau: Bureau, *, forum: bool) -> None:
    chief = bureau.town.person("Chief", "it")
    group = bureau.town.group("Club", [chief], forum=forum, settled=True)
    topic = group.topic("Moda", chief) if forum else None
    await chief.send("@OnNewsBot puoi aggiungere Gucci alla lista?", group, topic=topic)
    await chief.next(group)
    assert "gucci" in (await bureau.subscriber(group, topic or 0)).taste.follows
    await chief.send("@OnNewsBot vorrei meno articoli su Gucci, grazie", group, topic=topic)
    done = await chief.next(group)
    taste = (await bureau.subscriber(group, topic or 0)).taste
    assert taste.level("gucci") is Level.LESS
    await chief.tap("Annulla", done)
    await chief.next(group)
    taste = (await bureau.subscriber(group, topic or 0)).taste
    assert taste.level("gucci") is Level.NORMAL
    await chief.send("/latest 3", group, topic=topic)
    shown = await chief.until("Gucci dreams", group)
    await chief.send("apri la seconda", group, topic=topic, reply_to=shown)
    card = await chief.next(group)
    assert "Gucci dreams of a garden" in card.text
    assert "3" not in card.labels


@pytest.mark.parametrize(
    ("language", "typed", "answer"),
    [
        ("en", "25:00", "I couldn’t read “25:00” as a time. Try 07:35."),
        ("it", "8:75", "Non riesco a leggere «8:75» come orario. Prova con 07:35."),
        ("fr", "24h60", "Je n’ai pas reconnu d’heure dans «\u202f24h60\u202f». Essayez 7 h 35."),
    ],
)
async def test_a_time_that_is_none_is_answered_as_a_time(
    bureau: Bureau, language: str, typed: str, answer: str
) -> None:
    ana = await bureau.reader(language=language)
    refused = await ask(ana, typed)
    assert (refused.text.replace("\u202f", " "), refused.labels) == (
        answer.replace("\u202f", " "),
        [],
    )
