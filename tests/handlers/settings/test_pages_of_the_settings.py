"""The pages of the settings: what stands side by side, the names of rows, and the ways back."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from handlers.taps.callback_data import CloseSheet, OpenSheet, Sheet

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

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
    await ana.send("/settings")
    shown = await ana.next()
    rows = [[button.data for button in row] for row in shown.buttons]
    for first, second in PAIRS:
        data = (OpenSheet(first).pack(), OpenSheet(second).pack())
        together = any(tuple(row) == data for row in rows)
        apart = any((*one, *two) == data for one, two in pairwise(rows))
        assert together or apart, (first, second, rows)
    assert rows[-1] == [CloseSheet().pack()]
    await ana.tap(CloseSheet().pack(), shown)
    assert (await ana.next()).buttons == []


@pytest.mark.parametrize("language", ["en", "it", "es", "fr", "zh"])
async def test_quiet_hours_and_alerts_a_day_stand_below_their_names(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    await ana.send("/settings")
    await ana.tap(OpenSheet(Sheet.ALERTS).pack(), await ana.next())
    shown = await ana.next()
    label = bureau.onnews.application.bot_data.renderer.label
    assert label("quiet_hours", language) in shown.labels
    assert label("alerts_a_day", language) in shown.labels
    at = [shown.labels.index(label(key, language)) for key in ("quiet_hours", "alerts_a_day")]
    assert shown.labels[at[0] + 1].endswith(label("no_quiet_hours", language))
    assert shown.labels[at[1] + 1] == "0"


async def test_every_page_of_the_settings_and_the_picker_has_a_way_out(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for sheet in Sheet:
        await ana.send("/settings")
        shown = await ana.next()
        if sheet is Sheet.MAIN:
            assert shown.labels[-1] == "Done"
            continue
        await ana.tap(OpenSheet(sheet).pack(), shown)
        assert (await ana.next()).labels[-1] == "Back", sheet
    await ana.send("/category")
    picker = await ana.next()
    assert picker.labels[-1] == "Done"
    await ana.tap("Done", picker)
    assert (await ana.next()).buttons == []
