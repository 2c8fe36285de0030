"""Drafts that go another way: odd texts, odd times, stories that were withdrawn meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.articles.link_decisions import LinkDecision, note
from storage.model import ArticleState
from storage.model.desk_model import ActKind, DraftState
from storage.tables.desk_schema import drafts
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, turned, typed
from tests.handlers.desk.pages import TITLE, articles, draft_of, page, sent, text_of

if TYPE_CHECKING:
    from playground.people.people import Message
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

PHOTO = Path(__file__).parents[4] / "playground/newsstand/pictures/bag-tan.jpg"
BARRED = "Editors withdrew or hid this story, so it isn’t published."
MARKS = "\u200f\u202e\u200b\u2066"
"""Marks that are invisible, or turn the direction of what follows."""


async def scheduled(newsdesk: Newsdesk, site: Site, words: str) -> Message:
    """Make a draft with a time; return its card."""
    eva = newsdesk.eva
    await eva.tap("Publish at…", await sent(eva, page(site)))
    await eva.next()
    card = await ask(eva, words)
    await eva.next()
    return card


async def tick(newsdesk: Newsdesk) -> None:
    """Publish the drafts that are due."""
    ticks = newsdesk.bureau.onnews.ticks
    assert ticks is not None
    await ticks.run("publications")


@pytest.mark.parametrize("act", ["Withdraw", "Hide"])
@ON_EACH_DATABASE
async def test_a_time_does_not_publish_again_what_editors_withdrew_or_hid_meanwhile(
    newsdesk: Newsdesk, site: Site, act: str
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    await scheduled(newsdesk, site, "tomorrow at 7")
    # Its source brings the story first, and an editor takes it out.
    number = await bureau.desk.print_(TITLE, "motor", link=f"{site.url}/story")
    story = await opened_story(eva, str(number))
    if act == "Hide":
        await turned(eva, act, story)
    else:
        await typed(eva, act, story, "The wing is not being built.")
    before = await bureau.onnews.archive.articles.get(number)
    bureau.clock.pass_(days=1)
    await tick(newsdesk)
    await tick(newsdesk)
    assert await bureau.onnews.archive.articles.get(number) == before
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.publish_at) == (DraftState.OPEN, None)
    await eva.send("/desk")
    card = await turned(eva, "1", await turned(eva, "Drafts (1)", await eva.next()))
    assert card.text.endswith(BARRED)
    assert (await eva.tap("Publish", card)).text == BARRED
    assert await bureau.onnews.archive.articles.get(number) == before


@pytest.mark.parametrize("own", [False, True])
async def test_a_restored_time_does_not_publish_again_what_was_withdrawn_after_the_backup(
    newsdesk: Newsdesk, site: Site, *, own: bool
) -> None:
    archive, clock = newsdesk.bureau.onnews.archive, newsdesk.bureau.clock
    await scheduled(newsdesk, site, "tomorrow at 7")
    draft = await draft_of(newsdesk)
    services = newsdesk.bureau.onnews.application.bot_data
    link = draft.text.link
    if own:
        link = f"{services.renderer.bot_link}?start=n1"
        async with archive.database.writing() as connection:
            await connection.execute(update(drafts).values(link="", source=""))
    # As a restore of a backup that has the draft, and not its article, leaves it.
    at = clock.now + timedelta(days=2)
    decision = LinkDecision(link, at, ArticleState.WITHDRAWN.value, "It is not being built.")
    await archive.database.write(lambda connection: note(connection, decision))
    clock.pass_(days=3)
    await tick(newsdesk)
    assert await articles(newsdesk) == []
    draft = await draft_of(newsdesk)
    assert (draft.state, draft.publish_at) == (DraftState.OPEN, None)
    # Its own articles are numbered, so a later draft of the same number is another story.
    assert await services.desk.publisher.is_barred(draft) is not own


async def test_a_discarded_draft_is_not_published_when_its_time_comes(
    newsdesk: Newsdesk, site: Site
) -> None:
    card = await scheduled(newsdesk, site, "tomorrow at 7")
    await turned(newsdesk.eva, "Discard", card)
    newsdesk.bureau.clock.pass_(days=1)
    await tick(newsdesk)
    assert await articles(newsdesk) == []


async def test_the_link_of_a_withdrawn_story_makes_no_draft(newsdesk: Newsdesk, site: Site) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_(TITLE, "motor", link=page(site))
    await typed(eva, "Withdraw", await opened_story(eva, str(number)), "It is not being built.")
    assert "Withdrawn: It is not being built." in (await ask(eva, f"{site.url}/story")).text
    assert site.requests == []
    assert await bureau.onnews.archive.drafts.get(1) is None


@ON_EACH_DATABASE
async def test_tomorrow_at_seven_is_the_editors_own_across_the_end_of_summer_time(
    newsdesk: Newsdesk, site: Site
) -> None:
    bureau = newsdesk.bureau
    subscriber = await bureau.subscriber(newsdesk.eva)
    zone = "America/Los_Angeles"
    await bureau.onnews.archive.subscribers.change(subscriber.id, zone=zone)
    # 23:30 on Saturday there; clocks go back in the night, and in UTC it is Sunday already.
    bureau.clock.now = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    card = await scheduled(newsdesk, site, "tomorrow at 7")
    assert "Will be published: tomorrow 07:00" in card.text
    at = datetime(2026, 11, 1, 15, tzinfo=UTC)
    assert (await draft_of(newsdesk)).publish_at == at
    for now, published in ((at.replace(hour=14, minute=59), 0), (at, 1)):
        bureau.clock.now = now
        await tick(newsdesk)
        assert len(await articles(newsdesk)) == published


async def test_a_forwarded_post_of_blocks_is_kept_to_its_end(newsdesk: Newsdesk) -> None:
    eva, town = newsdesk.eva, newsdesk.bureau.town
    room = town.group("Room", [eva], settled=True)
    lines = ["Gucci opens a garden in Florence"]
    lines += [f"Rose number {number} of the garden has its own bed." for number in range(200)]
    blocks = [{"type": "paragraph", "text": each} for each in lines]
    assert sum(map(len, lines)) > 8_000
    await eva.forward(await eva.send_rich(blocks, room))
    assert "reading the post" in (await eva.next()).text
    await turned(eva, "Publish", await eva.next())
    (article,) = await articles(newsdesk)
    body = await newsdesk.bureau.onnews.archive.articles.body(article.id)
    assert article.title == lines[0]
    assert body is not None
    assert body.text.endswith(lines[-1])


async def test_a_headline_and_a_summary_without_words_are_refused(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    for label in ("Headline", "Summary"):
        await press(eva, label, edit)
        for text in ("🌹🌹🌹", MARKS, "—"):
            await eva.send(text)
            assert f"Send a {label.lower()} with words in it" in (await eva.next()).text, repr(text)
    assert (await draft_of(newsdesk)).version == 1
    number = await newsdesk.bureau.desk.print_("A lamp for the opera", "style")
    await eva.tap("Headline: typo", await opened_story(eva, str(number)))
    await eva.next()
    for text in ("🌹🌹🌹", MARKS):
        assert "I see no text in that" in (await ask(eva, text)).text, repr(text)


@ON_EACH_DATABASE
async def test_marks_and_markup_in_a_typed_text_are_shown_as_typed_or_left_out(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    await press(eva, "Headline", edit)
    card = await ask(eva, f"{MARKS}Mulliner gets\na wing")
    await eva.next()
    edit = await turned(eva, "Edit", card)
    await press(eva, "Summary", edit)
    await eva.send("<b>Sixty</b> people & <a href='https://x.example'>more</a> &lt;move&gt; in")
    card = await eva.next()
    summary = "<b>Sixty</b> people & <a href='https://x.example'>more</a> &lt;move&gt; in"
    # A word joiner keeps Telegram from making a command of “/b”.
    assert f"Mulliner gets a wing\n\n{summary}" in card.text.replace("\u2060", "")
    await eva.next()
    await turned(eva, "Publish", card)
    assert summary in (await ask(eva, "/latest motor")).text.replace("\u2060", "")
    (article,) = await articles(newsdesk)
    assert article.standfirst == summary
    assert article.title.endswith("Mulliner gets a wing")
    assert not set("\u202e\u2066").intersection(article.title)


@pytest.mark.parametrize("post", ["🌹🌹🌹\n\nGucci opens a garden\n\nWith roses.", "🌹🌹🌹"])
async def test_the_headline_of_a_post_is_its_first_line_with_words(
    newsdesk: Newsdesk, post: str
) -> None:
    eva = newsdesk.eva
    await eva.send_photo(PHOTO.read_bytes(), post)
    assert "reading the post" in (await eva.next()).text
    answer = await eva.next()
    if "Gucci" in post:
        assert (await draft_of(newsdesk)).text.title == "Gucci opens a garden"
    else:
        assert "no words for a headline" in answer.text
        assert await newsdesk.bureau.onnews.archive.drafts.get(1) is None


@ON_EACH_DATABASE
async def test_a_page_of_the_desk_whose_rows_vanished_shows_the_last_one(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    archive, now = bureau.onnews.archive, bureau.clock.now
    made = [await archive.drafts.add(text_of(at), by=eva.id, now=now) for at in range(9)]
    await eva.send("/desk")
    first = await turned(eva, "Drafts (9)", await eva.next())
    second = await turned(eva, "Next", first)
    assert "9 Draft no. 0" in second.text
    for draft in made[-2:]:
        await archive.drafts.change(
            draft.id, 1, ActKind.DISCARD, by=eva.id, now=now, state=DraftState.DISCARDED
        )
    # The same page is asked for again, by the button of an older message.
    bureau.clock.pass_(seconds=5)
    shown = await turned(eva, OpenDesk(DeskPage.DRAFTS, 1).pack(), second)
    assert "7 Draft no. 0" in shown.text
    assert shown.labels == [*map(str, range(1, 8)), "Back"]
