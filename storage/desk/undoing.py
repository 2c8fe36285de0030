"""The functions that undo the acts of the desk, by kind of act; each module declares its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.desk import amendments, coming_dates, drafts, editors, pins, tips, waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.desk.journal import Undo
    from storage.model.desk_model import ActKind

UNDOES: Mapping[ActKind, Undo] = {
    **editors.UNDOES,
    **waiting.UNDOES,
    **drafts.UNDOES,
    # An edit is of a draft or of a date.
    **coming_dates.UNDOES,
    **amendments.UNDOES,
    **pins.UNDOES,
    **tips.UNDOES,
}
