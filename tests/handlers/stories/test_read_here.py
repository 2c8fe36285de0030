"""Reading a story in the chat: as a rich message for readers of front pages, else in pages. Thin
mornings over HTTP: what earlier editions left out, in every language and layout. Can't see it:
a front page becomes a plain edition in place, and optionally for good.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import update

from handlers.taps.callback_data import ChangeForm, KeepForm
from storage.articles.pictures import Picture
from storage.model import Layout, Show
from storage.tables.schema import articles, bodies
from tests.handlers.conftest import ask, press, start

if TYPE_CHECKING:
    from playground.people import seen
    from playground.people.people import BotMessage, Person, Room
    from playground.people.seen import Message
    from tests.handlers.conftest import Bureau

BODY = (
    "The deal.\n\nWhat it paid\n\n" + "A billion, and more. " * 20 + "\n\nWe admire it.\n\nThe end."
)
KINDS = "phpqp"
PICTURE = "https://cdn.example/prada.jpg"


async def story(bureau: Bureau, body: str = BODY, kinds: str = KINDS) -> int:
    """Store a story with a structured body and a picture's address."""
    number = await bureau.desk.print_("Prada buys Versace", "style", body=body)
    async with bureau.onnews.archive.database.writing() as connection:
        of_it = bodies.c.article_id == number
        await connection.execute(update(bodies).where(of_it).values(kinds=kinds))
        named = update(articles).where(articles.c.id == number)
        await connection.execute(named.values(image=PICTURE))
    return number


async def uploaded(bureau: Bureau) -> str:
    """Upload a picture and return its file id."""
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(out, "JPEG")
    bot = bureau.onnews.application.bot
    someone = bureau.town.person("Someone")
    await start(someone)
    message = await bot.send_photo(someone.id, out.getvalue())
    await bureau.onnews.archive.pictures.keep(
        bot.id, PICTURE, Picture(message.photo[-1].file_id, 400, 300), bureau.clock.now
    )
    return message.photo[-1].file_id


async def read(bureau: Bureau, layout: Layout = Layout.FRONT_PAGE) -> tuple[Person, Message]:
    """Create a reader with this layout, tap Read here, and return the result."""
    ana = await bureau.reader(follows=("style",))
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=layout)
    await ana.tap("Read here", await press(ana, "1", await ask(ana, "/latest style")))
    return ana, await ana.next()


def types(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]


LAID_OUT = ["paragraph", "heading", "paragraph", "blockquote", "paragraph", "footer"]


async def test_readers_of_front_pages_read_stories_as_rich_messages(bureau: Bureau) -> None:
    await story(bureau)
    _, page = await read(bureau)
    assert types(page) == ["heading", "paragraph", *LAID_OUT]
    assert page.labels == ["Save", "Send", "Next story", "Open the source"]
    assert page.blocks[0]["text"] == "Prada buys Versace"
    assert page.blocks[3]["text"] == "What it paid"


async def test_a_story_shows_its_picture_if_telegram_has_it(bureau: Bureau) -> None:
    await story(bureau)
    await uploaded(bureau)
    _, page = await read(bureau)
    assert types(page) == ["heading", "paragraph", "photo", *LAID_OUT]
    assert bureau.town.violations == []


async def test_a_picture_that_telegram_refuses_is_left_out_and_forgotten(bureau: Bureau) -> None:
    await story(bureau)
    await uploaded(bureau)
    bureau.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    _, page = await read(bureau)
    assert types(page) == ["heading", "paragraph", *LAID_OUT]
    assert await bureau.onnews.parts.pictures.ready([PICTURE]) == {}


async def test_readers_of_plain_editions_read_stories_in_plain_pages(bureau: Bureau) -> None:
    await story(bureau, BODY + "\n\n" + "Words and words. " * 300)
    for layout in (Layout.SUMMARIES, Layout.HEADLINES):
        ana, page = await read(bureau, layout)
        assert page.text.startswith("Prada buys Versace")
        assert page.blocks == []
        assert (await press(ana, "Next", page)).edited


async def test_a_refused_rich_story_is_shown_in_plain_pages(bureau: Bureau) -> None:
    await story(bureau, BODY + "\n\n" + "Words and words. " * 300)
    bureau.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: RICH_MESSAGE_EMPTY"
    )
    ana, page = await read(bureau)
    assert page.text.startswith("Prada buys Versace")
    assert (await press(ana, "Next", page)).edited


