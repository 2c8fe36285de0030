"""A forgotten chat is in no table, and no backup brings it back."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from storage.backup.read import restore
from storage.backup.write import back_up
from storage.desk.editors import Editors
from storage.ledger.delivery_stats import Ledger
from storage.model import DeliveryKind, DeliveryState, Level
from storage.model.desk_model import ALL_RIGHTS
from storage.readers.managers import Managers
from storage.readers.privacy.export import FORMAT, Export
from storage.readers.privacy.forgetting import Forgetting
from storage.readers.privacy.tombstones import NAME, Tombstones, forgotten_since
from storage.readers.saved import Saved
from storage.readers.share_messages import SharedMessage, ShareMessages
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from storage.readers.waiting_updates import WaitingUpdate, WaitingUpdates
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import tastes
from storage.tables.schema import metadata
from tests.plugins.archive import FIRST, Archive, registered, there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from storage.db.database import Database

CHAT, OTHER = 987_654_321, 987_654_322
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[4]
LONG_ENOUGH = 120
"""Seconds to wait for another process."""


async def reader_with_everything(archive: Archive, chat_id: int) -> int:
    """Create a reader with rows in every table."""
    readers = Subscribers(archive.db)
    reader = await registered(readers, chat_id, FIRST, language="it", digest_minute=0)
    await readers.follow(reader.id, "motor", alerts=True)
    await readers.follow_word(reader.id, f"secret of {chat_id}", alerts=True)
    await readers.set_level(reader.id, "style", Level.MORE)
    await Saved(archive.db).add(reader.id, 1, FIRST)
    async with archive.db.writing() as connection:
        await connection.execute(
            insert(deliveries).values(
                subscriber_id=reader.id,
                key="2026-06-01",
                kind=DeliveryKind.EDITION.value,
                due=FIRST,
                state=DeliveryState.SENT.value,
                place_from=0,
                place_to=2,
                taste_key="",
                language="it",
                layout="summaries",
                settled=FIRST,
                articles=json.dumps([1, 2]),
            )
        )
    body = json.dumps({"message": {"chat": {"id": chat_id, "type": "private"}}})
    await WaitingUpdates(archive.db).change([WaitingUpdate(chat_id, body, FIRST)])
    await Editors(archive.db).give(chat_id, ALL_RIGHTS, by=chat_id, now=FIRST)
    return reader.id


async def everything(db: Database) -> dict[str, list[list[Any]]]:
    """Return table → its rows."""
    async with db.reading() as connection:
        return {
            table.name: [list(row) for row in await connection.execute(select(table))]
            for table in metadata.sorted_tables
            if table.info.get("only") in {None, db.dialect}
        }


def named(found: dict[str, list[list[Any]]], chat_id: int) -> set[str]:
    """Return the tables that contain a chat's id in any column."""
    return {
        name
        for name, rows in found.items()
        if any(str(chat_id) in str(value) for row in rows for value in row)
    }


async def test_forgetting_leaves_only_counts_and_anonymous_links(archive: Archive) -> None:
    await archive.store(archive.article("One"), archive.article("Two", minutes=1))
    ids = [await reader_with_everything(archive, chat) for chat in (CHAT, OTHER)]
    code = (await Shares(archive.db).link(ids[0], 2, FIRST)).code
    before = await everything(archive.db)
    assert named(before, CHAT) >= {"subscribers", "tastes", "word_follows", "waiting_updates"}
    days = Ledger(archive.db)
    counted = await days.day(FIRST - DAY, FIRST + DAY)

    assert await Forgetting(archive.db).forget(CHAT)

    after = await everything(archive.db)
    assert named(after, CHAT) == set()
    for name in ("follows", "word_follows", "levels", "saved", "deliveries"):
        assert len(after[name]) == len(before[name]) // 2, name
    assert len(after["waiting_updates"]) == 1
    share = there(await Shares(archive.db).find(code))
    assert (share.article_id, share.subscriber_id) == (2, None)
    assert not await Shares(archive.db).opened(code, 7)
    assert (await days.day(FIRST - DAY, FIRST + DAY)).sent == counted.sent
    assert named(after, OTHER) == named(before, OTHER)
    assert len(after["editors"]) == 1
    assert len(after["desk_acts"]) == len(before["desk_acts"])
    assert not await Forgetting(archive.db).forget(CHAT)
    assert await everything(archive.db) == after


