"""The options of `./dev bench`: which measurement takes them, and what they refuse."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bench.__main__ import main


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("replicas --before nothing-here", "there is no commit nothing-here here"),
        ("start --before HEAD", "start compares no two commits; leave out --before."),
        ("plan --backup", "plan runs beside no backup; leave out --backup."),
        ("start --due 1000", "start has a fixed number of due editions; leave out --due."),
        ("soak --only taps", "soak has no floods to choose from; leave out --only."),
        ("flood --only rain", "no flood has rain in its name"),
        ("plan --subscribers 1000 --due 2000", "of 1000 subscribers 2000 cannot be due"),
    ],
)
def test_a_wrong_option_is_one_line(words: str, line: str) -> None:
    result = CliRunner().invoke(main, words.split())
    assert result.exit_code != 0
    assert line in result.output
