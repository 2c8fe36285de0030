"""Imports of libraries without the optional parts that the bot does not use."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSOLE = ("pygments", "rich")
"""Packages with which httpx also loads its command line: 3 MiB and 50 ms.

Commands of `onnews` that print tables import them later, when they run.
"""


@contextmanager
def without_packages(*names: str) -> Iterator[None]:
    """Make imports of some packages fail, as if they were not installed.

    A package that was imported before stays available.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
