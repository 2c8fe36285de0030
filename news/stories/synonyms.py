"""Synonyms in headlines, from `synonyms.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
COUNTED = frozenset(_TABLE["counted"].split())
"""Plurals that are not reduced to the singular: two soldiers are other news than one."""


def rows(*names: str) -> list[list[str]]:
    """Return rows of synonyms from some tables; the first word of a row replaces the others."""
    lines = "\n".join(_TABLE[name] for name in names).replace("|", "\n").splitlines()
    return [row.split() for row in lines if row.strip()]


CJK_ALIKE = {word: row[0] for row in rows("cjk") for word in row[1:]}
"""Chinese or Japanese word → its replacement; particles are removed."""
CJK_ALIKE.update(dict.fromkeys(("正式", *"的了于在がはの"), ""))


def phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a phrase → the words that replace them."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _TABLE["phrases"].strip().replace("|\n   ", "| ").splitlines():
        stand_in, _, many = line.partition("=")
        for phrase in many.split("|"):
            found[tuple(phrase.split())] = tuple(stand_in.split())
    return found
