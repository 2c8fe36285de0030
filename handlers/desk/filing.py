"""Choosing the categories of a draft or of an article: by the picker, or by typing names.

What is chosen is kept in the editor's open question until Done, which writes it in one act.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from handlers.buttons.keyboards import button
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.articles import article_page
from handlers.desk.desk import on_desk_tap, seen_in
from handlers.desk.drafts import draft_card
from handlers.desk.drafts.edited_drafts import change_below, is_of_album
from handlers.desk.drafts.making_drafts import is_picture_file, is_to_publish, picture_of
from handlers.following.category_pages import PER_PAGE, CategoryPages, houses_by_letter
from handlers.following.picker import retire
from handlers.stories.sharing.known_links import links_in
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
from handlers.typed.message_words import words_in
from storage.desk.amended_rows import seen_as
from storage.model import Filing
from storage.model.desk_model import EDITABLE, ActKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from telegram import InlineKeyboardMarkup, Message

    from handlers.desk.desk import Desk
    from handlers.following.category_pages import Line
    from handlers.taps.callback_codec import Tap
    from storage.model.desk_model import ArticleDraft
    from templates import RenderedMessage

BY_HAND = "an editor chose it"
"""Reason of a category that an editor added to a draft."""
OFFERED = 6
"""The most categories offered for a typed name that is unknown."""
LONGEST = 200
"""Characters of a typed name at most."""
between_names = re.compile("[,;\n\uff0c\u3001\uff1b]")

FilingTap = OpenFiling | FilingPage | FilingLetter | FileUnder | EndFiling
Shown: TypeAlias = "Callable[[FilingPicker], InlineKeyboardMarkup]"
"""A function that returns the keyboard to show."""


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


class FilingPicker(CategoryPages):
    """The keyboards of an editor's picker at one moment."""

    picks = FileUnder
    turns = FilingPage

    def __init__(self, desk: Desk, counts: Mapping[str, int], choice: FilingChoice) -> None:
        super().__init__(desk.context, desk.editor, counts)
        self._kind = choice.kind
        self._filed = choice.filed
        self._chosen = choice.chosen

    def is_chosen(self, slug: str) -> bool:
        """Return whether a category is chosen."""
        return slug in self._chosen

    def own(self) -> Sequence[str]:
        """Return the slugs of the chosen categories, the most important first."""
        return self._chosen

    def pick_tap(self, slug: str, *, on: bool) -> Tap:
        """Return the tap that chooses a category, or takes it back."""
        return FileUnder(self._kind, self._filed, slug, on)

    def page_tap(self, tab: Tab, page: int) -> Tap:
        """Return the tap that shows a page of a tab."""
        return FilingPage(self._kind, self._filed, tab, page)

    def letter_tap(self, letter: str, page: int) -> Tap:
        """Return the tap that shows a page of the houses of a letter."""
        return FilingLetter(self._kind, self._filed, letter, page)

    def last_rows(self) -> list[Line]:
        """Return the row of buttons that writes what is chosen, or leaves all as it was."""
        ends = {"done": True, "back": False}
        return [
            [
                button(
                    self._context.label(key, self.subscriber),
                    EndFiling(self._kind, self._filed, keep),
                )
                for key, keep in ends.items()
            ]
        ]

    def _named(self, slug: str) -> str:
        # The number of readers' stories says nothing about one article.
        return self._context.category(slug, self.subscriber)

    def _name(self, tab: Tab) -> str:
        if tab is Tab.YOURS:
            return self._context.label("filed_chosen", self.subscriber)
        return super()._name(tab)


async def open_filing(desk: Desk, tap: OpenFiling) -> str | None:
    """Show the picker in place of the tapped draft or article, unless it was changed meanwhile."""
    choice, refused = await _begun(desk, tap)
    if choice is None:
        return refused
    if seen_in(tap) != choice.seen:
        await _show_filed(desk, tap)
        return await _changed(desk, tap)
    tab = Tab.YOURS if choice.chosen else Tab.SECTIONS
    await _show(desk, choice, lambda view: view.page(tab, 0))
    return None


async def turn(desk: Desk, tap: FilingPage) -> str | None:
    """Show another page of the picker."""
    choice, refused = await _begun(desk, tap)
    if choice is None:
        return refused
    tab = Tab.SECTIONS if tap.tab is Tab.FIRST else tap.tab

    def page(view: FilingPicker) -> InlineKeyboardMarkup:
        last = view.last_page(tab)
        if tap.page > last and tab is not Tab.YOURS:
            raise StaleTap(tap.pack())
        return view.page(tab, min(tap.page, last))

    await _show(desk, choice, page)
    return None


