"""Front pages being sent: with pictures, without, and as the plain edition."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from telegram import InlineKeyboardMarkup

from bot.telegram.transport import TelegramOutbox
from digest.making.rich_messages import RichMessages
from digest.sending.send_delivery import StoppedError
from handlers.buttons.keyboards import alert_keyboard, button, edition_keyboard, equal_rows, numbers
from handlers.taps.callback_data import LeftOut, OpenCard, OpenSheet, Sheet, WhyThese
from playground.checks.schema import Upload
from playground.server import Playground
from storage.model import DeliveryState, Edition, EditionSection, EditionStory, Form, Layout, State
from storage.tables.ledger_schema import deliveries as table
from templates import Renderer
from tests.digest.conftest import CATEGORIES, Paper
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from digest.sending.sender import Sender
    from playground.faults import Fault
    from playground.people.people import Person
    from storage.db.database import Database
    from storage.model import Article

UPLOAD = Upload("lead.png", "image/png", png(640, 480))
PICTURE = "https://gazette.example/lead.jpg"
SENT, PLANNED, FAILED = DeliveryState.SENT, DeliveryState.PLANNED, DeliveryState.FAILED


class Kiosk(Paper):
    """A newspaper whose readers are in the playground."""

    def __init__(self, db: Database, town: Playground, ana: Person) -> None:
        super().__init__(db)
        self.town = town
        self.ana = ana
        self.renderer = Renderer(CATEGORIES, username="OnNewsBot")  # type: ignore[assignment]  # the real one
        self.telegram = TelegramOutbox(f"{town.url}/bot{town.token}")
        self.pictures: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.rich = RichMessages(self.known, self.forget, self.telegram.knows_bot)
        self.sender = self.born()

    def born(self, **changes: Any) -> Sender:  # noqa: ANN401 - what Sender takes
        """Build the parts of a newly started process."""
        self.sender = self.new_sender(outbox=self.telegram, **{"rich": self.rich, **changes})
        return self.sender

    async def known(self, addresses: Iterable[str]) -> Mapping[str, str]:
        return {each: self.pictures[each] for each in addresses if each in self.pictures}

    async def forget(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self.forgotten.append(address)
            self.pictures.pop(address, None)

    async def open(self) -> None:
        """Create an uploaded picture, a story, and a reader of front pages."""
        sent = await self.town.call(
            "sendPhoto", {"chat_id": self.ana.id, "photo": "attach://p", "p": UPLOAD}
        )
        self.pictures[PICTURE] = sent["photo"][-1]["file_id"]
        self.town.requests.clear()
        self.before = len(self.ana.chat.messages)
        await self.article("A sale", image=PICTURE, standfirst="Somebody buys somebody.")
        await self.article("A car")
        await self.reader(self.ana.id, layout=Layout.FRONT_PAGE)

    def tried(self) -> list[str]:
        """Return the forms that were requested, whatever the result."""
        return [
            _form(request.params, request.method)
            for request in self.town.requests
            if request.method.startswith("send")
        ]

    def arrived(self) -> list[str]:
        """Return the forms of the messages in the chat."""
        bodies = [message.record.body for message in self.ana.chat.messages[self.before :]]
        return [_form(body, "sendRichMessage" if "rich_message" in body else "") for body in bodies]

    async def row(self) -> tuple[DeliveryState, Form | None, int, str | None, int]:
        """Return the row's state, form, attempts, error, and number of messages."""
        async with self.db.reading() as connection:
            found = (
                await connection.execute(
                    select(
                        table.c.state,
                        table.c.form,
                        table.c.attempts,
                        table.c.error,
                        table.c.message_ids,
                    )
                )
            ).one()
        state, form, attempts, error, ids = found
        count = len(json.loads(ids or "[]"))
        return DeliveryState(state), Form(form) if form else None, attempts, error, count

    async def unanswered(self, fault: Fault) -> None:
        """Send while Telegram does not answer, and time out as after twenty seconds."""
        sending = await self._held(fault)
        for connection in tuple(self.telegram._http_client._open):
            connection.give_up()
        await sending
        fault.release()

    async def killed(self, fault: Fault) -> None:
        """Send while Telegram does not answer, then restart as after a kill."""
        sending = await self._held(fault)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await asyncio.gather(*self.sender._under_way, return_exceptions=True)
        fault.release()
        self.born()
        await self.deliveries.recover()

    async def _held(self, fault: Fault) -> asyncio.Task[int]:
        sending = asyncio.create_task(self.sender.drain())
        while not fault.hits or (fault.after_delivery and not self.arrived()):  # noqa: ASYNC110 - the playground says nothing of its faults
            await asyncio.sleep(0)
        return sending


