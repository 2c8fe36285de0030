"""An editor chooses the categories of a draft and of an article by the picker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.taps.callback_data import Tab
from handlers.taps.filing_data import FiledKind, FileUnder, FilingPage
from storage.model.desk_model import ActKind, Rights
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, rights, turned

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from storage.model import Article
    from storage.model.desk_model import ArticleDraft
    from tests.handlers.desk.conftest import Newsdesk

POST = (
    "Gucci opens a garden in Florence\n\n"
    "The house plants roses beside its museum, and lets visitors in from Monday."
)


async def drafted(newsdesk: Newsdesk, person: Person) -> Message:
    """Forward a post of a colleague; return the draft that the bot makes of it."""
    colleague = newsdesk.bureau.town.person("Colleague")
    await person.forward(await colleague.send(POST))
    assert "reading" in (await person.next()).text
    return await person.next()


async def draft_of(newsdesk: Newsdesk) -> ArticleDraft:
    found = await newsdesk.bureau.onnews.archive.drafts.get(1)
    assert found is not None
    return found


async def article_of(newsdesk: Newsdesk, number: int) -> Article:
    found = await newsdesk.bureau.onnews.archive.articles.get(number)
    assert found is not None
    return found


async def page_of(person: Person, number: int) -> Message:
    """Open an article's page at the desk."""
    await person.send("/desk")
    await person.tap("Find a story", await person.next())
    await person.next()
    return await ask(person, str(number))


async def test_categories_of_a_draft_are_chosen_by_the_readers_picker(newsdesk: Newsdesk) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await drafted(newsdesk, eva))
    picker = await turned(eva, "Categories", edit)
    before = (await draft_of(newsdesk)).text.filings
    assert "1 " in picker.text
    # The tabs are those of readers: what is chosen, sections, markets and houses.
    assert [label.strip("·✓ ").split(" ")[0] for label in picker.labels[:4]] == [
        "Chosen",
        "Sections",
        "Markets",
        "Houses",
    ]
    sections = await turned(eva, "Sections", picker)
    chosen = await turned(eva, "Watches", sections)
    assert "✓ Watches" in chosen.labels
    assert "Watches" in chosen.text
    markets = await turned(eva, "Markets", chosen)
    chosen = await turned(eva, "China", markets)
    houses = await turned(eva, "Houses", chosen)
    houses = await turned(eva, "N–R", houses)
    assert {"N", "P", "R"} <= {label.strip("· ") for label in houses.labels}
    houses = await turned(eva, "P", houses)
    chosen = await turned(eva, "Patek Philippe", houses)
    # Nothing is written before Done, and then all of it at once.
    assert (await draft_of(newsdesk)).text.filings == before
    own = await turned(eva, "Chosen", chosen)
    own = await turned(eva, "✓ Gucci", own)
    assert "Gucci" not in own.text.partition("\n\n")[2].partition("Tap")[0]
    card = await turned(eva, "Done", own)
    assert "Watches: an editor chose it" in card.text
    after = await draft_of(newsdesk)
    slugs = [each.category for each in after.text.filings]
    assert slugs[-2:] == ["china", "patek-philippe"]
    assert "gucci" not in slugs
    assert after.version == 2


async def test_names_can_be_typed_while_the_picker_is_open(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_("A lamp for the opera", "style")
    picker = await turned(eva, "Change categories", await page_of(eva, number))
    found = await ask(eva, "Motor、 cihna, " + ", ".join(["style"] * 40) + ", zebras")
    assert "2 Motor" in found.text
    assert "I have no category called “cihna, zebras”" in found.text
    assert found.labels[0] == "China"
    retired = await eva.next()
    assert (retired.id, retired.labels) == (picker.id, [])
    found = await turned(eva, "China", found)
    page = await turned(eva, "Done", found)
    assert "Style · Motor · China" in page.text
    assert (await article_of(newsdesk, number)).categories == ("style", "motor", "china")
    assert [each.kind for each in await bureau.onnews.archive.journal.recent(limit=5)] == [
        ActKind.REFILE
    ]


async def test_back_leaves_an_article_where_it_was_and_no_category_is_refused(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_("A lamp for the opera", "style")
    picker = await turned(eva, "Change categories", await page_of(eva, number))
    picker = await turned(eva, "✓ Style", picker)
    assert "No category yet" in picker.text
    assert (await eva.tap("Done", picker)).text == "Choose at least one category."
    page = await turned(eva, "Back", picker)
    assert page.text.startswith("Style")
    assert (await article_of(newsdesk, number)).categories == ("style",)
    assert await bureau.onnews.archive.journal.recent(limit=5) == []


@ON_EACH_DATABASE
async def test_a_choice_that_another_editor_overtook_is_not_written(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    number = await bureau.desk.print_("A lamp for the opera", "style")
    hers = await turned(eva, "Change categories", await page_of(eva, number))
    his = await turned(olga, "Change categories", await page_of(olga, number))
    for person, picker, name in ((eva, hers, "Art"), (olga, his, "Motor")):
        sections = await turned(person, "Sections", picker)
        await turned(person, name, sections)
    await turned(eva, "Done", hers)
    answer = await olga.tap("Done", his)
    assert answer.text == "This story has changed since. Here it is now."
    assert "Style · Art" in (await olga.next()).text
    assert (await article_of(newsdesk, number)).categories == ("style", "art")


async def test_a_picker_still_works_after_another_question(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_("A lamp for the opera", "style")
    page = await page_of(eva, number)
    picker = await turned(eva, "Change categories", page)
    await eva.send("/desk")
    await eva.tap("Find a story", await eva.next())
    await eva.next()
    picked = await turned(eva, FileUnder(FiledKind.ARTICLE, number, "art", on=True).pack(), picker)
    assert "2 Art" in picked.text
    assert "1 Style" in picked.text


async def test_who_may_only_write_chooses_for_drafts_and_not_for_articles(
    newsdesk: Newsdesk,
) -> None:
    bureau = newsdesk.bureau
    will = await bureau.reader("Will")
    await rights(newsdesk, will, Rights(write=True))
    number = await bureau.desk.print_("A lamp for the opera", "style")
    edit = await turned(will, "Edit", await drafted(newsdesk, will))
    answer = await will.tap(FilingPage(FiledKind.ARTICLE, number, Tab.SECTIONS, 0).pack(), edit)
    assert answer.text == "You can write drafts, but not publish."
    picker = await turned(will, "Categories", edit)
    await turned(will, "Done", picker)


async def test_a_link_sent_while_the_picker_is_open_is_something_to_publish(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_("A lamp for the opera", "style")
    await turned(eva, "Change categories", await page_of(eva, number))
    assert "reading the page" in (await ask(eva, "http://127.0.0.1:9/story")).text
    assert "category" not in (await eva.next()).text
