"""Sending of photos and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.checks.refusal import bad_request, violation
from playground.checks.schema import Upload
from playground.methods.content import caption_content
from playground.methods.messages import send
from playground.methods.uploads import file_shape, given, photo, photo_sizes

if TYPE_CHECKING:
    from playground.methods.call import Call, Method
    from playground.world.chats import Body

MAX_DOCUMENT_BYTES = 50 * 1024 * 1024


def send_photo(call: Call) -> Body:
    """Send a picture, with or without a caption."""
    call.world.find(call.params["chat_id"])
    content = caption_content(call.world, call.params, call.notes)
    content.body["photo"] = photo_sizes(photo(call, call.params["photo"]))
    if call.get("show_caption_above_media"):
        content.body["show_caption_above_media"] = True
    return send(call, content)


def send_document(call: Call) -> Body:
    """Send a file, with or without a caption."""
    call.world.find(call.params["chat_id"])
    content = caption_content(call.world, call.params, call.notes)
    found = given(call, call.params["document"], "document")
    if isinstance(found, Upload):
        if not found.data:
            raise violation("file must be non-empty")
        if len(found.data) > MAX_DOCUMENT_BYTES:
            raise violation("file is too big")
        stored = call.world.keep_file(found.filename or "file", found.content_type, found.data)
    else:
        stored = found
    content.body["document"] = file_shape(stored) | {
        "file_name": stored.name,
        "mime_type": stored.content_type,
    }
    return send(call, content)


def get_file(call: Call) -> Body:
    """Return the path at which a stored file can be fetched."""
    stored = call.world.files.get(call.params["file_id"])
    if stored is None:
        raise bad_request("invalid file_id")
    return file_shape(stored) | {"file_id": call.params["file_id"], "file_path": stored.path}


METHODS: dict[str, Method] = {
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "getFile": get_file,
}
