"""Earlier editions, since when nothing is new, and reasons of an edition, over HTTP. An edition as
it arrives, in each layout and language: every story is named, a section once. The buttons under
an edition: its stories, and the ones it left out.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from digest.editions.preview import Why
from handlers.stories.editions.why import ORDER
from handlers.taps.callback_data import EarlierEdition, LeftOut, WhyThese
from storage.model import UNSURE, DeliveryState, Layout, NewSource, State
from storage.tables.ledger_schema import deliveries
from storage.tables.schema import articles, sources
from tests.handlers.conftest import ask, press
from tests.plugins.archive import there

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau


async def reply(bureau: Bureau, ana: Person, words: str) -> BotMessage:
    """Return an answer once the ledger has recorded that it was sent."""
    answer = await ask(ana, words)
    await bureau.heard()
    return answer


async def two_days(bureau: Bureau, ana: Person) -> tuple[BotMessage, BotMessage]:
    """Send the editions of Tuesday 24 November and of the next day."""
    for number in range(1, 4):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=4 - number)
    first = await reply(bureau, ana, "/digest")
    bureau.clock.pass_(days=1)
    await bureau.desk.print_("A hill climb", "motor")
    return first, await reply(bureau, ana, "/digest")


async def due_now(bureau: Bureau) -> Person:
    """Create a reader whose scheduled edition, with a rally in it, is due now."""
    ana = await bureau.reader()
    await bureau.desk.print_("A rally", "motor")
    subscriber = await bureau.subscriber(ana)
    bureau.clock.pass_(days=1)
    await bureau.onnews.archive.subscribers.change(subscriber.id, next_at=bureau.clock.now)
    return ana


async def test_repeated_digest_requests_answer_that_nothing_is_new(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A rally", "motor", hours_ago=3)
    bureau.clock.pass_(minutes=12)
    assert "A rally" in (await reply(bureau, ana, "/digest")).text
    for _ in range(3):
        bureau.clock.pass_(hours=1)
        # Filed under a category that no reader here follows, only to make the archive grow.
        await bureau.desk.print_("Shanghai opens a mall", "china")
        text = (await reply(bureau, ana, "/digest")).text
        assert "since your last edition (today 10:42)" in text


async def test_yesterdays_edition_is_shown_again_unchanged(bureau: Bureau) -> None:
    ana = await bureau.reader()
    first, _ = await two_days(bureau, ana)
    for words in ("yesterday", "Tuesday", "24 November", "2026-11-24", "ieri", "del 24 novembre"):
        again = await reply(bureau, ana, f"/digest {words}")
        assert again.text == first.text, words
        assert again.labels == ["1", "2", "3", "Why these"]
    card = await press(ana, "2", again)
    assert "A rally, day" in card.text
    # An answer is no edition: new stories stay new.
    await bureau.desk.print_("A new tyre", "motor")
    bureau.clock.pass_(minutes=1)
    assert "A new tyre" in (await reply(bureau, ana, "/digest")).text


async def test_an_earlier_front_page_is_shown_again_as_a_front_page(bureau: Bureau) -> None:
    ana = await bureau.reader()
    subscriber = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(subscriber.id, layout=Layout.FRONT_PAGE)
    first, _ = await two_days(bureau, ana)
    await bureau.onnews.archive.subscribers.change(subscriber.id, layout=Layout.HEADLINES)
    again = await reply(bureau, ana, "/digest yesterday")
    page, before = (message.body["rich_message"]["blocks"] for message in (again, first))
    assert [block["type"] for block in page][:4] == [block["type"] for block in before][:4]
    assert again.labels == ["1", "2", "3", "Why these"]


async def test_a_days_two_editions_are_shown_in_order(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A rally", "motor")
    morning = await reply(bureau, ana, "/digest")
    bureau.clock.pass_(hours=8)
    await bureau.desk.print_("A hill climb", "motor")
    evening = await reply(bureau, ana, "/digest")
    assert (await reply(bureau, ana, "/digest today")).text == morning.text
    assert (await ana.next()).text == evening.text


async def test_an_earlier_edition_notes_a_withdrawn_story(bureau: Bureau) -> None:
    ana = await bureau.reader()
    first, _ = await two_days(bureau, ana)
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(delete(articles).where(articles.c.title == "A rally, day 2"))
    again = await reply(bureau, ana, "/digest yesterday")
    order = [line for line in first.text.splitlines() if "A rally" in line and "day 2" not in line]
    kept = [line for line in again.text.splitlines() if "A rally" in line]
    assert [line.split("A rally")[1].split(" · ")[0] for line in kept] == [
        line.split("A rally")[1].split(" · ")[0] for line in order
    ]
    note = (await ana.next()).text
    assert note == "One story of that edition (Tuesday 24 November) is no longer in the archive."
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(delete(articles).where(articles.c.title.like("A rally%")))
    assert "3 stories of that edition" in (await reply(bureau, ana, "/digest yesterday")).text
    reasons = await press(ana, "Why these", first)
    assert reasons.text.startswith("Why these stories")
    assert reasons.labels == [], "Telegram takes no keyboard without buttons"


async def test_a_day_without_an_edition_offers_the_existing_ones(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await two_days(bureau, ana)
    answer = await reply(bureau, ana, "/digest 3 November")
    assert answer.text.startswith("You got no edition on Tuesday 3 November.")
    assert answer.labels == ["Wed 25 Nov, 10:30", "Tue 24 Nov, 10:30"]
    assert "A rally, day 1" in (await press(ana, "Tue 24 Nov, 10:30", answer)).text
    answer = await reply(bureau, ana, "/digest 1 January 0001")
    assert "I couldn’t read “1 January 0001” as a day" in answer.text
    answer = await reply(bureau, ana, "/digest motor")
    assert "I couldn’t read “motor” as a day" in answer.text
    assert len(answer.labels) == 2
    bruno = await bureau.reader("Bruno", "it")
    answer = await reply(bureau, bruno, "/digest ieri")
    assert answer.text == "Non hai ricevuto edizioni martedì 24 novembre."
    assert answer.labels == []


async def test_a_reader_cannot_open_another_readers_editions(bureau: Bureau) -> None:
    ana, bruno = await bureau.reader(), await bureau.reader("Bruno")
    await two_days(bureau, ana)
    await bureau.desk.print_("A gala", "motor")
    theirs = await reply(bureau, bruno, "/digest")
    subscriber = await bureau.subscriber(ana)
    [(row, _), *_] = await bureau.onnews.archive.deliveries.sent_editions(subscriber.id, most=1)
    for tap in (EarlierEdition(row), WhyThese(row), LeftOut(row)):
        answer = await bruno.tap(tap.pack(), theirs)
        assert answer.text == "This button no longer works. Please ask again."


async def test_why_says_what_put_each_story_there_and_what_was_left_out(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "watches"))
    subscriber = await bureau.subscriber(ana)
    readers = bureau.onnews.archive.subscribers
    await readers.mute_word(subscriber.id, "recall")
    other = await bureau.onnews.archive.sources.add(
        NewSource(name="The Daily", url="https://daily.example/feed"), bureau.clock.now
    )
    for number in range(1, 5):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=4 - number)
    rally = bureau.desk.ids[-1]
    climb = await bureau.desk.print_("A hill climb", "motor", source_id=other.id, hours_ago=5)
    await bureau.desk.print_("A recall of cars", "motor")
    await bureau.desk.print_("An old engine", "motor", hours_ago=90)
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(update(sources).values(weight=90))
    edition = await reply(bureau, ana, "/digest")
    why = await press(ana, "Why these", edition)
    assert not why.edited
    lines = why.text.splitlines()
    assert lines[0] == "Why these stories on Tuesday 24 November"
    assert lines[3] == "A rally, day 4"
    assert lines[2] == (
        "1 You follow Motor · The Luxury Courier is a leading source · published 24 Nov, 10:30"
    )
    assert "Already 3 stories from The Luxury Courier: A rally, day 1" in lines
    assert "You muted “recall”: A recall of cars" in lines
    assert "One story older than 3 days" in lines
    quotes = [each["type"] for each in why.body["entities"] if "quote" in each["type"]]
    assert quotes == ["expandable_blockquote"], "only what was left out is folded"
    assert "A rally, day 4" in why.text.partition("Left out")[0]
    # Repeated stories of any source have one reason for being left out.
    for story in (rally, climb):
        await bureau.desk.print_(f"Number {story}, told again", "motor", story=story)
    bureau.clock.pass_(minutes=10)
    await bureau.desk.print_("A new tyre", "motor", hours_ago=0)
    await ana.tap("Why these", await reply(bureau, ana, "/digest"))
    lines_then = (await ana.next()).text.splitlines()
    earlier = [each for each in lines_then if each.startswith("In one of your earlier editions")]
    assert len(earlier) == 1
    assert earlier[0].count(" · ") == 1
    # Under an edition that is shown once more it is the same.
    await ana.tap("Why these", await ask(ana, "/digest today", until="A rally"))
    assert (await ana.until("Why these")).text == why.text


@pytest.mark.parametrize(
    ("language", "button", "certainty", "said"),
    [
        ("en", "Why these", 0.9, "a deal that could lead any front page"),
        ("en", "Why these", 0.2, "a story that could lead any front page"),
        ("it", "Perché queste", 0.9, "un’operazione che aprirebbe qualsiasi prima pagina"),
    ],
)
async def test_why_says_what_a_heavy_story_weighs(
    bureau: Bureau, language: str, button: str, certainty: float, said: str
) -> None:
    ana = await bureau.reader("Ana", language)
    deal = await bureau.desk.print_("Two makers of cars merge", "motor", hours_ago=50)
    await bureau.desk.print_("A rally", "motor")
    async with bureau.onnews.archive.database.writing() as connection:
        values = {"story_kind": "deal", "kind_certainty": certainty, "weight": 2.0}
        await connection.execute(update(articles).where(articles.c.id == deal).values(values))
    edition = await reply(bureau, ana, "/digest")
    assert "Two makers of cars merge" in edition.text.splitlines()[0]
    await ana.tap(button, edition)
    first, second = (
        each for each in (await ana.next()).text.splitlines() if each.startswith(("1 ", "2 "))
    )
    assert said in first
    assert said not in second


async def test_a_doubtful_report_of_a_general_paper_is_among_the_left_out(bureau: Bureau) -> None:
    ana = await bureau.reader()
    general = await bureau.onnews.archive.sources.add(
        NewSource(name="The City", url="https://city.example/feed", paused=True, general=True),
        bureau.clock.now,
    )
    await bureau.desk.print_("A rally", "motor")
    await bureau.desk.print_("A traffic jam", "motor", UNSURE, source_id=general.id)
    await ana.tap("Why this one", await reply(bureau, ana, "/digest"))
    assert "Perhaps not luxury news: A traffic jam" in (await ana.next()).text.splitlines()


def test_every_reason_for_leaving_a_story_out_has_a_place_in_the_list() -> None:
    assert sorted(ORDER) == sorted(Why)


async def test_a_date_without_an_hour_has_none_among_the_reasons(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A rally", "motor", hours_ago=9.5)
    await ana.tap("Why this one", await reply(bureau, ana, "/digest"))
    reasons = (await ana.next()).text.splitlines()[2]
    assert reasons == "1 You follow Motor · published 24 Nov"


async def test_why_these_is_translated_into_italian(bureau: Bureau) -> None:
    ana = await bureau.reader(language="it")
    for number in range(1, 5):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=4 - number)
    text = (await press(ana, "Perché queste", await reply(bureau, ana, "/digest"))).text
    assert text.startswith("Perché queste notizie di martedì 24 novembre")
    assert "Segui Motori · " in text
    assert "Rimaste fuori\nGià 3 notizie da The Luxury Courier: A rally, day 1" in text


async def test_scheduled_and_requested_editions_can_both_be_shown_again(bureau: Bureau) -> None:
    ana = await due_now(bureau)
    subscriber = await bureau.subscriber(ana)
    await bureau.send_what_is_due()
    edition = await ana.next()
    assert "A rally" in edition.text
    # It is written down a moment after it was sent.
    deliveries = bureau.onnews.archive.deliveries
    while not (found := await deliveries.sent_editions(subscriber.id, most=1)):  # noqa: ASYNC110 - as in `heard`
        await asyncio.sleep(0.001)
    row = there(await deliveries.get(found[0][0]))
    assert row.state is DeliveryState.SENT
    assert (await reply(bureau, ana, "/digest today")).text == edition.text


async def test_digest_during_the_scheduled_delivery_says_nothing_is_new(bureau: Bureau) -> None:
    ana = await due_now(bureau)
    # The reader sees a message before the bot gets Telegram's answer.
    hearing = bureau.town.faults.add(method="sendMessage", hold=True, after_delivery=True)
    await bureau.send_what_is_due()
    assert "A rally" in (await ana.next()).text
    await ana.send("/digest")
    ledger = bureau.onnews.archive.deliveries
    while (row := await ledger.get(2)) is None or row.state is not DeliveryState.SKIPPED:  # noqa: ASYNC110 - as in `heard`
        await asyncio.sleep(0.001)
    bystander = bureau.town.person("A bystander")
    await ask(bystander, "/latest")
    hearing.release()
    assert "since your last edition (today 10:30)" in (await ana.next()).text


async def test_a_requested_edition_says_since_when_its_news_is(bureau: Bureau) -> None:
    ana = await bureau.reader()
    greeting = "{}\nON News · {} · one\u2011minute\u00a0read\nSince {}, one story: Motor.\n"

    async def asked(title: str) -> str:
        await bureau.desk.print_(title, "motor", hours_ago=0)
        bureau.clock.pass_(minutes=5)
        return (await reply(bureau, ana, "/digest")).text

    await asked("A rally")
    first = greeting.format("A hill climb", "Tuesday 24 November", "10:35 today")
    assert (await asked("A hill climb")).startswith(first)
    bureau.clock.pass_(days=1)
    yesterday = greeting.format("A concours", "Wednesday 25 November", "yesterday 10:40")
    assert (await asked("A concours")).startswith(yesterday)
    assert (await reply(bureau, ana, "/digest today")).text.startswith(yesterday)
    bureau.clock.pass_(days=3)
    weekday = greeting.format(
        "A museum for racing cars", "Saturday 28 November", "Wednesday 25 November, 10:45"
    )
    assert (await asked("A museum for racing cars")).startswith(weekday)
    # No edition covers more than eight days.
    bureau.clock.pass_(days=12)
    eight = greeting.format(
        "An auction of racing cars", "Thursday 10 December", "Wednesday 2 December, 10:55"
    )
    assert (await asked("An auction of racing cars")).startswith(eight)

    # What comes at its hour is a greeting.
    await bureau.desk.print_("A new tyre", "motor")
    subscriber = await bureau.subscriber(ana)
    bureau.clock.pass_(hours=1)
    await bureau.onnews.archive.subscribers.change(subscriber.id, next_at=bureau.clock.now)
    await bureau.send_what_is_due()
    assert "\nGood morning. One story: Motor.\n" in (await ana.until("A new tyre")).text


LANGUAGES = [("en", "Style"), ("it", "Stile"), ("es", "Estilo"), ("fr", "Mode"), ("zh", "时尚")]
TITLES = ("Prada buys Versace", "Loewe names a designer", "Hermès opens in Milan")


@pytest.mark.parametrize(("language", "name"), LANGUAGES)
async def test_each_headline_has_its_number_and_a_front_page_names_a_section_once(
    bureau: Bureau, language: str, name: str
) -> None:
    ana = await bureau.reader("Ana", language, follows=("style",))
    own, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    for title in TITLES:
        await bureau.desk.print_(title, "style")
    await subscribers.change(own, layout=Layout.HEADLINES)
    lines = (await ask(ana, "/digest")).text.splitlines()
    numbered = {line[:1]: line for line in lines if line[1:2] == "\u2002"}
    assert sorted(numbered) == ["1", "2", "3"]
    assert {title for title in TITLES for line in numbered.values() if title in line} == {*TITLES}
    assert numbered["1"].split("\u2002")[1].split(" —")[0] in lines[0]
    assert lines.count(name) == 1

    await subscribers.change(own, layout=Layout.FRONT_PAGE)
    for title in TITLES:
        await bureau.desk.print_(f"{title} again", "style")
    bureau.clock.pass_(minutes=5)
    page = (await ask(ana, "/digest")).record.body["rich_message"]["blocks"]
    named = [
        block
        for block in page
        if name.casefold() in json.dumps(block, ensure_ascii=False).casefold()
    ]
    # The greeting names it, and then one heading.
    assert [block["type"] for block in named] == ["paragraph", "heading"]


async def test_a_groups_list_of_headlines_has_the_leads_too(bureau: Bureau) -> None:
    ana = await bureau.reader()
    room = bureau.town.group("Club", [ana], settled=True)
    await ask(ana, "/latest@OnNewsBot 1", room)
    group, subscribers = (await bureau.subscriber(room)).id, bureau.onnews.archive.subscribers
    await subscribers.follow(group, "style")
    await subscribers.change(group, layout=Layout.HEADLINES)
    for title in TITLES:
        await bureau.desk.print_(title, "style")
    text = (await ask(ana, "/digest@OnNewsBot", room)).text
    headline = text.split(" · ")[0]
    assert f"\n1\u2002{headline} —\u00a0The Luxury Courier\n" in text


async def asked_for(bureau: Bureau, ana: Person) -> BotMessage:
    """Ask for an edition and wait until the ledger has recorded it as sent."""
    edition = await ask(ana, "/digest")
    await bureau.heard()
    return edition


async def test_numbers_open_cards_and_a_single_story_is_opened_by_name(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A motor show at the lake", "motor")
    edition = await asked_for(bureau, ana)
    assert edition.labels == ["Open the story", "Why this one"]
    card = await press(ana, "Open the story", edition)
    assert "A motor show at the lake" in card.text
    assert not card.edited

    await bureau.desk.print_("A hill climb", "motor")
    await bureau.desk.print_("A new tyre", "motor")
    bureau.clock.pass_(minutes=1)
    edition = await asked_for(bureau, ana)
    assert edition.labels == ["1", "2", "Why these"]
    assert "A new tyre" in (await press(ana, "2", edition)).text


async def test_an_edition_asked_for_where_the_bot_may_not_write_is_no_error(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], supergroup=True, settled=True)
    await ask(ana, "/latest", group)
    subscriber = await bureau.subscriber(group)
    await bureau.onnews.archive.subscribers.follow(subscriber.id, "motor")
    group.restrict_bot(ana)
    await ana.send("/digest", group)
    await bureau.heard()
    assert (await bureau.subscriber(group)).state is State.GONE
    assert "was not answered" not in caplog.text
    assert "could not send the reader" not in caplog.text


async def test_the_list_of_left_out_stories_turns_pages(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for number in range(1, 21):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=24 - number)
    more = await press(ana, "More", await asked_for(bureau, ana))
    assert more.labels == [*map(str, range(1, 13)), "Next"]
    on = await press(ana, "Next", more)
    assert on.edited
    assert on.labels == [*map(str, range(13, 18)), "Previous"]
    assert "13\u2002A rally, day 5" in on.text
    # Under the edition that is shown once more there is the same.
    again = await ask(ana, "/digest today")
    assert again.labels[-2:] == ["Why these", "More"]
    below = await press(ana, "More", again)
    assert not below.edited
    assert (below.text, below.labels) == (more.text, more.labels)


async def test_a_reader_cannot_page_another_readers_edition(bureau: Bureau) -> None:
    ana, bruno = await bureau.reader(), await bureau.reader("Bruno")
    for number in range(1, 6):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    theirs = await asked_for(bureau, bruno)
    subscriber = await bureau.subscriber(ana)
    row = there(await bureau.onnews.archive.deliveries.sent_as(subscriber.id, edition.id))
    tapped = await bruno.tap(LeftOut(row.id, 0).pack(), theirs)
    assert tapped.text == "This button no longer works. Please ask again."


async def test_more_of_a_deleted_edition_gets_a_friendly_answer(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for number in range(1, 6):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    async with bureau.onnews.archive.database.writing() as connection:
        await connection.execute(delete(deliveries))
    tapped = await ana.tap("More", edition)
    assert tapped.text == "This button no longer works. Please ask again."


async def test_more_lists_the_stories_its_own_edition_left_out(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "watches"))
    for number in range(1, 8):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=8 - number)
    edition = await asked_for(bureau, ana)
    # Three stories are the most from one source.
    assert edition.text.endswith("More: Motor (4)")
    assert edition.labels == ["1", "2", "3", "Why these", "More"]
    shown = set(edition.links)

    await bureau.desk.print_("A rally, the end", "motor")
    more = await press(ana, "More", edition)
    assert more.text.startswith("More from Tuesday 24 November\n\nMotor\n1\u2002A rally, day 4")
    assert "the end" not in more.text
    assert shown.isdisjoint(more.links)
    assert len(more.links) == 4
    assert more.labels == ["1", "2", "3", "4"]
    assert "A rally, day 4" in (await press(ana, "1", more)).text
