"""Who follows or mutes a word hears how many stories of the week have it, and sees three."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask, press
from tests.handlers.typed.buttons import UNDO

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

SAID = {
    "en": (
        ("follow “night train”", "4 stories of the last seven days mention it:"),
        ("mute “night train”", "4 stories of the last seven days mention it:"),
        ("follow “sea plane”", "One story of the last seven days mentions it:"),
        ("mute “no such”", "No story of the last seven days mentions it."),
    ),
    "it": (
        ("segui «night train»", "Ne parlano 4 notizie degli ultimi sette giorni:"),
        ("silenzia «night train»", "Ne parlano 4 notizie degli ultimi sette giorni:"),
        ("segui «sea plane»", "Ne parla una notizia degli ultimi sette giorni:"),
        ("silenzia «no such»", "Nessuna notizia degli ultimi sette giorni ne parla."),
    ),
    "es": (
        ("sigue «night train»", "4 noticias de los últimos siete días la mencionan:"),
        ("silencia «night train»", "4 noticias de los últimos siete días la mencionan:"),
        ("sigue «sea plane»", "Una noticia de los últimos siete días la menciona:"),
        ("silencia «no such»", "Ninguna noticia de los últimos siete días la menciona."),
    ),
    "fr": (
        ("suivre «night train»", "4 articles des sept derniers jours en parlent\u202f:"),
        ("masquer «night train»", "4 articles des sept derniers jours en parlent\u202f:"),
        ("suivre «sea plane»", "Un article des sept derniers jours en parle\u202f:"),
        ("masquer «no such»", "Aucun article des sept derniers jours n’en parle."),
    ),
    "zh": (
        ("关注「night train」", "过去七天有 4 篇报道提到："),
        ("屏蔽「night train」", "过去七天有 4 篇报道提到："),
        ("关注「sea plane」", "过去七天有 1 篇报道提到："),
        ("屏蔽「no such」", "过去七天没有报道提到。"),
    ),
}


@pytest.fixture
async def printed(bureau: Bureau) -> Bureau:
    """A week with four stories of one phrase, and stories that a search for it would find."""
    print_ = bureau.desk.print_
    await print_("A night train of old", "travel", hours_ago=24 * 7 + 1)
    for number in range(4):
        await print_(f"Night train no. {number}", "travel", hours_ago=9 - number)
    await print_("Night trains for all", "travel")
    await print_("A train by night", "travel")
    await print_("A sea plane, and a dining car", "travel", hours_ago=24 * 6)
    return bureau


@pytest.mark.parametrize("language", SAID)
async def test_beside_undo_stands_how_many_stories_have_the_word_and_the_first_three(
    printed: Bureau, language: str
) -> None:
    ana = await printed.reader(language=language)
    for sentence, says in SAID[language]:
        before = (await printed.subscriber(ana)).taste
        done = await ask(ana, sentence)
        assert done.labels == [UNDO[language]]
        lines = [line for line in done.text.splitlines()[1:] if line]
        assert lines[0] == says
        newest = [f"• Night train no. {number}" for number in (3, 2, 1)]
        plane = ["• A sea plane, and a dining car"]
        assert lines[1:] == (newest if "night" in sentence else plane if "sea" in sentence else [])
        await press(ana, UNDO[language], done)
        assert (await printed.subscriber(ana)).taste == before


async def test_a_word_typed_in_answer_to_the_question_shows_what_it_matches(
    printed: Bureau,
) -> None:
    ana = await printed.reader()
    await ana.send("follow")
    await ana.until("Which word or phrase")
    await ana.send("night train")
    assert (
        "4 stories of the last seven days mention it:\n• Night train no. 3"
        in (await ana.next()).text
    )
    # Followed already, it is told no more.
    await ana.send("follow")
    await ana.until("Which word or phrase")
    assert "stories of the last" not in (await ask(ana, "night train")).text
