"""Editors see each other by the names that they chose, and former ones without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.desk.menu import publish_menus
from handlers.taps.desk_data import NameMe
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS
from tests.handlers.conftest import ask
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned, typed
from tests.handlers.desk.pages import text_of

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.desk.conftest import Newsdesk

ASKED = "What should other editors call you?"


async def home(person: Person) -> BotMessage:
    return await ask(person, "/desk")


@ON_EACH_DATABASE
async def test_an_editor_is_asked_for_a_name_once_and_others_see_it(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    will = await bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    assert ASKED in (await home(eva)).text
    named = await turned(eva, "Call me Eva", await home(eva))
    assert named.text.endswith("\n\nOther editors see you as Eva.")
    again = await home(eva)
    assert ASKED not in again.text
    assert "Your name" in again.labels

    await will.tap("Another name", await home(will))
    assert (await will.next()).text.startswith(ASKED)
    for no_name in ("🙂", "W" * 41):
        assert (await ask(will, no_name)).text.startswith(ASKED)
    assert "Other editors see you as Will & <Co>." in (await ask(will, "Will &\n<Co>")).text

    story = await bureau.desk.print_("Prada buys Versase", "style")
    page = await typed(will, "Headline: typo", await opened_story(will, str(story)), "Prada buys")
    assert "by Will & <Co>" in page.text
    await bureau.onnews.archive.drafts.add(text_of(1), by=will.id, now=bureau.clock.now)
    assert "Will & <Co>" in (await turned(eva, "Drafts (1)", await home(eva))).text
    history = await turned(eva, "History", await home(eva))
    assert "by Will & <Co>" in history.text
    assert f"by {olga.id}" in history.text
    assert f"Rights of {will.id}" not in history.text
    editors = await ask(olga, "/editors")
    assert f"Will & <Co> {will.id}: write and publish" in editors.text
    one = await turned(olga, "Will & <Co>", editors)
    assert one.text.startswith(f"Editor Will & <Co> {will.id}")


@ON_EACH_DATABASE
async def test_what_a_removed_or_forgotten_editor_leaves_is_by_a_former_editor(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    archive = bureau.onnews.archive
    will = await bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    page = await turned(will, "Call me Will", await home(will))
    await turned(eva, "Call me Eva", await home(eva))
    story = await bureau.desk.print_("Prada buys Versase", "style")
    await turned(will, "Hide", await opened_story(will, str(story)))
    await archive.drafts.add(text_of(1), by=will.id, now=bureau.clock.now)
    assert [each["name"] for each in (await exported(newsdesk, will))["desk"]["names"]] == ["Will"]

    await rights(newsdesk, will, NO_RIGHTS)
    # The button comes back later.
    answer = await will.tap(NameMe(asks=False).pack(), page)
    assert answer.text.startswith("This button no longer works")
    assert await archive.editors.names() == {eva.id: "Eva"}
    history = (await turned(eva, "History", await home(eva))).text
    assert "by a former editor" in history
    assert "Rights of a former editor: no rights" in history
    assert str(will.id) not in history
    assert "by a former editor" in (await opened_story(eva, str(story))).text
    drafts = await turned(eva, "Drafts (1)", await home(eva))
    assert "a former editor" in drafts.text

    await eva.send("/forget")
    await eva.tap("Yes, delete everything", await eva.next())
    await bureau.heard()
    assert await archive.editors.names() == {}
    # Of EDITOR_IDS somebody may be taken off while the bot does not run.
    await archive.editors.call(1, "Gone")
    await archive.editors.call(eva.id, "Eva")
    await publish_menus(bureau.onnews.application.bot, bureau.onnews.application.bot_data)
    assert await archive.editors.names() == {eva.id: "Eva"}


async def exported(newsdesk: Newsdesk, person: Person) -> dict[str, Any]:
    return await newsdesk.bureau.onnews.archive.export.of(person.id, newsdesk.bureau.clock.now)
