"""What the settings show: one main sheet, and one for each subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from babel import Locale
from babel.dates import format_skeleton
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from digest.timing.schedule import local_date
from handlers.buttons.keyboards import CHOSEN, button, chosen, fitted_rows, rows, turning
from handlers.core.readers import ARTICLE_LANGUAGES
from handlers.taps.callback_data import AskLocation, PickPage, Tab
from handlers.taps.settings_data import (
    MakeTopics,
    OpenManaged,
    OpenSheet,
    Pause,
    SetAlerts,
    SetAlertsADay,
    SetArticles,
    SetDays,
    SetEmptyNote,
    SetEvening,
    SetLanguage,
    SetLayout,
    SetMinute,
    SetQuiet,
    SetSilent,
    SetStopped,
    SetZone,
    Sheet,
)
from handlers.taps.yours_data import OpenYours
from handlers.typed.places import CITIES
from storage.model import EVERY_DAY, WEEKDAYS, WEEKEND, ChatKind, Layout, State
from templates.language.filters import capital
from templates.language.languages import locale_of
from templates.language.times import hhmm
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from handlers.core.context import Context
    from storage.model import Subscriber
    from templates import RenderedMessage

T = TypeVar("T")

HOURS = (6, 7, 8, 9, 12, 17, 18, 20, 22)
EVENINGS = (16, 17, 18, 19, 20, 21)
QUIET = ((22 * 60, 7 * 60), (23 * 60, 8 * 60))
ALERTS_A_DAY = (0, 1, 3, 5, 10, 20)
PAUSES = (1, 3, 7)
PER_PAGE = 16
LONGEST_LABEL = 40
"""Characters that a phone shows on a button with a row of its own."""


async def sheet(
    context: Context, subscriber: Subscriber, what: Sheet, page: int = 0
) -> tuple[RenderedMessage, InlineKeyboardMarkup]:
    """One sheet of the settings as it is now."""
    alerts: frozenset[str] = frozenset()
    if what in {Sheet.MAIN, Sheet.ALERTS}:
        alerts = await context.services.subscribers.alerts(subscriber.id)
    message = context.render(
        "settings",
        subscriber,
        sheet=what.name.lower(),
        city=context.city(subscriber),
        sample=sample_of(context, subscriber) if what is Sheet.LAYOUT else "",
        now=context.now,
    )
    lines: list[list[InlineKeyboardButton]]
    if what is Sheet.MAIN:
        lines = main(context, subscriber, alerts)
    elif what is Sheet.ALERTS:
        lines = alerts_rows(context, subscriber, alerts, page)
    else:
        lines = CHOICES[what](context, subscriber)
    if what is not Sheet.MAIN:
        lines.append([button(context.label("back", subscriber), OpenSheet(Sheet.MAIN))])
    return message, InlineKeyboardMarkup(lines)


def main(
    context: Context, subscriber: Subscriber, alerts: frozenset[str]
) -> list[list[InlineKeyboardButton]]:
    """The ways to every sheet, each with what holds now."""
    off = context.label("off", subscriber)
    evening, paused = subscriber.evening_minute, subscriber.paused_until
    language = context.language_for(subscriber)
    languages = sorted(language_name(code, language) for code in subscriber.taste.languages)
    held: tuple[tuple[str, Sheet, str], ...] = (
        ("hour", Sheet.HOUR, hhmm(subscriber.digest_minute)),
        ("days", Sheet.DAYS, days_of(context, subscriber, subscriber.days)),
        ("evening", Sheet.EVENING, off if evening is None else hhmm(evening)),
        ("zone", Sheet.ZONE, context.city(subscriber)),
        ("layout", Sheet.LAYOUT, context.label(f"layout_{subscriber.layout}", subscriber)),
        ("language", Sheet.LANGUAGE, language_name(subscriber.language)),
        (
            "article_languages",
            Sheet.ARTICLES,
            context.services.renderer.filters(language).commas(languages)
            or context.label("all_of_them", subscriber),
        ),
        ("sound", Sheet.SOUND, context.label(sound_of(subscriber), subscriber)),
        ("alerts", Sheet.ALERTS, str(len(alerts)) if alerts else off),
        (
            "pause",
            Sheet.PAUSE,
            short_date(paused, subscriber.zone, language)
            if paused is not None and paused > context.now
            else off,
        ),
    )
    ways = [
        button(
            shorten(f"{context.label(key, subscriber)} \u00b7 {value}", LONGEST_LABEL),
            OpenSheet(way),
        )
        for key, way, value in held
    ]
    own = context.label_for("yours", subscriber)
    follows = len(subscriber.taste.follows)
    ways.append(button(f"{own} \u00b7 {follows}" if follows else own, OpenYours(0)))
    picker = PickPage(Tab.SECTIONS, 0, journey=False)
    ways.append(button(context.label("categories", subscriber), picker))
    lines = fitted_rows(ways)
    if context.forum and subscriber.kind is ChatKind.GROUP:
        lines.append([button(context.label("topics_per_section", subscriber), MakeTopics())])
    if context.managed is not None:
        stopped = subscriber.state is State.STOPPED
        key = "resume" if stopped else "stop_editions"
        lines.append([button(context.label(key, subscriber), SetStopped(on=not stopped))])
    if context.managed is not None or subscriber.kind is ChatKind.PRIVATE:
        lines.append([button(context.label("managed", subscriber), OpenManaged())])
    return lines


def sound_of(subscriber: Subscriber) -> str:
    """The key of the label that says which messages make a sound."""
    if subscriber.silent and subscriber.silent_alerts:
        return "off"
    if subscriber.silent:
        return "alerts_only"
    return "editions_only" if subscriber.silent_alerts else "on"


def short_date(at: datetime, zone: str, language: str) -> str:
    """The day of a time at the reader's place, as `6 Jan`."""
    return str(format_skeleton("MMMd", local_date(at, zone), locale=locale_of(language)))


