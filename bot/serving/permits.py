"""The permission to send, which ends when another process takes the work of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.serving.sharing import Sharing
    from storage.serving.lease import Lease


class Permits:
    """Makes requests to Telegram wait until this process may send them.

    Args:
        lease: The right to send.
        sharing: What this process shares with other replicas; None on SQLite.
    """

    def __init__(self, lease: Lease, sharing: Sharing | None) -> None:
        self._lease = lease
        self._sharing = sharing

    async def answer(self) -> None:
        """Wait until answers to readers may be sent.

        Raises:
            LeaseLostError: Another process has taken the work of this one.
        """
        await (self._lease if self._sharing is None else self._sharing).permit_answer()

    async def delivery(self) -> None:
        """Wait until a delivery may be sent: an edition, or one that a reader has asked for.

        A process that has lost the lease may send nothing, though it may still hold its chats: the
        next one sends what this one has claimed.

        Raises:
            LeaseLostError: Another process has taken the work of this one.
        """
        if self._sharing is None or self._lease.was_taken:
            await self._lease.permit()
        else:
            await self._sharing.permit_answer()
