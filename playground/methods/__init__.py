"""The Bot API methods that the playground implements, one module per subject."""

from __future__ import annotations

from playground.methods import answers, files, membership, messages, profile, receiving
from playground.methods.call import Call, Method

METHODS: dict[str, Method] = {
    **receiving.METHODS,
    **messages.METHODS,
    **files.METHODS,
    **answers.METHODS,
    **membership.METHODS,
    **profile.METHODS,
}

__all__ = ["METHODS", "Call", "Method"]
