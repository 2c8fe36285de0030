"""Choosing the categories of a draft or of an article: by the picker, or by typing names.

What is chosen is kept in the editor's open question until Done, which writes it in one act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from handlers.core.editing_rights import rights_of
from handlers.desk.articles import article_page
from handlers.desk.desk_taps import on_desk_tap, seen_in
from handlers.desk.drafts import draft_card
from handlers.desk.drafts.open_drafts import open_draft
from handlers.desk.filing_choice import (
    FilingChoice,
    keep_choice,
    may_file,
    picker_message,
    picker_of,
    stored_choice,
)
from handlers.desk.open_question import asked_of, drop_question
from handlers.following.category_pages import PER_PAGE, houses_by_letter
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import Tab
from handlers.taps.filing_data import (
    EndFiling,
    FiledKind,
    FileUnder,
    FilingLetter,
    FilingPage,
    OpenFiling,
)
from storage.desk.amended_rows import ChangedMeanwhileError, NoSuchArticleError
from storage.model import Filing
from storage.model.desk_model import EDITABLE, ActKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from telegram import InlineKeyboardMarkup, Update

    from handlers.core.context import Context
    from handlers.desk.filing_picker import FilingPicker
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft

BY_HAND = "an editor chose it"
"""Reason of a category that an editor added to a draft."""

FilingTap = OpenFiling | FilingPage | FilingLetter | FileUnder | EndFiling
Shown: TypeAlias = "Callable[[FilingPicker], InlineKeyboardMarkup]"
"""A function that returns the keyboard to show."""


async def open_filing(update: Update, context: Context, tap: OpenFiling) -> str | None:
    """Show the picker in place of the tapped draft or article, unless it was changed meanwhile."""
    subscriber = await context.subscriber(update)
    choice, refused = await _begun(update, context, subscriber, tap)
    if choice is None:
        return refused
    if seen_in(tap) != choice.seen:
        await _show_filed(update, context, subscriber, tap)
        return await _changed(context, subscriber, tap)
    tab = Tab.YOURS if choice.chosen else Tab.SECTIONS
    await _show(update, context, subscriber, choice, lambda view: view.page(tab, 0))
    return None


async def turn(update: Update, context: Context, tap: FilingPage) -> str | None:
    """Show another page of the picker."""
    subscriber = await context.subscriber(update)
    choice, refused = await _begun(update, context, subscriber, tap)
    if choice is None:
        return refused
    tab = Tab.SECTIONS if tap.tab is Tab.FIRST else tap.tab

    def page(view: FilingPicker) -> InlineKeyboardMarkup:
        last = view.last_page(tab)
        if tap.page > last and tab is not Tab.YOURS:
            raise StaleTap(tap.pack())
        return view.page(tab, min(tap.page, last))

    await _show(update, context, subscriber, choice, page)
    return None


async def turn_letter(update: Update, context: Context, tap: FilingLetter) -> str | None:
    """Show the houses of a letter."""
    subscriber = await context.subscriber(update)
    choice, refused = await _begun(update, context, subscriber, tap)
    if choice is None:
        return refused
    houses = houses_by_letter(context.services.taxonomy).get(tap.letter, ())
    if tap.page * PER_PAGE >= len(houses):
        raise StaleTap(tap.pack())
    letter, page = tap.letter, tap.page
    await _show(update, context, subscriber, choice, lambda view: view.letter(letter, page))
    return None


async def file_under(update: Update, context: Context, tap: FileUnder) -> str | None:
    """Add a category to the choice, or take it out."""
    if tap.category not in context.services.taxonomy.categories:
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    choice, refused = await _begun(update, context, subscriber, tap)
    if choice is None:
        return refused
    others = tuple(slug for slug in choice.chosen if slug != tap.category)
    if not tap.on:
        choice = choice._replace(chosen=others)
    elif len(others) == len(choice.chosen):
        choice = choice._replace(chosen=(*others, tap.category))
    keyboard = context.keyboard(update)

    def marked(view: FilingPicker) -> InlineKeyboardMarkup:
        return view.page(Tab.YOURS, 0) if keyboard is None else view.remarked(keyboard)

    await _show(update, context, subscriber, choice, marked)
    return None


async def end(update: Update, context: Context, tap: EndFiling) -> str | None:
    """Write what was chosen, or leave all as it was; then show the draft or article again."""
    subscriber = await context.subscriber(update)
    choice, refused = await _begun(update, context, subscriber, tap)
    if choice is None:
        return refused
    if tap.keep and not choice.chosen:
        return context.label("choose_one", subscriber)
    drop_question(update, context)
    written = not tap.keep or await _written(context, subscriber, choice)
    await _show_filed(update, context, subscriber, tap)
    return None if written else await _changed(context, subscriber, tap)


async def _show(
    update: Update, context: Context, subscriber: Subscriber, choice: FilingChoice, shown: Shown
) -> None:
    keyboard = shown(await picker_of(context, subscriber, choice))
    keep_choice(update, context, choice)
    await context.edit(update, picker_message(context, subscriber, choice), keyboard)


async def _begun(
    update: Update, context: Context, subscriber: Subscriber, tap: FilingTap
) -> tuple[FilingChoice | None, str | None]:
    """Return the choice that a tap belongs to; or None and why it is refused.

    A choice that is not in memory, after a restart or another question, begins again from what is
    stored.
    """
    stored, draft = await stored_choice(context, tap.kind, tap.filed)
    article = tap.kind is FiledKind.ARTICLE
    if stored is None and article and await context.services.articles.get(tap.filed) is None:
        raise NoSuchArticleError(tap.filed)
    if stored is None:
        raise StaleTap(tap.pack())
    if not await may_file(update, context, draft):
        return None, context.label("no_right", subscriber)
    if draft is not None and draft.state not in EDITABLE:
        await _show_filed(update, context, subscriber, tap)
        return None, draft_card.what_happened(context, subscriber, draft)
    question = asked_of(update, context)
    kept = None if question is None else question.choice
    same = isinstance(kept, FilingChoice) and (kept.kind, kept.filed) == (stored.kind, stored.filed)
    if same and not isinstance(tap, OpenFiling) and isinstance(kept, FilingChoice):
        return kept, None
    return stored, None


async def _written(context: Context, subscriber: Subscriber, choice: FilingChoice) -> bool:
    """Write a choice; return False if somebody else changed the draft or article first."""
    desk, person_id, now = context.services.desk, subscriber.chat_id, context.now
    stored, draft = await stored_choice(context, choice.kind, choice.filed)
    if stored is None or stored.seen != choice.seen:
        return False
    if stored.chosen == choice.chosen:
        return True
    if draft is None:
        try:
            await desk.amendments.refile(
                choice.filed, choice.chosen, person_id=person_id, now=now, seen=choice.seen
            )
        except (NoSuchArticleError, ChangedMeanwhileError):
            return False
        desk.correct_soon()
        return True
    _, done = await desk.drafts.change(
        draft.id,
        choice.seen,
        ActKind.EDIT,
        by=person_id,
        now=now,
        filings=_filings(context, draft, choice.chosen),
    )
    return done


def _filings(context: Context, draft: ArticleDraft, chosen: Sequence[str]) -> tuple[Filing, ...]:
    """Return a draft's filings under these categories; marks that are no categories are kept."""
    known = context.services.taxonomy.categories
    reasons = {each.category: each.reason for each in draft.text.filings}
    marks = tuple(each for each in draft.text.filings if each.category not in known)
    return (*(Filing(slug, reasons.get(slug, BY_HAND)) for slug in chosen), *marks)


