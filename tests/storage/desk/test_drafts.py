"""Drafts of articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from storage.desk.drafts import DraftChanges, Drafts
from storage.model import Filing
from storage.model.desk_model import ActKind, DraftState
from tests.storage.desk.draft_texts import TEXT

if TYPE_CHECKING:
    from storage.db.database import Database

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EDITOR = 42


async def test_each_value_of_a_draft_can_be_changed_alone(db: Database) -> None:
    drafts = Drafts(db)
    changes: DraftChanges = {
        "title": "A title",
        "standfirst": "A standfirst.",
        "image": "https://news.example/picture",
        "language": "it",
        "filings": (Filing("motor", "says an editor"),),
        "joins": True,
        "alert": True,
        "lead_hours": 24,
        "lead_for_all": True,
        "publish_at": NOW + timedelta(hours=1),
        "state": DraftState.SCHEDULED,
    }
    assert set(changes) == set(DraftChanges.__annotations__)
    draft = await drafts.add(TEXT, by=EDITOR, now=NOW)
    value: Any
    for name, value in changes.items():
        changed, is_changed = await drafts.change(
            *(draft.id, draft.version, ActKind.EDIT),
            by=EDITOR,
            now=NOW,
            **cast("DraftChanges", {name: value}),
        )
        assert is_changed
        assert changed is not None
        expected: dict[str, Any] = {"version": draft.version + 1}
        if hasattr(TEXT, name):
            expected["text"] = replace(draft.text, **{name: value})
        else:
            expected[name] = value
        assert changed == replace(draft, **expected) != replace(draft, version=changed.version)
        draft = changed
