"""`Why these`, a button under an edition: why each story is in it, and what was left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from digest.choosing.mix import FROM_ONE
from digest.choosing.sections import section_of
from digest.editions.preview import Why
from handlers.buttons.keyboards import numbers
from handlers.core.conversation import on_tap
from handlers.stories.editions.edition import edition_of
from handlers.taps.callback_data import AboutStory, WhyThese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from telegram import InlineKeyboardButton, Update

    from digest.editions.preview import LeftOutStory
    from handlers.core.context import Context
    from storage.model import Article, Taste

NAMED = 3
"""The most left-out stories named for one reason; the others are counted."""

ORDER = (
    *(Why.ROOM, Why.SOURCE, Why.HOUSE, Why.MATTER, Why.LESS, Why.EARLIER, Why.ALERTED),
    *(Why.FILLER, Why.DOUBTFUL, Why.CATEGORY, Why.HIDDEN_SOURCE, Why.WORD, Why.LANGUAGE),
    *(Why.OLD, Why.BACKLOG),
)


async def why_these(update: Update, context: Context, tap: WhyThese) -> None:
    """Send the reasons for each story of an edition and for those left out."""
    subscriber = await context.subscriber(update)
    past = context.services.past_editions
    row = await edition_of(update, context, subscriber, tap)
    explained = await past.explained(row)
    edition = explained.edition
    await context.reply(
        update,
        context.render(
            "why",
            subscriber,
            due=row.due,
            stories=[
                (
                    number,
                    story,
                    followed_by(story.article, explained.taste),
                    explained.taste.words_in(story.article.words),
                    number > len(edition.stories) - edition.still,
                )
                for number, story in enumerate(edition.stories, start=1)
            ],
            left_out=grouped(explained.left_out),
            most=FROM_ONE,
            days=explained.oldest.days,
        ),
        about_stories([each.article.id for each in edition.stories]),
    )


def followed_by(article: Article, taste: Taste) -> str:
    """Return the followed category that an article came by; "" if it came by a word or none."""
    section = section_of(article, taste)
    return section if section and section in taste.follows else ""


def about_stories(article_ids: Sequence[int]) -> list[list[InlineKeyboardButton]]:
    """Return a numbered button for each story that shows the levels of its subjects."""
    return numbers(article_ids, opens=lambda each: AboutStory(each, in_place=False))


def grouped(left_out: Iterable[LeftOutStory]) -> list[tuple[str, str, list[Article], int]]:
    """Return what was left out by reason: the reason, its subject, some articles, their number.

    Stories that lacked room come first, stories that never qualified last.
    """
    groups: defaultdict[tuple[Why, str], list[Article]] = defaultdict(list)
    for each in left_out:
        # The source of the earlier report is not named: it is one reason for all.
        what = "" if each.why is Why.EARLIER else each.what
        groups[each.why, what].append(each.article)
    return [
        (why.value, what, articles[:NAMED], len(articles))
        for (why, what), articles in sorted(
            groups.items(), key=lambda item: ORDER.index(item[0][0])
        )
    ]


TAPS = (on_tap(WhyThese, why_these),)