async def test_a_server_without_rich_messages_gets_plain_pages(bureau: Bureau) -> None:
    await story(bureau)
    bureau.town.faults.add(method="sendRichMessage", status=404, times=None)
    _, page = await read(bureau)
    assert "A billion" in page.text


async def test_a_text_is_shown_only_where_its_source_allows_it(bureau: Bureau) -> None:
    """In private chats (usual), in groups too, or nowhere. A card carries the paywall mark."""
    await story(bureau)
    sources, source = bureau.onnews.archive.sources, bureau.desk.source_id
    ana = await bureau.reader(follows=("style",))
    chief = bureau.town.person("Chief")
    club = bureau.town.group("Club", [chief])

    async def offered(**use: Any) -> tuple[bool, bool, str]:  # noqa: ANN401 - what is set
        await sources.set_use(source, **use)
        card = await press(ana, "1", await ask(ana, "/latest style"))
        await chief.tap("1", await ask(chief, "/latest@OnNewsBot style", club))
        shown = await chief.next(club)
        return "Read here" in card.labels, "Read here" in shown.labels, card.text

    here, there, text = await offered()
    assert (here, there) == (True, False)
    assert "The Luxury Courier (paywall)" not in text
    here, there, text = await offered(full_text=Show.YES, paywall=True)
    assert (here, there) == (True, True)
    assert "The Luxury Courier (paywall)" in text
    assert "The Luxury Courier (paywall)" in (await ask(ana, "/latest style")).text
    before = await press(ana, "1")
    (result,) = await ana.inline("buys versace")
    assert "Style · The Luxury Courier (paywall)\n" in result.description
    here, there, text = await offered(full_text=Show.NO)
    assert (here, there) == (False, False)
    # A button of before brings it neither.
    await ana.tap("Read here", before)
    assert await bureau.unread(ana) == []


async def test_a_story_read_here_ends_with_save_send_and_the_next_one(bureau: Bureau) -> None:
    await story(bureau, BODY + "\n\n" + "Words and words. " * 300)
    ana, page = await read(bureau, Layout.SUMMARIES)
    assert page.labels == ["Next", "Open the source"], "the end is on the next page"
    last = await press(ana, "Next", page)
    assert last.labels == ["Previous", "Save", "Send", "Next story", "Open the source"]
    assert "Remove from saved" in (await press(ana, "Save", last)).labels
    card = await press(ana, "Next story", last)
    assert "Gucci dreams of a garden" in card.text, "the one after it in the latest of style"
    await ana.tap("Next story", await press(ana, "Read here", card))


async def test_the_next_story_is_that_of_the_edition_until_its_end(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("style",))
    body = "A long text. " * 40
    for number in range(1, 4):
        await bureau.desk.print_(f"A show, day {number}", "style", body=body, hours_ago=number)
    edition = await ask(ana, "/digest")
    await bureau.heard()
    await ana.tap("1", edition)
    for number in (2, 3):
        await ana.tap("Next story", await press(ana, "Read here", await ana.next()))
        bureau.clock.pass_(minutes=1)
        assert ana.chat.messages[-1].body["text"].count(f"A show, day {number}") == 1
    await ana.tap("Read here", await ana.next())
    answer = await ana.tap("Next story", await ana.next())
    assert answer.text == "That was the last story."


HEADINGS = {
    "en": "Still worth reading",
    "it": "Ancora da leggere",
    "es": "Aún vale la pena leer",
    "fr": "Toujours d’actualité",
    "zh-hans": "仍值得一读",
}


async def after_a_full_morning(
    bureau: Bureau, language: str = "en", layout: Layout = Layout.SUMMARIES
) -> Person:
    """Create a reader whose last edition left out seven stories."""
    reader = await bureau.reader(language=language)
    whose = await bureau.subscriber(reader)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=layout)
    for number in range(19):
        source = await bureau.desk.source(f"Paper {number}")
        await bureau.desk.print_(f"A race, number {number}", "motor", source_id=source)
    bureau.clock.pass_(hours=22)
    await bureau.send_what_is_due()
    await reader.until("A race")
    await recorded(bureau, reader)
    return reader


