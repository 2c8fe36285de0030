"""The statements that put a judged round into the archive's tables."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, text, update

from storage import intake, search
from storage.dialect import AdvisoryLock
from storage.intake import Present
from storage.model import Round, Stored
from storage.schema import article_categories, articles, bodies, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.intake import Change, Prepared

CHUNK = 400
"""How many values one statement looks for."""


async def store(
    connection: AsyncConnection, rounds: Sequence[tuple[Round, Sequence[Prepared]]]
) -> list[Stored]:
    """Put prepared rounds into the archive, within the connection's transaction.

    A round of a source that was removed meanwhile leaves no trace.
    """
    if connection.dialect.name == "postgresql":
        # Ids must become visible in order: a reader's place is the newest id that there was.
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.ARCHIVE}
        )
    stored: list[Stored] = []
    for together in _apart(rounds):
        stored += await _store_apart(connection, together)
    return stored


def _apart(
    rounds: Sequence[tuple[Round, Sequence[Prepared]]],
) -> Iterator[list[tuple[Round, Sequence[Prepared]]]]:
    """The rounds in their order, in groups within which none can know what another brings."""
    group: list[tuple[Round, Sequence[Prepared]]] = []
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


async def _store_apart(
    connection: AsyncConnection, rounds: Sequence[tuple[Round, Sequence[Prepared]]]
) -> list[Stored]:
    there = select(sources.c.id).where(
        sources.c.id.in_([round_.source_id for round_, _ in rounds]), ~sources.c.removed
    )
    kept = set((await connection.execute(there)).scalars())
    present = await _present(
        connection,
        kept,
        [one for round_, all_ in rounds if round_.source_id in kept for one in all_],
    )
    verdicts = [
        intake.judge(brought, present, round_.source_id)
        if round_.source_id in kept
        else intake.Verdict((), (), 0)
        for round_, brought in rounds
    ]
    ids = iter(
        await _insert(
            connection,
            [
                (round_, one)
                for (round_, _), verdict in zip(rounds, verdicts, strict=True)
                for one in verdict.new
            ],
        )
    )
    stored: list[Stored] = []
    for (round_, _), verdict in zip(rounds, verdicts, strict=True):
        reworded = [change for change in verdict.changed if change.reworded]
        new = tuple(islice(ids, len(verdict.new)))
        await _retell(connection, round_.now, reworded)
        await _touch(connection, [change for change in verdict.changed if not change.reworded])
        stored.append(
            Stored(
                new=new,
                updated=tuple(change.was.id for change in reworded),
                unchanged=verdict.unchanged + len(verdict.changed) - len(reworded),
                stories={
                    one.article.link: round_.stories.get(one.article.link, number)
                    for number, one in zip(new, verdict.new, strict=True)
                },
            )
        )
    await _sources_were_read(
        connection,
        [
            (round_, bool(verdict.new))
            for (round_, _), verdict in zip(rounds, verdicts, strict=True)
            if round_.source_id in kept
        ],
    )
    return stored


async def _present(
    connection: AsyncConnection, source_ids: Collection[int], brought: Sequence[Prepared]
) -> list[Present]:
    """What the archive has of these links, and of these ids of the sources."""
    columns = [articles.c[field.name] for field in fields(Present)]
    found: dict[int, Present] = {}
    for start in range(0, len(brought), CHUNK):
        part = [one.article for one in brought[start : start + CHUNK]]
        of_sources = and_(
            articles.c.source_id.in_(sorted(source_ids)),
            articles.c.guid.in_({article.guid for article in part}),
        )
        condition = or_(articles.c.link.in_([article.link for article in part]), of_sources)
        for row in await connection.execute(select(*columns).where(condition)):
            found[row.id] = Present(*row)
    return list(found.values())


async def _insert(
    connection: AsyncConnection, new: Sequence[tuple[Round, Prepared]]
) -> tuple[int, ...]:
    """Give new articles their ids, in their order, and write them everywhere."""
    if not new:
        return ()
    newest: int | None = (await connection.execute(select(func.max(articles.c.id)))).scalar()
    ids = range((newest or 0) + 1, (newest or 0) + 1 + len(new))
    rows = [
        {
            "id": number,
            "story_id": round_.stories.get(one.article.link, number),
            "source_id": round_.source_id,
            "guid": one.article.guid,
            "link": one.article.link,
            "title": one.article.title,
            "standfirst": one.article.standfirst,
            "image": one.article.image,
            "author": one.article.author,
            "language": one.article.language,
            "published": one.article.published,
            "first_seen": round_.now,
            "pinned": False,
            "backlog": round_.backlog,
            "categories": _slugs(one),
            "words": search.between(one.words.title, one.words.standfirst),
            "body_print": one.body_print,
        }
        for number, (round_, one) in zip(ids, new, strict=True)
    ]
    await connection.execute(insert(articles), rows)
    numbered = [(number, one) for number, (_, one) in zip(ids, new, strict=True)]
    await _file(connection, ((number, one, one.article.published) for number, one in numbered))
    with_body = [
        {"article_id": number, "body": one.article.body}
        for number, one in numbered
        if one.article.body
    ]
    if with_body:
        await connection.execute(insert(bodies), with_body)
    await _index(connection, [(number, *one.words[:3]) for number, one in numbered])
    return tuple(ids)


async def _retell(connection: AsyncConnection, now: datetime, changes: Sequence[Change]) -> None:
    """Write the new words of known articles. Their times, and so their order, stay."""
    for change in changes:
        article = change.now.article
        number = change.was.id
        body = article.body
        if not body:
            kept = select(bodies.c.body).where(bodies.c.article_id == number)
            body = (await connection.execute(kept)).scalar()
        standfirst = article.standfirst or change.was.standfirst
        words = (change.now.words.title, " ".join(search.tokens(standfirst)))
        await connection.execute(
            update(articles)
            .where(articles.c.id == number)
            .values(
                guid=article.guid,
                link=article.link,
                title=article.title,
                standfirst=standfirst,
                image=func.coalesce(article.image, articles.c.image),
                author=func.coalesce(article.author, articles.c.author),
                language=func.coalesce(article.language, articles.c.language),
                updated=now,
                **({} if change.filled else {"categories": _slugs(change.now)}),
                words=search.between(*words),
                body_print=intake.body_print(body) if body else None,
            )
        )
        if not change.filled:
            await connection.execute(
                delete(article_categories).where(article_categories.c.article_id == number)
            )
            await _file(connection, [(number, change.now, change.was.published)])
        if article.body:
            await connection.execute(delete(bodies).where(bodies.c.article_id == number))
            await connection.execute(insert(bodies).values(article_id=number, body=article.body))
        await _unindex(connection, number)
        await _index(connection, [(number, *words, " ".join(search.tokens(body or "")))])


async def _touch(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Write new links and ids of known articles, and pictures and authors that were missing."""
    if changes:
        await connection.execute(
            update(articles)
            .where(articles.c.id == bindparam("number"))
            .values(
                guid=bindparam("new_guid"),
                link=bindparam("new_link"),
                image=func.coalesce(articles.c.image, bindparam("new_image")),
                author=func.coalesce(articles.c.author, bindparam("new_author")),
            ),
            [
                {
                    "number": change.was.id,
                    "new_guid": change.now.article.guid,
                    "new_link": change.now.article.link,
                    "new_image": change.now.article.image,
                    "new_author": change.now.article.author,
                }
                for change in changes
            ],
        )


