"""Files that a call uploads, or names by id or address."""

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
"""Maximum number of pixels of a photo's width and height together."""
MAX_RATIO = 20
"""Greatest ratio of a photo's longer side to the shorter."""
_UNKNOWN_SIZE = (1280, 720)
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{30,}")


def photo(call: Call, picture: object) -> StoredFile:
    """Return the picture that a call uploads, or names by its id or address.

    Raises:
        ApiError: There is no picture, or Telegram refuses its format or size.
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
    """Return Telegram's PhotoSizes of a picture, each with its own id, the largest last."""
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
    """Return the file that a call names: an upload, a stored file, or a file on the web.

    Raises:
        ApiError: The call names no file, or one that this bot does not have.
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
        # Another bot's file id, such as one in an archive that was moved to a new token.
        raise bad_request("wrong file identifier/HTTP URL specified")
    raise violation("wrong remote file identifier specified: Wrong string length")


def file_shape(stored: StoredFile) -> Body:
    """Return the fields that Telegram's objects of all kinds of files share."""
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
    }
