"""Texts of pages laid out in blocks: plain texts that need not fit on a button."""

from __future__ import annotations

from templates.language.labels import Plural

PAGE: dict[str, str | Plural] = {
    "page_morning": Plural(
        "Good morning. One story: %(names)s.",
        "Good morning. %(stories)s stories: %(names)s.",
    ),
    "page_afternoon": Plural(
        "Good afternoon. One story: %(names)s.",
        "Good afternoon. %(stories)s stories: %(names)s.",
    ),
    "page_evening": Plural(
        "Good evening. One story: %(names)s.",
        "Good evening. %(stories)s stories: %(names)s.",
    ),
    "page_night": Plural("One story: %(names)s.", "%(stories)s stories: %(names)s."),
    "page_catch_up": Plural(
        "Since the last edition, one story: %(names)s.",
        "Since the last edition, %(stories)s stories: %(names)s.",
    ),
    "page_week": Plural(
        "The week in one story: %(names)s.",
        "The week in %(stories)s stories: %(names)s.",
    ),
    "page_all_still": "Nothing new since the last edition. Still worth reading: %(names)s.",
    "page_all_added": "Nothing new yet from what you follow. Here is some of the latest:",
    "page_some_added": "That’s all for now from what you follow. Also in the news:",  # noqa: RUF001
    "evening_edition": "evening edition",
    "minutes": Plural("one-minute read", "%(minutes)s-minute read"),
    "ran": Plural("%(days)s, %(num)s source", "%(days)s, %(num)s sources"),
    "photo_by": "Photo: %(source)s",
    "update": "Update",
    "corrected_at": "corrected %(time)s",
    "corrected_on": "corrected %(day)s",
    "withdrawn": "Withdrawn",
    "withdrawn_why": "Withdrawn: %(reason)s",
    "withdrawn_taken_back": "Withdrawn by the editors.",
    "also_in": "also in %(sources)s",
    "also_in_more": Plural(
        "also in %(sources)s and one other", "also in %(sources)s and %(num)s others"
    ),
    "more_in": Plural("%(category)s: one more story", "%(category)s: %(num)s more stories"),
    "and_others": Plural("and one more story", "and %(num)s more stories"),
    "chosen_from": Plural("Chosen from one source", "Chosen from %(num)s sources"),
    "sources_since": Plural("One source since %(when)s", "%(num)s sources since %(when)s"),
    "at_today": "%(clock)s today",
    "at_yesterday": "yesterday %(clock)s",
    "at_day": "%(day)s, %(clock)s",
    "unread": "%(names)s: most stories are in %(languages)s, so they are left out here.",
    "not_wanted": "not what you wanted?",
    # Below a story that is read in the chat
    "continue_at": "Continue at %(source)s",
    "read_at": "Read it at %(source)s",
}
"""Key → its English text, as in `labels.LABELS`. Every key must be used."""

MARKED, PAYWALL = "%(source)s (%(marks)s)", "paywall"
TRANSLATED = "from %(language)s"
"""The mark of a translated story: the language of its source."""
"""A source's name with what its article is: in another language, only for subscribers."""
