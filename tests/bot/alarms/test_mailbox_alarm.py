"""What operators hear about newsletters, in chat and from `doctor`: new senders and a mailbox that
cannot be read, each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.doctor.mail import look_at_mailbox
from bot.watching.metrics import exposition
from news.mail.mailbox import Mailbox
from playground.people.people import Person
from storage.model import MAIL
from tests.handlers.conftest import Clock, hurried, opened, start
from tests.news.imap_server import AUTHSERV, ImapServer, letter, serving
from tests.plugins.archive import there

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground
    from tests.handlers.conftest import Bureau

STORY = ("Ferrari raises its forecast", "https://courier.example/1")


@pytest.fixture
async def imap() -> AsyncIterator[ImapServer]:
    """An IMAP server with an empty folder."""
    async with serving() as server:
        yield server


@pytest.fixture
async def bureau(database_url: str, imap: ImapServer) -> AsyncIterator[Bureau]:
    """The bot with a mailbox and an operator, on each database."""

    def more(town: Playground) -> dict[str, Any]:
        return {
            "mail_in": f"imap://bot%40example.net@127.0.0.1:{imap.port}/INBOX",
            "mail_in_password": "secret",
            "mail_in_authserv": AUTHSERV,
            "admin_ids": (town.person("Olga").id,),
        }

    async with opened(database_url, Clock(), hurried(), set_up=more) as made:
        yield made


async def operator(bureau: Bureau) -> Person:
    """Let the operator press Start, and read what that brings."""
    world, (number,) = bureau.town.world, bureau.onnews.parts.services.people.admins
    who = Person(world, world.people[number])
    await start(who)
    await bureau.unread(who)
    return who


async def passes(bureau: Bureau, minutes: float) -> None:
    """Let time pass, and run the jobs about newsletters."""
    bureau.clock.pass_(minutes=minutes)
    for job in ("sources", "new senders", "alarms"):
        await there(bureau.onnews.ticks).run(job)


async def test_operators_hear_of_each_new_sender_once(bureau: Bureau, imap: ImapServer) -> None:
    olga = await operator(bureau)
    imap.put(letter(STORY))
    await passes(bureau, 15)
    told = await olga.until("A new sender of newsletters")
    (source,) = [
        one for one in await bureau.onnews.archive.sources.all() if one.url.startswith(MAIL)
    ]
    assert "news@courier.example" in told.text
    assert f"onnews sources resume {source.id}" in told.text
    imap.put(letter(STORY))
    await passes(bureau, 15)
    imap.put(letter(STORY, sender="news@other.example"))
    await passes(bureau, 15)
    told = await olga.until("A new sender of newsletters")
    assert "courier.example" not in told.text
    assert not [each for each in await bureau.unread(olga) if "sender" in each.text]


async def test_letters_of_no_proven_sender_are_counted_in_the_metrics(
    bureau: Bureau, imap: ImapServer
) -> None:
    imap.put(letter(STORY, checked=""))
    await passes(bureau, 15)
    figures = exposition(None, None, bureau.onnews._figures()).decode()
    assert 'onnews_letters_left_total{reason="no proven sender"} 1.0' in figures


async def test_a_wrong_password_raises_one_alarm_until_it_is_over(
    bureau: Bureau, imap: ImapServer
) -> None:
    olga = await operator(bureau)
    imap.password = "changed"
    for _ in range(8):
        await passes(bureau, 15)
    told = await olga.until("The mailbox of newsletters can’t be read")
    assert "the password was refused" in told.text
    assert not [each for each in await bureau.unread(olga) if "mailbox" in each.text]
    imap.password = "secret"
    for _ in range(3):
        await passes(bureau, 15)
    await olga.until("The mailbox of newsletters can be read again")


async def test_doctor_opens_the_mailbox(imap: ImapServer) -> None:
    async def found(**changes: str) -> tuple[str, str, str]:
        (finding,) = await look_at_mailbox(Mailbox(imap.address(**changes)))
        return finding.state.name, finding.detail, finding.remedy

    imap.put(letter(STORY))
    assert await found() == ("OK", "INBOX can be read: 1 letter", "")
    assert "MAIL_IN_AUTHSERV" in (await found(authserv=""))[2]
    assert "MAIL_IN_PASSWORD" in (await found(password="wrong"))[2]
    assert "folder" in (await found(folder="Nowhere"))[2]
    imap.port = 1
    state, detail, remedy = await found()
    assert (state, detail) == ("ERROR", "no answer: ConnectionRefusedError")
    assert "host and port" in remedy
