"""Cards lead editors to the desk, and what is done there leads back to its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.taps.amend_data import DeskArticle
from storage.model.desk_model import NO_RIGHTS, Rights
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned
from tests.handlers.desk.pages import page as site_page
from tests.handlers.desk.pages import sent

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

AT_THE_DESK = {
    "en": "At the desk",
    "it": "In redazione",
    "es": "En la redacción",
    "fr": "À la rédaction",
    "zh": "在编辑部",
}


@pytest.mark.parametrize("language", AT_THE_DESK)
async def test_each_card_that_an_editor_opens_leads_to_its_story_at_the_desk(
    newsdesk: Newsdesk, language: str
) -> None:
    bureau, label = newsdesk.bureau, AT_THE_DESK[language]
    will = await bureau.reader("Will", language, ("style",))
    await rights(newsdesk, will, Rights(publish=True))
    ben = await bureau.reader("Ben", language, ("style",))
    story = await bureau.desk.print_("Prada buys Versace", "style")
    article = await bureau.onnews.archive.articles.get(story)
    assert article is not None
    for text in ("/latest style", article.link):
        for person in (will, ben):
            card = await ask(person, text)
            if text.startswith("/latest"):
                card = await press(person, "1", card)
            assert (label in card.labels) == (person is will), (text, card.labels)
            if person is will:
                page = await turned(will, label, card)
                assert f"{story}" in page.text
                hers = card
    assert (await ben.tap(DeskArticle(story).pack(), card)).text != ""
    await rights(newsdesk, will, NO_RIGHTS)
    await will.tap(label, hers)
    assert label not in (await ask(will, article.link)).labels


@ON_EACH_DATABASE
async def test_an_undo_below_a_story_shows_the_story_and_one_in_the_history_the_history(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    story = await bureau.desk.print_("Prada buys Versace", "style")
    page = await turned(eva, "Hide", await opened_story(eva, str(story)))
    page = await turned(eva, "Undo last change", page)
    assert page.text.startswith("Style\n\nPrada buys Versace")
    assert "Hide" in page.labels
    page = await turned(eva, "Hide", page)
    await eva.send("/desk")
    history = await turned(eva, "History", await eva.next())
    history = await turned(eva, "Undo no. 3", history)
    assert history.text.startswith("History")
    # The story's button comes back later: it says so, and shows the story.
    answer = await eva.tap("Undo last change", page)
    assert answer.text == "This has already been undone."
    assert "Hide" in (await eva.next()).labels


async def test_what_was_published_in_the_last_seven_days_is_listed_and_leads_to_its_story(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    card = await turned(eva, "Publish", await sent(eva, site_page(site)))
    page = await turned(eva, "At the desk", card)
    assert "Withdraw" in page.labels
    for days, labels in ((6, ["1", "Back"]), (2, ["Back"])):
        bureau.clock.pass_(days=days)
        await eva.send("/desk")
        listed = await turned(eva, "Published this week", await eva.next())
        assert listed.labels == labels
    assert "Nothing was published in the last seven days." in listed.text
