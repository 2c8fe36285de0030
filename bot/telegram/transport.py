"""The transport to Telegram: python-telegram-bot's requests, and the sender's prepared messages.

python-telegram-bot's own transport sends about 400 messages a second on one core. Prepared editions
leave at several thousand a second. Answers use the same client: during a fan-out each turn of the
event loop that a request saves is a millisecond less.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from telegram.error import InvalidToken, NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.http_client import FORM, READ_TIMEOUT, HttpClient
from bot.telegram.telegram_answers import SERVER_ERROR, LastHeard, result_of
from digest.making.request_body import SEND_PHOTO, SEND_RICH, quoted
from digest.pacing.current_answer import waiting_for_others
from digest.pacing.telegram_errors import CutError, UnknownMethodError, UnreachableError
from storage.serving.lease import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telegram._utils.types import ODVInput

    from digest.making.request_body import RequestBody
    from handlers.updates.update_queue import UpdateQueue
    from news.fetch.proxy import Proxies

log = logging.getLogger(__name__)

LONGEST_UPDATES = 1 << 25
"""Bytes of an answer to polling: a hundred updates, each with up to two messages of 150 kB."""
PARTS = "multipart/form-data"
_SENT = re.compile(rb'\{"ok": ?true, ?"result": ?\{"message_id": ?(\d+)[,}]')
_DONE = re.compile(rb'\{"ok": ?true[,}]')
OK = 200
NOT_FOUND = 404
REFUSED = frozenset({401, 404})
PAUSES = (0.5, 2.0)
"""Seconds before the second and third attempt of a request that Telegram dropped."""


class TelegramRequest(BaseRequest):
    """The transport of python-telegram-bot's requests; it downloads no files.

    Errors contain neither the token nor the URL with it. A connection that failed before the
    request was sent raises `NetworkError`. A request that raised `TimedOut` may have been carried
    out.

    A handler's request is repeated after each of the `pauses`, in seconds, if Telegram answers with
    5xx or the connection is cut, because an answer that comes twice does less harm than none.
    Polling and the sender follow their own rules. `updates` stores what waits before each poll, and
    learns that updates were fetched.
    """

    def __init__(
        self,
        *,
        pauses: Sequence[float] = PAUSES,
        proxies: Proxies | None = None,
        permit: Callable[[], Awaitable[None]] | None = None,
        heard: LastHeard | None = None,
        updates: UpdateQueue | None = None,
    ) -> None:
        self._proxies = proxies
        self._permit = permit
        self._pauses = pauses
        self.heard = heard or LastHeard()
        """When Telegram last answered."""
        self._updates = updates
        self._is_open = False
        self._http_clients: dict[str, HttpClient] = {}
        self._boundary = secrets.token_hex(16)
        """What separates the parts of a form with files."""
        self.refused = asyncio.Event()
        """Set when Telegram no longer knows the token; python-telegram-bot then stops polling."""
        self.polled: float | None = None
        """When Telegram last answered a poll, in seconds of `time.monotonic`; None before."""

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer; long polling adds its own time."""
        return READ_TIMEOUT

    async def initialize(self) -> None:
        """Let requests be sent; python-telegram-bot may call this twice."""
        self._is_open = True

    async def shutdown(self) -> None:
        """Close all connections."""
        self._is_open = False
        http_clients, self._http_clients = self._http_clients, {}
        for each in http_clients.values():
            await each.close()

    async def do_request(  # noqa: PLR0917  # the signature is python-telegram-bot's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # as above
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # as above
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # as above
    ) -> tuple[int, bytes]:
        """Send a request, and repeat it after a failure unless it polls.

        Return the HTTP status and the body of the answer.

        Raises:
            TimedOut: No answer in time. The request may have been carried out.
            UnreachableError: No connection at any attempt; nothing was sent.
            NetworkError: The connection was cut, or the answer is not Telegram's. Also raised if
                another process now serves the archive; then nothing was sent.
        """
        if not self._is_open:
            raise NetworkError("the transport is not open")
        if method != "POST":
            raise NotImplementedError(method)
        within = _seconds(read_timeout, READ_TIMEOUT)
        polling = url.endswith("/getUpdates")
        if polling and not await self._may_poll(request_data):
            return OK, b'{"ok":true,"result":[]}'
        with waiting_for_others():
            status, body = await self._sent_at_last(
                url, request_data, within, () if polling else self._pauses
            )
        if polling and status in REFUSED:
            self.refused.set()
        if polling and status == OK:
            self.polled = time.monotonic()
            if self._updates is not None and b'"update_id"' in body:
                self._updates.fetched()
        return status, body

    async def _sent_at_last(
        self,
        url: str,
        data: RequestData | None,
        within: float | None,
        pauses: Sequence[float],
    ) -> tuple[int, bytes]:
        is_unsent = True
        for pause in pauses:
            try:
                status, body = await self._send(url, data, within)
                why = f"status {status}"
            except TimedOut:
                raise
            except NetworkError as error:
                status, why = 0, str(error)
                is_unsent = is_unsent and isinstance(error, UnreachableError)
            else:
                is_unsent = False
            if 0 < status < SERVER_ERROR:
                return status, body
            log.debug("a request failed (%s) and is sent again", why)
            await asyncio.sleep(pause)
        try:
            return await self._send(url, data, within)
        except UnreachableError as error:
            if is_unsent:
                raise
            raise CutError(str(error)) from None

    async def _may_poll(self, request_data: RequestData | None) -> bool:
        """Return whether the bot may poll, which makes Telegram forget the last updates.

        The waiting updates are stored first. At its end python-telegram-bot polls once more,
        without a timeout. If another process serves by then, that poll is skipped, so that the
        other process gets these updates. An earlier poll waits here until it is cancelled by the
        stop that follows; an error would be logged by asyncio with a traceback.
        """
        try:
            await self._may_ask()
        except NetworkError:
            if request_data is not None and not request_data.parameters.get("timeout"):
                return False
            await asyncio.Event().wait()
        if self._updates is not None:
            await self._updates.write_down()
        return True

    async def _may_ask(self) -> None:
        """Wait until this process may send; NetworkError if another one now serves."""
        if self._permit is not None:
            try:
                await self._permit()
            except LeaseLostError as error:
                raise NetworkError(str(error)) from error

    async def _send(
        self, url: str, data: RequestData | None, within: float | None
    ) -> tuple[int, bytes]:
        """Send a request once; return Telegram's own status and body (`read_answer`)."""
        where, _, name = url.rpartition("/")
        http_client = self._http_clients.get(where)
        if http_client is None:
            http_client = self._http_clients[where] = HttpClient(
                where, proxies=self._proxies, permit=self._may_ask, longest=LONGEST_UPDATES
            )
        if data is not None and data.contains_files:
            body, kind = _parts(data, self._boundary), f"{PARTS}; boundary={self._boundary}"
        else:
            body, kind = _form(data), FORM
        answer = await http_client.post(body, f"/{name}", read_timeout=within, content_type=kind)
        return self.heard.read(*answer)


