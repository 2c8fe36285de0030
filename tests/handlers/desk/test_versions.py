"""What is published is what was shown to whoever published it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.taps.desk_data import DraftAct, DraftField, OnDraft, SetOfDraft
from storage.articles.held_articles import hold as hold_again
from storage.model.desk_model import ActKind, DraftState, Rights
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, hold, rights, turned
from tests.handlers.desk.pages import articles, draft_of, text_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from playground.people.people import Message, Person
    from tests.handlers.desk.conftest import Newsdesk

PHOTO = (Path(__file__).parents[3] / "playground/newsstand/pictures/bag-tan.jpg").read_bytes()
SLIPPED = "Words that slip in"
BUTTONS = {
    "Publish": OnDraft(DraftAct.PUBLISH, 1, 1),
    "Publish at…": OnDraft(DraftAct.TIME, 1, 1),
    "Also send as alert": OnDraft(DraftAct.ALERT, 1, 1),
    "Lead until…": OnDraft(DraftAct.LEADS, 1, 1),
    "a lead": SetOfDraft(DraftField.LEAD, 1, 1, "24"),
    "whose lead": SetOfDraft(DraftField.LEAD_FOR_ALL, 1, 1, "1"),
}


async def writer_s_draft(newsdesk: Newsdesk) -> Person:
    """Let a writer make a draft; return the writer."""
    will = await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, Rights(write=True))
    drafts, now = newsdesk.bureau.onnews.archive.drafts, newsdesk.bureau.clock.now
    await drafts.add(text_of(1), by=will.id, now=now)
    return will


async def slip(newsdesk: Newsdesk, will: Person) -> None:
    """Change the headline in the writer's name."""
    drafts, now = newsdesk.bureau.onnews.archive.drafts, newsdesk.bureau.clock.now
    draft = await draft_of(newsdesk)
    _, done = await drafts.change(
        1, draft.version, ActKind.EDIT, by=will.id, now=now, title=SLIPPED
    )
    assert done


async def drafts_page(person: Person) -> Message:
    await person.send("/desk")
    return await turned(person, "1", await turned(person, "Drafts (1)", await person.next()))


@ON_EACH_DATABASE
async def test_words_that_change_between_publish_at_and_the_typed_time_get_no_time(
    newsdesk: Newsdesk,
) -> None:
    eva, will = newsdesk.eva, await writer_s_draft(newsdesk)
    await eva.tap("Publish at…", await drafts_page(eva))
    await eva.next()
    await slip(newsdesk, will)
    assert (await ask(eva, "tomorrow at 7")).text.startswith(f"{will.id} has changed the draft")
    card = await eva.next()
    assert SLIPPED in card.text
    assert (await draft_of(newsdesk)).state is DraftState.OPEN
    # Seen and asked again, the time is set.
    await press(eva, "Publish at…", card, until="When")
    await eva.send("tomorrow at 7")
    assert "Will be published: " in (await eva.until(SLIPPED)).text


@ON_EACH_DATABASE
async def test_words_that_change_before_a_photo_in_place_of_a_time_are_shown(
    newsdesk: Newsdesk,
) -> None:
    eva, will = newsdesk.eva, await writer_s_draft(newsdesk)
    await eva.tap("Publish at…", await drafts_page(eva))
    await eva.next()
    await slip(newsdesk, will)
    await eva.send_photo(PHOTO)
    assert (await eva.next()).text.startswith(f"{will.id} has changed the draft")
    await eva.send("tomorrow at 7")
    await newsdesk.bureau.heard()
    assert (await draft_of(newsdesk)).state is DraftState.OPEN


@pytest.mark.parametrize("label", BUTTONS)
@ON_EACH_DATABASE
async def test_a_button_of_a_card_whose_words_changed_does_nothing_and_shows_them(
    newsdesk: Newsdesk, label: str
) -> None:
    eva, will = newsdesk.eva, await writer_s_draft(newsdesk)
    card = await drafts_page(eva)
    await slip(newsdesk, will)
    before = await draft_of(newsdesk)
    answer = await eva.tap(BUTTONS[label].pack(), card)
    assert answer.text == f"{will.id} changed this draft. Here it is now."
    assert SLIPPED in (await eva.next()).text
    assert await draft_of(newsdesk) == before
    assert await articles(newsdesk) == []


async def test_a_draft_that_its_editor_changed_in_another_message_says_so(
    newsdesk: Newsdesk,
) -> None:
    will = await writer_s_draft(newsdesk)
    card = await drafts_page(will)
    await slip(newsdesk, will)
    answer = await will.tap("Ask to publish", card)
    assert answer.text == "You have changed this draft since. Here it is now."


@ON_EACH_DATABASE
async def test_a_waiting_story_that_its_source_changed_is_shown_before_it_is_published(
    newsdesk: Newsdesk,
) -> None:
    eva, archive = newsdesk.eva, newsdesk.bureau.onnews.archive
    await hold(newsdesk, "One waits")
    await eva.send("/desk")
    card = await turned(eva, "1", await turned(eva, "Waiting (1)", await eva.next()))
    (one,) = await archive.waiting_articles.listed(limit=9)
    changed = replace(one.article, standfirst=SLIPPED)

    def write(connection: Connection) -> None:
        hold_again(connection, one.source_id, [changed], newsdesk.bureau.clock.now)

    await archive.database.write(write)
    answer = await eva.tap("Publish", card)
    assert answer.text == "Its source has changed this story. Here it is now."
    card = await eva.next()
    assert SLIPPED in card.text
    assert await articles(newsdesk) == []
    newsdesk.bureau.clock.pass_(seconds=3)
    assert (await eva.tap("Publish", card)).text == "Published."


@ON_EACH_DATABASE
async def test_a_list_of_waiting_stories_that_changed_is_shown_before_all_are_published(
    newsdesk: Newsdesk,
) -> None:
    eva = newsdesk.eva
    await hold(newsdesk, *(f"Story {number} waits" for number in range(1, 10)))
    await eva.send("/desk")
    page = await turned(eva, "Waiting (9)", await eva.next())
    await newsdesk.bureau.onnews.archive.waiting_articles.discard(
        3, by=newsdesk.olga.id, now=newsdesk.bureau.clock.now
    )
    await hold(newsdesk, "Story 10 waits")
    answer = await eva.tap("Publish all", page)
    assert answer.text == "This list has changed. Here it is now."
    assert await articles(newsdesk) == []
    page = await eva.next()
    newsdesk.bureau.clock.pass_(seconds=3)
    assert (await eva.tap("Publish all", page)).text == "9 stories published."
