"""The way to Telegram: python-telegram-bot's requests over one aiohttp session.

python-telegram-bot's own transport sends about 400 messages a second on one core; this one sends
several thousand, and most of an edition's body is built once for all who get the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.logs import redact

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

    from digest.prepared import Prepared

FORM = "application/x-www-form-urlencoded"
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 20.0
CONNECTIONS = 256


@dataclass(frozen=True, slots=True)
class RawForm:
    """A request's body that is ready to be sent, in the place of a `RequestData`."""

    body: bytes
    contains_files: bool = False


class AiohttpRequest(BaseRequest):
    """One session for everything that the bot asks of Telegram.

    Errors carry neither the token nor the address that holds it. A connection that failed before
    the request was sent is a `NetworkError`; a `TimedOut` may have been delivered all the same.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer; long polling adds its own time to it."""
        return READ_TIMEOUT

    async def initialize(self) -> None:
        """Open the session; python-telegram-bot may ask for it twice."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close the session."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def do_request(  # noqa: PLR0917  # the signature is python-telegram-bot's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # as above
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # as above
    ) -> tuple[int, bytes]:
        """Send one request.

        Returns:
            The HTTP status and the body of the answer.

        Raises:
            TimedOut: No answer in time; the request may have been carried out.
            NetworkError: No connection, or it was cut.
        """
        if self._session is None:
            raise NetworkError("the transport is not open")
        read = READ_TIMEOUT if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        connect = (
            CONNECT_TIMEOUT if connect_timeout is BaseRequest.DEFAULT_NONE else connect_timeout
        )
        timeout = aiohttp.ClientTimeout(
            sock_connect=cast("float | None", connect), sock_read=cast("float | None", read)
        )
        data, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=timeout
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                raise NetworkError("Telegram could not be reached in time") from None
            raise TimedOut from None
        except aiohttp.ClientError as error:
            # Without the cause: its text and its attributes hold the address, and so the token.
            text = redact(f"{type(error).__name__}: {error}", self._token)
            raise NetworkError(text) from None

    async def post_form(self, url: str, body: bytes) -> Any:  # noqa: ANN401  # Telegram's JSON
        """Post a ready form and give Telegram's result.

        Raises:
            TelegramError: As python-telegram-bot raises it for the same answer.
        """
        return await self.post(url, request_data=cast("RequestData", RawForm(body)))


def _body(data: RequestData | RawForm | None) -> tuple[Any, dict[str, str] | None]:
    """The body of a request and its headers.

    A form rather than JSON: every server that speaks the Bot API takes one.
    """
    if data is None:
        return None, None
    if isinstance(data, RawForm):
        return data.body, {"Content-Type": FORM}
    if not data.contains_files:
        return urlencode(data.json_parameters).encode(), {"Content-Type": FORM}
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, None


class TelegramOutbox:
    """Posts ready messages for the sender, on the same session as everything else.

    Args:
        request: The transport of the application.
        base_url: The Bot API's address up to and with the token.
    """

    def __init__(self, request: AiohttpRequest, base_url: str) -> None:
        self._request = request
        self._url = f"{base_url}/sendMessage"

    async def send(self, chat_id: int, thread_id: int, payload: Prepared) -> int:
        """Send a prepared message to one chat.

        Returns:
            The id that Telegram gave the message.

        Raises:
            TelegramError: As python-telegram-bot raises it for the same answer.
        """
        thread = f"&message_thread_id={thread_id}" if thread_id else ""
        sent = await self._request.post_form(
            self._url, b"%b&chat_id=%d%b" % (payload.body, chat_id, thread.encode())
        )
        return int(sent["message_id"])
