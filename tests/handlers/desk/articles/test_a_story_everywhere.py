"""A forwarded post becomes the lead story with an alert, and is put right wherever it arrived."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

from digest.timing.schedule import next_due
from playground.world.chats import Status
from storage.model import ChatKind, Layout
from tests.digest.correcting.conftest import shown
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, turned, typed

if TYPE_CHECKING:
    from playground.people.people import Message, Person, Room
    from tests.handlers.conftest import Bureau
    from tests.handlers.desk.conftest import Newsdesk

WRONG, RIGHT = "Gucci opens a garden in Florense", "Gucci opens a garden in Florence"
POST = (
    f"{WRONG}\n\n"
    "The house plants roses beside its museum, and lets visitors in from Monday.\n\n"
    "The garden has four hundred kinds of roses."
)
TITLES = ("Prada buys Versase", "Prada buys Versace", "Prada has bought Versace")
ALERTED = None
"""In place of a layout: the chat gets the alert, and no edition yet."""


async def chat(bureau: Bureau, kind: ChatKind, layout: Layout | None) -> Room:
    """Create a chat of a kind that follows Gucci and has a layout, or alerts."""
    name, topic = f"{kind} {layout}", 0
    person = await bureau.reader(name, follows=())
    if kind is ChatKind.PRIVATE:
        room = person.chat
    elif kind is ChatKind.CHANNEL:
        room = bureau.town.channel(name, [person], bot=False)
        room.raw.members[bureau.town.world.bot.id] = Status.ADMINISTRATOR
    else:
        room = bureau.town.group(name, [person], forum=kind is ChatKind.TOPIC, settled=True)
        topic = room.topic("Gucci", person) if kind is ChatKind.TOPIC else 0
    subscribers = bureau.onnews.archive.subscribers
    stored, _ = await subscribers.ensure(
        room.id,
        thread_id=topic,
        kind=kind,
        language="en",
        zone="Europe/Rome",
        digest_minute=8 * 60,
        now=bureau.clock.now,
    )
    await subscribers.follow(stored.id, "gucci", alerts=layout is ALERTED)
    await subscribers.change(
        stored.id,
        layout=layout or Layout.SUMMARIES,
        place=max(bureau.desk.ids),
        next_at=None if layout is ALERTED else next_due(stored, bureau.clock.now),
    )
    return room


async def led(eva: Person, bureau: Bureau) -> None:
    """Publish a forwarded post as the lead story, with an alert."""
    room = bureau.town.group("Room", [eva], settled=True)
    await eva.forward(await eva.send(POST, room))
    assert "reading the post" in (await eva.next()).text
    draft = await turned(eva, "Also send as alert", await eva.next())
    assert "4 chats at once" in draft.text
    leads = await turned(eva, "Lead until…", draft)
    leads = await turned(eva, "Tomorrow 10:30", leads)
    await turned(eva, "Publish", await turned(eva, "Back", leads))


async def corrected(bureau: Bureau, number: int, *, copies: int) -> None:
    """Wait until the copies of a correction were looked for and edited; none may have failed."""
    corrections = bureau.onnews.archive.corrections
    bureau.onnews.parts.corrector.kick()
    while (found := await corrections.get(number)) is None or found.changed < copies:
        assert found is None or not found.failed
        await asyncio.sleep(0.001)
    assert (found.changed, found.waiting, found.failed) == (copies, 0, {})


def edits(bureau: Bureau) -> Counter[tuple[int, int]]:
    """Return chat and message → how often it was edited."""
    sent = bureau.town.sent("editMessageText")
    return Counter((int(each.params["chat_id"]), int(each.params["message_id"])) for each in sent)


def only(found: Counter[tuple[int, int]], places: set[tuple[int, int]]) -> dict[Any, int]:
    """Return those of these messages."""
    return {place: number for place, number in found.items() if place in places}


@ON_EACH_DATABASE
async def test_a_lead_story_with_an_alert_is_corrected_and_withdrawn_everywhere(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    chats = {
        (kind, layout): await chat(bureau, kind, layout)
        for kind, layout in product(ChatKind, (*Layout, ALERTED))
    }
    await bureau.heard()
    await led(eva, bureau)
    story = await bureau.onnews.archive.articles.newest_id()
    article = await bureau.onnews.archive.articles.get(story)
    assert article is not None
    await bureau.desk.print_("Gucci dreams of a garden", "gucci", "style")
    bureau.clock.pass_(hours=22)
    await bureau.send_what_is_due()
    await bureau.settled()
    copies: dict[tuple[ChatKind, Layout | None], Message] = {
        which: room.messages[-1] for which, room in chats.items()
    }
    for which, message in copies.items():
        assert WRONG in shown(message), which
        if which[1] is ALERTED:
            assert "just in" in message.text
        elif which[1] is not Layout.FRONT_PAGE:
            assert message.text.startswith(WRONG)

    before = edits(bureau)
    # The newest message of each chat is still its copy: edited, and not sent again.
    places = {(room.id, copies[which].id) for which, room in chats.items()}

    page = await opened_story(eva, str(story))
    page = await typed(eva, "Headline: wrong fact", page, RIGHT)
    await corrected(bureau, 1, copies=len(chats))
    for which, room in chats.items():
        after = room.messages[-1]
        assert after.id == copies[which].id
        text = shown(after)
        assert RIGHT in text, which
        assert WRONG not in text
        assert "corrected" in text
    assert only(edits(bureau) - before, places) == dict.fromkeys(places, 1)

    await typed(eva, "Withdraw", page, "The garden stays closed.")
    await corrected(bureau, 2, copies=len(chats))
    for which, room in chats.items():
        after = room.messages[-1]
        assert after.id == copies[which].id
        assert "Withdrawn: The garden stays closed." in shown(after), which
        assert article.link not in str(after.record.body)
        if which[1] is not Layout.FRONT_PAGE:
            assert {*after.parts("strikethrough")} == {RIGHT}
    assert only(edits(bureau) - before, places) == dict.fromkeys(places, 2)

    # What was just being sent is looked for later; here it is nothing, and nothing is edited again.
    bureau.clock.pass_(minutes=3)
    bureau.onnews.parts.corrector.kick()
    corrections = bureau.onnews.archive.corrections
    while await corrections.open():  # noqa: ASYNC110 - the corrector has no event for it
        await asyncio.sleep(0.001)
    assert only(edits(bureau) - before, places) == dict.fromkeys(places, 2)
    page = await opened_story(eva, str(story))
    assert f"{len(chats)} messages changed" in page.text
    listed = (await ask(eva, "/corrections")).text
    assert listed.count(f"{len(chats)} messages changed") == 2


@ON_EACH_DATABASE
async def test_a_post_of_one_line_of_4000_characters_with_markup_is_published_and_corrected(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna = await bureau.reader("Anna", follows=("gucci",))
    room = bureau.town.group("Room", [eva], settled=True)
    post = "Gucci <b>&amp; " + "\u202e@all /stop &lt;a href='tg://x'&gt; 🧳 " * 96
    await eva.forward(await eva.send(post[:4_000], room))
    assert "reading the post" in (await eva.next()).text
    draft = await eva.next()
    await turned(eva, "Publish", draft)
    story = await bureau.onnews.archive.articles.newest_id()
    edition = await ask(anna, "/digest")
    assert edition.text.startswith("Gucci <b>&amp;")
    await bureau.settled()

    page = await opened_story(eva, str(story))
    await typed(eva, "Headline: wrong fact", page, RIGHT)
    await corrected(bureau, 1, copies=1)
    after = await anna.next()
    assert (after.id, after.edited) == (edition.id, True)
    assert after.text.startswith(RIGHT)
    assert "The headline was: “Gucci <b>&amp;" in (await press(anna, "Open the story", after)).text


async def retitled(newsdesk: Newsdesk, story: int, text: str) -> str:
    """Correct a story's headline; return its page once all copies were edited or given up."""
    page = await typed(
        newsdesk.eva, "Headline: typo", await opened_story(newsdesk.eva, str(story)), text
    )
    while await newsdesk.bureau.onnews.archive.corrections.open():  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.001)
    return (await turned(newsdesk.eva, "Refresh", page)).text


