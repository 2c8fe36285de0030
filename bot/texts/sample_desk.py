"""Sample values for the templates of the desk, for each state of each template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.desk.journal_page import ShownAct
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, ActKind, DeskAct, Editor, Rights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.samples import Sample

    Values = dict[str, Any]

RIGHTS = (ALL_RIGHTS, Rights(write=True), Rights(publish=True))
PERSON, OPERATOR = 1234567, 42


def _acts(sample: Sample) -> list[ShownAct]:
    """Return an act of each kind, the first one undone and by somebody who was forgotten."""
    done: list[tuple[ActKind, Mapping[str, Any]]] = [
        *(
            (ActKind.EDITOR, {"write": each.write, "publish": each.publish})
            for each in (*RIGHTS, NO_RIGHTS)
        ),
        (ActKind.UNDO, {"act": 1}),
    ]
    return [
        ShownAct(
            DeskAct(
                number=number,
                person_id=None if number == 1 else OPERATOR,
                about_id=PERSON if number > 1 and kind is ActKind.EDITOR else None,
                kind=kind,
                at=sample.now,
                article_id=None,
                draft_id=None,
                before={},
                after=after,
                undone=sample.now if number == 1 else None,
            ),
            sample.article(number).title if number == 1 else "",
        )
        for number, (kind, after) in enumerate(done, start=1)
    ]


def _editors(sample: Sample) -> list[Editor]:
    return [Editor(PERSON + at, each, OPERATOR, sample.now) for at, each in enumerate(RIGHTS)]


DESK: dict[str, Callable[[Sample], list[Values]]] = {
    "desk": lambda sample: [
        {"subscriber": sample.subscriber(), "rights": each} for each in (ALL_RIGHTS, RIGHTS[2])
    ],
    "desk_journal": lambda sample: [
        {"subscriber": sample.subscriber(), "acts": acts, "now": sample.now}
        for acts in (_acts(sample), [])
    ],
    "editors": lambda sample: [
        {
            "subscriber": sample.subscriber(),
            "editors": found,
            "named": named,
            "operators": [OPERATOR],
        }
        for found, named in ((_editors(sample), [PERSON]), ([], []))
    ],
    "editor": lambda sample: [
        {"subscriber": sample.subscriber(), "editor": each} for each in _editors(sample)
    ],
    "editor_added": lambda sample: [
        {"subscriber": sample.subscriber(), "outcome": outcome, "id": PERSON}
        for outcome in ("added", "start first", "already", "hidden", "nobody", "whom")
    ],
    "editor_welcome": lambda sample: [{"subscriber": sample.subscriber()}],
}
