"""The rows of the settings: the column, the tap, and what a topic inherits from its group."""

from __future__ import annotations

from dataclasses import fields

from handlers.settings.declared import BY_KEY, SETTINGS
from handlers.settings.settings import SHEETS
from handlers.taps.callback_data import SetValue, Sheet
from storage.model import Subscriber
from storage.readers.privacy.export import _SETTINGS as EXPORTED
from storage.readers.subscribers import Changes
from storage.tables.reader_schema import subscribers

NO_SETTINGS = {"next_at", "place", "state"}
"""Fields of a subscriber that change automatically, or by `/stop`."""
ELSEWHERE = {"languages"}
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
