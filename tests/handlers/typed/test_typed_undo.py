"""A typed word takes back a chat's last change of ten minutes, and says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from storage.model import Level, State
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

WORDS = {
    "en": ("undo", "undo that"),
    "it": ("annulla", "no scusa, torna come prima"),
    "es": ("deshacer", "deshaz eso"),
    "fr": ("annuler", "remets comme avant"),
    "zh": ("撤销", "点错了，撤销"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_a_word_takes_back_what_was_typed_and_says_which(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    for word, sentence in zip(WORDS[language], ("follow cartier", "mute rumours"), strict=True):
        before = (await bureau.subscriber(ana)).taste
        await ask(ana, sentence)
        assert (await bureau.subscriber(ana)).taste != before
        said = (await ask(ana, word)).text
        assert "Cartier" in said or "卡地亚" in said or "rumours" in said
        assert (await bureau.subscriber(ana)).taste == before


async def test_the_last_change_is_taken_back_also_if_it_was_tapped(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "follow cartier")
    await ask(ana, "/settings")
    await ana.tap("Time")
    await ana.tap("12:00")
    assert (await bureau.subscriber(ana)).digest_minute == 12 * 60
    known = await bureau.subscriber(ana)
    await ana.send("undo")
    assert (await ana.until("Undone")).text == "Undone: Time · 08:00."
    after = await bureau.subscriber(ana)
    assert after.digest_minute == 8 * 60
    assert after.next_at != known.next_at
    assert "cartier" in after.taste.follows
    await ana.send("undo")
    assert "Nothing has changed" in (await ana.next()).text, "one change, and no change of undo"


async def test_alerts_and_levels_are_taken_back_with_their_rows(bureau: Bureau) -> None:
    ana = await bureau.reader()
    subscribers, known = bureau.onnews.archive.subscribers, await bureau.subscriber(ana)
    await subscribers.follow(known.id, "motor", alerts=True)
    await subscribers.follow_word(known.id, "night train", alerts=True)
    await ask(ana, "no more motor")
    assert (await bureau.subscriber(ana)).taste.level("motor") is Level.OFF
    await ask(ana, "undo")
    assert await subscribers.alerts(known.id) == {"motor"}
    assert await subscribers.word_alerts(known.id) == {"night train"}
    await ask(ana, "less night train")
    assert not await subscribers.word_alerts(known.id)
    await ask(ana, "undo")
    assert await subscribers.word_alerts(known.id) == {"night train"}


async def test_a_stop_is_taken_back_and_the_next_edition_is_due(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/stop")
    assert (await bureau.subscriber(ana)).state is State.STOPPED
    await ask(ana, "undo")
    known = await bureau.subscriber(ana)
    assert known.state is State.ACTIVE
    assert known.next_at is not None


async def test_after_ten_minutes_or_after_the_button_nothing_is_taken_back(bureau: Bureau) -> None:
    ana = await bureau.reader()
    done = await ask(ana, "follow cartier")
    await press(ana, "Undo", done)
    assert "Nothing has changed" in (await ask(ana, "undo")).text
    assert "cartier" not in (await bureau.subscriber(ana)).taste.follows
    await ask(ana, "follow cartier")
    bureau.clock.pass_(minutes=11)
    assert "Nothing has changed" in (await ask(ana, "undo")).text
    assert "cartier" in (await bureau.subscriber(ana)).taste.follows


async def test_in_a_group_only_an_administrator_takes_its_change_back(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group = bureau.town.group("Club", [chief, member], settled=True)
    await chief.send("@OnNewsBot follow cartier", group)
    await chief.until("Cartier", group)
    await member.send("@OnNewsBot undo", group)
    await chief.until("administrators", group)
    assert "cartier" in (await bureau.subscriber(group)).taste.follows
    await chief.send("@OnNewsBot undo", group)
    await chief.until("Undone", group)
    assert "cartier" not in (await bureau.subscriber(group)).taste.follows


async def test_choices_are_read_for_undo_only_around_a_change(bureau: Bureau) -> None:
    ana = await bureau.reader()
    known = await bureau.subscriber(ana)
    reads: list[str] = []

    def listen(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        if call[2].startswith("SELECT follows.category, follows.alerts"):
            reads.append(call[2])

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        await ask(ana, "latest watches")
        await ana.tap("Follow")
        assert len(reads) == 2, "before the tap's change and after it"
        await ana.send("undo")
        await ana.until("Undone")
        for _ in range(2):  # what comes before is handled to its end
            await ask(ana, "is this free?")
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len(reads) == 2 + 3, "what there is to undo, then before the change and after it"
    assert (await bureau.subscriber(ana)).taste == known.taste


async def test_what_is_forgotten_is_not_brought_back(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "follow cartier")
    await ask(ana, "/forget")
    await ana.tap("Yes, delete everything")
    await ask(ana, "undo")
    found = await bureau.onnews.archive.subscribers.find(ana.id)
    assert found is None or not found.taste.follows_anything
