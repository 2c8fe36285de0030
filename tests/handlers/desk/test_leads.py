"""Lead stories: who makes one, when it ends, and what readers see who had it already."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from digest.timing.schedule import next_due
from storage.model import ChatKind, Layout
from tests.digest.correcting.conftest import shown
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, turned, typed
from tests.handlers.desk.pages import articles, sent
from tests.handlers.desk.pages import page as site_page

if TYPE_CHECKING:
    from playground.people.people import Message
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

OLD = "This button no longer works"
TITLE = "Prada buys Versace"


async def test_a_story_is_made_the_lead_for_a_time_and_the_act_can_be_undone(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    pins = bureau.onnews.archive.pins
    ana = await bureau.reader("Ana", "en", ("motor",))
    story = await bureau.desk.print_(TITLE, "style")
    await bureau.desk.print_("Ferrari raises its forecast", "motor")
    page = await opened_story(eva, str(story))

    page = await turned(eva, "Lead until…", page)
    page = await turned(eva, "For everybody", page)
    assert "✓ For everybody" in page.labels
    until = bureau.clock.now + timedelta(hours=24)
    page = await turned(eva, page.labels[3], page)
    assert "Lead story for everybody until" in page.text
    (pin,) = await pins.active(bureau.clock.now)
    assert (pin.article_id, pin.until, pin.categories) == (story, until, frozenset())
    edition = (await ask(ana, "/digest")).text
    assert edition.index(TITLE) < edition.index("Ferrari raises")

    page = await turned(eva, "Lead until…", page)
    page = await turned(eva, "For those who follow its categories", page)
    page = await turned(eva, page.labels[1], page)
    assert "Lead story for those who follow its categories" in page.text
    await press(eva, "Undo last change", page)
    assert await pins.active(bureau.clock.now) == (pin,)

    page = await opened_story(eva, str(story))
    page = await turned(eva, "Lead until…", page)
    page = await turned(eva, "Not the lead", page)
    assert "Lead story" not in page.text
    assert await pins.active(bureau.clock.now) == ()


async def test_the_buttons_of_a_lead_mark_its_present_time_and_whose_editions_it_leads(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    pins = bureau.onnews.archive.pins
    story = await bureau.desk.print_(TITLE, "style")
    page = await turned(eva, "Lead until…", await opened_story(eva, str(story)))
    times = ["Today 16:30", "Today 22:30", "Tomorrow 10:30", "Fri 27 Nov, 10:30"]
    followers, everybody = "For those who follow its categories", "For everybody"
    assert page.labels == ["✓ Not the lead", *times, f"✓ {followers}", everybody, "Back"]
    page = await turned(eva, "Today 22:30", await turned(eva, everybody, page))
    assert "Lead story for everybody until today 22:30" in page.text
    (pin,) = await pins.active(bureau.clock.now)

    page = await turned(eva, "Lead until…", page)
    times[1] = "✓ Today 22:30"
    assert page.labels == ["Not the lead", *times, followers, f"✓ {everybody}", "Back"]
    # Later its time is none of those that can be chosen, and stands among them.
    bureau.clock.pass_(hours=8)
    page = await turned(eva, "Lead until…", await opened_story(eva, str(story)))
    assert page.labels[1:4] == ["✓ Today 22:30", "Tomorrow 00:30", "Tomorrow 06:30"]
    page = await turned(eva, followers, page)
    page = await turned(eva, "✓ Today 22:30", page)
    assert "Lead story for those who follow its categories, until today 22:30" in page.text
    (now_is,) = await pins.active(bureau.clock.now)
    assert (now_is.until, now_is.categories) == (pin.until, frozenset({"style"}))


@ON_EACH_DATABASE
async def test_before_a_lead_is_published_an_edition_is_shown_and_how_many_get_it(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    archive = bureau.onnews.archive
    await bureau.desk.print_("Ferrari raises its forecast", "motor")
    newest = await bureau.desk.print_("Gucci opens in Milan", "style")
    await bureau.reader("Ana", "en", ("motor",))
    await bureau.reader("Ben", "en", ("style",))
    muting = await bureau.subscriber(await bureau.reader("Carl", "en", ("motor",)))
    await archive.subscribers.mute_word(muting.id, "mulliner")
    paused = await bureau.subscriber(await bureau.reader("Dan", "en", ("motor",)))
    await archive.subscribers.change(paused.id, next_at=bureau.clock.now + timedelta(days=7))
    forum = bureau.town.group("Forum", [eva], forum=True, settled=True)
    for name in ("Motor", "Cars"):
        topic, _ = await archive.subscribers.ensure(
            forum.id,
            thread_id=forum.topic(name, eva),
            kind=ChatKind.TOPIC,
            language="en",
            zone="Europe/Rome",
            digest_minute=8 * 60,
            now=bureau.clock.now,
        )
        await archive.subscribers.follow(topic.id, "motor")
        due = next_due(topic, bureau.clock.now)
        await archive.subscribers.change(topic.id, next_at=due)

    leads = await turned(eva, "Lead until…", await sent(eva, site_page(site)))
    assert "Preview of an edition" not in leads.labels
    leads = await turned(eva, "Tomorrow 10:30", leads)
    await eva.tap("Preview of an edition", leads)
    edition, reach = await eva.next(), await eva.next()
    text = shown(edition)
    assert text.index("Bentley builds a wing") < text.index("Ferrari raises its forecast")
    assert "Gucci" not in text
    assert reach.text == (
        "This is today’s edition of somebody who follows Motor.\n\n"
        "Editions due before tomorrow 10:30 that will begin with it: "
        "one chat · 2 topics of groups"
    )
    assert await archive.articles.newest_id() == newest
    leads = await turned(eva, "For everybody", leads)
    await press(eva, "Preview of an edition", leads)
    # A forum has everybody's lead once.
    assert "2 chats · one topic of a group" in (await eva.next()).text
    leads = await turned(eva, "Today 16:30", leads)
    await press(eva, "Preview of an edition", leads)
    reach = await eva.next()
    assert "No edition due before today 16:30 will begin with it." in reach.text
    draft = await turned(eva, "Back", reach)
    assert "Lead story for everybody until today 16:30" in draft.text
    # Somebody changed it meanwhile.
    await turned(eva, "Also send as alert", draft)
    bureau.clock.pass_(seconds=3)
    answer = await eva.tap("Preview of an edition", leads)
    assert answer.text == "You have changed this draft since. Here it is now."


@pytest.mark.parametrize("layout", [Layout.FRONT_PAGE, Layout.HEADLINES])
async def test_a_post_is_shown_as_the_lead_of_an_edition_in_the_editors_layout(
    newsdesk: Newsdesk, layout: Layout
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    editor = await bureau.subscriber(eva)
    await bureau.onnews.archive.subscribers.change(editor.id, layout=layout)
    room = bureau.town.group("Room", [eva], settled=True)
    post = f"Gucci opens a garden in Florence\n\n{'The house plants roses. ' * 20}"
    await eva.forward(await eva.send(post, room))
    assert "reading the post" in (await eva.next()).text
    leads = await turned(eva, "Lead until…", await eva.next())
    leads = await turned(eva, "Tomorrow 10:30", leads)
    await eva.tap("Preview of an edition", leads)
    assert "Gucci opens a garden in Florence" in shown(await eva.next())
    assert "of somebody who follows" in (await eva.next()).text


@ON_EACH_DATABASE
async def test_a_published_draft_says_until_when_its_story_leads_now(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    leads = await turned(eva, "Lead until…", await sent(eva, site_page(site)))
    card = await turned(eva, "Back", await turned(eva, "Today 16:30", leads))
    card = await turned(eva, "Publish", card)
    assert "Lead story for those who follow its categories, until today 16:30" in card.text
    (article,) = await articles(newsdesk)
    page = await turned(eva, "Lead until…", await opened_story(eva, str(article.id)))
    await turned(eva, "Not the lead", page)
    await eva.send("/desk")
    card = await turned(eva, "1", await turned(eva, "Published this week", await eva.next()))
    assert "Lead story" not in card.text


@ON_EACH_DATABASE
async def test_the_second_of_two_editors_who_choose_a_lead_sees_the_first(
    newsdesk: Newsdesk,
) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    pins = bureau.onnews.archive.pins
    story = await bureau.desk.print_(TITLE, "style")
    hers, other = await opened_story(eva, str(story)), await opened_story(olga, str(story))
    hers, other = [
        await turned(each, "Lead until…", page) for each, page in ((eva, hers), (olga, other))
    ]
    await turned(eva, hers.labels[3], hers)
    (pin,) = await pins.active(bureau.clock.now)

    answer = await olga.tap(other.labels[1], other)
    assert answer.text == "This story has changed since. Here it is now."
    seen = await olga.next()
    assert "Lead story for those who follow its categories" in seen.text
    assert f"by {eva.id}" in seen.text
    assert await pins.active(bureau.clock.now) == (pin,)

    other = await turned(olga, "Lead until…", seen)
    await turned(olga, "Not the lead", other)
    assert await pins.active(bureau.clock.now) == ()
    # Eva's page still shows the lead that Olga ended.
    hers = await turned(eva, "Lead until…", await opened_story(eva, str(story)))
    await turned(olga, "Hide", await opened_story(olga, str(story)))
    assert (await eva.tap(hers.labels[1], hers)).text.startswith(OLD)
    assert await pins.active(bureau.clock.now) == ()


@pytest.mark.parametrize("act", ["Hide", "Withdraw"])
async def test_a_story_that_is_hidden_or_withdrawn_leads_no_more_until_that_is_undone(
    newsdesk: Newsdesk, act: str
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    pins = bureau.onnews.archive.pins
    story = await bureau.desk.print_(TITLE, "style")
    page = await turned(eva, "Lead until…", await opened_story(eva, str(story)))
    page = await turned(eva, page.labels[3], page)
    (pin,) = await pins.active(bureau.clock.now)

    if act == "Hide":
        after: Message = await turned(eva, act, page)
    else:
        after = await typed(eva, act, page, "The deal was not signed.")
    assert await pins.active(bureau.clock.now) == ()
    assert "Lead story" not in after.text
    done = await bureau.onnews.archive.journal.last_of_article(story)
    assert done is not None
    assert str(eva.id) not in json.dumps(done.before), "it stays after her /forget"
    assert (await eva.tap("Undo last change", after)).text == "Undone."
    assert await pins.active(bureau.clock.now) == (pin,)


@ON_EACH_DATABASE
async def test_a_lead_is_repeated_to_no_reader_and_comes_to_those_whose_edition_left_it_out(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    early, late = await bureau.reader("Early"), await bureau.reader("Late")
    story = await bureau.desk.print_(TITLE, "motor")
    other = await bureau.desk.print_("A house changes hands", "style")
    assert TITLE in (await ask(early, "/digest")).text
    for number in (other, story):
        page = await turned(eva, "Lead until…", await opened_story(eva, str(number)))
        page = await turned(eva, "For everybody", page)
        await turned(eva, page.labels[3], page)
    await bureau.desk.print_("Ferrari raises its forecast", "motor")
    # Editions read the articles again after a minute.
    bureau.clock.pass_(minutes=2)

    edition = await ask(early, "/digest")
    # It came before her first edition, which left it out: she did not follow it.
    assert edition.text.index("changes hands") < edition.text.index("Ferrari raises")
    assert TITLE not in edition.text
    text = (await ask(late, "/digest")).text
    assert text.index(TITLE) < text.index("Ferrari raises")

    reasons = (await press(early, "Why these", edition)).text
    assert reasons.index("The editors’ lead story") < reasons.index("changes hands")
    assert "Still worth reading" not in edition.text + reasons
    story_page = await opened_story(eva, str(other))
    await typed(eva, "Headline: typo", story_page, "A house changes its hands")
    corrected = await early.next()
    assert corrected.id == edition.id
    assert corrected.text == edition.text.replace("changes hands", "changes its hands")

    await bureau.desk.print_("Lotus reports a loss", "motor")
    bureau.clock.pass_(minutes=2)
    text = (await ask(early, "/digest")).text
    assert "Lotus" in text
    assert "its hands" not in text