async def turn_letter(desk: Desk, tap: FilingLetter) -> str | None:
    """Show the houses of a letter."""
    choice, refused = await _begun(desk, tap)
    if choice is None:
        return refused
    houses = houses_by_letter(desk.context.services.taxonomy).get(tap.letter, ())
    if tap.page * PER_PAGE >= len(houses):
        raise StaleTap(tap.pack())
    letter, page = tap.letter, tap.page
    await _show(desk, choice, lambda view: view.letter(letter, page))
    return None


async def file_under(desk: Desk, tap: FileUnder) -> str | None:
    """Add a category to the choice, or take it out."""
    if tap.category not in desk.context.services.taxonomy.categories:
        raise StaleTap(tap.pack())
    choice, refused = await _begun(desk, tap)
    if choice is None:
        return refused
    others = tuple(slug for slug in choice.chosen if slug != tap.category)
    if not tap.on:
        choice = choice._replace(chosen=others)
    elif len(others) == len(choice.chosen):
        choice = choice._replace(chosen=(*others, tap.category))
    keyboard = desk.context.keyboard(desk.update)

    def marked(view: FilingPicker) -> InlineKeyboardMarkup:
        return view.page(Tab.YOURS, 0) if keyboard is None else view.remarked(keyboard)

    await _show(desk, choice, marked)
    return None


async def end(desk: Desk, tap: EndFiling) -> str | None:
    """Write what was chosen, or leave all as it was; then show the draft or article again."""
    choice, refused = await _begun(desk, tap)
    if choice is None:
        return refused
    if tap.keep and not choice.chosen:
        return desk.label("choose_one")
    desk.drop_question()
    written = not tap.keep or await _written(desk, choice)
    await _show_filed(desk, tap)
    return None if written else await _changed(desk, tap)


async def answer_names(desk: Desk, asked: DeskQuestion, message: Message) -> bool:
    """Add the categories that a message names to the choice, and send the picker again below it.

    A photo becomes the picture of the draft; the choice goes on. Return False if the message is
    something to publish.
    """
    choice = asked.choice
    if not isinstance(choice, FilingChoice):
        return False
    if is_of_album(message, asked):
        return True
    of_draft = choice.kind is FiledKind.DRAFT
    draft = await desk.services.drafts.get(choice.filed) if of_draft else None
    no_draft = draft is None and (of_draft or bool(message.photo))
    if no_draft or is_to_publish(message) or links_in(message):
        desk.ask(asked._replace(album=message.media_group_id or asked.album))
        return False
    if not _may_file(desk, draft):
        await desk.refuse("no_right")
    elif draft is not None and draft.state not in EDITABLE:
        _, _, shown = await change_below(desk, draft, {}, kind=ActKind.EDIT, asked=asked)
        draft_card.open_draft(desk, draft, shown)
    elif is_picture_file(message):
        await desk.say("draft_refused", what="picture", words="")
    else:
        older, picture = asked.message_id, picture_of(message)
        if draft is not None and picture is not None:
            # The picker's older message loses its buttons here.
            image = {"image": picture}
            now_is, done, _ = await change_below(desk, draft, image, kind=ActKind.EDIT, asked=asked)
            older = 0
            if done and draft.version == choice.seen:
                choice = choice._replace(seen=now_is.version)
        await _send_picker(desk, choice, message, older=older)
    return True


async def _send_picker(desk: Desk, choice: FilingChoice, message: Message, *, older: int) -> None:
    taxonomy, unknown = desk.context.services.taxonomy, list[str]()
    chosen = dict.fromkeys(choice.chosen)
    for name in filter(None, map(str.strip, between_names.split(words_in(message)))):
        category = taxonomy.find(name[:LONGEST])
        if category is not None:
            chosen.setdefault(category.slug)
        else:
            unknown.append(name[:LONGEST])
    choice = choice._replace(chosen=tuple(chosen))
    near = tuple(each.slug for each in taxonomy.suggest(unknown[0], OFFERED)) if unknown else ()
    view = await _picker(desk, choice)
    keyboard = view.offers(near) if near else view.page(Tab.YOURS, 0)
    text = _text(desk, choice, unknown=", ".join(unknown), near=near)
    sent = await desk.reply(text, keyboard)
    if older:
        await retire(desk.context, desk.person_id, older)
    _keep(desk, choice, sent.message_id, album=message.media_group_id or "")


async def _show(desk: Desk, choice: FilingChoice, shown: Shown) -> None:
    keyboard = shown(await _picker(desk, choice))
    _keep(desk, choice, desk.message_id)
    await desk.show(_text(desk, choice), keyboard)


def _keep(desk: Desk, choice: FilingChoice, message_id: int, *, album: str = "") -> None:
    """Remember a choice as the editor's open question; `album` is that of the draft's picture."""
    what = DeskSubject.CATEGORY
    desk.ask(DeskQuestion(what, message_id=message_id, choice=choice, album=album))


