"""A subscriber's settings, and the next edition that follows from them: never one alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from digest.timing.schedule import last_due, next_due
from storage.model import EVERY_DAY, FIRST_OF_CHANNELS, ChatKind, Layout, State, Subscriber, Taste
from templates.language.languages import SOURCE_LANGUAGE, primary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Unpack

    from handlers.core.known_chats import KnownChats
    from handlers.core.origin import ChatOrTopic
    from storage.model import Level, Subject
    from storage.readers.subscribers import Changes, Subscribers


ARTICLE_LANGUAGES = ("en", "it", "es", "fr", "zh", "de", "ja")
"""Those of which a reader chooses what to read."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a newcomer gets before choosing, and for how long it is kept once they stop."""

    language: str
    zone: str
    digest_minute: int
    layout: Layout
    kept_days: int
    """0 is for ever."""


class Readers:
    """Those who are written to, as handlers see them.

    Args:
        subscribers: Their table.
        defaults: What a newcomer gets.
        clock: This moment.
        known_chats: Told of everybody who is met.
    """

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
        """The subscriber of a chat; made with the defaults when it is new, or comes back.

        Args:
            chat: Whose, of the kind that Telegram says.
            language: What a newcomer is spoken to in.
            code: What their Telegram says of their own, where it does.
        """
        known = await self._subscribers.find(chat.id, chat.thread_id)
        if known is not None and known.state is not State.GONE:
            self._known_chats.meet(known.chat_id, known.created)
            if known.kind_confirmed or chat.id > FIRST_OF_CHANNELS:
                return known
            await self._subscribers.confirm_kind(chat.id, channel=chat.kind is ChatKind.CHANNEL)
            return await self._subscribers.get(known.id) or known
        return await self.add(chat, language, code)

    async def add(self, chat: ChatOrTopic, language: str, code: str | None = None) -> Subscriber:
        """Make a subscriber of a chat, or an active one again of one that was gone.

        A new topic begins with its group's language, place and hour, whoever writes there first.
        """
        group = None
        if chat.thread_id and await self._subscribers.find(chat.id, chat.thread_id) is None:
            group = await self._subscribers.find(chat.id)
        first = self._defaults if group is None else group
        subscriber, _ = await self._subscribers.ensure(
            chat.id,
            thread_id=chat.thread_id,
            kind=chat.kind,
            kind_confirmed=True,
            language=language if group is None else group.language,
            zone=first.zone,
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
        """A newcomer with the defaults who is not stored, and has the id 0."""
        return Subscriber(
            id=0,
            chat_id=chat.id,
            thread_id=chat.thread_id,
            kind=chat.kind,
            kind_confirmed=True,
            state=State.ACTIVE,
            language=language,
            zone=self._defaults.zone,
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
        """Have a group speak as who sets it up does, if others only asked there until now."""
        chosen = subscriber.place or subscriber.taste.follows_anything
        if chosen or subscriber.kind is ChatKind.PRIVATE or subscriber.language == language:
            return subscriber
        return await self.change(
            subscriber, language=language, languages=languages_of(language, code)
        )

    async def change(self, subscriber: Subscriber, /, **fields: Unpack[Changes]) -> Subscriber:
        """Store new settings together with the time of the next edition that follows from them."""
        return await self._subscribers.change_by(
            subscriber.id, lambda before: with_next_edition(before, fields, self._clock())
        )

    async def change_by(
        self, subscriber: Subscriber, decide: Callable[[Subscriber], Changes]
    ) -> Subscriber:
        """As `change`, with settings that follow from what holds at that moment."""
        return await self._subscribers.change_by(
            subscriber.id,
            lambda before: with_next_edition(before, decide(before), self._clock()),
        )

    async def follow(self, subscriber: Subscriber, category: str, *, on: bool = True) -> Subscriber:
        """Follow a category or leave it. Whoever follows the first one gets tomorrow's edition."""
        if not on:
            return await self._subscribers.unfollow(subscriber.id, category)
        return await self.scheduled(await self._subscribers.follow(subscriber.id, category))

    async def follow_word(
        self, subscriber: Subscriber, word: str, *, alerts: bool | None = None
    ) -> Subscriber:
        """Follow a word or phrase; see `WordChoices.follow_word`."""
        return await self.scheduled(
            await self._subscribers.follow_word(subscriber.id, word, alerts=alerts)
        )

    async def set_level(self, subscriber: Subscriber, subject: Subject, level: Level) -> Subscriber:
        """Have more or less of a category or a source, or none of it; see `Choices.set_level`."""
        return await self.scheduled(
            await self._subscribers.set_level(subscriber.id, subject, level)
        )

    async def resume(self, subscriber: Subscriber) -> Subscriber:
        """Send editions again, from the next due time on."""
        active = await self.change(subscriber, state=State.ACTIVE, paused_until=None)
        return await self.scheduled(active)

    async def scheduled(self, subscriber: Subscriber) -> Subscriber:
        """Give a next edition to a subscriber who follows something and has none to come."""
        if not awaits_none(subscriber):
            return subscriber
        return await self._subscribers.change_by(
            subscriber.id,
            lambda before: (
                {"next_at": next_due(before, self._clock())} if awaits_none(before) else {}
            ),
        )


def awaits_none(subscriber: Subscriber) -> bool:
    """Whether a subscriber follows something and has no edition to come. Pure."""
    return (
        subscriber.state is State.ACTIVE
        and subscriber.next_at is None
        and subscriber.taste.follows_anything
    )


def with_next_edition(before: Subscriber, fields: Changes, now: datetime) -> Changes:
    """New settings, with the time of the next edition that follows from them. Pure."""
    fields = fields.copy()
    # An edition that came early is that of its time.
    now = max(now, before.edition_at or now)
    if "zone" in fields:
        # A name that was typed goes with the zone that it meant.
        fields.setdefault("city", "")
    own = {name: value for name, value in fields.items() if name != "languages"}
    after = replace(before, **cast("dict[str, Any]", own))
    if after.evening_minute is not None and after.evening_minute <= after.digest_minute:
        # The earlier of the two hours is the morning's, whichever was chosen last.
        early, late = after.evening_minute, after.digest_minute
        fields["digest_minute"] = early
        fields["evening_minute"] = None if early == late else late
        after = replace(after, digest_minute=early, evening_minute=fields["evening_minute"])
    if after.state is State.ACTIVE and after.next_at is not None:
        had: list[datetime] = []
        if after.zone != before.zone:
            # A traveller's new zone may still have the date of the editions that have come.
            last = last_due(before, now)
            both = (last, last_due(before, last - timedelta(microseconds=1)))
            had = [each for each in both if each > before.created]
        fields["next_at"] = next_due(after, now, had=had)
    return fields


def languages_of(language: str, code: str | None) -> frozenset[str]:
    """The languages of articles that a newcomer reads: their own, and English.

    Args:
        language: What they are spoken to in.
        code: What their Telegram says, such as `de-AT`: German can be read here, though not spoken.
    """
    own = {primary(each) for each in (language, code or "")}
    return frozenset({SOURCE_LANGUAGE, *own.intersection(ARTICLE_LANGUAGES)})
