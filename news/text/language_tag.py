"""Language tags as documents write them."""

from __future__ import annotations

import re

_LONGEST = 100
_TAG = re.compile(r"\s*([A-Za-z]{2})(?:[-_].*|\s*)$")


def code(text: str | None) -> str | None:
    """Return the two letters of a language tag such as `en-GB` or `zh_Hans`, or None."""
    found = _TAG.match((text or "")[:_LONGEST])
    return found[1].lower() if found else None
