"""The checks at Telegram: the token, the bot's rights, the Bot API server, the clock."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import aiohttp
from telegram.error import NetworkError
from yarl import URL

from bot.doctor.findings import Finding, error, ok, warning
from bot.process.logs import redact
from bot.telegram.http_client import FORM
from bot.telegram.telegram_answers import read_answer
from news.fetch.connector import Tunnels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.configuration.settings import Settings

SECONDS = 4.0
"""Seconds that an answer may take."""
WRONG = timedelta(minutes=1)
"""Difference of clocks above which there is a warning."""
FAR_WRONG = timedelta(minutes=30)
"""Difference of clocks above which editions would come at the wrong hour."""
NOT_FOUND = 404
OK = 200
REFUSED = 401
NOBODY = 0
"""A chat id that does not exist: messages to it are checked by the server and not sent."""
MANY_UPDATES = 100
LATELY = timedelta(hours=1)
"""The age up to which the last error of a webhook counts although no updates wait."""
FROM_BOTFATHER = "copy it again from @BotFather, or make a new one there with /revoke"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the Bot API."""

    status: int
    result: Any
    description: str
    date: datetime | None
    """When the answer was given, by the server's clock; None if it does not say."""


class BotApi:
    """A client of the Bot API for checks. It sends each request once and never polls."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.telegram_bot_token
        self._url = settings.telegram_api_url
        self._proxies = settings.telegram_proxies
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        connector = Tunnels(self._proxies, names=True) if self._proxies else aiohttp.TCPConnector()
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=SECONDS),
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def shown(self) -> str:
        """The URL of the server without user and password."""
        return str(URL(self._url).with_user(None))

    async def ask(self, method: str, **parameters: object) -> Reply:
        """Send a request and return the answer.

        Parameters other than texts are sent as JSON. NetworkError means that no answer came, or
        none of Telegram's.
        """
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in parameters.items()
        }
        url = f"{self._url}/bot{self._token}/{method}"
        try:
            async with self._session.post(
                url, data=urlencode(form).encode(), headers={"Content-Type": FORM}
            ) as response:
                status, body = response.status, await response.read()
                date = _date(response.headers.get("Date"))
        except TimeoutError:
            raise NetworkError(f"no answer within {SECONDS:.0f} s") from None
        except aiohttp.ClientConnectorCertificateError as failure:
            why = f"its certificate is not trusted: {failure.certificate_error}"
            raise NetworkError(redact(why, self._token)) from None
        except aiohttp.ClientConnectorError as failure:
            # Without asyncio's text, which names a system call and repeats the address.
            number = failure.os_error.errno
            raise NetworkError(os.strerror(number) if number else "no such host") from None
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            # Without the cause: its text and attributes contain the URL with the token.
            raise NetworkError(redact(f"{failure}", self._token)) from None
        status, body = read_answer(status, body)
        answer: dict[str, Any] = json.loads(body)
        return Reply(status, answer.get("result"), str(answer.get("description", "")), date)


def _date(header: str | None) -> datetime | None:
    try:
        return None if header is None else parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class TelegramFindings:
    """The results of the checks at Telegram.

    `me` is the bot's user, from getMe; empty if Telegram did not answer.
    """

    checks: tuple[Finding, ...]
    me: Mapping[str, Any]


async def look_at_telegram(settings: Settings, clock: Callable[[], datetime]) -> TelegramFindings:
    """Run all checks at Telegram."""
    if not settings.telegram_bot_token:
        missing = error(
            "token",
            "TELEGRAM_BOT_TOKEN is missing",
            "get one from @BotFather with /newbot, and write it into .env",
        )
        return TelegramFindings((missing,), {})
    async with BotApi(settings) as api:
        before = clock()
        try:
            reply = await api.ask("getMe")
        except NetworkError as failure:
            return TelegramFindings((unreached(api.shown, str(failure)),), {})
        checks = [judge_clock(before, clock(), reply.date)]
        if reply.status != OK:
            return TelegramFindings((judge_token(reply, api.shown), *checks), {})
        me: dict[str, Any] = reply.result
        checks = [judge_token(reply, api.shown), *judge_rights(me), *checks]
        questions = (
            _webhook(api, settings, clock),
            _rich_messages(api),
            *_chats(api, settings, me),
        )
        for found in await asyncio.gather(*questions, return_exceptions=True):
            if isinstance(found, NetworkError):
                checks.append(unreached(api.shown, str(found)))
            elif isinstance(found, BaseException):
                raise found
            elif found is not None:
                checks.append(found)
        return TelegramFindings(tuple(checks), me)


def unreached(url: str, why: str) -> Finding:
    """Return an error about a Bot API server that cannot be reached."""
    if "certificate" in why.casefold():
        remedy = "set the clock of this machine, and install ca-certificates"
    else:
        remedy = (
            "see that this machine reaches it (a firewall, DNS), that TELEGRAM_API_URL is right, "
            "or name a proxy in TELEGRAM_PROXY"
        )
    return error("telegram", f"{url} cannot be reached ({why})", remedy)


def judge_token(reply: Reply, url: str) -> Finding:
    """Return a finding about the token, by the answer to getMe."""
    if reply.status == OK:
        name, number = reply.result.get("username"), reply.result.get("id")
        return ok("token", f"@{name}, no. {number}, at {url}")
    if reply.status in {REFUSED, NOT_FOUND}:
        return error("token", "Telegram does not know TELEGRAM_BOT_TOKEN", FROM_BOTFATHER)
    return error(
        "token",
        f"Telegram does not identify the bot ({reply.description})",
        "try again in a minute; if it fails again, see what answers at TELEGRAM_API_URL",
    )


def judge_rights(me: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield findings about the bot's settings at @BotFather: inline mode, groups, topics."""
    name = me.get("username")
    if me.get("supports_inline_queries"):
        yield ok(
            "inline",
            f"@{name} kering works in any chat; with /setinlinefeedback at @BotFather, corrections "
            "also reach the cards that readers sent",
        )
    else:
        yield error(
            "inline",
            "inline mode is off: readers cannot send stories to friends",
            f"write /setinline to @BotFather and choose @{name}",
        )
    if not me.get("can_join_groups"):
        remedy = "if it should be: /setjoingroups in @BotFather"
        yield warning("groups", "the bot cannot be added to groups", remedy)
    elif me.get("can_read_all_group_messages"):
        yield warning(
            "groups",
            "in groups the bot receives every message, and needs only those meant for it",
            "/setprivacy in @BotFather, Enable; then add it to its groups again",
        )
    else:
        yield ok("groups", "it can be added, and receives only messages meant for it")
    if me.get("has_topics_enabled"):
        yield ok("topics", "on in private chats; each topic has its own settings")


