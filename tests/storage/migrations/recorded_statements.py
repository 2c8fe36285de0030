"""The statements of a revision's program: recorded once, and run on newer tables.

To record those of the program as it is (when a migration that serves no older program is added):

    STATEMENTS=tests/storage/migrations/statements/r0041.jsonl ./dev python -m pytest -q -n 0 \\
        -p tests.storage.migrations.recorded_statements -k postgresql tests/storage tests/digest

Each line of the file is a statement for PostgreSQL with values that a test gave it. Remove by hand
those that only a test makes, such as an endless search.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    import pytest

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).with_name("statements")
PROGRAM = tuple(f"{ROOT / part}{os.sep}" for part in ("storage", "handlers", "digest", "news"))
NOT_ITS = tuple(f"{ROOT / part}{os.sep}" for part in ("tests", "storage/migrations"))
_VALUES = re.compile(r"(\((?:[^()]|\([^()]*\))*\))(?:, \((?:[^()]|\([^()]*\))*\))+")
_LIST = re.compile(r"(\$(?:::[A-Z ]+)?)(?:, \$(?:::[A-Z ]+)?)+")


CODED: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], object]]] = {
    "time": (datetime, lambda value: value.astimezone(UTC).isoformat(), datetime.fromisoformat),
    "seconds": (timedelta, timedelta.total_seconds, lambda value: timedelta(seconds=value)),
    "bytes": (bytes, lambda value: base64.b85encode(value).decode(), base64.b85decode),
    "decimal": (Decimal, str, Decimal),
}
"""Name of a type in JSON → the type, and functions to and from JSON."""


def encoded(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return a statement's value as JSON."""
    if isinstance(value, list | tuple):
        return [encoded(each) for each in value]
    for name, (kind, to_json, _) in CODED.items():
        if isinstance(value, kind):
            return {name: to_json(value)}
    return value


def decoded(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return the value that `encoded` was given."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if isinstance(value, dict):
        ((name, each),) = value.items()
        return CODED[name][2](each)
    return value


def statements(revision: str) -> list[tuple[str, list[Any]]]:
    """Return the statements of the program of a revision, each with its values."""
    lines = (FOLDER / f"r{revision}.jsonl").read_text().splitlines()
    return [(text, [decoded(each) for each in values]) for text, values in map(json.loads, lines)]


class _Recorder:
    """Collects the statements that the program itself executes, each form of one once."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, list[Any]]] = {}

    def note(self, *call: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own signature
        """Note a statement before it is executed."""
        connection, _, statement, values, _, many = call
        if (
            connection.dialect.name != "postgresql"
            or statement.startswith(("CREATE ", "DROP ", "ALTER "))
            or not _is_the_programs()
        ):
            return
        values = list((values[0] if values else ()) if many else values)
        form = _VALUES.sub(r"\1", _LIST.sub(r"\1", re.sub(r"\$\d+", "$", statement)))
        known = self.found.get(form)
        if known is None or len(values) < len(known[1]):
            self.found[form] = statement, [encoded(each) for each in values]

    def write(self, path: Path) -> None:
        """Write the statements to a file, a line each."""
        path.parent.mkdir(exist_ok=True)
        lines = (json.dumps(each, ensure_ascii=False) for _, each in sorted(self.found.items()))
        path.write_text("".join(f"{line}\n" for line in lines))


def _is_the_programs() -> bool:
    """Return whether the innermost code of this project that asks is the program's."""
    for frame in _frames():
        file = frame.f_code.co_filename
        if file == __file__:
            continue
        if file.startswith(NOT_ITS):
            return False
        if file.startswith(PROGRAM):
            return True
    return False


def _frames() -> Iterator[FrameType]:
    """Yield the frames below this one, those of the coroutines that wait for it too."""
    frame: FrameType | None = sys._getframe()
    current = getcurrent()
    while True:
        while frame is not None:
            yield frame
            frame = frame.f_back
        if (current := current.parent) is None:
            return
        frame = current.gr_frame


_recorder = _Recorder()


def pytest_configure() -> None:
    """Begin to record, as a plugin of pytest."""
    event.listen(Engine, "before_cursor_execute", _recorder.note)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was recorded."""
    del session
    _recorder.write(ROOT / os.environ["STATEMENTS"])
