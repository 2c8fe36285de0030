"""Who may use the bot, by the settings and the decisions of operators, and who is known to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.pacing.priorities import Standing
from handlers.core.origin import in_private
from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from telegram import Update

    from handlers.core.services.readers import KnownChats, Readers
    from storage.model import Subscriber
    from storage.readers.access import Access
    from storage.readers.managers import Managers
    from storage.readers.subscribers import Subscribers
    from storage.replicas.named_people import NamedPeople


class Admissions:
    """Decides who may use the bot: an operator's decision in chat overrides the settings.

    `administrators` asks Telegram for those of a chat, and returns None if it does not say.
    `people` are ALLOWED_IDS, and the operators, who always may. `decided` holds True for let in,
    False for shut out.
    """

    def __init__(
        self,
        access: Access,
        subscribers: Subscribers,
        readers: Readers,
        clock: Callable[[], datetime],
        *,
        managers: Managers,
        administrators: Callable[[int], Awaitable[frozenset[int] | None]],
        people: NamedPeople,
        known_chats: KnownChats,
        decided: Mapping[int, bool],
    ) -> None:
        self._access = access
        self._subscribers = subscribers
        self._readers = readers
        self._clock = clock
        self._managers = managers
        self._administrators = administrators
        self._people = people
        self._known_chats = known_chats
        self._decided = dict(decided)

    @property
    def allowed(self) -> frozenset[int]:
        """ALLOWED_IDS; empty if everybody may use the bot."""
        return self._people.allowed

    def permits(self, chat_id: int) -> bool:
        """Return whether a person or a group may use the bot."""
        if chat_id in self._people.admins:
            return True
        decided = self._decided.get(chat_id)
        return (not self.allowed or chat_id in self.allowed) if decided is None else decided

    def names(self, chat_id: int) -> bool:
        """Return whether this person or group was let in by its id, not along with everybody."""
        decided = self._decided.get(chat_id)
        return chat_id in self.allowed if decided is None else decided

    def is_banned(self, user_id: int) -> bool:
        """Return whether an operator banned a person; a ban also holds in every group."""
        return user_id not in self._people.admins and self._decided.get(user_id) is False

    def shuts_out(self, update: Update) -> bool:
        """Return whether a person who may not use the bot wrote or tapped in private."""
        user = update.effective_user
        return user is not None and in_private(update) and not self.permits(user.id)

    def standing_of(self, update: Update) -> Standing:
        """Return how well the person who wrote or tapped is known in that chat."""
        user, chat, now = update.effective_user, update.effective_chat, self._clock()
        person = Standing.STRANGER
        if user is not None:
            if user.id in self._people.admins:
                return Standing.OPERATOR
            if self.is_banned(user.id):
                return Standing.STRANGER
            person = self._known_chats.standing(user.id, now)
            if self.names(user.id):
                person = Standing.KNOWN
        if chat is None or in_private(update):
            is_let_in = user is not None and self.permits(user.id)
            return person if is_let_in else Standing.STRANGER
        if not self.permits(chat.id):
            return Standing.STRANGER
        is_named = self.names(chat.id)
        is_known = is_named or self._known_chats.standing(chat.id, now) < Standing.STRANGER
        # Most members of a group have never written to the bot in private.
        return min(person, Standing.NEW if is_known else Standing.STRANGER)

    def __str__(self) -> str:
        """Return who may use the bot, for the log: `private: 3 people, 1 group`."""
        shut_out = {chat for chat in self._decided if not self.permits(chat)}
        if not self.allowed:
            return "open to everybody" + (f" but {len(shut_out)} shut out" if shut_out else "")
        let_in = (self._people.admins | self.allowed | set(self._decided)) - shut_out
        groups = sum(chat < 0 for chat in let_in)
        people = len(let_in) - groups
        return (
            f"private: {people} {'person' if people == 1 else 'people'}, "
            f"{groups} {'group' if groups == 1 else 'groups'}"
        )

    def learn(self, decided: Mapping[int, bool]) -> None:
        """Use the decisions that are stored now, since another process has added one."""
        self._decided = dict(decided)

    async def decide(self, chat_id: int, *, allowed: bool) -> None:
        """Let a chat in or shut it out, store the decision, and stop or resume its editions."""
        await self._access.decide(chat_id, allowed=allowed, now=self._clock())
        self._decided[chat_id] = allowed
        await self.apply([chat_id])

    async def moved(self, old: int, new: int) -> None:
        """Give a group's new id the same decision as its old one."""
        if self.permits(old) != self.permits(new):
            await self.decide(new, allowed=self.permits(old))

    async def may_be_refused(self, chat_id: int) -> bool:
        """Return whether a chat may be sent the refusal now: at most once a day."""
        return await self._access.refuse(chat_id, self._clock())

    async def apply(self, chats: Collection[int]) -> None:
        """Stop the editions of chats without access, and resume those of chats that regained it."""
        for chat_id in chats:
            for subscriber in await self._subscribers.of_chat(chat_id):
                if subscriber.kind is ChatKind.CHANNEL:
                    await self.apply_to_channels([subscriber])
                    continue
                await self._apply(subscriber, permitted=self.permits(chat_id))
                if subscriber.private:
                    await self.apply_to_channels(await self.channels_of(subscriber.id))

    async def channels_of(self, manager_id: int) -> list[Subscriber]:
        """Return the channels that a person manages."""
        managed = await self._managers.managed(manager_id)
        return [each.subscriber for each in managed if each.subscriber.kind is ChatKind.CHANNEL]

    async def apply_to_channels(self, channels: Iterable[Subscriber]) -> None:
        """Stop or resume the editions of channels: one has access while any of its managers has.

        A channel without managers stays as it is, unless it is banned itself.
        """
        for channel in channels:
            managers = [each.chat_id for each, _ in await self._managers.of(channel.id)]
            if self.is_banned(channel.chat_id):
                await self._apply(channel, permitted=False)
            elif managers:
                let_in = {each for each in managers if self.permits(each)}
                if let_in and len(let_in) < len(managers):
                    # Telegram does not report who leaves a channel.
                    there = await self._administrators(channel.chat_id)
                    let_in = let_in if there is None else let_in & there
                await self._apply(channel, permitted=bool(let_in))

    async def _apply(self, subscriber: Subscriber, *, permitted: bool) -> None:
        if not permitted and subscriber.state is State.ACTIVE:
            await self._readers.change(subscriber, state=State.BARRED, next_at=None)
        elif permitted and subscriber.state is State.BARRED:
            changed = await self._readers.change(subscriber, state=State.ACTIVE)
            await self._readers.scheduled(changed)
