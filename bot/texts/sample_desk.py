"""Sample values for the templates of the desk, for each state of each template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.desk.journal_page import ShownAct
from storage.model import Filing, NewArticle
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, ActKind, DeskAct, Editor, Rights
from storage.model.waiting_model import WaitingArticle, WaitingState

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
        (ActKind.APPROVE, {"waiting": 1, "title": sample.article(1).title}),
        (ActKind.TURN_DOWN, {"waiting": 2, "title": sample.article(2).title}),
        *(
            (ActKind.APPROVAL, {"source": 1, "approval": each, "title": sample.article(1).source})
            for each in (True, False)
        ),
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


def _waiting(sample: Sample, standfirst: str = "") -> WaitingArticle:
    article = sample.article(1)
    new = NewArticle(
        guid=article.link,
        link=article.link,
        title=article.title,
        standfirst=standfirst,
        body=None,
        image=None,
        author=None,
        language=None,
        published=article.published,
        filings=(Filing("motor", "Bentley"),) if standfirst else (),
    )
    state = WaitingState.WAITING
    return WaitingArticle(1, 1, article.source, new, sample.now, state, None, None, None)


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
    "waiting": lambda sample: [
        {"subscriber": sample.subscriber(), "waiting": found, "first": 1, "now": sample.now}
        for found in ([_waiting(sample), _waiting(sample)], [])
    ],
    "waiting_article": lambda sample: [
        {"subscriber": sample.subscriber(), "waiting": each, "now": sample.now}
        for each in (_waiting(sample), _waiting(sample, sample.article(1).standfirst))
    ],
    "waiting_notice": lambda sample: [
        {"subscriber": sample.subscriber(), "waiting": [_waiting(sample)] * num, "num": num}
        for num in (1, 2, 5)
    ],
    "approval_sources": lambda sample: [
        {"subscriber": sample.subscriber(), "waiting": [sample.article(1).source] * num}
        for num in (0, 1, 2)
    ],
    "editor_welcome": lambda sample: [{"subscriber": sample.subscriber()}],
}
