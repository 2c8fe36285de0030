"""The statements that write a fetched round into the archive's tables, after `upsert_rules`."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from storage.articles import amended_texts, link_decisions, matters, upsert_rules
from storage.articles.amended_texts import FILED, NOT_AMENDED, WORDS, amend, show_amended
from storage.articles.article_rows import (
    ARTICLES_BY_ID,
    SOURCE_TEXTS,
    WITH_AMENDMENTS,
    of_source,
    read_articles,
)
from storage.articles.held_articles import hold
from storage.articles.upsert_rules import StoredArticle
from storage.db.bulk import insert_all, insert_each
from storage.db.changes import ChangeTopic, note_change
from storage.db.dataclass_rows import columns_of
from storage.db.dialect import AdvisoryLock, take_turns
from storage.model import NewArticle, Round, Stored
from storage.sources.sources import were_read
from storage.tables.columns import to_driver
from storage.tables.schema import (
    article_categories,
    article_search,
    article_words,
    articles,
    bodies,
    sources,
)
from storage.words import windows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.articles.amended_texts import Amendment
    from storage.articles.matters import NearestOf
    from storage.articles.upsert_rules import Change, PreparedArticle
    from storage.model import Filing
    from storage.model.article_model import EventLink
    from storage.model.matter_model import EventWords
    from storage.words.followed_words import WordIndex

CHUNK = 400
"""Articles indexed for search in one batch."""

GIVEN = tuple(
    each.name
    for each in fields(NewArticle)
    if each.name in articles.columns and each.name != "published"
)
"""The fields of a new article that are stored as they are, each in the column of its name."""
_GIVEN_BY = attrgetter(*GIVEN)
# An editor's texts are no reason to take what the source repeats for new.
_PRESENT = select(*columns_of(StoredArticle, articles, SOURCE_TEXTS)).select_from(WITH_AMENDMENTS)
_FACTS = tuple(name for name in GIVEN if articles.c[name].nullable)
"""Those that may be missing: a later round fills them in, and what it omits stays."""
_TOUCHED = ("guid", "link", *_FACTS)
_TOUCH = (
    update(articles)
    .where(articles.c.id == bindparam("number"))
    .values(
        guid=bindparam("new_guid"),
        link=bindparam("new_link"),
        **{
            name: func.coalesce(each, bindparam(f"new_{name}", type_=each.type))
            for name, each in articles.columns.items()
            if name in _FACTS
        },
    )
)


def store(
    connection: Connection,
    rounds: Sequence[tuple[Round, Sequence[PreparedArticle]]],
    followed: WordIndex,
    nearest_of: NearestOf | None = None,
) -> list[Stored]:
    """Store prepared rounds within the connection's transaction.

    A round is the articles of one fetch of a source. Each article is stored with the followed words
    that it contains. New articles were already searched for them; changed ones are searched here.
    The round of a source that was removed meanwhile is ignored.
    """
    # Ids must become visible in order, because a reader's place is the newest id at some time.
    take_turns(connection, AdvisoryLock.ARCHIVE)
    stored: list[Stored] = []
    events = EventIds()
    for together in _apart(rounds):
        stored += _store_apart(connection, together, followed, events)
    if nearest_of is not None:
        matters.link(connection, events.begun, nearest_of)
    if any(round_.by_editor for round_, _ in rounds):
        note_change(connection, ChangeTopic.ARTICLES)
    return stored


def _apart(
    rounds: Sequence[tuple[Round, Sequence[PreparedArticle]]],
) -> Iterator[list[tuple[Round, Sequence[PreparedArticle]]]]:
    """Yield the rounds in order, in groups within which no two can bring the same article."""
    group: list[tuple[Round, Sequence[PreparedArticle]]] = []
    links: set[str] = set()
    for round_, brought in rounds:
        theirs = {one.article.link for one in brought}
        if not links.isdisjoint(theirs) or any(
            round_.source_id == each.source_id for each, _ in group
        ):
            yield group
            group, links = [], set()
        group.append((round_, brought))
        links |= theirs
    if group:
        yield group


def _store_apart(
    connection: Connection,
    rounds: Sequence[tuple[Round, Sequence[PreparedArticle]]],
    followed: WordIndex,
    events: EventIds,
) -> list[Stored]:
    there = select(sources.c.id).where(
        sources.c.id.in_([round_.source_id for round_, _ in rounds]), ~sources.c.removed
    )
    kept = set(connection.execute(there).scalars())
    present = _present(connection, [each for each in rounds if each[0].source_id in kept])
    verdicts = [
        upsert_rules.judge(brought, present, round_.source_id)
        if round_.source_id in kept
        else upsert_rules.Upserts((), (), 0)
        for round_, brought in rounds
    ]
    ids = iter(
        _insert(
            connection,
            [
                (round_, one)
                for (round_, _), verdict in zip(rounds, verdicts, strict=True)
                for one in verdict.new
            ],
            events,
        )
    )
    stored: list[Stored] = []
    for (round_, _), verdict in zip(rounds, verdicts, strict=True):
        reworded = [change for change in verdict.changed if change.reworded]
        new = tuple(islice(ids, len(verdict.new)))
        waiting = 0
        if round_.waiting and round_.source_id in kept:
            waiting = hold(connection, round_.source_id, round_.waiting, round_.now)
        _write_new_texts(connection, round_, reworded, followed)
        _touch(connection, [change for change in verdict.changed if not change.reworded])
        entered: dict[int, tuple[str, ...]] = {
            number: (one.article.link,) for number, one in zip(new, verdict.new, strict=True)
        }
        entered |= {
            each.was.id: (each.now.article.link, each.was.link)
            for each in verdict.changed
            if each.was.link != each.now.article.link
        }
        _keep_decisions(connection, entered)
        stored.append(
            Stored(
                new=new,
                updated=tuple(change.was.id for change in reworded),
                unchanged=verdict.unchanged + len(verdict.changed) - len(reworded),
                stories={
                    one.article.link: round_.stories.get(one.article.link, number)
                    for number, one in zip(new, verdict.new, strict=True)
                },
                waiting=waiting,
            )
        )
    were_read(
        connection,
        [
            (round_, bool(each.new or each.waiting))
            for (round_, _), each in zip(rounds, stored, strict=True)
            if round_.source_id in kept and not round_.by_editor
        ],
    )
    return stored


def _keep_decisions(connection: Connection, entered: Mapping[int, tuple[str, ...]]) -> None:
    """Withdraw or hide articles that come back at a link that was; see `link_decisions`.

    Args:
        entered: The id of each article that is new, or has a new link → this link, and its old one.
    """
    links = {link for those in entered.values() for link in those}
    decisions = link_decisions.last_about(connection, links) if links else {}
    for number, theirs in entered.items() if decisions else ():
        found = [decisions[link] for link in theirs if link in decisions]
        if not found:
            continue
        last = max(found, key=attrgetter("at"))
        (article,) = read_articles(connection, ARTICLES_BY_ID, [number])
        if last.state is not None and article.state is None:
            amend(connection, article, {"state": last.state, "reason": last.reason})
            show_amended(connection, article, last.at)
        link_decisions.note(connection, replace(last, link=article.link))


def _present(
    connection: Connection, rounds: Iterable[tuple[Round, Sequence[PreparedArticle]]]
) -> list[StoredArticle]:
    """Return the stored articles with the links or source ids of these rounds."""
    query = of_source(_PRESENT, connection.dialect.name)
    found: dict[int, StoredArticle] = {}
    for round_, brought in rounds:
        asked = {
            "links": [one.article.link for one in brought],
            "source": round_.source_id,
            "guids": [one.article.guid for one in brought],
        }
        found.update(
            (row[0], StoredArticle(*row)) for row in connection.execute(query, asked).all()
        )
    return list(found.values())


def _insert(
    connection: Connection,
    new: Sequence[tuple[Round, PreparedArticle]],
    events: EventIds,
) -> tuple[int, ...]:
    """Give new articles their ids, in order, and insert them into every table."""
    if not new:
        return ()
    newest: int | None = connection.execute(select(func.max(articles.c.id))).scalar()
    ids = range((newest or 0) + 1, (newest or 0) + 1 + len(new))
    dialect = connection.dialect.name
    event_columns = events.of(
        [
            (number, one.article, round_.events.get(one.article.link))
            for number, (round_, one) in zip(ids, new, strict=True)
        ]
    )
    times = [to_driver(one.article.published, dialect) for _, one in new]
    rows = [
        {
            "id": number,
            "story_id": round_.stories.get(one.article.link, number),
            "source_id": round_.source_id,
            "published": published,
            "first_seen": published if round_.imported else to_driver(round_.now, dialect),
            "backlog": round_.backlog,
            "categories": _slugs(one),
            "words": one.words.text,
            "body_print": one.body_print,
            "imported": round_.imported,
            "followed_words": "\n".join(one.followed) or None,
            "event_id": event.event_id,
            "event_evidence": event.event_evidence,
            "figures": event.figures,
            **dict(zip(GIVEN, _GIVEN_BY(one.article), strict=True)),
        }
        for number, (round_, one), published, event in zip(
            ids, new, times, event_columns, strict=True
        )
    ]
    insert_each(connection, articles, rows)
    numbered = [(number, one) for number, (_, one) in zip(ids, new, strict=True)]
    dated = [(*each, published) for each, published in zip(numbered, times, strict=True)]
    _file(connection, dated)
    _note_words(connection, [(number, published, one.followed) for number, one, published in dated])
    with_body = [
        (number, one.article.body, one.article.body_kinds or None)
        for number, one in numbered
        if one.article.body
    ]
    insert_all(connection, bodies, ("article_id", "body", "kinds"), with_body)
    windows.add(connection, [(number, *one.words[:3]) for number, one in numbered])
    return tuple(ids)


def _slugs(one: PreparedArticle) -> str:
    """Return the slugs of an article's categories, without duplicates, in order."""
    return " ".join(dict.fromkeys(filing.category for filing in one.article.filings))


