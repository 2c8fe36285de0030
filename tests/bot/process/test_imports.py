"""Libraries are imported without the optional parts that the bot does not use."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from bot.process.imports import without_packages


def test_a_hidden_package_cannot_be_imported_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without_packages("colorsys"), pytest.raises(ImportError):
        import_module("colorsys")
    import_module("colorsys")


def test_a_package_that_was_imported_before_stays_available() -> None:
    import_module("colorsys")
    with without_packages("colorsys"):
        import_module("colorsys")
    assert "colorsys" in sys.modules
