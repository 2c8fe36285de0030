"""Actions of people, and the updates that the bot gets for them."""

from __future__ import annotations

import asyncio
import re

from playground.checks import markup
from playground.checks.schema import Upload
from playground.methods import uploads
from playground.methods.call import Call
from playground.methods.content import caption_content, text_content
from playground.methods.messages import copy_content, origin
from playground.methods.rich import parsed, rich_content
from playground.world import chat_changes
from playground.world.chats import (
    MANAGING,
    Account,
    Body,
    Chat,
    ChatType,
    Record,
    Status,
)
from playground.world.world import Question, World

_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


def say(
    world: World,
    person: Account,
    chat: Chat,
    content: Body,
    *,
    thread_id: int | None = None,
    reply_to: Record | None = None,
    as_chat: bool = False,
) -> Record:
    """Post a person's message in a chat; the bot gets it if Telegram would send it.

    Args:
        world: The playground's world.
        person: The author.
        chat: The chat.
        content: The message's content.
        thread_id: The topic.
        reply_to: The message to answer; in a topic, by default the one that opened it.
        as_chat: Whether an administrator writes anonymously, as the group itself.

    Raises:
        PermissionError: The person may not write there.
    """
    may = chat.status(person) in (MANAGING if chat.kind is ChatType.CHANNEL else _WRITING)
    if not may:
        raise PermissionError(f"{person.name} may not write in {chat.title}")
    if reply_to is not None:
        quoted = {n: v for n, v in reply_to.body.items() if n != "reply_to_message"}
        if "rich_message" in quoted and not world.quotes_rich:
            quoted["rich_message"] = {"blocks": []}
        content = content | {"reply_to_message": quoted}
    elif thread_id in chat.records:
        content = content | {"reply_to_message": chat.records[thread_id].body}
    if as_chat:
        content = content | {"from": ANONYMOUS, "sender_chat": chat.shape()}
    if chat.kind is ChatType.PRIVATE:
        person.met = True
        if chat.status(world.bot) is not Status.MEMBER:
            was = chat.status(world.bot)
            chat.members[world.bot.id] = Status.MEMBER
            if was is Status.KICKED:
                chat_changes.tell_bot_status(world, chat, person, was)
    record = world.post(chat, person, content, thread_id=thread_id)
    if _bot_receives(world, record):
        person.met = True
        kind = "channel_post" if chat.kind is ChatType.CHANNEL else "message"
        world.updates.push(kind, record.body)
    return record