def _file(
    connection: Connection, filed: Iterable[tuple[int, PreparedArticle, datetime | str]]
) -> None:
    """Insert the categories of articles: id, article, time of publication."""
    rows: list[tuple[Any, ...]] = []
    for number, one, published in filed:
        reasons: dict[str, str] = {}
        for category, reason in one.article.filings:
            reasons.setdefault(category, reason)
        rows += [
            (number, category, position, reason, published)
            for position, (category, reason) in enumerate(reasons.items())
        ]
    insert_all(connection, article_categories, FILED, rows)


def index_all(connection: Connection) -> None:
    """Index every article for search, if the search index is empty."""
    if connection.execute(text("SELECT 1 FROM article_search LIMIT 1")).scalar():
        return
    # Building the index at once is faster than row by row.
    indexes = article_search.indexes if connection.dialect.name == "postgresql" else ()
    for index in indexes:
        index.drop(connection)
    _index_each(connection)
    for index in indexes:
        index.create(connection)


def _index_each(connection: Connection) -> None:
    query = select(articles.c.id, articles.c.title, articles.c.standfirst, bodies.c.body)
    query = query.outerjoin(bodies, bodies.c.article_id == articles.c.id).order_by(articles.c.id)
    after: int | None = None
    while True:
        chunk = query if after is None else query.where(articles.c.id > after)
        rows = connection.execute(chunk.limit(CHUNK)).all()
        windows.add(connection, [(row.id, *upsert_rules.words_of(*row[1:])[:3]) for row in rows])
        if len(rows) < CHUNK:
            return
        after = rows[-1].id


