"""Forged taps of every button of the desk, derived from the handlers that are registered."""

from __future__ import annotations

import pkgutil
from enum import StrEnum
from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, select

import handlers.desk
from handlers.taps.callback_codec import Tap, fields_of
from handlers.taps.desk_data import (
    AskEditor,
    DraftField,
    DraftTip,
    NameMe,
    OnDraft,
    OpenDesk,
    OpenEditor,
    OpenEditors,
    OpenTip,
    OpenWaiting,
    SetOfDraft,
    SetRights,
    SuggestLink,
)
from handlers.taps.filing_data import (
    EndFiling,
    FiledKind,
    FileUnder,
    FilingLetter,
    FilingPage,
    OpenFiling,
)
from storage.desk import coming_dates
from storage.desk.amended_rows import seen_as, weighed_as
from storage.model.desk_model import ComingDate, ComplaintKind, Rights
from storage.tables import replica_schema
from storage.tables.columns import metadata
from tests.handlers.conftest import ask, start
from tests.handlers.desk.acting import hold, rights
from tests.handlers.desk.pages import text_of

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from tests.handlers.desk.conftest import Newsdesk

register = import_module("handlers.register")  # `handlers.register` is its function

OLD = "This button no longer works"
NO_RIGHT = "You can write drafts, but not publish."
READERS = {SuggestLink}
"""Buttons of `handlers.desk` that are readers' own."""
OPERATORS = {OpenEditors, AskEditor, OpenEditor, SetRights}
"""Buttons that editors may not use."""
FILING = {OpenFiling, FilingPage, FilingLetter, FileUnder, EndFiling}
WRITERS = FILING | {NameMe, OpenDesk, OnDraft, SetOfDraft, OpenWaiting, OpenTip, DraftTip}
"""Buttons that editors without the right to publish may use, at least in part."""
VALUES = {
    DraftField.LANGUAGE: "it",
    DraftField.LEAD: "24",
    DraftField.LEAD_FOR_ALL: "1",
    DraftField.TIME: "29990000",
}
OF_FILED_DRAFTS = {"filed": "draft", "seen": "version seen"}
"""Field of a tap about a draft's categories → the draft's own value for it."""
OF_DRAFTS = {"drafts", "desk_acts", "desk_names", "tips"}
"""Tables that editors without the right to publish write."""
OF_READERS = {"subscribers", "tastes", "follows", "access", "meta"}
"""Tables that the bot writes for whoever taps."""
OF_PROCESSES = {"serving_lease"} | {
    each.name for each in vars(replica_schema).values() if isinstance(each, Table)
}
"""Tables by which processes agree, most of them on PostgreSQL alone."""
INDEX = {"article_search"}
"""The index of the archive's search, which has other columns on SQLite."""


def kinds() -> set[type[Tap]]:
    """Return every kind of button that a module of the desk registers."""
    modules = [
        import_module(each.name)
        for each in pkgutil.walk_packages(handlers.desk.__path__, "handlers.desk.")
    ]
    found = {each for module in modules for each in getattr(module, "TAPS", ())}
    assert found <= set(register.TAPS)
    return {each.pattern.__self__ for each in found} - READERS


class Forger:
    """Makes a tap of every kind about things that exist, each with things of its own."""

    def __init__(self, newsdesk: Newsdesk, writer: Person) -> None:
        self._newsdesk = newsdesk
        self._writer = writer
        self._made = 0

    async def taps(self) -> list[Tap]:
        """Return taps of each kind with each choice of its words and switches."""
        made = []
        for kind in sorted(kinds(), key=lambda each: min(each.codes)):
            names = [*kind.fields]
            options = [self._options(type_) for type_ in fields_of(kind)]
            made += [
                await self._made_of(kind, dict(zip(names, choice, strict=True)))
                for choice in product(*options)
            ]
        return made

    async def _made_of(self, kind: type[Tap], values: dict[str, Any]) -> Tap:
        """Return a tap of this kind with these values; None stands for the id of a thing."""
        needed = {
            name: self._thing(name, values)
            for name, value in values.items()
            if value is None and name != "value"
        }
        things = await self._things({*needed.values()})
        found = {name: things[thing] for name, thing in needed.items()}
        if "value" in values:
            found["value"] = VALUES[values["field"]]
        return kind(**values | found)

    @staticmethod
    def _options(type_: type) -> tuple[Any, ...]:
        if type_ is bool:
            return (False, True)
        return tuple(type_) if issubclass(type_, StrEnum) else (None,)

    @staticmethod
    def _thing(name: str, values: dict[str, Any]) -> str:
        """Return which of `_things` a tap with these values has as this field."""
        filed_draft = values.get("kind") is FiledKind.DRAFT and name in OF_FILED_DRAFTS
        return OF_FILED_DRAFTS[name] if filed_draft else name

    async def _things(self, needed: set[str]) -> dict[str, Any]:
        """Return the name of a thing → the id of a new one, made only if it is needed."""
        self._made += 1
        number, bureau = self._made, self._newsdesk.bureau
        archive, eva, now = bureau.onnews.archive, self._newsdesk.eva.id, bureau.clock.now
        things: dict[str, Any] = {
            "category": "motor",
            "choice": "deal",
            "letter": "A",
            "source": bureau.desk.source_id,
            "person": str(self._writer.id),
            "hours": 24,
            "why": 0,
            "page": 0,
            "number": 0,
        }

        async def printed(which: str) -> int:
            return await bureau.desk.print_(f"Report {which} of no. {number}", "style")

        if needed & {"article", "filed", "seen"}:
            article = await printed("a")
            stored = await archive.articles.get(article)
            assert stored is not None
            seen = (weighed_as if "choice" in needed else seen_as)(stored)
            things |= {"article": article, "filed": article, "seen": f"{seen:x}"}
        if "complaint" in needed:
            reader = await bureau.reader(f"Reader {number}")
            whose = (await bureau.subscriber(reader)).id
            _, things["complaint"] = await archive.complaints.add(
                whose, things["article"], ComplaintKind.FACT, now
            )
        if "date" in needed:
            coming = ComingDate(now.date(), now.date(), "Milan", "", (), *("https://a.b", "a.b"))
            things["date"], _ = await archive.dates.put(coming, person_id=eva, now=now)
            there = await archive.dates.get(things["date"])
            assert there is not None
            things["seen"] = f"{coming_dates.seen_as(there):x}"
        if "other" in needed:
            things["other"] = await printed("b")
        if "act" in needed:
            hidden = await archive.amendments.hide(await printed("c"), person_id=eva, now=now)
            things["act"] = hidden.act
        if needed & {"draft", "version", "version seen"}:
            draft = await archive.drafts.add(text_of(number), by=eva, now=now)
            things |= {"draft": draft.id, "version": draft.version}
            things["version seen"] = f"{draft.version:x}"
        if "tip" in needed:
            link = f"http://127.0.0.1:9/{number}"
            reader = await bureau.reader(f"Reader {number}")
            await archive.tips.add((await bureau.subscriber(reader)).id, link, now)
            (tipped, *_) = await archive.tips.listed(limit=1)
            things["tip"] = tipped.number
        if "newest" in needed:
            await hold(self._newsdesk, f"Waiting no. {number}")
            things["newest"] = await archive.waiting_articles.newest()
        assert needed <= set(things), f"say what a forged tap has as its {needed - set(things)}"
        return things


