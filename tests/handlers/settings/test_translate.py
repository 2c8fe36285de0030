"""Foreign headlines in a reader's own language, over HTTP: the setting, the model, the edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from handlers.taps.callback_data import OpenCard, OpenSheet, SetValue, Sheet
from playground.model_server import KEY, Mood
from storage.desk.amendments import Amendments
from storage.model import STANDFIRSTS, TITLES, Grade, Layout
from tests.handlers.conftest import Bureau, ask, hurried, opened, press
from tests.plugins.archive import there

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.people.people import Person
    from playground.server import Playground
    from tests.handlers.conftest import Clock

PRADA, IN_ENGLISH = "Prada compra Versace per un miliardo", "Prada buys Versace for a billion"
BELOW, BELOW_IN_ENGLISH = "Nasce un gruppo italiano.", "An Italian group is born."


def with_model(town: Playground) -> dict[str, Any]:
    town.model.translations["en"] = {PRADA: IN_ENGLISH, BELOW: BELOW_IN_ENGLISH}
    return {"model_url": f"{town.url}/model", "model_name": "tiny", "model_key": KEY}


@pytest.fixture
async def bureau(
    database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bureau]:
    """The bot with a model, on each database."""
    monkeypatch.setattr("handlers.updates.update_answer.TAP_PATIENCE", 60.0)
    async with opened(database_url, clock, hurried(), set_up=with_model) as made:
        await made.desk.print_("Yesterday's news", "motor", hours_ago=40)
        yield made
        assert made.town.violations == []


async def the_next_edition(bureau: Bureau, who: Person, *, ahead: bool = True) -> str:
    """Print a foreign story and return the next morning's edition."""
    await bureau.desk.print_(PRADA, "motor", standfirst=BELOW, language="it", hours_ago=0.1)
    reader = await bureau.subscriber(who)
    assert reader.next_at is not None
    bureau.clock.pass_(seconds=(reader.next_at - bureau.clock.now).total_seconds() - 600)
    if ahead:
        await there(bureau.onnews.ticks).run("translations")
    bureau.clock.pass_(minutes=10)
    await bureau.send_what_is_due()
    await bureau.settled()
    return (await who.next()).text


async def wanting(bureau: Bureau, parts: frozenset[str] = frozenset({TITLES})) -> Person:
    person = await bureau.reader()
    subscriber = await bureau.subscriber(person)
    subscribers = bureau.onnews.archive.subscribers
    await subscribers.change(
        subscriber.id, translate=parts, languages=frozenset(), layout=Layout.SUMMARIES
    )
    return person


async def test_without_a_model_the_setting_is_not_shown(sqlite_url: str, clock: Clock) -> None:
    async with opened(sqlite_url, clock, hurried()) as bureau:
        await bureau.desk.print_("Yesterday's news", "motor", hours_ago=40)
        ana = await bureau.reader()
        shown = await ask(ana, "/settings")
        assert not [each for each in shown.labels if each.startswith("Translate")]
        assert "translations" not in there(bureau.onnews.ticks)._jobs


async def test_the_setting_is_off_and_is_chosen_by_taps(bureau: Bureau) -> None:
    ana = await bureau.reader()
    shown = await ask(ana, "/settings")
    assert "Translate \u00b7 Off" in shown.labels
    page = await press(ana, OpenSheet(Sheet.TRANSLATE).pack(), shown)
    assert "checked" in page.text
    assert page.labels == ["\u2713 Off", "Headlines", "Headlines and summaries", "Back"]
    page = await press(ana, "Headlines and summaries", page)
    assert (await bureau.subscriber(ana)).taste.translate == {TITLES, STANDFIRSTS}
    assert "Italian" in page.labels
    assert "English" not in page.labels
    page = await press(ana, "Italian", page)
    assert (await bureau.subscriber(ana)).taste.also_read == {"it"}
    page = await press(ana, "\u2713 Italian", page)
    assert (await bureau.subscriber(ana)).taste.also_read == frozenset()
    main = await press(ana, "Back", page)
    assert "Translate \u00b7 Headlines and summaries" in main.labels
    await press(ana, SetValue("translate", "off").pack(), page)
    assert (await bureau.subscriber(ana)).taste.translate == frozenset()


