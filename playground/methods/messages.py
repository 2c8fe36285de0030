"""Sending, editing and deleting messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.checks.refusal import ApiError, bad_request, violation
from playground.methods import keyboards, rich
from playground.methods.content import Content, caption_content, reply_fields, text_content
from playground.world.chats import MANAGING, Body, Chat, ChatType, Record

if TYPE_CHECKING:
    from playground.methods.call import Call, Method

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
_SENT = {
    "text": "text messages to the chat",
    "rich_message": "the rich message to the chat",
    "photo": "photos to the chat",
    "document": "documents to the chat",
}
"""Content that a chat may forbid the bot to send, in Telegram's words."""
DELETABLE_SECONDS = 48 * 3600


def send(call: Call, content: Content) -> Body:
    """Post a message of the bot in the chat that the call names.

    Raises:
        ApiError: The bot may not write there, or the keyboard or the reply is wrong.
    """
    thread_id: int | None = call.get("message_thread_id")
    what = next((words for name, words in _SENT.items() if name in content.body), _SENT["text"])
    chat = call.world.writable(call.params["chat_id"], thread_id, what=what)
    inline, reply = keyboards.check(call.get("reply_markup"), chat.kind, call.notes)
    body = content.body
    if inline is not None:
        body["reply_markup"] = inline
    if call.get("reply_parameters"):
        body |= reply_fields(call, chat)
        answered = body.get("reply_to_message", {})
        thread_id = thread_id or answered.get("message_thread_id")
    if call.get("protect_content"):
        body["has_protected_content"] = True
    record = call.world.post(
        chat,
        call.world.bot,
        body,
        preview=content.preview,
        reply_keyboard=reply,
        thread_id=thread_id,
    )
    return record.body


def send_message(call: Call) -> Body:
    """Send a text."""
    call.world.find(call.params["chat_id"])
    return send(call, text_content(call.world, call.params, call.notes))


def send_rich_message(call: Call) -> Body:
    """Send a rich message, laid out in blocks."""
    rich_message = rich.parsed(call.params["rich_message"])
    call.world.find(call.params["chat_id"])
    return send(call, rich.rich_content(call, rich_message))


def send_chat_action(call: Call) -> bool:
    """Show an action such as `typing …` in a chat."""
    if call.params["action"] not in _ACTIONS:
        raise violation("wrong parameter action in request")
    chat = call.world.writable(call.params["chat_id"], call.get("message_thread_id"))
    call.world.announce({"type": "typing", "chat": chat.id, "text": call.params["action"]})
    return True


def edit_message_text(call: Call) -> Body | bool:
    """Replace the text or blocks of a message, and its keyboard."""
    if ("text" in call.params) == ("rich_message" in call.params):
        raise violation("message text is empty")
    rich_message = call.get("rich_message")
    if rich_message is not None:
        rich_message = rich.parsed(rich_message)
    record = _editable(call)
    if "text" not in record.body and "rich_message" not in record.body:
        raise bad_request("there is no text in the message to edit")
    if rich_message is not None:
        inline = "inline_message_id" in call.params
        words = "invalid message content specified" if inline else None
        content = rich.rich_content(call, rich_message, known_files=words)
    else:
        content = text_content(call.world, call.params, call.notes)
    return _edit(call, record, dict.fromkeys(_WORDS, None) | content.body, content)


def edit_message_caption(call: Call) -> Body | bool:
    """Replace the caption of a photo or document."""
    record = _editable(call)
    if "photo" not in record.body and "document" not in record.body:
        raise bad_request("there is no caption in the message to edit")
    content = caption_content(call.world, call.params, call.notes)
    changed = dict.fromkeys(("caption", "caption_entities"), None) | content.body
    return _edit(call, record, changed, content)


def edit_message_reply_markup(call: Call) -> Body | bool:
    """Replace the keyboard of a message, and keep its text."""
    return _edit(call, _editable(call), {}, None)


