"""What a text is written in, whatever stands between its letters."""

from __future__ import annotations

import re

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of Chinese, Japanese or Korean."""


def letters(text: str) -> str:
    """Equal for texts that have the same letters and digits, whatever stands between them."""
    return "".join(filter(str.isalnum, text.casefold()))
