"""Editors' acts on stories that retention has deleted meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.model.desk_model import DraftState
from storage.retention import Keep, Retention
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, turned, typed
from tests.handlers.desk.pages import TITLE, articles, draft_of, sent
from tests.handlers.desk.pages import page as site_page

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

DELETED = "This story has been deleted."
GONE = "That story is no longer in the archive."
WRONG, RIGHT = "Prada buys Versase", "Prada buys Versace"


async def pruned(newsdesk: Newsdesk, story: int) -> None:
    """Let retention delete a story, which is not the newest one."""
    archive, now = newsdesk.bureau.onnews.archive, newsdesk.bureau.clock.now
    await newsdesk.bureau.desk.print_("Gucci opens in Milan", "style")
    await Retention(archive.database, Keep(0, 0, 1, 0)).prune(now + timedelta(days=9))
    assert await archive.articles.get(story) is None


async def test_a_story_that_retention_deleted_is_not_corrected(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    story = await bureau.desk.print_(WRONG, "style")
    page = await opened_story(eva, str(story))
    await press(eva, "Headline: wrong fact", page)
    await pruned(newsdesk, story)
    assert (await ask(eva, RIGHT)).text.startswith(GONE)
    assert "Hide" in page.labels
    for label in page.labels:
        if label != "Back":
            assert (await eva.tap(label, page)).text == DELETED, label
    await eva.send("/desk")
    await eva.tap("Find a story", await eva.next())
    await eva.next()
    assert "Nothing found" in (await ask(eva, str(story))).text
    assert await bureau.onnews.archive.journal.last_of_article(story) is None


@ON_EACH_DATABASE
async def test_an_act_on_a_story_that_retention_deleted_is_not_undone(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    story = await bureau.desk.print_(WRONG, "style")
    page = await opened_story(eva, str(story))
    page = await typed(eva, "Headline: wrong fact", page, RIGHT)
    await pruned(newsdesk, story)
    answer = await eva.tap("Undo last change", page)
    assert answer.text == f"{DELETED} Nothing was undone."
    assert DELETED in (await eva.next()).text
    assert f"The headline was: “{WRONG}”" in (await ask(eva, "/corrections")).text
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert f"New headline: “{RIGHT}”\n{DELETED}" in journal.text
    assert journal.labels == ["Back"]


async def test_the_card_of_a_draft_says_that_retention_deleted_its_story(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    card = await turned(eva, "Publish", await sent(eva, site_page(site)))
    assert "Undo publication" in card.labels
    (story,) = await articles(newsdesk)
    await pruned(newsdesk, story.id)
    answer = await eva.tap("Undo publication", card)
    assert answer.text == f"{DELETED} Nothing was undone."
    shown = await eva.next()
    assert shown.labels == ["Desk"]
    assert shown.text.endswith(DELETED)
    assert (await draft_of(newsdesk)).state is DraftState.PUBLISHED
    journal = await turned(eva, "History", await turned(eva, "Desk", shown))
    assert f"Published draft 1\n{TITLE}\n{DELETED}" in journal.text