def judge_clock(before: datetime, after: datetime, telegram: datetime | None) -> Finding:
    """Return a finding about this machine's clock, compared with the server's.

    `before` and `after` are this machine's times around the request; `telegram` is None if the
    answer does not say.
    """
    if telegram is None:
        return warning(
            "clock", "Telegram's answer has no date to compare with", "see that `date -u` is right"
        )
    # The header has whole seconds.
    slow = telegram - after
    fast = before - telegram - timedelta(seconds=1)
    off = max(slow, fast)
    if off <= WRONG:
        return ok("clock", "right within a minute")
    detail = f"this machine's clock is {_span(off)} {'slow' if slow > fast else 'fast'}"
    remedy = "switch on time synchronisation: timedatectl set-ntp true (of a container: the host's)"
    if off <= FAR_WRONG:
        return warning("clock", detail, remedy)
    return error("clock", f"{detail}: editions come at the wrong time", remedy)


def _span(off: timedelta) -> str:
    minutes = round(off.total_seconds() / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.0f} h"


async def _webhook(
    api: BotApi, settings: Settings, clock: Callable[[], datetime]
) -> Finding | None:
    reply = await api.ask("getWebhookInfo")
    return (
        judge_webhook(reply.result, settings.webhook_url, clock()) if reply.status == OK else None
    )


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


async def _rich_messages(api: BotApi) -> Finding:
    page = {"blocks": [{"type": "paragraph", "text": "."}]}
    reply = await api.ask("sendRichMessage", chat_id=NOBODY, rich_message=page)
    if reply.status == NOT_FOUND:
        return error(
            "front pages",
            "the Bot API server is too old for rich messages, so readers of front pages "
            "get plain editions",
            "update your telegram-bot-api to 10.1 or newer, or use https://api.telegram.org; "
            "then start the bot again",
        )
    return ok("front pages", "the Bot API server knows rich messages")


def _chats(api: BotApi, settings: Settings, me: Mapping[str, Any]) -> list[Any]:
    asked = [_operator(api, number, str(me.get("username"))) for number in settings.admin_ids]
    if settings.pictures_chat is None:
        return asked
    return [*asked, _pictures(api, settings.pictures_chat, int(me.get("id") or 0))]


async def _operator(api: BotApi, number: int, username: str) -> Finding:
    reply = await api.ask("getChat", chat_id=number)
    if reply.status == OK:
        return ok("operators", f"the bot can write to {number}")
    return warning(
        "operators",
        f"the bot cannot write to {number} of ADMIN_IDS ({reply.description})",
        f"have them press Start at https://t.me/{username}",
    )


async def _pictures(api: BotApi, chat: int, bot: int) -> Finding:
    reply = await api.ask("getChatMember", chat_id=chat, user_id=bot)
    if reply.status == OK:
        member: Mapping[str, Any] = reply.result
        status, posts = member.get("status"), member.get("can_post_messages", True)
        if status in {"administrator", "creator", "member"} and posts:
            return ok("pictures", f"the bot can upload them to the chat {chat}")
    return error(
        "pictures",
        f"the bot cannot post to {chat} of PICTURES_CHAT",
        "make it an administrator of that channel who may post messages",
    )
