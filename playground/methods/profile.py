"""The bot's profile: name, descriptions, commands."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playground.checks.refusal import violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.methods.call import Call, Method
    from playground.world.chats import Account, Body
    from playground.world.world import BotFace, World

MAX_COMMANDS = 100
MAX_NAME = 64
MAX_DESCRIPTION = 512
MAX_SHORT_DESCRIPTION = 120
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")


def set_my_commands(call: Call) -> bool:
    """Set the commands of the menu button, for one scope and one language."""
    commands = call.params["commands"]
    if len(commands) > MAX_COMMANDS:
        raise violation("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"].removeprefix("/")):
            raise violation("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"].strip()) <= 256:
            raise violation("BOT_COMMAND_DESCRIPTION_INVALID")
    call.world.face.commands[_scope(call), _language(call)] = commands
    return True


def get_my_commands(call: Call) -> list[Body]:
    """Return the commands set for exactly this scope and language."""
    return call.world.face.commands.get((_scope(call), _language(call)), [])


def delete_my_commands(call: Call) -> bool:
    """Delete the commands of one scope and language."""
    call.world.face.commands.pop((_scope(call), _language(call)), None)
    return True


def commands_for(world: World, person: Account) -> list[Body]:
    """Return the commands that a person sees in the chat with the bot."""
    scopes: tuple[Body, ...] = (
        {"type": "chat", "chat_id": person.id},
        {"type": "all_private_chats"},
        {"type": "default"},
    )
    language = (person.language or "").partition("-")[0]
    for scope in scopes:
        for code in (language, ""):
            commands = world.face.commands.get((_scope_key(scope), code))
            if commands:
                return commands
    return []


def _scope(call: Call) -> str:
    scope: Body = call.get("scope") or {"type": "default"}
    if "chat_id" in scope:
        call.world.find(scope["chat_id"])
    return _scope_key(scope)


def _scope_key(scope: Body) -> str:
    return json.dumps(scope, sort_keys=True)


def _language(call: Call) -> str:
    language: str = call.get("language_code") or ""
    if not _LANGUAGE.fullmatch(language):
        raise violation("invalid language code specified")
    return language


def _setter(field: str, most: int, texts: Callable[[BotFace], dict[str, str]]) -> Method:
    def set_text(call: Call) -> bool:
        text = (call.get(field) or "").strip()
        if len(text) > most:
            raise violation(f"bot {field.replace('_', ' ')} is too long")
        language = _language(call)
        if text:
            texts(call.world.face)[language] = text
        else:
            texts(call.world.face).pop(language, None)
        return True

    return set_text


def _getter(
    field: str, texts: Callable[[BotFace], dict[str, str]], fallback: Callable[[World], str]
) -> Method:
    def get_text(call: Call) -> Body:
        known = texts(call.world.face)
        text = known.get(_language(call)) or known.get("") or fallback(call.world)
        return {field: text}

    return get_text


METHODS: dict[str, Method] = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter("name", MAX_NAME, lambda face: face.names),
    "getMyName": _getter("name", lambda face: face.names, lambda world: world.bot.name),
    "setMyDescription": _setter("description", MAX_DESCRIPTION, lambda face: face.descriptions),
    "getMyDescription": _getter("description", lambda face: face.descriptions, lambda _: ""),
    "setMyShortDescription": _setter(
        "short_description", MAX_SHORT_DESCRIPTION, lambda face: face.short_descriptions
    ),
    "getMyShortDescription": _getter(
        "short_description", lambda face: face.short_descriptions, lambda _: ""
    ),
}
