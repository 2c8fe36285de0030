"""A body's bytes as they come, decompressed in small pieces and never past a bound."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 256 * 1024
"""Bytes that one step may yield: about a millisecond of work."""
MEMBERS = 1_000
"""Of one gzip body at most: of empty ones, millions fit in, and each costs time."""
_GZIP = b"\x1f\x8b"


class InflateError(Exception):
    """A body that cannot be taken; `reason` is `too large`, `bad compression` or `encoding`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Inflater:
    """Takes chunks, gives pieces.

    A body that is gzip without saying so (`sitemap.xml.gz`) is decompressed, also where its server
    has compressed it once more; one that says gzip and is not is taken as it is.

    Args:
        encoding: The Content-Encoding header.
        limit: Bytes that may come, and bytes that may come out.
        depth: How many times it may be compressed.
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
        """The pieces that `chunk` completes.

        Raises:
            InflateError: More than the limit came or would come out, or it is not what it says.
        """
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes")
        chunk, self._held = self._held + chunk, b""
        while chunk and not (self._plain or self._over):
            if self._stream is None or self._stream.eof:
                # Two bytes tell gzip, at the start and of another member; a chunk of one waits.
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
        """What was held back. A compressed body that ends early is taken as far as it goes."""
        if self._stream is None:
            yield self._held
        elif self._inner is not None:
            yield from self._inner.finish()

    @property
    def whole(self) -> bool:
        """Whether nothing was missing at the end."""
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
            # Garbage after the end is dropped, as gzip itself does.
            self._over = True
        elif self._names == ["deflate"]:
            # Both readings of the standard are found: with zlib's header and without.
            wrapped = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        else:
            self._plain = True

    def _count(self, piece: bytes) -> None:
        self._given += len(piece)
        if self._given > self._limit:
            raise InflateError("too large", f"more than {self._limit} bytes once decompressed")
