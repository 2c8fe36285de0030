"""Delivered messages made again as they were, but for the corrections of their stories.

A message is made once for all copies that look the same.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest.editions.correction_marks import mark_of
from digest.making import sent_issue
from digest.making.issue import (
    EditionButtons,
    alert_issue,
    front_page_issue,
    page_blocks,
    plain_edition,
    plain_issue,
)
from digest.timing.schedule import zone_of
from digest.timing.time_slices import TimeSlices, yield_to_others
from storage.model import ArticleState, EditionStory, Form, in_translation
from templates.edition.lru_cache import LruCache
from templates.markup.text import shorten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, tzinfo

    from digest.making.issue import AlertKeyboard, EditionKeyboard, Issue
    from digest.making.request_body import RequestBody
    from digest.making.rich_messages import RichMessages
    from storage.articles.articles import Articles
    from storage.articles.translations import Translations
    from storage.desk.corrections import Copy, Corrections
    from storage.model import Article, Correction, Delivery, Translation
    from templates import Renderer

log = logging.getLogger(__name__)

KEPT = 1_024
"""Maximum number of made messages and stored issues that are cached."""

# Why a copy cannot be made again.
UNRECORDED = "unrecorded"
"""It was sent before the ledger kept the stories of messages."""
PRUNED = "pruned"
"""One of its stories is no longer in the archive."""
TOO_LONG = "too long"
"""With the correction it does not fit into the messages that were sent."""
TEMPLATE = "template"
"""It cannot be rendered."""
CUTS = (None, (300, 300), (200, 100), (120, 0), (60, 0), (30, 0))
"""Ways to show a corrected story; the first whose message fits is used.

