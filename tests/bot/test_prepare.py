"""An installation derives what a start needs, so that no start has to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot import prepare
from news.filing import taxonomy
from storage.beside_bytecode import BesideBytecode
from templates import renderer
from templates.language import languages
from templates.renderer import CompiledTemplates

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_after_the_installation_a_start_derives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for _ in range(2):
        for cached in (taxonomy.load, languages._compiled, renderer.sources):
            cached.cache_clear()
        stored = BesideBytecode(renderer.__file__, "templates")
        monkeypatch.setattr(renderer, "COMPILED", CompiledTemplates(stored))
        prepare.prepare()
        monkeypatch.setattr(BesideBytecode, "store", refuse)
    endings = [each.suffix for each in tmp_path.rglob("*") if each.is_file()]
    assert sorted({*endings} - {".pyc"}) == [".mo", ".templates", ".toml"]
    assert endings.count(".mo") == len(languages.languages()) - 1


def refuse(stored: BesideBytecode, *_: object) -> None:
    raise AssertionError(f"{stored.file} was derived again")
