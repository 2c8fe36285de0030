"""The register chains the taps and commands that the conversations declare."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import handlers
from handlers.entry.commands import COMMANDS
from templates.language import menu

if TYPE_CHECKING:
    from types import ModuleType

register = import_module("handlers.register")  # `handlers.register` is its function
CHAINS = {"handlers.register", "handlers.entry.commands", "handlers.typed.plain_words"}
"""Modules with a `TAPS` or a `COMMANDS` that declares no handlers."""
NOT_IN_MENU = {"start", "export", "forget", "ban", "allow", "desk", "editors", "links"}


def conversations() -> list[ModuleType]:
    found = pkgutil.walk_packages(handlers.__path__, "handlers.")
    return [import_module(each.name) for each in found if each.name not in CHAINS]


@pytest.mark.parametrize("name", ["TAPS", "UPDATES"])
def test_every_handler_that_a_conversation_declares_is_registered(name: str) -> None:
    chained = set(getattr(register, name))
    forgotten = [
        each.__name__ for each in conversations() if not set(getattr(each, name, ())) <= chained
    ]
    assert not forgotten, f"`{name}` of handlers/register.py lacks those of {forgotten}"


def test_every_command_that_a_conversation_declares_is_registered() -> None:
    forgotten = [
        each.__name__
        for each in conversations()
        if not getattr(each, "COMMANDS", {}).items() <= COMMANDS.items()
    ]
    assert not forgotten, f"`COMMANDS` of handlers/entry/commands.py lacks those of {forgotten}"


def test_every_command_is_in_the_menu_or_is_left_out_on_purpose() -> None:
    unsaid = COMMANDS.keys() - menu.COMMANDS.keys() - NOT_IN_MENU
    assert not unsaid, f"`COMMANDS` of templates/language/menu.py lacks {unsaid}"
    unknown = menu.COMMANDS.keys() - COMMANDS.keys()
    assert not unknown, f"no conversation declares {unknown}, which the menu has"
