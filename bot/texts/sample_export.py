"""Sample data for the page that `/export` sends: a private chat and a new topic."""

from __future__ import annotations

from typing import Any

_EARLIER = "2026-11-20T07:00:00+00:00"
_LATER = "2026-11-27T07:00:00+00:00"
_STORY = {"title": "Prada buys Versace", "link": "https://news.example/1"}
_SETTINGS: dict[str, Any] = {
    "kind": "private",
    "state": "active",
    "language": "en",
    "zone": "Europe/Rome",
    "city": "Milan",
    "digest_minute": 480,
    "evening_minute": 1110,
    "days": 31,
    "layout": "front-page",
    "empty_note": True,
    "silent": False,
    "silent_alerts": True,
    "alerts_a_day": 5,
    "quiet_from": 1320,
    "quiet_to": 420,
    "paused_until": _LATER,
    "next_at": _LATER,
    "edition_at": _EARLIER,
    "created": _EARLIER,
    "away_since": None,
}
_NOT_CHOSEN = ("city", "evening_minute", "quiet_from", "quiet_to", "paused_until", "edition_at")
_LISTS = (
    "follows",
    "words",
    "more_or_less",
    "saved",
    "manages",
    "page_link",
    "links_sent",
    "cards_sent",
    "tips",
    "complaints",
    "deliveries",
)
_STATES = ("planned", "sent", "skipped", "failed")

KEPT: list[dict[str, Any]] = [
    {
        "topic": None,
        "settings": _SETTINGS,
        "languages_of_articles": ["en", "it"],
        "translated": ["titles"],
        "not_translated": ["it"],
        "follows": [{"category": "motor", "alerts": True}],
        "words": [{"spelling": "creative director", "alerts": False}],
        "more_or_less": [
            {"kind": "category", "value": "style", "level": "more"},
            {"kind": "source", "value": "WWD", "level": "less"},
            {"kind": "word", "value": "rumour", "level": "off"},
            {"kind": "alerts", "value": "motor", "level": "large"},
        ],
        "saved": [_STORY | {"saved_at": _EARLIER}],
        "manages": [{"chat_id": -1001, "title": "@club", "since": _EARLIER}],
        "page_link": [{"made": _EARLIER}],
        "links_sent": [
            _STORY | {"code": "abc", "created": _EARLIER, "opened": opened} for opened in (0, 1, 2)
        ],
        "cards_sent": [
            {
                "code": "abc",
                "inline_message_id": "AgAAAHsTAQBQ",
                "language": "en",
                "sent": _EARLIER,
            }
        ],
        "tips": [{"link": "https://news.example/2", "sent": _EARLIER, "state": "sent"}],
        "complaints": [
            _STORY | {"kind": "f", "words": "It was Monday.", "sent": _EARLIER, "heard": None}
        ],
        "deliveries": [
            {"kind": kind, "due": _EARLIER, "state": state, "articles": [_STORY, {"gone": True}]}
            for kind in ("edition", "alert")
            for state in _STATES
        ],
    },
    {
        "topic": 7,
        "settings": _SETTINGS | {"state": "stopped"} | dict.fromkeys(_NOT_CHOSEN),
        "languages_of_articles": [],
        "translated": [],
        "not_translated": [],
    }
    | {name: [] for name in _LISTS},
]
"""The `subscriptions` of an export, shaped as in `storage.readers.privacy.export`."""

DESK: dict[str, Any] = {
    "names": [{"name": "Anna"}],
    "rights": [{"may_write": True, "may_publish": False, "added": _EARLIER}],
    "acts": [{"id": 7, "kind": "editor", "at": _LATER, "undone": None}],
    "drafts": [_STORY | {"state": "open", "created": _EARLIER}],
    "decided": [_STORY | {"state": "published", "decided": _EARLIER}],
    "labels": [
        {
            "at": _EARLIER,
            "link": "https://news.example/1",
            "was": "style",
            "now": "motor china",
        }
    ],
}
"""The `desk` of an export, for an editor."""