def _form(body: Mapping[str, Any], method: str) -> str:
    if method != "sendRichMessage":
        return "html"
    message = body["rich_message"]
    blocks = (json.loads(message) if isinstance(message, str) else message)["blocks"]
    return "pictured" if any(block["type"] == "photo" for block in blocks) else "rich"


@pytest.fixture
async def kiosk(lite: Database) -> AsyncIterator[Kiosk]:
    async with Playground() as town:
        ana = town.person("Ana Rossi", "en")
        await ana.start()
        kiosk = Kiosk(lite, town, ana)
        await kiosk.open()
        yield kiosk
        await kiosk.telegram.close()


async def test_a_front_page_is_one_message_with_its_picture_and_its_buttons(kiosk: Kiosk) -> None:
    await kiosk.morning()
    assert kiosk.tried() == kiosk.arrived() == ["pictured"]
    assert await kiosk.row() == (SENT, Form.PICTURED, 0, None, 1)
    assert kiosk.town.violations == []


async def test_a_front_page_does_not_wait_for_missing_pictures(kiosk: Kiosk) -> None:
    kiosk.pictures.clear()
    await kiosk.morning()
    assert kiosk.arrived() == ["rich"]
    assert await kiosk.row() == (SENT, Form.RICH, 0, None, 1)


async def test_digest_sends_a_front_page_at_once(kiosk: Kiosk) -> None:
    reader = await kiosk.of_chat(kiosk.ana.id)
    assert await kiosk.sender.deliver_now(reader, kiosk.time.now) is SENT
    assert kiosk.arrived() == ["pictured"]


@pytest.mark.parametrize(
    "refusal",
    [
        "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND",
        "RICH_MESSAGE_PHOTO_URL_INVALID",
        "failed to get HTTP URL content",
        "wrong type of the web page content",
        "wrong HTTP URL specified",
        "IMAGE_PROCESS_FAILED",
        "wrong file identifier/HTTP URL specified",
    ],
)
async def test_a_refused_picture_is_left_out_and_uploaded_again(kiosk: Kiosk, refusal: str) -> None:
    kiosk.town.faults.add(
        method="sendRichMessage", status=400, description=f"Bad Request: {refusal}"
    )
    await kiosk.morning()
    assert kiosk.tried() == ["pictured", "rich"]
    assert kiosk.arrived() == ["rich"]
    assert kiosk.forgotten == [PICTURE]
    assert await kiosk.row() == (SENT, Form.RICH, 0, None, 1)


async def test_another_bots_picture_is_left_out_and_uploaded_again(kiosk: Kiosk) -> None:
    kiosk.pictures[PICTURE] = "AgACAgQAAxkDAAMBnobody"
    await kiosk.morning()
    assert kiosk.arrived() == ["rich"]
    assert kiosk.forgotten == [PICTURE]


async def test_a_group_without_photo_rights_gets_no_pictures_and_others_keep_theirs(
    kiosk: Kiosk,
) -> None:
    words = "Bad Request: not enough rights to send the rich message to the chat"
    kiosk.town.faults.add(method="sendRichMessage", status=400, description=words)
    await kiosk.morning()
    assert kiosk.tried() == ["pictured", "rich"]
    assert kiosk.forgotten == []


@pytest.mark.parametrize("first", ["IMAGE_PROCESS_FAILED", "SOMETHING_NEW"])
async def test_after_a_second_refusal_the_plain_edition_is_sent(kiosk: Kiosk, first: str) -> None:
    for reason in (first, "RICH_MESSAGE_CONTENT_REQUIRED"):
        kiosk.town.faults.add(
            method="sendRichMessage", status=400, description=f"Bad Request: {reason}"
        )
    await kiosk.morning()
    assert kiosk.tried() == ["pictured", "rich", "html"]
    assert kiosk.arrived() == ["html"]
    assert await kiosk.row() == (SENT, Form.HTML, 0, None, 1)


async def test_refused_blocks_are_logged_and_the_plain_edition_is_sent(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    words = "Bad Request: RICH_MESSAGE_URL_INVALID"
    kiosk.town.faults.add(method="sendRichMessage", status=400, description=words)
    await kiosk.morning()
    assert kiosk.tried() == ["pictured", "html"]
    assert kiosk.forgotten == []
    assert "Rich_message_url_invalid" in caplog.text
    assert '"A sale"' in caplog.text


async def test_a_blocked_chat_is_recognised_with_every_form(kiosk: Kiosk) -> None:
    kiosk.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: chat not found"
    )
    await kiosk.morning()
    assert kiosk.tried() == ["pictured"]
    assert (await kiosk.row())[3] == "not found"
    reader = await kiosk.of_chat(kiosk.ana.id)
    assert reader.state is State.GONE
    assert kiosk.rich.are_known


