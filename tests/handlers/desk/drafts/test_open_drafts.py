"""What an editor sends while a draft is open: photos, albums, texts that nothing asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.model.desk_model import ALL_RIGHTS, NO_RIGHTS, DraftState, Rights
from tests.handlers.conftest import ask, press
from tests.handlers.desk.acting import ON_EACH_DATABASE, opened_story, rights, turned
from tests.handlers.desk.pages import TITLE, articles, draft_of, page, sent

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from tests.handlers.desk.conftest import Newsdesk
    from tests.news.conftest import Site

PICTURES = Path(__file__).parents[4] / "playground/newsstand/pictures"
PHOTO, OTHER = [(PICTURES / f"{name}.jpg").read_bytes() for name in ("bag-tan", "bag-green")]
POST = (
    "Gucci opens a garden in Florence\n\n"
    "The house plants roses beside its museum, and lets visitors in from Monday."
)
NO_RIGHT = "You can write drafts, but not publish."


async def at_the_desk(person: Person) -> Message:
    """Open the only draft from the desk."""
    await person.send("/desk")
    return await turned(person, "1", await turned(person, "Drafts (1)", await person.next()))


async def pictured(person: Person, older: Message) -> Message:
    """Send a photo; return the draft's card, which is sent below it with that picture."""
    await person.send_photo(PHOTO)
    card = await person.next()
    assert TITLE in card.text
    assert card.blocks[0]["type"] == "photo"
    retired = await person.next()
    assert (retired.id, retired.labels) == (older.id, [])
    return card