def _slugs(one: Prepared) -> str:
    """The slugs of an article's categories, each once, in their order."""
    return " ".join(dict.fromkeys(filing.category for filing in one.article.filings))


async def _file(
    connection: AsyncConnection, filed: Iterable[tuple[int, Prepared, datetime]]
) -> None:
    rows: list[dict[str, Any]] = []
    for number, one, published in filed:
        reasons: dict[str, str] = {}
        for filing in one.article.filings:
            reasons.setdefault(filing.category, filing.reason)
        rows += (
            {
                "article_id": number,
                "category": category,
                "position": position,
                "reason": reason,
                "published": published,
            }
            for position, (category, reason) in enumerate(reasons.items())
        )
    if rows:
        await connection.execute(insert(article_categories), rows)


async def _index(
    connection: AsyncConnection,
    tokens: Iterable[tuple[int, str, str, str]],
) -> None:
    """Make articles findable by the tokens of title, standfirst and body."""
    if connection.dialect.name == "sqlite":
        statement = "INSERT INTO article_search (rowid, words) VALUES (:number, :words)"
        rows = [{"number": number, "words": search.between(*words)} for number, *words in tokens]
    else:
        statement = (
            "INSERT INTO article_search (article_id, words) "
            "VALUES (:number, CAST(CAST(:words AS text) AS tsvector))"
        )
        rows = [{"number": number, "words": search.tsvector(*words)} for number, *words in tokens]
    await connection.execute(text(statement), rows)


async def _unindex(connection: AsyncConnection, number: int) -> None:
    key = "rowid" if connection.dialect.name == "sqlite" else "article_id"
    await connection.execute(
        text(f"DELETE FROM article_search WHERE {key} = :number"),  # noqa: S608 - one of two names
        {"number": number},
    )


async def _sources_were_read(
    connection: AsyncConnection, rounds: Sequence[tuple[Round, bool]]
) -> None:
    """What these rounds taught about their sources; each with whether it brought news."""
    if not rounds:
        return
    await connection.execute(
        update(sources)
        .where(sources.c.id == bindparam("number"))
        .values(
            etag=bindparam("new_etag"),
            last_modified=bindparam("new_last_modified"),
            interval=bindparam("new_interval"),
            next_check=bindparam("new_next_check"),
            failures=0,
            last_ok=bindparam("now"),
            last_error=None,
            last_new=func.coalesce(
                bindparam("had_news", type_=sources.c.last_new.type), sources.c.last_new
            ),
        ),
        [
            {
                "number": round_.source_id,
                "new_etag": round_.etag,
                "new_last_modified": round_.last_modified,
                "new_interval": round_.interval,
                "new_next_check": round_.next_check,
                "now": round_.now,
                "had_news": round_.now if news else None,
            }
            for round_, news in rounds
        ],
    )
    for round_, _ in rounds:
        await move_source(connection, round_.source_id, round_.url)


async def move_source(connection: AsyncConnection, source_id: int, url: str | None) -> None:
    """Give a source its new address, unless another source has that already."""
    if url is not None:
        other = sources.alias()
        await connection.execute(
            update(sources)
            .where(sources.c.id == source_id, ~exists().where(other.c.url == url))
            .values(url=url)
        )
