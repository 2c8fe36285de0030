"""Rich messages in blocks, as parameters of methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground import rich
from playground.checks import markup
from playground.checks.refusal import violation
from playground.methods.content import Content
from playground.methods.uploads import photo, photo_sizes
from playground.rich import limits, shapes
from playground.rich.fields import array, fields, flag, string
from playground.rich.received import received
from playground.rich.visible_text import words

if TYPE_CHECKING:
    from playground.methods.call import Call
    from playground.world.chats import Body

_FORMS = ("html", "markdown", "blocks")
_MESSAGE = {
    "html?": string,
    "markdown?": string,
    "blocks?": lambda _value, _path: None,
    "media?": array(lambda _value, _path: None),
    "is_rtl?": flag,
    "skip_entity_detection?": flag,
}


def parsed(rich_message: Any) -> Body:  # noqa: ANN401 - any JSON
    """Parse a rich message as the Bot API server does before it looks for the chat.

    Raises:
        ApiError: The message cannot be parsed. HTML and Markdown are refused too: Telegram parses
            them on its servers, and the playground has no parser for them.
    """
    if not isinstance(rich_message, dict):
        raise rich.Refusal("rich message must be non-empty", "rich_message")
    fields(rich_message, "rich_message", _MESSAGE)
    forms = [name for name in _FORMS if name in rich_message]
    if len(forms) != 1:
        raise rich.Refusal("rich message must be non-empty", "rich_message")
    if forms != ["blocks"]:
        raise violation(f"the playground takes rich messages in blocks alone, not in {forms[0]}")
    shapes.check(rich_message["blocks"])
    return rich_message


def rich_content(call: Call, rich_message: Body, *, known_files: str | None = None) -> Content:
    """Return the content of a message from a parsed rich message.

    Args:
        call: Knows the stored files, and those uploaded with the request.
        rich_message: The result of `parsed`.
        known_files: Telegram's words if only stored files may be used, as in inline results.

    Raises:
        ApiError: Telegram refuses it.
    """
    blocks = rich_message["blocks"]
    limits.measure(blocks)

    def file(kind: str, media: str) -> Any:  # noqa: ANN401 - a list or a Telegram object
        if kind != "photo":
            raise violation(f"the playground has no {kind} in rich messages")
        uploaded = media.startswith("attach://")
        if known_files is not None and "://" in media:
            raise violation(known_files)
        if uploaded and media.removeprefix("attach://") not in call.params:
            raise violation("can't parse InputRichBlock: media not found")
        if "://" in media and not uploaded:
            # The playground fetches nothing from the web.
            raise violation("failed to get HTTP URL content")
        return photo_sizes(photo(call, media))

    kept: Body = {"blocks": received(blocks, file)}
    if rich_message.get("is_rtl"):
        kept["is_rtl"] = True
    if not rich_message.get("skip_entity_detection"):
        found = markup.find(words(kept["blocks"])[0])
        if found:
            kinds = ", ".join(sorted({entity["type"] for entity in found}))
            call.notes.append(f"without skip_entity_detection Telegram looks for {kinds} by itself")
    return Content({"rich_message": kept})
