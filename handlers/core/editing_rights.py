"""The question of what the sender of an update may do at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.origin import in_private
from storage.model.desk_model import NO_RIGHTS

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model.desk_model import Rights


async def rights_of(update: Update, context: Context) -> Rights:
    """Return what a person may do at the desk; nothing if the update is from no private chat."""
    user = update.effective_user
    if user is None or not in_private(update):
        return NO_RIGHTS
    return await context.services.desk.rights.of(user.id)
