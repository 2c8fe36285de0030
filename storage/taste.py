"""Tastes as they are kept: one row for each, however many readers share it."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from storage.model import Taste

_FIELDS = ("follows", "muted_categories", "muted_words", "languages")


def to_spec(taste: Taste) -> str:
    """The taste as text: the same text for the same choices, in whatever order they were made."""
    chosen = {name: sorted(getattr(taste, name)) for name in _FIELDS if getattr(taste, name)}
    return json.dumps(chosen, ensure_ascii=False, separators=(",", ":"))


def to_key(spec: str) -> str:
    """The key that a spec is kept under."""
    return hashlib.blake2b(spec.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def from_spec(spec: str) -> Taste:
    """The taste of a spec."""
    chosen: dict[str, list[str]] = json.loads(spec)
    return Taste(**{name: frozenset(values) for name, values in chosen.items()})
