"""The categories that an editor is choosing for a draft or an article, until they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from handlers.core.editing_rights import rights_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk_taps import may_change
from handlers.desk.filing_picker import FilingPicker
from handlers.desk.open_question import ask
from handlers.taps.filing_data import FiledKind
from storage.desk.amended_rows import seen_as

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft
    from templates import RenderedMessage


class FilingChoice(NamedTuple):
    """The categories that an editor is choosing, not written yet."""

    kind: FiledKind
    filed: int
    """The id of the draft or article."""
    title: str
    seen: int
    """The draft's version, or the article's `seen_as`, for which the choice is."""
    chosen: tuple[str, ...]
    """Slugs of the categories, the most important first."""


async def stored_choice(
    context: Context, kind: FiledKind, filed: int
) -> tuple[FilingChoice | None, ArticleDraft | None]:
    """Return a draft's or article's categories (None if it is gone), and the draft if it is one."""
    known = context.services.taxonomy.categories
    if kind is FiledKind.DRAFT:
        draft = await context.services.desk.drafts.get(filed)
        if draft is None:
            return None, None
        slugs = dict.fromkeys(each.category for each in draft.text.filings)
        title, seen = draft.text.title, draft.version
    else:
        draft = None
        article = await context.services.articles.get(filed)
        if article is None or article.is_withdrawn:
            return None, None
        slugs = dict.fromkeys(article.categories)
        title, seen = article.title, seen_as(article)
    chosen = tuple(slug for slug in slugs if slug in known)
    return FilingChoice(kind, filed, title, seen, chosen), draft


async def may_file(update: Update, context: Context, draft: ArticleDraft | None) -> bool:
    """Return whether a person may change the categories of a draft, or of an article for None."""
    rights = await rights_of(update, context)
    return rights.publish if draft is None else bool(rights) and may_change(draft, rights)


def keep_choice(
    update: Update,
    context: Context,
    choice: FilingChoice,
    *,
    message_id: int = 0,
    album: str = "",
) -> None:
    """Remember a choice as the open question of the person who makes it.

    `message_id` is the picker's, 0 if tapped; `album` is that of the draft's picture.
    """
    message = update.effective_message
    if message is not None:
        shown = message_id or message.message_id
        question = DeskQuestion(DeskSubject.CATEGORY, message_id=shown, choice=choice, album=album)
        ask(update, context, question)


async def picker_of(context: Context, subscriber: Subscriber, choice: FilingChoice) -> FilingPicker:
    """Return the keyboards of the picker that shows a choice."""
    counts = await context.services.week_counts.get(context.services.articles, context.now)
    return FilingPicker(context, subscriber, counts, choice.kind, choice.filed, choice.chosen)


def picker_message(
    context: Context,
    subscriber: Subscriber,
    choice: FilingChoice,
    *,
    unknown: str = "",
    near: Sequence[str] = (),
) -> RenderedMessage:
    """Return the picker's text. `unknown`: names joined by commas; `near`: slugs of like names."""
    return context.render(
        "filing",
        subscriber,
        title=choice.title,
        chosen=choice.chosen,
        unknown=unknown,
        near=near,
    )
