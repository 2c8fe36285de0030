"""The numbers of the events that new articles tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.model.event_model import EventLink


class EventColumns(NamedTuple):
    """What an article's row says of its event."""

    event_id: int | None
    event_evidence: str | None
    figures: str | None


class EventIds:
    """Numbers events that begin within one transaction by the ids of their first articles."""

    def __init__(self) -> None:
        self._of_links: dict[str, int] = {}

    def of(self, new: Sequence[tuple[int, str, EventLink | None]]) -> list[EventColumns]:
        """The columns of new articles.

        Args:
            new: The id that an article is given, its link, and its event where that was told.
        """
        self._of_links.update((link, number) for number, link, _ in new)
        return [self._columns(number, joined) for number, _, joined in new]

    def _columns(self, number: int, joined: EventLink | None) -> EventColumns:
        if joined is None:
            return EventColumns(None, None, None)
        # Where the first article was not stored after all, the next one stands for it.
        event = joined.event or self._of_links.setdefault(joined.opener, number)
        return EventColumns(event, joined.evidence or None, "\n".join(joined.figures) or None)
