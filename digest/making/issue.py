"""What a ledger row is to carry: ready messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from digest.choosing.edition_choice import said_since
from digest.making.request_body import RequestBody, prepare, prepare_rich
from digest.timing.schedule import zone_of
from storage.model import DeliveryKind, Form
from storage.tables.columns import ids_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.model import Article, Delivery, Edition
    from templates import RenderedMessage, Renderer, RichMessage


class EditionKeyboard(Protocol):
    """The buttons under an edition in a language, as Telegram's JSON in pieces."""

    def __call__(
        self, edition: Edition, language: str, /, *, first: bool, front_page: bool, public: bool
    ) -> Sequence[str]:
        """Write them.

        Args:
            edition: What they belong to.
            language: The reader's.
            first: Whether it is a reader's first edition.
            front_page: Whether they stand under blocks, which some apps leave blank.
            public: Whether they stand in a channel.
        """


class AlertKeyboard(Protocol):
    """The buttons under an alert in a language, as Telegram's JSON in pieces."""

    def __call__(self, article: Article, language: str, /, *, public: bool) -> Sequence[str]:
        """Write them; `public` where they stand in a channel."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a row carries."""

    parts: tuple[RequestBody, ...] = ()
    """Messages in sending order; none when there is nothing to tell."""
    articles: tuple[int, ...] = ()
    shown: str | None = None
    """The ids of the articles, as JSON for the ledger."""
    error: str | None = None
    """It cannot be made, and why."""
    form: Form | None = None
    """Which form of a front page it is; None for what has only one."""
    pictures: tuple[str, ...] = ()
    """The addresses of its pictures."""
    lower: Callable[[Form], Issue] | None = field(default=None, compare=False, repr=False)
    """Makes the same edition in a lower form."""


NOTHING = Issue()
BROKEN = Issue(error="template")
WITHDRAWN = Issue(error="withdrawn")


def plain_edition(renderer: Renderer, edition: Edition, row: Delivery) -> RenderedMessage:
    """A row's edition as plain messages: one that is to be a front page, too."""
    return renderer.edition(
        edition,
        language=row.language,
        layout=row.layout.plain,
        zone=zone_of(row.zone).key,
        now=row.due,
        catch_up=row.kind is DeliveryKind.CATCH_UP,
        private=row.chat_id > 0,
        since=said_since(row),
    )


def plain_issue(
    message: RenderedMessage, keyboard: Sequence[str], articles: tuple[int, ...]
) -> Issue:
    """A message's parts: the preview belongs to the first, the buttons to the last.

    Args:
        message: What it says.
        keyboard: The buttons, as Telegram's JSON in pieces.
        articles: The ids of its articles.
    """
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
    return Issue(tuple(parts), articles, ids_text(articles))


def front_page_issue(
    page: RichMessage,
    keyboard: Sequence[str],
    articles: tuple[int, ...],
    lower: Callable[[Form], Issue],
) -> Issue:
    """A front page, and what makes it in a lower form."""
    pictures = tuple(address for _, address in page.pictures)
    return Issue(
        (prepare_rich(page, keyboard=keyboard),),
        articles,
        ids_text(articles),
        form=Form.PICTURED if pictures else Form.RICH,
        pictures=pictures,
        lower=lower,
    )
