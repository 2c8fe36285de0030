"""The check of the model server: one headline is translated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.doctor.findings import Finding, error, ok, warning
from news.translation.model_server import ModelError

if TYPE_CHECKING:
    from news.translation.model_server import ModelServer

NAME = "model"
HEADLINE = "Prada compra Versace per 1,25 miliardi di euro"
NAMES = ("Prada", "Versace", "1.25")
"""What a translation of the headline into English has."""
SLOW = 30.0
"""Seconds after which one headline took long: ten are asked for at once."""


async def look_at_model(model: ModelServer) -> list[Finding]:
    """Have one headline translated, which costs about 200 tokens."""
    began = time.monotonic()
    try:
        answer = await model.translate([HEADLINE], "en")
    except ModelError as failure:
        return [
            error(NAME, f"no translation: {failure.reason}", _REMEDIES.get(failure.reason, _LOOK))
        ]
    seconds = time.monotonic() - began
    line = answer.lines[0] if answer.lines else ""
    if not all(name in line for name in NAMES):
        return [
            warning(
                NAME,
                f"{model.name} did not translate one headline as asked (in {seconds:.1f} s)",
                "name another model in MODEL_NAME: one that follows instructions and answers "
                "without showing its reasoning",
            )
        ]
    detail = f"{model.name} translated one headline in {seconds:.1f} s, for {answer.tokens} tokens"
    if seconds > SLOW:
        return [warning(NAME, detail, "a smaller model, or a faster machine, may keep up better")]
    return [ok(NAME, detail)]


_LOOK = "see that MODEL_URL is right and that its server runs"
_REMEDIES = {
    "http 401": "correct MODEL_KEY",
    "http 403": "correct MODEL_KEY, or ask the provider what it allows",
    "http 404": "correct MODEL_URL (most end in /v1) and MODEL_NAME",
    "http 429": "wait, or ask the provider for a higher limit",
}