async def recorded(bureau: Bureau, reader: Person) -> None:
    """Wait until the ledger has what the reader was sent."""
    services = bureau.onnews.application.bot_data
    await services.past_editions.all_written((await bureau.subscriber(reader)).id)


async def thin_morning(bureau: Bureau, reader: Person) -> seen.Message:
    """Send an edition with one new story."""
    bureau.clock.pass_(hours=20)
    await bureau.desk.print_("A car in the morning", "motor")
    bureau.clock.pass_(hours=4)
    await bureau.send_what_is_due()
    return await reader.until("A car in the morning")


@pytest.mark.parametrize("language", HEADINGS)
@pytest.mark.parametrize("layout", Layout)
async def test_a_thin_morning_has_left_out_stories_below_a_heading(
    bureau: Bureau, language: str, layout: Layout
) -> None:
    reader = await after_a_full_morning(bureau, language, layout)
    edition = await thin_morning(bureau, reader)
    news, old = edition.text.split(HEADINGS[language])
    assert "A car in the morning" in news
    assert "A race" not in news
    assert old.count("A race") == 4
    assert {"1", "5"} <= set(edition.labels)
    assert "6" not in edition.labels
    assert "A race" in (await press(reader, "5", edition)).text


async def test_why_these_says_that_a_story_was_left_out_before(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau)
    edition = await thin_morning(bureau, reader)
    why = (await press(reader, "Why these", edition)).text
    assert why.count("left out of an earlier edition") == 4
    assert why.count("You follow Motor") == 5


@pytest.mark.parametrize("more", [0, 3])
async def test_the_sample_of_a_layout_counts_only_what_is_new(bureau: Bureau, more: int) -> None:
    reader = await after_a_full_morning(bureau)
    for number in range(more):
        source = await bureau.desk.source(f"Early {number}")
        await bureau.desk.print_(f"An early car {number}", "motor", source_id=source)
    await thin_morning(bureau, reader)
    await recorded(bureau, reader)
    await reader.tap("Layout · Summaries", await ask(reader, "/settings", until="Settings"))
    sample = (await reader.next()).text
    counted = "Good morning. Three stories: Motor." if more else "Good morning. One story: Motor."
    assert counted in sample
    assert ("Still worth reading" in sample) is not bool(more)
    assert "More: Still worth reading" not in sample
    await ask(reader, "/digest", until="Nothing new since the last edition")
    await recorded(bureau, reader)
    await reader.tap("Layout · Summaries", await ask(reader, "/settings", until="Settings"))
    assert "Nothing new since the last edition. Still" in (await reader.next()).text


async def test_digest_with_nothing_new_offers_what_was_left_out(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau)
    bureau.clock.pass_(hours=1)
    offered = (await ask(reader, "/digest")).text
    assert "Nothing new since the last edition. Still worth reading: Motor." in offered
    assert offered.count("A race") == 5
    bureau.clock.pass_(minutes=1)
    assert (await ask(reader, "/digest")).text.count("A race") == 2
    bureau.clock.pass_(minutes=1)
    assert "Nothing new from what you follow" in (await ask(reader, "/digest")).text


async def test_a_front_page_of_left_out_stories_can_be_had_plain(bureau: Bureau) -> None:
    reader = await after_a_full_morning(bureau, layout=Layout.FRONT_PAGE)
    page = await thin_morning(bureau, reader)
    plain = await press(reader, "Can’t see it?", page, until="A car in the morning")
    assert plain.text.count("A race") == page.text.count("A race") == 4
    assert "Still worth reading" in plain.text


async def front_page(bureau: Bureau, ana: Person) -> BotMessage:
    """Send a reader a front page."""
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    await bureau.desk.print_("A motor show at the lake", "motor")
    await bureau.desk.print_("A bag like no other", "gucci", hours_ago=5)
    await bureau.desk.print_("A hill climb", "motor", hours_ago=6)
    for number in range(1, 3):
        await bureau.desk.print_(f"A rally, day {number}", "motor", hours_ago=9 - number)
    page = await ask(ana, "/digest")
    # Until the ledger knows it.
    await bureau.heard()
    return page


