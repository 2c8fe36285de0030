"""Editions and alerts made for ledger rows, once for all rows that get the same."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from digest.choosing.sections import section_of
from digest.editions.edition_choice import Choice, FrontPage
from digest.editions.edition_chooser import EditionChooser
from digest.editions.translating import foreign_in, translated
from digest.making.issue import (
    BROKEN,
    NOTHING,
    WITHDRAWN,
    EditionButtons,
    Issue,
    alert_issue,
    front_page_issue,
    page_blocks,
    plain_edition,
    plain_issue,
)
from digest.making.rich_messages import RichMessages
from digest.making.sent_issue import of_alert, of_edition, translated_in
from digest.timing.time_slices import TimeSlices, yield_to_others
from storage.model import DeliveryKind, Form, Layout
from templates.edition.lru_cache import LruCache
from templates.rich.front_page import pictured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from digest.making.issue import AlertKeyboard, EditionKeyboard
    from storage.articles.articles import Articles
    from storage.articles.translations import Translations
    from storage.desk.pins import Pins
    from storage.ledger.deliveries import Deliveries
    from storage.model import Article, Category, Delivery, Edition, Taste
    from templates import Renderer

log = logging.getLogger(__name__)

KEPT = 1024
"""Maximum number of editions cached for other readers; a message body takes about 10 kB."""


class EditionBuilder:
    """Chooses and renders editions and alerts for ledger rows."""

    def __init__(
        self,
        deliveries: Deliveries,
        articles: Articles,
        renderer: Renderer,
        *,
        categories: Mapping[str, Category],
        edition_size: int,
        keyboard: EditionKeyboard | None = None,
        alert_keyboard: AlertKeyboard | None = None,
        rich: RichMessages | None = None,
        pins: Pins | None = None,
        translations: Translations | None = None,
    ) -> None:
        self._translations = translations
        self.chooser = EditionChooser(
            deliveries, articles, categories=categories, edition_size=edition_size, pins=pins
        )
        self._renderer = renderer
        self._alerts = _AlertIssues(articles, renderer, alert_keyboard)
        self._rich = RichMessages() if rich is None else rich
        self._buttons = EditionButtons(keyboard, self._rich)
        self._issues: LruCache[tuple[Any, ...], Issue] = LruCache(KEPT)

    async def make(
        self,
        rows: Sequence[Delivery],
        now: datetime,
        *,
        let_others: Callable[[], Awaitable[None]] = yield_to_others,
    ) -> dict[int, Issue]:
        """Make the messages that ledger rows carry; return row id → its messages."""
        alerts = [row for row in rows if row.kind is DeliveryKind.ALERT]
        editions = [row for row in rows if row.kind is not DeliveryKind.ALERT]
        made = (
            await self._alerts.make(alerts, await self.chooser.tastes_of(alerts)) if alerts else {}
        )
        if editions:
            made.update(await self._make_editions(editions, now, let_others))
        return made

    async def _make_editions(
        self, rows: Sequence[Delivery], now: datetime, let_others: Callable[[], Awaitable[None]]
    ) -> dict[int, Issue]:
        choices = await self.chooser.choices(rows, now)
        slices = TimeSlices(let_others)
        # Choose all editions, then render all: each step alone runs faster on the processor.
        for choice in choices:
            if not self._is_made(choice):
                await self.chooser.choose(choice)
            await slices.pause()
        await self.chooser.fill_up(choices, now)
        await self._translate(choices)
        pictures = await self._pictures_for(choices, slices)
        made: dict[int, Issue] = {}
        for choice in choices:
            if choice.row.layout is Layout.FRONT_PAGE:
                made[choice.row.id] = self._front_page(choice, pictures.get(choice.row.id, {}))
            else:
                made[choice.row.id] = self._plain(choice)
            await slices.pause()
        return made

    def _is_made(self, choice: Choice) -> bool:
        if choice.row.layout is Layout.FRONT_PAGE or choice.taste.translate:
            # Which translations there are is known once the stories are.
            return False
        return self._issues.get(choice.looks) is not None

    async def _translate(self, choices: Iterable[Choice]) -> None:
        """Put the translations that there are into editions, and into what they look like."""
        wanting = [each for each in choices if each.taste.translate]
        if self._translations is None or not wanting:
            return
        wanted: defaultdict[str, set[int]] = defaultdict(set)
        for choice in wanting:
            edition, language = self.chooser.edition(choice), choice.row.language
            wanted[language].update(each.id for each in foreign_in(edition, choice.taste, language))
        found = {
            language: await self._translations.look(language, ids)
            for language, ids in wanted.items()
        }
        for choice in wanting:
            language = choice.row.language
            choice.edition = edition = translated(
                self.chooser.edition(choice), choice.taste, language, found[language]
            )
            choice.looks = (*choice.looks, tuple(translated_in(edition).items()))

    async def _pictures_for(
        self, choices: Iterable[Choice], slices: TimeSlices
    ) -> Mapping[int, Mapping[str, str]]:
        wanted: dict[int, tuple[str, ...]] = {}
        for choice in choices:
            row = choice.row
            if row.layout is Layout.FRONT_PAGE and self._rich.are_known:
                wanted[row.id] = pictured(self.chooser.edition(choice), private=row.chat_id > 0)
                await slices.pause()
        every = {address for addresses in wanted.values() for address in addresses}
        there = await self._rich.pictures(every) if every else {}
        return {
            row_id: {each: there[each] for each in addresses if each in there}
            for row_id, addresses in wanted.items()
        }

    def _plain(self, choice: Choice) -> Issue:
        key = choice.looks
        issue = self._issues.get(key)
        if issue is None:
            edition = self.chooser.edition(choice)
            nothing = edition.lead is None and not choice.empty_note
            made = NOTHING if nothing else self._rendered(edition, choice.row)
            issue = self._issues.put(key, made)
        return issue

    def _front_page(self, choice: Choice, there: Mapping[str, str]) -> Issue:
        row, edition = choice.row, self.chooser.edition(choice)
        if edition.lead is None:
            return self._plain(choice)
        sources = choice.recent.sources(row.place_from, row.place_to)
        page = FrontPage(row, edition, choice.looks, sources)
        if row.part or not self._rich.are_known:
            return self._in_form(page, Form.HTML)
        # Keep the form that was tried, or start with the best.
        form = row.form or Form.PICTURED
        return self._in_form(page, form if there or form is Form.HTML else Form.RICH, there)

    def _in_form(
        self, page: FrontPage, form: Form, pictures: Mapping[str, str] | None = None
    ) -> Issue:
        shown = pictures if pictures and form is Form.PICTURED else {}
        key = (*page.looks, form, tuple(shown.items()))
        issue = self._issues.get(key)
        if issue is None:
            made = None if form is Form.HTML else self._laid_out(page, shown)
            if made is None:
                made = replace(self._rendered(page.edition, page.row), form=Form.HTML)
            issue = self._issues.put(key, made)
        return issue

    def _laid_out(self, page: FrontPage, pictures: Mapping[str, str]) -> Issue | None:
        edition, row = page.edition, page.row
        articles = tuple(story.article.id for story in edition.stories)
        try:
            blocks = page_blocks(
                self._renderer, edition, row, pictures=pictures, sources=page.sources
            )
            if blocks is None:
                return None
            keyboard = self._buttons.under(edition, row, front_page=True)
            sent = of_edition(edition, row.zone, sources=page.sources, pictures=tuple(pictures))
            lower = partial(self._in_form, page)
            return front_page_issue(blocks, keyboard, articles, lower, sent)
        except Exception:
            # The plain edition is rendered by other code and may still work.
            log.exception("The front page with the articles %s cannot be laid out", list(articles))
            return None

    def _rendered(self, edition: Edition, row: Delivery) -> Issue:
        articles = tuple([story.article.id for story in edition.stories])
        try:
            message = plain_edition(self._renderer, edition, row)
            sent = of_edition(edition, row.zone) if articles else None
            return plain_issue(message, self._buttons.under(edition, row), articles, sent)
        except Exception:
            # One edition that cannot be rendered must not hold up the others.
            log.exception("The edition with the articles %s cannot be rendered", list(articles))
            return BROKEN


class _AlertIssues:
    """Renders alerts for ledger rows."""

    def __init__(
        self,
        articles: Articles,
        renderer: Renderer,
        keyboard: AlertKeyboard | None,
    ) -> None:
        self._articles = articles
        self._renderer = renderer
        self._keyboard = keyboard

    async def make(self, rows: Sequence[Delivery], tastes: Mapping[str, Taste]) -> dict[int, Issue]:
        """Render alerts, which name the followed category or word; return them by row id."""
        wanted = dict.fromkeys(row.article_id for row in rows if row.article_id is not None)
        found = {article.id: article for article in await self._articles.many(list(wanted))}
        made: dict[int, Issue] = {}
        rendered: dict[tuple[Any, ...], Issue] = {}
        for row in rows:
            article = found.get(row.article_id or 0)
            if article is None or article.state is not None:
                made[row.id] = WITHDRAWN
                continue
            taste = tastes[row.taste_key]
            section, words = section_of(article, taste), taste.words_in(article.words)
            # A private chat may show more pictures than other chats.
            looks = (row.chat_id > 0, row.public, row.layout, row.form)
            key = (article.id, row.language, section, words, *looks)
            if key not in rendered:
                rendered[key] = self._alert(article, section, words, row)
            made[row.id] = rendered[key]
        return made

    def _alert(
        self, article: Article, section: str | None, words: Sequence[str], row: Delivery
    ) -> Issue:
        """Render the alert of a row; `BROKEN` if that fails."""
        try:
            message = self._renderer.alert(
                article,
                language=row.language,
                section=section,
                words=words,
                private=row.chat_id > 0,
            )
            keyboard: Sequence[str] = ()
            if self._keyboard is not None:
                keyboard = self._keyboard(article, row.language, public=row.public)
            sent = of_alert(article, section, words)
            return alert_issue(message, article, keyboard, row, sent)
        except Exception:
            # One alert that cannot be rendered must not hold up the others.
            log.exception("The alert with the article %d cannot be rendered", article.id)
            return BROKEN