None shows the story in full. The others leave out its summary and give the most UTF-16 units of its
headline and of the reason for a withdrawal; 0 leaves the reason out.
"""


@dataclass(frozen=True, slots=True)
class Remade:
    """A delivered message as it is to look now."""

    parts: tuple[RequestBody | None, ...] = ()
    """The new content of each of its messages, in sending order; None where nothing changes."""
    error: str | None = None
    """Why it cannot be made again, or None."""
    form: Form | None = None
    """The form of a front page; None for messages with only one form."""
    changes: bool = True
    """Whether anything is to be changed; false if it was sent with the corrected texts."""


class CopyBuilder:
    """Makes delivered messages again."""

    def __init__(
        self,
        corrections: Corrections,
        articles: Articles,
        renderer: Renderer,
        *,
        rich: RichMessages,
        keyboard: EditionKeyboard | None = None,
        alert_keyboard: AlertKeyboard | None = None,
        translations: Translations | None = None,
    ) -> None:
        self._translations = translations
        self._corrections = corrections
        self._articles = articles
        self._renderer = renderer
        self._rich = rich
        self._buttons = EditionButtons(keyboard, rich)
        self._alert_keyboard = alert_keyboard
        self._known = _Known()

    @property
    def newest(self) -> int:
        """The id of the newest correction that the messages of the last `make` show."""
        return self._known.epoch[0]

    def forget(self) -> None:
        """Drop what was read, so that it is read again."""
        self._known = _Known()

    async def make(
        self,
        copies: Sequence[Copy],
        *,
        let_others: Callable[[], Awaitable[None]] = yield_to_others,
    ) -> list[Remade]:
        """Make the messages of these copies, in the same order."""
        await self._read(copies)
        slices = TimeSlices(let_others)
        made = []
        for copy in copies:
            made.append(self._made(copy))
            await slices.pause()
        return made

    async def _read(self, copies: Sequence[Copy]) -> None:
        epoch = await self._corrections.newest()
        if epoch != self._known.epoch:
            # Another correction, or the undoing of one, changes what messages look like.
            self._known = _Known(epoch)
        known = self._known
        prints = {copy.issue for copy in copies if copy.issue is not None} - known.issues.keys()
        if prints:
            await self._read_issues(prints)
        await self._read_translations(copies)

    async def _read_issues(self, prints: set[int]) -> None:
        known = self._known
        found = await self._corrections.issues(prints)
        if len(known.issues) > KEPT:
            known.issues.clear()
        known.issues.update(found)
        wanted: set[int] = set()
        pictures: set[str] = set()
        for stories in found.values():
            wanted |= sent_issue.articles_of(stories).keys()
            pictures.update(sent_issue.pictures_of(stories))
        wanted -= known.articles.keys()
        if wanted:
            ids = sorted(wanted)
            known.articles.update((each.id, each) for each in await self._articles.many(ids))
            known.texts.update(await self._corrections.texts(ids))
            known.corrections.update(await self._corrections.of_articles(ids))
        if pictures and self._rich.are_known:
            known.pictures.update(await self._rich.pictures(pictures))

    async def _read_translations(self, copies: Sequence[Copy]) -> None:
        if self._translations is None:
            return
        known, wanted = self._known, defaultdict[str, set[int]](set)
        for copy in copies:
            stories = known.issues.get(copy.issue or 0, "")
            wanted[copy.row.language].update(sent_issue.translated_of(stories))
        for language, ids in wanted.items():
            if unread := ids - known.translated.get(language, frozenset()):
                found = await self._translations.look(language, unread)
                known.translations.update(((language, *key), each) for key, each in found.items())
                known.translated[language] = known.translated.get(language, frozenset()) | unread

    def without_pictures(self, copy: Copy) -> RequestBody | None:
        """Return a front page or alert of the last `make` without its pictures, if possible."""
        stories = self._known.issues.get(copy.issue or 0)
        if stories is None:
            return None
        if sent_issue.is_alert(stories):
            return next(iter(self._alert(copy.row, stories, bare=True).parts), None)
        sent = sent_issue.edition_of(stories, copy.row.since, self._teller(copy.row, stories))
        row = replace(copy.row, zone=sent.zone)
        articles = tuple(story.article.id for story in sent.edition.stories)
        issue = self._front_page(row, replace(sent, pictures=()), articles)
        return None if issue is None else issue.parts[0]

    def _made(self, copy: Copy) -> Remade:
        stories = None if copy.issue is None else self._known.issues.get(copy.issue)
        if stories is None or not copy.message_ids:
            return Remade(error=UNRECORDED)
        row = copy.row
        key = (
            copy.correction_id,
            copy.issue,
            row.language,
            row.layout,
            row.form,
            row.kind,
            row.due,
            row.since,
            row.place_from == 0,
            row.asked,
            row.public,
            row.chat_id > 0,
            row.zone if sent_issue.is_alert(stories) else "",
            len(copy.message_ids),
        )
        made = self._known.made.get(key)
        if made is None:
            made = self._known.made.put(key, self._remade(copy, stories))
        return made

    def _remade(self, copy: Copy, stories: str) -> Remade:
        versions = sent_issue.articles_of(stories)
        if not versions.keys() <= self._known.articles.keys():
            return Remade(error=PRUNED)
        if copy.correction_id not in self._edits(versions):
            return Remade(changes=False)
        try:
            if sent_issue.is_alert(stories):
                return self._alert(copy.row, stories)
            return self._edition(copy, stories, versions)
        except Exception:
            # One message that cannot be made must not hold up the others.
            log.exception("The copies of delivery %d cannot be corrected", copy.row.id)
            return Remade(error=TEMPLATE)

    def _edits(self, versions: Mapping[int, int]) -> set[int]:
        """Return the ids of the corrections for which a message with these stories is edited."""
        return {
            each.id
            for number, version in versions.items()
            for each in self._known.corrections.get(number, ())
            if _needs_edit(each, version)
        }

    def _alert(self, row: Delivery, stories: str, *, bare: bool = False) -> Remade:
        """Make an alert again; `bare` leaves out its picture."""
        sent = sent_issue.alert_of(stories)
        story = self._story(sent.article_id, sent.version, row, row.zone)
        article = story.article
        message = self._renderer.alert(
            article,
            language=row.language,
            section=sent.section,
            words=sent.words,
            private=row.chat_id > 0,
            mark=story.mark,
        )
        keyboard: Sequence[str] = ()
        if self._alert_keyboard is not None:
            keyboard = self._alert_keyboard(article, row.language, public=row.public)
        if row.form is None or bare:
            # It was sent without blocks, or its picture is refused.
            row = replace(row, form=Form.HTML)
        issue = alert_issue(message, article, keyboard, row)
        captioned = row.form is Form.CAPTIONED
        if len(issue.parts) > 1 or (captioned and issue.form is not Form.CAPTIONED):
            return Remade(error=TOO_LONG)
        return Remade(issue.parts, form=issue.form)

    def _edition(self, copy: Copy, stories: str, versions: Mapping[int, int]) -> Remade:
        row, count = copy.row, len(copy.message_ids)
        for cuts in CUTS:
            sent = sent_issue.edition_of(stories, row.since, self._teller(row, stories, cuts))
            row = replace(row, zone=sent.zone)
            issue = self._issue(row, sent, count)
            if issue is not None and len(issue.parts) == count:
                break
        else:
            return Remade(error=TOO_LONG)
        if count == 1:
            return Remade(issue.parts, form=issue.form)
        # Only messages with a corrected story change, unless one was edited before.
        if min(self._edits(versions)) < copy.correction_id:
            return Remade(issue.parts)
        before = sent_issue.edition_of(stories, row.since, self._sender(row, stories))
        former = self._issue(row, before, count)
        if former is None or len(former.parts) != count:
            return Remade(issue.parts)
        return Remade(
            tuple(
                None if part == was else part
                for part, was in zip(issue.parts, former.parts, strict=True)
            )
        )

    def _issue(self, row: Delivery, sent: sent_issue.StoredEdition, count: int) -> Issue | None:
        edition = sent.edition
        articles = tuple(story.article.id for story in edition.stories)
        if row.form in {Form.PICTURED, Form.RICH}:
            return self._front_page(row, sent, articles)
        message = plain_edition(self._renderer, edition, row, parts=count)
        return plain_issue(message, self._buttons.under(edition, row), articles)

    def _front_page(
        self, row: Delivery, sent: sent_issue.StoredEdition, articles: tuple[int, ...]
    ) -> Issue | None:
        edition, pictures = sent.edition, self._known.pictures
        page = page_blocks(
            self._renderer,
            edition,
            row,
            pictures={each: pictures[each] for each in sent.pictures if each in pictures},
            sources=sent.sources,
        )
        if page is None:
            return None
        keyboard = self._buttons.under(edition, row, front_page=True)
        return front_page_issue(page, keyboard, articles, None)

    def _teller(
        self, row: Delivery, stories: str, cuts: tuple[int, int] | None = None
    ) -> Callable[[int, int], EditionStory]:
        """Return a function that makes an edition's stories as they now look, cut by `cuts`."""
        zone, shown = sent_issue.zone_of(stories), sent_issue.translated_of(stories)

        def tell(article_id: int, version: int) -> EditionStory:
            story = self._story(article_id, version, row, zone)
            again = self._in_translation(story, version, row, shown)
            is_cut = again is story and self._edits({article_id: version})
            return _cut(story, cuts) if is_cut else again

        return tell

    def _story(self, article_id: int, version: int, row: Delivery, zone: str) -> EditionStory:
        known, place = self._known, ZoneInfo(zone_of(zone).key)
        return corrected(
            known.articles[article_id],
            version,
            known.texts,
            known.corrections.get(article_id, ()),
            zone=place,
            day=row.due.astimezone(place).date(),
        )

    def _sender(self, row: Delivery, stories: str) -> Callable[[int, int], EditionStory]:
        """Return a function that makes an edition's stories as they were sent."""
        known, shown = self._known, sent_issue.translated_of(stories)

        def tell(article_id: int, version: int) -> EditionStory:
            story = EditionStory(as_sent(known.articles[article_id], version, known.texts))
            return self._in_translation(story, version, row, shown)

        return tell

    def _in_translation(
        self, story: EditionStory, version: int, row: Delivery, shown: Mapping[int, int]
    ) -> EditionStory:
        """Return a story in the reader's language if it was shown so; `shown` as `translated_of`.

        A corrected story is shown by its own words.
        """
        article = story.article
        translation = self._known.translations.get((row.language, article.id, version))
        if article.id not in shown or translation is None or article.is_withdrawn:
            return story
        was = as_sent(self._known.articles[article.id], version, self._known.texts)
        if (article.title, article.standfirst) != (was.title, was.standfirst):
            return story
        both = bool(shown[article.id])
        return replace(story, article=in_translation(article, translation, standfirsts=both))


