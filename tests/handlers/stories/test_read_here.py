"""Reading a story in the chat: as a rich message for readers of front pages, else in pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image
from sqlalchemy import update

from storage.articles.pictures import Picture
from storage.model import Layout, Show
from storage.tables.schema import articles, bodies

if TYPE_CHECKING:
    from playground.people.people import Person
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
    await someone.start()
    await someone.next()
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
    await ana.send("/latest style")
    await ana.tap("1", await ana.next())
    await ana.tap("Read here", await ana.next())
    return ana, await ana.next()


def types(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]


LAID_OUT = ["paragraph", "heading", "paragraph", "blockquote", "paragraph", "footer"]


async def test_readers_of_front_pages_read_stories_as_rich_messages(
    bureau: Bureau,
) -> None:
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
        await ana.tap("Next", page)
        assert (await ana.next()).edited


async def test_a_refused_rich_story_is_shown_in_plain_pages(bureau: Bureau) -> None:
    await story(bureau, BODY + "\n\n" + "Words and words. " * 300)
    bureau.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: RICH_MESSAGE_EMPTY"
    )
    ana, page = await read(bureau)
    assert page.text.startswith("Prada buys Versace")
    await ana.tap("Next", page)
    assert (await ana.next()).edited


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
        await ana.send("/latest style")
        await ana.tap("1", await ana.next())
        card = await ana.next()
        await chief.send("/latest@OnNewsBot style", club)
        await chief.tap("1", await chief.next(club))
        shown = await chief.next(club)
        return "Read here" in card.labels, "Read here" in shown.labels, card.text

    here, there, text = await offered()
    assert (here, there) == (True, False)
    assert "The Luxury Courier (paywall)" not in text
    here, there, text = await offered(full_text=Show.YES, paywall=True)
    assert (here, there) == (True, True)
    assert "The Luxury Courier (paywall)" in text
    await ana.send("/latest style")
    assert "The Luxury Courier (paywall)" in (await ana.next()).text
    await ana.tap("1")
    before = await ana.next()
    (result,) = await ana.inline("buys versace")
    assert "Style · The Luxury Courier (paywall)\n" in result.description
    here, there, text = await offered(full_text=Show.NO)
    assert (here, there) == (False, False)
    # A button of before brings it neither.
    await ana.tap("Read here", before)
    await bureau.heard()
    assert ana.unread() == []


async def test_a_story_read_here_ends_with_save_send_and_the_next_one(bureau: Bureau) -> None:
    await story(bureau, BODY + "\n\n" + "Words and words. " * 300)
    ana, page = await read(bureau, Layout.SUMMARIES)
    assert page.labels == ["Next", "Open the source"], "the end is on the next page"
    await ana.tap("Next", page)
    last = await ana.next()
    assert last.labels == ["Previous", "Save", "Send", "Next story", "Open the source"]
    await ana.tap("Save", last)
    assert "Remove from saved" in (await ana.next()).labels
    await ana.tap("Next story", last)
    card = await ana.next()
    assert "Gucci dreams of a garden" in card.text, "the one after it in the latest of style"
    await ana.tap("Read here", card)
    await ana.tap("Next story", await ana.next())


async def test_the_next_story_is_that_of_the_edition_until_its_end(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("style",))
    body = "A long text. " * 40
    for number in range(1, 4):
        await bureau.desk.print_(f"A show, day {number}", "style", body=body, hours_ago=number)
    await ana.send("/digest")
    edition = await ana.next()
    await bureau.heard()
    await ana.tap("1", edition)
    for number in (2, 3):
        await ana.tap("Read here", await ana.next())
        await ana.tap("Next story", await ana.next())
        bureau.clock.pass_(minutes=1)
        assert ana.chat.messages[-1].body["text"].count(f"A show, day {number}") == 1
    await ana.tap("Read here", await ana.next())
    answer = await ana.tap("Next story", await ana.next())
    assert answer.text == "That was the last story."