async def test_a_foreign_headline_comes_translated_and_its_card_has_the_original(
    bureau: Bureau,
) -> None:
    ana = await wanting(bureau)
    text = await the_next_edition(bureau, ana)
    assert IN_ENGLISH in text
    assert "from Italian" in text
    assert BELOW in text
    card = await press(ana, "Open the story", until=IN_ENGLISH)
    assert "from Italian" in card.text
    card = await press(ana, "Original", card)
    assert PRADA in card.text
    assert IN_ENGLISH not in card.text
    assert "from Italian" not in card.text
    card = await press(ana, "Translation", card)
    assert IN_ENGLISH in card.text
    assert PRADA not in card.text
    assert "Original" in card.labels
    assert bureau.town.model.keys == [f"Bearer {KEY}"]
    asked = str(bureau.town.model.requests)
    assert str(ana.id) not in asked
    assert "Ana" not in asked


async def test_summaries_come_translated_too_if_wanted(bureau: Bureau) -> None:
    ana = await wanting(bureau, frozenset({TITLES, STANDFIRSTS}))
    text = await the_next_edition(bureau, ana)
    assert IN_ENGLISH in text
    assert BELOW_IN_ENGLISH in text


async def test_lists_show_translations_and_a_search_the_sources_own_words(bureau: Bureau) -> None:
    ana = await wanting(bureau, frozenset({TITLES, STANDFIRSTS}))
    await the_next_edition(bureau, ana)
    for command in ("/latest", "/category motor"):
        shown = await ask(ana, command)
        assert IN_ENGLISH in shown.text
        assert BELOW_IN_ENGLISH in shown.text
        assert "from Italian" in shown.text
    found = await ask(ana, "/search Versace")
    assert PRADA in found.text
    assert IN_ENGLISH not in found.text
    await bureau.onnews.archive.subscribers.change(
        (await bureau.subscriber(ana)).id, also_read=frozenset({"it"})
    )
    shown = await ask(ana, "/latest")
    assert PRADA in shown.text
    assert IN_ENGLISH not in shown.text


async def test_the_card_of_a_corrected_or_withdrawn_story_has_its_own_words(
    bureau: Bureau,
) -> None:
    ana = await wanting(bureau)
    await the_next_edition(bureau, ana)
    story, amendments = bureau.desk.ids[-1], Amendments(bureau.onnews.archive.database)
    await amendments.correct(
        story, title=f"{PRADA} e mezzo", grade=Grade.FACT, person_id=77, now=bureau.clock.now
    )
    card = await press(ana, OpenCard(story).pack(), until=f"{PRADA} e mezzo")
    assert "Original" not in card.labels
    await amendments.withdraw(story, "No deal was signed.", person_id=77, now=bureau.clock.now)
    card = await press(ana, OpenCard(story).pack(), until="No deal was signed.")
    assert IN_ENGLISH not in card.text
    assert "Original" not in card.labels


@pytest.mark.parametrize("mood", [*Mood])
async def test_whatever_the_model_does_the_edition_comes_at_its_hour(
    bureau: Bureau, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("news.translation.model_server.SECONDS", 0.05)
    bureau.town.model.mood = mood
    bureau.town.model.added = " in 1999"
    ana = await wanting(bureau)
    text = await the_next_edition(bureau, ana)
    fine = mood in {Mood.TRANSLATES, Mood.OBEYS, Mood.NEW_LIMIT, Mood.UNCOUNTED}
    assert (IN_ENGLISH in text) == fine
    assert (PRADA in text) != fine
    assert "1999" not in text


async def test_nothing_is_asked_again_after_a_restart(bureau: Bureau) -> None:
    ana = await wanting(bureau)
    await the_next_edition(bureau, ana)
    await there(bureau.onnews.ticks).run("translations")
    assert len(bureau.town.model.requests) == 1


async def test_a_headline_with_another_number_stays_as_it_was_and_the_reason_is_kept(
    bureau: Bureau,
) -> None:
    bureau.town.model.translations["en"][PRADA] = "Prada buys Versace for a trillion"
    ana = await wanting(bureau)
    text = await the_next_edition(bureau, ana)
    assert PRADA in text
    assert "trillion" not in text
    assert "from Italian" not in text
    archive = bureau.onnews.archive
    ((_, _, kept),) = await archive.translations.of_article(bureau.desk.ids[-1])
    assert kept.refused == "a number"
