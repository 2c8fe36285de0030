"""The lists of the desk: what waits, drafts, what was published, readers' links; and each entry."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from handlers.buttons.keyboards import (
    button,
    chosen,
    numbers,
    ordered_rows,
    rows,
    source_button,
)
from handlers.buttons.pages import Pages
from handlers.desk.desk import on_desk_tap, seen_in
from handlers.desk.drafts import making_drafts
from handlers.stories.complaints import kinds_said
from handlers.taps.amend_data import DeskArticle
from handlers.taps.desk_data import (
    DeskPage,
    DiscardTip,
    DiscardWaiting,
    DraftAct,
    DraftTip,
    OnDraft,
    OpenDesk,
    OpenTip,
    OpenWaiting,
    PublishAll,
    PublishWaiting,
    SetApproval,
)
from news.approval import AT_ONCE
from storage.desk.amended_rows import ChangedMeanwhileError
from storage.desk.waiting import waits_as
from storage.model.desk_model import EDITABLE, DraftState, WaitingState

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.core.context import Reply
    from handlers.desk.desk import Desk

ON_A_PAGE = 8
SOURCES_ON_A_PAGE = 10
LISTED = timedelta(days=7)
"""Time for which the drafts that were published are listed."""
LONGEST_NAME = 40
"""Characters of a source's name on its button at most."""
WHICH = {DeskPage.DRAFTS: EDITABLE, DeskPage.PUBLISHED: (DraftState.PUBLISHED,)}


async def _drafts(which: DeskPage, desk: Desk, number: int) -> Reply:
    drafts, since = desk.services.drafts, _since(which, desk)
    pages = Pages.within(number, await drafts.count(WHICH[which], since=since), ON_A_PAGE)
    found = await drafts.listed(WHICH[which], limit=ON_A_PAGE, offset=pages.first, since=since)
    message = desk.render(
        "draft_list",
        which=which.name.lower(),
        drafts=found,
        names=await desk.services.rights.names(),
        first=pages.first + 1,
        zone=desk.editor.zone,
        now=desk.now,
    )
    numbered = [
        button(str(at), OnDraft(DraftAct.OPEN, each.id, each.version))
        for at, each in enumerate(found, start=pages.first + 1)
    ]
    return message, [*rows(numbered, 4), *desk.below_list(which, pages)]


def _since(which: DeskPage, desk: Desk) -> datetime | None:
    """Return the time from which what was published is listed; None for drafts."""
    return desk.now - LISTED if which is DeskPage.PUBLISHED else None


drafts_page = partial(_drafts, DeskPage.DRAFTS)
published_page = partial(_drafts, DeskPage.PUBLISHED)


async def tips_page(desk: Desk, number: int) -> Reply:
    """Return a page of the links that readers suggested, the newest first."""
    tips = desk.services.tips
    pages = Pages.within(number, await tips.count(), ON_A_PAGE)
    found = await tips.listed(limit=ON_A_PAGE, offset=pages.first)
    message = desk.render("tips", tips=found, first=pages.first + 1, now=desk.now)
    lines = numbers(
        (each.number for each in found),
        pages.first + 1,
        opens=lambda number: OpenTip(number, pages.page),
    )
    return message, [*lines, *desk.below_list(DeskPage.TIPS, pages)]


async def complaints_page(desk: Desk, number: int) -> Reply:
    """Return a page of the stories about which readers say that something is wrong."""
    complaints = desk.services.complaints
    pages = Pages.within(number, await complaints.count(), ON_A_PAGE)
    found = await complaints.listed(limit=ON_A_PAGE, offset=pages.first)
    stories = {each.id: each for each in await desk.articles.many([s.article_id for s in found])}
    shown = [
        (stories[each.article_id], kinds_said(desk.context, desk.editor, each.kinds))
        for each in found
        if each.article_id in stories
    ]
    message = desk.render("complaints", complaints=shown, first=pages.first + 1)
    lines = numbers((each.id for each, _ in shown), pages.first + 1, opens=DeskArticle)
    return message, [*lines, *desk.below_list(DeskPage.COMPLAINTS, pages)]


async def open_tip(desk: Desk, tap: OpenTip) -> str | None:
    """Show one suggested link. Its page is not fetched."""
    found = await desk.services.tips.get(tap.tip)
    if found is None:
        return await _tip_gone(desk, tap.page)
    line = []
    if desk.rights.write:
        line.append(desk.button("make_draft", DraftTip(found.number)))
    if desk.rights.publish:
        line.append(desk.button("discard", DiscardTip(found.number, tap.page)))
    back = [desk.button("back", OpenDesk(DeskPage.TIPS, tap.page))]
    message = desk.render("tip", tip=found, now=desk.now)
    await desk.show(message, [line, back])
    return None


async def draft_tip(desk: Desk, tap: DraftTip) -> str | None:
    """Read a suggested link's page and make a draft of it."""
    tips = desk.services.tips
    found = await tips.get(tap.tip)
    if found is None:
        return await _tip_gone(desk, 0)
    draft = await making_drafts.make(desk, found.link)
    if draft is not None:
        await tips.opened(found.link, draft.id)
    return None


async def discard_tip(desk: Desk, tap: DiscardTip) -> str | None:
    """Discard a suggested link, and show the list again."""
    tips = desk.services.tips
    found = await tips.get(tap.tip)
    if found is None or not await tips.discard(found.link, by=desk.person_id, now=desk.now):
        return await _tip_gone(desk, tap.page)
    await desk.show(*await tips_page(desk, tap.page))
    return desk.label("tip_discarded")


async def _tip_gone(desk: Desk, number: int) -> str:
    await desk.show(*await tips_page(desk, number))
    return desk.label("tip_gone")


