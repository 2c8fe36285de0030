"""Values derived from the program's own files, kept beside Python's bytecode for the next start."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class BesideBytecode:
    """A file beside the bytecode of a folder, with a value that takes long to derive.

    As with bytecode, the file is only written where Python may write, and deriving the value again
    is never wrong.

    Args:
        beside: A file of the program: a module, or the file that the value is derived from.
    """

    def __init__(self, beside: str, ending: str) -> None:
        self.file = Path(cache_from_source(beside)).with_suffix(f".{ending}")

    def load(self, origin: bytes) -> Any:  # noqa: ANN401  # any value that `marshal` can write
        """Return the value stored for this origin, all that it is derived from, or None."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            stored_for, value = marshal.loads(self.file.read_bytes())  # noqa: S302  # as trusted as bytecode
            if stored_for == sha256(origin).digest():
                return value
        return None

    def store(self, origin: bytes, value: Any) -> None:  # noqa: ANN401  # as in `load`
        """Store a value for the next start, unless the file cannot be written."""
        if sys.dont_write_bytecode:
            return
        unfinished = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(marshal.dumps((sha256(origin).digest(), value)))
            unfinished.replace(self.file)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()

    def derived(self, origin: bytes, derive: Callable[[], Any]) -> Any:  # noqa: ANN401  # as in `load`
        """Return the value that was stored for this origin; else derive and store it."""
        value = self.load(origin)
        if value is None:
            value = derive()
            self.store(origin, value)
        return value