async def content(newsdesk: Newsdesk, *, but: set[str]) -> dict[str, list[Any]]:
    """Return table → its rows, without those tables that the bot writes for whoever taps."""
    found = {}
    async with newsdesk.bureau.onnews.archive.database.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in but | OF_READERS | OF_PROCESSES | INDEX:
                rows = await connection.execute(select(table))
                found[table.name] = sorted(map(repr, rows))
    return found


async def answers(person: Person, message: Message, taps: list[Tap]) -> dict[Tap, str]:
    """Tap these, and return tap → the notice that the bot shows."""
    return {tap: (await person.tap(tap.pack(), message)).text or "" for tap in taps}


async def helped(person: Person) -> Message:
    """Return a message of the bot to a person, below which taps can be forged."""
    return await ask(person, "/help")


async def test_the_forged_taps_of_this_test_are_those_of_the_register() -> None:
    assert kinds() >= OPERATORS | WRITERS
    assert len(kinds()) > len(OPERATORS | WRITERS)


async def test_no_button_of_the_desk_obeys_those_who_may_not_use_it(newsdesk: Newsdesk) -> None:
    bureau, eva, olga = newsdesk.bureau, newsdesk.eva, newsdesk.olga
    stranger, newcomer = bureau.town.person("Stranger"), bureau.town.person("Newcomer")
    room = bureau.town.group("Room", [eva, stranger], settled=True)
    welcome = await start(newcomer)
    reader, writer = await bureau.reader("Rosa"), await bureau.reader("Will")
    await rights(newsdesk, writer, Rights(write=True))
    await eva.send("/help@OnNewsBot", room)
    in_room = await eva.next(room)
    messages = {person: await helped(person) for person in (reader, writer, eva, olga)}
    taps = await Forger(newsdesk, writer).taps()
    of_editors = [tap for tap in taps if type(tap) not in OPERATORS]
    of_operators = [tap for tap in taps if type(tap) in OPERATORS]
    of_publishers = [tap for tap in of_editors if type(tap) not in WRITERS]
    before = await content(newsdesk, but=set())

    for person, message, forged in (
        (stranger, in_room, taps),
        (newcomer, welcome, taps),
        (reader, messages[reader], taps),
        (eva, in_room, of_editors),
        (eva, messages[eva], of_operators),
        (writer, messages[writer], of_operators),
    ):
        for tap, answer in (await answers(person, message, forged)).items():
            assert answer.startswith(OLD), (person.name, tap, answer)
    for tap, answer in (await answers(writer, messages[writer], of_publishers)).items():
        assert answer == NO_RIGHT, (tap, answer)
    await bureau.heard()
    for person in (stranger, newcomer, reader):
        assert person.unread() == []
    assert await content(newsdesk, but=set()) == before

    # What a writer may do, readers do not see.
    of_writers = [tap for tap in of_editors if type(tap) in WRITERS]
    await answers(writer, messages[writer], of_writers)
    assert await content(newsdesk, but=OF_DRAFTS) == {
        name: rows for name, rows in before.items() if name not in OF_DRAFTS
    }
    # The same taps do something for those who may, or this would prove nothing.
    for tap in taps:
        await rights(newsdesk, writer, Rights(write=True))
        (answer,) = (await answers(olga, messages[olga], [tap])).values()
        assert not answer.startswith((OLD, NO_RIGHT)), (tap, answer)
