"""Who may use the desk: editors and operators, and nobody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from handlers.desk.menu import publish_menus
from handlers.taps.desk_data import UndoAct
from storage.model.desk_model import ALL_RIGHTS
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, rights, turned

if TYPE_CHECKING:
    from playground.people.people import Person
    from tests.handlers.desk.conftest import Newsdesk

OLD = "This button no longer works"


def as_json(value: Any) -> Any:  # noqa: ANN401 - a parameter of a request
    return json.loads(value) if isinstance(value, str) else value


def menus(newsdesk: Newsdesk) -> dict[int, list[str]]:
    """Return chat → the commands in its own menu, as last set."""
    found: dict[int, list[str]] = {}
    for request in newsdesk.bureau.town.requests:
        scope = as_json(request.params.get("scope") or {})
        if scope.get("type") == "chat":
            commands = as_json(request.params.get("commands") or [])
            found[scope["chat_id"]] = [each["command"] for each in commands]
    return found


async def test_the_desk_is_an_unknown_command_to_readers(newsdesk: Newsdesk) -> None:
    reader = await newsdesk.bureau.reader("Rosa")
    for command in ("/desk", "/editors", "/editors 5"):
        assert "I don’t know /" in (await ask(reader, command)).text
    assert "I don’t know /" in (await ask(newsdesk.eva, "/editors")).text
    assert await newsdesk.bureau.onnews.archive.editors.all() == []


async def test_readers_in_a_group_and_editors_in_a_group_get_no_desk(newsdesk: Newsdesk) -> None:
    room = newsdesk.bureau.town.group("Room", [newsdesk.eva], settled=True)
    await newsdesk.eva.send("/desk", room)
    await ask(newsdesk.olga, "/editors")
    await newsdesk.bureau.heard()
    assert [each.text for each in newsdesk.eva.unread(room)] == []


async def test_editors_and_operators_open_the_desk_and_its_journal(newsdesk: Newsdesk) -> None:
    for person in (newsdesk.eva, newsdesk.olga):
        home = await ask(person, "/desk")
        assert home.text.startswith("The desk")
        journal = await turned(person, "History", home)
        assert "The history is empty" in journal.text
        assert (await turned(person, "Back", journal)).text.startswith("The desk")
    found = menus(newsdesk)
    assert "desk" in found[newsdesk.eva.id]
    assert "editors" not in found[newsdesk.eva.id]
    assert {"desk", "editors", "latest"} <= set(found[newsdesk.olga.id])


async def test_editors_and_operators_have_their_menus_from_the_start(newsdesk: Newsdesk) -> None:
    anna = await newsdesk.bureau.reader("Anna")
    await rights(newsdesk, anna, ALL_RIGHTS)
    application = newsdesk.bureau.onnews.application
    await publish_menus(application.bot, application.bot_data)
    found = menus(newsdesk)
    assert "desk" in found[newsdesk.eva.id]
    assert "desk" in found[anna.id]
    assert "editors" in found[newsdesk.olga.id]


async def added(newsdesk: Newsdesk, person: Person) -> None:
    assert "can now write and publish" in (await ask(newsdesk.olga, f"/editors {person.id}")).text


@ON_EACH_DATABASE
async def test_an_operator_adds_an_editor_by_id_and_takes_each_right_away(
    newsdesk: Newsdesk,
) -> None:
    olga, anna = newsdesk.olga, await newsdesk.bureau.reader("Anna")
    await added(newsdesk, anna)
    assert "You are an editor now" in (await anna.next()).text
    assert "desk" in menus(newsdesk)[anna.id]
    home = await ask(anna, "/desk")
    page = await ask(olga, "/editors")
    assert f"{anna.id}: write and publish" in page.text
    one = await turned(olga, str(anna.id), page)
    one = await turned(olga, "Write drafts", one)
    assert "✓ Write drafts" in one.labels
    # Reading the journal takes no right to publish; rights are the operators' matter.
    journal = await turned(anna, "History", home)
    number = (await newsdesk.bureau.onnews.archive.journal.recent(limit=1))[0].number
    answer = await anna.tap(UndoAct(number).pack(), journal)
    assert answer.text == "Only operators change rights."
    answer = await olga.tap("Remove this editor", one)
    assert answer.text == "Editor removed."
    # The right is gone at once, also for a message that is open.
    assert (await anna.tap("Back", journal)).text.startswith(OLD)
    assert "I don’t know /" in (await ask(anna, "/desk")).text
    assert menus(newsdesk)[anna.id] == []


async def test_an_operator_undoes_the_removal_of_an_editor(newsdesk: Newsdesk) -> None:
    olga, anna = newsdesk.olga, await newsdesk.bureau.reader("Anna")
    await added(newsdesk, anna)
    await anna.next()
    page = await ask(olga, "/editors")
    one = await turned(olga, str(anna.id), page)
    await turned(olga, "Remove this editor", one)
    await olga.send("/desk")
    home = await turned(olga, "History", await olga.next())
    (newest, *_) = await newsdesk.bureau.onnews.archive.journal.recent(limit=1)
    assert "Rights of a former editor: no rights" in home.text
    # An editor may not: rights are the operators' matter.
    await newsdesk.eva.send("/desk")
    of_eva = await turned(newsdesk.eva, "History", await newsdesk.eva.next())
    assert f"Undo no. {newest.number}" not in of_eva.labels
    answer = await newsdesk.eva.tap(UndoAct(newest.number).pack(), of_eva)
    assert answer.text == "Only operators change rights."
    answer = await olga.tap(f"Undo no. {newest.number}", home)
    assert answer.text == "Undone."
    assert await newsdesk.bureau.onnews.archive.editors.rights(anna.id) == ALL_RIGHTS
    newsdesk.bureau.clock.pass_(seconds=5)
    answer = await olga.tap(UndoAct(newest.number).pack(), home)
    assert answer.text == "This has already been undone."


async def test_an_operator_adds_an_editor_by_a_forwarded_message(newsdesk: Newsdesk) -> None:
    olga, town = newsdesk.olga, newsdesk.bureau.town
    anna, shy = await newsdesk.bureau.reader("Anna"), town.person("Shy")
    room = town.group("Room", [olga, anna, shy], settled=True)
    await ask(olga, "/editors")
    assert "Who should be an editor?" in (await press(olga, "Add an editor")).text
    written = await anna.send("Hello, all", room)
    await olga.forward(written)
    assert f"{anna.id} can now write" in (await olga.next()).text
    # The question is answered: a further forward is an ordinary message again.
    await olga.forward(written)
    assert "can now write" not in (await olga.next()).text


async def test_an_operator_adds_an_editor_by_a_reply_to_a_forwarded_message(
    newsdesk: Newsdesk,
) -> None:
    olga, town = newsdesk.olga, newsdesk.bureau.town
    anna = await newsdesk.bureau.reader("Anna")
    room = town.group("Room", [olga, anna], settled=True)
    forwarded = await olga.forward(await anna.send("Hello, all", room))
    await olga.send("/editors", reply_to=forwarded)
    assert str(anna.id) in (await olga.until("can now write")).text


async def test_somebody_who_hides_their_account_cannot_be_added_by_a_forward(
    newsdesk: Newsdesk,
) -> None:
    olga, town = newsdesk.olga, newsdesk.bureau.town
    shy = town.person("Shy")
    room = town.group("Room", [olga, shy], settled=True)
    await ask(olga, "/editors")
    await press(olga, "Add an editor")
    written = await shy.send("Hello, all", room)
    hidden = {"type": "hidden_user", "date": 1_795_000_000, "sender_user_name": "Shy"}
    written.record.body["forward_origin"] = hidden
    await olga.forward(written)
    assert "hides their account" in (await olga.next()).text
    assert "Who should be an editor?" in (await ask(olga, "not a number")).text
    assert "777 can now write and publish. I’ll write to them once" in (await ask(olga, "777")).text
