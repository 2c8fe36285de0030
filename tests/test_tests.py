"""What holds for every file of tests."""

from __future__ import annotations

import re
from pathlib import Path

FILES = sorted(Path(__file__).parent.rglob("*.py"))
OTHER_TESTS = re.compile(r"^(?:from|import) tests\.(?:\w+\.)*test_", re.MULTILINE)
CLOCK = re.compile(r"^(?!def |async def |class )\S.*\b(?:now\(|today\(|time\.time\()", re.MULTILINE)


def test_a_file_of_tests_imports_none_but_helpers() -> None:
    assert [path.name for path in FILES if OTHER_TESTS.search(path.read_text())] == []


def test_no_file_of_tests_looks_at_the_clock_as_it_is_imported() -> None:
    assert [path.name for path in FILES if CLOCK.search(path.read_text())] == []
