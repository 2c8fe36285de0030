"""The ready messages of one ledger row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from digest.choosing.ranking import covered_since
from digest.editions.edition_choice import said_since
from digest.making.request_body import LONGEST_CAPTION, RequestBody, prepare, prepare_rich
from digest.timing.schedule import zone_of
from storage.model import SENT_PICTURE, DeliveryKind, Form, Layout
from storage.tables.columns import ids_text
from templates.markup.telegram_html import parse
from templates.markup.text import units
from templates.rich.page_blocks import Figures
from templates.rich.pictured_text import below_its_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.making.rich_messages import RichMessages
    from storage.model import Article, Delivery, Edition, SentIssue
    from templates import RenderedMessage, Renderer, RichMessage


class EditionKeyboard(Protocol):
    """Makes the buttons under an edition in a language, as pieces of Telegram's JSON."""

    def __call__(
        self,
        edition: Edition,
        language: str,
        /,
        *,
        first: bool,
        front_page: bool,
        public: bool,
        can_be_page: bool,
    ) -> Sequence[str]:
        """Return the buttons; `front_page` if they are below one, `can_be_page` if they may be."""


class AlertKeyboard(Protocol):
    """Makes the buttons under an alert in a language, as pieces of Telegram's JSON."""

    def __call__(self, article: Article, language: str, /, *, public: bool) -> Sequence[str]:
        """Return the buttons; `public` says that the chat is a channel."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The messages that a ledger row carries."""

    parts: tuple[RequestBody, ...] = ()
    """Messages in sending order; empty if there is no news."""
    articles: tuple[int, ...] = ()
    shown: str | None = None
    """The ids of the articles, as JSON for the ledger."""
    sent: SentIssue | None = None
    """Its stories as the ledger keeps them, to make it again; None if there are none."""
    error: str | None = None
    """Why the messages cannot be made, or None."""
    form: Form | None = None
    """The form of a front page; None for messages with only one form."""
    pictures: tuple[str, ...] = ()
    """The addresses of the front page's pictures."""
    lower: Callable[[Form], Issue] | None = field(default=None, compare=False, repr=False)
    """Makes the same edition in a lower form; None for messages with only one form."""


NOTHING = Issue()
BROKEN = Issue(error="template")
WITHDRAWN = Issue(error="withdrawn")


def plain_edition(
    renderer: Renderer, edition: Edition, row: Delivery, *, parts: int = 0
) -> RenderedMessage:
    """Render a row's edition as plain messages, if possible `parts`; 0 for as few as possible."""
    return renderer.edition(
        edition,
        language=row.language,
        layout=row.layout.plain,
        zone=zone_of(row.zone).key,
        now=row.due,
        catch_up=row.kind is DeliveryKind.CATCH_UP,
        private=row.chat_id > 0,
        since=said_since(row),
        parts=parts,
    )


def page_blocks(
    renderer: Renderer,
    edition: Edition,
    row: Delivery,
    *,
    pictures: Mapping[str, str],
    sources: int | None = None,
) -> RichMessage | None:
    """Lay out a row's edition as a front page, or return None if it can only be plain.

    `pictures` are address → Telegram's id. The last line names `sources` unless they are None.
    """
    figures = None if sources is None else Figures(sources, covered_since(edition.since, row.due))
    return renderer.front_pages.page(
        edition,
        language=row.language,
        zone=zone_of(row.zone).key,
        now=row.due,
        catch_up=row.kind is DeliveryKind.CATCH_UP,
        pictures=pictures,
        figures=figures,
        private=row.chat_id > 0,
    )


class EditionButtons:
    """Makes the buttons under editions, as pieces of Telegram's JSON."""

    def __init__(self, keyboard: EditionKeyboard | None, rich: RichMessages) -> None:
        self._keyboard = keyboard
        self._rich = rich

    def under(self, edition: Edition, row: Delivery, *, front_page: bool = False) -> Sequence[str]:
        """Return the buttons under a row's edition; `front_page` says that blocks are above."""
        if self._keyboard is None:
            return ()
        return self._keyboard(
            edition,
            row.language,
            first=not row.place_from,
            front_page=front_page,
            public=row.public,
            can_be_page=self._rich.are_known,
        )


def plain_issue(
    message: RenderedMessage,
    keyboard: Sequence[str],
    articles: tuple[int, ...],
    sent: SentIssue | None = None,
) -> Issue:
    """Return a message's parts, the first with the link preview and the last with the buttons."""
    last = len(message.parts) - 1
    parts = [
        prepare(
            text,
            pieces=message.pieces[number] if message.pieces else (),
            preview=message.preview if number == 0 else None,
            keyboard=keyboard if number == last else (),
        )
        for number, text in enumerate(message.parts)
    ]
    return Issue(tuple(parts), articles, ids_text(articles), sent)


def alert_issue(
    message: RenderedMessage,
    article: Article,
    keyboard: Sequence[str],
    row: Delivery,
    sent: SentIssue | None = None,
) -> Issue:
    """Return an alert: below its picture where an editor sent one, and otherwise a plain message.

    Chats that get front pages are sent blocks, and others a photo with a caption, which every app
    shows. What was sent as a photo stays one: Telegram turns no photo into a text.
    """
    plain = plain_issue(message, keyboard, (article.id,), sent)
    page = below_its_picture(message, article, private=row.chat_id > 0).rich
    if row.form is Form.HTML or (page is None and row.form is not Form.CAPTIONED):
        return plain
    lower = replace(plain, form=Form.HTML)
    if page is not None and row.layout is Layout.FRONT_PAGE:
        return front_page_issue(page, keyboard, (article.id,), lambda _: lower, sent)
    if len(plain.parts) > 1 or units(parse(message.parts[0]).text) > LONGEST_CAPTION:
        return plain
    photo = (article.image or "").removeprefix(SENT_PICTURE)
    return replace(
        plain,
        parts=(plain.parts[0].captioned(photo),),
        form=Form.CAPTIONED,
        pictures=(article.image or "",),
        lower=lambda _: lower,
    )


def front_page_issue(
    page: RichMessage,
    keyboard: Sequence[str],
    articles: tuple[int, ...],
    lower: Callable[[Form], Issue] | None,
    sent: SentIssue | None = None,
) -> Issue:
    """Return a front page with the function that makes it in a lower form, if there is one."""
    pictures = tuple(address for _, address in page.pictures)
    return Issue(
        (prepare_rich(page, keyboard=keyboard),),
        articles,
        ids_text(articles),
        sent,
        form=Form.PICTURED if pictures else Form.RICH,
        pictures=pictures,
        lower=lower,
    )
