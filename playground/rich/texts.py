"""RichText: a string, an array of RichTexts, or an object that marks a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.rich.fields import Shape, an_object, fields, flag, integer, one_of, string, within
from playground.rich.refused import unparsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Part = tuple[str, tuple[dict[str, Any], ...]]
"""A piece of plain text, and the objects around it, the outermost first."""


def rich_text(value: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    """Check a RichText, as Telegram's Bot API server does.

    Raises:
        Refusal: Its type is unknown, or a field is missing, unknown or of a wrong type.
    """
    within(path)
    if isinstance(value, list | tuple):
        for index, part in enumerate(value):
            rich_text(part, f"{path}[{index}]")
    elif isinstance(value, dict):
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            raise unparsed("Unsupported rich text type", path)
        fields(value, path, TYPES[kind])
    else:
        string(value, path)


_LOGIN: Shape = {
    "url": string,
    "forward_text?": string,
    "bot_username?": string,
    "request_write_access?": flag,
}
_CHOSEN_CHAT: Shape = {
    "query?": string,
    "allow_user_chats?": flag,
    "allow_bot_chats?": flag,
    "allow_group_chats?": flag,
    "allow_channel_chats?": flag,
}
BUTTON: Shape = {
    "text": rich_text,
    "style?": one_of("danger", "success", "primary", "link"),
    "url?": string,
    "callback_data?": string,
    "web_app?": an_object({"url": string}),
    "login_url?": an_object(_LOGIN),
    "switch_inline_query?": string,
    "switch_inline_query_current_chat?": string,
    "switch_inline_query_chosen_chat?": an_object(_CHOSEN_CHAT),
    "copy_text?": an_object({"text": string}),
    "disabled?": an_object({}),
}
"""The shape of a RichMessageButton."""

ACTIONS = frozenset(name.removesuffix("?") for name in BUTTON if name not in ("text", "style?"))

_USER: Shape = {
    "id": integer,
    "is_bot?": flag,
    "first_name?": string,
    "last_name?": string,
    "username?": string,
    "language_code?": string,
}
_MARKED: Shape = {"type": string, "text": rich_text}

MARKS = (
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "subscript",
    "superscript",
    "marked",
    "code",
)
"""Types with a text and no other field."""

DETECTED = ("mention", "hashtag", "cashtag", "bank_card_number", "bot_command")
"""Types that Telegram detects on its own; when sent, they become plain text."""

TYPES: Mapping[str, Shape] = {
    **dict.fromkeys(MARKS, _MARKED),
    "url": {**_MARKED, "url": string},
    "email_address": {**_MARKED, "email_address": string},
    "phone_number": {**_MARKED, "phone_number": string},
    "text_mention": {**_MARKED, "user": an_object(_USER)},
    "date_time": {**_MARKED, "unix_time": integer, "date_time_format": string},
    "custom_emoji": {"type": string, "custom_emoji_id": string, "alternative_text": string},
    "mathematical_expression": {"type": string, "expression": string},
    "anchor": {"type": string, "name": string},
    "anchor_link": {**_MARKED, "anchor_name": string},
    "reference": {**_MARKED, "name": string},
    "reference_link": {**_MARKED, "reference_name": string},
    "button": {"type": string, "button": an_object(BUTTON)},
    "mention": {**_MARKED, "username": string},
    **{kind: {**_MARKED, kind: string} for kind in DETECTED if kind != "mention"},
}
"""RichText type → the fields of its object."""


def parts(value: Any, outer: tuple[dict[str, Any], ...] = ()) -> Iterator[Part]:  # noqa: ANN401
    """Yield the pieces of a checked RichText, in reading order."""
    if isinstance(value, str):
        yield value, outer
        return
    if isinstance(value, list | tuple):
        for part in value:
            yield from parts(part, outer)
        return
    inner = (*outer, value)
    match value["type"]:
        case "custom_emoji":
            yield value["alternative_text"], inner
        case "mathematical_expression":
            yield value["expression"], inner
        case "anchor":
            yield "", inner
        case "button":
            yield from parts(value["button"]["text"], inner)
        case _:
            yield from parts(value["text"], inner)


def words(value: Any) -> str:  # noqa: ANN401 - any RichText
    """Return the visible text of a checked RichText."""
    return "".join(text for text, _ in parts(value))
