"""`Why these`, under an edition: what put each story there, and what was left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from digest.choosing.caps import FROM_ONE
from digest.choosing.preview import Why
from handlers.buttons.keyboards import numbers
from handlers.stories.edition import edition_above, named_edition
from handlers.taps.yours_data import AboutStory
from storage.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from telegram import Update

    from digest.choosing.preview import LeftOutStory
    from handlers.core.context import Context
    from handlers.taps.callback_data import WhyThese
    from storage.model import Article

NAMED = 3
"""Stories that were left out for one reason and are named; the others are counted."""

ORDER = (
    *(Why.ROOM, Why.SOURCE, Why.HOUSE, Why.MATTER, Why.LESS, Why.EARLIER, Why.ALERTED),
    *(Why.FILLER, Why.CATEGORY, Why.HIDDEN_SOURCE, Why.WORD, Why.LANGUAGE, Why.OLD, Why.BACKLOG),
)


async def why_these(update: Update, context: Context, tap: WhyThese) -> str | None:
    """Answer with the reasons of each story, and of what was left out, in one folded message."""
    subscriber = await context.subscriber(update)
    past = context.services.past_editions
    if tap.delivery:
        row = await named_edition(context, subscriber, tap.delivery, tap)
    else:
        row = await edition_above(update, context, subscriber, tap)
    explained = await past.explained(row)
    edition = explained.edition
    await context.reply(
        update,
        context.render(
            "why",
            subscriber,
            due=row.due,
            week=edition.span is Span.WEEK,
            stories=[
                (
                    number,
                    story,
                    category if category in explained.taste.follows else "",
                    explained.taste.words_in(story.article.words),
                )
                for number, (category, story) in enumerate(edition.placed(), start=1)
            ],
            left_out=grouped(explained.left_out),
            most=FROM_ONE,
            days=explained.oldest.days,
        ),
        InlineKeyboardMarkup(about_stories([each.article.id for each in edition.stories])),
    )
    return None


def about_stories(article_ids: Sequence[int]) -> list[list[InlineKeyboardButton]]:
    """A number for each story, that shows of what there can be more or less."""
    return numbers(article_ids, opens=lambda each: AboutStory(each, in_place=False))


def grouped(left_out: Iterable[LeftOutStory]) -> list[tuple[str, str, list[Article], int]]:
    """What was left out by its reason: why, what of it, some articles, how many there are.

    What there was no room for comes first, what was never to be in it last.
    """
    groups: defaultdict[tuple[Why, str], list[Article]] = defaultdict(list)
    for each in left_out:
        # Who told of it before is not said: it is one reason, whoever that was.
        what = "" if each.why is Why.EARLIER else each.what
        groups[each.why, what].append(each.article)
    return [
        (why.value, what, articles[:NAMED], len(articles))
        for (why, what), articles in sorted(
            groups.items(), key=lambda item: ORDER.index(item[0][0])
        )
    ]
