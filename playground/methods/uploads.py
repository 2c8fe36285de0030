"""Files that a call brings, or names by what it was given for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playground.checks import markup
from playground.checks.refusal import bad_request, violation
from playground.checks.schema import Upload
from playground.world import images

if TYPE_CHECKING:
    from playground.methods.call import Call
    from playground.world.chats import Body
    from playground.world.world import StoredFile

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_SIDES = 10_000
"""Width and height of a photo together, in pixels."""
MAX_RATIO = 20
"""Of the longer side of a photo to the shorter."""
_UNKNOWN_SIZE = (1280, 720)
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{30,}")


def photo(call: Call, picture: object) -> StoredFile:
    """The picture that a call uploads, or names by its id or address.

    Raises:
        ApiError: there is none, it is no picture, or of a size that Telegram does not take.
    """
    found = given(call, picture, "photo")
    if not isinstance(found, Upload):
        return found
    if len(found.data) > MAX_PHOTO_BYTES:
        raise violation("file is too big")
    size = images.dimensions(found.data)
    if size is None:
        raise violation("IMAGE_PROCESS_FAILED")
    if sum(size) > MAX_SIDES or min(size) < 1 or max(size) > MAX_RATIO * min(size):
        raise violation("PHOTO_INVALID_DIMENSIONS")
    return call.world.keep_file(
        found.filename or "file", found.content_type, found.data, kind="photo", size=size
    )


def photo_sizes(stored: StoredFile) -> list[Body]:
    """Telegram's PhotoSizes of a picture, each with an id of its own, the largest last."""
    if stored.size is None:
        width, height = _UNKNOWN_SIZE
        return [file_shape(stored) | {"width": width, "height": height}]
    return [
        {
            "file_id": stored.id + letter,
            "file_unique_id": stored.unique_id + letter,
            "file_size": len(stored.data),
            "width": width,
            "height": height,
        }
        for letter, width, height in images.kept(stored.size)
    ]


def given(call: Call, named: object, kind: str) -> StoredFile | Upload:
    """What a call names: a file that came with it, one that is known, or one on the web.

    Raises:
        ApiError: it names none, or one that this bot has not got.
    """
    if isinstance(named, str) and named.startswith("attach://"):
        named = call.params.get(named.removeprefix("attach://"))
    if isinstance(named, Upload):
        return named
    if not isinstance(named, str) or not named:
        raise violation(f"there is no {kind} in the request")
    known = call.world.files.get(named)
    if known is not None:
        if known.kind != kind:
            raise violation(
                f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}"
            )
        return known
    if "://" in named and markup.link(named) is not None:
        filename = urlsplit(named).path.rpartition("/")[2] or "file"
        stored = call.world.keep_file(filename, "application/octet-stream", b"", kind=kind)
        stored.url = named
        return stored
    if _FILE_ID.fullmatch(named):
        # An id of another bot's: it may stand in an archive that was moved to a new token.
        raise bad_request("wrong file identifier/HTTP URL specified")
    raise violation("wrong remote file identifier specified: Wrong string length")


def file_shape(stored: StoredFile) -> Body:
    """What Telegram's objects of all kinds of files have in common."""
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
    }
