"""What readers type in their own words is done, or answered with what can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

LANGUAGES = ("en", "it", "es", "fr", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_search_without_words_shows_one_example_on_each_line(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    shown = await ask(ana, "/search")
    examples = [line for line in shown.text.splitlines() if "/search" in line]
    assert len(examples) == 3
    assert examples == shown.parts("code")


@pytest.mark.parametrize(
    "question",
    [
        "what's the stock price of kering",
        "quanto costa una borsa",
        "cuánto cuesta un reloj",
        "combien coûte une montre ?",
        "手表多少钱？",
        "I would really like to know who makes these",
    ],
)
async def test_a_question_is_not_offered_as_words_to_follow(bureau: Bureau, question: str) -> None:
    ana = await bureau.reader()
    answer = await ask(ana, question)
    assert not [label for label in answer.labels if label.startswith("Follow “")]
    answer = await ask(ana, f"/search {question}")
    assert not [label for label in answer.labels if label.startswith("Follow “")]
    assert "Follow “night train”" in (await ask(ana, "night train")).labels


@pytest.mark.parametrize(
    ("language", "whose", "own"),
    [
        ("en", "this group’s data", "My own data"),
        ("it", "dati di questo gruppo", "I miei dati"),
        ("es", "datos de este grupo", "Mis datos"),
        ("fr", "données de ce groupe", "Mes données"),
        ("zh", "本群组的", "我的数据"),
    ],
)
async def test_a_group_is_told_whose_data_is_exported_or_deleted(
    bureau: Bureau, language: str, whose: str, own: str
) -> None:
    chief = bureau.town.person("Chief", language)
    member = bureau.town.person("Member", language)
    group = bureau.town.group("Club", [chief, member], settled=True)
    await chief.send("/help", group)
    await chief.next(group)
    await member.next(group)
    known = await bureau.subscriber(group)
    await bureau.onnews.archive.subscribers.change(known.id, language=language)
    for command in ("/export", "/forget"):
        await member.send(command, group)
        refused = await member.next(group)
        assert whose in refused.text, command
        assert refused.labels == [own]
    link = refused.buttons[0][0].url or ""
    assert link.endswith("start=privacy")
    await chief.send("/forget", group)
    assert own in (await chief.until(whose, group)).labels
    # The link leads to the member's own data.
    await member.open(link)
    assert "/export" in (await member.next()).text
