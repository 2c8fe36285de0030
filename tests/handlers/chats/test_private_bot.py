"""A private bot: who is allowed; strangers get one line a day."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from bot.app import OnNews
from handlers.core.services.admissions import Admissions
from handlers.taps.callback_data import FollowMyself, Save
from playground.server import Playground
from storage.model import ChatKind, State
from storage.replicas.named_people import NamedPeople
from storage.tables.schema import metadata
from tests.handlers.conftest import ask, hurried, opened, start
from tests.plugins.archive import registered
from tests.plugins.towns import settings_in, started

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from playground.people.people import Person, Room
    from tests.handlers.conftest import Bureau, Clock


class Club:
    """An operator, a member whom the settings allow, and a stranger."""

    def __init__(self) -> None:
        self.operator: Person
        self.member: Person
        self.stranger: Person
        self.room: Room
        self.other_room: Room

    def set_up(self, town: Playground) -> dict[str, Any]:
        """Create the people, and allow the member and one of two groups."""
        self.operator, self.member = town.person("Olga"), town.person("Mia")
        self.stranger = town.person("Sandro", "it")
        self.room = town.group("Members", [self.member, self.stranger], settled=True)
        self.other_room = town.group("Elsewhere", [self.member, self.stranger], settled=True)
        return {
            "admin_ids": (self.operator.id,),
            "allowed_ids": (self.member.id, self.room.id),
        }


@pytest.fixture
def club() -> Club:
    return Club()


@pytest.fixture
async def private(sqlite_url: str, clock: Clock, club: Club) -> AsyncIterator[Bureau]:
    async with opened(sqlite_url, clock, hurried(), set_up=club.set_up) as made:
        await made.desk.print_("Bentley adds a wing to Mulliner", "bentley", "motor")
        yield made
        assert made.town.violations == []


@pytest.mark.parametrize(
    ("allowed", "admins", "decided", "line"),
    [
        ((), (1,), {}, "open to everybody"),
        ((), (1,), {1: False, 2: False, 3: True}, "open to everybody but 1 shut out"),
        ((1, 2, -3), (1, 4), {}, "private: 3 people, 1 group"),
        ((1,), (), {1: False, 5: True, -6: True, -7: True}, "private: 1 person, 2 groups"),
    ],
)
def test_who_may_use_the_bot_is_described_in_one_line(
    allowed: tuple[int], admins: tuple[int], decided: dict[int, bool], line: str
) -> None:
    unused: Any = None
    admissions = Admissions(
        *[unused] * 4,
        managers=unused,
        administrators=unused,
        people=NamedPeople(allowed=allowed, admins=admins),
        known_chats=unused,
        decided=decided,
    )
    assert str(admissions) == line


async def test_the_start_logs_who_may_use_the_bot(
    sqlite_url: str, clock: Clock, club: Club, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "handlers"):
        async with opened(sqlite_url, clock, hurried(), set_up=club.set_up):
            pass
    lines = [each for each in caplog.messages if each.startswith("who may use the bot")]
    assert lines == ["who may use the bot: private: 2 people, 1 group"]


async def test_a_stranger_gets_one_line_a_day_and_nothing_else(
    private: Bureau, club: Club, clock: Clock
) -> None:
    stranger = club.stranger
    refusal = await start(stranger)
    assert refusal.text == (
        "Questo bot è privato.\n"
        f"Per usarlo, chiedi l’accesso a chi lo gestisce. Il tuo ID è {stranger.id}."
    )
    assert refusal.labels == []
    for words in ("/latest", "motor", "/settings", "/ban 1", f"/allow {stranger.id}"):
        await stranger.send(words)
    await stranger.share_location(45.46, 9.19)
    assert await private.unread(stranger) == []
    assert await stranger.inline("bentley") == []
    assert (await stranger.inline_button("gucci"))[0] == "Questo bot è privato"
    assert await private.onnews.archive.subscribers.find(stranger.id) is None
    clock.pass_(hours=23)
    await stranger.send("/start")
    assert await private.unread(stranger) == []
    clock.pass_(hours=2)
    assert "privato" in (await ask(stranger, "/start")).text
    # Allowed people notice nothing.
    for person in (club.member, club.operator):
        assert "Mulliner" in (await ask(person, "/latest")).text
        assert len(await person.inline("bentley")) == 1


async def test_a_group_is_let_in_as_a_whole(private: Bureau, club: Club) -> None:
    listed = await ask(club.stranger, "/latest@OnNewsBot", club.room)
    assert "Mulliner" in listed.text
    refusal = await ask(club.member, "/latest@OnNewsBot", club.other_room)
    assert f"The group’s ID is {club.other_room.id}." in refusal.text
    await club.member.send("/latest@OnNewsBot", club.other_room)
    await club.member.send("Good morning, all", club.other_room)
    await private.heard()
    assert club.member.unread(club.other_room) == []
    # A group that becomes a supergroup stays let in.
    club.room.migrate(club.member)
    await private.heard()
    assert "Mulliner" in (await ask(club.member, "/latest@OnNewsBot", club.room)).text


async def test_an_operator_allows_and_bans_by_id_or_by_reply(private: Bureau, club: Club) -> None:
    operator, stranger, room = club.operator, club.stranger, club.room
    subscribers = private.onnews.archive.subscribers
    assert (await ask(operator, f"/allow {stranger.id}")).text == (
        f"{stranger.id} can use this bot. To undo that: /ban {stranger.id}."
    )
    await start(stranger)
    reader = await private.subscriber(stranger)
    reader = await private.onnews.application.bot_data.readers.follow(reader, "motor")
    assert reader.next_at is not None
    # By a reply in a group; what the reader has stays, and no edition comes.
    room.join(operator)
    question = await stranger.send("Where is my edition?", room)
    await operator.send("/ban@OnNewsBot", room, reply_to=question)
    assert "can no longer use" in (await operator.next(room)).text
    reader = await private.subscriber(stranger)
    assert (reader.state, reader.next_at) == (State.BARRED, None)
    await club.member.send("/latest@OnNewsBot", room)
    listed = await stranger.until("Mulliner", room)
    await stranger.send("/help@OnNewsBot", room)
    assert (await stranger.tap("1", listed)).text == ""
    assert await private.unread(stranger, room) == []
    await stranger.send("/latest")
    assert str(stranger.id) in (await stranger.until("privato")).text
    private.clock.pass_(days=2)
    await private.onnews.parts.planner.plan_due(private.clock())
    assert await private.onnews.archive.deliveries.next_time() is None
    # By a reply to what was forwarded; everything is as before.
    forwarded = await operator.forward(question)
    await ask(operator, "/allow", reply_to=forwarded, until="can use this bot")
    reader = await private.subscriber(stranger)
    assert reader.state is State.ACTIVE
    assert reader.next_at is not None
    assert reader.taste.follows == {"motor"}
    assert {chat for chat, _ in await subscribers.chats(State.BARRED)} == set()


async def test_an_operators_wrong_input_is_answered_with_what_works(
    private: Bureau, club: Club
) -> None:
    operator = club.operator
    for words, answer in (
        ("/ban", "such as /ban 1234"),
        ("/ban Sandro", "such as /ban 1234"),
        ("/allow", "such as /allow 1234"),
        (f"/ban {operator.id}", "operators can always"),
        ("/help", "For operators: /ban and /allow"),
    ):
        assert answer in (await ask(operator, words)).text
    # For anybody else there are no such commands.
    assert "/latest" in (await ask(club.member, f"/ban {club.stranger.id}")).text
    assert not private.onnews.application.bot_data.admissions.is_banned(club.stranger.id)
    assert private.onnews.application.bot_data.admissions.permits(operator.id)


async def test_a_reply_to_an_anonymous_message_bans_none_of_telegrams_bots(
    private: Bureau, club: Club
) -> None:
    operator, room = club.operator, club.room
    room.join(operator)
    room.join(club.member, admin=True)
    admissions = private.onnews.application.bot_data.admissions
    before = str(admissions)
    written = await club.member.send("Who reads this?", room, as_chat=True)
    await operator.send("/ban@OnNewsBot", room, reply_to=written)
    assert "such as /ban 1234" in (await operator.next(room)).text
    assert str(admissions) == before


def served(
    town: Playground, url: str, clock: Clock, allowed: tuple[int, ...] = ()
) -> AbstractAsyncContextManager[OnNews]:
    settings = settings_in(town, url, allowed_ids=allowed)
    return started(OnNews(settings, clock=clock, first_sources=()))


async def test_a_ban_survives_a_restart_and_changed_settings_apply(
    sqlite_url: str, clock: Clock
) -> None:
    private, group, channel = 1, -1, 2
    kinds = {private: ChatKind.PRIVATE, group: ChatKind.GROUP, channel: ChatKind.CHANNEL}
    async with Playground() as town:
        async with served(town, sqlite_url, clock) as onnews:
            for chat_id, kind in kinds.items():
                await registered(onnews.archive.subscribers, chat_id, clock(), kind=kind)
            # Without ALLOWED_IDS only banned people are shut out.
            assert onnews.application.bot_data.admissions.permits(12)
            await onnews.archive.access.decide(group, allowed=True, now=clock())
            await onnews.archive.access.decide(8, allowed=False, now=clock())
        async with served(town, sqlite_url, clock, (7,)) as onnews:
            admissions = onnews.application.bot_data.admissions
            permitted = [each for each in (private, group, 7, 8, 12) if admissions.permits(each)]
            assert permitted == [group, 7]
            barred = await onnews.archive.subscribers.chats(State.BARRED)
            assert barred == [(private, ChatKind.PRIVATE)]
        async with served(town, sqlite_url, clock) as onnews:
            assert await onnews.archive.subscribers.chats(State.BARRED) == []
            assert not onnews.application.bot_data.admissions.permits(8)


OF_READERS = {"subscribers", "saved", "managers", "tastes", "shares", "follows", "levels"}


async def kept(bureau: Bureau) -> dict[str, int]:
    """Return the number of rows about readers, by table."""
    found = {}
    async with bureau.onnews.archive.database.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_READERS:
                rows = await connection.execute(select(func.count()).select_from(table))
                found[table.name] = rows.scalar_one()
    return found


async def assert_nothing_new(bureau: Bureau, before: dict[str, int]) -> None:
    """Assert that nothing was stored since, not even about refused bystanders."""
    assert await kept(bureau) == before


async def test_a_banned_reader_can_export_and_delete_their_data(
    private: Bureau, club: Club
) -> None:
    stranger = club.stranger
    await ask(club.operator, f"/allow {stranger.id}")
    await start(stranger)
    reader = await private.subscriber(stranger)
    await private.onnews.archive.subscribers.follow(reader.id, "motor")
    await ask(club.operator, f"/ban {stranger.id}")
    stranger.unread()
    shown = await ask(stranger, "/privacy")
    assert shown.text.startswith("Che cosa questo bot conserva di te")
    await stranger.tap("Inviami i miei dati", shown)
    for name in ("on-news.json", "on-news.html"):
        file = (await stranger.next()).body["document"]
        assert file["file_name"] == name
        assert b"motor" in private.town.world.files[file["file_id"]].data.lower()
    private.clock.pass_(minutes=2)
    assert (await ask(stranger, "/export")).body["document"]["file_name"] == "on-news.json"
    await stranger.next()
    # Nothing else is answered.
    assert "privato" in (await ask(stranger, "/latest")).text
    await stranger.send("/latest")
    assert (await private.subscriber(stranger)).state is State.BARRED
    await stranger.send("/forget")
    await stranger.tap("Sì, cancella tutto", await stranger.until("Cancellare tutto"))
    assert (await stranger.next()).text == "È stato cancellato tutto."
    # The ban is still in force.
    await stranger.send("/latest")
    await private.heard()
    assert not private.onnews.application.bot_data.admissions.permits(stranger.id)
    assert await private.onnews.archive.subscribers.find(stranger.id) is None


async def test_the_privacy_link_of_a_group_answers_those_who_are_shut_out(
    private: Bureau, club: Club
) -> None:
    stranger, room = club.stranger, club.room
    await private.heard()
    await stranger.send("/export@OnNewsBot", room)
    (link,) = [button.url for row in (await stranger.next(room)).buttons for button in row]
    await private.heard()
    # The group, which may use the bot, is stored.
    before = await kept(private)
    assert link is not None
    await stranger.open(link)
    shown = await stranger.next()
    assert shown.text.startswith("Che cosa questo bot conserva di te")
    await stranger.tap("Inviami i miei dati", shown)
    assert (await stranger.next()).body["document"]["file_name"] == "on-news.json"
    await stranger.next()
    await private.heard()
    await assert_nothing_new(private, before)
    # A link to anything else is refused.
    assert "Questo bot è privato" in (await start(stranger, "settings")).text


async def test_a_banned_readers_privacy_link_brings_no_editions_back(
    private: Bureau, club: Club
) -> None:
    member = club.member
    await start(member)
    await ask(club.operator, f"/ban {member.id}")
    member.unread()
    assert "What this bot keeps about you" in (await start(member, "privacy")).text
    assert (await private.subscriber(member)).state is State.BARRED


async def test_a_strangers_privacy_request_stores_nothing(private: Bureau, club: Club) -> None:
    stranger = club.stranger
    await private.heard()
    before = await kept(private)
    for words in ("/privacy", "/export", "/forget", "/privacy /latest"):
        assert "Questo bot è privato" not in (await ask(stranger, words)).text
    await private.unread(stranger)
    await stranger.tap("Sì, cancella tutto", await ask(stranger, "/forget"))
    assert (await stranger.next()).text == "È stato cancellato tutto."
    # Words that are no command are refused like all others.
    for words in ("privacy", "/privacy@AnotherBot", "/exports"):
        await stranger.send(words)
    await private.heard()
    assert [each.text[:20] for each in stranger.unread()] == ["Questo bot è privato"]
    await assert_nothing_new(private, before)


async def test_nothing_is_stored_of_strangers_in_an_allowed_group(
    private: Bureau, club: Club
) -> None:
    stranger, room = club.stranger, club.room
    room.join(stranger, admin=True)
    await club.member.send("/latest@OnNewsBot", room)
    listed = await stranger.until("Mulliner", room)
    await private.heard()
    before = await kept(private)
    article = private.desk.ids[0]
    for tap in (Save(article, on=True), Save(article, on=False), FollowMyself("motor")):
        assert (await stranger.tap(tap.pack(), listed)).text == "Questo bot è privato"
        private.clock.pass_(seconds=3)
    # Who administers the group sets it up there, and manages nothing in private.
    assert (await ask(stranger, "/settings@OnNewsBot", room)).labels
    await stranger.send("/saved@OnNewsBot", room)
    assert f"{stranger.id}" in (await stranger.next(room)).text
    await stranger.send("/saved@OnNewsBot", room)
    assert await private.unread(stranger, room) == []
    await assert_nothing_new(private, before)


async def test_a_banned_group_can_export_its_data(private: Bureau, club: Club) -> None:
    member, room = club.member, club.room
    room.join(member, admin=True)
    await member.start()
    await ask(member, "/settings@OnNewsBot", room)
    await ask(club.operator, f"/ban {room.id}")
    await member.send("/export@OnNewsBot", room)
    assert (await member.next(room)).text.startswith("I’ve sent you this group’s data privately.")
    await member.tap("Yes, delete everything", await ask(member, "/forget@OnNewsBot", room))
    await member.until("deleted", room)
    assert await private.onnews.archive.subscribers.of_chat(room.id) == []
    # Who was shut out by name is not answered before others.
    await ask(club.operator, f"/ban {member.id}")
    await member.send("/privacy@OnNewsBot", room)
    assert await private.unread(member, room) == []
