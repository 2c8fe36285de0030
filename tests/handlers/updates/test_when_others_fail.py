"""A worker, Telegram or the archive fails: readers notice as little as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError

import handlers
from handlers.errors import harmless
from handlers.typed.places import Places
from playground.methods.profile import commands_for
from templates import Renderer
from templates.language.menu import COMMANDS
from tests.handlers.conftest import MORNING, ask, press
from workers.pool import WorkerDiedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.handlers.conftest import Bureau


@pytest.mark.parametrize(
    ("error", "nothing_to_do"),
    [
        (BadRequest("Message is not modified: specified new message content is the same"), True),
        (BadRequest("Not enough rights to send text messages to the chat"), True),
        (BadRequest("Query is too old and response timeout expired or query ID is invalid"), True),
        (BadRequest("Chat_restricted"), True),
        (BadRequest("Need administrator rights in the channel chat"), True),
        (BadRequest("Topic_closed"), True),
        (BadRequest("Message thread not found"), True),
        (BadRequest("Message to edit not found"), True),
        (ChatMigrated(-1001), True),
        (Forbidden("Forbidden: bot was blocked by the user"), True),
        (BadRequest("Can't parse entities: unsupported start tag"), False),
        (NetworkError("Bad Gateway"), False),
        (RuntimeError("message is not modified"), False),
        (None, False),
    ],
)
def test_only_errors_that_need_no_fix_are_harmless(
    error: Exception | None, *, nothing_to_do: bool
) -> None:
    assert harmless(error, MORNING) is nothing_to_do


async def test_a_button_whose_message_is_gone_stops_spinning(bureau: Bureau) -> None:
    ana = await bureau.reader()
    answer = await ask(ana, "/latest 3")
    bureau.town.faults.add(
        method="editMessageText",
        status=400,
        description="Bad Request: message to edit not found",
        times=1,
    )
    assert (await ana.tap("Older", answer)).text == ""


async def test_in_a_group_with_hidden_administrators_nobody_may_choose(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    bureau.town.faults.add(
        method="getChatAdministrators",
        status=400,
        description="Bad Request: CHAT_ADMIN_REQUIRED",
        times=1,
    )
    assert "administrators choose" in (await ask(chief, "/settings", group)).text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_city_that_cannot_be_looked_up_is_not_called_unknown(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await press(ana, "Time zone", await ask(ana, "/settings"))

    class Dying:
        async def run(self, *_: object, **__: object) -> None:
            raise WorkerDiedError("cities_like", "crashed")

    bureau.put(places=Places(Dying()))  # type: ignore[arg-type]  # a fake
    assert "couldn’t look that place up" in (await ask(ana, "Springfield")).text
    await ana.share_location(1.0, 2.0)
    assert "couldn’t look that place up" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).zone == "Europe/Rome"


async def test_a_refused_menu_does_not_stop_the_start(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    bureau.town.faults.add(method="setMyCommands", status=400, times=1)
    seen = len(bureau.town.requests)
    services = bureau.onnews.application.bot_data
    await handlers.publish(bureau.onnews.application.bot, services.renderer, services)
    assert "menu in" in caplog.text
    published = [r for r in bureau.town.requests[seen:] if r.method == "setMyDescription"]
    assert len(published) == len(services.renderer.languages)


async def test_one_menu_is_published_for_all_variants_of_a_language(
    bureau: Bureau, tmp_path: Path
) -> None:
    for name in ("pt", "pt-BR", "zh-Hant", "fil"):
        (tmp_path / f"{name}.po").write_text(
            f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
            f'msgid "{COMMANDS["latest"]}"\nmsgstr "The latest in {name}"\n'
        )
    renderer = Renderer(bureau.onnews.application.bot_data.taxonomy.categories, locales=tmp_path)
    application = bureau.onnews.application
    await handlers.publish(application.bot, renderer, application.bot_data)
    for code, shown in {"pt": "pt", "pt-br": "pt", "zh-hant": "zh-Hant"}.items():
        menu = commands_for(bureau.town.world, bureau.town.person("Ana", code).account)
        assert [c["description"] for c in menu if c["command"] == "latest"] == [
            f"The latest in {shown}"
        ]


async def test_an_article_in_no_category_has_a_card_too(bureau: Bureau) -> None:
    await bureau.desk.print_("Nobody knows where this belongs")
    ana = await bureau.reader()
    assert (await press(ana, "1", await ask(ana, "/latest 1"))).labels == ["Open", "Save", "Send"]


async def test_an_article_without_a_link_has_no_open_button(bureau: Bureau) -> None:
    await bureau.desk.print_("A link of another kind", "motor", link="mailto:desk@news.example")
    ana = await bureau.reader()
    card = await press(ana, "1", await ask(ana, "/latest 1"))
    assert "Open" not in card.labels
    (result,) = await ana.inline((await ana.tap("Send", card)).inline_query or "")
    assert len(result.raw["reply_markup"]["inline_keyboard"][0]) == 1
