"""A story opened by its number, “more”, “why these”, and edited messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

YESTERDAY = {
    "en": "Monday 23 November",
    "it": "Lunedì 23 novembre",
    "es": "Lunes 23 de noviembre",
    "fr": "Lundi 23 novembre",
    "zh": "11月23日星期一",
}
"""The day before the tests' day, as a list of its news is headed."""


async def test_a_typed_number_opens_that_story_of_the_list_that_came_last(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/latest 5")
    assert "Gucci dreams of a garden" in (await ask(ana, "2")).text
    await ask(ana, "/latest 3 motor")
    assert "A new engine, number 9" in (await ask(ana, "1.")).text
    assert (await ask(ana, "9")).text == "Type a number from 1 to 3."
    # Numbers go on with the list: "more" shows 4 to 6.
    assert "A new engine, number 6" in (await ask(ana, "more")).text
    assert "A new engine, number 6" in (await ask(ana, "4")).text


async def test_a_number_as_a_reply_opens_the_story_of_the_message_it_replies_to(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    older = await ask(ana, "/latest 5")
    await ask(ana, "/latest 3 motor")
    await ana.send("2", reply_to=older)
    assert "Gucci dreams of a garden" in (await ana.next()).text


async def test_a_number_as_a_reply_opens_its_story_after_a_restart(bureau: Bureau) -> None:
    ana = await bureau.reader()
    shown = await ask(ana, "/latest 5")
    # A new process remembers no list; the message that is replied to still has its buttons.
    bureau.onnews.application.bot_data.memory.lists.drop((ana.id, 0))
    await ana.send("2", reply_to=shown)
    assert "Gucci dreams of a garden" in (await ana.next()).text


async def test_a_number_opens_a_story_of_the_edition_if_it_came_last(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("motor", "gucci"))
    await ask(ana, "/latest 2")
    for number in range(1, 16):
        await bureau.desk.print_(f"A yacht of steel, number {number}", "motor", hours_ago=0.1)
    bureau.clock.pass_(minutes=5)
    await ana.send("/digest")
    edition = await ana.until("A yacht of steel")
    await bureau.heard()
    assert "A yacht of steel" in (await ask(ana, "1")).text
    assert "You follow Motor" in (await ask(ana, "why these")).text
    assert "A yacht of steel" in (await ask(ana, "more")).text
    await ask(ana, "/latest 1 china")
    await ana.send("why these", reply_to=edition)
    assert "You follow Motor" in (await ana.next()).text


@pytest.mark.parametrize(
    ("language", "more", "why"),
    [
        ("en", "more", "why these"),
        ("it", "ancora", "perché queste"),
        ("es", "más", "por qué estas"),
        ("fr", "encore", "pourquoi ces articles"),
        ("zh", "更多", "为什么是这些"),
    ],
)
async def test_more_and_why_are_understood_in_five_languages(
    bureau: Bureau, language: str, more: str, why: str
) -> None:
    ana = await bureau.reader(language=language)
    await bureau.desk.print_("A yacht of steel", "motor", hours_ago=0.1)
    await ana.send("/digest")
    await ana.until("A yacht of steel")
    await bureau.heard()
    assert "A yacht of steel" in (await ask(ana, why)).text
    first = (await ask(ana, "/latest 4 motor")).text
    second = (await ask(ana, more)).text
    assert "A new engine" in second
    assert second != first


async def test_a_number_is_the_answer_of_a_question_that_takes_one(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/latest 5")
    await ana.send("/settings")
    await ana.tap("s:h:0", await ana.next())
    await ana.next()
    await ask(ana, "9")
    assert (await bureau.subscriber(ana)).digest_minute == 540


async def test_in_a_group_a_number_counts_only_as_a_reply_to_the_bot(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], settled=True)
    await ana.send("/latest 3", group)
    shown = await ana.next(group)
    await ana.send("2", group)
    await bureau.heard()
    assert ana.unread(group) == []
    await ana.send("2", group, reply_to=shown)
    assert "Gucci dreams of a garden" in (await ana.next(group)).text
    await ana.send("more", group, reply_to=shown)
    assert "4 " in (await ana.next(group)).text


async def test_more_of_a_search_goes_on_and_its_buttons_work(bureau: Bureau) -> None:
    for number in range(1, 20):
        await bureau.desk.print_(f"Marinella opens shop {number}", "style")
    ana = await bureau.reader()
    await ask(ana, "/search marinella")
    second = await ask(ana, "more")
    assert "Marinella" in second.text
    assert "Marinella" in (await press(ana, "Older", second)).text


async def test_an_edited_message_that_was_not_understood_is_read_again(bureau: Bureau) -> None:
    ana = await bureau.reader()
    sent = await ana.send("quarter to ferrari")
    await ana.next()
    await ana.edit(sent, "gucci")
    assert (await ana.next()).text.startswith("Gucci\n")
    await ana.edit(sent, "motor")
    await bureau.heard()
    assert ana.unread() == [], "what was understood is answered once"
    sent = await ana.send("/latset 2")
    await ana.next()
    await ana.edit(sent, "/latest 2")
    assert (await ana.next()).text.startswith("The latest\n")


async def test_in_a_group_an_edited_message_is_read_again_if_it_is_for_the_bot(
    bureau: Bureau,
) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], settled=True)
    sent = await ana.send("@OnNewsBot quarter to ferrari", group)
    await ana.next(group)
    await ana.edit(sent, "quarter to the office")
    await ana.edit(sent, "/latest@OtherBot")
    await bureau.heard()
    assert ana.unread(group) == []
    await ana.edit(sent, "@OnNewsBot gucci")
    assert (await ana.next(group)).text.startswith("Gucci\n")
    await ana.edit(sent, "@OnNewsBot motor")
    await bureau.heard()
    assert ana.unread(group) == [], "what was understood is answered once"


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("en", ("what happened yesterday", "this week", "what happened today?")),
        ("it", ("cosa è successo ieri", "questa settimana", "notizie di oggi")),
        ("es", ("qué pasó ayer", "esta semana", "noticias de hoy")),
        ("fr", ("que s’est-il passé hier", "cette semaine", "actualités du jour")),
        ("zh", ("昨天发生了什么？", "本周", "今天发生了什么")),
    ],
)
async def test_a_sentence_about_days_lists_their_news(
    bureau: Bureau, language: str, typed: tuple[str, str, str]
) -> None:
    await bureau.desk.print_("An old regatta", "motor", hours_ago=24 * 3)
    await bureau.desk.print_("A fair last month", "motor", hours_ago=24 * 20)
    ana = await bureau.reader(language=language)
    yesterday, week, today = typed
    shown = (await ask(ana, today)).text
    assert "Gucci dreams of a garden" in shown
    assert "Bentley adds a wing" not in shown
    first = await ask(ana, yesterday)
    assert "A new engine" in first.text
    assert "Gucci dreams of a garden" not in first.text, "which is of today"
    heading, _, headline, _, source = first.text.splitlines()[:5]
    assert heading == YESTERDAY[language]
    assert headline.startswith("1 ")
    assert re.search(r" · (\d\d:\d\d|\d+\sh\s\d\d) · ", source), "its hour, since the day is above"
    data = [each.data or "" for row in first.buttons for each in row]
    assert not any("all-words" in each for each in data), "no word is left to search for"
    page = await ask(ana, week)
    shown = page.text
    more = {"en": "more", "it": "ancora", "es": "más", "fr": "encore", "zh": "更多"}[language]
    while page.labels:
        page = await ask(ana, more)
        shown += page.text
    assert "An old regatta" in shown
    assert "A fair last month" not in shown


