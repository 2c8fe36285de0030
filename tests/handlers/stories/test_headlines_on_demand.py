"""/latest, /category, /digest, /search, /saved, and the card. Days without news, such as a bot's
first: no text promises any. What a reader sees of a story that is in another language than the
bot's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask, hurried, opened, press, start

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau, Clock


async def test_latest_lists_category_date_linked_headline_and_standfirst(bureau: Bureau) -> None:
    ana = await bureau.reader()
    answer = await ask(ana, "/latest")
    assert answer.text.startswith(
        "The latest\n\nToday\n\n1 Shanghai opens a mall for watches\n"
        "What it is about, in a line.\nThe Luxury Courier · 08:30 · China\n\n2 Gucci dreams"
    )
    assert answer.links[0] == "https://news.example/12"
    assert answer.labels[:7] == ["1", "2", "3", "4", "5", "6", "7"]
    assert answer.labels[7:] == ["Older", "Send a story", "What I follow"]


async def test_latest_answers_in_the_readers_language(bureau: Bureau) -> None:
    ana = await bureau.reader("Ana", "it")
    answer = await ask(ana, "/latest 1 cina")
    assert "Cina" in answer.text
    assert "Oggi\n\n1 Shanghai" in answer.text


async def test_latest_takes_a_number_and_a_category_in_any_order(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for words in ("2 motor", "motor 2", "  Motor   2 ", "+2 MOTOR"):
        answer = await ask(ana, f"/latest {words}")
        assert answer.text.startswith("Motor\n"), words
        assert answer.links == ["https://news.example/10", "https://news.example/9"], words


async def test_a_number_that_no_list_has_gets_a_helpful_answer(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for words in ("-5", "0", "10000", "5 6", "9" * 4000):
        assert "A number from 1 to 20" in (await ask(ana, f"/latest {words}")).text, words


async def test_an_unknown_category_gets_did_you_mean(bureau: Bureau) -> None:
    ana = await bureau.reader()
    asked = await ask(ana, "/category bentely")
    assert "I have no category called “bentely”" in asked.text
    assert "Bentley" in asked.labels
    assert "Bentley adds a wing" in (await press(ana, "Bentley", asked)).text


async def test_unknown_words_offer_the_picker_and_the_search(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/latest <b>qqqq & zzzz")
    assert "I have no category called “<b>qqqq & zzzz”" in (await ana.next()).text


async def test_pages_turn_and_numbering_continues(bureau: Bureau) -> None:
    ana = await bureau.reader()
    first = await ask(ana, "/latest 5")
    second = await press(ana, "Older", first)
    assert second.edited
    assert second.labels[:5] == ["6", "7", "8", "9", "10"]
    assert not set(second.links) & set(first.links)
    last = await press(ana, "Older", second)
    assert last.labels == ["11", "12", "Newer", "Send a story", "What I follow"]
    assert (await press(ana, "Newer", last)).links == second.links


async def test_twenty_headlines_of_any_length_fit_one_message(bureau: Bureau) -> None:
    for number in range(20):
        await bureau.desk.print_(
            f"{number} " + "Endlessly long headlines " * 20, "style", standfirst="And more " * 90
        )
    ana = await bureau.reader()
    answer = await ask(ana, "/latest 20")
    assert len(answer.links) == 20
    assert answer.labels[:20] == [str(number) for number in range(1, 21)]
    assert len((await ask(ana, "/latest 10")).links) == 10


async def test_latest_switches_between_all_news_and_what_i_follow(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/latest 3")
    own = await press(ana, "What I follow")
    assert own.links == [f"https://news.example/{number}" for number in (10, 9, 8)]
    assert (await press(ana, "All news")).links[0] == "https://news.example/12"


async def test_a_category_is_followed_and_given_alerts_under_its_list(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ana.send("/category gucci")
    assert (await ana.next()).labels == ["1", "Send a story", "Follow", "Show more or less"]
    assert (await ana.tap("Follow")).text.startswith("You now follow Gucci.")
    assert (await ana.next()).labels == [
        "1",
        "Send a story",
        "Unfollow",
        "Alert me",
        "Show more or less",
    ]
    assert (await press(ana, "Alert me")).labels == [
        "1",
        "Send a story",
        "Unfollow",
        "Stop alerts",
        "Show more or less",
    ]
    subscriber = await bureau.subscriber(ana)
    assert subscriber.taste.follows == {"motor", "gucci"}
    assert await bureau.onnews.archive.subscribers.alerts(subscriber.id) == {"gucci"}


async def test_the_picker_counts_this_weeks_stories_and_marks_what_is_followed(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    assert "✓ Motor · 10" in (await ask(ana, "/category")).labels


async def test_the_picker_counts_only_the_languages_that_its_reader_reads(bureau: Bureau) -> None:
    for number in range(3):
        await bureau.desk.print_(f"Un motore, numero {number}", "motor", language="it")
    every, own = await bureau.reader("Ana"), await bureau.reader("Ida", "it")
    for reader, languages, button in (
        (every, (), "✓ Motor · 13"),
        (every, ("en",), "✓ Motor · 10"),
        (own, ("it",), "✓ Motori · 3"),
        (own, (), "✓ Motori · 13"),
    ):
        await bureau.onnews.archive.subscribers.change(
            (await bureau.subscriber(reader)).id, languages=frozenset(languages)
        )
        assert button in (await ask(reader, "/category")).labels


async def test_digest_sends_what_is_new_once(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await bureau.desk.print_("A motor show at the lake", "motor")
    due = (await bureau.subscriber(ana)).next_at
    edition = await ask(ana, "/digest")
    assert "A motor show at the lake" in edition.text
    bureau.clock.pass_(minutes=1)
    await ana.send("/digest")
    assert "Nothing new from what you follow since your last edition" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).next_at == due


async def test_digest_without_anything_followed_offers_the_picker(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    assert "don’t follow anything yet" in (await ask(ana, "/digest")).text
    assert "Motor · 10" in (await press(ana, "Choose categories")).labels


async def test_search_finds_words_of_titles_and_bodies_and_turns_pages(bureau: Bureau) -> None:
    ana = await bureau.reader()
    found = await ask(ana, "/search engine number")
    assert "Results for “engine number”" in found.text
    assert len(found.links) == 7
    assert len((await press(ana, "Older")).links) == 2
    assert "Gucci dreams of a garden" in (await ask(ana, "/search roses")).text
    for words, advice in (("zzq", "Try another word."), ("zzq roses", "Try fewer words.")):
        assert (await ask(ana, f"/search {words}")).text == f"Nothing found for “{words}”. {advice}"
    # A category without stories, and a misspelt one.
    for words, meant, answer in (
        ("motor", "Motor", "Nothing found for “motor”. Try another word."),
        ("bentely", "Bentley", "Nothing found for “bentely”.\nDid you mean Bentley?"),
    ):
        nothing = await ask(ana, f"/search {words}")
        assert (nothing.text, nothing.labels[0]) == (answer, meant)
        listed = await press(ana, meant, nothing)
        assert listed.edited
        assert listed.text.startswith(f"{meant}\n")


async def test_a_search_without_words_or_with_too_many_is_explained(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for words in ("", " ", "word " * 800):
        assert "/search tourbillon" in (await ask(ana, f"/search {words}")).text, words


async def test_a_search_that_runs_out_of_time_is_marked_as_partial(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await bureau.reader()
    monkeypatch.setattr("storage.articles.searching.SECONDS", 0.0)
    assert "I found nothing in the time I had" in (await ask(ana, "/search engine")).text


async def test_a_search_for_signs_is_an_ordinary_search(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for words in ('"', "* OR -", "(((", "NEAR(a b)", "☃", "%_%", "a" * 200):
        assert "Nothing found for" in (await ask(ana, f"/search {words}")).text, words


async def test_a_plain_text_is_a_category_or_is_offered_to_be_searched(bureau: Bureau) -> None:
    ana = await bureau.reader()
    assert (await ask(ana, "gucci")).text.startswith("Gucci")
    asked = await ask(ana, "silk and roses")
    assert "Search the news" in asked.text
    assert "Gucci dreams of a garden" in (await press(ana, "Search the news", asked)).text


async def test_a_text_near_a_category_offers_the_category_and_the_search(bureau: Bureau) -> None:
    ana = await bureau.reader()
    asked = await ask(ana, "bentely")
    assert "Did you mean Bentley, or should I search" in asked.text
    assert asked.labels[0] == "Bentley"
    assert "Search the news" in asked.labels
    assert not [each for each in asked.labels if "Follow" in each], "a slip is no word to follow"
    assert "Bentley adds a wing" in (await press(ana, "Bentley", asked)).text


async def test_an_empty_list_says_why_it_is_empty(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("yachts",))
    assert "you follow this category" in (await ask(ana, "/category yachts")).text
    assert "Follow this category" in (await ask(ana, "/category learning")).text
    await ana.tap("What I follow", await ask(ana, "/latest"))
    assert "No stories yet from what you follow" in (await ana.next()).text


async def test_the_card_opens_reads_saves_and_shows_more(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "/latest")
    card = await press(ana, "2")
    assert [[each.text for each in row] for row in card.buttons] == [
        ["Read here"],
        ["Save", "Send"],
        ["More…"],
    ]
    card = await press(ana, "More…", card)
    assert card.edited
    assert card.labels == [
        "Read here",
        "Save",
        "Send",
        "Open",
        "More like this",
        "Less of this",
        "Follow Gucci",
    ]
    assert "Style · Gucci · Kering\n\nGucci dreams" in card.text
    assert "The Luxury Courier · today 07:30" in card.text
    assert card.button("Open").url == "https://news.example/11"
    assert (await ana.tap("Save", card)).text.startswith("Saved.")
    kept_card = await ana.next()
    assert "Remove from saved" in kept_card.labels
    await ana.tap("More like this", card)
    assert (await ana.next()).text == "More like this: Gucci\n\nNo similar stories yet."
    page = await press(ana, "Read here", card)
    assert "Paragraph 1." in page.text
    assert "Page 1 of" in page.text
    turned = await press(ana, "Next", page)
    assert turned.edited
    assert "Page 2 of" in turned.text
    kept = await ask(ana, "/saved")
    assert "Gucci dreams of a garden" in kept.text
    await press(ana, "Remove from saved", kept_card)
    assert "Nothing saved yet" in (await ask(ana, "/saved")).text


async def test_a_card_names_the_section_or_house_for_which_its_reader_got_the_story(
    bureau: Bureau,
) -> None:
    await bureau.desk.print_("Many sections", "motor", "art", "china", "style", "prada")
    for followed, named in (("style", "Style"), ("prada", "Prada")):
        reader = await bureau.reader(named, follows=(followed,))
        await reader.tap("1", await ask(reader, "/latest 1"))
        assert named in (await reader.next()).text.partition("\n")[0].split(" · ")[:2]


async def test_a_card_offers_to_follow_its_storys_house_or_group(bureau: Bureau) -> None:
    ana = await bureau.reader()
    for filed, offered in (
        (("ecommerce", "kering", "gucci"), "Kering"),
        (("job", "lvmh"), "LVMH"),
        (("art", "dior", "lvmh"), "Dior"),
        (("job", "art"), "Job"),
    ):
        await bureau.desk.print_(f"Filed under {' and '.join(filed)}", *filed)
        card = await press(ana, "More…", await press(ana, "1", await ask(ana, "/latest 1")))
        assert card.labels[-1] == f"Follow {offered}", filed
        await ana.tap("More like this", card)
        assert (await ana.next()).text.startswith(f"More like this: {offered}\n")


async def test_reading_here_is_offered_where_there_is_clearly_more_to_read(bureau: Bureau) -> None:
    ana = await bureau.reader()
    line = "What it is about, in a line."
    for title, body in (("Short", line + " " * 3 + "And no more."), ("Long", f"{line} " * 12)):
        await bureau.desk.print_(f"A yacht: {title}", "yachts", body=body)
        await ana.tap("1", await ask(ana, "/latest yachts"))
        assert ("Read here" in (await ana.next()).labels) is (title == "Long")


async def test_more_like_this_never_shows_the_story_itself(bureau: Bureau) -> None:
    ana = await bureau.reader()
    card = await press(ana, "3", await ask(ana, "/latest motor"))
    assert "A new engine, number 7" in card.text
    first = await press(ana, "More like this", await press(ana, "More…", card))
    assert [int(link.rpartition("/")[2]) for link in first.links] == [10, 9, 7, 6, 5, 4, 3]
    second = await press(ana, "Older", first)
    assert [int(link.rpartition("/")[2]) for link in second.links] == [2, 1]
    assert (await press(ana, "Newer", second)).text == first.text


async def test_more_like_this_is_of_the_section_if_the_house_has_no_other_story(
    bureau: Bureau,
) -> None:
    await bureau.desk.print_("A weaver of Kyoto wins a prize", "style")
    ana = await bureau.reader()
    await ana.tap("More…", await press(ana, "1", await ask(ana, "/latest gucci")))
    listed = (await press(ana, "More like this", await ana.next())).text
    assert listed.startswith("More like this: Style\n")
    assert "A weaver of Kyoto" in listed
    assert "Gucci dreams" not in listed


async def test_help_lists_every_command_and_an_unknown_one_gets_the_list(bureau: Bureau) -> None:
    ana = await bureau.reader()
    helped = await ask(ana, "/help")
    for command in ("/latest", "/category", "/digest", "/search", "/saved", "/settings", "/stop"):
        assert command in helped.text
    assert "I don’t know /" in (await ask(ana, "/frobnicate now")).text


async def test_the_menus_are_published_in_every_language(sqlite_url: str, clock: Clock) -> None:
    async with opened(sqlite_url, clock, hurried(), menus=True) as bureau:
        sent = [r.params for r in bureau.town.requests if r.method == "setMyCommands"]
        about = [r.params for r in bureau.town.requests if r.method == "setMyDescription"]
    assert {r.get("language_code") for r in sent} >= {None, "en", "it"}
    assert {r.get("language_code") for r in about} >= {None, "en", "it"}


NUMBERS = "Numbers show this week’s stories."


async def houses(person: Person) -> str:
    """Return what a newcomer's picker says above the houses."""
    await start(person)
    return (await press(person, "Houses")).text