ANONYMOUS: Body = {
    "id": 1_087_968_824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
"""The author that Telegram names for messages written as the group."""
_WRITING = MANAGING | {Status.MEMBER}


def rewrite(world: World, record: Record, words: str) -> None:
    """Edit a person's message; the bot gets the edit if it got the message."""
    changed = {"entities": None} | text(words)
    world.edit(record, changed, by_bot=False)
    if _bot_receives(world, record):
        channel = record.chat.kind is ChatType.CHANNEL
        world.updates.push("edited_channel_post" if channel else "edited_message", record.body)


def text(words: str) -> Body:
    """Return the content of a typed text, with its links and commands as entities."""
    body: Body = {"text": words}
    entities = markup.find(words)
    if entities:
        body["entities"] = entities
    return body


def photo(world: World, data: bytes, caption: str = "", album: str = "") -> Body:
    """Return the content of a photo that a person sends, with a caption if it is not empty.

    Photos with the same `album` are one album.

    Raises:
        ApiError: Telegram refuses the picture.
    """
    stored = uploads.photo(Call(world, {}), Upload("photo.jpg", "image/jpeg", data))
    words = text(caption) if caption else {}
    named = {"text": "caption", "entities": "caption_entities"}
    return {
        "photo": uploads.photo_sizes(stored),
        **{named[key]: value for key, value in words.items()},
        **({"media_group_id": album} if album else {}),
    }


def rich(world: World, blocks: list[Body]) -> Body:
    """Return the content of a rich message, which a person with Premium can write.

    Raises:
        ApiError: Telegram refuses it.
    """
    message = parsed({"blocks": blocks, "skip_entity_detection": True})
    return rich_content(Call(world, {}), message).body


def start(world: World, person: Account, payload: str = "") -> Record:
    """Open the bot by its link, or press Start, as a person.

    Raises:
        ValueError: Telegram would not pass on this payload.
    """
    if not _START_PAYLOAD.fullmatch(payload):
        raise ValueError(f"{payload!r} is no start parameter")
    return say(world, person, world.chats[person.id], text(f"/start {payload}".strip()))


def tap(world: World, person: Account, record: Record, data: str) -> Question:
    """Tap a button with callback data, as a person; the answer comes in `Question.answer`."""
    question = Question(
        world.new_query_id(), person, world.clock(), asyncio.get_running_loop().create_future()
    )
    world.callbacks[question.id] = question
    person.met = True
    body: Body = {
        "id": question.id,
        "from": person.shape(),
        "chat_instance": str(abs(record.chat.id) + 7_000_000_000),
        "data": data,
    }
    if record.inline_id is not None:
        body["inline_message_id"] = record.inline_id
    else:
        body["message"] = record.body
    world.updates.push("callback_query", body)
    world.wake()
    return question


def ask_inline(world: World, person: Account, chat: Chat, query: str, offset: str = "") -> Question:
    """Type the bot's name and `query`, as a person; Telegram's cache may answer."""
    question = Question(
        world.new_query_id(),
        person,
        world.clock(),
        asyncio.get_running_loop().create_future(),
        query,
        offset,
    )
    for owner in (person.id, 0):
        until, answer = world.inline_cache.get((query, offset, owner), (0.0, {}))
        if until > world.clock():
            question.answer.set_result(answer)
            return question
    world.inline_queries[question.id] = question
    kinds = {ChatType.PRIVATE: "sender", ChatType.DIRECT: "private"}
    person.met = True
    world.updates.push(
        "inline_query",
        {
            "id": question.id,
            "from": person.shape(),
            "query": query,
            "offset": offset,
            "chat_type": kinds.get(chat.kind, str(chat.kind)),
        },
    )
    world.wake()
    return question


def choose(
    world: World,
    person: Account,
    chat: Chat,
    query: str,
    result: Body,
    *,
    thread_id: int | None = None,
) -> Record:
    """Send one of the results, as a person, via the bot.

    Raises:
        ValueError: The playground cannot show a result of this kind.
    """
    words = result.get("input_message_content", {})
    if "rich_message" in words:
        content = rich_content(Call(world, {}), words["rich_message"])
    elif "message_text" in words:
        content = text_content(world, words, [], key="message_text")
    elif result.get("photo_file_id"):
        content = caption_content(world, result, [])
        stored = uploads.photo(Call(world, {}), result["photo_file_id"])
        content.body["photo"] = uploads.photo_sizes(stored)
    else:
        raise ValueError(f"a result of type {result['type']!r} without a text can't be shown")
    content.body["via_bot"] = world.bot.shape()
    if result.get("reply_markup"):
        content.body["reply_markup"] = result["reply_markup"]
    record = say(world, person, chat, content.body, thread_id=thread_id)
    record.preview = content.preview
    chosen: Body = {"result_id": result["id"], "from": person.shape(), "query": query}
    if result.get("reply_markup"):
        record.inline_id = f"inline-{world.new_query_id()}"
        world.inline_records[record.inline_id] = record
        chosen["inline_message_id"] = record.inline_id
    if world.inline_feedback:
        world.updates.push("chosen_inline_result", chosen)
    return record


def forward(
    world: World, person: Account, record: Record, chat: Chat, thread_id: int | None = None
) -> Record:
    """Forward a message to another chat, as a person."""
    content = copy_content(record).body | {"forward_origin": origin(record)}
    if record.body.get("reply_markup"):
        # A forwarded message keeps its buttons with an address, but no callback buttons.
        rows = [
            [button for button in row if "url" in button]
            for row in record.body["reply_markup"]["inline_keyboard"]
        ]
        if any(rows):
            content["reply_markup"] = {"inline_keyboard": [row for row in rows if row]}
    passed = say(world, person, chat, content, thread_id=thread_id)
    passed.preview = record.preview
    return passed


def _bot_receives(world: World, record: Record) -> bool:
    """Return whether the bot gets a message: in groups only one addressed to it."""
    chat, body = record.chat, record.body
    if chat.kind is ChatType.DIRECT or not chat.has(world.bot):
        return False
    if chat.kind in {ChatType.PRIVATE, ChatType.CHANNEL} or not world.privacy:
        return True
    answered = body.get("reply_to_message", {}).get("from", {})
    if chat.status(world.bot) is Status.ADMINISTRATOR or world.bot.id in (
        body.get("via_bot", {}).get("id"),
        answered.get("id"),
    ):
        return True
    return any(_addresses(world, body, entity) for entity in body.get("entities", ()))


def _addresses(world: World, body: Body, entity: Body) -> bool:
    """Return whether an entity names the bot, or is a command that may be for it."""
    part = markup.cut(body["text"], entity["offset"], entity["length"]).casefold()
    name = f"@{world.bot.username}".casefold()
    if entity["type"] == "bot_command":
        # There is only one bot here, so a command without a name is for it.
        _, at, addressee = part.partition("@")
        return not at or f"@{addressee}" == name
    return entity["type"] == "mention" and part == name
