"""How updates come, as Telegram's WebhookInfo has it: what goes wrong there, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from yarl import URL

from bot.doctor.findings import Finding, error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

MANY_UPDATES = 100
LATELY = timedelta(hours=1)
"""How long ago the last failure of a webhook still matters while nothing waits."""


def judge_webhook(info: Mapping[str, Any], ours: str, now: datetime) -> Finding:
    """How updates come, and what went wrong with it.

    Args:
        info: Telegram's WebhookInfo.
        ours: WEBHOOK_URL; empty where updates are fetched.
        now: This moment.
    """
    url = str(info.get("url") or "")
    waiting = int(info.get("pending_update_count") or 0)
    if not url:
        return _no_webhook(waiting, ours)
    # What follows the host may be a secret.
    host = URL(url).host or "?"
    at = int(info.get("last_error_date") or 0)
    failed = datetime.fromtimestamp(at, UTC) if at else None
    why = str(info.get("last_error_message") or "")
    if failed is not None and (waiting or now - failed < LATELY):
        return error(
            "webhook",
            f"Telegram cannot deliver to the webhook at {host}: {why} "
            f"({failed:%d %B %H:%M} UTC, {waiting} updates wait)",
            _mend_webhook(why),
        )
    if not ours:
        return warning(
            "webhook",
            f"updates go to a webhook at {host} ({waiting} wait), and WEBHOOK_URL is empty",
            "if no other program of yours is meant to get them, start `onnews run`: it takes the "
            "webhook away and fetches them",
        )
    if url != ours:
        return error(
            "webhook",
            f"Telegram posts updates to another address, at {host}, than WEBHOOK_URL",
            "stop the other program that serves this bot, and start `onnews run` again: it sets "
            "the webhook",
        )
    return ok("webhook", f"Telegram posts updates to {host}, {waiting} wait")


def _no_webhook(waiting: int, ours: str) -> Finding:
    if ours:
        return warning(
            "webhook",
            f"WEBHOOK_URL is not set at Telegram yet, {waiting} updates wait",
            "`onnews run` sets it",
        )
    if waiting > MANY_UPDATES:
        return warning(
            "webhook",
            f"no webhook is set, and {waiting} updates wait to be fetched",
            "start `onnews run`: it answers what is not older than a day",
        )
    return ok("webhook", "none: updates are fetched")


def _mend_webhook(why: str) -> str:
    """What to do about what Telegram says of a webhook."""
    reason = why.casefold()
    for words, remedy in (
        (
            ("certificate", "ssl"),
            "renew the certificate, and serve its whole chain for the very name in the address",
        ),
        (
            ("refused", "timed out", "timeout", "unreachable"),
            "see that the web server runs, and that Telegram gets in at 443, 80, 88 or 8443",
        ),
        (("resolve", "host"), "correct the name in the address, or its DNS"),
        (("401", "403", "404"), "see that the web server passes that path on to the bot"),
        (("50",), "see that the bot runs behind the web server"),
    ):
        if any(word in reason for word in words):
            return remedy
    return "see the log of the web server at that minute"
