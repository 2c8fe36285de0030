"""The settings of a chat, one row each, with their buttons and the reading of their values.

The tap, its handler, the pages, typed answers and a new topic's copy are made from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from babel import Locale
from babel.dates import format_skeleton

from digest.timing.schedule import local_date, midnight
from handlers.buttons.keyboards import button, chosen, fitted_rows, rows
from handlers.core.services.memory import Awaited
from handlers.core.services.readers import ARTICLE_LANGUAGES
from handlers.taps.callback_data import AskLocation, JourneyValue, OpenSheet, SetValue, Sheet
from handlers.typed.parse_days import read_date
from handlers.typed.parse_hours import read_hours, read_minute
from handlers.typed.places import CITIES, city_of, is_zone
from storage.model import EVERY_DAY, STANDFIRSTS, TITLES, WEEKDAYS, WEEKEND, Layout
from storage.readers.subscribers import OF_TASTE
from templates.language.languages import locale_of, primary
from templates.markup.text import capital

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber
    from storage.readers.subscribers import Changes


def is_paused(context: Context, subscriber: Subscriber) -> bool:
    """Return whether the editions are paused now."""
    return subscriber.paused_until is not None and subscriber.paused_until > context.now


def pause_of(context: Context, subscriber: Subscriber) -> str:
    """Return the day on which a pause ends, such as `6 Jan`, or the word for off."""
    if subscriber.paused_until is None or not is_paused(context, subscriber):
        return context.label("off", subscriber)
    return short_date(subscriber.paused_until, subscriber.zone, context.language_for(subscriber))


def short_date(at: datetime, zone: str, language: str) -> str:
    """Return the day of a time in the reader's zone, such as `6 Jan`."""
    return str(format_skeleton("MMMd", local_date(at, zone), locale=locale_of(language)))


def sound_of(subscriber: Subscriber) -> str:
    """Return the label key that says whether editions and alerts make a sound."""
    if subscriber.silent and subscriber.silent_alerts:
        return "off"
    if subscriber.silent:
        return "alerts_only"
    return "editions_only" if subscriber.silent_alerts else "on"


def translation_of(subscriber: Subscriber) -> str:
    """Return the label key that says what of foreign stories is translated."""
    return next(key for key, parts in TRANSLATIONS.items() if parts == subscriber.taste.translate)


def value_of(subscriber: Subscriber, field: str) -> object:
    """Return a subscriber's value of a field of `Changes`."""
    return getattr(subscriber.taste if field in OF_TASTE else subscriber, field)


def article_languages(context: Context, subscriber: Subscriber) -> str:
    """Return the names of the languages of articles that a subscriber gets."""
    language = context.language_for(subscriber)
    names = sorted(language_name(code, language) for code in subscriber.taste.languages)
    every = context.label("all_of_them", subscriber)
    return context.services.renderer.filters(language).commas(names) or every


def days_of(context: Context, subscriber: Subscriber, days: int) -> str:
    """Return days of the week in words: every day, Monday to Friday, or their names."""
    filters = context.services.renderer.filters(context.language_for(subscriber))
    return filters.dates.edition_days(days)


def language_name(code: str, language: str | None = None) -> str:
    """Return a language's name in another language, or in itself if none is given."""
    named = Locale.parse(code.replace("-", "_"))
    return capital(named.get_display_name(locale_of(language or code)) or code)


Read: TypeAlias = "Callable[[Context, Subscriber, str], Changes | None]"
"""Function from a tapped or typed value to the changed fields, or None if invalid. Pure."""
Lines: TypeAlias = "list[list[InlineKeyboardButton]]"
MOST = 5
"""The most digits of a number in a button's value."""


class Option(NamedTuple):
    """A value that a button offers."""

    label: str
    value: str
    """The value as `Setting.read` accepts it."""
    holds: bool
    """Whether this is the present value."""


class Typed(NamedTuple):
    """How a setting is changed by a typed answer."""

    question: Awaited
    read: Read
    refused: str
    """Template of the message that explains what can be typed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a chat, with all that taps, typed answers, pages and new topics need of it."""

    key: str
    """The name of the setting in callback data."""
    sheet: Sheet
    fields: tuple[str, ...]
    """The fields of a `Subscriber` that it changes."""
    read: Read
    lines: Callable[[Setting, Context, Subscriber], Lines]
    """Returns its rows of buttons, the present value marked."""
    typed: Typed | None = None
    stays: bool = False
    """Whether its page stays open after a tap; otherwise the main page is shown."""
    inherited: bool = True
    """Whether a topic created for a section copies it from its group."""
    journey: bool = False
    """Whether its buttons are a step of the newcomer's journey, which marks no value."""

    def tap(self, value: str) -> Tap:
        """Return the tap that sets this value."""
        return JourneyValue(self.key, value) if self.journey else SetValue(self.key, value)