@ON_EACH_DATABASE
async def test_one_reason_is_not_counted_again_and_several_are(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    readers = [
        await bureau.reader(name, "en", ("style",)) for name in ("Ana", "Bea", "Carl", "Dora")
    ]
    story = await bureau.desk.print_(TITLES[0], "style")
    bureau.clock.pass_(days=1)
    await bureau.send_what_is_due()
    await bureau.settled()

    readers[0].block()
    text = await retitled(newsdesk, story, TITLES[1])
    assert "3 messages changed" in text
    assert "One message could not be changed: blocked\n" in text

    readers[1].block()
    readers[2].chat.raw.records.clear()
    text = await retitled(newsdesk, story, TITLES[2])
    assert "One message changed" in text
    assert "could not be changed: blocked (2), message deleted (1)\n" in text


@ON_EACH_DATABASE
async def test_the_journal_writes_a_corrected_headline_once(newsdesk: Newsdesk) -> None:
    eva = newsdesk.eva
    story = await newsdesk.bureau.desk.print_(TITLES[0], "style")
    page = await typed(eva, "Headline: typo", await opened_story(eva, str(story)), TITLES[1])
    await typed(eva, "Summary: typo", page, "The two houses become one group.")
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert f"New headline: “{TITLES[1]}”" in journal.text
    assert f"New summary\n{TITLES[1]}" in journal.text
    assert journal.text.count(TITLES[1]) == 2
