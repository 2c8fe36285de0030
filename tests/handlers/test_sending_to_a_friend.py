"""Inline mode, deep links, and the count of their openings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.people import BotMessage, Person
    from tests.handlers.conftest import Bureau


async def card_of(ana: Person, words: str = "/latest 1 gucci") -> BotMessage:
    """A card, opened by the first number of a list."""
    await ana.send(words)
    await ana.tap("1", await ana.next())
    return await ana.next()


async def test_a_friend_gets_the_card_and_its_link_starts_the_friends_journey(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    friend = bureau.town.person("Bo", "it")
    direct = bureau.town.direct(ana, friend)
    query = (await ana.tap("Send", await card_of(ana))).inline_query
    assert query is not None
    (result,) = await ana.inline(query, direct)
    assert result.title == "Gucci dreams of a garden"
    passed = await ana.choose(result, direct)
    assert passed.links[0] == "https://news.example/11"
    (link,) = [link for link in passed.links if "?start=" in link]
    assert passed.button("Open in ON News").url == link

    await friend.open(link)
    card = await friend.next()
    assert "Gucci dreams of a garden" in card.text
    assert card.labels[0] == "Segui Gucci"
    assert "Ecco ON News" in (await friend.next()).text
    await friend.tap("Segui Gucci", card)
    followed = await friend.next()
    assert (followed.id, len(followed.buttons[0])) == (card.id, 1)
    subscriber = await bureau.subscriber(friend)
    assert subscriber.taste.follows == {"gucci"}
    assert subscriber.next_at is not None

    await ana.send("/saved")
    await ana.tap("Sent to friends", await ana.next())
    assert "1 · opened once\nGucci dreams of a garden" in (await ana.next()).text


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


async def test_an_inline_query_for_nothing_gets_an_empty_answer(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger")
    for query in ("#zzzzz", "#", "#0", "#ZZZZZZZZZZZZ", "qqqq", '"', "x " * 120):
        assert await stranger.inline(query) == [], query


async def test_a_forged_offset_does_no_harm(bureau: Bureau) -> None:
    stranger = bureau.town.person("Stranger")
    for offset in ("20", "-1", "9" * 50, "abc"):
        await stranger.inline("", offset=offset)


async def test_a_link_to_nothing_is_answered_helpfully(bureau: Bureau) -> None:
    ana = await bureau.reader()
    long = "a7-" + "x" * 40
    for payload in ("a", "azzzzzz", "a1-", "a0", "zzz", long, "c-nothing", "-" * 64, "_"):
        await ana.start(payload)
        assert "leads to nothing" in (await ana.next()).text, payload
        newcomer = bureau.town.person("Newcomer")
        await newcomer.start(payload)
        assert "leads to nothing" in (await newcomer.next()).text, payload
        assert "Welcome to ON News" in (await newcomer.next()).text, payload


async def test_a_link_with_an_unknown_code_still_opens_the_article(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.start("ab-0123456789")
    assert "Gucci dreams of a garden" in (await ana.next()).text


async def test_a_link_to_a_category_opens_it(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.start("c-gucci")
    assert (await ana.next()).text.startswith("Gucci\n")


async def test_a_forwarded_card_keeps_the_sources_link_and_the_bots(bureau: Bureau) -> None:
    ana = await bureau.reader()
    friend = bureau.town.person("Bo")
    direct = bureau.town.direct(ana, friend)
    passed = await ana.forward(await card_of(ana), direct)
    assert passed.links == ["https://news.example/11", "https://t.me/OnNewsBot"]
