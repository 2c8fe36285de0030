"""The chats that the bot knows, and changes of their settings with the time of the next edition."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from digest.pacing.priorities import Standing
from digest.timing.schedule import last_due, next_due
from handlers.typed.places import home_zone
from storage.model import (
    EVERY_DAY,
    FIRST_OF_CHANNELS,
    NIGHT,
    ChatKind,
    Layout,
    State,
    Subscriber,
    Taste,
)
from storage.readers.subscribers import OF_TASTE
from templates.language.languages import SOURCE_LANGUAGE, primary

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from handlers.core.origin import ChatOrTopic
    from storage.model import Level, Subject
    from storage.readers.subscribers import Changes, Subscribers


ARTICLE_LANGUAGES = ("en", "it", "es", "fr", "zh", "de", "ja")
"""Languages of articles among which a reader can choose."""
NEW_FOR = timedelta(days=1)
"""Time for which a chat counts as new, so that mass-made accounts do not count as known at once."""
PAGE = 50_000
"""Ids read in one query, so that other queries can run in between."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The settings of a newcomer, and how long they are kept after the reader stops."""

    language: str
    zone: str
    """An IANA name; empty to derive the zone from the newcomer's language."""
    digest_minute: int
    layout: Layout
    kept_days: int
    """Days for which the data of a reader who left is kept; 0 keeps it for ever."""

    def zone_for(self, language: str) -> str:
        """Return the zone of a newcomer who is spoken to in a language."""
        return self.zone or home_zone(language)


class KnownChats:
    """The ids of the chats that are subscribers, eight bytes each, looked up without a query."""

    def __init__(self) -> None:
        self._long = array("q")
        """Sorted ids of the chats that were subscribers before the start."""
        self._since: dict[int, datetime] = {}
        """Other chats, and the time since which each is a subscriber."""
        self._loaded = datetime.fromtimestamp(0, UTC)

    async def load(self, subscribers: Subscribers, now: datetime) -> None:
        """Read the ids of all subscribers."""
        long = array("q")
        after: int | None = None
        while page := await subscribers.chat_ids(after=after, limit=PAGE):
            long.extend(page)
            after = page[-1]
        self._since = await subscribers.since(now - NEW_FOR)
        self._loaded = now
        self._long = long

    async def load_new(self, subscribers: Subscribers, now: datetime) -> None:
        """Read who has become a subscriber since the last time, in this or another process."""
        for chat_id, since in (await subscribers.since(self._loaded - NEW_FOR)).items():
            self.meet(chat_id, since)
        self._loaded = now

    def meet(self, chat_id: int, since: datetime) -> None:
        """Note that a chat has been a subscriber since a time."""
        if not self._is_long(chat_id):
            self._since.setdefault(chat_id, since)

    def forget(self, chat_id: int) -> None:
        """Note that a chat is no longer a subscriber."""
        self._since.pop(chat_id, None)
        if self._is_long(chat_id):
            del self._long[bisect_left(self._long, chat_id)]

    def standing(self, chat_id: int, now: datetime) -> Standing:
        """Return a chat's or person's standing: a reader is new on the first day, then known."""
        since = self._since.get(chat_id)
        if since is not None:
            return Standing.NEW if now - since < NEW_FOR else Standing.KNOWN
        return Standing.KNOWN if self._is_long(chat_id) else Standing.STRANGER

    def _is_long(self, chat_id: int) -> bool:
        at = bisect_left(self._long, chat_id)
        return at < len(self._long) and self._long[at] == chat_id


