"""An editor publishes a link, a post and a picture from the private chat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.taps.desk_data import DraftAct, OnDraft
from storage.model import NewSource
from storage.model.desk_model import DraftState
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, turned
from tests.handlers.desk.pages import TITLE, articles, draft_of, page, sent

if TYPE_CHECKING:
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

PHOTO = (Path(__file__).parents[4] / "playground/newsstand/pictures/bag-tan.jpg").read_bytes()
POST = (
    "Gucci opens a garden in Florence\n\n"
    "The house plants roses beside its museum, and lets visitors in from Monday.\n\n"
    "The garden has four hundred kinds of roses."
)


async def test_a_link_becomes_a_draft_as_readers_will_see_it_and_is_published(
    newsdesk: Newsdesk, site: Site
) -> None:
    draft = await sent(newsdesk.eva, page(site))
    assert TITLE in draft.text
    assert "Bentley builds a wing for its coachbuilders" in draft.text
    assert "Bentley: " in draft.text  # with its reason
    assert "Language: English" in draft.text
    assert await articles(newsdesk) == []
    answer = await newsdesk.eva.tap("Publish", draft)
    assert answer.text == "Published."
    after = await newsdesk.eva.next()
    assert (after.id, "Published: " in after.text) == (draft.id, True)
    (article,) = await articles(newsdesk)
    assert (article.title, article.link) == (TITLE, site.url + "/story")
    assert "bentley" in article.categories
    # The same link is a known story from now on, for an editor too.
    assert "Save" in (await ask(newsdesk.eva, site.url + "/story")).labels


@ON_EACH_DATABASE
@pytest.mark.parametrize(
    ("stated", "named"),
    [("The Coach Post", "The Coach Post"), ("on news", ""), ("The Luxury Courier", ""), ("", "")],
)
async def test_a_source_of_an_editor_is_named_by_its_page_unless_another_has_that_name(
    newsdesk: Newsdesk, site: Site, stated: str, named: str
) -> None:
    host = site.url.removeprefix("http://")
    head = f'<meta property="og:site_name" content="{stated}">'
    draft = await sent(newsdesk.eva, page(site, head=head))
    assert f"{named or host} · " in draft.text
    await turned(newsdesk.eva, "Publish", draft)
    (article,) = await articles(newsdesk)
    assert article.source == (named or host)
    # Its next story is of the same source, whatever that page says.
    other = "Mulliner moves into its new wing at Crewe in spring"
    renamed = head.replace("Coach", "Other")
    second = await sent(newsdesk.eva, page(site, other, "/other", renamed))
    assert f"{named or host} · " in second.text


async def test_what_an_editor_wrote_outlives_the_next_reading_of_the_source(
    newsdesk: Newsdesk, site: Site
) -> None:
    bureau, eva = newsdesk.bureau, newsdesk.eva
    link = page(site)
    source = await bureau.onnews.archive.sources.add(
        NewSource("The Site", f"{site.url}/feed", site=site.url), bureau.clock.now
    )
    edit = await turned(eva, "Edit", await sent(eva, link))
    await press(eva, "Headline", edit)
    edited = await ask(eva, "Mulliner gets a wing")
    await eva.next()
    await turned(eva, "Publish", edited)
    read_again = bureau.desk.print_(
        TITLE, "style", link=link, standfirst="By its feed.", source_id=source.id
    )
    with pytest.raises(IndexError):  # it is no new article
        await read_again
    (article,) = await articles(newsdesk)
    assert (article.source, article.title) == ("The Site", "Mulliner gets a wing")
    assert "bentley" in article.categories
    assert "style" not in article.categories


async def test_a_reader_who_sends_a_link_gets_no_draft_and_nothing_is_fetched(
    newsdesk: Newsdesk, site: Site
) -> None:
    anna = await newsdesk.bureau.reader("Anna")
    assert "reading" not in (await ask(anna, page(site))).text
    await anna.send_photo(PHOTO, POST)
    assert "reading" not in (await anna.next()).text
    assert site.requests == []
    assert await newsdesk.bureau.onnews.archive.drafts.get(1) is None


@pytest.mark.parametrize("public_only", [True])
async def test_a_link_to_a_private_address_is_not_opened(
    newsdesk: Newsdesk, site: Site, *, public_only: bool
) -> None:
    del public_only
    private = ("127.0.0.1:1/x", "10.0.0.1/", "169.254.169.254/latest", "192.168.1.1/")
    for address in (page(site), *(f"http://{each}" for each in private)):
        answer = await sent(newsdesk.eva, address)
        assert "not public" in answer.text, address
    assert site.requests == []
    assert await newsdesk.bureau.onnews.archive.drafts.get(1) is None


async def test_a_page_of_forty_megabytes_is_refused(newsdesk: Newsdesk, site: Site) -> None:
    address = site.serve("/large", b"<html>" + b"x" * 40_000_000, Content_Type="text/html")
    answer = await sent(newsdesk.eva, address)
    assert "too large" in answer.text
    address = site.serve("/gone", "no", status=404)
    assert "There is no page" in (await sent(newsdesk.eva, address)).text
    assert await newsdesk.bureau.onnews.archive.drafts.get(1) is None


async def test_a_headline_of_four_thousand_characters_with_markup_does_no_harm(
    newsdesk: Newsdesk, site: Site
) -> None:
    title = "&lt;b&gt;Gucci &amp;amp; &lt;a href=x&gt; " + "very " * 800
    draft = await sent(newsdesk.eva, page(site, title=title))
    assert "Gucci" in draft.text
    assert len((await draft_of(newsdesk)).text.title) <= 300
    await turned(newsdesk.eva, "Edit", draft)
    edit = draft
    await newsdesk.eva.tap(OnDraft(DraftAct.HEADLINE, 1, 1).pack(), edit)
    assert "to copy" in (await newsdesk.eva.next()).text
    assert "up to 300 characters" in (await ask(newsdesk.eva, "<b>" + "x" * 3_900)).text
    assert "<b>Gucci</b> & friends" in (await ask(newsdesk.eva, "<b>Gucci</b> & friends")).text
    assert (await draft_of(newsdesk)).text.title == "<b>Gucci</b> & friends"


async def test_a_forwarded_post_without_a_link_becomes_an_article_of_the_bots_own(
    newsdesk: Newsdesk,
) -> None:
    eva, town = newsdesk.eva, newsdesk.bureau.town
    anna = await newsdesk.bureau.reader("Anna", follows=("gucci",))
    room = town.group("Room", [eva, anna], settled=True)
    await eva.forward(await anna.send(POST, room))
    assert "reading the post" in (await eva.next()).text
    draft = await eva.next()
    assert "Gucci opens a garden in Florence" in draft.text
    assert "ON News" in draft.text
    await turned(eva, "Publish", draft)
    (article,) = await articles(newsdesk)
    assert article.source == "ON News"
    assert article.link.startswith("https://t.me/OnNewsBot?start=n")
    body = await newsdesk.bureau.onnews.archive.articles.body(article.id)
    assert body is not None
    assert "four hundred kinds of roses" in body.text
    await anna.open(article.link)
    assert "Gucci opens a garden" in (await anna.next()).text
    assert "Gucci opens a garden" in (await ask(anna, "/digest")).text


@pytest.mark.parametrize(
    "link", ["https://t.me/roses_daily", "t.me/roses_daily", "tg://resolve?domain=roses_daily"]
)
async def test_a_post_that_links_to_its_channel_alone_is_published_by_its_text(
    newsdesk: Newsdesk, link: str
) -> None:
    eva = newsdesk.eva
    room = newsdesk.bureau.town.group("Roses", [eva], settled=True)
    await eva.forward(await eva.send(f"{POST}\n\n{link}", room))
    assert "reading the post" in (await eva.next()).text
    assert "Gucci opens a garden" in (await eva.next()).text


async def test_another_button_closes_the_question_of_a_draft(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    await press(eva, "Headline", edit)
    await turned(eva, OnDraft(DraftAct.LANGUAGES, 1, 1).pack(), edit)
    assert TITLE not in (await ask(eva, "motor")).text
    assert (await draft_of(newsdesk)).text.title == TITLE


async def test_a_picture_with_text_becomes_an_article_with_that_picture(
    newsdesk: Newsdesk,
) -> None:
    await newsdesk.eva.send_photo(PHOTO, POST)
    await newsdesk.eva.next()
    draft = await newsdesk.eva.next()
    assert "Your picture is shown on front pages, in alerts and with the story" in draft.text
    assert next(block["type"] for block in draft.blocks) == "photo"
    draft = await turned(newsdesk.eva, "Publish", draft)
    (article,) = await articles(newsdesk)
    assert article.image is not None
    assert article.image.startswith("telegram:")
    # Readers' cards have it as other cards have the pictures of pages.
    anna = await newsdesk.bureau.reader("Anna")
    await anna.send("/latest gucci")
    await anna.tap("1", await anna.next())
    card = await anna.next()
    assert [block["type"] for block in card.blocks][:2] == ["photo", "paragraph"]
    assert "Gucci opens a garden in Florence" in card.text
    await anna.open(article.link)
    assert (await anna.next()).blocks[0]["type"] == "photo"
    # A picture without a text is nothing to publish.
    await newsdesk.eva.send_photo(PHOTO)
    assert "reading" not in (await newsdesk.eva.next()).text


@ON_EACH_DATABASE
async def test_a_photo_in_place_of_a_text_is_the_picture_and_the_question_stays_open(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    for label, asked in (("Headline", "headline"), ("Summary", "summary")):
        await press(eva, label, edit)
        await eva.send_photo(PHOTO)
        card = await eva.next()
        assert next(block["type"] for block in card.blocks) == "photo"
        retired = await eva.next()
        assert (retired.id, retired.labels) == (edit.id, [])
        assert f"still waiting for the {asked}" in (await eva.next()).text
        below = await ask(eva, f"A new {asked}")
        assert f"A new {asked}" in below.text
        await eva.next()
        edit = await turned(eva, "Edit", below)
    draft = await draft_of(newsdesk)
    assert (draft.text.title, draft.text.standfirst) == ("A new headline", "A new summary")
    # A picture with text is a post of its own, whatever is asked.
    await press(eva, "Headline", edit)
    await eva.send_photo(PHOTO, POST)
    assert "reading the post" in (await eva.next()).text
    assert "Gucci opens a garden" in (await eva.next()).text
    assert (await draft_of(newsdesk)).text.title == "A new headline"


async def test_headline_standfirst_and_language_are_edited_in_place(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    draft = await sent(eva, page(site))
    edit = await turned(eva, "Edit", draft)
    assert "to copy" in (await press(eva, "Summary", edit)).text
    below = await ask(eva, "Sixty people move in.")
    assert "Sixty people move in." in below.text
    assert "Publish" in below.labels
    older = await eva.next()
    assert (older.id, older.labels) == (edit.id, [])
    edit = await turned(eva, OnDraft(DraftAct.LANGUAGES, 1, 2).pack(), edit)
    edit = await turned(eva, "Italian", edit)
    back = await turned(eva, "Back", edit)
    await turned(eva, "Publish", back)
    (article,) = await articles(newsdesk)
    assert (article.standfirst, article.language) == ("Sixty people move in.", "it")


async def test_a_time_is_understood_and_a_tick_publishes_then(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, bureau = newsdesk.eva, newsdesk.bureau
    draft = await sent(eva, page(site))
    await press(eva, "Publish at…", draft)
    assert "as a time in the future" in (await ask(eva, "whenever")).text
    assert "Will be published: tomorrow 07:00" in (await ask(eva, "tomorrow at 7")).text
    assert bureau.onnews.ticks is not None
    await bureau.onnews.ticks.run("publications")
    assert await articles(newsdesk) == []
    bureau.clock.pass_(hours=21)
    await bureau.onnews.ticks.run("publications")
    await bureau.onnews.ticks.run("publications")
    (article,) = await articles(newsdesk)
    assert article.title == TITLE
    assert (await draft_of(newsdesk)).state is DraftState.PUBLISHED


@ON_EACH_DATABASE
async def test_a_publication_that_broke_off_is_finished_once(
    newsdesk: Newsdesk, site: Site
) -> None:
    await sent(newsdesk.eva, page(site))
    archive, bureau = newsdesk.bureau.onnews.archive, newsdesk.bureau
    draft = await draft_of(newsdesk)
    now = bureau.clock.now
    assert await archive.drafts.begin_publishing(
        draft, draft.text.link, by=newsdesk.eva.id, now=now
    )
    assert await archive.drafts.begin_publishing(draft, draft.text.link, by=2, now=now) is None
    assert bureau.onnews.ticks is not None
    await bureau.onnews.ticks.run("publications")
    assert await articles(newsdesk) == []
    bureau.clock.pass_(minutes=2)
    await bureau.onnews.ticks.run("publications")
    await bureau.onnews.ticks.run("publications")
    assert len(await articles(newsdesk)) == 1


@pytest.mark.parametrize("wanted", [True, False])
async def test_an_alert_goes_to_those_who_asked_for_it_only_if_the_editor_says_so(
    newsdesk: Newsdesk, site: Site, *, wanted: bool
) -> None:
    anna = await newsdesk.bureau.reader("Anna")
    subscriber = await newsdesk.bureau.subscriber(anna)
    subscribers = newsdesk.bureau.onnews.archive.subscribers
    await subscribers.follow(subscriber.id, "bentley", alerts=True)
    draft = await sent(newsdesk.eva, page(site))
    if wanted:
        draft = await turned(newsdesk.eva, "Also send as alert", draft)
        assert "Alert: one chat at once" in draft.text
    await turned(newsdesk.eva, "Publish", draft)
    if wanted:
        assert "just in" in (await anna.next()).text
    await newsdesk.bureau.heard()
    assert anna.unread() == []
    assert (TITLE in (await ask(anna, "/digest")).text) is not wanted


@ON_EACH_DATABASE
async def test_a_lead_story_stands_first_and_why_these_says_so(
    newsdesk: Newsdesk, site: Site
) -> None:
    bureau = newsdesk.bureau
    anna = await bureau.reader("Anna", follows=("motor", "bentley"))
    bert = await bureau.reader("Bert", follows=("style",))
    weighty = await bureau.onnews.archive.sources.add(
        NewSource("The Weighty", "https://weighty.example/feed", weight=100), bureau.clock.now
    )
    for number in range(4):
        await bureau.desk.print_(
            f"Motor news of weight, number {number}", "motor", source_id=weighty.id, hours_ago=0.1
        )
    draft = await sent(newsdesk.eva, page(site))
    leads = await turned(newsdesk.eva, "Lead until…", draft)
    assert "✓ Not the lead" in leads.labels
    leads = await turned(newsdesk.eva, "Today 16:30", leads)
    assert "until today 16:30" in leads.text
    await turned(newsdesk.eva, "Publish", await turned(newsdesk.eva, "Back", leads))
    edition = await ask(anna, "/digest")
    assert edition.text.startswith(TITLE)
    assert "the editors’ lead story" in (await press(anna, "Why these", edition)).text
    assert TITLE not in (await ask(bert, "/digest")).text
    # Its time is up: a newcomer's edition no longer begins with it.
    bureau.clock.pass_(hours=7)
    cleo = await bureau.reader("Cleo", follows=("motor",))
    subscriber = await bureau.subscriber(cleo)
    await bureau.onnews.archive.subscribers.change(subscriber.id, place=0)
    assert not (await ask(cleo, "/digest")).text.startswith(TITLE)
