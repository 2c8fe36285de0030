"""Messages and chats as the chat page shows them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import aiohttp

from playground.people.roles import roles
from playground.rich.visible_text import words
from playground.world.chats import MANAGING, PRESENT, ChatType

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.world.chats import Body, Chat, Record
    from playground.world.world import World

_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|svg|avif)$", re.IGNORECASE)
_MAX_PAGE_BYTES = 512 * 1024
NEWSSTAND = "/newsstand"


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """The content of a link preview."""

    url: str
    title: str
    site: str
    image: str | None
    large: bool = True
    above: bool = True
    file: bool = False
    """Whether it shows a file: then `title` is its name and `site` its size."""


class Previews:
    """Link previews, read from this server's own pages and guessed from other addresses.

    Args:
        base: Returns the server's address. Other servers are never requested.
    """

    def __init__(self, base: Callable[[], str]) -> None:
        self._base = base
        self._known: dict[str, LinkPreview] = {}

    async def of(self, url: str) -> LinkPreview:
        """Return the preview of a page, cached."""
        preview = self._known.get(url)
        if preview is None:
            own = url.startswith(self._base() + NEWSSTAND)
            preview = by_address(url)
            if own and preview.image is None:
                preview = await self._read(url, preview)
            self._known[url] = preview
        return preview

    async def _read(self, url: str, guess: LinkPreview) -> LinkPreview:
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                if answer.content_type.startswith("image/"):
                    return replace(guess, image=url, title="", site="")
                if not answer.ok or answer.content_type != "text/html":
                    return guess
                page = await answer.content.read(_MAX_PAGE_BYTES)
        except aiohttp.ClientError:
            return guess
        found = _Meta()
        found.feed(page.decode(errors="replace"))
        image = found.values.get("og:image")
        return replace(
            guess,
            title=found.values.get("og:title") or found.title.strip() or guess.title,
            site=found.values.get("og:site_name") or guess.site,
            image=urljoin(url, image) if image else None,
        )


def by_address(url: str) -> LinkPreview:
    """Return a preview made from the address alone."""
    parts = urlsplit(url)
    site = (parts.hostname or "").removeprefix("www.")
    if _PICTURE.search(parts.path):
        return LinkPreview(url, "", "", url)
    words = unquote(parts.path.rstrip("/").rpartition("/")[2])
    words = re.sub(r"\.\w{2,5}$", "", words)
    words = re.sub(r"[-_+]+", " ", words).strip()
    return LinkPreview(url, words[:1].upper() + words[1:] or site, site, None)


async def message_view(world: World, previews: Previews, record: Record) -> Body:
    """Return a message as the page's JSON."""
    body = record.body
    author: Body = {
        "id": record.author.id,
        "name": record.author.name,
        "bot": record.author.is_bot,
    }
    if record.chat.kind is ChatType.CHANNEL:
        author = {"id": record.chat.id, "name": record.chat.title, "bot": record.author.is_bot}
    keyboard = body.get("reply_markup", {}).get("inline_keyboard")
    via = body.get("via_bot")
    rich: Body | None = body.get("rich_message")
    rich_text = words(rich["blocks"])[0] if rich else ""
    return {
        "id": record.id,
        "from": author,
        "date": body["date"],
        "edited": "edit_date" in body,
        "text": body.get("text") or body.get("caption") or rich_text,
        "rich": _rich(world, rich) if rich else None,
        "lead": words(rich["blocks"][:1])[0].partition("\n")[0] if rich else None,
        "entities": body.get("entities") or body.get("caption_entities") or [],
        "preview": await _preview(world, previews, record),
        "keyboard": [[_key(button) for button in row] for row in keyboard] if keyboard else None,
        "via_bot": via["username"] if via else None,
        "forwarded_from": _origin(body.get("forward_origin")),
        "reply_keyboard": record.reply_keyboard,
        "location": body.get("location"),
        "service": _service(world, record),
        "thread": body.get("message_thread_id"),
        "reply_to": _quoted(body.get("reply_to_message")),
    }


async def chat_view(world: World, previews: Previews, chat: Chat) -> Body:
    """Return a chat as JSON for the page's list."""
    last = next(reversed(chat.records.values()), None)
    return {
        "id": chat.id,
        "title": chat.title,
        "kind": "group" if chat.kind is ChatType.SUPERGROUP else str(chat.kind),
        "person": chat.owner.id if chat.owner else None,
        "members": [id_ for id_ in world.people if chat.members.get(id_) in PRESENT],
        "roles": roles(world, chat),
        "administrators": [id_ for id_, status in chat.members.items() if status in MANAGING],
        "bot": chat.has(world.bot),
        "unread": chat.unread,
        "topics": [{"id": topic.id, "name": topic.name} for topic in chat.topics.values()],
        "last": await message_view(world, previews, last) if last else None,
    }


