"""Publication of an editor's draft: it is stored as an article, and alerted to as any other."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from news.stories.report import figures_of
from news.text.letters import letters
from news.text.links import host_of
from storage.model import BY_EDITORS, TAKEN_BACK, NewArticle, NewSource, Round, Show
from storage.model.article_model import EventLink
from storage.model.desk_model import EDITABLE, ActKind, DraftState
from storage.sources.sources import SourceExists

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from datetime import datetime

    from news.entry import Entry
    from news.round_results import RoundResults
    from storage.articles.articles import Articles
    from storage.desk.drafts import DraftChanges, Drafts
    from storage.model import Source
    from storage.model.desk_model import ArticleDraft
    from storage.sources.sources import Sources

OWN = "ON News"
"""The name of the source of the bot's own articles, as readers see it in every language."""
OWN_ADDRESS = f"{BY_EDITORS}our own"
"""The address by which that source is known; nothing is fetched from it."""
OLD = timedelta(days=1)
"""Age from which an article is dated by its publication here: older news is in no edition."""

log = logging.getLogger(__name__)


def site_of(link: str) -> str:
    """Return the host of a link without `www.`, by which sources of one site are known."""
    return host_of(link).removeprefix("www.")


class Publisher:
    """Publishes drafts.

    Args:
        own_link: Returns the link of an article of the bot's own by the draft's id: the deep link
            that opens it in the bot.
        may_publish: Returns whether a person may publish now; None is a person who was forgotten.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by name
        self,
        articles: Articles,
        sources: Sources,
        drafts: Drafts,
        results: RoundResults,
        clock: Callable[[], datetime],
        own_link: Callable[[int], str],
        may_publish: Callable[[int | None], Awaitable[bool]],
    ) -> None:
        self._articles = articles
        self._sources = sources
        self._drafts = drafts
        self._results = results
        self._clock = clock
        self._own_link = own_link
        self._may_publish = may_publish

    async def publish(
        self, draft: ArticleDraft, *, by: int | None = None
    ) -> tuple[int, int] | None:
        """Publish a draft in the version that its editor saw; return the ids of article and act.

        Returns None if the draft changed since, or `is_barred`. It may be called again after a
        crash: the article is recognised by its link.
        """
        return None if await self.is_barred(draft) else await self._published(draft, by=by)

    async def _published(
        self, draft: ArticleDraft, *, by: int | None = None
    ) -> tuple[int, int] | None:
        now, link = self._clock(), draft.text.link or self._own_link(draft.id)
        claimed = await self._drafts.begin_publishing(draft, link, by=by, now=now)
        if claimed is None:
            return None
        source = await self._source(claimed)
        await self._articles.store_all([_round(claimed, source, now)])
        (known, *_) = await self._articles.known(0, (), [link])
        act = await self._drafts.finish_publishing(claimed, known.article_id, now)
        await self._results.has_new([known.article_id])
        return known.article_id, act

    async def finish(self) -> int:
        """Publish due drafts and those that broke off; return how many.

        The time of a draft that may not be published is cleared. Those of `without_right` are left.
        """
        now, published = self._clock(), 0
        for draft in await self._drafts.to_finish(now):
            if not await self._may_go_on(draft):
                continue
            if await self.is_barred(draft):
                log.info("draft %d has no time any more: its story was withdrawn", draft.id)
                changes: DraftChanges = {"state": DraftState.OPEN, "publish_at": None}
                await self._drafts.change(
                    draft.id, draft.version, ActKind.EDIT, by=None, now=now, **changes
                )
            else:
                published += await self._published(draft) is not None
        return published

    async def without_right(self) -> list[ArticleDraft]:
        """Return what `finish` leaves: whoever changed a draft last may not publish any more."""
        due = await self._drafts.to_finish(self._clock())
        return [each for each in due if not await self._may_go_on(each)]

    async def _may_go_on(self, draft: ArticleDraft) -> bool:
        if await self._may_publish(draft.changed_by):
            return True
        # What readers see already is finished.
        known = await self._articles.known(0, (), [draft.text.link])
        stored = await self._articles.many([each.article_id for each in known])
        begun = draft.state is DraftState.PUBLISHING
        return begun and any(each.first_seen >= draft.changed for each in stored)

    async def is_barred(self, draft: ArticleDraft) -> bool:
        """Return whether editors withdrew or hid the story of a draft, which came from elsewhere.

        A story that this draft became, and that was taken back, may be published again. What was
        decided after the draft was changed last counts for each: the draft is of a backup then.
        """
        if draft.state not in EDITABLE:
            return False
        link = draft.text.link or self._own_link(draft.id)
        last = await self._articles.decision_about(link)
        if last is not None and last.state is not None and last.at > draft.changed:
            return True
        if not draft.text.link:
            return False
        known = await self._articles.known(0, (), [draft.text.link])
        if not known and last is not None and last.reason != TAKEN_BACK:
            return last.state is not None
        others = [each.article_id for each in known if each.article_id != draft.article_id]
        return any(each.state is not None for each in await self._articles.many(others))

    async def name_of(self, page: Entry) -> str:
        """Return the name of the source that a page belongs to.

        It is that of a known source, or what the page says, unless another site has that name
        already, or its host.
        """
        known = await self._known(
            page.link, page.language, {each.category for each in page.filings}
        )
        if known is not None:
            return known.name
        taken = {letters(OWN), *(letters(each.name) for each in await self._sources.all())}
        return site_of(page.link) if letters(page.outlet) in {"", *taken} else page.outlet

    async def _known(
        self, link: str, language: str | None, filed: Collection[str]
    ) -> Source | None:
        site = site_of(link)
        found = [
            source
            for source in await self._sources.all()
            if site and site in {site_of(source.site), site_of(source.url)}
        ]
        return min(
            found,
            key=lambda one: (
                one.language not in {None, language},
                not set(filed).intersection(one.categories),
                -one.weight,
                one.id,
            ),
            default=None,
        )

    async def _source(self, draft: ArticleDraft) -> Source:
        text = draft.text
        own = not text.source
        filed = {each.category for each in text.filings}
        if not own and (known := await self._known(text.link, text.language, filed)) is not None:
            return known
        new = NewSource(
            name=OWN if own else draft.text.source,
            url=OWN_ADDRESS if own else f"{BY_EDITORS}{site_of(draft.text.link)}",
            site="" if own else f"https://{host_of(draft.text.link)}/",
            full_text=Show.YES if own else Show.PRIVATE,
            paused=True,
        )
        try:
            return await self._sources.add(new, self._clock())
        except SourceExists:
            found = await self._sources.find(new.url)
            if found is None:
                raise
            return found


def _round(draft: ArticleDraft, source: Source, now: datetime) -> Round:
    text = draft.text
    recent = text.published is not None and now - OLD < text.published <= now
    article = NewArticle(
        guid=text.link,
        link=text.link,
        title=text.title,
        standfirst=text.standfirst,
        body=text.body,
        body_kinds=text.body_kinds,
        image=text.image,
        author=text.author,
        language=text.language,
        published=text.published if recent and text.published is not None else now,
        filings=text.filings,
        paywall=text.paywall,
    )
    event = EventLink(
        text.event_id if draft.joins else None,
        text.link,
        text.event_evidence if draft.joins else "",
        figures_of(text.title, text.standfirst),
    )
    return Round(
        source_id=source.id,
        now=now,
        next_check=source.next_check,
        interval=source.interval,
        articles=(article,),
        events={text.link: event},
        by_editor=True,
    )