def _seconds(asked: ODVInput[float], default: float) -> float | None:
    return default if asked is BaseRequest.DEFAULT_NONE else cast("float | None", asked)


def _form(data: RequestData | None) -> bytes:
    """Return a request's parameters as a URL-encoded form, which every Bot API server accepts."""
    return b"" if data is None else urlencode(data.json_parameters).encode()


def _parts(data: RequestData, boundary: str) -> bytes:
    """Return a request's parameters and files as a multipart form."""
    parts = [(f'name="{name}"', value.encode()) for name, value in data.json_parameters.items()]
    for name, (filename, content, mime) in data.multipart_data.items():
        quoted_name = filename.replace('"', "%22")
        head = f'name="{name}"; filename="{quoted_name}"\r\nContent-Type: {mime}'
        parts.append((head, cast("bytes", content)))
    pieces = [
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n"
        % (boundary.encode(), head.encode(), content)
        for head, content in parts
    ]
    return b"".join([*pieces, b"--%b--\r\n" % boundary.encode()])


class TelegramOutbox:
    """The transport of the sender's prepared messages."""

    def __init__(
        self,
        base_url: str,
        *,
        proxies: Proxies | None = None,
        permit: Callable[[], Awaitable[None]] | None = None,
        heard: LastHeard | None = None,
    ) -> None:
        self._heard = heard or LastHeard()
        self._http_client = HttpClient(base_url, proxies=proxies, permit=permit)

    async def send(self, chat_id: int, thread_id: int, payload: RequestBody) -> int:
        """Send a prepared message, and return its id; a `thread_id` of 0 stands for no topic.

        It raises UnknownMethodError if the server does not know the method, or the bot, and for any
        other error the TelegramError of python-telegram-bot.
        """
        body = b"%b&chat_id=%d" % (payload.body, chat_id)
        if payload.photo:
            body += b"&photo=%b" % payload.photo
        if thread_id:
            body += b"&message_thread_id=%d" % thread_id
        status, answer = await self._http_client.post(body, f"/{payload.method}")
        # Only the message id is needed, which Telegram puts first. A regular expression is much
        # faster than parsing the JSON; answers of another shape are parsed below.
        sent = _SENT.match(answer) if status == OK else None
        if sent is not None:
            self._heard.now()
            return int(sent[1])
        status, answer = self._heard.read(status, answer)
        if status == NOT_FOUND and payload.method == SEND_RICH:
            raise UnknownMethodError("Not Found")
        return int((await result_of(status, answer))["message_id"])

    async def edit(self, chat_id: int, message_id: int, payload: RequestBody) -> None:
        """Replace the content of a message by that of a prepared one, or raise a TelegramError."""
        body = b"%b&chat_id=%d&message_id=%d" % (payload.body, chat_id, message_id)
        await self._edit(payload.method, body)

    async def edit_inline(self, inline_message_id: str, payload: RequestBody) -> None:
        """Replace the content of a message that was sent by inline mode; see `edit`."""
        quoted_id = quoted(inline_message_id)
        body = b"%b&inline_message_id=%b" % (payload.body, quoted_id)
        await self._edit(payload.method, body)

    async def _edit(self, sent_by: str, body: bytes) -> None:
        edits = "editMessageCaption" if sent_by == SEND_PHOTO else "editMessageText"
        status, answer = await self._http_client.post(body, f"/{edits}")
        if status == OK and _DONE.match(answer):
            self._heard.now()
            return
        await result_of(*self._heard.read(status, answer))

    async def knows_bot(self) -> bool:
        """Return whether Telegram knows the token, or raise a TelegramError."""
        try:
            await result_of(*self._heard.read(*await self._http_client.post(b"", "/getMe")))
        except InvalidToken:
            return False
        return True

    async def close(self) -> None:
        """Close the connections to Telegram."""
        await self._http_client.close()