def hour_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Full hours; any other minute is typed."""
    del context
    return rows(
        [
            button(
                chosen(f"{hour:02}:00", when=hour * 60 == subscriber.digest_minute),
                SetMinute(hour * 60),
            )
            for hour in HOURS
        ],
        3,
    )


def evening_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Full hours of the evening, or no second edition; any other minute is typed."""
    now = subscriber.evening_minute
    hours = [
        button(chosen(f"{hour:02}:00", when=hour * 60 == now), SetEvening(hour * 60))
        for hour in EVENINGS
        if hour * 60 > subscriber.digest_minute
    ]
    none = button(chosen(context.label("one_a_day", subscriber), when=now is None), SetEvening(0))
    return [*rows(hours, 3), [none]]


def days_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Every day, weekdays, the weekend, or one day of the week."""

    def choice(days: int) -> InlineKeyboardButton:
        label = days_of(context, subscriber, days)
        return button(chosen(label, when=days == subscriber.days), SetDays(days))

    weekly = [choice(1 << day) for day in range(7)]
    return [
        [choice(EVERY_DAY)],
        *fitted_rows([choice(WEEKDAYS), choice(WEEKEND)]),
        # The two days of a weekend are a row.
        *rows(weekly[:3], 3),
        *rows(weekly[3:], 2),
    ]


def zone_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """The eight cities, and a location where Telegram can share one."""
    cities = [
        button(
            chosen(
                context.label(f"city_{city.key}", subscriber),
                when=city.zone == subscriber.zone and not subscriber.city,
            ),
            SetZone(city.zone),
        )
        for city in CITIES
    ]
    lines = rows(cities, 2)
    if subscriber.kind is ChatKind.PRIVATE:
        lines.append([button(context.label("share_location", subscriber), AskLocation())])
    return lines


def language_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """The languages that ON News speaks, each in its own words."""
    return rows(
        [
            button(chosen(language_name(code), when=code == subscriber.language), SetLanguage(code))
            for code in context.services.renderer.languages
        ],
        2,
    )


def articles_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Which languages of articles one gets."""
    taken = subscriber.taste.languages
    every = button(
        chosen(context.label("all_languages", subscriber), when=not taken), SetArticles("", on=True)
    )
    each = [
        button(
            chosen(language_name(code, context.language_for(subscriber)), when=code in taken),
            SetArticles(code, on=code not in taken),
        )
        for code in ARTICLE_LANGUAGES
    ]
    return [[every], *rows(each, 2)]


def layout_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """How much of a story is shown, and whether a day without any is told."""
    layouts = [
        button(
            chosen(context.label(f"layout_{layout}", subscriber), when=layout is subscriber.layout),
            SetLayout(layout),
        )
        for layout in Layout
    ]
    empty = button(
        chosen(context.label("empty_note", subscriber), when=subscriber.empty_note),
        SetEmptyNote(on=not subscriber.empty_note),
    )
    # Side by side, the names of three would be cut off on a phone.
    return [layouts[:1], layouts[1:], [empty]]


