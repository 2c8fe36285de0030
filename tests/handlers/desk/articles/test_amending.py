"""Editors put right what was wrong: in the archive, and in what was delivered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from handlers.taps.amend_data import (
    Act,
    ActOn,
    AmendedField,
    AskField,
    DeskArticle,
    JoinWith,
    SetLead,
    WeighArticle,
)
from handlers.taps.callback_codec import base36
from storage.desk.amended_rows import seen_as
from storage.model import Layout
from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, Rights
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned, typed

if TYPE_CHECKING:
    from playground.people.people import Message
    from tests.handlers.desk.conftest import Newsdesk

OLD = "This button no longer works"
WRONG, RIGHT = "Prada buys Versase", "Prada buys Versace"


async def test_a_headline_is_corrected_in_the_archive_and_in_an_edition(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    readers = {layout: await bureau.reader(layout.value, "en", ("style",)) for layout in Layout}
    for layout, reader in readers.items():
        subscriber = await bureau.subscriber(reader)
        await bureau.onnews.archive.subscribers.change(subscriber.id, layout=layout)
    wrong = await bureau.desk.print_(WRONG, "style")
    await bureau.desk.print_("Gucci opens in Milan", "style")
    bureau.clock.pass_(days=1)
    await bureau.send_what_is_due()
    editions = {layout: await reader.next() for layout, reader in readers.items()}

    page = await opened_story(eva, str(wrong))
    assert WRONG in page.text
    page = await typed(eva, "Headline: wrong fact", page, RIGHT)
    assert RIGHT in page.text

    for layout, reader in readers.items():
        after = await reader.next()
        assert (after.id, after.edited) == (editions[layout].id, True)
        shown = str(after.record.body)
        assert RIGHT in shown
        assert WRONG not in shown
        assert "corrected" in shown
        if layout is Layout.HEADLINES:
            listed = [line for line in after.text.splitlines()[1:] if RIGHT in line]
            assert len(listed) == 1, after.text
            words = listed[0].replace("\u00a0", " ")
            assert words[1:] == f"\u2002{RIGHT} — The Luxury Courier · corrected 10:30"
    await readers[Layout.SUMMARIES].send(f"/search {RIGHT}")
    found = await readers[Layout.SUMMARIES].next()
    assert RIGHT in found.text
    await readers[Layout.SUMMARIES].tap("1", found)
    card = await readers[Layout.SUMMARIES].next()
    assert f"The headline was: “{WRONG}”" in card.text
    await readers[Layout.SUMMARIES].send("/corrections")
    corrections = (await readers[Layout.SUMMARIES].next()).text
    assert f"The headline was: “{WRONG}”" in corrections
    assert bureau.town.violations == []


@ON_EACH_DATABASE
async def test_the_second_of_two_editors_sees_the_first_and_acts_are_undone(
    newsdesk: Newsdesk,
) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    wrong = await bureau.desk.print_(WRONG, "style")
    hers, other = await opened_story(eva, WRONG), await opened_story(olga, WRONG)
    await turned(eva, "✓ Style", await turned(eva, "Change categories", hers))
    picker = await ask(eva, "Motor, China")
    await eva.next()  # the older picker loses its buttons
    page = await turned(eva, "Done", picker)
    assert "Motor · China" in page.text
    seen = await press(olga, "Hide", other)
    assert "Motor · China" in seen.text
    assert f"by {eva.id}" in seen.text
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert (article.state, article.categories) == (None, ("motor", "china"))
    await press(olga, "Undo last change", seen)
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert article.categories == ("style",)


@ON_EACH_DATABASE
async def test_a_storys_kind_and_weight_are_changed_and_undone(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    number = await bureau.desk.print_(RIGHT, "style")
    page, other = await opened_story(eva, RIGHT), await opened_story(olga, RIGHT)
    assert "Weight:" not in page.text
    hers = await turned(olga, "Kind and weight", other)
    page = await turned(eva, "Deal", await turned(eva, "Kind and weight", page))
    choice = await turned(eva, "Kind and weight", page)
    assert [label for label in choice.labels if "✓" in label] == ["✓ Deal"]
    page = await turned(eva, "Could lead", choice)
    assert "Kind: Deal · Weight: Could lead" in page.text
    # The second editor sees what the first one chose.
    assert (await olga.tap("Leave out", hers)).text.startswith("This story has changed since")
    assert "Weight: Could lead" in (await olga.next()).text
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert "Weight: Could lead" in journal.text
    assert "Kind: Deal" in journal.text
    for act in (2, 1):
        journal = await turned(eva, f"Undo no. {act}", journal)
    article = await bureau.onnews.archive.articles.get(number)
    assert article is not None
    assert (article.story_kind, article.kind_certainty, article.weight) == (None, None, None)
    assert bureau.town.violations == []


@ON_EACH_DATABASE
async def test_who_lost_the_right_to_publish_changes_no_kind_by_an_old_button(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    anna = await bureau.reader("Anna")
    await rights(newsdesk, anna, ALL_RIGHTS)
    number = await bureau.desk.print_(RIGHT, "style")
    before = await bureau.onnews.archive.articles.get(number)
    choice = await turned(anna, "Kind and weight", await opened_story(anna, RIGHT))
    for lost, answer in ((Rights(write=True), "not publish"), (NO_RIGHTS, "")):
        await rights(newsdesk, anna, lost)
        assert answer in (await anna.tap("Could lead", choice)).text
    await eva.tap(WeighArticle(number, "deal", "0").pack(), await opened_story(eva, RIGHT))
    assert await bureau.onnews.archive.articles.get(number) == before


@ON_EACH_DATABASE
async def test_a_hidden_story_is_shown_again_however_long_it_was_hidden(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    number = await bureau.desk.print_(WRONG, "style")
    articles = bureau.onnews.archive.articles
    before = await articles.get(number)
    page = await turned(eva, "Hide", await opened_story(eva, WRONG))
    assert "Hide" not in page.labels
    bureau.clock.pass_(days=30)
    later = await opened_story(eva, str(number))
    assert not any(label.startswith("Undo") for label in later.labels)
    page = await turned(eva, "Show again", later)
    assert {"Hide", "Lead until…"} <= set(page.labels)
    assert await articles.get(number) == before
    assert [each.id for each in await articles.search(WRONG, limit=9)] == [number]
    await eva.send("/desk")
    journal = await turned(eva, "History", await eva.next())
    assert "Shown again in editions and lists" in journal.text
    await eva.tap("Undo last change", page)
    article = await articles.get(number)
    assert article is not None
    assert article.state == "hidden"


@ON_EACH_DATABASE
async def test_of_two_editors_who_type_a_headline_at_once_the_second_sees_the_first_ones(
    newsdesk: Newsdesk,
) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    wrong = await bureau.desk.print_(WRONG, "style")
    for editor in (eva, olga):
        await editor.tap("Headline: wrong fact", await opened_story(editor, WRONG))
        await editor.next()
    assert RIGHT in (await ask(eva, RIGHT)).text
    assert "This story has changed since" in (await ask(olga, "Prada sells Versace")).text
    page = await olga.next()
    assert RIGHT in page.text
    assert f"by {eva.id}" in page.text
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert article.title == RIGHT


@ON_EACH_DATABASE
async def test_of_two_corrections_sent_at_the_same_moment_one_holds(newsdesk: Newsdesk) -> None:
    eva, olga, bureau = newsdesk.eva, newsdesk.olga, newsdesk.bureau
    wrong = await bureau.desk.print_(WRONG, "style")
    for editor in (eva, olga):
        await editor.tap("Headline: wrong fact", await opened_story(editor, WRONG))
        await editor.next()
    await asyncio.gather(eva.send("Prada by Eva"), olga.send("Prada by Olga"))
    answers = [(await editor.next()).text for editor in (eva, olga)]
    await bureau.heard()
    assert len([each for each in answers if each.startswith("This story has changed")]) == 1
    corrections = await bureau.onnews.archive.corrections.listed(limit=9)
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert [each.title for each in corrections] == [article.title]


@pytest.mark.parametrize("left", [NO_RIGHTS, Rights(write=True)])
@ON_EACH_DATABASE
async def test_a_right_taken_away_amid_a_correction_holds_at_once(
    newsdesk: Newsdesk, left: Rights
) -> None:
    bureau = newsdesk.bureau
    will = await bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    wrong = await bureau.desk.print_(WRONG, "style")
    page = await opened_story(will, WRONG)
    await press(will, "Headline: wrong fact", page)
    await rights(newsdesk, will, left)
    await ask(will, RIGHT)
    for label in page.labels:
        if label not in {"Back", "Refresh"}:
            answer = await will.tap(label, page)
            assert answer.text.startswith((OLD, "You can write drafts, but not publish."))
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert (article.title, article.state) == (WRONG, None)
    assert await bureau.onnews.archive.journal.last_of_article(wrong) is None


@ON_EACH_DATABASE
async def test_a_withdrawn_story_cannot_be_read_or_found(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ana = await bureau.reader("Ana", "en", ("style",))
    wrong = await bureau.desk.print_(WRONG, "style", body="A long body. " * 40)
    listed = await ask(ana, "/latest style")
    card = await press(ana, "1", listed)
    assert "Read here" in card.labels
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    page = await opened_story(eva, article.link)
    page = await typed(eva, "Withdraw", page, "The deal was <not> signed.")
    assert "Withdrawn: The deal was <not> signed." in page.text
    answer = await ana.tap("Read here", card)
    assert answer.text == "This story was withdrawn."
    after = await press(ana, "1", listed)
    assert after.parts("strikethrough") == [WRONG]
    assert "A long body" not in after.text
    assert "Nothing found" in (await ask(ana, f"/search {WRONG}")).text


async def test_a_withdrawn_story_is_struck_out_in_the_lists_of_those_who_saved_or_sent_it(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ana, ben = await bureau.reader("Ana", "en", ("style",)), bureau.town.person("Ben")
    wrong = await bureau.desk.print_(WRONG, "style")
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    await ana.send("/latest style")
    await ana.tap("1", await ana.next())
    await turned(ana, "Save", await ana.next())
    room = bureau.town.direct(ana, ben)
    (result,) = await ana.inline(f"#{base36(wrong)}", room)
    await ana.choose(result, room)
    await bureau.heard()

    async def lists() -> list[Message]:
        saved = await ask(ana, "/saved")
        return [saved, await press(ana, "Sent to friends", saved)]

    for each in await lists():
        assert article.link in each.links
    await typed(eva, "Withdraw", await opened_story(eva, str(wrong)), "Not signed.")
    for each in await lists():
        assert each.parts("strikethrough") == [WRONG]
        assert "Withdrawn" in each.text
        assert article.standfirst not in each.text
        assert article.link not in str(each.record.body)


@ON_EACH_DATABASE
async def test_an_edition_shown_again_says_what_was_corrected_and_withdrawn_since(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ana = await bureau.reader("Ana", "en", ("style",))
    subscriber = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(subscriber.id, layout=Layout.FRONT_PAGE)
    wrong = await bureau.desk.print_(WRONG, "style")
    await bureau.desk.print_("Gucci opens in Milan", "style")
    bureau.clock.pass_(days=1)
    await bureau.send_what_is_due()
    await ana.next()
    await bureau.settled()
    page = await typed(eva, "Headline: wrong fact", await opened_story(eva, str(wrong)), RIGHT)
    edition = await ana.next()

    plain = await turned(ana, "Can’t see it?", edition)
    assert plain.text.startswith(RIGHT)
    assert "corrected 10:30" in plain.text
    back = await turned(ana, "Back", plain)
    assert "corrected 10:30" in str(back.record.body)

    await typed(eva, "Withdraw", page, "Not signed.")
    await ana.next()
    again = await ask(ana, "/digest today")
    assert "Withdrawn: Not signed." in str(again.record.body)


async def test_reports_are_joined_and_parted(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    one = await bureau.desk.print_("Prada buys Versace", "style")
    two = await bureau.desk.print_("A house changes hands", "style")
    page = await opened_story(eva, str(two))
    page = await typed(eva, "Join with another report", page, str(one))
    assert "2 reports of this event" in page.text
    articles = bureau.onnews.archive.articles
    assert {each.event for each in await articles.many([one, two])} == {one}
    page = await press(eva, "Split from its event", page)
    assert "reports of this event" not in page.text
    assert [each.event for each in await articles.many([one, two])] == [one, two]


async def test_a_join_with_itself_a_joined_report_or_an_unknown_story_is_refused(
    newsdesk: Newsdesk,
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    archive = bureau.onnews.archive
    one = await bureau.desk.print_("Prada buys Versace", "style")
    two = await bureau.desk.print_("A house changes hands", "style")
    page = await opened_story(eva, str(two))
    refused = await typed(eva, "Join with another report", page, str(two))
    assert "That is this same story." in refused.text
    # The question is still open.
    for unknown in ("9999", "https://gazette.example/nothing"):
        assert "I don’t have that story." in (await ask(eva, unknown)).text
    assert await archive.journal.last_of_article(two) is None
    page = await ask(eva, str(one))
    assert "2 reports of this event" in page.text
    act = await archive.journal.last_of_article(two)
    refused = await typed(eva, "Join with another report", page, str(one))
    assert "These two are already reports of the same event." in refused.text
    assert await archive.journal.last_of_article(two) == act
    article = await archive.articles.get(two)
    assert article is not None
    answer = await eva.tap(JoinWith(two, two, f"{seen_as(article):x}").pack(), page)
    assert "That is this same story." in (answer.text or "")


@ON_EACH_DATABASE
async def test_a_search_that_ran_out_of_time_is_not_said_to_have_found_nothing(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva = newsdesk.eva
    story = await newsdesk.bureau.desk.print_(RIGHT, "style")
    page = await opened_story(eva, str(story))
    monkeypatch.setattr("storage.articles.searching.SECONDS", 0.0)
    for found in (
        await opened_story(eva, RIGHT),
        await typed(eva, "Join with another report", page, "Gucci"),
    ):
        assert found.text == "I found nothing in the time I had. Try again, or add a word."


async def test_a_headline_of_4000_characters_with_markup_is_refused(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    wrong = await bureau.desk.print_(WRONG, "style")
    page = await opened_story(eva, str(wrong))
    answer = await typed(eva, "Headline: typo", page, "<b>x</b> &" * 400)
    assert "at most 300 characters" in answer.text
    assert "<b>Prada</b> & Versace" in (await ask(eva, "<b>Prada</b> & Versace")).text
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    assert article.title == "<b>Prada</b> & Versace"
    assert bureau.town.violations == []


async def test_forged_and_old_taps_of_the_desk_change_nothing(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    ana = await bureau.reader("Ana")
    wrong = await bureau.desk.print_(WRONG, "style")
    article = await bureau.onnews.archive.articles.get(wrong)
    assert article is not None
    seen = f"{seen_as(article):x}"
    message = await ask(ana, "/help")
    taps = (
        DeskArticle(wrong),
        ActOn(wrong, Act.HIDE, seen),
        AskField(wrong, AmendedField.REASON, fact=False, seen=seen),
        SetLead(wrong, 24, for_all=True, seen=seen),
        ActOn(9_999, Act.HIDE, seen),
        ActOn(wrong, Act.HIDE, "zzz"),
    )
    for tap in taps:
        assert OLD in ((await ana.tap(tap.pack(), message)).text or "")
    own = await ask(eva, "/help")
    gone = "This story has been deleted."
    for tap, answer in (
        (taps[4], gone),
        (taps[5], OLD),
        (SetLead(wrong, 25, for_all=True, seen=seen), OLD),
        (SetLead(9_999, 24, for_all=True, seen=seen), gone),
    ):
        assert answer in ((await eva.tap(tap.pack(), own)).text or ""), tap
    assert await bureau.onnews.archive.articles.get(wrong) == article


async def test_a_card_sent_to_a_friend_is_corrected_too(newsdesk: Newsdesk) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    bureau.town.world.inline_feedback = True
    ana, ben = await bureau.reader("Ana"), bureau.town.person("Ben")
    room = bureau.town.direct(ana, ben)
    wrong = await bureau.desk.print_(WRONG, "style")
    (result,) = await ana.inline(f"#{base36(wrong)}", room)
    await ana.choose(result, room)
    await bureau.heard()

    page = await opened_story(eva, str(wrong))
    page = await typed(eva, "Headline: wrong fact", page, RIGHT)
    await bureau.town.until(lambda: RIGHT in room.messages[-1].text)
    await typed(eva, "Withdraw", page, "Not signed.")
    await bureau.town.until(lambda: "Withdrawn: Not signed." in room.messages[-1].text)