async def _picker(desk: Desk, choice: FilingChoice) -> FilingPicker:
    counts = await desk.context.services.week_counts.get(desk.articles, desk.now)
    return FilingPicker(desk, counts, choice)


def _text(
    desk: Desk, choice: FilingChoice, *, unknown: str = "", near: Sequence[str] = ()
) -> RenderedMessage:
    """Return the picker's text. `unknown`: names joined by commas; `near`: slugs of like names."""
    title, chosen = choice.title, choice.chosen
    return desk.render("filing", title=title, chosen=chosen, unknown=unknown, near=near)


async def _stored(
    desk: Desk, kind: FiledKind, filed: int
) -> tuple[FilingChoice | None, ArticleDraft | None]:
    """Return the categories of a draft or article, and the draft if it is one.

    They are None if the draft is gone or the article withdrawn.
    """
    known = desk.context.services.taxonomy.categories
    draft = None
    if kind is FiledKind.DRAFT:
        draft = await desk.services.drafts.get(filed)
        if draft is None:
            return None, None
        slugs = [each.category for each in draft.text.filings]
        title, seen = draft.text.title, draft.version
    else:
        article = await desk.article(filed)
        if article.is_withdrawn:
            return None, None
        slugs = [*article.categories]
        title, seen = article.title, seen_as(article)
    chosen = tuple(slug for slug in dict.fromkeys(slugs) if slug in known)
    return FilingChoice(kind, filed, title, seen, chosen), draft


def _may_file(desk: Desk, draft: ArticleDraft | None) -> bool:
    """Return whether the editor may change the categories of a draft, or of an article for None."""
    return desk.rights.publish if draft is None else desk.may_change(draft)


async def _begun(desk: Desk, tap: FilingTap) -> tuple[FilingChoice | None, str | None]:
    """Return the choice that a tap belongs to; or None and why it is refused.

    A choice that is not in memory, after a restart or another question, begins again from what is
    stored.
    """
    stored, draft = await _stored(desk, tap.kind, tap.filed)
    if stored is None:
        raise StaleTap(tap.pack())
    if not _may_file(desk, draft):
        return None, desk.label("no_right")
    if draft is not None and draft.state not in EDITABLE:
        await _show_filed(desk, tap)
        return None, await draft_card.what_happened(desk, draft)
    kept = None if desk.question is None else desk.question.choice
    same = isinstance(kept, FilingChoice) and (kept.kind, kept.filed) == (stored.kind, stored.filed)
    if same and not isinstance(tap, OpenFiling) and isinstance(kept, FilingChoice):
        return kept, None
    return stored, None


async def _written(desk: Desk, choice: FilingChoice) -> bool:
    """Write a choice; return False if somebody else changed the draft or article first."""
    services, by, now = desk.services, desk.person_id, desk.now
    stored, draft = await _stored(desk, choice.kind, choice.filed)
    if stored is None or stored.seen != choice.seen:
        return False
    if stored.chosen == choice.chosen:
        return True
    if draft is None:
        refile = services.amendments.refile
        return await article_page.is_done(
            desk, refile(choice.filed, choice.chosen, person_id=by, now=now, seen=choice.seen)
        )
    filings = _filings(desk, draft, choice.chosen)
    _, done = await services.drafts.change(
        draft.id, choice.seen, ActKind.EDIT, by=by, now=now, filings=filings
    )
    return done


def _filings(desk: Desk, draft: ArticleDraft, chosen: Sequence[str]) -> tuple[Filing, ...]:
    """Return a draft's filings under these categories; marks that are no categories are kept."""
    known = desk.context.services.taxonomy.categories
    reasons = {each.category: each.reason for each in draft.text.filings}
    marks = tuple(each for each in draft.text.filings if each.category not in known)
    return (*(Filing(slug, reasons.get(slug, BY_HAND)) for slug in chosen), *marks)


async def _show_filed(desk: Desk, tap: FilingTap) -> None:
    if tap.kind is FiledKind.DRAFT:
        draft = await desk.services.drafts.get(tap.filed)
        if draft is None:
            raise StaleTap(tap.pack())
        await draft_card.show(desk, draft)
        return
    await article_page.show(desk, tap.filed)


async def _changed(desk: Desk, tap: FilingTap) -> str:
    if tap.kind is FiledKind.DRAFT:
        draft = await desk.services.drafts.get(tap.filed)
        if draft is not None:
            return await draft_card.what_happened(desk, draft)
    return desk.label("changed_first")


TAPS = (
    on_desk_tap(OpenFiling, open_filing),
    on_desk_tap(FilingPage, turn),
    on_desk_tap(FilingLetter, turn_letter),
    on_desk_tap(FileUnder, file_under),
    on_desk_tap(EndFiling, end),
)