def _size(length: int) -> str:
    """Format a number of bytes as messengers do: `3.2 KB`."""
    if length < 1000:
        return f"{length} B"
    kilobytes = length / 1024
    return f"{kilobytes:.1f} KB" if kilobytes < 1000 else f"{kilobytes / 1024:.1f} MB"


async def _preview(world: World, previews: Previews, record: Record) -> Body | None:
    photo: list[Body] = record.body.get("photo", [])
    document: Body = record.body.get("document", {})
    if photo or document:
        stored = world.files[photo[-1]["file_id"] if photo else document["file_id"]]
        address = stored.url or f"/file/{stored.path}"
        if photo:
            return asdict(LinkPreview(address, "", "", address))
        return asdict(LinkPreview(address, stored.name, _size(len(stored.data)), None, file=True))
    wish = record.preview
    if wish is None:
        return None
    made = await previews.of(wish.url)
    return asdict(replace(made, large=wish.large, above=wish.above))


def _rich(world: World, rich: Body) -> Body:
    """Return a rich message for the page, with an address for each picture."""
    return rich | {"blocks": [_block(world, block) for block in rich["blocks"]]}


def _block(world: World, block: Body) -> Body:
    if block["type"] == "photo":
        largest = block["photo"][-1]
        stored = world.files[largest["file_id"]]
        address = stored.url or f"/file/{stored.path}"
        size = {name: largest[name] for name in ("width", "height")}
        return block | {"photo": {"src": address} | size}
    if block["type"] == "buttons":
        return block | {"buttons": [_key(button) for button in block["buttons"]]}
    if "items" in block:
        items = [item | _inner(world, item) for item in block["items"]]
        return block | {"items": items}
    return block | _inner(world, block)


def _inner(world: World, holder: Body) -> Body:
    if "blocks" not in holder:
        return {}
    return {"blocks": [_block(world, block) for block in holder["blocks"]]}


def _key(button: Body) -> Body:
    """Return a button as the page expects it."""
    if "copy_text" in button:
        return button | {"copy_text": button["copy_text"]["text"]}
    return button


def _quoted(answered: Body | None) -> Body | None:
    """Return a one-line summary of the message that another one answers, or None."""
    if answered is None or "forum_topic_created" in answered:
        return None
    rich: Body | None = answered.get("rich_message")
    rich_text = words(rich["blocks"][:1])[0] if rich and rich["blocks"] else ""
    text = answered.get("text") or answered.get("caption") or rich_text
    author = answered.get("from") or answered.get("sender_chat") or {}
    return {
        "id": answered["message_id"],
        "name": author.get("first_name") or author.get("title", ""),
        "text": text.partition("\n")[0][:120],
    }


def _origin(origin: Body | None) -> str | None:
    if origin is None:
        return None
    if origin["type"] == "channel":
        return str(origin["chat"]["title"])
    user = origin["sender_user"]
    return " ".join(filter(None, (user["first_name"], user.get("last_name"))))


def _service(world: World, record: Record) -> Body | None:
    """Describe a service message: `what` happened, by whom, and to whom; None for others."""
    body, who = record.body, record.author.name
    what, other = "", ""
    if "new_chat_members" in body:
        other = ", ".join(user["first_name"] for user in body["new_chat_members"])
        what = "added" if other != body["from"]["first_name"] else "joined"
    elif "left_chat_member" in body:
        other = body["left_chat_member"]["first_name"]
        what = "removed" if other != body["from"]["first_name"] else "left"
    elif "forum_topic_created" in body:
        what, other = "topic", body["forum_topic_created"]["name"]
    elif "chat_shared" in body:
        what, other = "shared", world.chats[body["chat_shared"]["chat_id"]].title
    elif "migrate_to_chat_id" in body or "migrate_from_chat_id" in body:
        what = "supergroup"
    return {"what": what, "name": who, "other": other} if what else None


class _Meta(HTMLParser):
    """A parser for the title and the `og:` values of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_title = tag == "title"
        name, content = given.get("property") or given.get("name"), given.get("content")
        if tag == "meta" and name and content:
            self.values.setdefault(name, content)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