def _editable(call: Call) -> Record:
    inline_id: str | None = call.get("inline_message_id")
    if inline_id is not None:
        record = call.world.inline_records.get(inline_id)
        if record is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return record
    if "chat_id" not in call.params:
        raise violation("chat_id is empty")
    if "message_id" not in call.params:
        raise violation("message identifier is not specified")
    chat = call.world.writable(call.params["chat_id"])
    record = chat.records.get(call.params["message_id"])
    if record is None:
        raise bad_request("message to edit not found")
    if record.author is not call.world.bot:
        raise bad_request("message can't be edited")
    return record


def _edit(call: Call, record: Record, changed: Body, content: Content | None) -> Body | bool:
    inline, reply = keyboards.check(call.get("reply_markup"), record.chat.kind, call.notes)
    if reply is not None:
        raise violation("inline keyboard expected")
    changed = changed | {"reply_markup": inline}
    if all(record.body.get(name) == value for name, value in changed.items()):
        raise bad_request(_NOT_MODIFIED)
    if content is not None:
        record.preview = content.preview
    call.world.edit(record, changed)
    return record.body if call.get("inline_message_id") is None else True


def delete_message(call: Call) -> bool:
    """Delete one message for everyone."""
    chat = call.world.find(call.params["chat_id"])
    record = chat.records.get(call.params["message_id"])
    if record is None:
        raise bad_request("message to delete not found")
    _delete(call, chat, record)
    return True


def delete_messages(call: Call) -> bool:
    """Delete several messages; missing ones are ignored."""
    chat = call.world.find(call.params["chat_id"])
    if len(call.params["message_ids"]) > 100:
        raise violation("too many message identifiers specified")
    for number in call.params["message_ids"]:
        record = chat.records.get(number)
        if record is not None:
            _delete(call, chat, record)
    return True


def _delete(call: Call, chat: Chat, record: Record) -> None:
    world = call.world
    call.world.writable(chat.id)
    old = world.clock() - record.body["date"] > DELETABLE_SECONDS
    manages = chat.status(world.bot) in MANAGING
    foreign = record.author is not world.bot and chat.kind is not ChatType.PRIVATE
    if (foreign or (old and chat.kind is not ChatType.PRIVATE)) and not manages:
        raise bad_request("message can't be deleted")
    if old and not manages:
        raise bad_request("message can't be deleted for everyone")
    world.delete(record)


_WORDS = ("text", "entities", "link_preview_options", "rich_message")
_COPIED = (
    *_WORDS,
    "caption",
    "caption_entities",
    "photo",
    "document",
    "location",
)


def copy_content(record: Record) -> Content:
    """Return a message's content, without its origin."""
    body = {name: record.body[name] for name in _COPIED if name in record.body}
    return Content(body, record.preview)


def origin(record: Record) -> Body:
    """Return Telegram's MessageOrigin of a forwarded message."""
    known: Body | None = record.body.get("forward_origin")
    if known is not None:
        return known
    date = record.body["date"]
    if record.chat.kind is ChatType.CHANNEL:
        return {
            "type": "channel",
            "date": date,
            "chat": record.chat.shape(),
            "message_id": record.id,
        }
    return {"type": "user", "date": date, "sender_user": record.author.shape()}


def _original(call: Call, verb: str) -> Record:
    record = call.world.find(call.params["from_chat_id"]).records.get(call.params["message_id"])
    if record is None:
        raise bad_request(f"message to {verb} not found")
    if record.body.get("has_protected_content") or not copy_content(record).body:
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return record


def forward_message(call: Call) -> Body:
    """Forward a message, with its origin."""
    record = _original(call, "forward")
    content = copy_content(record)
    content.body["forward_origin"] = origin(record)
    return send(call, content)


def copy_message(call: Call) -> Body:
    """Send a copy of a message as the bot's own."""
    record = _original(call, "copy")
    content = copy_content(record)
    if "caption" in call.params and "text" not in content.body:
        content.body.pop("caption", None)
        content.body.pop("caption_entities", None)
        content.body |= caption_content(call.world, call.params, call.notes).body
    return {"message_id": send(call, content)["message_id"]}


def send_location(call: Call) -> Body:
    """Send a point on the map."""
    latitude, longitude = call.params["latitude"], call.params["longitude"]
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ApiError(400, "Bad Request: wrong latitude or longitude", violation=True)
    return send(call, Content({"location": {"latitude": latitude, "longitude": longitude}}))


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "sendLocation": send_location,
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
}