class Readers:
    """Creates subscribers and changes their settings on behalf of handlers."""

    def __init__(
        self,
        subscribers: Subscribers,
        defaults: Defaults,
        clock: Callable[[], datetime],
        known_chats: KnownChats,
    ) -> None:
        self._known_chats = known_chats
        self._subscribers = subscribers
        self._defaults = defaults
        self._clock = clock

    async def find_or_add(
        self, chat: ChatOrTopic, language: str, code: str | None = None
    ) -> Subscriber:
        """Return a chat's subscriber, creating it with the defaults if it is new or was gone."""
        known = await self._subscribers.find(chat.id, chat.thread_id)
        if known is not None and known.state is not State.GONE:
            self._known_chats.meet(known.chat_id, known.created)
            if known.kind_confirmed or chat.id > FIRST_OF_CHANNELS:
                return known
            await self._subscribers.confirm_kind(chat.id, channel=chat.kind is ChatKind.CHANNEL)
            return await self._subscribers.get(known.id) or known
        return await self.add(chat, language, code)

    async def add(self, chat: ChatOrTopic, language: str, code: str | None = None) -> Subscriber:
        """Create a chat's subscriber (a topic's like its group's), or activate one that is gone."""
        group = None
        if chat.thread_id and await self._subscribers.find(chat.id, chat.thread_id) is None:
            group = await self._subscribers.find(chat.id)
        first = self._defaults if group is None else group
        zone = self._defaults.zone_for(language) if group is None else group.zone
        subscriber, _ = await self._subscribers.ensure(
            chat.id,
            thread_id=chat.thread_id,
            kind=chat.kind,
            kind_confirmed=True,
            language=language if group is None else group.language,
            zone=zone,
            digest_minute=first.digest_minute,
            layout=first.layout,
            languages=languages_of(language, code) if group is None else group.taste.languages,
            now=self._clock(),
        )
        self._known_chats.meet(subscriber.chat_id, subscriber.created)
        if group is not None and group.city:
            subscriber = await self._subscribers.change(subscriber.id, city=group.city)
        return await self.scheduled(subscriber)

    def passing(self, chat: ChatOrTopic, language: str, code: str | None = None) -> Subscriber:
        """Return a subscriber with the defaults and the id 0 that is not stored."""
        return Subscriber(
            id=0,
            chat_id=chat.id,
            thread_id=chat.thread_id,
            kind=chat.kind,
            kind_confirmed=True,
            state=State.ACTIVE,
            language=language,
            zone=self._defaults.zone_for(language),
            digest_minute=self._defaults.digest_minute,
            days=EVERY_DAY,
            layout=self._defaults.layout,
            empty_note=False,
            quiet_from=None,
            quiet_to=None,
            paused_until=None,
            next_at=None,
            place=0,
            taste=Taste(languages=languages_of(language, code)),
            created=self._clock(),
        )

    async def set_up_by(
        self, subscriber: Subscriber, language: str, code: str | None = None
    ) -> Subscriber:
        """Give a group that is not set up the language of the person who sets it up."""
        chosen = subscriber.place or subscriber.taste.follows_anything
        if chosen or subscriber.private or subscriber.language == language:
            return subscriber
        zone = subscriber.zone
        if zone == self._defaults.zone_for(subscriber.language) and not subscriber.city:
            zone = self._defaults.zone_for(language)
        return await self.change(
            subscriber,
            language=language,
            languages=languages_of(language, code),
            zone=zone,
            city=subscriber.city,
        )

    async def change(self, subscriber: Subscriber, /, **fields: Unpack[Changes]) -> Subscriber:
        """Store new settings together with the resulting time of the next edition."""
        return await self._subscribers.change_by(
            subscriber.id, lambda before: with_next_edition(before, fields, self._clock())
        )

    async def change_by(
        self, subscriber: Subscriber, decide: Callable[[Subscriber], Changes]
    ) -> Subscriber:
        """Store settings computed from the stored ones, as `change` does, in one transaction."""
        return await self._subscribers.change_by(
            subscriber.id,
            lambda before: with_next_edition(before, decide(before), self._clock()),
        )

    async def follow(self, subscriber: Subscriber, category: str, *, on: bool = True) -> Subscriber:
        """Follow or unfollow a category; the first follow schedules the next edition."""
        if not on:
            return await self._subscribers.unfollow(subscriber.id, category)
        return await self.scheduled(await self._subscribers.follow(subscriber.id, category))

    async def follow_word(
        self, subscriber: Subscriber, word: str, *, alerts: bool | None = None
    ) -> Subscriber:
        """Follow a word or phrase, as `WordChoices.follow_word` does, and schedule an edition."""
        return await self.scheduled(
            await self._subscribers.follow_word(subscriber.id, word, alerts=alerts)
        )

    async def before_alert(self, subscriber: Subscriber) -> Subscriber:
        """Set quiet hours before a private chat's first alert is on, if none are chosen."""
        if not subscriber.private or subscriber.quiet_from is not None:
            return subscriber
        if await self._subscribers.has_alerts(subscriber.id):
            return subscriber
        return await self.change(subscriber, quiet_from=NIGHT[0], quiet_to=NIGHT[1])

    async def after_alert(self, subscriber: Subscriber) -> Subscriber:
        """Take these quiet hours back after the last alert was switched off."""
        unchanged = (subscriber.quiet_from, subscriber.quiet_to) == NIGHT
        if not (subscriber.private and unchanged):
            return subscriber
        if await self._subscribers.has_alerts(subscriber.id):
            return subscriber
        return await self.change(subscriber, quiet_from=None, quiet_to=None)

    async def set_level(self, subscriber: Subscriber, subject: Subject, level: Level) -> Subscriber:
        """Set the level of a category or source (`Choices.set_level`), and schedule an edition."""
        return await self.scheduled(
            await self._subscribers.set_level(subscriber.id, subject, level)
        )

    async def resume(self, subscriber: Subscriber) -> Subscriber:
        """Resume the editions from the next due time on."""
        active = await self.change(subscriber, state=State.ACTIVE, paused_until=None)
        return await self.scheduled(active)

    async def scheduled(self, subscriber: Subscriber) -> Subscriber:
        """Schedule the next edition of a subscriber that follows something and has none due."""
        if not awaits_none(subscriber):
            return subscriber
        return await self._subscribers.change_by(
            subscriber.id,
            lambda before: (
                {"next_at": next_due(before, self._clock())} if awaits_none(before) else {}
            ),
        )


