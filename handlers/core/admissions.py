"""Who is let in: by the settings, and by what operators say in chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import ChatKind, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from handlers.core.readers import Readers
    from storage.model import Subscriber
    from storage.readers.access import Access
    from storage.readers.managers import Managers
    from storage.readers.subscribers import Subscribers


class Admissions:
    """Decides who is let in: first by an operator's word in chat, then by the settings.

    Args:
        access: Keeps what operators said.
        subscribers: Whose editions stop and come back.
        readers: Changes their state.
        clock: This moment.
        managers: Who manages which channel.
        administrators: Asks Telegram who administers a chat; None where it does not say so.
        allowed: ALLOWED_IDS; empty for everybody.
        admins: The operators, who always are.
        decided: What operators said so far: whom they let in (True) or shut out (False).
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
        allowed: Collection[int],
        admins: Collection[int],
        decided: Mapping[int, bool],
    ) -> None:
        self._access = access
        self._subscribers = subscribers
        self._readers = readers
        self._clock = clock
        self._managers = managers
        self._administrators = administrators
        self.allowed = frozenset(allowed)
        self._admins = frozenset(admins)
        self._decided = dict(decided)

    def permits(self, chat_id: int) -> bool:
        """Whether a person, or a group, may use the bot."""
        if chat_id in self._admins:
            return True
        decided = self._decided.get(chat_id)
        return (not self.allowed or chat_id in self.allowed) if decided is None else decided

    def names(self, chat_id: int) -> bool:
        """Whether an operator or the settings let this very person or group in, not everybody."""
        decided = self._decided.get(chat_id)
        return chat_id in self.allowed if decided is None else decided

    def is_banned(self, user_id: int) -> bool:
        """Whether a person was shut out, in groups that are let in too."""
        return user_id not in self._admins and self._decided.get(user_id) is False

    def __str__(self) -> str:
        """Say who is let in, for the log: `private: 3 people, 1 group`."""
        shut_out = {chat for chat in self._decided if not self.permits(chat)}
        if not self.allowed:
            return "open to everybody" + (f" but {len(shut_out)} shut out" if shut_out else "")
        let_in = (self._admins | self.allowed | set(self._decided)) - shut_out
        groups = sum(chat < 0 for chat in let_in)
        people = len(let_in) - groups
        return (
            f"private: {people} {'person' if people == 1 else 'people'}, "
            f"{groups} {'group' if groups == 1 else 'groups'}"
        )

    async def decide(self, chat_id: int, *, allowed: bool) -> None:
        """Let somebody in or shut them out, from now on."""
        await self._access.decide(chat_id, allowed=allowed, now=self._clock())
        self._decided[chat_id] = allowed
        await self.apply([chat_id])

    async def moved(self, old: int, new: int) -> None:
        """Let a group in under its new id if it was let in under the old one."""
        if self.permits(old) != self.permits(new):
            await self.decide(new, allowed=self.permits(old))

    async def may_be_told(self, chat_id: int) -> bool:
        """Whether a chat is told that it is not let in: once a day at most."""
        return await self._access.tell(chat_id, self._clock())

    async def apply(self, chats: Collection[int]) -> None:
        """Stop the editions of those who are not let in; bring back those who are let in again.

        With a person, the channels go that nobody else manages.
        """
        for chat_id in chats:
            for subscriber in await self._subscribers.of_chat(chat_id):
                if subscriber.kind is ChatKind.CHANNEL:
                    await self.apply_to_channels([subscriber])
                    continue
                await self._apply(subscriber, permitted=self.permits(chat_id))
                if subscriber.kind is ChatKind.PRIVATE:
                    await self.apply_to_channels(await self.channels_of(subscriber.id))

    async def channels_of(self, manager_id: int) -> list[Subscriber]:
        """The channels that somebody manages."""
        managed = await self._managers.managed(manager_id)
        return [each.subscriber for each in managed if each.subscriber.kind is ChatKind.CHANNEL]

    async def apply_to_channels(self, channels: Iterable[Subscriber]) -> None:
        """The same for channels: one is let in as long as anybody is who manages it.

        What nobody manages any more stays as it is.
        """
        for channel in channels:
            managers = [each.chat_id for each, _ in await self._managers.of(channel.id)]
            if self.is_banned(channel.chat_id):
                await self._apply(channel, permitted=False)
            elif managers:
                let_in = {each for each in managers if self.permits(each)}
                if let_in and len(let_in) < len(managers):
                    # Of who has left a channel Telegram says nothing by itself.
                    there = await self._administrators(channel.chat_id)
                    let_in = let_in if there is None else let_in & there
                await self._apply(channel, permitted=bool(let_in))

    async def _apply(self, subscriber: Subscriber, *, permitted: bool) -> None:
        if not permitted and subscriber.state is State.ACTIVE:
            await self._readers.change(subscriber, state=State.BARRED, next_at=None)
        elif permitted and subscriber.state is State.BARRED:
            changed = await self._readers.change(subscriber, state=State.ACTIVE)
            await self._readers.scheduled(changed)