async def test_forgetting_keeps_what_others_chose(archive: Archive) -> None:
    readers = Subscribers(archive.db)
    for chat in (CHAT, OTHER):
        reader = await registered(readers, chat, FIRST, zone="UTC", digest_minute=0)
        await readers.follow(reader.id, "motor")
    await Forgetting(archive.db).forget(CHAT)
    other = there(await readers.find(OTHER))
    assert other.taste.follows == {"motor"}
    async with archive.db.reading() as connection:
        assert (await connection.execute(select(tastes.c.spec))).scalars().all() == [
            '{"follows":["motor"]}'
        ]


async def test_an_export_has_all_of_its_reader_and_nothing_of_others(archive: Archive) -> None:
    await archive.store(archive.article("One"), archive.article("Two", minutes=1))
    ids = [await reader_with_everything(archive, chat) for chat in (CHAT, OTHER)]
    await Subscribers(archive.db).set_level(ids[0], archive.source.id, Level.OFF)
    await Shares(archive.db).link(ids[0], 2, FIRST)
    await Managers(archive.db).add(ids[1], ids[0], "@club", FIRST)
    document = await Export(archive.db).of(CHAT, FIRST)
    text = json.dumps(document)
    assert document["format"] == FORMAT
    assert text.count(str(OTHER)) == 1, "what it manages, and nothing else of it"
    (one,) = document["subscriptions"]
    assert one["settings"]["zone"] == "Europe/Rome"
    assert {each["category"] for each in one["follows"]} == {"motor", "style"}
    assert [(each["chat_id"], each["title"]) for each in one["manages"]] == [(OTHER, "@club")]
    assert one["words"] == [{"spelling": f"secret of {CHAT}", "alerts": True}]
    assert {"kind": "source", "value": "Daily", "level": "off"} in one["more_or_less"]
    assert [each["title"] for each in one["saved"]] == ["One"]
    assert [(each["title"], each["opened"]) for each in one["links_sent"]] == [("Two", 0)]
    (sent,) = one["deliveries"]
    assert [each["title"] for each in sent["articles"]] == ["One", "Two"]
    assert (await Export(archive.db).of(5, FIRST))["subscriptions"] == []


async def test_an_export_has_the_messages_with_cards_that_its_reader_sent(archive: Archive) -> None:
    await archive.store(archive.article("One"))
    messages = ShareMessages(archive.db)
    codes = []
    for chat in (CHAT, OTHER):
        whose = await reader_with_everything(archive, chat)
        codes.append((await Shares(archive.db).link(whose, 1, FIRST)).code)
        await messages.add(SharedMessage(f"message of {chat}", codes[-1], "it"), FIRST)
    (one,) = (await Export(archive.db).of(CHAT, FIRST))["subscriptions"]
    assert one["cards_sent"] == [
        {
            "code": codes[0],
            "inline_message_id": f"message of {CHAT}",
            "language": "it",
            "sent": FIRST.isoformat(),
        }
    ]
    await Forgetting(archive.db).forget(CHAT)
    assert [each.code for each in await messages.of_article(1)] == [codes[1]]


async def test_exports_are_in_a_stable_order(archive: Archive) -> None:
    await archive.store(*(archive.article(str(number), minutes=number) for number in range(9)))
    whose = await reader_with_everything(archive, CHAT)
    readers, kept = Subscribers(archive.db), Saved(archive.db)
    for number in reversed(range(1, 9)):
        await readers.mute_word(whose, f"word {number}")
        await kept.add(whose, number, FIRST)
    (one,) = (await Export(archive.db).of(CHAT, FIRST))["subscriptions"]
    wanted = [(each["kind"], each["value"]) for each in one["more_or_less"]]
    assert wanted == sorted(wanted)
    assert [each["title"] for each in one["saved"]] == [str(number) for number in range(8)]