class _Known:
    __slots__ = (
        *("articles", "corrections", "epoch", "issues", "made", "pictures", "texts"),
        *("translated", "translations"),
    )

    def __init__(self, epoch: tuple[int, int] = (0, 0)) -> None:
        self.epoch = epoch
        """The number of corrections and of those undone."""
        self.issues: dict[int, str] = {}
        self.articles: dict[int, Article] = {}
        self.texts: dict[tuple[int, int], tuple[str, str]] = {}
        self.corrections: dict[int, Sequence[Correction]] = {}
        self.pictures: dict[str, str] = {}
        self.translations: dict[tuple[str, int, int], Translation] = {}
        self.translated: dict[str, frozenset[int]] = {}
        """Language → ids of the articles of which `translations` has what there is."""
        self.made: LruCache[tuple[Any, ...], Remade] = LruCache(KEPT)


def as_sent(
    article: Article, version: int, texts: Mapping[tuple[int, int], tuple[str, str]]
) -> Article:
    """Return an article with the texts of a version; the present ones if there is none so old."""
    title, standfirst = texts.get((article.id, version), (article.title, article.standfirst))
    return replace(article, title=title, standfirst=standfirst, state=None)


def corrected(
    article: Article,
    version: int,
    texts: Mapping[tuple[int, int], tuple[str, str]],
    corrections: Sequence[Correction],
    *,
    zone: tzinfo,
    day: date,
) -> EditionStory:
    """Return a story with the texts that its message had, but for the corrections since.

    What its source changed meanwhile, without an editor, is not shown. `texts` has the title and
    standfirst of former versions.
    """
    sent = as_sent(article, version, texts)
    title, standfirst = sent.title, sent.standfirst
    since = [each for each in corrections if not each.undone and each.version > version]
    for each in since:
        if each.title != each.title_was:
            title = each.title
        if each.standfirst != each.standfirst_was:
            standfirst = each.standfirst
    mark = mark_of(article, corrections, since, zone=zone, day=day)
    state = ArticleState.WITHDRAWN if article.is_withdrawn else None
    return EditionStory(replace(sent, title=title, standfirst=standfirst, state=state), mark=mark)


def _cut(story: EditionStory, cuts: tuple[int, int] | None) -> EditionStory:
    """Return a corrected story that takes less room, by one of `CUTS`."""
    if cuts is None:
        return story
    of_title, of_reason = cuts
    article, mark = story.article, story.mark
    if mark is not None:
        mark = mark._replace(reason=shorten(mark.reason, of_reason) if of_reason else "")
    title = shorten(article.title, of_title)
    return replace(story, article=replace(article, title=title, standfirst=""), mark=mark)


def _needs_edit(correction: Correction, version: int) -> bool:
    """Return whether a message with this version of the story is changed by a correction."""
    if version == correction.version:
        # Withdrawals began no version of their own at first.
        was = (correction.title_was, correction.standfirst_was)
        return (correction.title, correction.standfirst) == was
    return version < correction.version
