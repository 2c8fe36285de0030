"""The check of the webhook by Telegram's WebhookInfo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from yarl import URL

from bot.doctor.findings import Finding, error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

MANY_UPDATES = 100
LATELY = timedelta(hours=1)
"""The age up to which the last error of a webhook counts although no updates wait."""


def judge_webhook(info: Mapping[str, Any], ours: str, now: datetime) -> Finding:
    """Return a finding about whether updates arrive, by webhook or by polling."""
    url = str(info.get("url") or "")
    waiting = int(info.get("pending_update_count") or 0)
    if not url:
        return _no_webhook(waiting, ours)
    # Only the host, because the path may be secret.
    host = URL(url).host or "?"
    at = int(info.get("last_error_date") or 0)
    failed = datetime.fromtimestamp(at, UTC) if at else None
    why = str(info.get("last_error_message") or "")
    if failed is not None and (waiting or now - failed < LATELY):
        return error(
            "webhook",
            f"Telegram cannot deliver to the webhook at {host}: {why} "
            f"({failed:%d %B %H:%M} UTC, {waiting} updates are waiting)",
            _mend_webhook(why),
        )
    if not ours:
        return warning(
            "webhook",
            f"updates go to a webhook at {host} ({waiting} waiting), and WEBHOOK_URL is empty",
            "if no other program of yours should receive them, start `onnews run`: it deletes the "
            "webhook and fetches them",
        )
    if url != ours:
        return error(
            "webhook",
            f"Telegram posts updates to another address, at {host}, than WEBHOOK_URL",
            "stop the other program that serves this bot, and start `onnews run` again: it sets "
            "the webhook",
        )
    return ok("webhook", f"Telegram posts updates to {host}, {waiting} waiting")


def _no_webhook(waiting: int, ours: str) -> Finding:
    if ours:
        return warning(
            "webhook",
            f"WEBHOOK_URL is not set at Telegram yet, {waiting} updates are waiting",
            "`onnews run` sets it",
        )
    if waiting > MANY_UPDATES:
        return warning(
            "webhook",
            f"no webhook is set, and {waiting} updates are waiting to be fetched",
            "start `onnews run`: it answers those that are not older than a day",
        )
    return ok("webhook", "none: updates are fetched")


def _mend_webhook(why: str) -> str:
    """Return the remedy for an error that Telegram reports about a webhook."""
    reason = why.casefold()
    for words, remedy in (
        (
            ("certificate", "ssl"),
            "renew the certificate, and serve its whole chain for the host name in WEBHOOK_URL",
        ),
        (
            ("refused", "timed out", "timeout", "unreachable"),
            "see that the web server runs, and that Telegram can reach port 443, 80, 88 or 8443",
        ),
        (("resolve", "host"), "correct the host name in WEBHOOK_URL, or its DNS"),
        (("401", "403", "404"), "see that the web server passes that path on to the bot"),
        (("50",), "see that the bot runs behind the web server"),
    ):
        if any(word in reason for word in words):
            return remedy
    return "see the log of the web server at that minute"