async def waiting_page(desk: Desk, number: int) -> Reply:
    """Return a page of the articles that wait for approval, the newest first."""
    waiting = desk.services.waiting
    newest = await waiting.newest()
    pages = Pages.within(number, await waiting.count(), ON_A_PAGE)
    found = await waiting.listed(limit=ON_A_PAGE, offset=pages.first)
    await waiting.looked_at([each.id for each in found], desk.now)
    message = desk.render("waiting", waiting=found, first=pages.first + 1, now=desk.now)
    lines = numbers(
        (each.id for each in found),
        pages.first + 1,
        opens=lambda article: OpenWaiting(article, pages.page),
    )
    if desk.rights.publish and pages.count > 1:
        looks = await waiting.list_as(newest, limit=AT_ONCE)
        publish_all = PublishAll(newest, f"{looks:x}")
        lines.append([desk.button("publish_all", publish_all, num=pages.count)])
    *turning, back = desk.below_list(DeskPage.WAITING, pages)
    lines += turning
    if desk.rights.publish:
        lines.append([desk.button("desk_approval", OpenDesk(DeskPage.APPROVAL))])
    return message, [*lines, back]


async def open_waiting(desk: Desk, tap: OpenWaiting | PublishWaiting) -> str | None:
    """Show one waiting article, or say what another editor did with it."""
    waiting = desk.services.waiting
    found = await waiting.get(tap.article)
    if found is None or found.state is not WaitingState.WAITING:
        return await _decided_before(desk, tap.article, tap.page)
    await waiting.looked_at([found.id], desk.now)
    publish = PublishWaiting(found.id, tap.page, f"{waits_as(found):x}")
    discard = DiscardWaiting(found.id, tap.page)
    lines = [
        [desk.button("publish", publish), desk.button("discard", discard)]
        if desk.rights.publish
        else [],
        source_button(desk.label("open"), found.article),
        [desk.button("back", OpenDesk(DeskPage.WAITING, tap.page))],
    ]
    message = desk.render("waiting_article", waiting=found, now=desk.now)
    await desk.show(message, lines)
    return None


async def publish_waiting(desk: Desk, tap: PublishWaiting) -> str | None:
    """Publish one waiting article, and show the list again."""
    approval = desk.services.approval
    try:
        claimed = await approval.publish(tap.article, by=desk.person_id, seen=seen_in(tap))
    except ChangedMeanwhileError:
        await open_waiting(desk, tap)
        return desk.label("waiting_changed")
    if not claimed:
        return await _decided_before(desk, tap.article, tap.page)
    await desk.show(*await waiting_page(desk, tap.page))
    published = await desk.services.waiting.get(tap.article)
    stored = await desk.articles.get((published and published.article_id) or 0)
    barred = stored is not None and stored.state is not None
    return desk.label("story_barred" if barred else "waiting_published")


async def discard_waiting(desk: Desk, tap: DiscardWaiting) -> str | None:
    """Discard one waiting article, and show the list again."""
    if not await desk.services.waiting.discard(tap.article, by=desk.person_id, now=desk.now):
        return await _decided_before(desk, tap.article, tap.page)
    await desk.show(*await waiting_page(desk, tap.page))
    return desk.label("waiting_discarded")


async def publish_all(desk: Desk, tap: PublishAll) -> str | None:
    """Publish the articles that wait and that the editor was shown a list of."""
    approval, seen = desk.services.approval, seen_in(tap)
    try:
        done = await approval.publish_all(tap.newest, by=desk.person_id, seen=seen)
        notice = desk.label("all_published", num=done)
    except ChangedMeanwhileError:
        notice = desk.label("list_changed")
    await desk.show(*await waiting_page(desk, 0))
    return notice


async def _decided_before(desk: Desk, number: int, page: int) -> str:
    found = await desk.services.waiting.get(number)
    await desk.show(*await waiting_page(desk, page))
    if found is None:
        return desk.label("waiting_gone")
    discarded = found.state is WaitingState.DISCARDED
    return desk.label("discarded_before" if discarded else "published_before")


async def sources_page(desk: Desk, number: int) -> Reply:
    """Return a page of the sources, each with a button that lets its articles wait or not."""
    every = [each for each in await desk.context.services.sources.all() if each.can_be_asked]
    pages = Pages.within(number, len(every), SOURCES_ON_A_PAGE)
    buttons = [
        button(
            chosen(each.name[:LONGEST_NAME], when=each.approval),
            SetApproval(each.id, not each.approval, pages.page),
        )
        for each in pages.part(every)
    ]
    message = desk.render(
        "approval_sources", waiting=[each.name for each in every if each.approval]
    )
    below = desk.below_list(DeskPage.APPROVAL, pages, back=DeskPage.WAITING)
    return message, [*ordered_rows(buttons), *below]


async def set_approval(desk: Desk, tap: SetApproval) -> None:
    """Set whether a source needs approval, and show the sources again."""
    await desk.services.waiting.set_approval(
        tap.source, approval=tap.approval, by=desk.person_id, now=desk.now
    )
    await desk.show(*await sources_page(desk, tap.page))


TAPS = (
    on_desk_tap(OpenWaiting, open_waiting),
    on_desk_tap(PublishWaiting, publish_waiting, publishes=True),
    on_desk_tap(DiscardWaiting, discard_waiting, publishes=True),
    on_desk_tap(PublishAll, publish_all, publishes=True),
    on_desk_tap(SetApproval, set_approval, publishes=True),
    on_desk_tap(OpenTip, open_tip),
    on_desk_tap(DraftTip, draft_tip, writes=True),
    on_desk_tap(DiscardTip, discard_tip, publishes=True),
)
