"""Copies that were outdated when their delivery was recorded.

A message is made, then sent, then recorded, and a story may be corrected between any of these. The
transaction that records deliveries and the one that adds a correction exclude each other. So a
delivery is either recorded before the correction, and the search for copies finds it, or the
recording sees the correction and enters the copy itself. No times are compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.db.dialect import AdvisoryLock, insert_new, share_turn
from storage.tables.correction_schema import correction_copies, corrections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from storage.model import SentIssue

# A story in a stored issue; see `digest.making.sent_issue`. A source that is named like a number
# matches too: then the copy is found to need no edit.
_STORY = re.compile(r'"(\d+)(?:\.(\d+))?"')


class KnownCorrections:
    """The corrections of stories that this process has read, kept in memory by article.

    Each takes about a hundred bytes.
    """

    def __init__(self) -> None:
        self._newest = 0
        self._of_article: defaultdict[int, dict[int, int]] = defaultdict(dict)

    def read(self, connection: Connection) -> None:
        """Read the corrections that are new, and let none be added until the transaction ends."""
        share_turn(connection, AdvisoryLock.CORRECTIONS)
        c = corrections.c
        query = select(c.id, c.article_id, c.version).where(c.id > self._newest).order_by(c.id)
        for number, article_id, version in connection.execute(query):
            self._of_article[article_id][number] = version
            self._newest = number

    def of_issue(self, issue: SentIssue) -> set[int]:
        """Return the ids of the corrections made since the message with these stories was made."""
        if not self._of_article:
            return set()
        return {
            number
            for article_id, version in _STORY.findall(issue.stories)
            for number, corrected in self._of_article.get(int(article_id), {}).items()
            if corrected > int(version or 0)
        }


def enter_outdated(
    connection: Connection,
    known: KnownCorrections,
    recorded: Iterable[int],
    issues: Mapping[int, SentIssue],
) -> None:
    """Make a row of work for each copy that was recorded with texts corrected meanwhile.

    The transaction is the one that records the deliveries; `known` was read in it before they were
    written. `recorded` are the ids of the deliveries that it changed.
    """
    prints = {each.print: each for each in issues.values()}
    outdated = {print_: known.of_issue(each) for print_, each in prints.items()}
    copies = sorted(
        (correction_id, delivery_id)
        for delivery_id in recorded
        if delivery_id in issues
        for correction_id in outdated[issues[delivery_id].print]
    )
    if not copies:
        return
    connection.execute(
        insert_new(correction_copies, connection.dialect.name),
        [{"correction_id": each, "delivery_id": delivery_id} for each, delivery_id in copies],
    )
    # One by one and in order, since the corrector counts them in order too.
    for number in sorted({each for each, _ in copies}):
        connection.execute(
            update(corrections)
            .where(corrections.c.id == number, corrections.c.done.is_not(None))
            .values(done=None)
        )