@pytest.mark.parametrize("typed", ["法拉利有什么新闻？", "法拉利有什么消息", "ferrari news?"])
async def test_a_question_for_the_news_of_a_name_shows_them(bureau: Bureau, typed: str) -> None:
    await bureau.desk.print_("Ferrari opens a museum", "ferrari", "motor")
    ana = await bureau.reader()
    shown = (await ask(ana, typed)).text
    assert shown.startswith("Ferrari\n")
    assert "Ferrari opens a museum" in shown


@pytest.mark.parametrize(
    "typed", ["top stories", "news", "notizie principali", "à la une", "头条新闻"]
)
async def test_a_bare_request_for_news_lists_the_latest(bureau: Bureau, typed: str) -> None:
    ana = await bureau.reader()
    assert (await ask(ana, typed)).text.startswith("The latest\n")


async def test_members_who_may_not_choose_see_no_button_to_choose(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group = bureau.town.group("Club", [chief, member], settled=True)
    await member.send("/digest", group)
    assert (await member.next(group)).labels == []
    # Everybody in the group sees both answers.
    await chief.until("doesn’t follow anything", group)
    await chief.send("/digest", group)
    for person in (chief, member):
        seen = await person.until("doesn’t follow anything", group)
        assert seen.labels == ["Choose categories"]
    await member.send("/latest", group)
    await member.tap("What this chat follows", await member.until("The latest", group))
    assert "Choose categories" not in (await member.next(group)).labels
