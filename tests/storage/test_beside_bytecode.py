"""Derived values are kept beside Python's bytecode, and derived again whenever they do not fit.
Results that are computed once for a taxonomy.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from storage.beside_bytecode import BesideBytecode
from storage.model.remembered import remembered

if TYPE_CHECKING:
    from pathlib import Path

VALUE = {"Gucci": ("kering", 2), "latest": compile("1 + 1", "x", "eval")}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BesideBytecode:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return BesideBytecode(str(tmp_path / "module.py"), "value")


def refuse() -> Any:  # noqa: ANN401  # never returns
    raise AssertionError("the value was derived again")


def test_a_value_is_derived_once(kept: BesideBytecode, tmp_path: Path) -> None:
    assert kept.load(b"origin") is None
    assert kept.derived(b"origin", lambda: VALUE) == VALUE
    again = BesideBytecode(str(tmp_path / "module.py"), "value")
    assert again.derived(b"origin", refuse) == VALUE
    assert [*kept.file.parent.iterdir()] == [kept.file]


def test_a_value_with_another_origin_is_derived_again(kept: BesideBytecode) -> None:
    kept.store(b"origin", VALUE)
    assert kept.derived(b"newer", lambda: ["newer"]) == ["newer"]
    assert kept.load(b"newer") == ["newer"]


@pytest.mark.parametrize("damage", [b"", b"damaged", b"N", b"i\x01\x00\x00\x00"])
def test_a_damaged_file_is_written_again(kept: BesideBytecode, damage: bytes) -> None:
    kept.store(b"origin", VALUE)
    kept.file.write_bytes(damage)
    assert kept.derived(b"origin", lambda: VALUE) == VALUE
    assert kept.load(b"origin") == VALUE


def test_a_value_that_cannot_be_stored_is_derived_each_time(
    kept: BesideBytecode, tmp_path: Path
) -> None:
    (tmp_path / "__pycache__").write_text("a file instead of the folder")
    for _ in range(2):
        assert kept.derived(b"origin", lambda: VALUE) == VALUE


def test_nothing_is_stored_where_python_stores_no_bytecode(
    kept: BesideBytecode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    kept.store(b"origin", VALUE)
    assert not kept.file.exists()


def test_a_result_is_made_once_for_the_same_categories_and_again_for_equal_ones() -> None:
    asked: list[dict[str, int]] = []

    @remembered
    def slugs(categories: dict[str, int]) -> list[str]:
        asked.append(categories)
        return [*categories]

    one, equal, other = {"motor": 1}, {"motor": 1}, {"style": 2}
    assert slugs(one) is slugs(one)
    assert slugs(equal) == ["motor"]
    assert slugs(other) == ["style"]
    assert slugs(one) == ["motor"]
    assert [*map(id, asked)] == [*map(id, (one, equal, other, one))]
