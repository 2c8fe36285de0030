"""The share of the sources that one of several processes asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from storage.replicas.host_shards import EVERY_HOST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.replicas.host_shards import Hosts


class SourceShare(Protocol):
    """The hosts that this process asks, and who stores what they bring."""

    @property
    def hosts(self) -> Hosts:
        """The hosts that no other process asks now."""

    @property
    def stores(self) -> bool:
        """Whether this process stores articles; otherwise it passes documents on."""

    async def permit(self) -> None:
        """Wait until no other process can hold the hosts of this one; normally at once.

        Raises:
            LeaseLostError: Others have removed this process.
        """

    async def pass_on(self, read: Mapping[int, str]) -> None:
        """Pass documents on to the process that stores.

        Args:
            read: Id of a source → its document, as `ReadDocument.packed` returns it.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
            LeaseLostError: Others have removed this process.
        """

    async def note_stored(self) -> None:
        """Let the process that stores know of articles that an editor published in this one.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """


class Whole:
    """The share of a process that asks every host and stores everything."""

    hosts = EVERY_HOST
    stores = True

    async def permit(self) -> None:
        """Return at once."""

    async def pass_on(self, read: Mapping[int, str]) -> None:
        """Raise NotImplementedError, since this process stores everything itself."""
        raise NotImplementedError

    async def note_stored(self) -> None:
        """Do nothing, since this is the process that stores."""
