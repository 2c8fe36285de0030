"""Photos and documents."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playground import markup
from playground.methods import content as contents
from playground.methods.messages import send
from playground.refusal import bad_request, violation
from playground.schema import Upload

if TYPE_CHECKING:
    from playground.chats import Body
    from playground.methods.call import Call, Method
    from playground.world import StoredFile

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
MAX_SIDES = 10_000
"""Width and height of a photo together, in pixels."""
_UNKNOWN_SIZE = (1280, 720)
_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURES = (_PNG, b"\xff\xd8\xff", b"GIF8", b"RIFF")


def send_photo(call: Call) -> Body:
    """A picture, with a caption or none."""
    call.world.find(call.params["chat_id"])
    content = contents.caption_content(call.world, call.params, call.notes)
    stored = _stored(call, "photo")
    size = _UNKNOWN_SIZE
    if stored.url is None:
        if len(stored.data) > MAX_PHOTO_BYTES:
            raise violation("file is too big")
        if not stored.data.startswith(_PICTURES):
            raise violation("IMAGE_PROCESS_FAILED")
        size = _size(stored.data)
    if sum(size) > MAX_SIDES or max(size) > 20 * min(size):
        raise violation("PHOTO_INVALID_DIMENSIONS")
    width, height = size
    content.body["photo"] = [_file_shape(stored) | {"width": width, "height": height}]
    if call.get("show_caption_above_media"):
        content.body["show_caption_above_media"] = True
    return send(call, content)


def send_document(call: Call) -> Body:
    """A file, with a caption or none."""
    call.world.find(call.params["chat_id"])
    content = contents.caption_content(call.world, call.params, call.notes)
    stored = _stored(call, "document")
    if len(stored.data) > MAX_DOCUMENT_BYTES:
        raise violation("file is too big")
    if stored.url is None and not stored.data:
        raise violation("file must be non-empty")
    content.body["document"] = _file_shape(stored) | {
        "file_name": stored.name,
        "mime_type": stored.content_type,
    }
    return send(call, content)


def get_file(call: Call) -> Body:
    """Where a file can be fetched."""
    stored = call.world.files.get(call.params["file_id"])
    if stored is None:
        raise bad_request("invalid file_id")
    return _file_shape(stored) | {"file_path": stored.path}


def _stored(call: Call, name: str) -> StoredFile:
    """The file that a call uploads, or names by its id or address."""
    given = call.params[name]
    if isinstance(given, str) and given.startswith("attach://"):
        given = call.params.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        return call.world.keep_file(given.filename or "file", given.content_type, given.data)
    if not given:
        raise violation(f"there is no {name} in the request")
    known = call.world.files.get(given)
    if known is not None:
        return known
    if "://" in given and markup.link(given) is not None:
        filename = urlsplit(given).path.rpartition("/")[2] or "file"
        stored = call.world.keep_file(filename, "application/octet-stream", b"")
        stored.url = given
        return stored
    raise violation("wrong remote file identifier specified: Wrong string length")


def _file_shape(stored: StoredFile) -> Body:
    return {
        "file_id": stored.id,
        "file_unique_id": f"U{stored.id}",
        "file_size": len(stored.data),
    }


def _size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG; other pictures are taken to be of a usual size."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return _UNKNOWN_SIZE


METHODS: dict[str, Method] = {
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "getFile": get_file,
}
