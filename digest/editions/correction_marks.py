"""What the lines of corrected and withdrawn stories say in an edition. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from storage.model import Grade, StoryMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, tzinfo

    from storage.model import Article, Correction, Edition, EditionSection, EditionStory


def mark_of(
    article: Article,
    corrections: Iterable[Correction],
    shown_since: Iterable[Correction],
    *,
    zone: tzinfo,
    day: date,
) -> StoryMark | None:
    """Return what a story's line says about its corrections (oldest first), or None."""
    if article.is_withdrawn:
        those = [each for each in corrections if each.grade is Grade.WITHDRAWN]
    else:
        those = [each for each in shown_since if each.grade is Grade.FACT and not each.undone]
    if not those:
        return None
    last = those[-1]
    local = last.made.astimezone(zone)
    return StoryMark(
        last.grade,
        local.replace(tzinfo=UTC, second=0, microsecond=0),
        other_day=local.date() != day,
        reason=last.reason or "",
    )


def marked(edition: Edition, marks: Mapping[int, StoryMark | None]) -> Edition:
    """Return an edition with these marks, by article id; stories without one keep theirs."""

    def one(story: EditionStory) -> EditionStory:
        return replace(story, mark=marks.get(story.article.id) or story.mark)

    def all_in(sections: Sequence[EditionSection]) -> tuple[EditionSection, ...]:
        return tuple(each._replace(stories=tuple(map(one, each.stories))) for each in sections)

    return replace(
        edition,
        lead=None if edition.lead is None else one(edition.lead),
        top=all_in(edition.top),
        sections=all_in(edition.sections),
    )
