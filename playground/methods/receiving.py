"""The bot's identity, and how it receives updates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playground.checks.refusal import violation

if TYPE_CHECKING:
    from playground.methods.call import Call, Method
    from playground.world.chats import Body

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def get_me(call: Call) -> Body:
    """Return the bot's own User object."""
    world = call.world
    return world.bot.shape() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": world.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(call: Call) -> list[Body]:
    """Return the next updates, by long polling."""
    limit = call.get("limit")
    call.world.updates.allow(call.get("allowed_updates"))
    return await call.world.updates.get(
        offset=call.get("offset") or 0,
        limit=min(max(limit if limit is not None else 100, 1), 100),
        timeout_seconds=min(max(call.get("timeout") or 0, 0), 50),
    )


async def set_webhook(call: Call) -> bool:
    """Post updates to an address. Unlike Telegram, this accepts plain http on this machine."""
    url = call.params["url"]
    if not url:
        return await delete_webhook(call)
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise violation("bad webhook: An HTTPS URL must be provided for webhook")
    secret = call.get("secret_token")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise violation("secret token contains unallowed characters")
    connections = call.get("max_connections")
    if connections is not None and not 1 <= connections <= 100:
        raise violation("max_connections must be from 1 to 100")
    call.world.updates.allow(call.get("allowed_updates"))
    if call.get("drop_pending_updates"):
        call.world.updates.forget()
    await call.world.updates.set_webhook(url, secret, connections or 40)
    return True


async def delete_webhook(call: Call) -> bool:
    """Stop posting updates and keep them for getUpdates."""
    if call.get("drop_pending_updates"):
        call.world.updates.forget()
    await call.world.updates.remove_webhook()
    return True


def get_webhook_info(call: Call) -> Body:
    """Return the webhook's address and its last error."""
    updates = call.world.updates
    webhook = updates.webhook
    info: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": updates.waiting,
    }
    if webhook:
        info["max_connections"] = webhook.max_connections
        if webhook.error is not None:
            info |= {
                "last_error_date": webhook.error_date,
                "last_error_message": webhook.error,
            }
    return info


def log_out(_call: Call) -> bool:
    """Accept the bot's leave of the server; there is nothing to release."""
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": log_out,
}