class EventColumns(NamedTuple):
    """The columns of an article's row that concern its event."""

    event_id: int | None
    event_evidence: str | None
    figures: str | None


class EventIds:
    """Gives the new articles of one transaction their events.

    A new event has the id of its first article as its number.
    """

    def __init__(self) -> None:
        self._of_links: dict[str, int] = {}
        self.begun: list[tuple[int, EventWords, datetime]] = []
        """New events that may be of a matter: number, words, time of the first report."""

    def of(self, new: Sequence[tuple[int, NewArticle, EventLink | None]]) -> list[EventColumns]:
        """Return the event columns of new articles: id, article, and event if it was decided."""
        self._of_links.update((article.link, number) for number, article, _ in new)
        self.begun += [
            (number, joined.words, article.published)
            for number, article, joined in new
            if joined is not None and joined.words is not None
        ]
        return [self._columns(number, joined) for number, _, joined in new]

    def _columns(self, number: int, joined: EventLink | None) -> EventColumns:
        if joined is None:
            return EventColumns(None, None, None)
        # If the first article was not stored after all, the next one takes its place.
        event = joined.event or self._of_links.setdefault(joined.opener, number)
        return EventColumns(event, joined.evidence or None, "\n".join(joined.figures) or None)


def _write_new_texts(
    connection: Connection, round_: Round, changes: Sequence[Change], followed: WordIndex
) -> None:
    """Write the new texts of known articles. Their times, and so their order, stay.

    What an editor decided about an article stays too.
    """
    amended = amended_texts.amendments_of(connection, [change.was.id for change in changes])
    for change in changes:
        _write_new_text(
            connection, round_, change, followed, amended.get(change.was.id, NOT_AMENDED)
        )


