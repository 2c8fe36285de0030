"""How well the sender of an update is known, which decides the order of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.pacing.standing import Standing
from handlers.core.origin import in_private

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.services.services import Services


def standing_of(update: Update, services: Services) -> Standing:
    """Return how well the person who wrote or tapped is known in that chat."""
    user, chat, now = update.effective_user, update.effective_chat, services.clock()
    admissions, known = services.admissions, services.known_chats
    person = Standing.STRANGER
    if user is not None:
        if user.id in services.admins:
            return Standing.OPERATOR
        if admissions.is_banned(user.id):
            return Standing.STRANGER
        person = known.standing(user.id, now)
        if admissions.names(user.id):
            person = Standing.KNOWN
    if chat is None or in_private(update):
        is_let_in = user is not None and admissions.permits(user.id)
        return person if is_let_in else Standing.STRANGER
    if not admissions.permits(chat.id):
        return Standing.STRANGER
    is_known = admissions.names(chat.id) or known.standing(chat.id, now) < Standing.STRANGER
    # Most members of a group have never written to the bot in private.
    return min(person, Standing.NEW if is_known else Standing.STRANGER)
