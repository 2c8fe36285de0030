"""Sample data for every message of the bot, for the text review and the tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.typed.message_words import TypedCommand
from storage.model import (
    Article,
    ChatKind,
    Edition,
    EditionSection,
    EditionStory,
    Layout,
    State,
    Subscriber,
    Taste,
    Translation,
    in_translation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

GONE = "no-longer-here"
"""A category that is no longer in the taxonomy."""
TRANSLATED = 5
"""Number of the article that is shown translated."""


@dataclass(frozen=True)
class Sample:
    """The sample texts and settings that messages are rendered with."""

    text: str
    """The text for values without an entry in `by_role` or `headlines`."""
    url: str
    now: datetime
    zone: str = "Europe/Rome"
    language: str = "en"
    by_role: Mapping[str, str] = field(default_factory=dict)
    """Role, such as `source` or `city` → the text for it."""
    headlines: tuple[tuple[str, str], ...] = ()
    """Pairs of headline and standfirst, which sample articles use in turn."""
    others: tuple[str, ...] = ()
    """Names of further sources that report the same story."""
    most: int = 20
    """Number of entries in long sample lists."""
    paywalls: bool = False
    """Whether every third article is behind a paywall."""
    commands: tuple[tuple[str, str], ...] = (("latest", "The latest headlines"), ("help", "Help"))

    def of(self, role: str) -> str:
        """Return the text for a role, or `text` if the role has none."""
        return self.by_role.get(role, self.text)

    def typed_commands(self, count: int) -> list[TypedCommand]:
        """Return `count` typed commands; the first and every second one has arguments."""
        names = [name for name, _ in self.commands]
        return [
            TypedCommand(names[each % len(names)], "", "" if each % 2 else self.of("words"))
            for each in range(count)
        ]

    def sources(self, count: int) -> tuple[str, ...]:
        """Return `count` names of sources."""
        names = self.others or (self.of("source"),)
        return tuple(names[each % len(names)] for each in range(count))

    def article(self, number: int = 1, *, categories: tuple[str, ...] = ("motor",)) -> Article:
        """Return an article with the sample's texts; its number also selects its headline."""
        title, standfirst = (
            self.headlines[(number - 1) % len(self.headlines)]
            if self.headlines
            else (self.text, self.text)
        )
        return Article(
            id=number,
            story_id=number,
            source_id=1,
            source=self.of("source"),
            source_weight=50,
            link=self.url,
            title=title,
            standfirst=standfirst,
            image=self.url,
            author=self.of("author"),
            language="en",
            published=self.now,
            first_seen=self.now,
            categories=categories,
            backlog=False,
            has_body=True,
            paywall=self.paywalls and number % 3 == 0,
        )

    def articles(self, count: int) -> list[Article]:
        """Return `count` articles, some without a category that is known, the fifth translated."""
        filed = (("motor", "gucci", "china"), (), (GONE,))
        made = [self.article(each, categories=filed[each % 3]) for each in range(1, count + 1)]
        if count >= TRANSLATED:
            fifth = made[TRANSLATED - 1]
            made[TRANSLATED - 1] = in_translation(
                fifth, Translation(fifth.title), standfirsts=False
            )
        return made

    def minute(self) -> int:
        """Return the minutes after midnight of `now` in the reader's time zone."""
        local = self.now.astimezone(ZoneInfo(self.zone))
        return local.hour * 60 + local.minute

    def subscriber(self) -> Subscriber:
        """Return an active reader with followed categories, a muted category and a muted word."""
        return Subscriber(
            id=1,
            chat_id=42,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            state=State.ACTIVE,
            language=self.language,
            zone=self.zone,
            digest_minute=self.minute(),
            days=127,
            layout=Layout.SUMMARIES,
            empty_note=False,
            quiet_from=None,
            quiet_to=None,
            paused_until=None,
            next_at=self.now + timedelta(days=1),
            place=0,
            taste=Taste(
                frozenset({"motor", "gucci"}), frozenset({"style"}), frozenset({self.of("word")})
            ),
            created=self.now,
        )

    def edition(self, *, stories: int = 12) -> Edition:
        """Return an edition of this many stories, with a lead story and two sections."""
        edition_stories = [
            EditionStory(each, also_in=self.sources(5)) for each in self.articles(stories)
        ]
        middle = 1 + (len(edition_stories) - 1) // 2
        return Edition(
            edition_stories[0],
            (
                EditionSection("motor", tuple(edition_stories[1:middle]), left_out=7),
                EditionSection("gucci", tuple(edition_stories[middle:]), left_out=1),
            ),
        )
