"""Dates ahead at the desk: the list of them, one of them, and what an editor types about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.timing.schedule import local_date
from handlers.buttons.keyboards import numbers
from handlers.buttons.pages import Pages
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.desk import on_desk_tap
from handlers.stories.sharing.known_links import links_in
from handlers.taps.amend_data import AskDate, DeleteDate, DeskArticle, DeskDate
from handlers.taps.desk_data import DeskPage, OpenDesk, UndoAct
from handlers.typed.message_words import words_in
from handlers.typed.parse_spans import read_typed_dates
from storage.desk.amended_rows import ChangedMeanwhileError
from storage.desk.coming_dates import seen_as
from storage.model.desk_model import ComingDate
from templates.markup.text import one_line, web_link

if TYPE_CHECKING:
    from datetime import date

    from telegram import Message

    from handlers.core.context import Reply
    from handlers.desk.desk import Desk

ON_A_PAGE = 10
LONGEST = 300
"""Characters at most of what an editor types, but for a link."""
MOST_CATEGORIES = 12


def today(desk: Desk) -> date:
    """Return the date where the editor is."""
    return local_date(desk.now, desk.editor.zone)


async def page(desk: Desk, number: int, *, act: int = 0) -> Reply:
    """Return a page of the dates ahead; `act` is the deletion that a button undoes, 0 for none."""
    ahead = await desk.services.dates.ahead(today(desk))
    pages = Pages.within(number, len(ahead), ON_A_PAGE)
    shown = pages.part(ahead)
    message = desk.render(
        "ahead", dates=shown, first=pages.first + 1, numbered=True, today=today(desk), named=""
    )
    add = [desk.button("add_date", AskDate())]
    if act:
        add.append(desk.button("undo", UndoAct(act)))
    lines = numbers((each.id for each in shown), pages.first + 1, opens=DeskDate)
    return message, [*lines, add, *desk.below_list(DeskPage.DATES, pages)]


async def _one(desk: Desk, number: int, *, act: int = 0) -> Reply:
    """Return one date with its buttons; the list of all if it is gone. `act` as for `page`."""
    found = await desk.services.dates.get(number)
    if found is None:
        return await page(desk, 0)
    seen = f"{seen_as(found):x}"
    buttons = [
        desk.button("edit", AskDate(date=found.id, seen=seen)),
        desk.button("delete_date", DeleteDate(found.id, seen)),
    ]
    below = [desk.button("back", OpenDesk(DeskPage.DATES))]
    if act:
        below.insert(0, desk.button("undo", UndoAct(act)))
    if found.article_id is not None:
        below.append(desk.button("open_card", DeskArticle(found.article_id)))
    return desk.render("desk_date", date=found, today=today(desk)), [buttons, below]


async def open_date(desk: Desk, tap: DeskDate) -> str | None:
    """Show a date in place."""
    gone = await desk.services.dates.get(tap.date) is None
    await desk.show(*await _one(desk, tap.date))
    return desk.label("date_gone") if gone else None


async def ask_date(desk: Desk, tap: AskDate) -> str | None:
    """Ask for a date; the next message is the answer."""
    was = await desk.services.dates.get(tap.date) if tap.date else None
    if tap.date and was is None:
        await desk.show(*await page(desk, 0))
        return desk.label("date_gone")
    if tap.article:
        await desk.article(tap.article)
    desk.ask(DeskQuestion(DeskSubject.DATE, tap=tap))
    await _ask(desk, tap, was)
    return None


async def _ask(desk: Desk, tap: AskDate, was: ComingDate | None = None, problem: str = "") -> None:
    alone = not tap.article and (was is None or was.article_id is None)
    message = desk.render(
        "desk_ask_date", date=was, alone=alone, problem=problem, most=LONGEST, today=today(desk)
    )
    await desk.reply(message)


async def answer_date(desk: Desk, asked: DeskQuestion, message: Message) -> bool:
    """Take a message as a date ahead, and show it."""
    tap, dates = asked.tap, desk.services.dates
    if not isinstance(tap, AskDate):
        return False
    was = await dates.get(tap.date) if tap.date else None
    if tap.date and was is None:
        await desk.refuse("date_gone")
        return True
    wanted = await _typed(desk, tap, was, message)
    if isinstance(wanted, str):
        await _ask(desk, tap, was, wanted)
        return True
    desk.drop_question()
    by = desk.by(tap) if was is not None else {"person_id": desk.person_id, "now": desk.now}
    try:
        number, act = await dates.put(wanted, tap.date, **by)
    except ChangedMeanwhileError:
        await desk.notify("date_changed" if was is not None else "changed_first")
        await desk.reply(*await _one(desk, tap.date))
    else:
        await desk.reply(*await _one(desk, number, act=act))
    return True


async def _typed(
    desk: Desk, tap: AskDate, was: ComingDate | None, message: Message
) -> ComingDate | str:
    """Return the date in a message, or why there is none: `long`, `days` or `link`."""
    links, text = links_in(message), words_in(message)
    for link in links:
        text = text.replace(link, " ")
    if len(text) > LONGEST:
        return "long"
    found = read_typed_dates(text, desk.editor.language, today(desk))
    if found is None:
        return "days"
    place, *named = (one_line(each) for each in (*found.said, "")[: max(1, len(found.said))])
    taxonomy = desk.context.services.taxonomy
    found_as = {each: taxonomy.find(each) for each in named}
    categories = {name: each.slug for name, each in found_as.items() if each is not None}
    # The first is what happens there, though it may be a house's name.
    what = [each for at, each in enumerate(named) if not at or each not in categories]
    filed = tuple(dict.fromkeys(categories.values()))
    link = next((each for each in map(web_link, links) if each), "")
    source = urlsplit(link).netloc.removeprefix("www.") if link else ""
    article_id, known = tap.article or None, tuple[str, ...]()
    if was is not None:
        article_id, link, source = was.article_id, link or was.link, source or was.source
    elif tap.article:
        article = await desk.article(tap.article)
        known = article.categories
        if not link:
            link, source = article.link, article.source
    if not link or (article_id is None and not what):
        return "link" if what else "days"
    coming = ComingDate(
        *(found.first, found.last, place, ", ".join(what)),
        (*known, *(each for each in filed if each not in known))[:MOST_CATEGORIES],
        *(link, source, article_id),
    )
    if was is not None and article_id is not None:
        # What its story is filed under stays.
        kept = (*was.categories, *(each for each in filed if each not in was.categories))
        coming = replace(coming, categories=kept[:MOST_CATEGORIES])
    return coming


async def delete_date(desk: Desk, tap: DeleteDate) -> str | None:
    """Delete a date, and show the list of those that are left."""
    try:
        _, act = await desk.services.dates.put(None, tap.date, **desk.by(tap))
    except ChangedMeanwhileError:
        await desk.show(*await _one(desk, tap.date))
        return desk.label("date_changed")
    await desk.show(*await page(desk, 0, act=act))
    return None


TAPS = (
    on_desk_tap(AskDate, ask_date, publishes=True),
    on_desk_tap(DeskDate, open_date, publishes=True),
    on_desk_tap(DeleteDate, delete_date, publishes=True),
)
