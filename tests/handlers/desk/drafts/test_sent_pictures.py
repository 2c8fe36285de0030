"""A picture that an editor sent, where readers get its story at once or choose it to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.taps.callback_codec import base36
from storage.model import Layout
from tests.handlers.desk.acting import opened_story, turned, typed
from tests.handlers.desk.pages import articles

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.desk.conftest import Newsdesk

PHOTO = Path(__file__).parents[4] / "playground/newsstand/pictures/bag-tan.jpg"
POST = (
    "Gucci opens a garden in Florence\n\n"
    "The house plants roses beside its museum, and lets visitors in from Monday."
)


async def published(newsdesk: Newsdesk, *, alert: bool = False) -> None:
    """Publish a picture with text."""
    eva = newsdesk.eva
    await eva.send_photo(PHOTO.read_bytes(), POST)
    await eva.next()
    draft = await eva.next()
    if alert:
        draft = await turned(eva, "Also send as alert", draft)
    await turned(eva, "Publish", draft)


async def alerted(newsdesk: Newsdesk, reader: Person) -> BotMessage:
    """Publish a picture with text as an alert; return the alert of a reader."""
    await published(newsdesk, alert=True)
    return await reader.next()


def picture(message: BotMessage) -> str:
    """Return how a message shows its picture: in blocks, above a caption, or not at all."""
    if message.record.body.get("photo"):
        return "caption"
    return "blocks" if "photo" in [block["type"] for block in message.blocks] else ""


@pytest.mark.parametrize("layout", list(Layout))
async def test_an_alert_has_an_editors_picture_as_its_readers_apps_show_it(
    newsdesk: Newsdesk, layout: Layout
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna = await bureau.reader("Anna")
    whose = (await bureau.subscriber(anna)).id
    subscribers = bureau.onnews.archive.subscribers
    await subscribers.follow(whose, "gucci", alerts=True)
    await subscribers.change(whose, layout=layout)
    way = "blocks" if layout is Layout.FRONT_PAGE else "caption"

    alert = await alerted(newsdesk, anna)
    assert "just in" in alert.text
    assert "Gucci opens a garden" in alert.text
    assert picture(alert) == way
    buttons = alert.labels
    assert buttons
    (article,) = await articles(newsdesk)
    page = await opened_story(eva, str(article.id))
    page = await typed(eva, "Headline: typo", page, "Gucci opens a rose garden")
    corrected = await anna.next()
    assert (corrected.id, picture(corrected), corrected.labels) == (alert.id, way, buttons)
    assert "Gucci opens a rose garden" in corrected.text
    page = await typed(eva, "Withdraw", page, "The garden is closed.")
    struck = await anna.next()
    assert struck.id == alert.id
    assert "Withdrawn: The garden is closed." in struck.text
    # Telegram turns no photo into a text.
    assert picture(struck) == ("" if way == "blocks" else way)
    undo = next(label for label in page.labels if label.startswith("Undo"))
    assert (await eva.tap(undo, page)).text == "Undone."
    again = await anna.next()
    assert (again.id, picture(again), again.labels) == (alert.id, way, buttons)


@pytest.mark.parametrize("layout", [Layout.FRONT_PAGE, Layout.SUMMARIES])
async def test_an_alert_whose_picture_telegram_refuses_goes_out_without(
    newsdesk: Newsdesk, layout: Layout
) -> None:
    bureau = newsdesk.bureau
    anna = await bureau.reader("Anna")
    whose = (await bureau.subscriber(anna)).id
    await bureau.onnews.archive.subscribers.follow(whose, "gucci", alerts=True)
    await bureau.onnews.archive.subscribers.change(whose, layout=layout)
    method = "sendRichMessage" if layout is Layout.FRONT_PAGE else "sendPhoto"
    fault = bureau.town.faults.add(
        method=method,
        chat_id=anna.id,
        status=400,
        description="Bad Request: wrong file identifier/HTTP URL specified",
    )
    alert = await alerted(newsdesk, anna)
    assert (picture(alert), fault.hits) == ("", 1)
    assert "Gucci opens a garden" in alert.text
    # The copy is corrected as what it is: a text.
    (article,) = await articles(newsdesk)
    page = await opened_story(newsdesk.eva, str(article.id))
    await typed(newsdesk.eva, "Headline: typo", page, "Gucci opens a rose garden")
    corrected = await anna.next()
    assert (corrected.id, picture(corrected)) == (alert.id, "")
    assert "Gucci opens a rose garden" in corrected.text


async def test_a_card_for_a_friend_has_an_editors_picture_and_is_corrected(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    bureau.town.world.inline_feedback = True
    anna, ben = await bureau.reader("Anna"), bureau.town.person("Ben")
    await published(newsdesk)
    (article,) = await articles(newsdesk)
    room = bureau.town.direct(anna, ben)
    (result,) = await anna.inline(f"#{base36(article.id)}", room)
    await anna.choose(result, room)
    await bureau.heard()
    card = room.messages[-1]
    assert card.record.body["photo"]
    assert "Gucci opens a garden" in card.record.body["caption"]

    page = await opened_story(eva, str(article.id))
    page = await typed(eva, "Headline: typo", page, "Gucci opens a rose garden")
    await bureau.town.until(lambda: "rose garden" in room.messages[-1].record.body["caption"])
    await typed(eva, "Withdraw", page, "It is closed.")
    await bureau.town.until(
        lambda: "Withdrawn: It is closed." in room.messages[-1].record.body["caption"]
    )


async def test_inline_results_come_without_a_picture_that_telegram_does_not_know(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    anna = await bureau.reader("Anna")
    await published(newsdesk)
    # As in an archive that was moved to another bot.
    bureau.town.world.files.clear()
    (result,) = await anna.inline("gucci")
    assert result.raw["type"] == "article"
    assert "Gucci opens a garden" in result.title
