"""Alerts rendered for ledger rows, once for all rows that look the same."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from digest.choosing.sections import section_of
from digest.making.issue import BROKEN, WITHDRAWN, alert_issue
from digest.making.sent_issue import of_alert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.making.issue import AlertKeyboard, Issue
    from storage.articles.articles import Articles
    from storage.model import Article, Delivery, Taste
    from templates import Renderer

log = logging.getLogger(__name__)


class AlertIssues:
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
