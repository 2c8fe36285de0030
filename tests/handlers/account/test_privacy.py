"""Privacy: the notice, the export and the deletion."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.texts import sample_export
from handlers.account.privacy import WRITTEN
from handlers.core.services.services import Policy
from news.filing import taxonomy
from storage.model import EVERY_DAY
from storage.readers.privacy.forgetting import Forgetting
from storage.tables.declaration import Exported, declaration_of, holds_chat_ids
from storage.tables.schema import metadata
from templates import Renderer
from tests.handlers.conftest import ask, press, start
from tests.plugins.archive import there

if TYPE_CHECKING:
    from playground.people.people import Person, Room
    from playground.people.seen import Message
    from tests.handlers.conftest import Bureau

WORDS = {
    "en": (
        "What this bot keeps about you",
        "Yes, delete everything",
        "Everything has been deleted",
        "<li>Motor</li>",
    ),
    "it": (
        "Che cosa questo bot conserva di te",
        "Sì, cancella tutto",
        "È stato cancellato tutto",
        "<li>Motori</li>",
    ),
}


def content(bureau: Bureau, message: Message) -> str:
    """Return the content of the file in a message."""
    file = bureau.town.world.files[message.body["document"]["file_id"]]
    return file.data.decode()


async def files(bureau: Bureau, person: Person) -> tuple[dict[str, object], str]:
    """Return the two files of an export, parsed."""
    made, page = await person.next(), await person.next()
    assert made.body["document"]["file_name"] == "on-news.json"
    assert page.body["document"]["file_name"] == "on-news.html"
    return json.loads(content(bureau, made)), content(bureau, page)


@pytest.mark.parametrize("language", WORDS)
async def test_a_reader_exports_forgets_and_starts_again(
    bureau: Bureau, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    keeps, yes, done, category = WORDS[language]
    reader = await bureau.reader("Bice", language)
    answer = await ask(reader, "/privacy")
    assert keeps in answer.text
    assert "90" in answer.text
    await reader.tap(answer.buttons[0][0].text, answer)
    document, page = await files(bureau, reader)
    assert document["chat_id"] == reader.id
    assert category in page
    await reader.send("/export")
    assert (await reader.next()).text.startswith(("I’ve just sent you", "Hai appena ricevuto"))
    bureau.clock.pass_(minutes=2)
    await reader.send("/export")
    await files(bureau, reader)

    asked = await ask(reader, "/forget")
    await press(reader, asked.buttons[1][0].text, asked)
    assert await bureau.onnews.archive.subscribers.find(reader.id) is not None
    asked = await ask(reader, "/forget")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        await reader.tap(yes, asked)
        assert done in (await reader.until(done)).text
    assert await bureau.onnews.archive.subscribers.find(reader.id) is None
    assert "the data of a chat was deleted" in caplog.text
    assert str(reader.id) not in caplog.text
    stones = there(bureau.onnews.archive.tombstones)
    assert stones.since(bureau.clock())(reader.id)
    await bureau.heard()
    assert await bureau.onnews.archive.subscribers.find(reader.id) is None

    await start(reader)
    assert not (await bureau.subscriber(reader)).taste.follows


async def test_a_backup_that_begins_while_a_chat_is_deleted_does_not_bring_it_back(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await bureau.reader("Bice", "en")
    forget = Forgetting.forget
    began = []

    async def slow(forgetting: Forgetting, chat_id: int) -> bool:
        bureau.clock.pass_(seconds=5)
        began.append(bureau.clock())
        return await forget(forgetting, chat_id)

    monkeypatch.setattr(Forgetting, "forget", slow)
    asked = await ask(reader, "/forget")
    await press(reader, asked.buttons[0][0].text, asked, until="Everything has been deleted")
    stones = there(bureau.onnews.archive.tombstones)
    assert stones.since(began[0])(reader.id)


@pytest.mark.parametrize(
    ("policy", "says", "does_not"),
    [
        (
            Policy("Ada", "ada@example.com", 90, 365, 730, 7, translates=True, newsletters=True),
            (
                "were sent, for 90 days, so",
                "everything is kept for 2 years and then deleted",
                "Links you sent are kept for a year.",
                "Backups are kept for 7 nights.",
                "Ada runs this bot: ada@example.com.",
                "It receives titles and summaries of stories, and nothing about readers.",
                "Their senders learn nothing about readers.",
            ),
            ("until you delete it", "has not left a contact"),
        ),
        (
            Policy("Ada", "", 1, 1, 365, 1),
            (
                "were sent, for a day, so",
                "everything is kept for a year and then deleted",
                "Links you sent are kept for a day.",
                "Backups are kept for one night.",
                "Ada runs this bot.",
            ),
            ("until you delete it", "has not left a contact", "nights", "language model"),
        ),
        (
            Policy("", "", 0, 0, 0, 0),
            (
                "were sent, so that nothing comes twice",
                "After /stop, everything is kept until you delete it.",
                "has not left a contact",
            ),
            ("Links you sent are kept", "Backups", "and then deleted", " runs this bot."),
        ),
    ],
)
def test_the_policy_names_exactly_the_retention_times_that_are_set(
    policy: Policy, says: tuple[str, ...], does_not: tuple[str, ...]
) -> None:
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot")
    values = {"private": True, "policy": policy, "written": WRITTEN, "editor": True}
    text = renderer.message("privacy", "en", **values).parts[0]
    assert [each for each in says if each not in text] == []
    assert [each for each in does_not if each in text] == []
    lines = len(text.splitlines())
    for language in renderer.languages:
        notice = renderer.message("privacy", language, **values).parts[0]
        assert len(notice.splitlines()) == lines
        for kept in (policy.deliveries_days, policy.backups):
            assert str(kept) in notice or kept < 2, language


def test_the_page_names_days_as_settings_do_and_orders_by_the_names_a_reader_sees() -> None:
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot")
    kept = sample_export.KEPT[0] | {
        # By slug, business comes before China; in Italian it is Economia.
        "follows": [
            {"category": slug, "alerts": slug == "watches"}
            for slug in ("art", "business", "china", "jewellery", "watches")
        ],
        "more_or_less": [
            {"kind": "source", "value": "WWD", "level": "less"},
            {"kind": "category", "value": "yachts", "level": "more"},
            {"kind": "category", "value": "art", "level": "off"},
            {"kind": "source", "value": "Elle", "level": "more"},
        ],
    }
    kept |= {"words": [], "settings": kept["settings"] | {"days": EVERY_DAY}}
    document = {
        "made": "2026-11-24T09:30:00+00:00",
        "chat_id": 42,
        "subscriptions": [kept],
        "desk": None,
    }
    page = renderer.fragment("export", "it", document=document)
    assert "<td>Ogni giorno</td>" in page
    assert re.findall(r"<li>([^<]*)</li>", page)[:9] == [
        *("Arte", "Cina", "Economia", "Gioielli", "Orologi 🔔"),
        *("Arte: niente", "Yacht: di più", "Elle: di più", "WWD: meno"),
    ]


@pytest.mark.parametrize("desk", [False, True], ids=["of a chat", "of an editor"])
def test_the_page_shows_each_list_of_an_export(*, desk: bool) -> None:
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot")
    whole = sample_export.DESK if desk else sample_export.KEPT[0]

    def page(part: dict[str, Any]) -> str:
        parts = {"desk": part} if desk else {"desk": None, "subscriptions": [part]}
        document = {
            "made": "2026-11-24T09:30:00+00:00",
            "chat_id": 42,
            "subscriptions": [sample_export.KEPT[0]],
        }
        return str(renderer.fragment("export", "en", document=document | parts))

    keys = {
        export.key.rpartition(".")[-1]
        for table in metadata.sorted_tables
        if isinstance(export := declaration_of(table).export, Exported)
        and export.columns
        and holds_chat_ids(table.c[export.by[0]]) == desk
        and export.key.startswith("desk.") == desk
    }
    assert keys
    assert [key for key in sorted(keys) if page(whole) == page(whole | {key: []})] == []


@pytest.mark.parametrize(
    ("language", "own", "read"),
    [
        ("en", "English", "Chinese, English and Italian"),
        ("it", "Inglese", "Cinese, inglese e italiano"),
        ("es", "Inglés", "Chino, inglés e italiano"),
        ("fr", "Anglais", "Anglais, chinois et italien"),
        ("zh", "英语", "中文、意大利语和英语"),
    ],
)
def test_the_page_begins_the_languages_with_a_capital_as_all_else(
    language: str, own: str, read: str
) -> None:
    renderer = Renderer(taxonomy.load().categories, username="OnNewsBot")
    kept = sample_export.KEPT[0] | {"languages_of_articles": ["en", "it", "zh"]}
    document = {
        "made": "2026-11-24T09:30:00+00:00",
        "chat_id": 42,
        "subscriptions": [kept],
        "desk": None,
    }
    page = renderer.fragment("export", language, document=document)
    assert f"<td>{own}</td>" in page
    assert f"<td>{read}</td>" in page


def club(bureau: Bureau) -> tuple[Person, Person, Room]:
    """Create a group with an administrator, a member and the bot."""
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    return chief, member, bureau.town.group("Club", [chief, member], settled=True)


async def test_a_groups_export_goes_to_an_administrator_in_private(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    answer = await ask(member, "/privacy", group)
    assert "What this bot keeps about this chat" in answer.text
    for label in (answer.buttons[0][0].text, answer.buttons[1][0].text):
        refused = await member.tap(label, answer)
        assert refused.text == "Only administrators can change this."
    assert "can’t write to you yet" in (await ask(chief, "/export", group, until="Start")).text
    await start(chief)
    await chief.send("/export", group)
    document, _ = await files(bureau, chief)
    assert document["chat_id"] == group.id
    assert "privately" in (await chief.until("private", group)).text
    bureau.clock.pass_(minutes=2)
    asked = await ask(chief, "/export", group, as_chat=True, until="You’re writing as the group")
    await chief.tap("Download my data", asked)
    document, _ = await files(bureau, chief)
    assert document["chat_id"] == group.id
    asked = await ask(chief, "/forget", group, until="Delete all of this group’s data")
    await member.tap("Yes", asked)
    assert await bureau.onnews.archive.subscribers.find(group.id) is not None
    await press(chief, "Yes", asked, chat=group, until="has been deleted")
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
    assert await bureau.onnews.archive.subscribers.find(chief.id) is not None
