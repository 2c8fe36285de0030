"""Articles that need approval: on the desk's page, and in notices to editors."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.taps.desk_data import DiscardWaiting, OpenWaiting, PublishAll, PublishWaiting
from storage.model.desk_model import ActKind, UndoOutcome
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, hold, opened_story, turned, typed

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk

HOUR = timedelta(hours=1)
OLD = "This button no longer works"


async def test_an_editor_publishes_and_discards_what_waits(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    reader = await bureau.reader("Rosa")
    await hold(newsdesk, "One waits", "Two waits", "Three waits")
    assert "waits" not in (await ask(reader, "/latest motor")).text
    assert "Nothing found" in (await ask(reader, "/search waits")).text
    await eva.send("/desk")
    page = await turned(eva, "Waiting (3)", await eva.next())
    assert [line for line in page.text.splitlines() if line.endswith("waits")] == [
        "Three waits",
        "Two waits",
        "One waits",
    ]
    await olga.send("/desk")
    other = await turned(olga, "Waiting (3)", await olga.next())
    card = await turned(eva, "3", page)
    assert "A <line> & more." in card.text
    assert "Motor: Bentley <i>" in card.text
    both = await turned(olga, "3", other)
    answer = await eva.tap("Publish", card)
    assert answer.text == "Published."
    page = await eva.next()
    # The second editor sees what the first one did.
    answer = await olga.tap("Discard", both)
    assert answer.text == "This has already been published."
    await olga.next()
    card = await turned(eva, "2", page)
    answer = await eva.tap("Discard", card)
    assert answer.text == "Story discarded."
    await eva.next()
    listed = (await ask(reader, "/latest motor")).text
    assert "One waits" in listed
    assert "Two waits" not in listed
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert "Discarded a waiting story: Two waits" in journal.text


async def test_all_that_was_seen_is_published_at_once(newsdesk: Newsdesk) -> None:
    eva = newsdesk.eva
    await hold(newsdesk, "One waits", "Two waits")
    await eva.send("/desk")
    page = await turned(eva, "Waiting (2)", await eva.next())
    await hold(newsdesk, "Three waits")
    answer = await eva.tap("Publish all (2)", page)
    assert answer.text == "2 stories published."
    assert "Three waits" in (await eva.next()).text


@ON_EACH_DATABASE
async def test_two_editors_who_decide_at_the_same_moment_publish_each_story_once(
    newsdesk: Newsdesk,
) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    rosa = await bureau.reader("Rosa")
    first, *others = "Rimac sells a wheel", "Yachts sail to Genoa", "Bentley paints Crewe red"
    await hold(newsdesk, first, *others)
    pages = []
    for editor in (eva, olga):
        await editor.send("/desk")
        pages.append(await turned(editor, "Waiting (3)", await editor.next()))
    card = await turned(olga, "3", pages[1])
    assert first in card.text
    answers = await asyncio.gather(eva.tap("Publish all (3)", pages[0]), olga.tap("Discard", card))
    notices = [each.text for each in answers]
    discarded = notices[1] == "Story discarded."
    late = "This has already been published."
    if discarded:
        # Not the list that Eva saw.
        assert notices[0] == "This list has changed. Here it is now."
        again = await eva.tap("Publish all (2)", await eva.next())
        notices[0] = again.text
    assert notices == (
        ["2 stories published.", "Story discarded."]
        if discarded
        else ["3 stories published.", late]
    )
    listed = (await ask(rosa, "/latest motor")).text
    assert (first in listed) is not discarded
    assert [listed.count(each) for each in others] == [1, 1]
    assert await bureau.onnews.archive.waiting_articles.count() == 0


@ON_EACH_DATABASE
async def test_sources_are_set_to_need_approval_in_chat(newsdesk: Newsdesk) -> None:
    eva, sources = newsdesk.eva, newsdesk.bureau.onnews.archive.sources
    await eva.send("/desk")
    page = await turned(eva, "Waiting", await eva.next())
    assert "Nothing is waiting" in page.text
    page = await turned(eva, "Sources under review", page)
    page = await turned(eva, "The Luxury Courier", page)
    assert "Stories from one source wait for approval." in page.text
    (source,) = [each for each in await sources.all() if each.approval]
    page = await turned(eva, "✓ The Luxury Courier", page)
    assert not any(each.approval for each in await sources.all())
    await turned(eva, "Back", page)
    assert source.name == "The Luxury Courier"


@ON_EACH_DATABASE
async def test_taps_about_articles_that_are_gone_say_so(newsdesk: Newsdesk) -> None:
    eva = newsdesk.eva
    await eva.send("/desk")
    page = await turned(eva, "Waiting", await eva.next())
    for tap in (OpenWaiting(77, 9), PublishWaiting(77, 0, "1"), DiscardWaiting(77, 0)):
        answer = await eva.tap(tap.pack(), page)
        assert answer.text.startswith("This story is no longer waiting")
    assert (await eva.tap(PublishAll(77, "1").pack(), page)).text == "0 stories published."


async def test_editors_are_notified_once_an_hour_and_not_at_night(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    ticks = bureau.onnews.ticks
    assert ticks is not None
    begun = bureau.clock.now

    async def heard(hours: float) -> list[str]:
        bureau.clock.now = begun + hours * HOUR
        await ticks.run("desk")
        await bureau.heard()
        return [each.text.splitlines()[0] for each in eva.unread()]

    assert await heard(0) == []
    await hold(newsdesk, "One waits", "Two waits")
    assert await heard(0.1) == ["2 new stories are waiting for an editor"]
    await hold(newsdesk, "Three waits")
    assert await heard(0.5) == []
    assert await heard(1.2) == ["1 new story is waiting for an editor"]
    assert await heard(3) == []
    # At 22:30 in Rome nothing is sent, unless the editor has other quiet hours.
    bureau.clock.now = begun.replace(hour=21, minute=30)
    await hold(newsdesk, "Four waits")
    late = (begun.replace(hour=21, minute=30) - begun) / HOUR
    assert await heard(late) == []
    awake = await bureau.subscriber(eva)
    await bureau.onnews.archive.subscribers.change(awake.id, quiet_from=60, quiet_to=120)
    assert await heard(late) == ["1 new story is waiting for an editor"]
    assert [each.text.splitlines()[0] for each in olga.unread()] == [
        "2 new stories are waiting for an editor",
        "1 new story is waiting for an editor",
    ]


@ON_EACH_DATABASE
async def test_what_no_editor_looks_at_for_two_days_goes(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ticks = bureau.onnews.ticks
    assert ticks is not None
    await hold(newsdesk, "One waits", "Two waits")
    await eva.send("/desk")
    page = await turned(eva, "Waiting (2)", await eva.next())
    shown = await turned(eva, "1", page)
    assert "Two waits" in shown.text
    bureau.clock.pass_(hours=24)
    await hold(newsdesk, "Three waits")
    bureau.clock.pass_(hours=25)
    await ticks.run("desk")
    assert "Three waits" in (await eva.until("is waiting")).text
    assert await bureau.onnews.archive.waiting_articles.count() == 1
    answer = await eva.tap("Publish", shown)
    assert answer.text.startswith("This story is no longer waiting")
    page = await eva.next()
    assert "Three waits" in page.text
    assert "Two waits" not in page.text
    # Whoever looks at it keeps it for two days more.
    bureau.clock.pass_(hours=24)
    await turned(eva, "1", page)
    bureau.clock.pass_(hours=47)
    await ticks.run("desk")
    assert await bureau.onnews.archive.waiting_articles.count() == 1
    bureau.clock.pass_(hours=2)
    await ticks.run("desk")
    assert await bureau.onnews.archive.waiting_articles.count() == 0


async def test_a_notice_opens_the_page(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    await hold(newsdesk, "One waits")
    assert bureau.onnews.ticks is not None
    await bureau.onnews.ticks.run("desk")
    notice = await eva.next()
    assert "The Luxury Courier: One waits" in notice.text
    page = await turned(eva, "See the stories", notice)
    assert "One waits" in page.text


async def test_an_approval_does_not_show_again_what_editors_withdrew(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    await hold(newsdesk, "Bentley waits")
    # An editor published the same page from its link, and withdrew it.
    link = "https://news.example/Bentley-waits"
    story = await bureau.desk.print_("Bentley waits no longer", "motor", link=link)
    await typed(eva, "Withdraw", await opened_story(eva, str(story)), "It was never true.")
    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    answer = await eva.tap("Publish", await turned(eva, "1", waiting))
    assert answer.text == "Editors withdrew or hid this story, so it isn’t published."
    await eva.next()
    article = await bureau.onnews.archive.articles.get(story)
    assert article is not None
    assert article.is_withdrawn
    assert await bureau.onnews.archive.amendments.reason(story) == "It was never true."


@ON_EACH_DATABASE
async def test_no_withdrawal_is_undone_once_the_approval_itself_was(newsdesk: Newsdesk) -> None:
    eva, archive = newsdesk.eva, newsdesk.bureau.onnews.archive
    await hold(newsdesk, "Bentley waits")
    await eva.send("/desk")
    waiting = await turned(eva, "Waiting (1)", await eva.next())
    await eva.tap("Publish", await turned(eva, "1", waiting))
    await eva.next()
    story = await archive.articles.newest_id()
    await typed(eva, "Withdraw", await opened_story(eva, str(story)), "It was never true.")
    by, now = eva.id, newsdesk.bureau.clock.now
    withdrawal, approval = await archive.journal.recent(limit=2)
    assert (withdrawal.kind, approval.kind) == (ActKind.WITHDRAW, ActKind.APPROVE)
    outcomes = [
        await archive.journal.undo(each.number, person_id=by, now=now)
        for each in (approval, withdrawal)
    ]
    assert outcomes == [UndoOutcome.UNDONE, UndoOutcome.CHANGED_SINCE]
    article = await archive.articles.get(story)
    assert article is not None
    assert article.is_withdrawn
