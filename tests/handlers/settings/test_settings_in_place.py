"""The settings: one message, edited in place, with typed answers. The rows of the settings: the
column, the tap, and what a topic inherits from its group. The pages of the settings: what
stands side by side, the names of rows, and the ways back.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, cells
from handlers.settings.declared import BY_KEY, SETTINGS
from handlers.settings.settings import SHEETS
from handlers.taps.callback_data import CloseSheet, OpenSheet, SetValue, Sheet
from storage.model import WEEKDAYS, Layout, Subscriber
from storage.readers.privacy.export import _SETTINGS as EXPORTED
from storage.readers.subscribers import OF_TASTE, Changes
from storage.tables.reader_schema import subscribers
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau


async def opened(ana: Person, sheet: str) -> BotMessage:
    """Open the settings at one of their pages."""
    return await press(ana, sheet, await ask(ana, "/settings"))


async def reader_at(bureau: Bureau, sheet: str) -> tuple[Person, BotMessage]:
    """Return a new reader, with one of the pages of the settings."""
    ana = await bureau.reader()
    return ana, await opened(ana, sheet)


BUTTONS = {
    "en": [
        "Time · 08:00",
        "Evening edition · Off",
        "Days · Every day",
        "Time zone · Milan",
        "Language · English",
        "News languages · English",
        "Layout · Summaries",
        "Sound · On",
        "Alerts · Off",
        "Pause · Off",
    ],
    "it": [
        "Orario · 08:00",
        "Edizione serale · No",
        "Giorni · Ogni giorno",
        "Fuso orario · Milano",
        "Lingua · Italiano",
        "Lingue di lettura · Inglese, Italiano",
        "Impaginazione · Sommari",
        "Suono · Sì",
        "Avvisi · No",
        "Pausa · No",
    ],
}


@pytest.mark.parametrize("language", ["en", "it"])
async def test_the_settings_buttons_show_the_current_values(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    main = await ask(ana, "/settings")
    assert main.labels[:10] == BUTTONS[language]
    assert "10:30" in main.text
    for row in main.buttons:
        assert max(cells(button.text) for button in row) <= CELLS_IN_A_ROW_OF[len(row)]


async def test_a_typed_answer_changes_the_sheet_that_asked_and_one_sheet_is_live(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    older = await opened(ana, "Time")
    sheet = await opened(ana, "Time")
    main = await ask(ana, "7:35")
    assert (main.id, main.edited) == (sheet.id, True)
    assert "Time · 07:35" in main.labels
    await bureau.heard()
    assert older.id not in {message.id for message in ana.chat.messages}
    # Once something came between, the answer is shown below it, and still there is one sheet.
    bureau.clock.pass_(minutes=1)
    await press(ana, "s:h:0", main)
    assert "25:00" in (await ask(ana, "25:00")).text
    below = await ask(ana, "8:20")
    assert "Time · 08:20" in below.labels
    assert not below.edited
    await bureau.heard()
    assert sheet.id not in {message.id for message in ana.chat.messages}
    # The reader may have deleted it.
    await press(ana, "s:z:0", below)
    del ana.chat.raw.records[below.id]
    assert "Time zone · Tokyo" in (await ask(ana, "Tokyo")).labels


async def test_the_hour_is_tapped_and_the_next_edition_moves(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Time")
    assert "✓ 08:00" in sheet.labels
    main = await press(ana, "18:00", sheet)
    assert main.edited
    assert main.id == sheet.id
    assert "arrives today at 18:00" in main.text
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 24, 17, tzinfo=UTC)


async def test_any_minute_can_be_typed(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for typed, minute in {"7:35": 455, "7pm": 1140, "0736": 456, "07.35": 455}.items():
        await opened(ana, "Time")
        assert (await ask(ana, typed)).text.startswith("Settings"), typed
        assert (await bureau.subscriber(ana)).digest_minute == minute, typed


async def test_days_are_every_day_weekdays_or_one_of_the_week(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Days")
    await press(ana, "Monday to Friday", sheet)
    assert (await bureau.subscriber(ana)).days == WEEKDAYS
    sheet = await opened(ana, "Days")
    assert "Days · Sunday" in (await press(ana, "Sunday", sheet)).labels
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 29, 7, tzinfo=UTC)


async def test_the_weekend_is_two_days(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Days")
    assert "best of the whole week" in sheet.text
    assert "Days · Saturday and Sunday" in (await press(ana, "Saturday and Sunday", sheet)).labels
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 28, 7, tzinfo=UTC)


async def test_a_second_edition_comes_in_the_evening_until_it_is_taken_back(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Evening edition")
    assert "✓ No evening edition" in sheet.labels
    main = await press(ana, "18:00", sheet)
    assert {"Time · 08:00", "Evening edition · 18:00"} <= set(main.labels)
    assert "arrives today at 18:00" in main.text
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 24, 17, tzinfo=UTC)
    await opened(ana, "Evening edition")
    assert {"Time · 08:00", "Evening edition · 19:45"} <= set((await ask(ana, "19.45")).labels)
    # The earlier hour is the morning's, whichever was chosen last.
    await opened(ana, "Time")
    assert {"Time · 19:45", "Evening edition · 21:30"} <= set((await ask(ana, "21:30")).labels)
    await opened(ana, "Time")
    assert {"Time · 21:30", "Evening edition · Off"} <= set((await ask(ana, "21:30")).labels)
    assert (await bureau.subscriber(ana)).evening_minute is None
    sheet = await opened(ana, "Evening edition")
    assert "18:00" not in sheet.labels
    await ana.tap("No evening edition", sheet)
    assert {"Time · 21:30", "Evening edition · Off"} <= set((await ana.next()).labels)


async def test_editions_and_alerts_are_each_silent_or_not(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Sound")
    assert {"🔔 Editions", "🔔 Alerts"} <= set(sheet.labels)
    sheet = await press(ana, "🔔 Editions", sheet)
    assert "Sound · Alerts only" in (await press(ana, sheet.labels[-1], sheet)).labels
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.silent, subscriber.silent_alerts) == (True, False)
    sheet = await opened(ana, "Sound")
    await press(ana, "🔕 Editions", await press(ana, "🔔 Alerts", sheet))
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.silent, subscriber.silent_alerts) == (False, True)


async def test_a_bell_is_shown_only_where_it_is_on_and_alerts_a_day_are_chosen(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader(follows=("motor", "style"))
    sheet = await opened(ana, "Alerts")
    assert not any("🔔" in label or "🔕" in label for label in sheet.labels)
    assert "At most 5 alerts a day. The rest waits for your edition." in sheet.text
    sheet = await press(ana, "Motor", sheet)
    assert {"🔔 Motor", "Style", "✓ 5"} <= set(sheet.labels)
    for tapped, answer in (("1", "At most one alert a day"), ("0", "No alerts: everything waits")):
        sheet = await press(ana, tapped, sheet)
        assert answer in sheet.text
        assert f"✓ {tapped}" in sheet.labels
    assert (await bureau.subscriber(ana)).alerts_a_day == 0


async def test_the_zone_is_tapped_typed_or_shared(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Time zone")
    assert "It’s 18:30 in Tokyo now." in (await press(ana, "Tokyo", sheet)).text
    await opened(ana, "Time zone")
    assert "It’s 04:30 in New York now." in (await ask(ana, "New York")).text
    sheet = await opened(ana, "Time zone")
    await press(ana, "Share my location", sheet)
    await ana.share_location(51.5, -0.12)
    assert "Your time zone is London" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).zone == "Europe/London"


async def test_the_language_changes_at_once(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Language")
    assert (await press(ana, "Italiano", sheet)).text.startswith("Impostazioni")
    assert (await bureau.subscriber(ana)).language == "it"


async def test_languages_of_the_news_can_be_several(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "News languages")
    assert "✓ English" in sheet.labels
    sheet = await press(ana, "Italian", sheet)
    sheet = await press(ana, "French", sheet)
    sheet = await press(ana, "✓ English", sheet)
    assert {"✓ Italian", "✓ French"} <= set(sheet.labels)
    assert (await bureau.subscriber(ana)).taste.languages == {"it", "fr"}
    await press(ana, "All languages", sheet)
    assert (await bureau.subscriber(ana)).taste.languages == frozenset()


async def test_the_layout_is_chosen_by_its_sample(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Layout")
    assert sheet.labels[:3] == ["Front page", "✓ Summaries", "Headlines"]
    assert "The deal creates an Italian group of two families. —\u00a0Fashion Daily" in sheet.text
    sheet = await press(ana, "Headlines", sheet)
    assert "Prada buys Versace for 1.25 billion euros · and 2 more stories" in sheet.text
    assert "\u00a0Fashion Daily" in sheet.text.split("\n1\u2002", 1)[1].splitlines()[0]
    assert "The deal creates" not in sheet.text
    assert (await bureau.subscriber(ana)).layout is Layout.HEADLINES
    sheet = await press(ana, "Front page", sheet)
    assert "[ a large picture ]" in sheet.text
    assert "Can’t see it?" in sheet.text
    assert sheet.labels[0] == "✓ Front page"
    assert (await bureau.subscriber(ana)).layout is Layout.FRONT_PAGE


async def test_the_sample_of_a_layout_is_the_readers_last_edition(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor",))
    for number in range(1, 6):
        source = await bureau.desk.source(f"Paper {number}")
        await bureau.desk.print_(
            f"A rally, day {number}", "motor", hours_ago=6 - number, source_id=source
        )
    await ask(ana, "/digest")
    await bureau.heard()
    sheet = await opened(ana, "Layout")
    assert "A rally, day 5 · and 2 more stories\n" in sheet.text
    assert "A rally, day 3" in sheet.text
    assert "More: Motor (2)" in sheet.text
    assert "Prada" not in sheet.text
    sheet = await press(ana, "Front page", sheet)
    assert "[ a large picture ]" in sheet.text
    assert "A rally, day 5" in sheet.text
    assert sheet.text.endswith("Motor: 2 more stories") or "Motor: 2 more stories\n" in sheet.text


async def test_the_notice_of_an_empty_day_can_be_switched(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Layout")
    await press(ana, "Tell me when nothing is new", sheet)
    assert (await bureau.subscriber(ana)).empty_note


async def test_alerts_and_quiet_hours_can_be_chosen(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Alerts")
    sheet = await press(ana, "Motor", sheet)
    assert "🔔 Motor" in sheet.labels
    assert "✓ 22:00\u201307:00" in sheet.labels
    sheet = await press(ana, "23:00\u201308:00", sheet)
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.quiet_from, subscriber.quiet_to) == (23 * 60, 8 * 60)
    sheet = await press(ana, "No quiet hours", sheet)
    assert "✓ No quiet hours" in sheet.labels
    assert (await bureau.subscriber(ana)).quiet_from == 0
    assert "as two times" in (await ask(ana, "25-7")).text
    assert "✓ 23:30\u201308:00" in (await ask(ana, "23:30 to 8")).labels
    subscriber = await bureau.subscriber(ana)
    assert (subscriber.quiet_from, subscriber.quiet_to) == (23 * 60 + 30, 8 * 60)


async def test_a_pause_of_some_days_can_be_resumed_early(bureau: Bureau) -> None:
    ana, sheet = await reader_at(bureau, "Pause")
    assert "Paused until Friday 27 November" in (await press(ana, "3 days", sheet)).text
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 28, 7, tzinfo=UTC)
    sheet = await opened(ana, "Pause")
    await press(ana, "Resume", sheet)
    assert (await bureau.subscriber(ana)).next_at == datetime(2026, 11, 25, 7, tzinfo=UTC)


async def test_a_pause_lasts_until_a_typed_date(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await opened(ana, "Pause")
    assert "a day within the next year" in (await ask(ana, "yesterday")).text
    assert "Paused until Wednesday 6 January" in (await ask(ana, "6 January")).text
    assert (await bureau.subscriber(ana)).next_at == datetime(2027, 1, 6, 7, tzinfo=UTC)


async def test_a_command_closes_an_open_question(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await opened(ana, "Time")
    await ask(ana, "/latest")
    await ana.send("07:35")
    assert "What time" in (await ana.next()).text, "it is asked once more, and nothing is set"
    assert (await bureau.subscriber(ana)).digest_minute == 480


async def test_an_old_open_question_expires(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await opened(ana, "Time")
    bureau.clock.pass_(hours=1)
    await ana.send("07:35")
    assert "What time" in (await ana.next()).text, "it is asked once more, and nothing is set"
    assert (await bureau.subscriber(ana)).digest_minute == 480


NO_SETTINGS = {"next_at", "place", "state"}
"""Fields of a subscriber that change automatically, or by `/stop`."""
ELSEWHERE = {*OF_TASTE}
"""Fields of a taste."""


def test_every_field_that_can_be_changed_belongs_to_one_setting() -> None:
    filled = [name for setting in SETTINGS for name in setting.fields]
    assert sorted(filled) == sorted(Changes.__annotations__.keys() - NO_SETTINGS)


def test_every_setting_is_a_column_that_an_export_has() -> None:
    names = {name for setting in SETTINGS for name in setting.fields} - ELSEWHERE
    assert names <= {each.name for each in fields(Subscriber)}
    assert names <= {each.name for each in subscribers.c}
    assert names <= {*EXPORTED}


def test_every_sheet_has_settings_and_a_way_from_the_main_one() -> None:
    assert {*SHEETS} == {setting.sheet for setting in SETTINGS}
    assert {*SHEETS} == {*Sheet} - {Sheet.MAIN}


def test_every_setting_has_a_key_of_its_own_that_a_button_can_carry() -> None:
    assert len(BY_KEY) == len(SETTINGS)
    for key in BY_KEY:
        assert SetValue.unpack(SetValue(key, "1").pack()) == SetValue(key, "1")


PAIRS = (
    (Sheet.HOUR, Sheet.EVENING),
    (Sheet.DAYS, Sheet.ZONE),
    (Sheet.LANGUAGE, Sheet.ARTICLES),
    (Sheet.LAYOUT, Sheet.SOUND),
    (Sheet.ALERTS, Sheet.PAUSE),
)
"""Pages whose buttons belong together on the main page."""


@pytest.mark.parametrize("language", ["en", "it", "es", "fr", "zh"])
async def test_the_main_page_keeps_together_what_belongs_together_in_every_language(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    shown = await ask(ana, "/settings")
    rows = [[button.data for button in row] for row in shown.buttons]
    for first, second in PAIRS:
        data = (OpenSheet(first).pack(), OpenSheet(second).pack())
        together = any(tuple(row) == data for row in rows)
        apart = any((*one, *two) == data for one, two in pairwise(rows))
        assert together or apart, (first, second, rows)
    assert rows[-1] == [CloseSheet().pack()]
    assert (await press(ana, CloseSheet().pack(), shown)).buttons == []


@pytest.mark.parametrize("language", ["en", "it", "es", "fr", "zh"])
async def test_quiet_hours_and_alerts_a_day_stand_below_their_names(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    await ana.send("/settings")
    shown = await press(ana, OpenSheet(Sheet.ALERTS).pack(), await ana.next())
    label = bureau.onnews.application.bot_data.renderer.label
    assert label("quiet_hours", language) in shown.labels
    assert label("alerts_a_day", language) in shown.labels
    at = [shown.labels.index(label(key, language)) for key in ("quiet_hours", "alerts_a_day")]
    assert shown.labels[at[0] + 1].endswith(label("no_quiet_hours", language))
    assert shown.labels[at[1] + 1] == "0"


async def test_every_page_of_the_settings_and_the_picker_has_a_way_out(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for sheet in Sheet:
        shown = await ask(ana, "/settings")
        if sheet is Sheet.MAIN:
            assert shown.labels[-1] == "Done"
            continue
        assert (await press(ana, OpenSheet(sheet).pack(), shown)).labels[-1] == "Back", sheet
    picker = await ask(ana, "/category")
    assert picker.labels[-1] == "Done"
    assert (await press(ana, "Done", picker)).buttons == []