async def leaves_all_as_it_is(person: Person, chat: Room | None = None) -> BotMessage:
    """Finish the journey without choosing anything."""
    for label in ("Choose for me", "Keep 08:00", "Keep Milan"):
        await person.tap(label, chat=chat)
    return await person.until("All set", chat)


async def test_an_empty_archive_promises_no_edition_houses_or_numbers(bureau: Bureau) -> None:
    bureau.clock.pass_(days=30)
    ana = bureau.town.person("Ana")
    shown = await houses(ana)
    assert shown.startswith("Houses\nTap to follow")
    assert NUMBERS not in shown
    assert "Here is your first edition" not in (await leaves_all_as_it_is(ana)).text
    assert (await ana.next()).text.startswith("The latest from what you follow")

    # The week's counts are refreshed after a while.
    bureau.clock.pass_(hours=1)
    await bureau.desk.print_("Gucci opens a garden", "style", "gucci")
    leo = bureau.town.person("Leo")
    shown = await houses(leo)
    assert shown.startswith("Houses in the news this week")
    assert NUMBERS in shown
    assert "Here is your first edition" in (await leaves_all_as_it_is(leo)).text
    assert "Gucci opens a garden" in (await leo.next()).text


async def test_privacy_in_a_group_describes_the_groups_data(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Desk", [ana])
    await ana.until("I’m ON News", group)
    await ana.tap("Set up", chat=group)
    assert "What is kept about this chat" in (await leaves_all_as_it_is(ana, group)).labels


@pytest.mark.parametrize(
    ("language", "marked", "own"),
    [
        ("en", "The Luxury Courier (German)", "en-GB"),
        ("it", "The Luxury Courier (tedesco)", "it"),
        ("es", "The Luxury Courier (alemán)", "es-MX"),
        ("fr", "The Luxury Courier (allemand)", "fr"),
        ("zh", "The Luxury Courier（德语）", "zh-Hant"),
    ],
)
async def test_a_story_in_another_language_says_which(
    bureau: Bureau, language: str, marked: str, own: str
) -> None:
    ana = await bureau.reader("Ana", language, follows=("gucci",))
    known = await bureau.subscriber(ana)
    await bureau.onnews.archive.subscribers.change(known.id, languages=frozenset())
    await bureau.desk.print_("Gucci, in the reader's own", "gucci", language=own)
    await bureau.desk.print_("Gucci baut in Florenz", "gucci", hours_ago=0.5, language="de")
    listed = await ask(ana, "/latest 5 gucci")
    assert listed.text.count(marked) == 1
    assert marked in (await press(ana, "1", listed)).text
    assert (await ask(ana, "/digest")).text.count(marked) == 1


async def test_a_language_stands_before_a_paywall(bureau: Bureau) -> None:
    await bureau.desk.print_("Gucci baut in Florenz", "gucci", language="de")
    await bureau.onnews.archive.sources.set_use(bureau.desk.source_id, paywall=True)
    for name, language, marked in (
        ("Ana", "en", "(German, paywall)"),
        ("Ada", "fr", "(allemand, pour abonnés)"),
        ("Lin", "zh", "（德语、付费）"),
    ):
        reader = await bureau.reader(name, language)
        known = await bureau.subscriber(reader)
        await bureau.onnews.archive.subscribers.change(known.id, languages=frozenset())
        assert marked in (await ask(reader, "/latest 5 gucci")).text
