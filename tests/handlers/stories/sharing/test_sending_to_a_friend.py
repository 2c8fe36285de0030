"""Inline mode, deep links, and the count of opened links. Share codes that identify the sender,
and opening marks that identify nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.stories.sharing.share_links import code_for, mark_of, sender_of
from handlers.taps.callback_codec import MOST, base36
from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau

LANDING = {
    "en": (
        "A friend sent you this",
        "Follow Gucci",
        "Unfollow Gucci",
        "Read here",
        "Set up my morning edition",
        "Welcome back",
    ),
    "it": (
        "Un amico ti invia questa notizia",
        "Segui Gucci",
        "Non seguire più Gucci",
        "Leggi qui",
        "Crea la mia edizione del mattino",
        "Eccoti di nuovo",
    ),
}


async def card_of(ana: Person, words: str = "/latest 1 gucci") -> BotMessage:
    """Open the card of the first story in a list."""
    await ana.tap("1", await ask(ana, words))
    return await ana.next()


async def sent(ana: Person, where: Room, *, from_card: bool) -> str:
    """Send a story into a chat as Ana, and return the link in it."""
    query: str | None = "gucci garden"
    if from_card:
        query = (await ana.tap("Send", await card_of(ana))).inline_query
    assert query is not None
    (result,) = await ana.inline(query, where)
    assert result.title == "Gucci dreams of a garden"
    passed = await ana.choose(result, where)
    assert passed.links[0] == "https://news.example/11"
    (link,) = [link for link in passed.links if "?start=" in link]
    assert passed.button("Open in ON News").url == link
    return link


async def openings(ana: Person) -> str:
    """Return what Ana sees about the links that she sent."""
    await ana.tap("Sent to friends", await ask(ana, "/saved"))
    return (await ana.next()).text


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("way", ["the card", "a list of results"])
async def test_a_friend_gets_the_story_alone_and_the_picker_when_it_is_asked_for(
    bureau: Bureau, language: str, way: str
) -> None:
    by_friend, follow, unfollow, read, set_up, back = LANDING[language]
    ana = await bureau.reader()
    friend = bureau.town.person("Bo", language)
    link = await sent(ana, bureau.town.direct(ana, friend), from_card=way == "the card")

    await friend.open(link)
    landing = await friend.next()
    assert landing.text.startswith(f"{by_friend}\nGucci dreams of a garden\n")
    assert "What it is about, in a line. —\u00a0The Luxury Courier" in landing.text
    assert landing.preview == "https://news.example/11"
    assert [len(row) for row in landing.buttons] == [2, 1, 1]
    assert [landing.labels[0], *landing.labels[2:]] == [read, follow, set_up]
    await bureau.heard()
    assert friend.unread() == [], "the story stands alone"

    followed = await press(friend, follow, landing)
    assert (followed.id, followed.labels[2:]) == (landing.id, [unfollow, set_up])
    subscriber = await bureau.subscriber(friend)
    assert subscriber.taste.follows == {"gucci"}
    assert subscriber.next_at is not None
    picker = await press(friend, set_up, followed)
    assert picker.id != landing.id
    picker.button("d")  # of the journey's picker

    # An older step still works, amid the journey and after it.
    hour = await press(friend, "d", picker)
    assert hour.id == picker.id
    assert "Paragraph 1." in (await press(friend, read, landing)).text
    assert (await press(friend, unfollow, followed)).labels[2] == follow
    assert (await press(friend, follow, landing)).labels[2] == unfollow
    await friend.tap("jv:zone:Europe/Rome", await press(friend, "jv:hour:420", hour))
    await bureau.heard()
    assert (await bureau.subscriber(friend)).place == max(bureau.desk.ids)
    friend.unread()
    assert back in (await press(friend, set_up, landing)).text

    assert "1 · opened once\nGucci dreams of a garden" in await openings(ana)


@pytest.mark.parametrize("language", ["en", "it"])
async def test_a_friend_who_is_a_reader_already_gets_the_card(
    bureau: Bureau, language: str
) -> None:
    by_friend, follow, unfollow, *_, set_up, _ = LANDING[language]
    ana = await bureau.reader()
    friend = await bureau.reader("Bo", language)
    await friend.open(await sent(ana, bureau.town.direct(ana, friend), from_card=True))
    card = await friend.next()
    assert card.text.startswith(by_friend)
    assert set_up not in card.labels
    assert {"v:b:1", "oc:b"} <= {button.data for row in card.buttons for button in row}
    assert unfollow in (await press(friend, follow, card)).labels


async def test_one_person_counts_once_however_often_a_link_is_opened(bureau: Bureau) -> None:
    ana = await bureau.reader()
    friends = [bureau.town.person(name) for name in ("Bo", "Cy")]
    # The same story, sent from its card and from a list of results.
    for from_card in (True, False):
        for friend in friends:
            link = await sent(ana, bureau.town.direct(ana, friend), from_card=from_card)
            for _ in range(3):
                await friend.open(link)
                await friend.next()
    await bureau.heard()
    assert "opened 2 times" in await openings(ana)


async def test_ones_own_opening_is_not_counted(bureau: Bureau) -> None:
    ana = await bureau.reader()
    query = (await ana.tap("Send", await card_of(ana))).inline_query
    assert query is not None
    (result,) = await ana.inline(query)
    await ana.open(result.raw["reply_markup"]["inline_keyboard"][0][1]["url"])
    await ana.next()
    await bureau.heard()
    (share,) = await bureau.onnews.archive.shares.of((await bureau.subscriber(ana)).id, 5)
    assert share.opened == 0


async def test_a_stranger_finds_stories_in_the_language_of_the_app_and_in_english(
    bureau: Bureau,
) -> None:
    await bureau.desk.print_("Gucci rêve d’un jardin", "gucci", language="fr")
    await bureau.desk.print_("古驰梦想一座花园", "gucci", language="zh")
    stranger = bureau.town.person("Lin", "zh-hans")
    for query in ("gucci", ""):
        found = [each.title for each in await stranger.inline(query)]
        assert "古驰梦想一座花园" in found
        assert "Gucci dreams of a garden" in found
        assert "Gucci rêve d’un jardin" not in found


async def test_inline_search_finds_a_group_a_word_and_the_latest(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger")
    assert [r.title for r in await stranger.inline("kering")] == ["Gucci dreams of a garden"]
    assert [r.title for r in await stranger.inline("mulliner")] == [
        "Bentley adds a wing to Mulliner"
    ]
    everything = await stranger.inline("")
    assert len(everything) == 12
    assert everything[0].description == "China · The Luxury Courier\nWhat it is about, in a line."
    # Somebody who only searched is no subscriber.
    assert await bureau.onnews.archive.subscribers.find(stranger.id) is None


async def test_a_list_offers_its_stories_for_sending(bureau: Bureau) -> None:
    ana = await bureau.reader(language="it")
    friends = bureau.town.direct(ana, bureau.town.person("Bo"))
    lists = {"/latest 3": "", "/latest 3 motori": "Motori", "/search silk garden": "silk garden"}
    for asked, query in lists.items():
        listed = await ask(ana, asked)
        tapped = await ana.tap("Invia una notizia", listed)
        assert tapped.inline_query == query
        found = [result.title for result in await ana.inline(query, friends)]
        titles = [title for title in found if title in listed.text]
        assert titles == found[: len(titles)], "the same stories in the same order"
        assert titles, asked
    for asked in ("/saved", "/search silk da lunedì", "/search zzz"):
        assert "Invia una notizia" not in (await ask(ana, asked)).labels, asked


async def test_an_inline_query_for_nothing_gets_an_empty_answer(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger")
    for query in ("#zzzzz", "#", "#0", "#ZZZZZZZZZZZZ", "qqqq", '"', "x " * 120):
        assert await stranger.inline(query) == [], query


async def test_a_forged_offset_does_no_harm(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger")
    for offset in ("20", "-1", "9" * 50, "abc"):
        await stranger.inline("", offset=offset)


@pytest.mark.parametrize(
    ("language", "wording", "way"),
    [
        ("en", "That story is no longer in the archive.", "Latest"),
        ("it", "Questa notizia non è più in archivio.", "Le ultime"),
    ],
)
async def test_a_link_to_a_story_that_is_gone_says_so_and_offers_the_latest(
    bureau: Bureau, language: str, wording: str, way: str
) -> None:
    ana = await bureau.reader(language=language)
    gone = await start(ana, "azzzzz-0123456789")
    assert gone.text.startswith(wording)
    assert gone.labels == [way]
    newcomer = bureau.town.person("Newcomer", language)
    gone = await start(newcomer, "azzzzz-0123456789")
    assert gone.text.startswith(wording)
    assert gone.labels == [way, LANDING[language][4]]
    assert "Shanghai opens a mall" in (await press(newcomer, way, gone)).text
    assert await bureau.unread(newcomer) == []


async def test_an_unknown_link_is_handled_as_a_plain_start(bureau: Bureau) -> None:
    ana = await bureau.reader()
    long = "a7-" + "x" * 40
    for payload in ("a", "azzzzzz", "a1-", "zzz", long, "c-nothing", "f-nothing", "-" * 64, "_"):
        assert "Welcome back" in (await start(ana, payload)).text, payload
    newcomer = bureau.town.person("Newcomer")
    for payload in ("a", "zzz", "settings"):
        await newcomer.start(payload)
        (await newcomer.next()).button("d")


async def test_a_link_with_an_unknown_code_still_opens_the_article(bureau: Bureau) -> None:
    ana = await bureau.reader()
    assert "Gucci dreams of a garden" in (await start(ana, "ab-0123456789")).text


async def test_a_link_to_a_category_opens_it(bureau: Bureau) -> None:
    ana = await bureau.reader()
    assert (await start(ana, "c-gucci")).text.startswith("Gucci\n")
    newcomer = bureau.town.person("Newcomer")
    assert (await start(newcomer, "c-gucci")).labels[-1] == "Set up my morning edition"
    assert not (await bureau.subscriber(newcomer)).taste.follows


async def test_inline_results_offer_a_button_into_the_bot(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for query in ("", "garden", "motor"):
        assert await ana.inline_button(query) == ("Open ON News", "home"), query
    assert await ana.inline_button("gucci") == ("Follow Gucci", "f-gucci")
    assert (await start(ana, "f-gucci")).text.startswith("Gucci\n")
    assert "gucci" in (await bureau.subscriber(ana)).taste.follows
    bureau.clock.pass_(seconds=60)
    assert await ana.inline_button("gucci") == ("Open ON News", "home")


async def test_a_name_with_a_typing_error_finds_what_was_meant(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger", "it")
    assert await stranger.inline_button("bentely") == ("Intendevi Bentley?", "c-bentley")
    assert [result.title for result in await stranger.inline("bentely")] == [
        "Bentley adds a wing to Mulliner"
    ]


async def test_a_forwarded_card_keeps_the_sources_link_and_the_bots(bureau: Bureau) -> None:
    ana = await bureau.reader()
    friend = bureau.town.person("Bo")
    direct = bureau.town.direct(ana, friend)
    passed = await ana.forward(await card_of(ana), direct)
    assert passed.links == ["https://news.example/11", "https://t.me/OnNewsBot"]


@pytest.mark.parametrize("code", ["x", "AAAAAAAAAAAAAAAA", "ABCDEFGHIJ", "7" * 32])
async def test_an_unknown_share_code_names_no_sender(bureau: Bureau, code: str) -> None:
    bo = bureau.town.person("Bo")
    shown = await start(bo, f"a{base36(bureau.desk.ids[-2])}-{code}")
    assert "Gucci dreams of a garden" in shown.text
    assert "A friend sent you this" not in shown.text


async def test_a_share_code_of_another_story_names_no_sender(bureau: Bureau) -> None:
    ana, bo = await bureau.reader(), bureau.town.person("Bo")
    link = await sent(ana, bureau.town.direct(ana, bo), from_card=True)
    code = link.rpartition("-")[2]
    shown = await start(bo, f"a{base36(bureau.desk.ids[0])}-{code}")
    assert "Bentley adds a wing" in shown.text
    assert "A friend sent you this" not in shown.text


TOKEN = "1:token"
numbers = st.integers(min_value=1, max_value=MOST)


@given(numbers, numbers)
def test_a_share_code_is_valid_for_its_article_and_this_bot_only(sender: int, article: int) -> None:
    code = code_for(TOKEN, sender, article)
    assert len(code) == 16
    assert code.isascii()
    assert code.isalnum()
    assert sender_of(TOKEN, code, article) == sender
    assert sender_of(TOKEN, code, article - 1) is None
    assert sender_of("2:token", code, article) is None
    forged = ("B" if code[0] == "A" else "A") + code[1:]
    assert sender_of(TOKEN, forged, article) is None


@given(st.text(max_size=32))
def test_a_malformed_share_code_names_no_sender(code: str) -> None:
    assert sender_of(TOKEN, code, 7) is None


@given(numbers)
def test_an_opening_mark_is_stable_and_has_sixteen_bits(person: int) -> None:
    assert mark_of(TOKEN, "a" * 10, person) == mark_of(TOKEN, "a" * 10, person)
    assert 0 <= mark_of(TOKEN, "a" * 10, person) < 1 << 16


def test_opening_marks_of_one_person_differ_between_links() -> None:
    marks = {mark_of(TOKEN, f"{number:010}", 7) for number in range(100)}
    assert len(marks) > 90
    people = {mark_of(TOKEN, "a" * 10, person) for person in range(100)}
    assert len(people) > 90
