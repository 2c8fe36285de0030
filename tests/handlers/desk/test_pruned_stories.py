"""Editors' acts on stories that retention has deleted meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.retention import Keep, Retention
from tests.handlers.desk.acting import opened_story, turned, typed

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk

OLD = "This button no longer works"
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
    await eva.tap("Headline: wrong fact", page)
    await eva.next()
    await pruned(newsdesk, story)
    await eva.send(RIGHT)
    assert (await eva.next()).text.startswith(GONE)
    assert "Hide" in page.labels
    for label in page.labels:
        if label != "Back":
            assert (await eva.tap(label, page)).text.startswith(OLD), label
    await eva.send("/desk")
    await eva.tap("Find a story", await eva.next())
    await eva.next()
    await eva.send(str(story))
    assert "Nothing found" in (await eva.next()).text
    assert await bureau.onnews.archive.journal.last_of_article(story) is None


async def test_an_act_on_a_story_that_retention_deleted_is_not_undone(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    story = await bureau.desk.print_(WRONG, "style")
    page = await opened_story(eva, str(story))
    page = await typed(eva, "Headline: wrong fact", page, RIGHT)
    await pruned(newsdesk, story)
    undo = next(label for label in page.labels if label.startswith("Undo no."))
    answer = await eva.tap(undo, page)
    assert "Nothing was undone" in answer.text
    await eva.next()
    await eva.send("/corrections")
    assert f"The headline was: “{WRONG}”" in (await eva.next()).text
    await eva.send("/desk")
    journal = await turned(eva, "Journal", await eva.next())
    assert f"New headline: “{RIGHT}”" in journal.text
