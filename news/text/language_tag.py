"""Language tags, as documents write them."""

from __future__ import annotations

import re


def code(text: str | None) -> str | None:
    """A language tag such as `en-GB` or `zh_Hans` as two letters; None for what is none."""
    found = re.match(r"\s*([A-Za-z]{2})(?:[-_].*|\s*)$", text or "")
    return found[1].lower() if found else None
