"""Random mixtures of all faults of Telegram and of the network, over real connections."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.telegram.transport import TelegramOutbox
from digest.making.edition_builder import EditionBuilder
from digest.pacing.rate_limiter import ALL_MEANT, RateLimiter
from digest.planning.plan import Planner
from digest.sending.sender import MOST, Sender
from handlers.buttons.keyboards import edition_keyboard
from news.filing import taxonomy
from storage.articles.articles import Articles
from storage.ledger.deliveries import Deliveries
from storage.ledger.delivery_claims import UNCONFIRMED
from storage.ledger.plans import Plans
from storage.model import ChatKind, DeliveryState, State
from storage.readers.subscribers import Subscribers
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import subscribers
from templates import Renderer
from tests.digest.conftest import StandingTime
from tests.journeys.crowd import TOKEN, Asked, Line, Reader, Telegram, gather, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import pytest

    from bot.telegram.http_client import HttpClient
    from storage.db.database import Database

SEEDS = {"sqlite": 20261127, "postgresql": 20261128}
"""Each database gets other fates."""
READERS = 1_500
SUPERGROUPS = -1_000_000_000_000
"""New ids of migrated groups count down from here."""
TOPIC = 5
PER_SECOND = 1_000
FLOODS_OVER_ALL = 3
SLOWEST_ANSWER = 0.2


class Mishap(StrEnum):
    """A fault of one request that does not end the delivery."""

    FLOOD = "too many messages to this chat"
    ERROR = "an error of the server"
    CUT_BEFORE = "the connection is cut before anything was done"
    CUT_AFTER = "the connection is cut after delivery"
    CUT_IN_ANSWER = "the connection is cut in the middle of the answer"
    SILENT_BEFORE = "no answer, and nothing done"
    SILENT_AFTER = "no answer after delivery"
    REFUSED = "the markup is refused"
    MOVED = "the group is a supergroup by now"


CUT = {Mishap.CUT_BEFORE, Mishap.CUT_AFTER, Mishap.CUT_IN_ANSWER}
SILENT = {Mishap.SILENT_BEFORE, Mishap.SILENT_AFTER}
DELIVERED = {Mishap.CUT_AFTER, Mishap.CUT_IN_ANSWER, Mishap.SILENT_AFTER}
ONCE = {Mishap.REFUSED, Mishap.MOVED}


class Closed(StrEnum):
    """Why a chat cannot be written to; the value is the ledger's error."""

    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    NOT_FOUND = "not found"
    KICKED = "kicked"
    DELETED = "deleted"
    NO_RIGHTS = "no rights"
    TOPIC_DELETED = "topic deleted"


SAID = {
    Closed.BLOCKED: refusal(403, "Forbidden: bot was blocked by the user"),
    Closed.DEACTIVATED: refusal(403, "Forbidden: user is deactivated"),
    Closed.NOT_FOUND: refusal(400, "Bad Request: chat not found"),
    Closed.KICKED: refusal(403, "Forbidden: bot was kicked from the group chat"),
    Closed.DELETED: refusal(403, "Forbidden: the group chat was deleted"),
    Closed.NO_RIGHTS: refusal(400, "Bad Request: have no write access to the chat"),
    Closed.TOPIC_DELETED: refusal(400, "Bad Request: message thread not found"),
}
OF_PEOPLE = (Closed.BLOCKED, Closed.DEACTIVATED, Closed.NOT_FOUND)
OF_GROUPS = (Closed.KICKED, Closed.DELETED, Closed.NO_RIGHTS, Closed.NOT_FOUND)
ERRORS = (
    refusal(500, "Internal Server Error"),
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 26\r\n\r\n<html>nothing here</html>\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    refusal(504, "Gateway Timeout"),
)


@dataclass
class Fate:
    """The faults of one reader's requests, in order."""

    reader: Reader
    mishaps: list[Mishap]
    closed: Closed | None
    """How the delivery ends after the faults; None if the message arrives."""

    def end(self) -> End:
        """Return how the delivery must end."""
        chat_id = self.reader.chat_id
        in_doubt = arrived = 0
        for mishap in self.mishaps:
            arrived += mishap in DELIVERED
            in_doubt += mishap in CUT | SILENT
            if mishap is Mishap.MOVED:
                chat_id += SUPERGROUPS
            if mishap in SILENT and in_doubt > 1:
                # It may have arrived twice by now: that has to be enough.
                return End(chat_id, DeliveryState.FAILED, UNCONFIRMED, in_doubt, arrived)
        if self.closed is not None:
            return End(chat_id, DeliveryState.FAILED, self.closed.value, in_doubt, arrived)
        return End(chat_id, DeliveryState.SENT, None, in_doubt, arrived + 1)