async def test_a_photo_becomes_the_picture_of_the_draft_that_is_open(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    card = await sent(eva, page(site))
    card = await pictured(eva, card)
    first = (await draft_of(newsdesk)).text.image
    assert first is not None
    assert first.startswith("telegram:")
    for menus in (["Edit"], ["Edit", "Language"], ["Lead until…"]):
        menu = card
        for label in menus:
            menu = await turned(eva, label, menu)
        card = await pictured(eva, menu)
    await turned(eva, "Publish", card)
    assert (await draft_of(newsdesk)).text.image != first
    # The draft is no longer open.
    await eva.send_photo(PHOTO)
    assert "Tap" not in (await eva.next()).text
    (article,) = await articles(newsdesk)
    assert article.image == (await draft_of(newsdesk)).text.image


@ON_EACH_DATABASE
async def test_a_photo_sent_while_the_picker_is_open_is_the_picture_and_the_choice_goes_on(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    picker = await turned(eva, "Categories", edit)
    picker = await ask(eva, "watches")
    assert "Watches" in picker.text
    await eva.next()
    await pictured(eva, picker)
    picker = await eva.next()
    assert "Watches" in picker.text
    card = await turned(eva, "Done", picker)
    assert "Watches: an editor chose it" in card.text
    draft = await draft_of(newsdesk)
    assert draft.text.image is not None
    assert draft.text.image.startswith("telegram:")
    assert "watches" in [each.category for each in draft.text.filings]


async def test_a_text_sent_while_it_is_not_chosen_what_to_edit_is_answered_with_what_to_tap(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    before = await draft_of(newsdesk)
    await eva.send("Sixty people move in.")
    assert (await eva.next()).text.startswith("Tap “Headline” or “Summary” first")
    assert await draft_of(newsdesk) == before
    await press(eva, "Summary", edit)
    assert "Sixty people move in." in (await ask(eva, "Sixty people move in.")).text


async def test_of_an_album_the_first_photo_is_taken_and_the_others_change_nothing(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva = newsdesk.eva
    await eva.send_photo(PHOTO, POST, album="1")
    await eva.send_photo(OTHER, album="1")
    await eva.send_photo(OTHER, album="1")
    assert "reading the post" in (await eva.next()).text
    assert "Gucci opens a garden" in (await eva.next()).text
    await newsdesk.bureau.heard()
    assert eva.unread() == []
    assert (await draft_of(newsdesk)).version == 1
    # An album without a text, in answer to what is asked: again its first photo.
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    await press(eva, "Picture", edit)
    await eva.send_photo(PHOTO, album="2")
    await eva.send_photo(OTHER, album="2")
    assert (await eva.next()).blocks[0]["type"] == "photo"
    await eva.next()
    await newsdesk.bureau.heard()
    assert eva.unread() == []
    assert (await draft_of(newsdesk, 2)).version == 2
    # An album with a text is a new draft, and leaves the one that is open as it is.
    await eva.send_photo(PHOTO, POST.replace("Gucci", "Prada"), album="3")
    await eva.send_photo(OTHER, album="3")
    assert "reading the post" in (await eva.next()).text
    assert "Prada opens a garden" in (await eva.next()).text
    await newsdesk.bureau.heard()
    assert eva.unread() == []
    assert (await draft_of(newsdesk, 2)).version == 2
    assert (await draft_of(newsdesk, 3)).version == 1


async def at_the_desk_while_eva_is_asked(newsdesk: Newsdesk, site: Site) -> Message:
    """Open Eva's draft for Olga while Eva is asked for its headline; return Olga's message."""
    eva = newsdesk.eva
    await eva.tap("Headline", await turned(eva, "Edit", await sent(eva, page(site))))
    await eva.next()
    return await at_the_desk(newsdesk.olga)


@ON_EACH_DATABASE
async def test_a_headline_that_another_editor_changed_meanwhile_is_not_overwritten(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    hers = await at_the_desk_while_eva_is_asked(newsdesk, site)
    await olga.tap("Headline", await turned(olga, "Edit", hers))
    await olga.next()
    assert "A headline of Olga" in (await ask(olga, "A headline of Olga")).text
    await eva.send("A headline of Eva")
    assert (await eva.next()).text.startswith(f"{newsdesk.olga.id} has changed the draft")
    assert "A headline of Olga" in (await eva.next()).text
    assert (await draft_of(newsdesk)).text.title == "A headline of Olga"


@ON_EACH_DATABASE
async def test_a_headline_typed_while_another_editor_publishes_the_draft_is_not_taken(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    hers = await at_the_desk_while_eva_is_asked(newsdesk, site)
    await turned(olga, "Publish", hers)
    await eva.send("A headline of Eva")
    assert (await eva.next()).text.startswith(f"{newsdesk.olga.id} has changed the draft")
    card = await eva.next()
    assert "Published: " in card.text
    assert "Undo publication" in card.labels
    (article,) = await articles(newsdesk)
    assert article.title == TITLE


@ON_EACH_DATABASE
async def test_names_typed_in_the_picker_while_another_editor_publishes_are_not_taken(
    newsdesk: Newsdesk, site: Site
) -> None:
    eva, olga = newsdesk.eva, newsdesk.olga
    edit = await turned(eva, "Edit", await sent(eva, page(site)))
    await turned(eva, "Categories", edit)
    await turned(olga, "Publish", await at_the_desk(olga))
    assert (await ask(eva, "watches")).text.startswith(f"{newsdesk.olga.id} has changed the draft")
    assert "Published: " in (await eva.next()).text
    (article,) = await articles(newsdesk)
    assert "watches" not in article.categories


@pytest.mark.parametrize("left", [Rights(write=True), NO_RIGHTS], ids=["write", "none"])
async def test_what_is_typed_after_a_right_was_taken_away_changes_nothing_and_is_answered(
    newsdesk: Newsdesk, site: Site, left: Rights
) -> None:
    will = await newsdesk.bureau.reader("Will")
    await rights(newsdesk, will, ALL_RIGHTS)
    draft = await sent(will, page(site))
    await press(will, "Publish at…", draft)
    await rights(newsdesk, will, left)
    assert (await ask(will, "tomorrow at 7")).text.startswith(NO_RIGHT if left else "I’m not sure")
    assert (await draft_of(newsdesk)).state is DraftState.OPEN
    await rights(newsdesk, will, ALL_RIGHTS)
    story = await opened_story(will, "1")
    await press(will, "Withdraw", story)
    await rights(newsdesk, will, left)
    await will.send("The deal was not signed.")
    assert (await will.next()).text.startswith(NO_RIGHT if left else "I’m not sure")
    await rights(newsdesk, will, ALL_RIGHTS)
    await turned(will, "Change categories", await opened_story(will, "1"))
    await rights(newsdesk, will, left)
    await will.send("zebra crossings")
    assert (await will.next()).text.startswith(NO_RIGHT if left else "I’m not sure")
    article = await newsdesk.bureau.onnews.archive.articles.get(1)
    assert article is not None
    assert not article.is_withdrawn
