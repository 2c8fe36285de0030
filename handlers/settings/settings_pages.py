"""The pages of the settings: a main page, and one for each subject."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardMarkup

from handlers.buttons.first_edition_buttons import first_edition_rows
from handlers.buttons.keyboards import CHOSEN, button, fitted_rows
from handlers.buttons.pages import Pages
from handlers.settings.declared import SETTINGS
from handlers.settings.setting_names import (
    article_languages,
    days_of,
    language_name,
    pause_of,
    sound_of,
)
from handlers.taps.callback_data import (
    CloseSheet,
    MakeTopics,
    OpenManaged,
    OpenSheet,
    OpenYours,
    PickPage,
    SetAlerts,
    SetStopped,
    Sheet,
    Tab,
)
from storage.model import STILL_WORTH, ChatKind, State
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.core.context import Context
    from handlers.settings.setting import Lines
    from storage.model import Edition, Subscriber
    from templates import RenderedMessage

IN_SAMPLE = 2
"""Stories below the lead in the sample of a layout."""
PER_PAGE = 16
LONGEST_LABEL = 40
"""The most characters that a phone shows on a button with a row of its own."""


class PageButton(NamedTuple):
    """A button of the main page that opens another page."""

    sheet: Sheet
    label: str
    """Key of the button's label."""
    held: Callable[[Context, Subscriber, frozenset[str]], str]
    """Returns the present value for the button; the set holds the categories with alerts."""


SHEETS = (
    PageButton(
        Sheet.HOUR, "hour", lambda context, reader, _: context.hour(reader.digest_minute, reader)
    ),
    PageButton(
        Sheet.EVENING,
        "evening",
        lambda context, reader, _: (
            context.label("off", reader)
            if reader.evening_minute is None
            else context.hour(reader.evening_minute, reader)
        ),
    ),
    PageButton(
        Sheet.DAYS, "days", lambda context, reader, _: days_of(context, reader, reader.days)
    ),
    PageButton(Sheet.ZONE, "zone", lambda context, reader, _: context.city(reader)),
    PageButton(Sheet.LANGUAGE, "language", lambda _, reader, __: language_name(reader.language)),
    PageButton(
        Sheet.ARTICLES,
        "article_languages",
        lambda context, reader, _: article_languages(context, reader),
    ),
    PageButton(
        Sheet.LAYOUT,
        "layout",
        lambda context, reader, _: context.label(f"layout_{reader.layout}", reader),
    ),
    PageButton(
        Sheet.SOUND, "sound", lambda context, reader, _: context.label(sound_of(reader), reader)
    ),
    PageButton(
        Sheet.ALERTS,
        "alerts",
        lambda context, reader, alerts: (
            str(len(alerts)) if alerts else context.label("off", reader)
        ),
    ),
    PageButton(Sheet.PAUSE, "pause", lambda context, reader, _: pause_of(context, reader)),
)
"""The buttons of the main page, in pairs that belong together."""


async def sheet(
    context: Context, subscriber: Subscriber, what: Sheet, page: int = 0
) -> tuple[RenderedMessage, InlineKeyboardMarkup]:
    """Return a page of the settings with the present values."""
    alerts: frozenset[str] = frozenset()
    if what in {Sheet.MAIN, Sheet.ALERTS}:
        alerts = await context.services.subscribers.alerts(subscriber.id)
    message = context.render(
        "settings",
        subscriber,
        sheet=what.name.lower(),
        city=context.city(subscriber),
        sample=await sample_of(context, subscriber) if what is Sheet.LAYOUT else "",
        now=context.now,
    )
    if what is Sheet.MAIN:
        return message, InlineKeyboardMarkup(main(context, subscriber, alerts))
    lines = bells(context, subscriber, alerts, page) if what is Sheet.ALERTS else []
    lines += lines_of(context, subscriber, what)
    lines.append([button(context.label("back", subscriber), OpenSheet(Sheet.MAIN))])
    return message, InlineKeyboardMarkup(lines)