async def test_the_front_page_message_becomes_the_plain_edition(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    page = await front_page(bureau, ana)
    assert page.blocks
    assert page.labels == ["1", "2", "3", "4", "Why these", "More", "Can’t see it?"]
    plain = await press(ana, "Can’t see it?", page)
    assert (plain.edited, plain.id, plain.blocks) == (True, page.id, [])
    assert plain.text == (
        "A bag like no other · and 3 more stories\n"
        "ON News · Tuesday 24 November · one\u2011minute\u00a0read\n"
        "Good morning. Four stories: Gucci and Motor.\n\n"
        "GUCCI\n1\u2002What it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "Motor\n2\u2002A motor show at the lake\n"
        "What it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "3\u2002A hill climb\nWhat it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "4\u2002A rally, day 2\nWhat it is about, in a line. —\u00a0The Luxury Courier\n\n"
        "More: Motor (1)"
    )
    assert plain.labels == ["1", "2", "3", "4", "Why these", "More", "Back", "Always like this"]
    assert (await bureau.subscriber(ana)).layout is Layout.FRONT_PAGE

    answer = await ana.tap("Always like this", plain)
    assert (
        answer.text
        == "Your editions will look like this from now on. Change the layout in /settings."
    )
    assert (await ana.next()).labels == ["1", "2", "3", "4", "Why these", "More", "Back"]
    assert (await bureau.subscriber(ana)).layout is Layout.SUMMARIES


async def test_a_first_front_page_offers_its_look_beside(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana", "it")
    await start(ana)
    whose = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    await press(ana, "Altre sezioni", until="Sezioni")
    await ana.tap("Yacht")
    await ana.tap("Fatto")
    await press(ana, "08:00", until="In quale città")
    await press(ana, "Milano", until="Tutto pronto")
    page = await ana.next()
    await bureau.heard()
    assert page.labels[-2:] == ["Non la vedi?", "Cambia impaginazione"]
    assert "Ancora nessuna novità tra ciò che segui." in str(page.blocks[2])
    plain = await press(ana, "Non la vedi?", page)
    assert "Ancora nessuna novità tra ciò che segui." in plain.text
    assert plain.labels[-1] == "Sempre così"


async def test_an_older_front_page_is_not_replaced_and_the_reader_learns_why(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    old = await front_page(bureau, ana)
    bureau.clock.pass_(minutes=1)
    await bureau.desk.print_("A new tyre", "motor")
    await ask(ana, "/digest")
    await bureau.heard()
    answer = await ana.tap("Can’t see it?", old)
    assert answer.text == "There is a newer edition. Use the button below it."
    assert not ana.unread()


async def test_a_tap_on_an_already_plain_edition_changes_nothing(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    page = await front_page(bureau, ana)
    plain = await press(ana, "Can’t see it?", page)
    bureau.clock.pass_(minutes=1)
    answer = await ana.tap(ChangeForm(0, front_page=False).pack(), plain)
    assert answer.text == "This is already the plain version."
    assert not ana.unread()
    await press(ana, "Always like this", plain)
    bureau.clock.pass_(minutes=1)
    await ana.tap(KeepForm(front_page=False).pack(), plain)
    assert (await bureau.subscriber(ana)).layout is Layout.SUMMARIES


async def test_only_administrators_make_a_groups_front_page_plain(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group: Room = bureau.town.group("Fashion desk", [chief, member], settled=True)
    group.add_bot(chief, admin=True)
    await ask(chief, f"/settings@{bureau.town.world.bot.username}", group)
    whose = await bureau.subscriber(group)
    subscribers = bureau.onnews.archive.subscribers
    await subscribers.follow(whose.id, "motor")
    await subscribers.change(whose.id, layout=Layout.FRONT_PAGE)
    page = await ask(chief, f"/digest@{bureau.town.world.bot.username}", group)
    await bureau.heard()
    assert "Can’t see it?" in page.labels
    refused = await member.tap("Can’t see it?", page)
    assert refused.text == "Only administrators can change this."
    assert refused.alert
    plain = await press(chief, "Can’t see it?", page, chat=group)
    assert (plain.edited, plain.id) == (True, page.id)
    await press(chief, "Always like this", plain, chat=group)
    assert (await bureau.subscriber(group)).layout is Layout.SUMMARIES
