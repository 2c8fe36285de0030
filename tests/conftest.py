"""What every test may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["tests.plugins.databases", "tests.plugins.archive", "tests.plugins.figures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the browser's journey take the picture that the README shows."""
    parser.addoption("--picture", help="where the picture of the chat page goes: docs/chat.png")
