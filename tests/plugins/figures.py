"""Figures that tests measured, printed at the end of the run, also from worker processes.

A test records them with `record_property("figures", text)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

NAME = "figures"


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the recorded figures."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    found = [text for report in reports for name, text in report.user_properties if name == NAME]
    if found:
        terminalreporter.section(NAME)
    for text in found:
        terminalreporter.write_line(str(text))
