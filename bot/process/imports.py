"""Imports of libraries without the parts that the bot does not use."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSOLE = ("pygments", "rich")
"""Packages with which httpx also loads its command line: 3 MiB and 50 ms.

httpx does without if they are not installed. Commands of `onnews` that print tables import them
later, when they run.
"""
ORM = ("sqlalchemy.ext.asyncio.scoping", "sqlalchemy.ext.asyncio.session")
"""Modules with which SQLAlchemy's asyncio extension also loads its ORM: 7 MiB and 80 ms.

The bot uses connections, tables and statements, and never a session.
"""


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import without `CONSOLE` and `ORM` meanwhile; modules that are loaded already stay.

    The packages of `CONSOLE` seem not to be installed. The modules of `ORM` seem to be there, with
    None for each name that is imported from them. Afterwards all can be imported as usual, but
    `sqlalchemy.ext.asyncio` keeps None for the names of sessions.
    """
    hidden = dict.fromkeys(CONSOLE) | {name: _Unused(name) for name in ORM}
    hidden = {name: instead for name, instead in hidden.items() if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # None makes an import fail
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


class _Unused(ModuleType):
    """A module that has every name, with the value None."""

    def __getattr__(self, name: str) -> None:
        return None