@dataclass(frozen=True, slots=True)
class End:
    """The required end of a reader's edition."""

    chat_id: int
    state: DeliveryState
    error: str | None
    in_doubt: int
    """Requests that may or may not have been carried out, as the ledger counts them."""
    arrived: int
    """Messages that really arrived."""


def fates(dice: random.Random) -> list[Fate]:
    """Return random faults for each reader."""
    made = []
    for number in range(1, READERS + 1):
        group, topic = number % 3 == 0, number % 9 == 0
        reader = Reader(
            -number if group else number,
            thread_id=TOPIC if topic else 0,
            kind=ChatKind.TOPIC if topic else ChatKind.GROUP if group else ChatKind.PRIVATE,
        )
        mishaps: list[Mishap] = []
        for mishap in dice.choices(list(Mishap), k=dice.choices(range(5), [40, 30, 15, 10, 5])[0]):
            moves = mishap is Mishap.MOVED
            if (moves and (not group or topic)) or (mishap in ONCE and mishap in mishaps):
                continue
            mishaps.append(mishap)
        why = (Closed.TOPIC_DELETED,) if topic else OF_GROUPS if group else OF_PEOPLE
        made.append(Fate(reader, mishaps, dice.choice(why) if dice.random() < 0.15 else None))
    return made


@dataclass
class Chat:
    """What arrived in a chat."""

    ahead: deque[Mishap | Closed]
    arrived: int = 0
    not_before: datetime | None = None
    must_be_plain: bool = False
    shut: bool = False
    happened: list[str] = field(default_factory=list)


class Moody(Telegram):
    """A fake of Telegram that applies the faults and records requests that must never happen."""

    def __init__(self, fates: Sequence[Fate], dice: random.Random, time: StandingTime) -> None:
        super().__init__()
        self.dice = dice
        self.time = time
        self.wire: HttpClient | None = None
        self.chats: dict[int, Chat] = {
            fate.reader.chat_id: Chat(deque([*fate.mishaps, *filter(None, [fate.closed])]))
            for fate in fates
        }
        self.threads = {fate.reader.chat_id: fate.reader.thread_id for fate in fates}
        self.wrong: list[str] = []
        self.asked_for = 0
        self.floods = deque(sorted(dice.sample(range(READERS), FLOODS_OVER_ALL)))
        self.flood_until: datetime | None = None
        self.turned_away: list[int] = []
        """Requests that were told to wait in each flood over all."""

    def message(self, line: Line, asked: Asked) -> None:
        chat = self.chats.get(asked.chat_id)
        self.asked_for += 1
        if chat is None:
            self.wrong.append(f"{asked.chat_id} is nobody")
            return
        self._check(chat, asked)
        seconds = self._seconds_of_flood()
        if seconds:
            chat.happened.append("a flood over all")
            chat.must_be_plain = False  # it begins anew with its markup
            self._put_off(line, chat, seconds)
            return
        what = chat.ahead.popleft() if chat.ahead else None
        chat.must_be_plain = what is Mishap.REFUSED
        chat.happened.append("well" if what is None else what.name)
        if isinstance(what, Closed):
            chat.shut = True
            line.write(SAID[what])
        elif what is not None:
            self._spoil(line, chat, asked, what)
        else:
            chat.arrived += 1
            slow = self.dice.random() < 0.2
            takes = self.dice.uniform(0, SLOWEST_ANSWER) if slow else 0
            self._later(takes, line.write, self.receipt())

    def _check(self, chat: Chat, asked: Asked) -> None:
        wrong = {
            "its chat is closed": chat.shut,
            "its time has not come": (
                chat.not_before is not None and self.time.now < chat.not_before
            ),
            "its markup was refused": chat.must_be_plain and not asked.is_plain,
            "its topic is another": asked.thread_id != self.threads[asked.chat_id],
        }
        for why, true in wrong.items():
            if true:
                self.wrong.append(f"{asked.chat_id}: {why}, after {chat.happened}")

    def _seconds_of_flood(self) -> int:
        """Return how long all chats have to wait now, in seconds."""
        if self.floods and self.asked_for >= self.floods[0]:
            self.floods.popleft()
            self.turned_away.append(0)
            self.flood_until = self.time.now + timedelta(seconds=self.dice.randint(2, 30))
        if self.flood_until is None or self.time.now >= self.flood_until:
            return 0
        self.turned_away[-1] += 1
        return ceil((self.flood_until - self.time.now).total_seconds())

    def _put_off(self, line: Line, chat: Chat, seconds: int) -> None:
        chat.not_before = self.time.now + timedelta(seconds=seconds)
        line.write(refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))

    def _spoil(self, line: Line, chat: Chat, asked: Asked, mishap: Mishap) -> None:
        chat.arrived += mishap in DELIVERED
        match mishap:
            case Mishap.FLOOD:
                self._put_off(line, chat, self.dice.randint(1, 40))
            case Mishap.ERROR:
                line.write(self.dice.choice(ERRORS))
            case Mishap.CUT_BEFORE | Mishap.CUT_AFTER:
                line.cut()
            case Mishap.CUT_IN_ANSWER:
                whole = self.receipt()
                line.cut(whole[: self.dice.randrange(1, len(whole))])
            case Mishap.SILENT_BEFORE | Mishap.SILENT_AFTER:
                self._later(self.dice.uniform(0, SLOWEST_ANSWER), self._too_late, line)
            case Mishap.REFUSED:
                line.write(refusal(400, "Bad Request: can't parse entities: unsupported tag"))
            case Mishap.MOVED:
                new = SUPERGROUPS + asked.chat_id
                self.chats[new] = self.chats.pop(asked.chat_id)
                self.threads[new] = asked.thread_id
                reason = "Bad Request: group chat was upgraded to a supergroup chat"
                line.write(refusal(400, reason, migrate_to_chat_id=new))

    def _later(self, seconds: float, act: Callable[..., None], *arguments: object) -> None:
        asyncio.get_running_loop().call_later(seconds, act, *arguments)

    def _too_late(self, line: Line) -> None:
        """Make the bot time out on this connection, as its clock would."""
        assert self.wire is not None
        other_end = line.transport.get_extra_info("peername")
        for connection in tuple(self.wire._open):
            transport = connection._transport
            if transport is not None and transport.get_extra_info("sockname") == other_end:
                connection.give_up()


