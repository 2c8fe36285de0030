"""Light news is no alert for a category; a bell may be set to large news only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update

from storage.model.desk_model import DraftState
from storage.tables.desk_schema import drafts
from storage.tables.schema import articles

if TYPE_CHECKING:
    from tests.digest.conftest import Paper


async def weighed(paper: Paper, weight: float | None, *categories: str, title: str = "News") -> int:
    """Store an article with a weight, and return its id."""
    id_ = await paper.article(title, *categories, source=f"The {weight} {title} Gazette")
    await paper.db.execute(update(articles).where(articles.c.id == id_).values(weight=weight))
    return id_


async def alerted(paper: Paper, article_id: int) -> list[int]:
    """Plan the alerts of an article, and return the chats that get one."""
    before = len(paper.outbox.sent)
    await paper.alerts.plan([article_id], paper.time.now)
    await paper.sender.drain()
    return sorted(each.chat_id for each in paper.outbox.sent[before:])


async def three_readers(paper: Paper) -> None:
    """Create readers with alerts for Gucci, for its large news only, and for a keyword."""
    for chat_id in (1, 2):
        reader = await paper.reader(chat_id, "gucci", minute=20 * 60, alerts_a_day=20)
        await paper.subscribers.follow(reader.id, "gucci", alerts=True)
    await paper.subscribers.set_only_large(reader.id, "gucci", on=True)
    reader = await paper.reader(3, "style", minute=20 * 60, alerts_a_day=20)
    await paper.subscribers.follow_word(reader.id, "garden", alerts=True)


@pytest.mark.parametrize(
    ("weight", "chats"),
    [(0.15, [3]), (0.25, [1, 3]), (1.05, [1, 3]), (None, [1, 3]), (1.15, [1, 2, 3])],
)
async def test_an_alert_for_a_category_has_weight_and_one_for_a_keyword_may_have_none(
    paper: Paper, weight: float | None, chats: list[int]
) -> None:
    await three_readers(paper)
    story = await weighed(paper, weight, "gucci", title="Gucci opens a garden")
    assert await alerted(paper, story) == chats


async def test_an_alert_of_an_editor_comes_whatever_its_story_weighs(paper: Paper) -> None:
    await three_readers(paper)
    story = await weighed(paper, 0.0, "gucci")
    (article,) = await paper.articles.many([story])
    texts = dict.fromkeys(("source", "title", "standfirst", "body_kinds", "event_evidence"), "")
    await paper.db.execute(
        insert(drafts).values(
            **texts,
            link=article.link,
            state=DraftState.PUBLISHED.value,
            version=1,
            created=paper.time.now,
            changed=paper.time.now,
            filings="[]",
            event_source="",
            alert=True,
        )
    )
    assert await alerted(paper, story) == [1, 2]


async def test_a_bell_for_large_news_of_a_house_leaves_that_of_its_section_alone(
    paper: Paper,
) -> None:
    reader = await paper.reader(1, "gucci", "style", minute=20 * 60)
    for slug in ("gucci", "style"):
        await paper.subscribers.follow(reader.id, slug, alerts=True)
    await paper.subscribers.set_only_large(reader.id, "gucci", on=True)
    assert await alerted(paper, await weighed(paper, 1.0, "gucci", title="One")) == []
    assert await alerted(paper, await weighed(paper, 1.0, "gucci", "style", title="Two")) == [1]


async def test_large_news_only_outlives_a_mute_and_an_unfollow_and_ends_when_unset(
    paper: Paper,
) -> None:
    subscribers, reader = paper.subscribers, await paper.reader(1, "gucci", minute=20 * 60)
    before = await paper.subscriber(reader.id)
    for _ in range(2):
        await subscribers.set_only_large(reader.id, "gucci", on=True)
    assert await paper.subscriber(reader.id) == before
    await subscribers.unfollow(reader.id, "gucci")
    await subscribers.follow(reader.id, "gucci", alerts=True)
    assert await subscribers.only_large(reader.id) == {"gucci"}
    for _ in range(2):
        await subscribers.set_only_large(reader.id, "gucci", on=False)
    assert await subscribers.only_large(reader.id) == frozenset()
    assert await alerted(paper, await weighed(paper, 1.0, "gucci")) == [1]