def offered(setting: Setting, choices: Iterable[Option]) -> list[InlineKeyboardButton]:
    """Return buttons for the values of a setting, the present ones marked."""
    return [
        button(chosen(each.label, when=each.holds and not setting.journey), setting.tap(each.value))
        for each in choices
    ]


def in_rows(setting: Setting, choices: Iterable[Option], width: int) -> Lines:
    """Return buttons for the values of a setting, in rows of this width."""
    return rows(offered(setting, choices), width)


def number(field: str, numbers: Sequence[int], *, none: bool = False) -> Read:
    """Return a reader of one of these numbers for a field of `Subscriber`; `none`: 0 means None."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        given = number_in(value, numbers)
        return None if given is None else changes(field, None if none and not given else given)

    return read


def switch(field: str) -> Read:
    """Return a reader of `1` for on and `0` for off."""

    def read(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
        return changes(field, value == "1") if value in {"0", "1"} else None

    return read


def typed_minute(field: str) -> Read:
    """Return a reader of a typed time, such as `7.35`, as minutes after midnight."""

    def read(_context: Context, _subscriber: Subscriber, words: str) -> Changes | None:
        minute = read_minute(words)
        return None if minute is None else changes(field, minute)

    return read


def changes(field: str, value: object) -> Changes:
    """Return a change of one field."""
    return cast("Changes", {field: value})


def number_in(value: str, numbers: Sequence[int]) -> int | None:
    """Return the number in a button's value, or None if it is not one of these numbers."""
    given = int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST else -1
    return given if given in numbers else None


DAY = range(24 * 60)
"""Minutes after midnight."""
HOURS = (6, 7, 8, 9, 12, 17, 18, 20, 22)
EVENINGS = (16, 17, 18, 19, 20, 21)
QUIET = ((22 * 60, 7 * 60), (23 * 60, 8 * 60))
ALERTS_A_DAY = (0, 1, 3, 5, 10, 20)
PAUSES = (1, 3, 7)
LONGEST_PAUSE_DAYS = 31


def _hour_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    minutes = [hour * 60 for hour in HOURS]
    return in_rows(
        setting,
        (
            Option(context.hour(each, subscriber), str(each), each == subscriber.digest_minute)
            for each in minutes
        ),
        3,
    )


def _evening_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    now = subscriber.evening_minute
    minutes = [hour * 60 for hour in EVENINGS if hour * 60 > subscriber.digest_minute]
    none = Option(context.label("one_a_day", subscriber), "0", now is None)
    hours = (Option(context.hour(each, subscriber), str(each), each == now) for each in minutes)
    return [*in_rows(setting, hours, 3), offered(setting, [none])]


def _days_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:

    def choices(*several: int) -> list[Option]:
        return [
            Option(days_of(context, subscriber, days), str(days), days == subscriber.days)
            for days in several
        ]

    weekly = offered(setting, choices(*(1 << day for day in range(7))))
    return [
        offered(setting, choices(EVERY_DAY)),
        *fitted_rows(offered(setting, choices(WEEKDAYS, WEEKEND))),
        # The two days of the weekend share a row.
        *rows(weekly[:3], 3),
        *rows(weekly[3:], 2),
    ]


