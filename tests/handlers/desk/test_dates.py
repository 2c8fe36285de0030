"""Dates ahead: editors add, change and delete them, and readers list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model.desk_model import Rights
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned, typed

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from tests.handlers.desk.conftest import Newsdesk

TYPED = {
    "en": "12\u201317 April, Milan",
    "it": "dal 12 al 17 aprile, Milan",
    "es": "del 12 al 17 de abril, Milan",
    "fr": "12\u201317 avril, Milan",
    "zh": "4月12日至17日，Milan",
}
SHOWN = {
    "en": "12\u201317 Apr · Milan",
    "it": "12\u201317 apr · Milan",
    "es": "12\u201317 abr · Milan",
    "fr": "12\u201317 avr. · Milan",
    "zh": "4月12日至17日 · Milan",
}


async def ahead(reader: Person, words: str = "") -> str:
    """Ask for the dates ahead, and return the answer."""
    await reader.send(f"/ahead {words}".strip())
    return (await reader.next()).text.replace("\u00a0", " ")


async def dates_page(eva: Person) -> Message:
    """Open the list of dates at the desk."""
    await eva.send("/desk")
    return await turned(eva, "Dates ahead", await eva.next())


@ON_EACH_DATABASE
async def test_a_storys_date_goes_and_comes_back_with_it(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    readers = {each: await bureau.reader(each, each) for each in TYPED}
    story = await bureau.desk.print_("Salone opens early", "art")
    for language, text in TYPED.items():
        page = await opened_story(eva, str(story))
        one = await typed(eva, "Add a date", page, text)
        assert "12\u201317 Apr · Milan" in one.text, text
        found = await ahead(readers[language])
        assert SHOWN[language] in found
        assert "Salone opens early" in found
        assert "The Luxury Courier" in found
        await turned(eva, "Delete", one)
        assert SHOWN[language] not in await ahead(readers[language])
    page = await opened_story(eva, str(story))
    await typed(eva, "Add a date", page, TYPED["en"])
    page = await opened_story(eva, str(story))
    assert "12\u201317 Apr" in page.labels
    await eva.tap("Withdraw", page)
    await eva.tap("Its facts are wrong.", await eva.next())
    gone = await eva.next()
    assert "Salone" not in await ahead(readers["en"])
    await turned(eva, "Undo last change", gone)
    assert SHOWN["en"] in await ahead(readers["en"])


@ON_EACH_DATABASE
async def test_changes_of_a_date_are_undone_in_turn(newsdesk: Newsdesk) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    page = await dates_page(eva)
    await eva.tap("Add a date", page)
    await eva.next()
    await eva.send("31 December, Milan, Salone")
    assert "Please add its link." in (await eva.next()).text
    await eva.send("soon, Milan, Salone, https://www.salone.example/")
    assert "Send the days" in (await eva.next()).text
    await eva.send("30 December-2 January, Milan, Salone, Gucci https://www.salone.example/")
    one = await eva.next()
    assert "30 Dec\u20132 Jan · Milan" in one.text
    assert "salone.example" in one.text
    assert "Gucci" in one.text
    moved = await typed(eva, "Edit", one, "31 December, Rome, Salone")
    assert "31 Dec · Rome" in moved.text
    gone = await turned(eva, "Delete", moved)
    assert "No dates yet" in gone.text
    history = await turned(eva, "Undo", gone)
    assert "Deleted date: 31 Dec, Rome, Salone · undone" in history.text
    assert "31 Dec · Rome" in await ahead(olga)
    numbered = [each for each in history.labels if each.startswith("Undo no.")]
    history = await turned(eva, numbered[0], history)
    assert "30 Dec\u20132 Jan · Milan" in await ahead(olga)
    await turned(eva, numbered[1], history)
    assert "No dates yet" in await ahead(olga)


async def test_rights_are_asked_of_now_and_the_first_of_two_editors_counts(
    newsdesk: Newsdesk,
) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    carl = await bureau.reader("Carl")
    await rights(newsdesk, carl, Rights(write=True, publish=True))
    story = bureau.desk.ids[0]
    page = await opened_story(carl, str(story))
    await carl.tap("Add a date", page)
    await carl.next()
    await rights(newsdesk, carl, Rights(write=True))
    await carl.send("12 April, Milan")
    assert "not publish" in (await carl.next()).text
    page = await opened_story(eva, str(story))
    one = await typed(eva, "Add a date", page, "12 April, Milan")
    await typed(olga, "Edit", await dates_of_story(olga, story), "13 April, Milan")
    answer = await eva.tap("Delete", one)
    assert (answer.text or "").startswith("This date has changed since")
    assert "13 Apr · Milan" in (await eva.next()).text


async def dates_of_story(editor: Person, story: int) -> Message:
    """Open the only date of a story."""
    page = await opened_story(editor, str(story))
    return await turned(editor, "12 Apr", page)


async def test_readers_see_what_they_follow_first_ten_a_page(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ana = await bureau.reader("Ana", "en", ("gucci",))
    for day in range(1, 12):
        page = await dates_page(eva)
        await typed(eva, "Add a date", page, f"{day} April, Milan, Fair {day} https://fair.example")
    page = await dates_page(eva)
    await typed(eva, "Add a date", page, "2-3 May, Rome, Show, Gucci https://gucci.example")
    await ana.send("/ahead")
    first = await ana.next()
    assert first.text.index("Show") < first.text.index("Fair 1")
    assert "Fair 10" not in first.text
    second = await turned(ana, "Next", first)
    assert "Fair 11" in second.text
    assert "Fair" not in await ahead(ana, "gucci")
    assert "Show" not in await ahead(ana, "april")
    assert "Show" in await ahead(ana, "maggio")
    assert "No dates yet" in await ahead(ana, "june")
    assert "guci" in (await ahead(ana, "guci")).casefold()
    bureau.clock.pass_(days=138)
    assert "Fair 10" not in await ahead(ana)
    assert "Fair 11" in await ahead(ana)
