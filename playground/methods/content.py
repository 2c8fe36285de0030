"""The content of a message: text, caption, entities, preview, reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.checks import markup
from playground.checks.refusal import bad_request, violation
from playground.methods import keyboards
from playground.world.chats import Body, Chat, PreviewWish

if TYPE_CHECKING:
    from playground.methods.call import Call
    from playground.world.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024


@dataclass(slots=True)
class Content:
    """The fields of a Message that make up its content."""

    body: Body = field(default_factory=dict)
    preview: PreviewWish | None = None


def text_content(
    world: World, source: dict[str, Any], notes: list[str], *, key: str = "text"
) -> Content:
    """Return the content of a text message.

    Args:
        world: Knows the people that a text may mention.
        source: The method's parameters, or an InputTextMessageContent.
        notes: Receives mistakes that Telegram would not refuse.
        key: The field with the text.

    Raises:
        ApiError: The text is empty or too long, or its markup is wrong.
    """
    formatted = markup.read(source[key], source.get("parse_mode"), source.get("entities"))
    if not formatted.text:
        raise violation("message text is empty")
    if len(formatted.text) > MAX_TEXT:
        raise violation("message is too long")
    content = Content({"text": formatted.text})
    entities = _entities(world, formatted, notes)
    if entities:
        content.body["entities"] = entities
    options = source.get("link_preview_options")
    if options:
        content.body["link_preview_options"] = options
    content.preview = _preview(formatted.text, entities, options or {}, notes)
    return content


def caption_content(world: World, source: dict[str, Any], notes: list[str]) -> Content:
    """Return the caption of a photo or document; it may be empty.

    Raises:
        ApiError: The caption is too long, or its markup is wrong.
    """
    formatted = markup.read(
        source.get("caption") or "", source.get("parse_mode"), source.get("caption_entities")
    )
    if len(formatted.text) > MAX_CAPTION:
        raise violation("message caption is too long")
    content = Content()
    if formatted.text:
        content.body["caption"] = formatted.text
        entities = _entities(world, formatted, notes)
        if entities:
            content.body["caption_entities"] = entities
    return content


def reply_fields(call: Call, chat: Chat) -> Body:
    """Return `reply_to_message` if the message answers another, or else an empty dict.

    Raises:
        ApiError: The message to answer does not exist.
    """
    wish = call.get("reply_parameters")
    if not wish or "message_id" not in wish:
        return {}
    where = call.world.find(wish["chat_id"]) if "chat_id" in wish else chat
    answered = where.records.get(wish["message_id"])
    if answered is None:
        if wish.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    if where is not chat:
        return {}
    quoted = {name: v for name, v in answered.body.items() if name != "reply_to_message"}
    return {"reply_to_message": quoted}


def _entities(world: World, formatted: markup.Formatted, notes: list[str]) -> list[Body]:
    if formatted.dropped:
        notes.append(
            f"{formatted.dropped} entities after the first {markup.MAX_ENTITIES} were dropped"
        )
    kept = []
    for entity in formatted.entities:
        if entity["type"] == "text_link":
            keyboards.check_deep_link(entity["url"], notes)
        elif entity["type"] == "text_mention" and "user_id" in entity:
            person = world.account(entity["user_id"])
            if person is None or not (person.met or person.is_bot):
                continue
            rest = {name: value for name, value in entity.items() if name != "user_id"}
            kept.append(rest | {"user": person.shape()})
            continue
        kept.append(entity)
    return kept


def _preview(
    text: str, entities: list[Body], options: Body, notes: list[str]
) -> PreviewWish | None:
    if options.get("is_disabled"):
        return None
    large = bool(options.get("prefer_large_media"))
    above = bool(options.get("show_above_text"))
    wanted = options.get("url")
    if wanted:
        kept = markup.link(wanted)
        if kept is None:
            notes.append(f"the link preview's URL {wanted!r} is not valid")
            return None
        return PreviewWish(kept, large, above)
    for entity in entities:
        url = None
        if entity["type"] == "text_link":
            url = entity["url"]
        elif entity["type"] == "url":
            url = markup.link(markup.cut(text, entity["offset"], entity["length"]))
        if url and url.startswith("http"):
            return PreviewWish(url, large, above)
    return None
