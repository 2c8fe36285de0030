"""What the desk shows of the messages that a correction changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from storage.model import TAKEN_BACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.desk.desk import Desk
    from storage.model import Correction

ERRORS = {
    "blocked": "error_blocked",
    "deleted": "error_deleted",
    "too old": "error_too_old",
    "kicked": "error_gone",
    "deactivated": "error_gone",
    "not found": "error_gone",
    "no rights": "error_gone",
    "moved": "error_gone",
    "unreached": "error_unreached",
    "unrecorded": "error_unrecorded",
}
"""Why a message could not be changed → the label that says so; `error_refused` for all others."""


async def last_correction(desk: Desk, article_id: int) -> Correction | None:
    """Return an article's last correction, which counts the copies edited so far, or None."""
    corrections = desk.services.corrections
    made = (await corrections.of_articles([article_id])).get(article_id, [])
    return await corrections.get(made[-1].id) if made else None


async def copies_taken_back(desk: Desk, article_id: int) -> Correction | None:
    """Return the correction that strikes out an article whose publication was undone, or None."""
    correction = await last_correction(desk, article_id)
    if correction is None or correction.undone or correction.reason != TAKEN_BACK:
        return None
    return correction


def reasons(desk: Desk, correction: Correction | None) -> list[str]:
    """Return why messages could not be changed: `blocked`, or `blocked (2)` among other reasons."""
    counts: Counter[str] = Counter()
    failed: Mapping[str, int] = {} if correction is None else correction.failed
    for error, number in failed.items():
        counts[ERRORS.get(error, "error_refused")] += number
    if len(counts) == 1:
        return [desk.label(label) for label in counts]
    return [
        desk.label("counted", text=desk.label(label), num=number)
        for label, number in counts.most_common()
    ]
