"""Roles in a group, given over the page's interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.people import roles
from playground.world.chats import Status

if TYPE_CHECKING:
    import aiohttp

    from playground.server import Playground


async def test_a_guest_becomes_administrator_and_owner_and_the_bot_hears_of_it(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    anna, clara = town.person("Anna"), town.person("Clara")
    group = town.group("Fashion desk", [anna])
    asked = {"allowed_updates": ["chat_member"]}
    await town.call("getUpdates", asked)
    for role in ("administrator", "owner"):
        path = f"{town.url}/api/chats/{group.id}/role"
        async with http.post(path, json={"person": clara.id, "role": role}) as answer:
            assert (await answer.json())["roles"][str(clara.id)] == role
    assert group.raw.status(clara.account) is Status.CREATOR
    assert group.raw.status(anna.account) is Status.ADMINISTRATOR
    updates = await town.call("getUpdates", asked)
    heard = [update["chat_member"] for update in updates if "chat_member" in update]
    assert [each["new_chat_member"]["status"] for each in heard] == [
        "administrator",
        "creator",
        "administrator",
    ]
    async with http.get(f"{town.url}/api/state") as answer:
        [chat] = [each for each in (await answer.json())["chats"] if each["id"] == group.id]
    assert chat["roles"][str(clara.id)] == "owner"


def test_a_group_keeps_an_owner_and_a_bot_is_never_one(town: Playground) -> None:
    anna = town.person("Anna")
    group = town.group("Fashion desk", [anna])
    for account, role in (
        (anna.account, "member"),
        (town.world.bot, "owner"),
        (anna.account, "king"),
    ):
        with pytest.raises(ValueError, match=r"owner|own a group|role"):
            roles.give(town.world, group.raw, account, role)
    roles.give(town.world, group.raw, town.world.bot, "administrator")
    assert group.raw.status(town.world.bot) is Status.ADMINISTRATOR
    roles.give(town.world, group.raw, town.world.bot, "none")
    assert not group.raw.has(town.world.bot)
    with pytest.raises(ValueError, match="no group"):
        roles.give(town.world, town.world.chats[anna.id], anna.account, "member")