def _read_zone(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    return {"zone": value} if is_zone(value) else None


def _zone_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    language = context.language_for(subscriber)
    home = context.services.defaults.zone_for(subscriber.language)
    names = {city.zone: context.label(f"city_{city.key}", subscriber) for city in CITIES}
    # An operator's own city may be another than those.
    names = {home: city_of(home, language)} | names
    cities = (
        Option(name, zone, zone == subscriber.zone and not subscriber.city)
        for zone, name in names.items()
    )
    lines = in_rows(setting, cities, 3)
    if subscriber.private:
        lines.append([button(context.label("share_location", subscriber), AskLocation())])
    return lines


def _read_language(context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    return {"language": value} if value in context.services.renderer.languages else None


def _language_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    codes = context.services.renderer.languages
    return in_rows(
        setting,
        (Option(language_name(code), code, code == subscriber.language) for code in codes),
        2,
    )


ONLY = "/"
"""The mark before each language if the articles are to be in these alone."""


def _read_articles(_context: Context, subscriber: Subscriber, value: str) -> Changes | None:
    """Read `+it` as add Italian, `-it` as remove it, `/it/fr` as these, nothing as all."""
    sign, code = value[:1], value[1:]
    several = frozenset(filter(None, code.split(ONLY)))
    if not value or (sign == ONLY and several <= {*ARTICLE_LANGUAGES}):
        return {"languages": several}
    if code not in ARTICLE_LANGUAGES or sign not in {"+", "-"}:
        return None
    one, taken = frozenset({code}), subscriber.taste.languages
    return {"languages": taken | one if sign == "+" else taken - one}


def _articles_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    taken, language = subscriber.taste.languages, context.language_for(subscriber)
    every = Option(context.label("all_languages", subscriber), "", not taken)
    each = (
        Option(language_name(code, language), f"{'-' if held else '+'}{code}", held)
        for code, held in ((code, code in taken) for code in ARTICLE_LANGUAGES)
    )
    return [offered(setting, [every]), *in_rows(setting, each, 2)]


TRANSLATIONS = {
    "off": frozenset[str](),
    "translate_titles": frozenset({TITLES}),
    "translate_standfirsts": frozenset({TITLES, STANDFIRSTS}),
}
"""Label of a choice → what of foreign stories is translated."""


def _read_translation(context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    if value not in TRANSLATIONS or not context.services.translates:
        return None
    return {"translate": TRANSLATIONS[value]}


def _translation_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    held = translation_of(subscriber)
    choices = (Option(context.label(key, subscriber), key, key == held) for key in TRANSLATIONS)
    return in_rows(setting, choices, 1)


def _read_also_read(_context: Context, subscriber: Subscriber, value: str) -> Changes | None:
    """Read `+it` as leave Italian as it is, `-it` as translate it."""
    sign, one = value[:1], frozenset({value[1:]})
    if not one <= {*ARTICLE_LANGUAGES} or sign not in {"+", "-"}:
        return None
    held = subscriber.taste.also_read
    return {"also_read": held | one if sign == "+" else held - one}


def _also_read_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    taste, language = subscriber.taste, context.language_for(subscriber)
    if not taste.translate:
        return []
    each = (
        Option(language_name(code, language), f"{'-' if held else '+'}{code}", held)
        for code, held in ((code, code in taste.also_read) for code in ARTICLE_LANGUAGES)
        if code != primary(language)
    )
    return in_rows(setting, each, 2)


def _read_layout(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    return {"layout": Layout(value)} if value in [*Layout] else None


def _layout_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    layouts = offered(
        setting,
        (
            Option(
                context.label(f"layout_{layout}", subscriber), layout, layout is subscriber.layout
            )
            for layout in Layout
        ),
    )
    # Three names in one row would be cut off on a phone.
    return [layouts[:1], layouts[1:]]


def _empty_note_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    on = subscriber.empty_note
    return [
        offered(setting, [Option(context.label("empty_note", subscriber), str(int(not on)), on)])
    ]


def _bell_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    (field,) = setting.fields
    silent = bool(getattr(subscriber, field))
    label = context.label("alerts" if field == "silent_alerts" else "editions", subscriber)
    bell = "🔕 " if silent else "🔔 "
    return [[button(bell + label, setting.tap(str(int(not silent))))]]


def _read_quiet(_context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    """Read `1320-420` as 22:00 to 07:00, in minutes after midnight.

    Two equal numbers mean none, and `-` that nothing is chosen.
    """
    if value == "-":
        return {"quiet_from": None, "quiet_to": None}
    first, _, last = value.partition("-")
    start, end = number_in(first, DAY), number_in(last, DAY)
    if start is None or end is None:
        return None
    return {"quiet_from": start, "quiet_to": end}


def _quiet_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    held = (subscriber.quiet_from, subscriber.quiet_to)
    none = Option(context.label("no_quiet_hours", subscriber), "0-0", held[0] == held[1])
    hours = [*QUIET]
    if held not in QUIET and held[0] is not None and held[1] is not None and held[0] != held[1]:
        hours.append((held[0], held[1]))
    choices = (
        Option(
            "\u2013".join(context.hour(each, subscriber) for each in (start, end)),
            f"{start}-{end}",
            held == (start, end),
        )
        for start, end in hours
    )
    return [
        _heading("quiet_hours", context, subscriber),
        offered(setting, [none]),
        *fitted_rows(offered(setting, choices)),
    ]


def _heading(key: str, context: Context, subscriber: Subscriber) -> list[InlineKeyboardButton]:
    return [button(context.label(key, subscriber), OpenSheet(Sheet.ALERTS))]


def _typed_quiet(_context: Context, _subscriber: Subscriber, words: str) -> Changes | None:
    hours = read_hours(words)
    return None if hours is None else {"quiet_from": hours[0], "quiet_to": hours[1]}


def _alerts_a_day_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    now = subscriber.alerts_a_day
    heading = _heading("alerts_a_day", context, subscriber)
    return [heading, offered(setting, (Option(str(n), str(n), n == now) for n in ALERTS_A_DAY))]


def _read_pause(context: Context, _subscriber: Subscriber, value: str) -> Changes | None:
    """Read a number of days without editions; 0 ends a pause."""
    days = number_in(value, range(LONGEST_PAUSE_DAYS + 1))
    if days is None:
        return None
    return {"paused_until": context.now + timedelta(days=days) if days else None}


def _pause_lines(setting: Setting, context: Context, subscriber: Subscriber) -> Lines:
    days = (
        Option(context.label("pause_days", subscriber, num=days), str(days), holds=False)
        for days in PAUSES
    )
    lines = [offered(setting, days)]
    if is_paused(context, subscriber):
        resume = Option(context.label("resume", subscriber), "0", holds=False)
        lines.append(offered(setting, [resume]))
    return lines


def _typed_pause(context: Context, subscriber: Subscriber, words: str) -> Changes | None:
    language = context.language_for(subscriber)
    day = read_date(words, language, local_date(context.now, subscriber.zone))
    return None if day is None else {"paused_until": midnight(day, subscriber.zone)}


HOUR = Setting(
    *("hour", Sheet.HOUR, ("digest_minute",), number("digest_minute", DAY), _hour_lines),
    typed=Typed(Awaited.HOUR, typed_minute("digest_minute"), "which_hour"),
)
ZONE = Setting("zone", Sheet.ZONE, ("zone", "city"), _read_zone, _zone_lines)
PAUSE = Setting(
    *("pause", Sheet.PAUSE, ("paused_until",), _read_pause, _pause_lines),
    typed=Typed(Awaited.DATE, _typed_pause, "which_date"),
    inherited=False,
)
QUIET_HOURS = Setting(
    *("quiet", Sheet.ALERTS, ("quiet_from", "quiet_to"), _read_quiet, _quiet_lines),
    typed=Typed(Awaited.QUIET, _typed_quiet, "which_hours"),
    stays=True,
)
SETTINGS = (
    HOUR,
    Setting("days", Sheet.DAYS, ("days",), number("days", range(1, EVERY_DAY + 1)), _days_lines),
    Setting(
        *(
            "evening",
            Sheet.EVENING,
            ("evening_minute",),
            number("evening_minute", DAY, none=True),
            _evening_lines,
        ),
        typed=Typed(Awaited.EVENING, typed_minute("evening_minute"), "which_hour"),
    ),
    ZONE,
    Setting("language", Sheet.LANGUAGE, ("language",), _read_language, _language_lines),
    Setting(
        *("articles", Sheet.ARTICLES, ("languages",), _read_articles, _articles_lines), stays=True
    ),
    Setting("layout", Sheet.LAYOUT, ("layout",), _read_layout, _layout_lines, stays=True),
    Setting(
        *("empty-note", Sheet.LAYOUT, ("empty_note",), switch("empty_note"), _empty_note_lines),
        stays=True,
    ),
    Setting("silent", Sheet.SOUND, ("silent",), switch("silent"), _bell_lines, stays=True),
    Setting(
        *("silent-alerts", Sheet.SOUND, ("silent_alerts",), switch("silent_alerts"), _bell_lines),
        stays=True,
    ),
    QUIET_HOURS,
    Setting(
        *("alerts-a-day", Sheet.ALERTS, ("alerts_a_day",)),
        *(number("alerts_a_day", ALERTS_A_DAY), _alerts_a_day_lines),
        stays=True,
    ),
    PAUSE,
    Setting(
        *("translate", Sheet.TRANSLATE, ("translate",), _read_translation, _translation_lines),
        stays=True,
    ),
    Setting(
        *("also-read", Sheet.TRANSLATE, ("also_read",), _read_also_read, _also_read_lines),
        stays=True,
    ),
)
BY_KEY = {setting.key: setting for setting in SETTINGS}
BY_QUESTION = {each.typed.question: each for each in SETTINGS if each.typed is not None}


def inherited(group: Subscriber) -> Changes:
    """Return the settings that a new topic copies from its group."""
    names = (name for setting in SETTINGS if setting.inherited for name in setting.fields)
    return cast("Changes", {name: value_of(group, name) for name in names})
