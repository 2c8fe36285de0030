"""Every view of the bot as one reader finds it, in one language, for tests of its looks."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from handlers.taps import callback_data
from handlers.taps.callback_codec import ABOUT, StaleTap, bare, base36
from handlers.taps.callback_data import OpenPrivacy
from news.filing.taxonomy import load
from playground.people.seen import BotMessage
from storage.model import ChatKind, Kind, Layout, Level
from tests.handlers.conftest import ask, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.taps.callback_codec import Tap
    from playground.world.chats import Body
    from tests.handlers.conftest import Bureau

OPENING: tuple[type[Tap], ...] = (
    callback_data.AllReports,
    callback_data.OpenMatter,
    callback_data.AskLocation,
    callback_data.CardWords,
    callback_data.EarlierEdition,
    callback_data.LeftOut,
    callback_data.More,
    callback_data.MoreOfCard,
    callback_data.NextStory,
    callback_data.OpenCard,
    callback_data.PickLetter,
    callback_data.PickPage,
    callback_data.Read,
    callback_data.Shared,
    callback_data.ShowCategory,
    callback_data.Turn,
    callback_data.WhyThese,
    callback_data.AskWord,
    callback_data.OpenManaged,
    callback_data.OpenSheet,
    callback_data.OpenWord,
    callback_data.AboutStory,
    callback_data.OpenScale,
    callback_data.OpenSources,
    callback_data.OpenYours,
    OpenPrivacy,
)
"""Taps that open a view and change nothing."""
COMMANDS = ("/help", "/category", "/latest", "/latest 3 motor", "/search engine", "/saved", "/stop")


class Walk:
    """One reader's way through the bot; `bodies` holds each message in every version."""

    def __init__(self, bureau: Bureau, language: str) -> None:
        self.bureau = bureau
        self.reader = bureau.town.person("Ana", language)
        self.friend = bureau.town.person("Bo", language)
        self.channel = bureau.town.channel("Luxury", [self.reader], bot=False, username="luxury")
        self._tapped: set[tuple[object, ...]] = set()
        self._looked = 0

    async def all(self) -> list[Body]:
        """Visit every view, and return each different message that the reader and a friend saw."""
        await self._newcomer()
        await self._busy_reader()
        await self._friend()
        await self._channel()
        rooms = (self.reader.chat, self.friend.chat, self.channel)
        seen = {_shown(body): body for room in rooms for _, _, body in room.raw.log}
        return [*seen.values()]

    async def _newcomer(self) -> None:
        picker = await start(self.reader)
        await self._explore()
        await self._tap(callback_data.Pick("gucci", on=True, journey=True), picker)
        await self._send("louis")
        await self._send("bentlee")
        await self._tap(callback_data.Picked(), picker)
        await self._tap(callback_data.JourneyValue("hour", "480"), picker)
        await self._tap(callback_data.JourneyValue("zone", "Europe/Rome"), picker)
        await self.reader.until("1")
        await self._explore()

    async def _busy_reader(self) -> None:
        subscribers = self.bureau.onnews.archive.subscribers
        subscriber = await self.bureau.subscriber(self.reader)
        for slug in _longest(self.bureau, subscriber.language):
            await subscribers.follow(subscriber.id, slug, alerts=True)
        readers = self.bureau.onnews.application.bot_data.readers
        subscriber = await self.bureau.subscriber(self.reader)
        for subject, level in (
            ("real-estate", Level.MORE),
            ("jewellery", Level.LESS),
            (1, Level.OFF),
        ):
            subscriber = await readers.set_level(subscriber, subject, level)
        subscriber = await subscribers.mute_word(subscriber.id, "a phrase that is as long as many")
        subscriber = await readers.follow_word(subscriber, "Mulliner made to measure by hand")
        subscriber = await readers.change(
            subscriber,
            days=0b0010101,
            evening_minute=18 * 60,
            quiet_from=23 * 60 + 30,
            quiet_to=8 * 60 + 30,
            zone="America/Los_Angeles",
            city="San Francisco",
        )
        for command in COMMANDS:
            await self._send(command)
            await self._explore()
        await self._tap(callback_data.Resume(), self._last())
        for layout in (Layout.SUMMARIES, Layout.FRONT_PAGE):
            subscriber = await readers.change(
                subscriber, layout=layout, paused_until=self.bureau.clock.now + timedelta(days=40)
            )
            await self._send("/settings")
            await self._explore()
            subscriber = await readers.change(subscriber, place=1, paused_until=None)
            await self._send("/digest")
            await self._explore()
        await self._send("/start")
        await self._send("/privacy")
        await self._send("/forget")
        await self._send("zzz")
        await self._send("silk")

    async def _friend(self) -> None:
        article = self.bureau.desk.ids[0]
        await start(self.friend, f"a{base36(article)}")
        await start(self.friend, "a1z")
        self.reader.unread()
        await start(self.reader, f"a{base36(article)}")

    async def _channel(self) -> None:
        await self._tap(callback_data.AskChannel(), self._last())
        await self.reader.share_chat(self.channel, 1)
        await self.bureau.heard()
        await self._explore()
        subscriber = await self.bureau.subscriber(self.channel)
        assert subscriber.kind is ChatKind.CHANNEL
        readers = self.bureau.onnews.application.bot_data.readers
        for slug in _longest(self.bureau, subscriber.language):
            subscriber = await readers.follow(subscriber, slug)
        main = callback_data.OpenSheet(callback_data.Sheet.MAIN).pack()
        await self.reader.tap(f"{base36(subscriber.id)}{ABOUT}{main}", self._last())
        await self._explore()
        subscriber = await readers.follow(subscriber, "motor")
        assert subscriber.next_at is not None
        for number in range(14):
            await self.bureau.desk.print_(f"Late news, number {number}", "motor", "bentley")
        self.bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
        await self.bureau.send_what_is_due()
        await self.reader.until("ON News", self.channel)

    async def _send(self, text: str) -> None:
        self.reader.unread()
        self.bureau.clock.pass_(seconds=30)
        await ask(self.reader, text)

    async def _tap(self, tap: Tap, message: BotMessage) -> None:
        await self.reader.tap(tap.pack(), message)

    def _last(self) -> BotMessage:
        _, record, body = self.reader.chat.raw.log[-1]
        return BotMessage(record, body)

    async def _explore(self) -> None:
        """Tap every button that opens a new kind of view, in all messages since the last call."""
        log = self.reader.chat.raw.log
        while self._looked < len(log):
            _, record, body = log[self._looked]
            self._looked += 1
            if record.id not in self.reader.chat.raw.records:
                continue
            message = BotMessage(record, body)
            for row in message.buttons:
                for each in row:
                    kind = _kind(each.data) if each.data else None
                    if each.data and kind is not None and kind not in self._tapped:
                        self._tapped.add(kind)
                        await self.reader.tap(each.data, message)


