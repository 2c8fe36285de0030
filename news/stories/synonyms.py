"""Words that headlines use for one another, from `synonyms.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
COUNTED = frozenset(_TABLE["counted"].split())
"""Plurals that stay apart from one of the kind: two soldiers are other news than one."""


def rows(*names: str) -> list[list[str]]:
    """Words of some tables that stand for one another; the first of a row stands for all."""
    lines = "\n".join(_TABLE[name] for name in names).replace("|", "\n").splitlines()
    return [row.split() for row in lines if row.strip()]


CJK_ALIKE = {word: row[0] for row in rows("cjk") for word in row[1:]}
"""Chinese and Japanese words, and what stands for each; particles stand for nothing."""
CJK_ALIKE.update(dict.fromkeys(("正式", *"的了于在がはの"), ""))


def phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Phrases, and the words that stand for each."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _TABLE["phrases"].strip().replace("|\n   ", "| ").splitlines():
        stand_in, _, many = line.partition("=")
        for phrase in many.split("|"):
            found[tuple(phrase.split())] = tuple(stand_in.split())
    return found
