"""Sample corrections, and the marks of corrected stories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.model import TAKEN_BACK, ArticleState, Correction, Grade, StoryMark

if TYPE_CHECKING:
    from bot.samples import Sample

WITHDRAWN = ArticleState.WITHDRAWN


def why(sample: Sample) -> str:
    """Return why a story was withdrawn."""
    return sample.of("reason") or "The deal was not signed."


def marks(sample: Sample) -> dict[int, StoryMark | None]:
    """Return the marks of stories in copies that were edited, by the number of other sources."""
    return {
        0: None,
        1: StoryMark(Grade.FACT, sample.now, other_day=False),
        4: StoryMark(Grade.FACT, sample.now, other_day=True),
        9: StoryMark(Grade.WITHDRAWN, sample.now, other_day=False, reason=why(sample)),
    }


def corrections_of(sample: Sample) -> list[Correction]:
    """Return corrections: of a headline, of a summary, a withdrawal, and three of summaries.

    Of these three, one replaces a summary, and two add it: one without messages to change, and one
    with no message found yet. The last correction strikes out what was taken back.
    """
    article = sample.article()
    headline = Correction(
        id=1,
        article_id=article.id,
        made=sample.now,
        grade=Grade.FACT,
        link=article.link,
        title_was=sample.of("headline") or "The former headline",
        standfirst_was=article.standfirst,
        title=article.title,
        standfirst=article.standfirst,
        reason=None,
        version=1,
        wrong_since=article.first_seen,
        undone=False,
        changed=2_003,
        waiting=1,
    )
    summary = replace(headline, title_was=article.title, standfirst_was="", changed=1, waiting=0)
    withdrawn = replace(headline, grade=Grade.WITHDRAWN, reason=why(sample), changed=0, waiting=7)
    replaced = replace(summary, standfirst_was=sample.of("words") or "The former summary")
    nowhere = replace(summary, changed=0, done=sample.now)
    begun = replace(summary, changed=0)
    taken_back = replace(withdrawn, reason=TAKEN_BACK, failed={"blocked": 2})
    return [headline, summary, withdrawn, replaced, nowhere, begun, taken_back]
