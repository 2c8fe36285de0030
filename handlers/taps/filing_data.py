"""Callback data of the buttons with which an editor chooses a draft's or article's categories."""

from __future__ import annotations

from enum import StrEnum

from handlers.taps.callback_codec import Tap
from handlers.taps.callback_data import Tab  # noqa: TC001 - `Tap` reads the types of fields


class FiledKind(StrEnum):
    """What is filed under categories."""

    DRAFT = "d"
    ARTICLE = "a"


class OpenFiling(Tap, code="zc"):
    """A button that shows the picker of categories in place."""

    kind: FiledKind
    filed: int
    seen: str
    """The draft's version, or how the article looked, in hexadecimal."""


class FilingPage(Tap, code="zcp", continues="category"):
    """A button that shows a page of one of the picker's tabs."""

    kind: FiledKind
    filed: int
    tab: Tab
    page: int


class FilingLetter(Tap, code="zcl", continues="category"):
    """A button in the picker that shows the houses of one letter; `0` means every digit."""

    kind: FiledKind
    filed: int
    letter: str
    page: int


class FileUnder(Tap, code="zck", continues="category"):
    """A button that chooses a category, or takes it back."""

    kind: FiledKind
    filed: int
    category: str
    on: bool


class EndFiling(Tap, code="zcd", continues="category"):
    """A button that ends the choice of categories."""

    kind: FiledKind
    filed: int
    keep: bool
    """Whether what was chosen is written; otherwise all stays as it was."""
