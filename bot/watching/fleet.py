"""The replicas of one bot as a whole: who sends, and what no replica does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.replicas.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.replicas.members import Member

MISSING = {
    Role.ANSWER: "no replica answers readers: none has the role answer",
    Role.SEND: "no replica sends or asks sources: none has the role send",
}


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the rows of the live replicas say of the whole bot."""

    replicas: int
    senders: tuple[str, ...]
    """Names of the replicas that send now; during a hand-over none, or for a moment two."""
    unheld: int
    """Shards of chats that no replica holds."""
    shards: int
    versions: tuple[str, ...]
    cut_off: tuple[str, ...]
    """Names of the replicas that Telegram does not answer."""
    missing: tuple[Role, ...]
    """Roles that no replica fulfils."""

    @classmethod
    def of(cls, members: Iterable[Member], holders: Mapping[int, int | None]) -> Fleet:
        """Return what the rows of the live replicas and of the shards of chats say."""
        members = tuple(members)
        ids = {each.id for each in members}
        sending = [each for each in members if each.sends]
        found = {
            Role.ANSWER: any(each.has(Role.ANSWER) for each in members),
            Role.SEND: bool(sending) or any(each.has(Role.SEND) for each in members),
        }
        return cls(
            replicas=len(members),
            senders=tuple(each.name for each in sending),
            unheld=sum(holder not in ids for holder in holders.values()),
            shards=len(holders),
            versions=tuple(sorted({each.version for each in members})),
            cut_off=tuple(each.name for each in members if each.is_cut_off),
            missing=tuple(role for role in Role if not found[role]),
        )

    @property
    def problems(self) -> list[str]:
        """What no replica does, a line each; what passes with a hand-over is not among them."""
        return [MISSING[role] for role in self.missing]

    @property
    def line(self) -> str:
        """The whole in one line."""
        count = f"{self.replicas} replicas" if self.replicas != 1 else "1 replica"
        parts = [count]
        if Role.SEND not in self.missing:
            parts.append(f"{', '.join(self.senders) or 'none'} sends")
        if self.cut_off:
            parts.append(f"Telegram does not answer {', '.join(self.cut_off)}")
        if self.unheld:
            parts.append(f"{self.unheld} of {self.shards} shards of chats are held by none")
        if len(self.versions) > 1:
            parts.append(f"their versions differ: {', '.join(self.versions)}")
        return ", ".join([*parts, *self.problems])


@dataclass(frozen=True, slots=True)
class ReplicaFigures:
    """This replica, and the whole that it is a part of."""

    fleet: Fleet
    shards: int
    """Shards of chats that this replica holds."""
    sends: bool
    """Whether this replica sends editions."""
