"""Sample values for the templates of conversations, for each of their states."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bot.texts.sample_corrections import WITHDRAWN, corrections_of, why
from digest.choosing.preview import Why
from handlers.core.services import Policy
from handlers.stories.best_report import ListedStory
from handlers.stories.listing import MOST, lengths
from handlers.taps.callback_data import Scope, Tab
from handlers.taps.settings_data import Sheet
from handlers.typed.search_filters import Narrowed
from storage.model import (
    ChatKind,
    EditionStory,
    Kind,
    Layout,
    Level,
    Reason,
    ReasonKind,
    State,
    Taste,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.samples import Sample
    from storage.model import Subscriber

    Values = dict[str, Any]

READER_AND_GROUP = (ChatKind.PRIVATE, ChatKind.GROUP)


def _subscribers(sample: Sample, *kinds: ChatKind) -> list[Subscriber]:
    """Return the sample's subscriber once for each of the given kinds of chat."""
    return [replace(sample.subscriber(), kind=kind) for kind in kinds]


def _readers(sample: Sample) -> list[Values]:
    reader, group = _subscribers(sample, *READER_AND_GROUP)
    return [
        {
            "subscriber": each,
            "city": sample.of("city"),
            "now": sample.now,
            "since": since,
            "newcomer": since is None,
        }
        for each in (
            reader,
            group,
            replace(reader, taste=Taste(), next_at=None),
            replace(group, taste=Taste(), next_at=None),
            replace(reader, paused_until=sample.now + timedelta(days=3)),
        )
        for since in (None, sample.now)
    ]


def _soon_and_later(sample: Sample) -> list[Values]:
    """Return the values of readers with a next edition today, tomorrow and in three days."""
    return [
        reader
        | {
            "subscriber": replace(
                reader["subscriber"],
                next_at=reader["subscriber"].next_at and sample.now + timedelta(days=days),
            )
        }
        for reader in _readers(sample)
        for days in (0, 1, 3)
    ]


def _list(sample: Sample) -> list[Values]:
    reader = sample.subscriber()
    stranger = replace(reader, taste=Taste())
    pages = [(scope, 0, first, stranger) for scope in Scope for first in (1, 21)]
    pages += [(Scope.FOLLOWS, 0, 1, reader), (Scope.SEARCH, 1, 1, reader)]
    pages += [(Scope.CATEGORY, 0, 1, reader)]
    groups = [replace(each, kind=ChatKind.GROUP) for each in (stranger, reader)]
    pages += [(Scope.FOLLOWS, 0, 1, each) for each in groups]
    pages += [(Scope.CATEGORY, 0, 1, groups[1])]
    pages += [(Scope.ALL, sample.most, 981, reader)]
    # A list too long to name the sources.
    pages += [(Scope.ALL, 12, 1, reader)]
    searches = [(Scope.SEARCH, count, 1, reader) for count in (0, 1)]
    one_word, today = sample.of("query"), sample.now.date()
    return [
        {
            "subscriber": each,
            "scope": scope.name.lower(),
            "category": "gucci",
            "query": query,
            "stories": [
                ListedStory(each, also_in=sample.sources(each.id % 4))
                for each in sample.articles(count)
            ],
            "narrowed": Narrowed(sample.text, sample.sources(4), frozenset({1}), "china", since)
            if scope is Scope.SEARCH
            else None,
            "by_day": scope not in {Scope.SEARCH, Scope.SAVED},
            "cut": cut,
            "near": near,
            "first": first,
            "beside": beside,
            # The longest list shortens its lines, even if the sample shows only a few of them.
            "lengths": lengths(MOST if count == sample.most else max(count, 1)),
            "now": sample.now,
        }
        for shown, cut, query, near, since in (
            (searches, True, one_word, (), today),
            (searches[:1], False, sample.of("words"), ("bentley",), today),
            (searches[:1], False, sample.of("words"), ("bentley", "bulgari"), today),
            (searches[:1], False, f"{one_word} {sample.of('word')}", (), today),
            (searches[:1], False, "", (), None),
            (pages, False, one_word, (), today),
            (searches, False, "", (), today),
        )
        for scope, count, first, each in shown
        for beside in {False, scope is Scope.CATEGORY and not cut}
    ]


