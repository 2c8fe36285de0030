"""Decompression of a body as it arrives, in small pieces and within a limit."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 256 * 1024
"""Most bytes that one step yields, about a millisecond of work."""
MEMBERS = 1_000
"""Most gzip members in a body. Millions of empty ones would fit, and each costs time."""
_GZIP = b"\x1f\x8b"


class InflateError(Exception):
    """A body cannot be decompressed; `reason` is `too large`, `bad compression` or `encoding`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Inflater:
    """Decompress a body in chunks. A body wrongly labelled gzip passes through.

    A gzip file without a label (`sitemap.xml.gz`) is decompressed too, even if the server
    compressed it again. `limit` holds for the bytes of input and of output, `depth` for layers.
    """

    def __init__(self, encoding: str, limit: int, *, depth: int = 2) -> None:
        names = [part.strip().lower() for part in encoding.split(",")]
        self._names = [one for one in names if one not in {"", "identity", "none", "utf-8"}]
        self._limit = limit
        self._taken = self._given = self._members = 0
        self._held = b""
        self._stream: zlib._Decompress | None = None
        self._plain = self._over = False
        self._inner = Inflater("", limit, depth=depth - 1) if depth > 1 else None
        if len(self._names) > 1 or not {"gzip", "x-gzip", "deflate"}.issuperset(self._names):
            raise InflateError(
                "encoding", f"compressed as {encoding[:60]}, which was not asked for"
            )

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decompressed pieces of a chunk. InflateError: above the limit, or invalid."""
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes")
        chunk, self._held = self._held + chunk, b""
        while chunk and not (self._plain or self._over):
            if self._stream is None or self._stream.eof:
                # Two bytes identify gzip, at the start and at each further member, so hold back one
                # byte.
                if len(chunk) < len(_GZIP):
                    self._held = chunk
                    return
                self._begin(chunk)
                continue
            try:
                piece = self._stream.decompress(chunk, PIECE)
            except zlib.error as error:
                raise InflateError("bad compression", str(error)) from None
            chunk = self._stream.unused_data or self._stream.unconsumed_tail
            self._count(piece)
            yield from self._inner.feed(piece) if self._inner is not None else (piece,)
        if self._plain:
            self._count(chunk)
            yield chunk

    def finish(self) -> Iterator[bytes]:
        """Yield bytes that were held back. A truncated body is not an error; see `whole`."""
        if self._stream is None:
            yield self._held
        elif self._inner is not None:
            yield from self._inner.finish()

    @property
    def whole(self) -> bool:
        """Whether the body was complete."""
        if self._stream is None:
            return True
        return self._stream.eof and (self._inner is None or self._inner.whole)

    def _begin(self, start: bytes) -> None:
        if start.startswith(_GZIP):
            self._members += 1
            if self._members > MEMBERS:
                raise InflateError("bad compression", f"more than {MEMBERS} pieces")
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif self._stream is not None:
            # Drop garbage after the end, as gzip does.
            self._over = True
        elif self._names == ["deflate"]:
            # Servers read the standard in two ways: with zlib's header and without.
            wrapped = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        else:
            self._plain = True

    def _count(self, piece: bytes) -> None:
        self._given += len(piece)
        if self._given > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes once decompressed")
