"""Messages in plain words: commands by other names, courtesies, and links to stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.callback_codec import base36
from handlers.commands import COMMANDS as SLASHED
from handlers.plain_words import (
    COMMANDS,
    COURTESIES,
    Courtesy,
    command_of,
    courtesy_of,
    plain,
    request_of,
)
from handlers.text import PLAIN
from news.filing import taxonomy
from storage.model import State

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

MESSAGES = {
    "stop": [
        "stop",
        "Stop.",
        "STOP!",
        "basta",
        "Basta!",
        "parar",
        "arrêter",
        "停止",
        "unsubscribe",
    ],
    "help": ["help", "Help?", "aiuto", "ayuda", "aide", "帮助", "?", "what can you do?"],
    "latest": [
        "latest",
        "What’s new?",
        "ultime",
        "le notizie",
        "últimas noticias",
        "actus",
        "最新",
    ],
    "settings": ["settings", "impostazioni", "ajustes", "paramètres", "réglages", "设置"],
    "saved": ["my list", "da leggere", "guardados", "favoris", "收藏"],
    "start": ["start", "riattiva", "reprendre", "开始"],
    "pause": ["pause", "pausa", "vacances", "暂停"],
}

BETTER_WITH_WORDS = (
    "Con le parole me la cavo meglio. Scrivi un nome, ad esempio Gucci, o prova /latest."
)


def test_a_whole_message_is_a_command_in_five_languages() -> None:
    for command, messages in MESSAGES.items():
        for message in messages:
            assert command_of(message) == command, message
    for message in ("stop the presses", "latest ferrari", "", "🙂", "help " * 20):
        assert command_of(message) is None, message


def test_every_language_has_every_command_and_courtesy() -> None:
    for table in COMMANDS.values():
        assert table.keys() == PLAIN.keys()
    assert PLAIN.keys() - {"pause"} == SLASHED.keys() & PLAIN.keys()
    for courtesies in COURTESIES.values():
        assert courtesies.keys() == set(Courtesy) - {Courtesy.SIGN, Courtesy.SEEN}


def test_no_plain_word_stands_in_the_way_of_a_category_or_of_another_meaning() -> None:
    known = taxonomy.load()
    meant: dict[str, str] = {}
    for table in COMMANDS.values():
        for command, messages in table.items():
            for message in messages.split(","):
                assert known.find(message) is None, message
                assert meant.setdefault(plain(message), command) == command, message
    for table_ in COURTESIES.values():
        for messages in table_.values():
            for message in messages.split(","):
                assert known.find(message) is None, message
                assert command_of(message) is None, message


def test_a_request_with_a_name_is_told_from_the_name_in_five_languages() -> None:
    for message, request, name in (
        ("Follow Birkin bag", "follow", "Birkin bag"),
        ("segui ferrari", "follow", "ferrari"),
        ("seguir a Loewe", "follow", "Loewe"),
        ("je veux suivre Chanel", "follow", "Chanel"),
        ("关注爱马仕", "follow", "爱马仕"),
        ("search for two words", "search", "two words"),
        ("busca  yates", "search", "yates"),
        ("搜索 徐家汇", "search", "徐家汇"),
        ("sigue a «Pedro Rojas»", "follow", "Pedro Rojas"),
        ("suivre « maître horloger »", "follow", "maître horloger"),
        ("关注「徐家汇」", "follow", "徐家汇"),
        ('follow "Loewe" and "Prada"', "follow", '"Loewe" and "Prada"'),
        ('search for ""', "search", '""'),
        ("following trends", "", ""),
        ("follow", "", ""),
        ("suivre ", "", ""),
    ):
        assert request_of(message) == (request, name), message
    known = taxonomy.load().categories.values()
    assert not [each.name for each in known if request_of(each.name)[0]]


def test_a_courtesy_is_told_from_a_question() -> None:
    assert courtesy_of("Grazie!") is Courtesy.THANKS
    assert courtesy_of("hola") is Courtesy.GREETING
    assert courtesy_of("👍🏽") is Courtesy.SIGN
    assert courtesy_of("…") is Courtesy.SIGN
    assert courtesy_of("thanks for the Ferrari story") is None
    assert courtesy_of("1") is None


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", ("help", "Settings", "enough", "resume")),
        ("it", ("aiuto", "Impostazioni", "basta", "riattiva")),
    ],
)
async def test_plain_words_do_what_the_commands_do(
    bureau: Bureau, language: str, typed: tuple[str, str, str, str]
) -> None:
    help_, settings, stop, again = typed
    ana = await bureau.reader(language=language)
    await ana.send(help_)
    assert "/latest –" in (await ana.next()).text
    await ana.send(settings)
    assert (await ana.next()).text.startswith(settings)
    await ana.send(stop)
    assert "/start" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).state is State.STOPPED
    await ana.send(again)
    await ana.next()
    assert (await bureau.subscriber(ana)).state is State.ACTIVE
    # In a group they are words like any other.
    group = bureau.town.group("Club", [ana], settled=True)
    await ana.send(f"@OnNewsBot {stop}", group)
    assert stop in (await ana.next(group)).text
    await bureau.heard()
    assert (await bureau.subscriber(group)).state is State.ACTIVE


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            {
                "thank you": {"You’re welcome.", "My pleasure."},
                "👍": {
                    "I only understand words. Try a category, such as Motor, or /help.",
                    "I’m better with words. Type a name, such as Gucci, or see /latest.",
                },
            },
        ),
        (
            "it",
            {
                "Grazie mille!": {"Prego.", "Di nulla."},
                "🙏": {
                    "Capisco solo le parole. Prova con una categoria, ad esempio Motori, o /help.",
                    BETTER_WITH_WORDS,
                },
            },
        ),
    ],
)
async def test_thanks_and_emoji_get_a_line_that_is_not_always_the_same(
    bureau: Bureau, language: str, lines: dict[str, set[str]]
) -> None:
    ana = await bureau.reader(language=language)
    for message, answers in lines.items():
        seen = set()
        for _ in range(2):
            await ana.send(message)
            seen.add((await ana.next()).text)
        assert seen == answers


async def test_a_newcomer_who_says_hello_begins_the_journey(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    await ana.send("Ciao!")
    (await ana.next()).button("d")


async def test_a_link_to_a_known_story_opens_its_card_however_it_is_spelled(
    bureau: Bureau,
) -> None:
    await bureau.desk.print_(
        "Zegna opens in Milan", "style", link="https://www.zegna-news.example/milan"
    )
    ana = await bureau.reader()
    for written in (
        "https://news.example/11",
        "Did you see https://news.example/11?utm_source=mail&fbclid=7",
        "http://www.news.example/11/",
    ):
        await ana.send(written)
        assert "Gucci dreams of a garden" in (await ana.next()).text, written
    await ana.send("https://zegna-news.example/milan")
    assert "Zegna opens in Milan" in (await ana.next()).text
    # Our own link, and a post that holds the story's.
    await ana.send("https://t.me/OnNewsBot?start=ab")
    card = await ana.next()
    assert "Gucci dreams of a garden" in card.text
    await ana.forward(card)
    assert "Gucci dreams of a garden" in (await ana.next()).text
    await ana.send("https://elsewhere.example/story")
    assert (await ana.next()).text.startswith("I don’t have that story.")


@pytest.mark.parametrize(
    ("language", "typed", "hour", "city"),
    [
        ("en", ("thanks", "half past", "Nowhereville"), "What time", "Share my location"),
        ("it", ("grazie", "le ventisette", "Zzqqx"), "A che ora", "Condividi la posizione"),
    ],
)
async def test_the_journey_goes_on_whatever_is_typed_amid_it(
    bureau: Bureau, language: str, typed: tuple[str, str, str], hour: str, city: str
) -> None:
    thanks, no_hour, no_city = typed
    ana = bureau.town.person("Ana", language)
    await ana.start()
    await ana.tap("p:motor:1:1", await ana.next())
    await ana.tap("d", await ana.next())
    assert hour in (await ana.next()).text
    await ana.send(thanks)
    await ana.next()
    assert hour in (await ana.next()).text, "the question is asked again below"
    assert (await ana.next()).labels == [], "and the one above has no buttons any more"
    await ana.send("gucci")
    assert (await ana.next()).text.startswith("Gucci\n")
    assert hour in (await ana.next()).text
    assert (await ana.next()).labels == []
    await ana.send("search for garden")
    assert "Gucci dreams of a garden" in (await ana.next()).text
    assert hour in (await ana.next()).text
    assert (await ana.next()).labels == []
    await ana.send(no_hour)
    assert no_hour in (await ana.next()).text
    await ana.send("7:35")
    asked = await ana.next()
    assert city in asked.labels
    assert (await ana.next()).labels == []
    await ana.send("https://news.example/11")
    assert "Gucci dreams of a garden" in (await ana.next()).text
    assert city in (await ana.next()).labels
    assert (await ana.next()).labels == []
    await ana.send(no_city)
    assert no_city in (await ana.next()).text
    await ana.send("Parigi" if language == "it" else "Paris")
    await bureau.heard()
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.digest_minute, subscriber.zone) == (455, "Europe/Paris")
    assert subscriber.place == max(bureau.desk.ids)


async def test_what_is_no_answer_to_a_question_of_the_settings_is_taken_for_what_it_is(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    for sheet in ("s:h:0", "s:z:0", "s:p:0"):
        await ana.send("/settings")
        await ana.tap(sheet, await ana.next())
        await ana.next()
        await ana.send("gucci")
        assert (await ana.next()).text.startswith("Gucci\n"), sheet
        await ana.send("thanks")
        assert (await ana.next()).text in {"You’re welcome.", "My pleasure."}
    before = await bureau.subscriber(ana)
    await ana.send("quarter to ferrari")
    asked = await ana.next()
    await ana.tap("Search for it", asked)
    assert "quarter to ferrari" in (await ana.next()).text
    assert await bureau.subscriber(ana) == before
    await ana.send("/settings")
    await ana.tap("s:h:0", await ana.next())
    await ana.next()
    await ana.send("latest")
    assert base36(12) in {
        str(button.data).partition(":")[2].partition(":")[0]
        for row in (await ana.next()).buttons
        for button in row
    }