def _settings(sample: Sample) -> list[Values]:
    reader = sample.subscriber()
    states = (
        reader,
        replace(reader, taste=Taste(), next_at=None, layout=Layout.HEADLINES, silent=True),
        replace(
            reader, state=State.STOPPED, next_at=None, evening_minute=18 * 60, silent_alerts=True
        ),
        replace(reader, paused_until=sample.now + timedelta(days=3), kind=ChatKind.GROUP),
        replace(reader, silent=True, silent_alerts=True, layout=Layout.FRONT_PAGE, alerts_a_day=0),
    )
    sheets = [(Sheet.MAIN, each) for each in states]
    sheets += [(sheet, each) for sheet in Sheet if sheet is not Sheet.MAIN for each in states[::3]]
    sheets += [(Sheet.ALERTS, states[1]), (Sheet.LAYOUT, states[-1]), (Sheet.ALERTS, states[-1])]
    sheets += [(Sheet.LAYOUT, replace(states[-1], kind=ChatKind.CHANNEL))]
    sheets += [(Sheet.ALERTS, replace(states[n], kind=ChatKind.GROUP)) for n in (1, -1)]
    return [
        {
            "subscriber": each,
            "sheet": sheet.name.lower(),
            "sample": Markup("<b>{}</b>").format(sample.article().title),
            "city": sample.of("city"),
            "days": sample.of("days"),
            "language_name": "English",
            "article_languages": ["English", "Italian"] if each is reader else [],
            "alerts": 1 if each is reader else 0,
            "now": sample.now,
        }
        for sheet, each in sheets
    ]


def _shared(sample: Sample) -> list[Values]:
    return [
        {"sent": [], "now": sample.now},
        {"sent": [(each, each.id - 1) for each in sample.articles(sample.most)], "now": sample.now},
    ]


def _shared_card(sample: Sample) -> list[Values]:
    return [
        {
            "article": each,
            "reason": why(sample),
            "bot_link": "https://t.me/OnNewsBot?start=a1-abc",
            "now": sample.now,
        }
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
    ]


def _friend_card(sample: Sample) -> list[Values]:
    return [
        {
            "subscriber": reader["subscriber"],
            "article": each,
            "by_friend": by,
            "now": sample.now,
            "corrected": corrections_of(sample)[0] if by else None,
            "reason": why(sample),
        }
        for reader in _readers(sample)
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for by in BOTH
    ]


def _words(
    role: str = "words", /, **states: tuple[object, ...]
) -> Callable[[Sample], list[Values]]:
    """Return a function that makes values for typed words, with every combination of flags.

    Args:
        role: The sample text used as the typed words, such as `words` or `city`.
        states: Name of a flag → its values.
    """

    def values(sample: Sample) -> list[Values]:
        made: list[Values] = [{"words": sample.of(role), "now": sample.now}]
        for name, flags in states.items():
            made = [each | {name: flag} for each in made for flag in flags]
        return made

    return values


def _why(sample: Sample) -> list[Values]:
    article = sample.article()
    first = _reasons(lead=1, source=85, carried=12, quick=5, more="gucci", more_of_source=1)
    second = _reasons(source=50, carried=1, less="motor", less_of_source=1)
    what = {Why.HOUSE: "gucci", Why.LESS: "gucci", Why.CATEGORY: "motor", Why.LANGUAGE: "it"}
    what |= {Why.WORD: sample.of("word")}
    groups = [
        (why.value, what.get(why, sample.of("source")), sample.articles(min(count, 3)), count)
        for why in Why
        for count in (1, 9)
    ]
    stories = [
        (1, EditionStory(article, reasons=first, update=True), "motor", (), False),
        (2, EditionStory(sample.article(2), reasons=second), "style", (), True),
        (3, EditionStory(sample.article(3)), "", (sample.of("word"), "creative director"), False),
    ]
    return [
        {
            "subscriber": each,
            "due": sample.now,
            "week": week,
            "stories": stories,
            "left_out": left_out,
            "most": 3,
            "days": 8,
        }
        for each in _subscribers(sample, *READER_AND_GROUP)
        for week in (True, False)
        # A few reasons at a time, as no edition has them all.
        for left_out in ([], *(groups[start : start + 6] for start in range(0, len(groups), 6)))
    ]