def sample_of(context: Context, subscriber: Subscriber) -> str:
    """How the chosen layout looks, as HTML."""
    return context.services.renderer.sample(
        subscriber.layout, language=subscriber.language, zone=subscriber.zone, now=context.now
    )


def sound_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """A bell for editions and one for alerts."""
    return [
        [
            button(
                ("🔕 " if silent else "🔔 ") + context.label(label, subscriber),
                SetSilent(alerts=alerts, on=not silent),
            )
        ]
        for label, alerts, silent in (
            ("editions", False, subscriber.silent),
            ("alerts", True, subscriber.silent_alerts),
        )
    ]


def pause_rows(context: Context, subscriber: Subscriber) -> list[list[InlineKeyboardButton]]:
    """Some days off; any date is typed."""
    lines = [
        [button(context.label("pause_days", subscriber, num=days), Pause(days)) for days in PAUSES]
    ]
    if subscriber.paused_until is not None and subscriber.paused_until > context.now:
        lines.append([button(context.label("resume", subscriber), Pause(0))])
    return lines


CHOICES = {
    Sheet.HOUR: hour_rows,
    Sheet.EVENING: evening_rows,
    Sheet.DAYS: days_rows,
    Sheet.ZONE: zone_rows,
    Sheet.LANGUAGE: language_rows,
    Sheet.ARTICLES: articles_rows,
    Sheet.LAYOUT: layout_rows,
    Sheet.SOUND: sound_rows,
    Sheet.PAUSE: pause_rows,
}


def alerts_rows(
    context: Context, subscriber: Subscriber, alerts: frozenset[str], page: int
) -> list[list[InlineKeyboardButton]]:
    """Each followed category's alerts, the hours without any, and how many a day at most."""
    known = context.services.taxonomy.categories
    follows = [c for c in context.by_name(subscriber.taste.follows, subscriber) if c in known]
    each = [
        button(
            ("🔔 " if slug in alerts else "") + context.category(slug, subscriber),
            SetAlerts(slug, slug not in alerts, page),
        )
        for slug in part(follows, page)
    ]
    hours = (subscriber.quiet_from, subscriber.quiet_to)
    none = button(
        chosen(context.label("no_quiet_hours", subscriber), when=hours == (None, None)),
        SetQuiet(0, 0),
    )
    quiet: list[InlineKeyboardButton] = []
    own = () if hours in {(None, None), *QUIET} else (hours,)
    for start, end in (*QUIET, *own):
        if start is not None and end is not None:
            label = f"{hhmm(start)}\u2013{hhmm(end)}"
            quiet.append(button(chosen(label, when=hours == (start, end)), SetQuiet(start, end)))
    return [
        *fitted_rows(each, spare=lambda _: len(CHOSEN) + 1),
        *turns(context, subscriber, Sheet.ALERTS, page, len(follows)),
        [none],
        *fitted_rows(quiet),
        [
            button(chosen(str(most), when=most == subscriber.alerts_a_day), SetAlertsADay(most))
            for most in ALERTS_A_DAY
        ],
    ]


def turns(
    context: Context, subscriber: Subscriber, what: Sheet, page: int, count: int
) -> list[list[InlineKeyboardButton]]:
    """The row that turns a sheet's pages, if it has several."""
    row = turning(
        context,
        subscriber,
        back=OpenSheet(what, page - 1) if page else None,
        on=OpenSheet(what, page + 1) if (page + 1) * PER_PAGE < count else None,
    )
    return [row] if row else []


def part(items: Sequence[T], page: int) -> Sequence[T]:
    """The items of one page."""
    return items[page * PER_PAGE : (page + 1) * PER_PAGE]


def days_of(context: Context, subscriber: Subscriber, days: int) -> str:
    """Days in words: every day, Monday to Friday, or the names of those chosen."""
    return context.services.renderer.filters(context.language_for(subscriber)).edition_days(days)


def language_name(code: str, language: str | None = None) -> str:
    """A language's name in another, or in itself."""
    named = Locale.parse(code.replace("-", "_"))
    return capital(named.get_display_name(locale_of(language or code)) or code)
