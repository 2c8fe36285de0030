"""Followed words and phrases: offered by a search, alerted, muted, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage.model import YOUR_WORDS, Layout
from storage.readers.choices import MOST_MUTED_WORDS, MOST_WORDS
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

EN: dict[str, Any] = {
    "phrase": "creative director",
    "follow": "Follow “creative director”",
    "added": "Added to your keywords.",
    "already": "Already among your keywords.",
    "heading": "Your keywords",
    "quoted": "“creative director”",
    "alert": "Alert me",
    "at once": "These stories also come at once",
    "why": "Why these",
    "your word": "Your keyword: “creative director”",
    "mute": "Mute",
    "unfollow": "Unfollow",
    "yours": "Your choices",
    "follow a word": "Follow a keyword",
    "which": "Which word or phrase",
    "is a category": "Gucci is a category",
    "follow gucci": "Follow Gucci",
    "short": "at least 2 letters",
    "long": "at most 60 characters",
    "full": "You follow 50 keywords",
    "greeting": ": your keywords",
    "off": "✕ “creative director”",
    "on": "✓ “creative director”",
}
IT: dict[str, Any] = {
    "phrase": "direttore creativo",
    "follow": "Segui «direttore creativo»",
    "added": "Aggiunta alle tue parole chiave.",
    "already": "È già tra le tue parole chiave.",
    "heading": "Le tue parole",
    "quoted": "«direttore creativo»",
    "alert": "Avvisami",
    "at once": "Queste notizie arrivano anche subito",
    "why": "Perché queste",
    "your word": "La tua parola chiave: «direttore creativo»",
    "mute": "Silenzia",
    "unfollow": "Non seguire più",
    "yours": "Le tue scelte",
    "follow a word": "Segui una parola",
    "which": "Quale parola o espressione",
    "is a category": "Gucci è una categoria",
    "follow gucci": "Segui Gucci",
    "short": "almeno 2 lettere",
    "long": "al massimo 60 caratteri",
    "full": "Segui 50 parole chiave",
    "greeting": ": le tue parole chiave",
    "off": "✕ «direttore creativo»",
    "on": "✓ «direttore creativo»",
}


@pytest.mark.parametrize(("language", "words"), [("en", EN), ("it", IT)])
async def test_a_word_is_followed_alerted_to_muted_and_removed(
    bureau: Bureau, language: str, words: dict[str, Any]
) -> None:
    ana = await bureau.reader(language=language, follows=("motor",))
    subscribers, phrase = bureau.onnews.archive.subscribers, words["phrase"]

    # A searched word can be followed, from the next article on.
    await bureau.desk.print_(f"A {phrase} of before", "style")
    found = await ask(ana, f"/search {phrase}")
    assert "of before" in found.text
    assert words["follow"] in found.labels
    page = await press(ana, words["follow"], found)
    assert words["added"] in page.text
    assert (await bureau.subscriber(ana)).taste.words == {phrase}
    assert words["follow"] not in (await ask(ana, f"/search {phrase.upper()}")).labels

    # With a bell, it comes at once; and is in no edition then.
    page = await press(ana, words["alert"], page)
    assert words["at once"] in page.text
    alert = bureau.onnews.archive.newsroom.results.has_new
    await alert([await bureau.desk.print_(f"Gucci has a new {phrase.title()}", "style")])
    alerted = (await ana.next()).text
    assert "Gucci has a new" in alerted
    assert alerted.splitlines()[-1].endswith(f" · {words['quoted']}")
    await alert([])
    await subscribers.follow_word((await bureau.subscriber(ana)).id, phrase, alerts=False)

    # In the edition it has its own heading and a reason.
    await bureau.desk.print_("Who follows whom", "art", standfirst=f"Another {phrase} leaves.")
    edition = await ask(ana, "/digest")
    assert "Who follows whom" in edition.text
    assert "Gucci has a new" not in edition.text
    assert words["heading"].upper() in edition.text
    assert words["greeting"] in edition.text
    await bureau.heard()
    why = next(label for label in edition.labels if label.startswith(words["why"][:4]))
    assert words["your word"] in (await press(ana, why, edition)).text

    # Muted, it is followed no more.
    yours = await press(ana, words["mute"], page)
    assert words["off"] in yours.labels
    taste = (await bureau.subscriber(ana)).taste
    assert not taste.words
    assert taste.muted_words == {phrase}
    yours = await press(ana, words["off"], yours)
    assert words["off"] not in yours.labels

    # Typed when asked for, it is followed again, and removed on the page of all choices.
    assert words["which"] in (await press(ana, words["follow a word"], yours)).text
    page = await ask(ana, f"  {phrase} ")
    assert words["added"] in page.text
    yours = await press(ana, words["yours"], page)
    page = await press(ana, words["on"], yours)
    assert page.edited
    assert words["on"] not in (await press(ana, words["unfollow"], page)).labels
    assert not (await bureau.subscriber(ana)).taste.words


@pytest.mark.parametrize(("language", "words"), [("en", EN), ("it", IT)])
async def test_a_word_that_cannot_be_followed_is_answered_with_what_works(
    bureau: Bureau, language: str, words: dict[str, Any]
) -> None:
    ana = await bureau.reader(language=language)
    reader, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    await ana.send("/settings")
    yours = await press(ana, words["yours"], await ana.next())

    async def asked(text: str) -> Any:  # noqa: ANN401 - the playground's message
        await press(ana, words["follow a word"], yours)
        bureau.clock.pass_(seconds=5)
        return await ask(ana, text)

    for text in ("x", "…!", "C++", "A+"):
        assert words["short"] in (await asked(text)).text, text
    assert words["long"] in (await asked("word " * 30)).text
    category = await asked("gucci")
    assert words["is a category"] in category.text
    assert category.labels == [words["follow gucci"]]
    await subscribers.follow_word(reader, words["phrase"])
    assert words["already"] in (await asked(words["phrase"].upper())).text
    for number in range(MOST_WORDS):
        await subscribers.follow_word(reader, f"word {number}")
    full = await asked("one more")
    assert words["full"] in full.text
    assert full.labels == [words["yours"]]
    assert len((await bureau.subscriber(ana)).taste.words) == MOST_WORDS


async def test_a_text_that_names_no_category_can_be_followed(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=())
    answer = await ask(ana, "徐家汇")
    assert "“徐家汇”" in (await press(ana, "Follow “徐家汇”", answer)).text
    subscriber = await bureau.subscriber(ana)
    assert subscriber.taste.words == {"徐家汇"}
    # Who follows nothing but a word gets editions.
    assert subscriber.next_at is not None
    await bureau.desk.print_("上海徐家汇开新店", "art")
    assert "徐家汇" in (await ask(ana, "/latest")).text
    assert "YOUR KEYWORDS" in (await ask(ana, "/digest")).text
    assert "Follow Gucci" in (await ask(ana, "/search gucci")).labels


async def test_following_a_muted_word_unmutes_it_and_the_reverse(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=())
    reader, subscribers = (await bureau.subscriber(ana)).id, bureau.onnews.archive.subscribers
    await subscribers.mute_word(reader, "tourbillon")
    done = await ask(ana, "follow Tourbillon")
    assert done.text.startswith("You now follow “Tourbillon”.\n")
    assert (await press(ana, "Undo", done)).text.startswith("Undone.")
    assert (await bureau.subscriber(ana)).taste.muted_words == {"tourbillon"}
    await ask(ana, "follow Tourbillon")
    page = await ask(ana, "follow Tourbillon")
    assert "Already among your keywords." in page.text
    await bureau.desk.print_("A tourbillon for the wrist", "watches")
    assert "A tourbillon for the wrist" in (await ask(ana, "/digest")).text
    await bureau.heard()

    yours = await press(ana, "Your choices", page)
    await press(ana, "Mute a word", yours)
    labels = (await ask(ana, "TOURBILLON")).labels
    assert "✕ “tourbillon”" in labels
    assert "✓ “Tourbillon”" not in labels

    # At the limit of muted words, a followed word stays followed.
    for number in range(MOST_MUTED_WORDS):
        await subscribers.mute_word(reader, f"word {number}")
    await subscribers.follow_word(reader, "minute repeater")
    await ana.tap("Your choices", await ask(ana, "/settings"))
    await ana.tap("Mute", await press(ana, "✓ “minute repeater”", await ana.next()))
    assert "muted words is full" in (await ana.next()).text
    assert (await bureau.subscriber(ana)).taste.words == {"minute repeater"}


async def test_a_word_in_other_letters_is_found_whatever_languages_are_read(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=())
    assert (await bureau.subscriber(ana)).taste.languages == {"en"}
    await bureau.desk.print_("上海徐家汇的旧店", "art", language="zh")
    for number in range(3):
        await bureau.desk.print_(f"香奈儿在北京, {number}", "art", language="zh")
    found = await ask(ana, "/search 徐家汇")
    assert "徐家汇的旧店" in found.text
    assert any("徐家汇" in one.title for one in await ana.inline("徐家汇"))
    await press(ana, "Alert me", await press(ana, "Follow “徐家汇”", found))
    alert = bureau.onnews.archive.newsroom.results.has_new
    await alert([])
    await alert([await bureau.desk.print_("徐家汇开新店", "art", language="zh")])
    assert "徐家汇开新店" in (await ana.next()).text
    await bureau.desk.print_("上海徐家汇又开新店", "art", "style", language="zh")
    await bureau.desk.print_("上海又开新店", "art", "style", language="zh")
    # Followed categories still bring only English news.
    await ana.tap("Follow", await ask(ana, "/category style"))
    await bureau.unread(ana)
    edition = (await ask(ana, "/digest")).text
    assert "上海徐家汇又开新店" in edition
    assert "上海又开新店" not in edition
    listed = (await press(ana, "What I follow", await ask(ana, "/latest"))).text
    assert listed.count("徐家汇") == 2
    assert "上海又开新店" not in listed


async def test_follow_or_search_before_a_name_is_split_from_it(bureau: Bureau) -> None:
    await bureau.desk.print_("Marinella opens in Tokyo", "style")
    ana = await bureau.reader(follows=())
    assert (await ask(ana, "follow gucci")).text.startswith("You now follow Gucci.")
    assert (await ask(ana, "segui “marinella”")).labels == ["Undo"]
    assert (await bureau.subscriber(ana)).taste.words == {"marinella"}
    for typed in ('search for "marinella"', '/search "Marinella"', "search for marinella"):
        found = await ask(ana, typed)
        assert "Marinella opens in Tokyo" in found.text, typed
        assert "““" not in found.text


async def test_a_word_that_begins_like_a_request_is_taken_whole_where_any_words_answer(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    for label, typed in (
        ("Mute a word", "search engine"),
        ("Follow a keyword", "find a muse"),
        ("Follow a keyword", "follow estate car"),
    ):
        await ana.tap("Your choices", await ask(ana, "/settings", until="Settings"))
        await press(ana, label, await ana.next(), until="Which word")
        await ana.send(typed)
        await bureau.unread(ana)
    taste = (await bureau.subscriber(ana)).taste
    assert taste.muted_words == {"search engine"}
    assert taste.words == {"find a muse", "estate car"}


async def test_the_bots_name_is_left_out_of_a_search(bureau: Bureau) -> None:
    for number in range(12):
        await bureau.desk.print_(f"Marinella opens shop {number}", "style")
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], settled=True)
    await ana.tap("Older", await ask(ana, "@OnNewsBot search for marinella", group))
    assert (await ana.next(group)).text.startswith("Results for “marinella”")
    await ana.tap("Search the news", await ask(ana, "@OnNewsBot opens shop", group))
    assert (await ana.next(group)).text.startswith("Results for “opens shop”")


def test_the_heading_of_followed_words_is_not_a_category() -> None:
    from news.filing.taxonomy import load  # noqa: PLC0415 - it takes a second

    assert YOUR_WORDS not in load().categories


async def test_a_groups_followed_words_are_named_as_the_groups(bureau: Bureau) -> None:
    ana = bureau.town.person("Ana")
    group = bureau.town.group("Club", [ana], settled=True)
    await ana.tap("Follow here", await ask(ana, "/category watches", group))
    club, subscribers = await bureau.subscriber(group), bureau.onnews.archive.subscribers
    await subscribers.follow_word(club.id, "engine")
    await ana.tap("Followed", await ask(ana, "/settings", group, until="Settings"))
    await ana.tap("✓ “engine”", await ana.next(group))
    assert "under “Followed keywords”" in (await ana.next(group)).text
    for number in range(12):
        await bureau.desk.print_(f"An engine, volume {number}", "motor")
    edition = await ask(ana, "/digest", group, until="ON News")
    assert "FOLLOWED KEYWORDS" in edition.text
    assert "\nFollowed keywords\n" in (await press(ana, "More", edition, chat=group)).text
    await subscribers.change(club.id, layout=Layout.FRONT_PAGE)
    for number in range(3):
        await bureau.desk.print_(f"An engine, part {number}", "motor")
    bureau.clock.pass_(minutes=1)
    page = await ask(ana, "/digest", group, until="An engine, part")
    assert page.blocks
    assert "\nFollowed keywords\n" in page.text
    assert not [each for each in group.messages if "our words" in each.text.casefold()]