def _reasons(**kinds: int | str) -> tuple[Reason, ...]:
    """Return reasons, each with its figure, or with the category that it is about."""
    return tuple(
        Reason(
            ReasonKind(kind.replace("_", "-")),
            of if isinstance(of, int) else 0,
            5,
            of if isinstance(of, str) else "",
        )
        for kind, of in kinds.items()
    )


def _first_follow(sample: Sample) -> list[Values]:
    return [
        {"subscriber": each, "category": "gucci", "when": sample.of("due")}
        for each in _subscribers(sample, *ChatKind)
    ]


def _is_group_that_follows(subscriber: Subscriber) -> bool:
    """Return whether a picker says when the subscriber's first edition arrives."""
    return subscriber.kind is not ChatKind.PRIVATE and bool(subscriber.taste.follows)


def _picker(sample: Sample) -> list[Values]:
    return [
        values
        | {"tab": tab.name.lower(), "letter": letter, "houses": 845}
        | {"week": week, "numbered": bool(week)}
        | {"when": sample.of("due") if _is_group_that_follows(values["subscriber"]) else ""}
        for values in _readers(sample)
        for tab in Tab
        for letter, week in (("", ()), ("", ("gucci",)), ("0", ()), ("Q", ()))
    ]


BOTH = (True, False)
NEAR = (("bentley", "bulgari"), ("bentley",), ())
"""Slugs of categories that a misspelled name may mean: two, one and none."""
CONVERSATIONS: dict[str, Callable[[Sample], list[Values]]] = {
    "administrators": _readers,
    "ask_location": _readers,
    "ask_word": _readers,
    "edition_later": _readers,
    "courtesy": lambda sample: [
        reader | {"kind": kind, "turn": turn}
        for reader in _readers(sample)
        for kind in ("greeting", "thanks", "goodbye", "agreed", "sign", "seen")
        for turn in (0, 1)
    ],
    "friend_card": _friend_card,
    "help": lambda sample: [
        {
            "commands": sample.commands,
            "private": private,
            "operator": operator,
            "editor": operator,
        }
        for private, operator in ((True, False), (True, True), (False, False))
    ],
    "journey_city": _readers,
    "journey_hour": _readers,
    "latest_range": lambda _: [{"most": 20}],
    "link_to_nothing": _readers,
    "list": _list,
    "nothing_followed": _readers,
    "no_edition_then": lambda sample: [
        {"words": sample.of("typed day"), "day": day, "any": any_, "now": sample.now}
        for day in (None, sample.now.date())
        for any_ in BOTH
    ],
    "nothing_new": _readers,
    "first_follow": _first_follow,
    "picker": _picker,
    "picker_found": _words(exact=BOTH, near=NEAR),
    "private": lambda _: [{"id": chat} for chat in (1234, -1001234)],
    "ready": lambda sample: [
        reader | {"news": news} for reader in _soon_and_later(sample) for news in BOTH
    ],
    "reports": lambda sample: [
        reader
        | {
            "articles": sample.articles(min(count, 15)),
            "first": first,
            "count": count,
            "common": (sample.of("house"), sample.of("word"), sample.of("amount"))[:named],
            "now": sample.now,
        }
        for reader in _readers(sample)
        for first, count, named in ((1, 1, 0), (16, 30, 3))
    ],
    "resumed": _soon_and_later,
    "search_how": lambda _: [{"long": long, "most": 200} for long in BOTH],
    "settings": _settings,
    "saved_elsewhere": lambda _: [{"sent": sent} for sent in BOTH],
    "shared": _shared,
    "shared_card": _shared_card,
    "start": lambda sample: [
        reader | {"numbered": numbered} for reader in _readers(sample) for numbered in BOTH
    ],
    "stopped": lambda sample: [
        {"subscriber": each, "days": days}
        for each in _subscribers(sample, *READER_AND_GROUP)
        for days in (0, 90, 365, 730)
    ],
    "privacy": lambda sample: [
        {"private": private, "policy": policy, "written": sample.now, "editor": private}
        for private in (True, False)
        for policy in (
            Policy(sample.of("operator"), sample.of("contact"), 90, 365, 730, 7),
            Policy("", "", 0, 0, 0, 0),
            Policy(sample.of("operator"), "", 1, 1, 1, 1),
        )
    ],
    "ask_channel": lambda _: [{}],
    "topics_made": lambda _: [
        {"made": made, "all": every}
        for made, every in ((("motor", "style"), True), (("motor",), False), ((), False))
    ],
    "channel_added": lambda sample: [{"title": sample.of("title")}],
    "channel_offered": lambda sample: [{"title": sample.of("title")}],
    "channel_refused": lambda _: [{"reason": reason} for reason in ("person", "bot")],
    "group_added": lambda _: [{}],
    "managed": lambda sample: [{"title": sample.of("title")}],
    "managed_list": lambda _: [{"anything": each, "off": off} for each in BOTH for off in BOTH],
    "managed_state": lambda sample: [
        {"subscriber": each, "title": sample.of("title"), "returned": returned}
        for each in _subscribers(sample, ChatKind.CHANNEL, ChatKind.TOPIC, ChatKind.GROUP)
        for returned in BOTH
    ],
    "forget": lambda _: [{"private": True}, {"private": False}],
    "done": lambda sample: [{"line": f"“{sample.of('title')}”"}],
    "whose_data": lambda _: [{}],
    "forgotten": lambda _: [{"returns": True}, {"returns": False}],
    "exported": lambda _: [
        {"outcome": outcome} for outcome in ("again", "private", "start first", "who", "kept")
    ],
    "unknown_category": _words(near=NEAR),
    "unknown_command": lambda sample: [
        {"command": sample.of("command"), "near": near, "commands": sample.commands}
        for near in ("", "latest")
    ],
    "further_commands": lambda sample: [
        {"commands": sample.typed_commands(count)} for count in (2, 12)
    ],
    "unknown_link": lambda _: [{"link": link} for link in ("", "https://news.example/1?a=b&c=d")],
    "unknown_text": lambda sample: [
        *_words(searchable=BOTH, near=NEAR)(sample),
        {"words": "", "searchable": False, "near": ()},
    ],
    "welcome_back": _readers,
    "which_city": _words("typed city", several=BOTH, near=BOTH, late=BOTH),
    "which_date": _words(),
    "which_hour": _words("typed hour"),
    "which_hours": _words("typed hours"),
    "why": _why,
    "yours": lambda sample: [
        {"subscriber": each, "anything": anything}
        for chosen in _subscribers(sample, *READER_AND_GROUP)
        for each in (chosen, replace(chosen, taste=Taste()))
        for anything in (True, False)
    ],
    "sources": lambda sample: [{"subscriber": sample.subscriber()}],
    "less_now": lambda sample: [
        {"subscriber": sample.subscriber(), "name": sample.of("category") or "Motor"}
    ],
    "about_story": lambda sample: [
        {"subscriber": sample.subscriber(), "article": each} for each in sample.articles(3)
    ],
    "scale": lambda sample: [
        {
            "subscriber": each,
            "name": sample.of("source" if kind == "source" else "category"),
            "kind": kind,
            "level": level.value,
        }
        for each in _subscribers(sample, *READER_AND_GROUP)
        for kind in ("source", *(each.value for each in Kind))
        for level in Level
    ],
    "withdrawn": lambda sample: [
        {"subscriber": sample.subscriber(), "num": number, "due": sample.now} for number in (1, 2)
    ],
    "ask_follow": _readers,
    "word": lambda sample: [
        {"subscriber": each, "word": sample.of("word"), "alerts": alerts, "known": known}
        for each in _subscribers(sample, *READER_AND_GROUP)
        for alerts in BOTH
        for known in ("new", "yes", "")
    ],
    "word_not_followed": lambda _: [
        {"why": why, "name": "gucci", "fewest": 2, "longest": 60, "most": 50}
        for why in ("category", "short", "long", "full")
    ],
    "word_refused": _words(why=("full", "short", "long"), fewest=(2,), longest=(40,)),
    "zone_set": _readers,
}
