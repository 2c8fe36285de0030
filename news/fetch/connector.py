"""aiohttp connector for proxies that keeps the check of resolved addresses."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import ResolveResult

from news.fetch.proxy import tunnel

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

    from news.fetch.proxy import Proxies

_PROXIED: ContextVar[bool] = ContextVar("_PROXIED", default=False)
_UNKNOWN = "0.0.0.0"  # noqa: S104  # a placeholder for an address that only the proxy knows


class Tunnels(aiohttp.TCPConnector):
    """A connector that reaches some addresses through proxies.

    Host names are resolved here, and the proxy gets the resolved address, so that a guard in the
    resolver applies. With `names`, the proxy resolves them.
    """

    def __init__(self, proxies: Proxies, *, names: bool = False, **options: Any) -> None:  # noqa: ANN401
        if names:
            options = {**options, "resolver": _NoResolver(), "use_dns_cache": False}
        super().__init__(**options)
        self._proxies = proxies
        self._names = names

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109  # as in aiohttp
    ) -> Connection:
        """Return a connection for a request."""
        token = _PROXIED.set(self._proxies.of(req.url) is not None)
        try:
            return await super().connect(req, traces, timeout)
        finally:
            _PROXIED.reset(token)

    async def _wrap_create_connection(
        self,
        *args: Any,  # noqa: ANN401  # as in the base class
        addr_infos: list[Any],
        req: ClientRequest,
        timeout: ClientTimeout,  # noqa: ASYNC109  # as in aiohttp
        client_error: type[Exception] = aiohttp.ClientConnectorError,
        **kwargs: Any,  # noqa: ANN401  # as in the base class
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        proxy = self._proxies.of(req.url)
        if proxy is None:
            return await super()._wrap_create_connection(
                *args,
                addr_infos=addr_infos,
                req=req,
                timeout=timeout,
                client_error=client_error,
                **kwargs,
            )
        address = addr_infos[0][4]
        host = req.url.host if self._names and req.url.host else address[0]
        try:
            async with asyncio.timeout(timeout.sock_connect):
                sock = await tunnel(proxy, host, address[1])
                return await asyncio.get_running_loop().create_connection(
                    *args, **kwargs, sock=sock
                )
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise client_error(req.connection_key, error) from error


class _NoResolver(aiohttp.ThreadedResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve the host, or return a placeholder if the proxy will."""
        if not _PROXIED.get():
            return await super().resolve(host, port, family)
        return [
            ResolveResult(
                hostname=host, host=_UNKNOWN, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]
