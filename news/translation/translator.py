"""Stories translated by the model server: within the day's tokens, and checked line by line."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from news.translation.answers import judged
from news.translation.model_server import LANGUAGES, ModelError, estimate
from storage.model import Translation
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from news.translation.model_server import ModelServer
    from storage.articles.model_use import ModelUses
    from storage.model import Article
    from workers.pool import Workers

log = logging.getLogger(__name__)

READING = 30.0
"""Seconds that a worker may take to check an answer."""
REST = timedelta(minutes=10)
"""How long a model rests that asked for it without saying how long."""
NO_LINES = "no answer of one line for each text"


class Translator:
    """Asks the model for translations and keeps those that pass the checks.

    Args:
        limit: The most tokens in a day of UTC.
    """

    def __init__(
        self,
        model: ModelServer,
        uses: ModelUses,
        workers: Workers,
        clock: Callable[[], datetime],
        *,
        limit: int,
    ) -> None:
        self._model = model
        self._uses = uses
        self._workers = workers
        self._clock = clock
        self._limit = limit
        self._rests_until: datetime | None = None

    async def translate(
        self, articles: Sequence[Article], language: str
    ) -> Sequence[Translation] | None:
        """Translate titles and standfirsts of articles into a language, each with its verdict.

        None if the model cannot be asked for now: it failed, rests, or has had its tokens.
        """
        if language not in LANGUAGES:
            return [Translation(refused="no such language")] * len(articles)
        texts = [text for each in articles for text in (each.title, each.standfirst) if text]
        lines = await self._asked(texts, language)
        if lines is None:
            return None
        if not lines and len(articles) > 1:
            # One headline may have spoilt the answer for all.
            alone: list[Translation] = []
            for each in articles:
                found = await self.translate([each], language)
                if found is None:
                    return None
                alone += found
            return alone
        made = await self._checked(articles, lines, language)
        if made is None:
            return None
        good = sum(each.title is not None for each in made)
        use = await self._uses.today(self._clock())
        await self._uses.put(
            replace(use, translated=use.translated + good, refused=use.refused + len(made) - good)
        )
        return made

    async def _asked(self, texts: Sequence[str], language: str) -> Sequence[str] | None:
        """Return a line for each text, none if the answer was no such lines, or None."""
        now = self._clock()
        if self._rests_until is not None and now < self._rests_until:
            return None
        use, most = await self._uses.today(now), estimate(texts)
        if use.tokens + most > self._limit:
            log.info("the model has used %d tokens today, of %d", use.tokens, self._limit)
            return None
        # Counted before it is asked, so that what was in flight at a crash counts too.
        await self._uses.put(replace(use, requests=use.requests + 1, tokens=use.tokens + most))
        try:
            answer = await self._model.translate(texts, language)
        except ModelError as failure:
            log.warning("the model did not translate %d texts: %s", len(texts), failure.reason)
            if failure.rests:
                wait = failure.retry_after
                self._rests_until = now + (REST if wait is None else timedelta(seconds=wait))
            await self._uses.put(replace(use, requests=use.requests + 1, failed=use.failed + 1))
            return None
        await self._uses.put(
            replace(use, requests=use.requests + 1, tokens=use.tokens + answer.tokens)
        )
        return answer.lines or ()

    async def _checked(
        self, articles: Sequence[Article], lines: Sequence[str], language: str
    ) -> list[Translation] | None:
        if not lines:
            return [Translation(refused=NO_LINES)] * len(articles)
        left = iter(lines)
        pairs, of = [], []
        for each in articles:
            for text in filter(None, (each.title, each.standfirst)):
                pairs.append((text, next(left)))
                of.append(each.language)
        try:
            verdicts = await self._workers.run(judged, pairs, of, language, timeout=READING)
        except WorkerError as failure:
            log.warning("the answer of the model could not be checked: %s", failure)
            return None
        verdict = iter(zip(pairs, verdicts, strict=True))
        made = []
        for each in articles:
            (_, title), why = next(verdict)
            standfirst, why_not = None, None
            if each.standfirst:
                (_, standfirst), why_not = next(verdict)
            if why is not None:
                made.append(Translation(refused=why))
            elif why_not is not None:
                made.append(Translation(title, None, f"summary: {why_not}"))
            else:
                made.append(Translation(title, standfirst))
        return made
