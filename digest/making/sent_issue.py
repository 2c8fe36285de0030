"""The stories of a sent message as JSON, from which the message can be made again as it was.

A story is its article's id with the version of its texts, such as `"17.2"`, or `"17"` for the texts
with which it was stored. What the ledger's row says already is left out, and so are the reasons of
the choice, which no message shows. Readers who get the same share one text, found by its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from storage.model import (
    Coverage,
    Edition,
    EditionSection,
    EditionStory,
    SentIssue,
    Span,
    TranslatedArticle,
    Unread,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage.model import Article

StoryAt: TypeAlias = Callable[[int, int], EditionStory]
"""Returns the story of an article, given its id and the version of its texts."""

PICTURES, TRANSLATED = '"pictures":', '"translated":'
_PRINT_BYTES = 8


class SentAlert(NamedTuple):
    """A sent alert: its article, and what it names it for."""

    article_id: int
    version: int
    section: str | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """A sent edition, with what its front page shows beside the stories."""

    edition: Edition
    zone: str
    """The subscriber's time zone when it was sent."""
    sources: int
    """Number of sources with something new; 0 if it was no front page."""
    pictures: tuple[str, ...]
    """Addresses of the pictures that it showed."""


def of_edition(
    edition: Edition, zone: str, *, sources: int = 0, pictures: Sequence[str] = ()
) -> SentIssue:
    """Return an edition's stories as they are stored."""
    values: dict[str, Any] = {"zone": zone}
    if edition.lead is not None:
        values["lead"] = [edition.lead_category, _story(edition.lead)]
    if edition.top:
        values["top"] = [_section(each) for each in edition.top]
    if edition.sections:
        values["sections"] = [_section(each) for each in edition.sections]
    if edition.span is not Span.DAY:
        values["span"] = edition.span.value
    if edition.added:
        values["added"] = edition.added
    if edition.still:
        values["still"] = edition.still
    if edition.unread is not None:
        values["unread"] = [edition.unread.categories, edition.unread.languages]
    page = {"sources": sources, "pictures": pictures, "translated": translated_in(edition)}
    # An older program ignores the last, and shows a translated story by its own words.
    return _sent(values | {name: value for name, value in page.items() if value})


def of_alert(article: Article, section: str | None, words: Sequence[str]) -> SentIssue:
    """Return an alert's story as it is stored."""
    return _sent({"alert": [_named(article), section, words]})


def translated_in(edition: Edition) -> dict[int, int]:
    """Return the ids of the stories shown in translation; 1 if their standfirst was, else 0."""
    return {
        story.article.id: int(story.article.with_standfirst)
        for story in edition.stories
        if isinstance(story.article, TranslatedArticle)
    }


def translated_of(stories: str) -> dict[int, int]:
    """Return what `translated_in` said of a stored issue."""
    if TRANSLATED not in stories:
        return {}
    return {int(key): both for key, both in json.loads(stories).get("translated", {}).items()}


def _sent(values: dict[str, Any]) -> SentIssue:
    stories = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.blake2b(stories.encode("utf-8", "replace"), digest_size=_PRINT_BYTES)
    return SentIssue(int.from_bytes(digest.digest(), "big", signed=True), stories)


def _named(article: Article) -> str:
    return f"{article.id}.{article.version}" if article.version else str(article.id)


def _story(story: EditionStory) -> str | list[Any]:
    """Return a story as JSON: article and version, or a list with sources, update and days."""
    also, coverage = story.also_in, story.coverage
    if not (also or coverage or story.update):
        return _named(story.article)
    values: list[Any] = [_named(story.article), also, int(story.update)]
    if coverage is not None:
        seconds = (int(each.timestamp()) for each in (coverage.first, coverage.last))
        values += [*seconds, coverage.sources]
    return values


def _section(section: EditionSection) -> list[Any]:
    values: list[Any] = [section.category, [_story(each) for each in section.stories]]
    if section.left_out or section.more:
        values += [section.left_out, [_story(each) for each in section.more]]
    return values


def articles_of(stories: str) -> dict[int, int]:
    """Return article id → version, of every article in a stored issue."""
    values = json.loads(stories)
    if "alert" in values:
        return dict([_numbers(values["alert"][0])])
    return dict(_numbers(_name_of(each)) for each in _all_stories(values))


def _all_stories(values: dict[str, Any]) -> Iterator[str | list[Any]]:
    if "lead" in values:
        yield values["lead"][1]
    for section in (*values.get("top", ()), *values.get("sections", ())):
        yield from section[1]
        yield from section[3] if len(section) > 3 else ()


def _name_of(story: str | list[Any]) -> str:
    return story if isinstance(story, str) else str(story[0])


def _numbers(name: str) -> tuple[int, int]:
    number, _, version = name.partition(".")
    return int(number), int(version or 0)


def is_alert(stories: str) -> bool:
    """Return whether a stored issue is an alert."""
    return stories.startswith('{"alert"')


def alert_of(stories: str) -> SentAlert:
    """Return a stored alert."""
    name, section, words = json.loads(stories)["alert"]
    return SentAlert(*_numbers(name), section, tuple(words))


def zone_of(stories: str) -> str:
    """Return the time zone of a stored edition."""
    return str(json.loads(stories)["zone"])


def pictures_of(stories: str) -> Sequence[str]:
    """Return the addresses of the pictures that a stored issue showed."""
    return json.loads(stories).get("pictures", ()) if PICTURES in stories else ()


def edition_of(stories: str, since: datetime | None, story_of: StoryAt) -> StoredEdition:
    """Return a stored edition; `since` is when the edition before it was due."""
    values = json.loads(stories)
    lead = values.get("lead")
    edition = Edition(
        None if lead is None else _read(lead[1], story_of),
        tuple(_sections(values.get("sections", ()), story_of)),
        top=tuple(_sections(values.get("top", ()), story_of)),
        span=Span(values.get("span", Span.DAY)),
        since=since,
        lead_category="" if lead is None else lead[0],
        added=values.get("added", 0),
        still=values.get("still", 0),
        unread=Unread(*map(tuple, values["unread"])) if "unread" in values else None,
    )
    return StoredEdition(
        edition, values["zone"], values.get("sources", 0), tuple(values.get("pictures", ()))
    )


def _sections(stored: Iterable[Sequence[Any]], story_of: StoryAt) -> Iterator[EditionSection]:
    for category, stories, *left_out in stored:
        number, more = left_out or (0, ())
        yield EditionSection(
            category,
            tuple(_read(each, story_of) for each in stories),
            number,
            tuple(_read(each, story_of) for each in more),
        )


def _read(stored: str | list[Any], story_of: StoryAt) -> EditionStory:
    story = story_of(*_numbers(_name_of(stored)))
    if isinstance(stored, str):
        return story
    _, also, update, *coverage = stored
    return EditionStory(
        story.article,
        tuple(also),
        coverage=_coverage(*coverage) if coverage else None,
        update=bool(update),
        mark=story.mark,
    )


def _coverage(first: int, last: int, sources: int) -> Coverage:
    begun, ended = (datetime.fromtimestamp(each, UTC) for each in (first, last))
    return Coverage(begun, ended, sources)
