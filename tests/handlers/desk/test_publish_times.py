"""A time of publication is tapped, or typed with the short forms that people use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from handlers.taps.desk_data import DraftField, SetOfDraft
from handlers.typed.parse_moment import read_moment
from storage.model.desk_model import ALL_RIGHTS, DraftState, Rights
from tests.handlers.desk.acting import ON_EACH_DATABASE, rights, turned
from tests.handlers.desk.pages import draft_of, page, sent

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site


@ON_EACH_DATABASE
async def test_a_time_is_set_by_a_button_once_and_not_when_it_has_passed(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    await eva.tap("Publish at…", await sent(eva, page(site)))
    asked = await eva.next()
    assert asked.text == "When? Tap a time, or type another, such as 18:30 or “tomorrow at 7”."
    assert asked.labels == ["Today 12:00", "Today 18:00", "Tomorrow 07:00", "Tomorrow 09:00"]
    bureau.clock.pass_(hours=3)
    assert (await eva.tap("Today 12:00", asked)).text.startswith("This button no longer works")
    assert (await draft_of(newsdesk)).state is DraftState.OPEN
    card = await turned(eva, "Tomorrow 07:00", asked)
    assert "Will be published: tomorrow 07:00" in card.text
    draft = await draft_of(newsdesk)
    local = bureau.clock.now.astimezone(ZoneInfo((await bureau.subscriber(eva)).zone))
    seven = local.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert (draft.state, draft.publish_at) == (DraftState.SCHEDULED, seven)
    later = SetOfDraft(DraftField.TIME, 1, 1, str(round(seven.timestamp()) // 60 + 60)).pack()
    assert "changed this draft" in (await eva.tap(later, card)).text
    assert (await draft_of(newsdesk)).publish_at == seven
    for forged in ("", "x1", "9" * 9):
        tap = SetOfDraft(DraftField.TIME, 1, draft.version, forged).pack()
        await eva.tap(tap, card)
    assert await draft_of(newsdesk) == draft


async def test_a_time_on_a_button_asks_for_the_right_to_publish_of_that_moment(
    newsdesk: Newsdesk, site: Site
) -> None:
    will = await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    await will.tap("Publish at…", await sent(will, page(site)))
    asked = await will.next()
    await rights(newsdesk, will, Rights(write=True))
    answer = await will.tap("Tomorrow 07:00", asked)
    assert answer.text == "You can write drafts, but not publish."
    assert (await draft_of(newsdesk)).state is DraftState.OPEN


@pytest.mark.parametrize(
    ("language", "words"),
    [
        *(("en", "tmrw 7am"), ("en", "tmr at 7"), ("it", "dmn alle 7"), ("es", "mñn a las 7")),
        *(("fr", "2main à 7h"), ("zh", "明天7点")),
    ],
)
def test_tomorrow_is_understood_as_people_shorten_it(language: str, words: str) -> None:
    now = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    assert read_moment(words, language, now) == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