async def _show_filed(
    update: Update, context: Context, subscriber: Subscriber, tap: FilingTap
) -> None:
    if tap.kind is FiledKind.DRAFT:
        draft = await context.services.desk.drafts.get(tap.filed)
        if draft is None:
            raise StaleTap(tap.pack())
        rights = await rights_of(update, context)
        await context.edit(update, *await draft_card.card(context, subscriber, draft, rights))
        if update.effective_message is not None:
            open_draft(update, context, draft, rights, update.effective_message.message_id)
        return
    article = await context.services.articles.get(tap.filed)
    if article is None:
        raise StaleTap(tap.pack())
    await context.edit(update, *await article_page.page(context, subscriber, article))


async def _changed(context: Context, subscriber: Subscriber, tap: FilingTap) -> str:
    if tap.kind is FiledKind.DRAFT:
        draft = await context.services.desk.drafts.get(tap.filed)
        if draft is not None:
            return draft_card.what_happened(context, subscriber, draft)
    return context.label("changed_first", subscriber)


TAPS = (
    on_desk_tap(OpenFiling, open_filing),
    on_desk_tap(FilingPage, turn),
    on_desk_tap(FilingLetter, turn_letter),
    on_desk_tap(FileUnder, file_under),
    on_desk_tap(EndFiling, end),
)
