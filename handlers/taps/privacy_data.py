"""What the buttons of /privacy carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from handlers.taps.callback_codec import Tap


@dataclass(frozen=True, slots=True)
class OpenPrivacy(Tap):
    """What is kept, and why."""

    code: ClassVar[str] = "xp"


@dataclass(frozen=True, slots=True)
class ExportAll(Tap):
    """All that is kept, as files."""

    code: ClassVar[str] = "xe"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class AskForget(Tap):
    """What would be deleted, with the question whether it should be."""

    code: ClassVar[str] = "xa"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Forget(Tap):
    """Yes, delete everything."""

    code: ClassVar[str] = "xf"
    chooses: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class KeepAll(Tap):
    """No, delete nothing."""

    code: ClassVar[str] = "xk"
    chooses: ClassVar[bool] = True
