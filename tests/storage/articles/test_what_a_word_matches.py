"""What a word or phrase would find if it were followed, before it is."""

from __future__ import annotations

from storage.model import Taste
from storage.model.article_model import EventLink
from tests.plugins.archive import FIRST, Archive


async def found(archive: Archive, word: str, taste: Taste, most: int = 3) -> tuple[int, list[str]]:
    num, articles = await archive.articles.with_word(word, taste, since=FIRST, most=most)
    return num, [article.title for article in articles]


async def test_a_word_matches_as_if_it_were_followed_and_not_as_a_search_does(
    archive: Archive,
) -> None:
    first = archive.article("A creative director leaves")
    await archive.store(
        archive.article("The creative director of old", minutes=-1),
        first,
        archive.article("Creative directors meet", minutes=1),
        archive.article("A director, creative", minutes=2),
        archive.article("In its text", minutes=3, body="The creative director."),
        archive.article("In its summary", minutes=4, standfirst="Its CREATIVE Director."),
        archive.article("Une creative director", minutes=5, language="fr"),
        archive.article("A creative director of cars", minutes=6, categories=("motor",)),
        archive.article("No rumour: a creative director", minutes=7),
    )
    new = (await archive.articles.latest(Taste(), limit=9))[-2]
    assert new.title == first.title
    report = archive.article("He leaves: a creative director elsewhere", minutes=8)
    await archive.store(report, events={report.link: EventLink(new.event)})
    everything = Taste()
    assert await found(archive, "Creative  director", everything) == (
        5,
        [report.title, "No rumour: a creative director", "A creative director of cars"],
    )
    taste = Taste(
        languages=frozenset({"en"}),
        muted_categories=frozenset({"motor"}),
        muted_words=frozenset({"rumour"}),
    )
    matched = [report.title, "In its summary"]
    assert await found(archive, "creative director", taste) == (2, matched)
    assert await found(archive, "creative director", taste, most=1) == (2, matched[:1])
    assert await found(archive, "night train", everything) == (0, [])


async def test_a_word_in_other_letters_matches_in_every_language(archive: Archive) -> None:
    await archive.store(archive.article("徐家汇的新店", language="zh"))
    assert await found(archive, "徐家汇", Taste(languages=frozenset({"en"}))) == (
        1,
        ["徐家汇的新店"],
    )


async def test_a_word_matches_without_accents_and_in_korean_before_a_particle(
    archive: Archive,
) -> None:
    await archive.store(archive.article("에르메스는 새 가방을"), archive.article("Hermès’ bag"))
    for word in ("에르메스", "hermes", "Hermès"):
        assert (await found(archive, word, Taste()))[0] == 1
