"""Which articles of a round are new, edited or known: pure functions, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.articles import upsert_rules
from storage.articles.upsert_rules import StoredArticle, Upserts
from storage.model import Filing, NewArticle, Round

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
ARTICLE = NewArticle(
    guid="1",
    link="https://daily.example/1",
    title="A house opens",
    standfirst="It opens in Milan.",
    body="A paragraph.",
    image="https://daily.example/1.jpg",
    author=None,
    language="en",
    published=NOW,
    filings=(Filing("style", "house"),),
)


def a_round(*articles: NewArticle) -> Round:
    return Round(source_id=7, now=NOW, next_check=NOW, interval=60, articles=articles)


def present(article: NewArticle, *, number: int = 1, source_id: int = 7) -> StoredArticle:
    return StoredArticle(
        id=number,
        source_id=source_id,
        guid=article.guid,
        link=article.link,
        title=article.title,
        standfirst=article.standfirst,
        image=article.image,
        author=article.author,
        language=article.language,
        published=article.published,
        body_print=upsert_rules.body_print(article.body) if article.body else None,
    )


def upserts_of(*articles: NewArticle, known: tuple[StoredArticle, ...] = ()) -> Upserts:
    return upsert_rules.judge(upsert_rules.prepare(a_round(*articles)), known, 7)


def test_an_unknown_article_is_new() -> None:
    assert [one.article for one in upserts_of(ARTICLE).new] == [ARTICLE]


def test_the_same_article_again_is_unchanged() -> None:
    assert upserts_of(ARTICLE, known=(present(ARTICLE),)) == Upserts((), (), 1)


def test_new_articles_come_oldest_first() -> None:
    later = replace(ARTICLE, guid="2", link="https://daily.example/2", title="Later")
    later = replace(later, published=NOW + timedelta(hours=1))
    assert [one.article.guid for one in upserts_of(later, ARTICLE).new] == ["1", "2"]


def test_a_new_title_is_an_edit() -> None:
    verdict = upserts_of(replace(ARTICLE, title="A house closes"), known=(present(ARTICLE),))
    assert [change.reworded for change in verdict.changed] == [True]
    assert verdict.new == ()


def test_a_new_body_is_an_edit() -> None:
    (change,) = upserts_of(replace(ARTICLE, body="Another."), known=(present(ARTICLE),)).changed
    assert change.reworded


def test_a_field_missing_in_a_round_is_not_an_edit() -> None:
    bare = replace(ARTICLE, body=None, image=None, standfirst="")
    assert upserts_of(bare, known=(present(ARTICLE),)).changed == ()


def test_a_new_token_in_a_pictures_address_is_not_an_edit() -> None:
    ticket = replace(ARTICLE, image="https://daily.example/1.jpg?ticket=2")
    assert upserts_of(ticket, known=(present(ARTICLE),)).changed == ()


def test_a_missing_picture_is_filled_in_without_an_edit() -> None:
    known = present(replace(ARTICLE, image=None))
    (change,) = upserts_of(ARTICLE, known=(known,)).changed
    assert not change.reworded


def test_new_ids_for_known_links_bring_nothing_new() -> None:
    known = tuple(
        present(replace(ARTICLE, link=f"https://daily.example/{n}", guid=str(n)), number=n)
        for n in range(1, 30)
    )
    again = (
        replace(ARTICLE, link=f"https://daily.example/{n}", guid=f"new-{n}") for n in range(1, 30)
    )
    verdict = upserts_of(*again, known=known)
    assert verdict.new == ()
    assert not any(change.reworded for change in verdict.changed)


def test_a_known_id_with_a_new_link_has_moved_if_its_title_is_the_same() -> None:
    moved = replace(ARTICLE, link="https://daily.example/moved")
    verdict = upserts_of(moved, known=(present(ARTICLE),))
    assert verdict.new == ()
    assert [change.now.article.link for change in verdict.changed] == [moved.link]


def test_a_reused_id_does_not_hide_other_news() -> None:
    other = replace(
        ARTICLE,
        link="https://daily.example/2",
        title="Quite another thing",
        published=NOW + timedelta(days=1),
    )
    assert len(upserts_of(other, known=(present(ARTICLE),)).new) == 1


def test_a_feed_with_one_id_for_all_items_is_read_completely() -> None:
    items = [
        replace(
            ARTICLE,
            link=f"https://daily.example/{n}",
            title=f"Title {n}",
            published=NOW + timedelta(minutes=n),
        )
        for n in range(5)
    ]
    assert len(upserts_of(*items).new) == 5


def test_one_item_under_two_links_is_stored_once_and_stays_where_it_is() -> None:
    twin = replace(ARTICLE, link="https://daily.example/1?from=home")
    first = upserts_of(ARTICLE, twin)
    assert [one.article.link for one in first.new] == [ARTICLE.link]
    again = upserts_of(ARTICLE, twin, known=(present(ARTICLE),))
    assert again.new == ()
    assert again.changed == ()
    assert again.unchanged == 2


def test_the_link_of_another_source_is_known_and_left_as_it_is() -> None:
    theirs = present(replace(ARTICLE, title="Their words"), source_id=8)
    assert upserts_of(ARTICLE, known=(theirs,)) == Upserts((), (), 1)


def test_ids_are_compared_only_within_a_source() -> None:
    theirs = present(replace(ARTICLE, link="https://weekly.example/1"), source_id=8)
    assert len(upserts_of(ARTICLE, known=(theirs,)).new) == 1


def test_nul_and_lone_surrogates_are_dropped() -> None:
    broken = replace(ARTICLE, title="A\0 hou\ud800se", body="\0", author="\udfff")
    (one,) = upserts_of(broken).new
    assert (one.article.title, one.article.author) == ("A house", "")


words = st.sampled_from(["a", "b", "c"])
items = st.builds(
    replace,
    st.just(ARTICLE),
    guid=words,
    link=words.map(lambda word: f"https://daily.example/{word}"),
    title=words,
    standfirst=st.sampled_from(["", "x", "y"]),
    body=st.sampled_from([None, "x", "y"]),
    published=st.sampled_from([NOW, NOW + timedelta(hours=1)]),
)


@given(st.lists(items, max_size=8))
def test_a_round_read_twice_brings_nothing_new(articles: list[NewArticle]) -> None:
    prepared = upsert_rules.prepare(a_round(*articles))
    first = upsert_rules.judge(prepared, (), 7)
    stored = [present(one.article, number=n) for n, one in enumerate(first.new, start=1)]
    again = upsert_rules.judge(prepared, stored, 7)
    assert again.new == ()
    assert len({known.link for known in stored}) == len(stored)
    assert len(again.changed) + again.unchanged == len(prepared)


@given(st.lists(items, max_size=8), st.lists(items, max_size=8))
def test_every_article_of_a_round_is_accounted_for(
    before: list[NewArticle], after: list[NewArticle]
) -> None:
    first = upsert_rules.judge(upsert_rules.prepare(a_round(*before)), (), 7)
    stored = [present(one.article, number=n) for n, one in enumerate(first.new, start=1)]
    prepared = upsert_rules.prepare(a_round(*after))
    verdict = upsert_rules.judge(prepared, stored, 7)
    assert len(verdict.new) + len(verdict.changed) + verdict.unchanged == len(prepared)
    # No two articles end at one link.
    taken = {known.id: known.link for known in stored}
    taken |= {change.was.id: change.now.article.link for change in verdict.changed}
    links = [*taken.values(), *(one.article.link for one in verdict.new)]
    assert len(links) == len(set(links))


def test_another_source_fills_missing_fields_and_replaces_none() -> None:
    bare = replace(ARTICLE, standfirst="", body=None, image=None, language=None)
    rich = replace(
        ARTICLE,
        guid="x",
        title="Another wording",
        author="Anna Rossi",
        filings=(Filing("art", "x"),),
    )
    (change,) = upserts_of(rich, known=(present(bare, source_id=8),)).changed
    assert (change.reworded, change.filled) == (True, True)
    added = change.now.article
    assert (added.guid, added.link, added.title) == (bare.guid, bare.link, bare.title)
    assert (added.standfirst, added.body) == (rich.standfirst, rich.body)
    assert (added.image, added.author, added.language) == (rich.image, "Anna Rossi", "en")
    assert change.now.words.title == "a house opens"
    known = present(replace(ARTICLE, author="Carla Bianchi"), source_id=8)
    assert upserts_of(rich, known=(known,)) == Upserts((), (), 1)


def test_another_source_that_brings_a_body_leaves_the_standfirst() -> None:
    known = present(replace(ARTICLE, body=None), source_id=8)
    (change,) = upserts_of(replace(ARTICLE, standfirst="Other words."), known=(known,)).changed
    assert (change.now.article.standfirst, change.now.article.body) == ("", ARTICLE.body)


def test_a_missing_author_is_filled_in_without_an_edit() -> None:
    known = present(ARTICLE)
    (change,) = upserts_of(replace(ARTICLE, author="Anna Rossi"), known=(known,)).changed
    assert not change.reworded