def _write_new_text(
    connection: Connection,
    round_: Round,
    change: Change,
    followed: WordIndex,
    held: Amendment,
) -> None:
    article = change.now.article
    number = change.was.id
    body = article.body
    if not body:
        kept = select(bodies.c.body).where(bodies.c.article_id == number)
        body = connection.execute(kept).scalar()
    title, standfirst = article.title, article.standfirst or change.was.standfirst
    filings = None if change.filled else article.filings
    if held is not NOT_AMENDED:
        amended_texts.note_source(connection, number, title, standfirst, filings)
        title = title if held.title is None else held.title
        standfirst = standfirst if held.standfirst is None else held.standfirst
        filings = filings if held.filings is None else held.filings
    if held is not NOT_AMENDED or (title, standfirst) != (change.was.title, change.was.standfirst):
        amended_texts.keep_version(connection, number, title, standfirst)
    words = upsert_rules.words_of(title, standfirst, body)
    found = followed.find(words.text) if held.state is None else ()
    published = to_driver(change.was.published, connection.dialect.name)
    connection.execute(
        update(articles)
        .where(articles.c.id == number)
        .values(
            guid=article.guid,
            link=article.link,
            title=title,
            standfirst=standfirst,
            **_filled_in(article, kept=_FACTS if change.filled else held.story),
            updated=round_.now,
            **_columns_of_text(round_, article, filings, held),
            words=words.text if held.state is None else "",
            followed_words="\n".join(found) or None,
            body_print=words.body_print,
        )
    )
    if article.body:
        connection.execute(delete(bodies).where(bodies.c.article_id == number))
        values = {"body": article.body, "kinds": article.body_kinds or None}
        connection.execute(insert(bodies).values(article_id=number, **values))
    if held.state is not None:
        return
    if filings is not None:
        amended_texts.file_under(connection, number, filings, published)
    connection.execute(delete(article_words).where(article_words.c.article_id == number))
    _note_words(connection, [(number, published, found)])
    windows.remove(connection, number)
    windows.add(connection, [(number, *words[:3])])


def _columns_of_text(
    round_: Round, article: NewArticle, filings: Sequence[Filing] | None, held: Amendment
) -> dict[str, str | None]:
    """Return by name the columns that follow from an article's new text: categories and figures.

    Filings are None if the categories stay; then no column changes.
    """
    if filings is None:
        return {}
    values: dict[str, str | None] = {
        "categories": " ".join(dict.fromkeys(filing.category for filing in filings))
    }
    figures = round_.figures.get(article.link)
    if figures is not None and held.title is None and held.standfirst is None:
        values["figures"] = "\n".join(figures) or None
    return values


def _filled_in(article: NewArticle, kept: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """Return the columns of `_FACTS` with an article's values; those kept only if missing."""
    found: dict[str, ColumnElement[Any]] = {}
    for name in _FACTS:
        both = (getattr(article, name), articles.c[name])
        found[name] = func.coalesce(*(reversed(both) if name in kept else both))
    return found


def _touch(connection: Connection, changes: Sequence[Change]) -> None:
    """Write new links and ids of known articles, and what was missing, such as a picture."""
    if changes:
        connection.execute(
            _TOUCH,
            [
                {
                    "number": change.was.id,
                    **{f"new_{name}": getattr(change.now.article, name) for name in _TOUCHED},
                }
                for change in changes
            ],
        )


def _note_words(
    connection: Connection, found: Iterable[tuple[int, datetime | str, Sequence[str]]]
) -> None:
    """Insert the followed words that articles contain: article id, time of publication, words."""
    rows = [(number, word, published) for number, published, words in found for word in words]
    insert_all(connection, article_words, WORDS, rows)