def _kind(data: str) -> tuple[object, ...] | None:
    """Return the kind of view that a tap opens, or None if it changes something."""
    for tap in OPENING:
        if tap.matches(data):
            try:
                read = tap.unpack(bare(data))
            except StaleTap:
                return None
            values = (getattr(read, name) for name in read.fields)
            return (
                tap,
                ABOUT in data,
                *(each for each in values if isinstance(each, (StrEnum, bool))),
            )
    return None


def _longest(bureau: Bureau, language: str) -> Iterator[str]:
    """Return the categories with the longest names in a language, some of each kind."""
    renderer = bureau.onnews.application.bot_data.renderer
    taxonomy = load()
    for kind in (Kind.SECTION, Kind.MARKET, Kind.HOUSE, Kind.GROUP):
        named = [
            (len(renderer.category(each.slug, language)), each.slug)
            for each in taxonomy.by_kind(kind)
        ]
        yield from (slug for _, slug in sorted(named, reverse=True)[:6])


def _shown(body: Body) -> str:
    """Return what visibly distinguishes two messages."""
    keyboard = body.get("reply_markup", {}).get("inline_keyboard", ())
    labels = [[each["text"] for each in row] for row in keyboard]
    return repr((body.get("text"), body.get("caption"), body.get("rich_message"), labels))
