"""Stories translated over HTTP, within the day's tokens, on each database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from news.fetch.proxy import Proxies
from news.translation.model_server import ModelServer
from news.translation.translator import NO_LINES, Translator
from playground.model_server import RETRY_AFTER, Mood
from playground.server import Playground
from storage.articles.model_use import ModelUses
from storage.model import Article, Translation
from tests.plugins.records import a_stored_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from storage.db.database import Database
    from workers.pool import Workers

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PRADA, IN_ENGLISH = "Prada compra Versace per un miliardo", "Prada buys Versace for a billion"
BELOW, BELOW_IN_ENGLISH = "Nasce un gruppo italiano.", "An Italian group is born."
GUCCI, GUCCI_IN_ENGLISH = "Gucci apre un museo a Firenze", "Gucci opens a museum in Florence"


class Desk:
    """A translator beside a model in the playground."""

    def __init__(self, db: Database, town: Playground, workers: Workers) -> None:
        self.now = NOON
        self.model = town.model
        self.model.translations["en"] = {
            PRADA: IN_ENGLISH,
            BELOW: BELOW_IN_ENGLISH,
            GUCCI: GUCCI_IN_ENGLISH,
        }
        self.uses = ModelUses(db)
        self.limit = 100_000
        self._server = ModelServer(f"{town.url}/model", "tiny", "", Proxies())
        self._workers = workers
        self.translator = self.new_translator()

    def new_translator(self) -> Translator:
        return Translator(
            self._server,
            self.uses,
            self._workers,
            lambda: self.now,
            limit=self.limit,
        )

    async def translate(self, *texts: tuple[str, str]) -> Sequence[Translation] | None:
        """Translate articles with these titles and standfirsts into English."""
        articles = [article(*each) for each in texts]
        return await self.translator.translate(articles, "en")


def article(title: str, standfirst: str = "") -> Article:
    return a_stored_article(1, NOON, title=title, standfirst=standfirst, language="it")


@pytest.fixture
async def desk(db: Database, workers: Workers) -> AsyncIterator[Desk]:
    async with Playground() as town:
        yield Desk(db, town, workers)


async def test_titles_and_standfirsts_are_translated_in_one_request_and_counted(
    desk: Desk,
) -> None:
    assert await desk.translate((PRADA, BELOW), (GUCCI, "")) == [
        Translation(IN_ENGLISH, BELOW_IN_ENGLISH),
        Translation(GUCCI_IN_ENGLISH),
    ]
    assert desk.model.asked == [PRADA, BELOW, GUCCI]
    use = await desk.uses.today(NOON)
    assert (use.requests, use.translated, use.refused, use.failed) == (1, 2, 0, 0)
    assert use.tokens > 200


async def test_what_the_check_refuses_has_its_reason_and_no_text(desk: Desk) -> None:
    desk.model.translations["en"] |= {
        PRADA: f"{IN_ENGLISH} in 1999",
        BELOW: "An Italian group of 9 is born.",
    }
    assert await desk.translate((PRADA, ""), (GUCCI, BELOW)) == [
        Translation(refused="a number"),
        Translation(GUCCI_IN_ENGLISH, None, "summary: a number"),
    ]
    assert (await desk.uses.today(NOON)).refused == 1


async def test_what_is_not_translated_or_in_another_language_is_refused(desk: Desk) -> None:
    desk.model.translations["en"] = {}
    assert await desk.translate((PRADA, "")) == [Translation(refused="not translated")]
    desk.model.mood = Mood.ELSEWHERE
    assert await desk.translate((f"{PRADA} {GUCCI}", "")) == [
        Translation(refused="another language")
    ]


@pytest.mark.parametrize("mood", [Mood.REFUSES, Mood.REASONS, Mood.CUT_OFF, Mood.SHORT])
async def test_one_headline_that_spoils_an_answer_spoils_no_other(desk: Desk, mood: Mood) -> None:
    desk.model.moods.append(mood)
    assert await desk.translate((PRADA, ""), (GUCCI, "")) == [
        Translation(IN_ENGLISH),
        Translation(GUCCI_IN_ENGLISH),
    ]
    desk.model.moods.extend([mood, mood])
    assert await desk.translate((PRADA, ""), (GUCCI, "")) == [
        Translation(refused=NO_LINES),
        Translation(GUCCI_IN_ENGLISH),
    ]


@pytest.mark.parametrize(
    "mood", [Mood.ERROR, Mood.BREAKS_OFF, Mood.NO_JSON, Mood.NO_ANSWER, Mood.TOO_MANY]
)
async def test_a_model_that_fails_costs_nothing_and_is_asked_again_later(
    desk: Desk, mood: Mood
) -> None:
    desk.model.moods.append(mood)
    assert await desk.translate((PRADA, "")) is None
    use = await desk.uses.today(NOON)
    assert (use.requests, use.tokens, use.failed) == (1, 0, 1)
    desk.now += timedelta(minutes=5)
    assert await desk.translate((PRADA, "")) == [Translation(IN_ENGLISH)]


async def test_a_model_that_had_too_many_requests_rests_as_long_as_it_says(desk: Desk) -> None:
    desk.model.moods.append(Mood.TOO_MANY)
    assert await desk.translate((PRADA, "")) is None
    desk.now += timedelta(seconds=RETRY_AFTER - 1)
    assert await desk.translate((PRADA, "")) is None
    assert len(desk.model.requests) == 1
    desk.now += timedelta(seconds=1)
    assert await desk.translate((PRADA, "")) == [Translation(IN_ENGLISH)]


async def test_no_more_tokens_than_allowed_are_used_in_a_day_also_after_a_restart(
    desk: Desk,
) -> None:
    desk.limit = 1_200
    for _ in range(3):
        desk.translator = desk.new_translator()
        await desk.translate((PRADA, ""))
    use = await desk.uses.today(NOON)
    assert use.tokens <= desk.limit
    assert use.requests == len(desk.model.requests) < 3
    desk.now += timedelta(hours=12)
    assert await desk.translate((PRADA, "")) == [Translation(IN_ENGLISH)]


async def test_what_was_in_flight_at_a_crash_counts(desk: Desk) -> None:
    desk.model.mood = Mood.SLOW
    asking = asyncio.create_task(desk.translate((PRADA, "")))
    await desk.model.began.wait()
    asking.cancel()
    await asyncio.wait({asking})
    use = await desk.uses.today(NOON)
    assert use.requests == 1
    assert use.tokens > 500
