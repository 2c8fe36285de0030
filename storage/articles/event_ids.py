"""The ids of the events that new articles report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.model.event_model import EventLink


class EventColumns(NamedTuple):
    """The columns of an article's row that concern its event."""

    event_id: int | None
    event_evidence: str | None
    figures: str | None


class EventIds:
    """Numbers new events within one transaction, by the ids of their first articles."""

    def __init__(self) -> None:
        self._of_links: dict[str, int] = {}

    def of(self, new: Sequence[tuple[int, str, EventLink | None]]) -> list[EventColumns]:
        """Return the event columns of new articles.

        Args:
            new: The id given to each article, its link, and its event if it was decided.
        """
        self._of_links.update((link, number) for number, link, _ in new)
        return [self._columns(number, joined) for number, _, joined in new]

    def _columns(self, number: int, joined: EventLink | None) -> EventColumns:
        if joined is None:
            return EventColumns(None, None, None)
        # If the first article was not stored after all, the next one takes its place.
        event = joined.event or self._of_links.setdefault(joined.opener, number)
        return EventColumns(event, joined.evidence or None, "\n".join(joined.figures) or None)
