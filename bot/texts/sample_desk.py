"""Sample values for the templates of the desk, for each state of each template."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.texts.sample_corrections import WITHDRAWN, corrections_of, why
from handlers.desk.drafts.draft_card import Audience, article_of
from handlers.desk.journal_page import ShownAct
from storage.model import ArticleState, Filing, NewArticle
from storage.model.desk_model import (
    ALL_RIGHTS,
    EDITABLE,
    NO_RIGHTS,
    ActKind,
    ArticleDraft,
    ComingDate,
    ComplaintOutcome,
    DeskAct,
    DraftState,
    DraftText,
    Editor,
    Pin,
    Rights,
    TipOutcome,
    TippedLink,
    WaitingArticle,
    WaitingState,
)
from templates.language.filing_reasons import BEGINNINGS, PLACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.samples import Sample

    Values = dict[str, Any]

RIGHTS = (ALL_RIGHTS, Rights(write=True), Rights(publish=True))
OF_DRAFTS = (
    *(ActKind.DRAFT, ActKind.EDIT, ActKind.ASK),
    *(ActKind.SCHEDULE, ActKind.PUBLISH, ActKind.DISCARD),
)
PERSON, OPERATOR = 1234567, 42
NAMES = {OPERATOR: "Anna", PERSON: "Emma", PERSON + 1: str(PERSON + 1)}


def _reasons(sample: Sample) -> list[str]:
    """Return why messages could not be changed."""
    return [sample.by_role.get(each, each) for each in ("blocked", "deleted")]


def _wrong(sample: Sample) -> list[str]:
    """Return what readers say is wrong with a story."""
    return [sample.by_role.get(each, each) for each in ("wrong fact", "wrong old")]


def dates_of(sample: Sample) -> list[ComingDate]:
    """Return dates ahead: one day, days of a month, over new year, and in a year."""
    today = sample.now.date()
    year = today.year
    return [
        ComingDate(
            *(first, last, sample.of("place") or "Milan", what, categories),
            *(sample.url, sample.of("source") or "The Luxury Courier"),
            title=what or sample.article(1).title,
        )
        for first, last, what, categories in (
            (today, today, sample.of("what") or "Salone del Mobile", ("gucci", "motor")),
            (date(year, 12, 1), date(year, 12, 5), "", ()),
            (date(year, 12, 30), date(year + 1, 1, 2), "", ("china",)),
            (date(year + 1, 12, 12), date(year + 1, 12, 17), "", ()),
        )
    ]


def _acts(sample: Sample) -> list[ShownAct]:
    """Return an act of each kind, the first one undone and by somebody who was forgotten."""
    done: list[tuple[ActKind, Mapping[str, Any]]] = [
        *(
            (ActKind.EDITOR, {"write": each.write, "publish": each.publish})
            for each in (*RIGHTS, NO_RIGHTS)
        ),
        (ActKind.CORRECT, {"title": sample.of("headline") or "Another headline"}),
        (ActKind.CORRECT, {"standfirst": "Another summary."}),
        (ActKind.REFILE, {"categories": ["motor", "china"]}),
        (ActKind.REFILE, {}),
        (ActKind.REFILE, {"story_kind": "deal"}),
        (ActKind.REFILE, {"weight": 3}),
        (ActKind.JOIN, {"event": 1}),
        (ActKind.PART, {"event": 2}),
        (ActKind.HIDE, {"state": "hidden"}),
        (ActKind.HIDE, {"state": None}),
        (ActKind.WITHDRAW, {"state": "withdrawn"}),
        (ActKind.LEAD, {"until": sample.now.isoformat(), "categories": ""}),
        (ActKind.LEAD, {}),
        (ActKind.UNDO, {"act": 1}),
        (ActKind.DROP_TIP, {"title": "https://news.example/1"}),
        (ActKind.DROP_TIP, {"title": sample.article(2).title, "story": 2}),
        (ActKind.APPROVE, {"waiting": 1, "title": sample.article(1).title}),
        (ActKind.TURN_DOWN, {"waiting": 2, "title": sample.article(2).title}),
        *(
            (ActKind.APPROVAL, {"source": 1, "approval": each, "title": sample.article(1).source})
            for each in (True, False)
        ),
        *((kind, {}) for kind in OF_DRAFTS),
        *((ActKind.EDIT, after) for after in ({"id": 1}, {})),
    ]
    return [
        ShownAct(
            DeskAct(
                number=number,
                person_id=None if number == 1 else OPERATOR,
                about_id=PERSON if number > 1 and kind is ActKind.EDITOR else None,
                kind=kind,
                at=sample.now,
                article_id=after.get("story"),
                draft_id=number,
                before={},
                after=after,
                undone=sample.now if number == 1 else None,
            ),
            sample.article(number).title if number == 1 else "",
            deleted=number == 2,
            taken_back=corrections_of(sample)[-1] if number == 1 else None,
            reasons=_reasons(sample)[:1] if number == 1 else [],
            kind=sample.of("kind") if "story_kind" in after else "",
            weight=sample.of("weight") if "weight" in after else "",
            date=dates_of(sample)[0] if number > len(done) - 2 else None,
        )
        for number, (kind, after) in enumerate(done, start=1)
    ]


def _draft(sample: Sample, number: int = 1, **values: object) -> ArticleDraft:
    title, standfirst = sample.article(number).title, sample.article(number).standfirst
    text = DraftText(
        link=sample.url,
        source=sample.of("source"),
        title=title,
        standfirst=standfirst,
        body=None,
        body_kinds="",
        image=sample.url,
        author=sample.of("author"),
        language="en",
        paywall=None,
        published=sample.now,
        filings=(
            *(Filing("motor", f"“{sample.of('word')}{ending}") for ending in PLACES),
            *(Filing("gucci", f"{each}Kering") for each in BEGINNINGS),
            Filing("china", "an editor chose it"),
            Filing("china", sample.text),
        ),
    )
    draft = ArticleDraft(
        id=number,
        person_id=OPERATOR,
        changed_by=OPERATOR,
        state=DraftState.OPEN,
        version=1,
        created=sample.now,
        changed=sample.now,
        text=text,
        joins=False,
        alert=False,
        lead_hours=0,
        lead_for_all=False,
        publish_at=None,
        article_id=None,
    )
    changed: dict[str, Any] = dict(values)
    return replace(draft, **changed)


def _drafts(sample: Sample) -> list[Values]:
    known = replace(
        _draft(sample).text,
        image="telegram:abc",
        language=None,
        filings=(),
        event_id=1,
        event_evidence=sample.text,
        event_source=sample.of("source"),
        event_at=sample.now,
    )
    every = [_draft(sample, state=state, publish_at=sample.now) for state in DraftState]
    every += [
        _draft(sample, text=known, joins=joins, lead_hours=6, lead_for_all=joins)
        for joins in (True, False)
    ]
    return [
        {
            "draft": draft,
            "article": replace(article_of(draft, sample.now), source=sample.of("source")),
            "filings": filings,
            "audience": audience,
            "leads_until": sample.now + timedelta(days=1),
            "zone": sample.zone,
            "taken_back": taken_back,
            "deleted": deleted,
            "barred": draft.state is DraftState.SCHEDULED,
            "reasons": _reasons(sample)[:1] if taken_back else [],
            "now": sample.now,
        }
        for draft in every
        for taken_back in (
            (None, *corrections_of(sample)[-2:]) if draft.state is DraftState.OPEN else (None,)
        )
        for deleted in ((False, True) if draft.state is DraftState.PUBLISHED else (False,))
        for filings in (draft.text.filings[:6], draft.text.filings[6:])
        for audience in (None, Audience(1, 0), Audience(12, 1), Audience(0, 3), Audience(0, 0))
    ]


def _lists(sample: Sample) -> list[Values]:
    found = [
        _draft(sample, number, state=state, publish_at=sample.now)
        for number, state in enumerate(EDITABLE, start=1)
    ]
    return [
        {
            "which": which,
            "drafts": drafts,
            "names": NAMES,
            "first": 1,
            "zone": sample.zone,
            "now": sample.now,
        }
        for which in ("drafts", "published")
        for drafts in (found, [])
    ]


SUBJECTS = ("headline", "standfirst", "picture", "time")
REASONS = (
    *("private address", "too large", "timeout", "http 404", "wall page", "no such host"),
    "no title",
    "unreadable",
)


def _editors(sample: Sample) -> list[Editor]:
    return [Editor(PERSON + at, each, OPERATOR, sample.now) for at, each in enumerate(RIGHTS)]


def _pin(sample: Sample, *categories: str) -> Pin:
    return Pin(1, sample.now, frozenset(categories), sample.now)


LINK = "https://news.example/1?a=b&c=d"


def _tip(sample: Sample, readers: int) -> TippedLink:
    return TippedLink(1, LINK, readers, sample.now)


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


_STATES: dict[str, Callable[[Sample], list[Values]]] = {
    "desk": lambda _: [
        {"rights": each, "name": name}
        for each in (ALL_RIGHTS, RIGHTS[2])
        for name in (None, "Anna")
    ],
    "draft": _drafts,
    "draft_list": _lists,
    "draft_reading": lambda sample: [{"link": link} for link in (sample.url, "")],
    "draft_failed": lambda sample: [{"reason": reason, "link": sample.url} for reason in REASONS],
    "draft_ask": lambda sample: [
        {"what": what, "draft": draft}
        for what in SUBJECTS
        for draft in (
            _draft(sample),
            _draft(sample, text=replace(_draft(sample).text, standfirst="")),
        )
    ],
    "draft_refused": lambda sample: [
        {"what": what, "words": sample.of("words")} for what in (*SUBJECTS, "parts")
    ],
    "draft_edited": lambda _: [
        {"outcome": outcome, "by": by}
        for outcome, by in (
            *(("changed", by) for by in ("Anna", None)),
            ("by you", None),
            *((asked, None) for asked in ("headline", "standfirst", "time")),
        )
    ],
    "desk_article": lambda sample: [
        {
            "article": article,
            "reports": reports,
            "reason": why(sample),
            "act": act,
            "names": NAMES,
            "lead": lead,
            "kind": sample.of("kind"),
            "weight": sample.of("weight"),
            "correction": correction,
            "reasons": _reasons(sample),
            "kinds": _wrong(sample) if reports > 1 else (),
            "sentences": ("It was Monday, not Tuesday.",),
            "now": sample.now,
        }
        for article in (
            *sample.articles(3),
            replace(sample.article(), state=WITHDRAWN),
            replace(sample.article(), state=ArticleState.HIDDEN),
        )
        for reports, act, lead, correction in (
            (1, None, None, None),
            (2, _acts(sample)[1].act, _pin(sample), corrections_of(sample)[0]),
            (2, _acts(sample)[1].act, _pin(sample, "motor"), corrections_of(sample)[-1]),
            (
                2,
                _acts(sample)[0].act,
                None,
                replace(corrections_of(sample)[1], failed={"blocked": 1}),
            ),
            (
                1,
                _acts(sample)[0].act,
                None,
                replace(
                    corrections_of(sample)[2], changed=0, waiting=0, failed={}, done=sample.now
                ),
            ),
            (
                3,
                _acts(sample)[1].act,
                None,
                replace(corrections_of(sample)[2], failed={"deleted": 3}, done=sample.now),
            ),
        )
    ],
    "desk_date": lambda sample: [
        {"date": each, "today": sample.now.date()} for each in dates_of(sample)
    ],
    "desk_ask_date": lambda sample: [
        {"date": each, "alone": alone, "problem": problem, "most": 300, "today": sample.now.date()}
        for each in (None, *dates_of(sample)[:1])
        for alone in (True, False)
        for problem in ("", "days", "link", "long")
    ],
    "ahead": lambda sample: [
        {
            "dates": found,
            "first": 1,
            "numbered": numbered,
            "today": sample.now.date(),
            "named": named,
        }
        for found in (dates_of(sample), [])
        for numbered in (True, False)
        for named in ("", sample.of("category") or "Gucci")
    ],
    "desk_ask": lambda sample: [
        {"what": what, "now": now, "fact": fact, "most": 40}
        for what in ("find", "name", "join", "reason", "title", "standfirst")
        for now, fact in ((sample.of("headline") or "Style", False), ("", True))
    ],
    "desk_found": lambda sample: [
        {
            "articles": found,
            "words": sample.of("words") or "prada",
            "problem": problem,
            "most": 300,
            "now": sample.now,
        }
        for problem in ("", "cut", "long", "empty")
        for found in (sample.articles(3), [])
    ],
    "filing": lambda sample: [
        {
            "title": sample.article().title,
            "chosen": chosen,
            "unknown": unknown,
            "near": near,
        }
        for chosen in (("style", "gucci", "china"), ())
        for unknown, near in (("", ()), ("styl", ("style",)), ("zzz", ()))
    ],
    "desk_notice": lambda sample: [{"text": sample.by_role.get("notice", "A notice.")}],
    "desk_journal": lambda sample: [
        {"acts": acts, "names": NAMES, "now": sample.now} for acts in (_acts(sample), [])
    ],
    "editors": lambda sample: [
        {
            "editors": found,
            "names": NAMES,
            "named": named,
            "operators": [OPERATOR],
        }
        for found, named in ((_editors(sample), [PERSON]), ([], []))
    ],
    "editor": lambda sample: [
        {"editor": each, "name": NAMES.get(each.person_id)} for each in _editors(sample)
    ],
    "editor_added": lambda _: [
        {"outcome": outcome, "id": PERSON}
        for outcome in ("added", "start first", "already", "hidden", "nobody", "whom")
    ],
    "tips": lambda sample: [
        {"tips": found, "first": 1, "now": sample.now}
        for found in ([_tip(sample, 1), _tip(sample, 2)], [])
    ],
    "complaints": lambda sample: [
        {"complaints": found, "first": 1} for found in ([(sample.article(1), _wrong(sample))], [])
    ],
    "complaint": lambda sample: [
        {"step": step, "article": sample.article(1)}
        for step in ("ask", "words", "added", "long", "late", *TipOutcome)
    ],
    "complaint_heard": lambda sample: [
        {"article": sample.article(1), "outcome": each.value} for each in ComplaintOutcome
    ],
    "tip": lambda sample: [{"tip": _tip(sample, readers), "now": sample.now} for readers in (1, 3)],
    "tip_taken": lambda _: [{"link": LINK, "outcome": each.value} for each in TipOutcome],
    "tip_published": lambda sample: [{"article": sample.article(1)}],
    "waiting": lambda sample: [
        {"waiting": found, "first": 1, "now": sample.now}
        for found in ([_waiting(sample), _waiting(sample)], [])
    ],
    "waiting_article": lambda sample: [
        {"waiting": each, "now": sample.now}
        for each in (_waiting(sample), _waiting(sample, sample.article(1).standfirst))
    ],
    "waiting_notice": lambda sample: [
        {"waiting": [_waiting(sample)] * num, "num": num} for num in (1, 2, 5)
    ],
    "lead_preview": lambda sample: [
        {
            "category": "motor",
            "pin": _pin(sample),
            "chats": chats,
            "topics": topics,
            "now": sample.now,
        }
        for chats, topics in ((0, 0), (1, 0), (12, 1), (0, 3))
    ],
    "draft_waits": lambda sample: [
        {"draft": _draft(sample)},
    ],
    "approval_sources": lambda sample: [
        {"waiting": [sample.article(1).source] * num} for num in (0, 1, 2)
    ],
    "editor_welcome": lambda _: [{}],
}


def _to_subscriber(states: Callable[[Sample], list[Values]], sample: Sample) -> list[Values]:
    return [{"subscriber": sample.subscriber()} | each for each in states(sample)]


DESK = {template: partial(_to_subscriber, states) for template, states in _STATES.items()}
"""Template → function that returns a set of values for each state, as `Context.render` gives them.

Each set has the subscriber that the message is for.
"""
