"""What a chat was shown last, so that the number of a story can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.services.memory import ShownList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.core.context import Context
    from storage.model import Subscriber


def note_shown(
    context: Context,
    subscriber: Subscriber,
    ids: Sequence[int],
    *,
    first: int = 1,
    wanted: object = None,
    query: str = "",
    delivery: int = 0,
) -> None:
    """Remember the numbers of the stories that a chat is shown; an empty first page forgets them.

    Args:
        context: The handler's context.
        subscriber: The chat.
        ids: Ids of the articles, in order.
        first: The number of the first.
        wanted: The list, so that its next page can be asked for; None if it has none.
        query: The words of a search.
        delivery: Id of the ledger row of an edition that is sent again.
    """
    lists, key = context.services.memory.lists, (subscriber.chat_id, subscriber.thread_id)
    before = lists.get(key, context.now)
    if ids:
        # The buttons of another page of the same search read the same message.
        same = before is not None and bool(query) and before.query == query
        asked = before.asked if before is not None and same else None
        articles = dict(enumerate(ids, start=first))
        shown = ShownList(context.now, articles, wanted, query, delivery, asked)
        lists.put(key, shown, context.now)
    elif first == 1:
        lists.drop(key)
