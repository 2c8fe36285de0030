"""The present values of settings in words, for the buttons of the main page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_skeleton

from digest.timing.schedule import local_date
from templates.language.languages import locale_of
from templates.markup.text import capital

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.core.context import Context
    from storage.model import Subscriber


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
