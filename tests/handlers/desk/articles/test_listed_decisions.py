"""What editors withdraw, hide and show again is written down beside the backups at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.backup.decision_list import read
from tests.handlers.desk.acting import opened_story, turned, typed

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk

TITLE = "Prada buys Versace"
LINK = "https://news.example/prada"


async def test_each_act_is_in_the_list_when_its_editor_sees_it_done(newsdesk: Newsdesk) -> None:
    archive = newsdesk.bureau.onnews.archive
    assert archive.decision_list is not None
    path = archive.decision_list.path
    await newsdesk.bureau.desk.print_(TITLE, "style", link=LINK)
    page = await turned(newsdesk.eva, "Hide", await opened_story(newsdesk.eva, TITLE))
    assert read(path).decisions[LINK].state == "hidden"
    await turned(newsdesk.eva, "Undo last change", page)
    assert read(path).decisions[LINK].state is None
    again = await opened_story(newsdesk.eva, TITLE)
    await typed(newsdesk.eva, "Withdraw", again, "It was never sold.")
    last = read(path).decisions[LINK]
    assert (last.state, last.reason) == ("withdrawn", "It was never sold.")


async def test_what_another_replica_decided_is_listed_within_a_minute(newsdesk: Newsdesk) -> None:
    bureau = newsdesk.bureau
    archive = bureau.onnews.archive
    assert archive.decision_list is not None
    assert bureau.onnews.ticks is not None
    number = await bureau.desk.print_(TITLE, "style", link=LINK)
    await archive.amendments.hide(number, person_id=newsdesk.eva.id, now=bureau.clock.now)
    await bureau.onnews.ticks.run("desk")
    assert read(archive.decision_list.path).decisions[LINK].state == "hidden"