def lines_of(context: Context, subscriber: Subscriber, what: Sheet) -> Lines:
    """Return the buttons of all settings on a page."""
    return [
        line
        for setting in SETTINGS
        if setting.sheet is what
        for line in setting.lines(setting, context, subscriber)
    ]


def main(context: Context, subscriber: Subscriber, alerts: frozenset[str]) -> Lines:
    """Return the buttons of the main page, each with the present value."""
    ways = [
        button(
            shorten(
                f"{context.label(way.label, subscriber)} \u00b7 "
                f"{way.held(context, subscriber, alerts)}",
                LONGEST_LABEL,
            ),
            OpenSheet(way.sheet),
        )
        for way in SHEETS
    ]
    own = context.label_for("yours", subscriber)
    follows = len(subscriber.taste.follows)
    ways.append(button(f"{own} \u00b7 {follows}" if follows else own, OpenYours(0)))
    picker = PickPage(Tab.SECTIONS, 0, journey=False)
    ways.append(button(context.label("categories", subscriber), picker))
    pairs = (fitted_rows(ways[at : at + 2]) for at in range(0, len(ways), 2))
    lines = [*chain.from_iterable(pairs), *first_edition_rows(context, subscriber)]
    if context.forum and subscriber.kind is ChatKind.GROUP:
        lines.append([button(context.label("topics_per_section", subscriber), MakeTopics())])
    if context.managed is not None:
        stopped = subscriber.state is State.STOPPED
        key = "resume" if stopped else "stop_editions"
        lines.append([button(context.label(key, subscriber), SetStopped(on=not stopped))])
    if context.managed is not None or subscriber.private:
        lines.append([button(context.label("managed", subscriber), OpenManaged())])
    lines.append([button(context.label("done", subscriber), CloseSheet())])
    return lines


async def sample_of(context: Context, subscriber: Subscriber) -> str:
    """Return a sample of the chosen layout, as HTML: the beginning of the last edition if any."""
    past, edition, now = context.services.past_editions, None, context.now
    for delivery_id, due in await past.latest(subscriber.id, 1):
        row = await past.of(subscriber.id, delivery_id)
        if row is not None:
            edition, now = beginning(await past.edition(row)), due
    return context.services.renderer.sample(
        subscriber.layout,
        language=subscriber.language,
        zone=subscriber.zone,
        now=now,
        edition=edition,
    )


def beginning(edition: Edition) -> Edition | None:
    """Return an edition of the lead and the first section alone; None if it has no stories."""
    if edition.lead is None:
        return None
    first = next(iter(edition.sections), None)
    if first is None:
        return replace(edition, top=(), added=0, unread=None)
    shown, rest = first.stories[:IN_SAMPLE], first.stories[IN_SAMPLE:]
    # “More: Still worth reading (2)” would promise what no edition has.
    left_out = 0 if first.category == STILL_WORTH else first.left_out + len(rest)
    section = first._replace(stories=shown, left_out=left_out)
    # Of an edition with nothing new, all stories were left out of earlier ones.
    still = len(shown) if first.category == STILL_WORTH else 0
    still = still if edition.own.still == 0 else 1 + len(shown)
    return replace(edition, top=(), sections=(section,), added=0, still=still, unread=None)


def bells(context: Context, subscriber: Subscriber, alerts: frozenset[str], page: int) -> Lines:
    """Return one page of buttons that switch the alerts of followed categories."""
    known = context.services.taxonomy.categories
    follows = [c for c in context.by_name(subscriber.taste.follows, subscriber) if c in known]
    pages = Pages(page, len(follows), PER_PAGE)
    each = [
        button(
            ("🔔 " if slug in alerts else "") + context.category(slug, subscriber),
            SetAlerts(slug, slug not in alerts, page),
        )
        for slug in pages.part(follows)
    ]
    turns = pages.turning(context, subscriber, partial(OpenSheet, Sheet.ALERTS))
    return [
        *fitted_rows(each, spare=lambda _: len(CHOSEN) + 1),
        *([turns] if turns else []),
    ]