def sender_to(telegram: Moody, db: Database, time: StandingTime) -> tuple[Sender, TelegramOutbox]:
    """Build the sender as `bot.app` does, with other clocks."""
    outbox = TelegramOutbox(f"{telegram.url}/bot{TOKEN}")
    telegram.wire = outbox._http_client
    categories = taxonomy.load().categories
    renderer = Renderer(categories, username="OnNewsBot")
    builder = EditionBuilder(
        Deliveries(db),
        Articles(db),
        renderer,
        edition_size=12,
        categories=categories,
        keyboard=partial(edition_keyboard, renderer),
    )
    rate_limiter = RateLimiter(PER_SECOND, clock=time.seconds, sleep=time.sleep)
    sender = Sender(
        Deliveries(db), Subscribers(db), builder, outbox, rate_limiter, plans=Plans(db), clock=time
    )
    return sender, outbox


async def test_each_delivery_ends_in_the_right_state_and_is_sent_once(
    db: Database, record_property: Callable[[str, object], None], caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(SEEDS[db.dialect])  # noqa: S311 - dice, no secret
    written = fates(dice)
    time = StandingTime()
    ledger = Deliveries(db)
    await gather(db, [fate.reader for fate in written], time.now)
    async with Moody(written, dice, time) as telegram:
        sender, outbox = sender_to(telegram, db, time)
        assert await Planner(Plans(db)).plan_due(time.now) == READERS
        while await ledger.next_time() is not None:
            await sender.drain()
            time.pass_(seconds=dice.randint(5, 45))
        requests = telegram.asked_for
        assert await sender.drain() == 0
        await outbox.close()

    query = select(
        subscribers.c.chat_id,
        subscribers.c.state,
        subscribers.c.next_at,
        deliveries.c.state,
        deliveries.c.error,
        deliveries.c.attempts,
    ).join_from(subscribers, deliveries)
    async with db.reading() as connection:
        rows = {row[0]: tuple(row[1:]) for row in await connection.execute(query)}
    assert telegram.wrong == []
    happened, kinds = Counter[str](), Counter[str]()
    in_doubt = twice = never = 0
    for fate in written:
        end = fate.end()
        chat = telegram.chats[end.chat_id]
        happened.update(chat.happened)
        kinds[end.error or end.state.value] += 1
        in_doubt += end.in_doubt
        twice += max(end.arrived - 1, 0)
        never += end.error == UNCONFIRMED and not end.arrived
        whose, next_at, *row = rows.pop(end.chat_id)
        assert row == [end.state.value, end.error, end.in_doubt], chat.happened
        assert chat.arrived == end.arrived, chat.happened
        if not end.in_doubt:
            assert chat.arrived == (end.state is DeliveryState.SENT)
        gone = end.error is not None and end.error != UNCONFIRMED
        assert State(whose) is (State.GONE if gone else State.ACTIVE)
        assert (next_at is None) is gone
    assert rows == {}
    record_property(
        "figures",
        f"{db.dialect}: {READERS:,} readers, {requests:,} requests; "
        f"{in_doubt} in doubt, of which {twice} brought an edition once more, and after which "
        f"{never} readers got none; floods over all turned away {telegram.turned_away}\n"
        f"requests: {dict(happened.most_common())}\nreaders: {dict(kinds.most_common())}",
    )
    assert max(telegram.turned_away) <= MOST + 2 * ALL_MEANT
    assert "failed because of a bug" not in caplog.text