def awaits_none(subscriber: Subscriber) -> bool:
    """Return whether a subscriber follows something and has no edition scheduled. Pure."""
    return (
        subscriber.state is State.ACTIVE
        and subscriber.next_at is None
        and subscriber.taste.follows_anything
    )


def with_next_edition(before: Subscriber, fields: Changes, now: datetime) -> Changes:
    """Return new settings with the resulting time of the next edition. Pure."""
    fields = fields.copy()
    # An edition that was sent early counts as sent at its due time.
    now = max(now, before.edition_at or now)
    if "zone" in fields:
        # The old city's name does not fit the new zone.
        fields.setdefault("city", "")
    own = {name: value for name, value in fields.items() if name not in OF_TASTE}
    after = replace(before, **cast("dict[str, Any]", own))
    if after.evening_minute is not None and after.evening_minute <= after.digest_minute:
        # The earlier of the two times is the morning's, whichever was chosen last.
        early, late = after.evening_minute, after.digest_minute
        fields["digest_minute"] = early
        fields["evening_minute"] = None if early == late else late
        after = replace(after, digest_minute=early, evening_minute=fields["evening_minute"])
    if after.state is State.ACTIVE and after.next_at is not None:
        had: list[datetime] = []
        if after.zone != before.zone:
            # In the new zone it may still be the date of the editions that were already sent.
            last = last_due(before, now)
            both = (last, last_due(before, last - timedelta(microseconds=1)))
            had = [each for each in both if each > before.created]
        fields["next_at"] = next_due(after, now, had=had)
    return fields


def languages_of(language: str, code: str | None) -> frozenset[str]:
    """Return the languages of articles that a newcomer gets: their own, and English.

    `code` is the Telegram app's, such as `de-AT`: German is a language of articles only.
    """
    own = {primary(each) for each in (language, code or "")}
    return frozenset({SOURCE_LANGUAGE, *own.intersection(ARTICLE_LANGUAGES)})