async def test_after_a_flood_the_same_form_is_sent(kiosk: Kiosk) -> None:
    kiosk.pictures.clear()
    kiosk.town.faults.add(method="sendRichMessage", retry_after=7)
    await kiosk.morning()
    assert await kiosk.row() == (PLANNED, Form.RICH, 0, "flood", 0)
    # The picture has come meanwhile, and the form is the same all the same.
    kiosk.pictures[PICTURE] = "AgACAgQAAxkDAAMBnobody"
    await kiosk.drain(seconds=8)
    assert kiosk.tried() == ["rich", "rich"]
    assert await kiosk.row() == (SENT, Form.RICH, 0, None, 1)


@pytest.mark.parametrize("arrives", [False, True])
async def test_after_a_time_out_only_the_same_form_is_sent_again(
    kiosk: Kiosk, *, arrives: bool
) -> None:
    fault = kiosk.town.faults.add(method="sendRichMessage", hold=True, after_delivery=arrives)
    await kiosk.planner.plan_due(kiosk.time.now)
    await kiosk.unanswered(fault)
    assert await kiosk.row() == (PLANNED, Form.PICTURED, 1, "timed out", 0)
    await kiosk.drain(seconds=5)
    assert set(kiosk.tried()) == {"pictured"}
    assert (await kiosk.row())[:3] == (SENT, Form.PICTURED, 1)


async def test_a_form_refused_after_a_time_out_is_not_replaced(kiosk: Kiosk) -> None:
    silent = kiosk.town.faults.add(method="sendRichMessage", hold=True, after_delivery=True)
    await kiosk.planner.plan_due(kiosk.time.now)
    await kiosk.unanswered(silent)
    kiosk.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    await kiosk.drain(seconds=5)
    assert kiosk.arrived() == ["pictured"]
    assert set(kiosk.tried()) == {"pictured"}
    assert (await kiosk.row())[:4] == (FAILED, Form.PICTURED, 1, "picture")


