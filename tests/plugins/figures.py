"""Figures that a test has found out: told at the end of the run, also where workers ran the tests.

A test leaves them with `record_property("figures", text)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

NAME = "figures"


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what was recorded."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    found = [text for report in reports for name, text in report.user_properties if name == NAME]
    if found:
        terminalreporter.section(NAME)
    for text in found:
        terminalreporter.write_line(str(text))
