"""Plain messages: commands in other words, courtesies, and links to stories."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.entry.commands import COMMANDS as SLASHED
from handlers.entry.text import ASKED, PLAIN, SHEETS
from handlers.taps.callback_codec import base36
from handlers.typed.phrases import all_words
from handlers.typed.plain_words import (
    Courtesy,
    command_of,
    courtesy_of,
    plain,
    unquoted,
)
from handlers.typed.requests import read_request, request_of
from news.filing import taxonomy
from storage.model import State
from tests.handlers.conftest import ask, press, start

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
    "start": ["start", "inizia", "démarrer", "开始"],
    "resume": ["resume", "riattiva", "reanudar", "reprendre", "恢复"],
    "follow": ["follow", "segui", "seguir", "suivre", "关注"],
    "mute": ["mute", "silenzia", "silenciar", "masquer", "屏蔽"],
    "pause": ["pause", "pausa", "vacances", "暂停"],
}

BETTER_WITH_WORDS = (
    "Con le parole me la cavo meglio. Scrivi un nome, ad esempio Gucci, o prova /latest."
)


def test_plain_words_are_taken_for_commands_in_five_languages() -> None:
    for command, messages in MESSAGES.items():
        for message in messages:
            assert command_of(message) == command, message
    for message in ("stop the presses", "latest ferrari", "", "🙂", "help " * 20):
        assert command_of(message) is None, message


def test_every_language_has_every_command_and_courtesy() -> None:
    for words in all_words().values():
        assert words["commands"].keys() == PLAIN.keys()
        assert words["courtesies"].keys() == set(Courtesy) - {Courtesy.SIGN, Courtesy.SEEN}
    assert PLAIN.keys() - SHEETS.keys() - ASKED.keys() == SLASHED.keys() & PLAIN.keys()


def test_no_plain_word_hides_a_category_or_has_two_meanings() -> None:
    known = taxonomy.load()
    meant: dict[str, str] = {}
    for words in all_words().values():
        for command, messages in words["commands"].items():
            for message in messages:
                assert known.find(message) is None, message
                assert meant.setdefault(plain(message), command) == command, message
        for message in chain(*words["courtesies"].values()):
            assert known.find(message) is None, message
            assert command_of(message) is None, message


def test_requests_are_split_from_their_names_in_five_languages() -> None:
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
    known = taxonomy.load()
    for each in known.categories.values():
        asked = read_request(each.name, lambda name: known.find(name) is not None)
        assert (asked.kind, asked.words) == ("", each.name)


@pytest.mark.parametrize(
    ("kind", "words", "sentences"),
    [
        (
            "off",
            "gucci",
            (
                *("no more gucci please", "stop gucci", "I don’t want Gucci anymore"),
                *("not interested in gucci", "no more news about gucci"),
                *("basta Gucci per favore", "niente più gucci", "non mi interessa più gucci"),
                *("non voglio più notizie di gucci", "je ne veux plus d’articles sur gucci"),
                *("no quiero más gucci", "ya no me interesa gucci", "arrêtez Gucci svp"),
            ),
        ),
        ("more", "gucci", ("more gucci", "più gucci", "más gucci", "plus de gucci svp")),
        ("less", "gucci", ("less Gucci.", "meno gucci", "menos gucci", "moins de gucci")),
        ("unfollow", "gucci", ("hi, can you please unfollow gucci", "quita gucci por favor")),
        ("unfollow", "gucci", ("ne plus suivre gucci", "smetti di seguire gucci")),
        ("off", "古驰", ("不要再发古驰了",)),
        ("unfollow", "古驰", ("取消关注古驰",)),
        ("less", "古驰", ("请少发古驰",)),
        ("more", "古驰", ("多发古驰",)),
        ("unmute", "gucci", ("unmute gucci", "riattiva gucci", "reactivar gucci")),
        (
            "news",
            "watches",
            ("what’s new in watches?", "whats new in watches", "Any news on watches"),
        ),
        ("news", "orologi", ("voglio notizie di orologi", "novità sugli orologi")),
        ("news", "relojes", ("quiero noticias de relojes", "qué hay de nuevo en relojes")),
        ("news", "montres", ("je veux des nouvelles de montres", "quoi de neuf dans montres")),
        ("want", "手表", ("我想看手表新闻", "最新手表", "手表的新闻")),
        ("want", "gucci", ("gucci news", "latest gucci", "novità gucci", "show me Gucci news")),
        ("news", "Pedro Rojas", ("news about Pedro Rojas", "noticias sobre Pedro Rojas")),
        (
            "hour",
            "alle 8",
            ("puoi mandarmela alle 8", "inviala alle 8", "cambia l’orario alle 8 per favore"),
        ),
        ("hour", "a las 8", ("envíala a las 8", "mándala a las 8 por favor")),
        ("pause", "monday", ("pause until monday", "please pause until Monday")),
        ("language", "italian", ("switch to italian", "change the language to Italian please")),
        ("follow", "gucci", ("follow gucci please", "segui Gucci grazie")),
        ("mute", "rumours", ("mute rumours",)),
        # What only begins like a request is none.
        ("", "no time to die", ("no time to die",)),
        ("", "more than a feeling", ("more than a feeling",)),
        ("", "Just Cavalli", ("Just Cavalli",)),
        ("", "hello kitty", ("hello kitty",)),
        ("", "stop", ("stop please", "ok stop", "stop svp")),
        ("", "gucci", ("gucci please", "ciao, gucci grazie")),
    ],
)
def test_a_sentence_is_split_from_the_name_it_asks_for(
    kind: str, words: str, sentences: tuple[str, ...]
) -> None:
    known = taxonomy.load()
    for sentence in sentences:
        asked = read_request(sentence, lambda name: known.find(name) is not None)
        spoken = plain(asked.words) if words.islower() else asked.words
        assert (asked.kind, spoken) == (kind, words), sentence


@given(st.text(max_size=60), st.sampled_from(["", "no more ", "news about ", "请", "alle "]))
def test_any_text_parses_to_a_request_that_keeps_its_words(text: str, before: str) -> None:
    sentence = " ".join((before + text).split())
    asked = read_request(sentence, lambda name: len(name) == 3)
    assert asked.words in sentence
    assert asked.words or not unquoted(sentence)


def test_courtesies_are_distinguished_from_questions() -> None:
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
    assert "/latest –" in (await ask(ana, help_)).text
    assert (await ask(ana, settings)).text.startswith(settings)
    assert "/start" in (await ask(ana, stop)).text
    assert (await bureau.subscriber(ana)).state is State.STOPPED
    await ask(ana, again)
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
async def test_thanks_and_emoji_get_varying_answers(
    bureau: Bureau, language: str, lines: dict[str, set[str]]
) -> None:
    ana = await bureau.reader(language=language)
    for message, answers in lines.items():
        seen = set()
        for _ in range(2):
            seen.add((await ask(ana, message)).text)
        assert seen == answers


async def test_a_newcomers_hello_starts_the_journey(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    (await ask(ana, "Ciao!")).button("d")


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
        assert "Gucci dreams of a garden" in (await ask(ana, written)).text, written
    assert "Zegna opens in Milan" in (await ask(ana, "https://zegna-news.example/milan")).text
    # Our own link, and a post that holds the story's.
    card = await ask(ana, "https://t.me/OnNewsBot?start=ab")
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
async def test_the_journey_continues_after_any_typed_text(
    bureau: Bureau, language: str, typed: tuple[str, str, str], hour: str, city: str
) -> None:
    thanks, no_hour, no_city = typed
    ana = bureau.town.person("Ana", language)
    await ana.start()
    await ana.tap("p:motor:1:1", await ana.next())
    await ana.tap("d", await ana.next())
    assert hour in (await ana.next()).text
    await ask(ana, thanks)
    assert hour in (await ana.next()).text, "the question is asked again below"
    assert (await ana.next()).labels == [], "and the one above has no buttons any more"
    assert (await ask(ana, "gucci")).text.startswith("Gucci\n")
    assert hour in (await ana.next()).text
    assert (await ana.next()).labels == []
    assert "Gucci dreams of a garden" in (await ask(ana, "search for garden")).text
    assert hour in (await ana.next()).text
    assert (await ana.next()).labels == []
    assert no_hour in (await ask(ana, no_hour)).text
    asked = await ask(ana, "7:35")
    assert city in asked.labels
    assert (await ana.next()).labels == []
    assert "Gucci dreams of a garden" in (await ask(ana, "https://news.example/11")).text
    assert city in (await ana.next()).labels
    assert (await ana.next()).labels == []
    assert no_city in (await ask(ana, no_city)).text
    await ana.send("Parigi" if language == "it" else "Paris")
    await bureau.heard()
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.digest_minute, subscriber.zone) == (455, "Europe/Paris")
    assert subscriber.place == max(bureau.desk.ids)


async def test_text_that_does_not_answer_a_settings_question_is_handled_as_usual(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    for sheet in ("s:h:0", "s:z:0", "s:p:0"):
        await ana.send("/settings")
        await ana.tap(sheet, await ana.next())
        await ana.next()
        assert (await ask(ana, "gucci")).text.startswith("Gucci\n"), sheet
        assert (await ask(ana, "thanks")).text in {"You’re welcome.", "My pleasure."}
    before = await bureau.subscriber(ana)
    asked = await ask(ana, "quarter to ferrari")
    assert "quarter to ferrari" in (await press(ana, "Search the news", asked)).text
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


async def test_typed_requests_are_carried_out(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    assert (await ask(ana, "no more gucci please")).text == "Gucci: no more stories."
    assert "gucci" in (await bureau.subscriber(ana)).taste.muted_categories
    assert (await ask(ana, "quiero noticias de coches")).text.startswith("Motor\n")
    assert "Gucci dreams of a garden" in (await ask(ana, "news about a garden")).text
    assert "07:30" in (await ask(ana, "can you send it at 7:30 please")).text
    assert (await bureau.subscriber(ana)).digest_minute == 450
    await ask(ana, "pause until next monday")
    assert (await bureau.subscriber(ana)).paused_until is not None
    await ask(ana, "mute rumours")
    assert (await bureau.subscriber(ana)).taste.muted_words == {"rumours"}
    for typed, answer in (
        ("italiano", "Settings\nWhich language"),
        ("only weekdays please", "Days · Monday to Friday"),
        ("a las 9", "Settings\nWhat time"),
        ("thanks, that was great", ""),
    ):
        assert (await ask(ana, typed)).text.startswith(answer), typed
    await ask(ana, "help")
    # Any other text is searched for, and a name in it is offered.
    offered = await ask(ana, "is a ferrari a good present")
    assert offered.labels[:2] == ["Ferrari", "Search the news"]
    # In a group, an administrator's request is carried out for the group.
    group = bureau.town.group("Club", [ana], settled=True)
    await ana.send("@OnNewsBot no more motor please", group)
    assert (await ana.next(group)).text == "Motor: no more stories."


async def test_a_request_typed_at_the_question_for_a_city_is_not_a_city(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    await ana.start()
    await ana.tap("p:motor:1:1", await ana.next())
    await ana.tap("d", await ana.next())
    await ana.tap("jv:hour:480", await ana.next())
    await ana.next()
    assert (await ask(ana, "notizie su gucci")).text.startswith("Gucci\n")
    assert "In quale città" in (await ana.next()).text


async def test_an_unknown_command_is_answered_with_the_nearest_one(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/latset")
    assert (await ana.next()).text.startswith(
        "I don’t know “/\u2060latset”. Did you mean /latest?\n\n/latest –"
    )
    assert "Did you mean /search?" in (await ask(ana, "/serach gucci")).text
    await ana.send("/xyz")
    assert (await ana.next()).text.startswith("I don’t know /\u2060xyz. Here is what I can do:")
    # A category is opened by its name here, too.
    assert (await ask(ana, "/gucci")).text.startswith("Gucci\n")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "I answer one command per message. Next, send:"),
        ("it", "Rispondo a un solo comando per messaggio. Ora invia:"),
        ("es", "Respondo a un solo comando por mensaje. Ahora envía:"),
        ("fr", "Je réponds à une seule commande par message. Envoyez ensuite :"),
        ("zh", "每条消息我只处理一个命令。请接着发送："),
    ],
)
async def test_the_first_of_several_commands_is_answered_and_the_others_named(
    bureau: Bureau, language: str, line: str
) -> None:
    ana = await bureau.reader(language=language)
    assert "garden" in (await ask(ana, "/search garden /saved")).text
    named = await ana.next()
    assert named.text == f"{line}\n\n/saved"
    assert named.parts("bot_command") == ["/saved"]
    await ask(ana, named.parts("bot_command")[0])
    assert ana.unread() == []


async def test_further_commands_of_a_message_are_named_once_with_their_words(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    await ana.send(
        "/latest\n/search kering  results\n/gucci /latest /saved@OnNewsBot /saved /a@Other"
    )
    assert (await ana.next()).text.startswith("The latest\n")
    named = await ana.next()
    assert named.text.splitlines()[2:] == ["/search kering results", "/gucci", "/saved"]
    assert named.parts("code") == ["/search kering results"]
    assert named.parts("bot_command") == ["/gucci", "/saved"]
    assert "I don’t know" in (await ask(ana, "/xyz /saved")).text
    assert (await ana.next()).text.endswith("\n\n/saved")
    await ask(ana, "/latest " + " ".join(f"/{letter}{letter}" for letter in "abcdefghijk"))
    assert (await ana.next()).text.endswith("/jj\n…")
    # What only looks like one is a word among others.
    assert "24/7" in (await ask(ana, "/search 24/7 a/b /2026 /")).text
    assert (await ask(ana, "/latest /latest")).text.startswith("The latest\n")
    assert (await ask(ana, "/help")).text.startswith("ON News\n")


async def test_several_typed_names_are_each_offered_in_the_picker(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    await start(ana)
    offered = await ask(ana, "rolex, cartier and the like")
    assert offered.text.endswith("Did you mean one of these?")
    assert [button.text for row in offered.buttons[:1] for button in row] == ["Rolex", "Cartier"]
