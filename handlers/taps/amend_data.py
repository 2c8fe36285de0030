"""Callback data of the buttons with which an editor changes an article."""

from __future__ import annotations

from enum import StrEnum

from handlers.taps.callback_codec import Tap

AS_IT_IS = 1_000
"""Hours of a tap that leaves until when an article is the lead story."""


class AmendedField(StrEnum):
    """What an editor types about an article."""

    TITLE = "t"
    STANDFIRST = "s"
    REASON = "r"
    """Why it is withdrawn."""
    JOIN = "j"
    """The other story of its event."""


class Act(StrEnum):
    """What a button does with an article at once."""

    HIDE = "h"
    SHOW = "s"
    """Show it again after it was hidden."""
    PART = "p"


class AskArticle(Tap, code="zf"):
    """A button that asks which article to open at the desk."""


class DeskArticle(Tap, code="zo"):
    """A button that shows an article's page at the desk in place."""

    article: int


class AskField(Tap, code="zt"):
    """A button that asks for a new value of an article."""

    article: int
    field: AmendedField
    fact: bool
    """Whether a fact is corrected; otherwise a typing error, or something else than a text."""
    seen: str
    """How the article looked, in hexadecimal; see `storage.desk.amended_rows.seen_as`."""


class WithdrawFor(Tap, code="zr"):
    """A button that withdraws an article for a standard reason."""

    article: int
    why: int
    """Its place in `templates.language.labels.REASONS`."""
    seen: str


class TurnCorrections(Tap, code="zk"):
    """A button that shows another page of the corrections."""

    page: int


class TurnAhead(Tap, code="zqa"):
    """A button that shows another page of the dates ahead."""

    page: int
    category: str = ""
    """A slug; empty for all dates."""
    month: int = 0
    """A month's number; 0 for all dates."""


class ActOn(Tap, code="zx"):
    """A button that hides, shows or parts an article at once."""

    article: int
    act: Act
    seen: str


class AskDate(Tap, code="zq"):
    """A button that asks for a date ahead, a new one or another instead of one."""

    article: int = 0
    """Its story; 0 for none, or if there is a date."""
    date: int = 0
    seen: str = ""
    """How the date looked, in hexadecimal; see `storage.desk.coming_dates.seen_as`."""


class DeskDate(Tap, code="zqo"):
    """A button that shows a date ahead at the desk in place."""

    date: int


class DeleteDate(Tap, code="zqx"):
    """A button that deletes a date ahead."""

    date: int
    seen: str


class LeaveArticle(Tap, code="zxl"):
    """A button that leaves an article as it is, whatever readers say is wrong about it."""

    article: int
    complaint: int
    """The last complaint that the editor saw."""


class WeighArticle(Tap, code={"zg": ("", ""), "zgk": ()}):
    """A button that shows the kinds and weights to choose from, or chooses one of them."""

    article: int
    choice: str = ""
    """A `StoryKind` or a weight; empty to show them."""
    seen: str = ""
    """How the article looked, in hexadecimal; see `storage.desk.amended_rows.weighed_as`."""


class LeadArticle(Tap, code="zl"):
    """A button that shows until when an article can be the lead story, and for whom."""

    article: int
    for_all: bool
    """Whether it would lead in every edition; otherwise for those who follow its categories."""
    seen: str
    """How the article and its pin looked, in hexadecimal."""


class SetLead(Tap, code="zlh"):
    """A button that makes an article the lead story for some hours."""

    article: int
    hours: int
    """Hours from now; 0 to make it the lead story no more, `AS_IT_IS` for its present time."""
    for_all: bool
    seen: str


class JoinWith(Tap, code="zj"):
    """A button that makes an article part of another one's event."""

    article: int
    other: int
    seen: str
