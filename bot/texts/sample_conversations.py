"""Sample values for the templates of conversations, for each of their states."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bot.texts.sample_corrections import WITHDRAWN, corrections_of, why
from bot.texts.sample_readers import BOTH, NEAR, READER_AND_GROUP, readers, subscribers, typed
from digest.editions.preview import Why
from handlers.core.services.services import Policy
from handlers.stories.listing import MOST, lengths
from handlers.stories.reports import ListedStory
from handlers.taps.callback_data import Scope, Sheet, Tab
from handlers.typed.search_filters import Narrowed
from storage.model import (
    TITLES,
    ChatKind,
    EditionStory,
    Kind,
    Layout,
    Level,
    Reason,
    ReasonKind,
    State,
    StoryKind,
    Taste,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.samples import Sample
    from storage.model import Subscriber

    Values = dict[str, Any]


def listed(sample: Sample) -> list[Values]:
    """Return sample values for lists of each kind, long and short."""
    reader = sample.subscriber()
    stranger = replace(reader, taste=Taste())
    pages = [(scope, 0, first, stranger) for scope in Scope for first in (1, 21)]
    pages += [(Scope.FOLLOWS, 0, 1, reader), (Scope.SEARCH, 1, 1, reader)]
    pages += [(Scope.CATEGORY, 0, 1, reader)]
    groups = [replace(each, kind=ChatKind.GROUP) for each in (stranger, reader)]
    pages += [(Scope.FOLLOWS, 0, 1, each) for each in groups]
    pages += [(Scope.CATEGORY, 0, 1, groups[1])]
    pages += [(Scope.CATEGORY, 1, 1, each) for each in (reader, groups[1])]
    pages += [(Scope.ALL, sample.most, 981, reader)]
    # A list too long to name the sources.
    pages += [(Scope.ALL, 12, 1, reader)]
    searches = [(Scope.SEARCH, count, 1, reader) for count in (0, 1)]
    one_word, today = sample.of("query"), sample.now.date()
    everything = Narrowed(sample.text, sample.sources(4), frozenset({1}), "china")
    since_today = replace(everything, since=today)
    one_day = replace(since_today, before=today + timedelta(days=1))
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
            "matters": [
                (ListedStory(each, newest=each.published), sample.url, each.id)
                for each in (sample.articles(3) if beside is False and count == 0 else ())
            ],
            "narrowed": narrowed if scope is Scope.SEARCH else None,
            "by_day": scope not in {Scope.SEARCH, Scope.SAVED},
            "cut": cut,
            "near": near,
            "muted": [sample.of("category")] if scope is Scope.CATEGORY and count else [],
            "first": first,
            "beside": beside,
            # The longest list shortens its lines, even if the sample shows only a few of them.
            "lengths": lengths(MOST if count == sample.most else max(count, 1)),
            "now": sample.now,
        }
        for shown, cut, query, near, narrowed in (
            (searches, True, one_word, (), since_today),
            (searches[:1], False, sample.of("words"), ("bentley",), since_today),
            (searches[:1], False, sample.of("words"), ("bentley", "bulgari"), since_today),
            (searches[:1], False, f"{one_word} {sample.of('word')}", (), since_today),
            (searches[:1], False, "", (), everything),
            (pages, False, one_word, (), since_today),
            (searches, False, "", (), since_today),
            (searches, False, "", (), one_day),
        )
        for scope, count, first, each in shown
        for beside in {False, scope is Scope.CATEGORY and not cut}
    ]


def shared(sample: Sample) -> list[Values]:
    """Return sample values for the list of stories that a reader sent to friends."""
    return [
        {"sent": [], "now": sample.now},
        {"sent": [(each, each.id - 1) for each in sample.articles(sample.most)], "now": sample.now},
    ]


def shared_card(sample: Sample) -> list[Values]:
    """Return sample values for a story as a friend gets it."""
    return [
        {
            "article": each,
            "reason": why(sample),
            "bot_link": "https://t.me/OnNewsBot?start=a1-abc",
            "now": sample.now,
        }
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
    ]


def friend_card(sample: Sample) -> list[Values]:
    """Return sample values for a story that a friend has sent, as its link shows it."""
    return [
        {
            "subscriber": reader["subscriber"],
            "article": each,
            "by_friend": by,
            "now": sample.now,
            "corrected": corrections_of(sample)[0] if by else None,
            "reason": why(sample),
        }
        for reader in readers(sample)
        for each in (*sample.articles(3), replace(sample.article(), state=WITHDRAWN))
        for by in BOTH
    ]


def why_these(sample: Sample) -> list[Values]:
    """Return sample values for the reasons of an edition, with and without stories left out."""
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
    first += tuple(Reason(ReasonKind.WEIGHT, 3, 240, each) for each in ("", *StoryKind))
    second += (Reason(ReasonKind.WEIGHT, 2, 180, StoryKind.DEAL),)
    stories = [
        (1, EditionStory(article, reasons=first, update=True), "motor", (), False),
        (2, EditionStory(sample.article(2), reasons=second), "style", (), True),
        (3, EditionStory(sample.article(3)), "", (sample.of("word"), "creative director"), False),
    ]
    return [
        {
            "subscriber": each,
            "due": sample.now,
            "stories": stories,
            "left_out": left_out,
            "most": 3,
            "days": 8,
        }
        for each in subscribers(sample, *READER_AND_GROUP)
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
        for reader in readers(sample)
        for days in (0, 1, 3)
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
    translating = replace(reader.taste, translate=frozenset({TITLES}))
    sheets += [(Sheet.TRANSLATE, replace(reader, taste=translating))]
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


def _matching(sample: Sample) -> list[Values]:
    stories = [sample.article(number) for number in (1, 2, 3)]
    return [{"num": num, "newest": stories[:num]} for num in (0, 1, 1200)]


def _first_follow(sample: Sample) -> list[Values]:
    return [
        {"subscriber": each, "category": "gucci", "when": sample.of("due")}
        for each in subscribers(sample, *ChatKind)
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
        for values in readers(sample)
        for tab in Tab
        for letter, week in (("", ()), ("", ("gucci",)), ("0", ()), ("Q", ()))
    ]


CONVERSATIONS: dict[str, Callable[[Sample], list[Values]]] = {
    "administrators": readers,
    "ask_location": readers,
    "ask_word": readers,
    "edition_later": readers,
    "about": lambda _: [
        *(
            {"kind": each, "named": False}
            for each in ("fewer", "free", "who", "translate", "number", "cannot")
        ),
        {"kind": "cannot", "named": True},
    ],
    "courtesy": lambda sample: [
        reader | {"kind": kind, "turn": turn}
        for reader in readers(sample)
        for kind in ("greeting", "thanks", "goodbye", "agreed", "sign", "seen")
        for turn in (0, 1)
    ],
    "friend_card": friend_card,
    "help": lambda sample: [
        {
            "commands": sample.commands,
            "private": private,
            "operator": operator,
            "editor": operator,
        }
        for private, operator in ((True, False), (True, True), (False, False))
    ],
    "journey_city": readers,
    "journey_hour": readers,
    "latest_range": lambda _: [{"most": 20}],
    "link_to_nothing": readers,
    "list": listed,
    "nothing_followed": readers,
    "no_edition_then": lambda sample: [
        {"words": sample.of("typed day"), "day": day, "any": any_, "now": sample.now}
        for day in (None, sample.now.date())
        for any_ in BOTH
    ],
    "nothing_new": readers,
    "first_follow": _first_follow,
    "picker": _picker,
    "picker_found": typed(exact=BOTH, near=NEAR),
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
        for reader in readers(sample)
        for first, count, named in ((1, 1, 0), (16, 30, 3))
    ],
    "matter": lambda sample: [
        reader
        | {
            "stories": [
                ListedStory(each, (sample.of("source"),) if first > 1 else (), each.published)
                for each in sample.articles(3)
            ],
            "first": first,
            "now": sample.now,
        }
        for reader in readers(sample)
        for first in (1, 11)
    ],
    "resumed": _soon_and_later,
    "search_how": lambda _: [{"long": long, "most": 200} for long in BOTH],
    "settings": _settings,
    "saved_elsewhere": lambda _: [{"sent": sent} for sent in BOTH],
    "shared": shared,
    "shared_card": shared_card,
    "start": lambda sample: [
        reader | {"numbered": numbered} for reader in readers(sample) for numbered in BOTH
    ],
    "links": lambda sample: [
        {"subscriber": each, "made": made, "url": url, "off": off}
        for each in subscribers(sample, *READER_AND_GROUP)
        for made, url, off in (
            (None, "", False),
            (None, "", True),
            (sample.now, "", False),
            (None, "https://news.example/editions/q3Jm0xA9Rk2d8VtYbLcW1g", False),
            (sample.now, "https://news.example/editions/q3Jm0xA9Rk2d8VtYbLcW1g", False),
        )
    ],
    "stopped": lambda sample: [
        {"subscriber": each, "days": days}
        for each in subscribers(sample, *READER_AND_GROUP)
        for days in (0, 90, 365, 730)
    ],
    "privacy": lambda sample: [
        {"private": private, "policy": policy, "written": sample.now, "editor": private}
        for private in (True, False)
        for policy in (
            Policy(
                *(sample.of("operator"), sample.of("contact"), 90, 365, 730, 7),
                pages=True,
                translates=True,
                newsletters=True,
            ),
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
        for each in subscribers(sample, ChatKind.CHANNEL, ChatKind.TOPIC, ChatKind.GROUP)
        for returned in BOTH
    ],
    "forget": lambda _: [{"private": True}, {"private": False}],
    "done": lambda sample: [
        {"line": f"“{sample.of('title')}”"} | more for more in ({}, *_matching(sample))
    ],
    "whose_data": lambda _: [{}],
    "forgotten": lambda _: [{"returns": True}, {"returns": False}],
    "exported": lambda _: [
        {"outcome": outcome} for outcome in ("again", "private", "start first", "who", "kept")
    ],
    "unknown_category": typed(near=NEAR),
    "unknown_command": lambda sample: [
        {"command": sample.of("command"), "near": near, "commands": sample.commands}
        for near in ("", "latest")
    ],
    "further_commands": lambda sample: [
        {"commands": sample.typed_commands(count)} for count in (2, 12)
    ],
    "unknown_link": lambda _: [{"link": link} for link in ("", "https://news.example/1?a=b&c=d")],
    "unknown_text": lambda sample: [
        *typed(searchable=BOTH, near=NEAR)(sample),
        {"words": "", "searchable": False, "near": ()},
    ],
    "welcome_back": readers,
    "which_city": typed("typed city", several=BOTH, near=BOTH, late=BOTH),
    "which_date": typed(),
    "which_hour": typed("typed hour"),
    "which_hours": typed("typed hours"),
    "why": why_these,
    "yours": lambda sample: [
        {"subscriber": each, "anything": anything}
        for chosen in subscribers(sample, *READER_AND_GROUP)
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
            "number": 3 if kind == "house" and level is Level.NORMAL else None,
        }
        for each in subscribers(sample, *READER_AND_GROUP)
        for kind in ("source", *(each.value for each in Kind))
        for level in Level
    ],
    "withdrawn": lambda sample: [
        {"subscriber": sample.subscriber(), "num": number, "due": sample.now} for number in (1, 2)
    ],
    "ask_follow": readers,
    "word": lambda sample: [
        {"subscriber": each, "word": sample.of("word"), "alerts": alerts, "known": known} | more
        for each in subscribers(sample, *READER_AND_GROUP)
        for alerts in BOTH
        for known in ("new", "yes", "")
        for more in (_matching(sample) if known == "new" else [{}])
    ],
    "word_not_followed": lambda _: [
        {"why": why, "name": "gucci", "fewest": 2, "longest": 60, "most": 50}
        for why in ("category", "short", "long", "full")
    ],
    "word_refused": typed(why=("full", "short", "long"), fewest=(2,), longest=(40,)),
    "zone_set": readers,
}