async def test_front_pages_are_tried_once_on_a_server_without_rich_messages(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk.town.faults.add(method="sendRichMessage", status=404, times=None)
    leo = kiosk.town.person("Leo Wu", "en")
    await leo.start()
    await kiosk.morning()
    assert kiosk.arrived() == ["html"]
    assert await kiosk.row() == (SENT, Form.HTML, 0, None, 1)
    assert not kiosk.rich.are_known
    assert kiosk.forgotten == []
    assert caplog.text.count("does not know sendRichMessage") == 1
    await kiosk.reader(leo.id, layout=Layout.FRONT_PAGE)
    await kiosk.morning()
    assert kiosk.tried() == ["pictured", "html", "html"]


async def test_a_revoked_token_stops_the_sender(kiosk: Kiosk) -> None:
    kiosk.town.faults.add(method="sendRichMessage", status=404)
    kiosk.town.faults.add(method="getMe", status=401)
    await kiosk.planner.plan_due(kiosk.time.now)
    with pytest.raises(StoppedError):
        await kiosk.sender.drain()
    assert await kiosk.row() == (PLANNED, Form.PICTURED, 0, "token", 0)
    assert kiosk.rich.are_known


async def test_a_401_stops_the_sender_without_asking_getme(kiosk: Kiosk) -> None:
    kiosk.town.faults.add(method="sendRichMessage", status=401)
    await kiosk.planner.plan_due(kiosk.time.now)
    with pytest.raises(StoppedError):
        await kiosk.sender.drain()
    assert [request.method for request in kiosk.town.requests] == ["sendRichMessage"]


async def test_the_row_waits_if_getme_gets_no_answer(kiosk: Kiosk) -> None:
    kiosk.town.faults.add(method="sendRichMessage", status=404)
    kiosk.town.faults.add(method="getMe", status=502)
    await kiosk.morning()
    assert await kiosk.row() == (PLANNED, Form.PICTURED, 0, "network", 0)
    await kiosk.drain(seconds=5)
    assert kiosk.arrived() == ["pictured"]


@pytest.mark.parametrize("arrives", [False, True])
async def test_after_a_kill_a_front_page_is_sent_again_in_the_same_form(
    kiosk: Kiosk, *, arrives: bool
) -> None:
    kiosk.pictures.clear()
    fault = kiosk.town.faults.add(method="sendRichMessage", hold=True, after_delivery=arrives)
    await kiosk.planner.plan_due(kiosk.time.now)
    await kiosk.killed(fault)
    assert (await kiosk.row())[:3] == (PLANNED, Form.RICH, 1)
    # By now the picture is there: the first one went without it.
    kiosk.pictures[PICTURE] = "AgACAgQAAxkDAAMBnobody"
    await kiosk.sender.drain()
    assert set(kiosk.tried()) == {"rich"}
    assert (await kiosk.row())[:3] == (SENT, Form.RICH, 1)


async def test_after_a_kill_the_noted_simpler_form_is_sent(kiosk: Kiosk) -> None:
    kiosk.town.faults.add(
        method="sendRichMessage", status=400, description="Bad Request: RICH_MESSAGE_EMPTY"
    )
    fault = kiosk.town.faults.add(method="sendMessage", hold=True, after_delivery=True)
    await kiosk.planner.plan_due(kiosk.time.now)
    await kiosk.killed(fault)
    assert (await kiosk.row())[:3] == (PLANNED, Form.HTML, 1)
    await kiosk.sender.drain()
    assert set(kiosk.arrived()) == {"html"}
    assert (await kiosk.row())[:3] == (SENT, Form.HTML, 1)


async def test_plain_layouts_have_no_form_in_the_ledger(kiosk: Kiosk) -> None:
    reader = await kiosk.of_chat(kiosk.ana.id)
    await kiosk.subscribers.change(reader.id, layout=Layout.SUMMARIES)
    await kiosk.morning()
    assert kiosk.arrived() == ["html"]
    assert await kiosk.row() == (SENT, None, 0, None, 1)


def edition_of(an_article: Callable[..., Article], count: int, left_out: int = 0) -> Edition:
    shown = [EditionStory(an_article(1000 + number), (), ()) for number in range(count)]
    if not shown:
        return Edition(None, ())
    return Edition(shown[0], (EditionSection("style", tuple(shown[1:]), left_out),))


@pytest.mark.parametrize("count", [2, 5, 6, 7, 12, 15])
def test_an_editions_buttons_equal_those_of_python_telegram_bot(
    an_article: Callable[..., Article], count: int
) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    edition = edition_of(an_article, count, left_out=3)
    written = json.loads("".join(edition_keyboard(renderer, edition, "it", first=False)))
    ids = [story.article.id for story in edition.stories]
    below = (button("Perché queste", WhyThese()), button("Altre notizie", LeftOut()))
    assert written == InlineKeyboardMarkup([*numbers(ids), below]).to_dict()


def test_an_edition_that_left_nothing_out_offers_no_more(
    an_article: Callable[..., Article],
) -> None:
    written = json.loads(
        "".join(edition_keyboard(Renderer({}), edition_of(an_article, 2), "en", first=False))
    )
    assert [each["text"] for line in written["inline_keyboard"] for each in line] == [
        "1",
        "2",
        "Why these",
    ]


def test_the_only_story_of_an_edition_is_opened_by_name(an_article: Callable[..., Article]) -> None:
    written = json.loads(
        "".join(edition_keyboard(Renderer({}), edition_of(an_article, 1), "en", first=False))
    )
    opening = button("Open the story", OpenCard(1000))
    why = button("Why this one", WhyThese())
    assert written == InlineKeyboardMarkup([[opening], [why]]).to_dict()


def test_the_first_edition_offers_to_change_the_layout(an_article: Callable[..., Article]) -> None:
    pieces = edition_keyboard(Renderer({}), edition_of(an_article, 2), "en", first=True)
    last = json.loads("".join(pieces))["inline_keyboard"][-1]
    change = button("Change layout", OpenSheet(Sheet.LAYOUT, below=True))
    assert last == InlineKeyboardMarkup([[change]]).to_dict()["inline_keyboard"][0]


def test_an_edition_without_stories_has_no_buttons(an_article: Callable[..., Article]) -> None:
    assert edition_keyboard(Renderer({}), edition_of(an_article, 0), "en", first=False) == []


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (0, ()),
        (1, (1,)),
        (6, (6,)),
        (7, (4, 3)),
        (9, (5, 4)),
        (12, (6, 6)),
        (13, (5, 4, 4)),
        (30, (6,) * 5),
    ],
)
def test_number_buttons_are_in_equal_rows(count: int, rows: tuple[int, ...]) -> None:
    assert tuple(map(len, equal_rows(range(count)))) == rows
    assert [each for row in equal_rows(range(count)) for each in row] == [*range(count)]
    assert tuple(map(len, numbers(range(count)))) == rows


def test_an_alerts_button_opens_its_card(an_article: Callable[..., Article]) -> None:
    renderer = Renderer({}, username="OnNewsBot")
    article = an_article(7)
    written = json.loads("".join(alert_keyboard(renderer, article, "en")))
    opening = button(renderer.label("open_card", "en"), OpenCard(7))
    assert written == InlineKeyboardMarkup([[opening]]).to_dict()