async def test_a_restore_does_not_bring_back_forgotten_readers(
    archive: Archive, tmp_path: Path, sqlite_template: Path
) -> None:
    await archive.store(archive.article("One"), archive.article("Two", minutes=1))
    for chat in (CHAT, OTHER):
        await reader_with_everything(archive, chat)
    stones = Tombstones(tmp_path / "backups")
    # Long before the backup: this reader came back, and is in it.
    stones.add(OTHER, FIRST - DAY)
    path = stones.folder / NAME
    path.write_text(path.read_text() + "2026-06-02T08:00:00+00:00 torn")
    file = stones.folder / "all.backup"
    await back_up(archive.db, file, FIRST)
    stones.add(CHAT, FIRST + DAY)
    assert str(CHAT) not in stones.path.read_text()
    shutil.copy(sqlite_template, tmp_path / "new.db")
    new = await migrated(f"sqlite:///{tmp_path}/new.db")
    try:
        await restore(
            new, file, lambda header: forgotten_since([stones.folder, tmp_path], header.made)
        )
        found = await everything(new)
        assert named(found, CHAT) == set()
        assert "subscribers" in named(found, OTHER)
    finally:
        await new.close()


def line_before(salt: str, chat_id: int) -> str:
    """Return a line as earlier versions wrote it, after a line with the file's salt."""
    hash_ = blake2b(str(chat_id).encode(), key=salt.encode(), digest_size=16).hexdigest()
    return f"\n{FIRST.isoformat()} {hash_}\n"


def test_files_of_forgotten_chats_of_earlier_versions_are_read(tmp_path: Path) -> None:
    # Two first readers at once: each wrote a salt, and the one between them used the first.
    text = f"\nsalt {'a' * 32}\n{line_before('a' * 32, 1)}"
    text += f"\nsalt {'b' * 32}\n{line_before('b' * 32, 2)}{line_before('a' * 32, 3)}"
    # A full disk cut off a salt, and the next line was made with what was left of it.
    text += f"\nsalt cc\n{line_before('cc', 4)}\nsalt {'d' * 200}\n"
    stones = Tombstones(tmp_path)
    stones.path.write_text(text)
    stones.add(5, FIRST)
    is_forgotten = forgotten_since([tmp_path], FIRST)
    assert [chat for chat in range(9) if is_forgotten(chat)] == [1, 2, 3, 4, 5]
    assert stones.path.read_text().split()[-2] == "b" * 32, "no salt that was cut off"


def test_concatenated_files_of_forgotten_chats_are_read(tmp_path: Path) -> None:
    names = [tmp_path / name for name in "abc"]
    for number, folder in enumerate(names[:2], start=1):
        Tombstones(folder).add(number, FIRST)
    names[2].mkdir()
    text = "".join(Tombstones(folder).path.read_text() for folder in names[:2])
    (names[2] / NAME).write_text(text)
    Tombstones(names[2]).add(3, FIRST)
    is_forgotten = forgotten_since([names[2]], FIRST)
    assert [chat for chat in range(9) if is_forgotten(chat)] == [1, 2, 3]


FORGETTING = """
import sys
from pathlib import Path
from storage.readers.privacy.tombstones import Tombstones
from tests.plugins.archive import FIRST

class Held(Tombstones):
    def _read(self):
        found = super()._read()
        print("read", flush=True)
        sys.stdin.readline()
        return found

Held(Path(sys.argv[1])).add(int(sys.argv[2]), FIRST)
"""


async def test_simultaneous_forgettings_of_several_processes_are_all_recorded(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as ending:
        children = []
        for chat in range(1, 5):
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", FORGETTING, str(tmp_path), str(chat)),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            ending.push_async_callback(child.communicate)
            children.append(child)
        for child in children:
            assert child.stdout is not None
            assert await asyncio.wait_for(child.stdout.readline(), LONG_ENOUGH) == b"read\n"
        # Each has seen that there is no file yet.
        for child in children:
            assert await asyncio.wait_for(child.communicate(b"\n"), LONG_ENOUGH)
            assert child.returncode == 0
    Tombstones(tmp_path).add(5, FIRST)
    is_forgotten = forgotten_since([tmp_path], FIRST)
    assert [chat for chat in range(9) if is_forgotten(chat)] == [1, 2, 3, 4, 5]
