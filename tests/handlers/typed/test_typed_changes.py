"""Changes that readers ask for in a sentence: done at once, in one line, with Undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.taps.callback_data import About, UndoSubject
from storage.model import Level, State
from tests.handlers.conftest import ask, press
from tests.handlers.typed.buttons import UNDO

if TYPE_CHECKING:
    from storage.model import Taste
    from tests.handlers.conftest import Bureau

SENTENCES = {
    "en": ("follow gucci", "no more gucci", "less gucci", "more gucci", "mute gucci"),
    "it": (
        *("segui gucci", "non voglio più notizie di gucci", "meno gucci", "più gucci"),
        "silenzia gucci",
    ),
    "es": ("seguir a gucci", "no más gucci", "menos gucci", "más gucci", "silenciar gucci"),
    "fr": (
        *("suivre gucci", "je ne veux plus de gucci", "moins de gucci", "plus de gucci"),
        "masquer gucci",
    ),
    "zh": ("关注古驰", "不要再发古驰了", "少发古驰", "多发古驰", "屏蔽古驰"),
}
"""Language → what is typed to follow, to have none, less and more, and to mute."""
WORDS = {
    "en": ("follow “night train”", "no more night train", "mute rumours", "unmute rumours"),
    "it": ("segui «night train»", "basta night train", "silenzia rumours", "riattiva rumours"),
    "es": ("sigue «night train»", "no más night train", "silencia rumours", "reactiva rumours"),
    "fr": (
        "suivre «night train»",
        "stop night train",
        "masquer rumours",
        "ne plus masquer rumours",
    ),
    "zh": ("关注「night train」", "不要night train", "屏蔽rumours", "取消屏蔽rumours"),
}
PAUSES = {
    "en": ("pause until next monday", "resume", "pause"),
    "it": ("pausa fino a lunedì", "riprendi", "pausa"),
    "es": ("pausa hasta el lunes", "reanudar", "pausa"),
    "fr": ("pause jusqu’à lundi", "reprendre", "pause"),
    "zh": ("暂停到下周一", "恢复", "暂停"),
}


def is_as_asked(taste: Taste, kind: int) -> bool:
    """Return whether a taste has what the sentence with this place in `SENTENCES` asks for."""
    level = (Level.NORMAL, Level.OFF, Level.LESS, Level.MORE, Level.OFF)[kind]
    followed = (True, False, True, True, False)[kind]
    return taste.level("gucci") is level and ("gucci" in taste.follows) is followed


@pytest.mark.parametrize("language", SENTENCES)
async def test_a_category_is_changed_in_one_line_and_undo_restores_it(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language, follows=("gucci", "motor"))
    subscribers = bureau.onnews.archive.subscribers
    known = await bureau.subscriber(ana)
    for kind, sentence in enumerate(SENTENCES[language]):
        if kind == 0:
            await subscribers.unfollow(known.id, "gucci")
        else:
            await subscribers.follow(known.id, "gucci", alerts=True)
        before = (await bureau.subscriber(ana)).taste
        done = await ask(ana, sentence)
        assert done.labels == [UNDO[language]], sentence
        assert len(done.text.splitlines()) == 1
        assert "Gucci" in done.text or "古驰" in done.text
        assert is_as_asked((await bureau.subscriber(ana)).taste, kind), sentence
        undone = await press(ana, UNDO[language], done)
        assert (undone.id, undone.edited) == (done.id, True)
        assert (await bureau.subscriber(ana)).taste == before, sentence
        alerts = await subscribers.alerts(known.id)
        assert ("gucci" in alerts) is (kind > 0), sentence


@pytest.mark.parametrize("language", WORDS)
async def test_words_are_followed_dropped_muted_and_unmuted_in_one_line_with_undo(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    states = []
    for sentence in WORDS[language]:
        before = (await bureau.subscriber(ana)).taste
        done = await ask(ana, sentence)
        assert done.labels == [UNDO[language]], sentence
        assert len(done.text.splitlines()) <= 2, "what it did, and the count of what a word finds"
        after = (await bureau.subscriber(ana)).taste
        states.append((set(after.words), set(after.muted_words)))
        await press(ana, UNDO[language], done)
        assert (await bureau.subscriber(ana)).taste == before, sentence
        await ask(ana, sentence)
    assert states == [
        ({"night train"}, set()),
        (set(), set()),
        (set(), {"rumours"}),
        (set(), set()),
    ]


@pytest.mark.parametrize("language", PAUSES)
async def test_a_pause_and_its_end_are_one_line_with_undo_that_the_settings_leave_alone(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    pause, resume, bare = PAUSES[language]
    paused = await ask(ana, pause)
    assert paused.labels == [UNDO[language]]
    until = (await bureau.subscriber(ana)).paused_until
    assert until is not None
    await ask(ana, "/settings")
    await bureau.heard()
    assert paused.id in {message.id for message in ana.chat.messages}, "the line stays"
    resumed = await ask(ana, resume)
    assert (await bureau.subscriber(ana)).paused_until is None
    await press(ana, UNDO[language], resumed)
    assert (await bureau.subscriber(ana)).paused_until == until
    await press(ana, UNDO[language], paused)
    assert (await bureau.subscriber(ana)).paused_until is None
    await ask(ana, "/stop")
    resumed = await ask(ana, resume)
    assert (await bureau.subscriber(ana)).state is State.ACTIVE
    await press(ana, UNDO[language], resumed)
    stopped = await bureau.subscriber(ana)
    assert (stopped.state, stopped.next_at) == (State.STOPPED, None)
    assert len((await ask(ana, bare)).labels) > 1, "a bare pause asks for how long"


@pytest.mark.parametrize(
    ("follow", "mute", "what"),
    [
        ("follow", "mute", "Which word"),
        ("segui", "silenzia", "Quale parola"),
        ("seguir", "silenciar", "Qué palabra"),
        ("suivre", "masquer", "Quel"),
        ("关注", "屏蔽", "哪"),
    ],
)
async def test_a_bare_follow_or_mute_asks_which(
    bureau: Bureau, follow: str, mute: str, what: str
) -> None:
    language = {"follow": "en", "segui": "it", "seguir": "es", "suivre": "fr", "关注": "zh"}
    ana = await bureau.reader(language=language[follow])
    assert what in (await ask(ana, follow)).text
    await ask(ana, "night train")
    assert what in (await ask(ana, mute)).text
    await ask(ana, "rumours")
    taste = (await bureau.subscriber(ana)).taste
    assert (set(taste.words), set(taste.muted_words)) == (
        {"night train"},
        {"rumours"},
    )


async def test_a_misspelled_name_or_a_long_sentence_is_not_followed_as_words(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    assert "You now follow Gucci" in (await ask(ana, "follow guccci")).text
    await ask(ana, "follow the money and tell me when somebody buys a house")
    assert (await bureau.subscriber(ana)).taste.words == frozenset()


@pytest.mark.parametrize("forum", [False, True])
async def test_an_administrator_changes_a_group_in_one_line_with_undo(
    bureau: Bureau, *, forum: bool
) -> None:
    chief, member = (bureau.town.person(name) for name in ("Chief", "Member"))
    group = bureau.town.group("Club", [chief, member], forum=forum, settled=True)
    topic = group.topic("Racing", chief) if forum else 0
    for sentence in ("follow gucci", "follow “night train”"):
        await member.send(f"@OnNewsBot {sentence}", group, topic=topic or None)
        assert "administrators" in (await chief.next(group)).text
        assert not (await bureau.subscriber(group, topic)).taste.follows_anything
        await chief.send(f"@OnNewsBot {sentence}", group, topic=topic or None)
        done = await chief.next(group)
        assert len(done.text.splitlines()) <= 2, "what it did, and the count of what a word finds"
        assert (await bureau.subscriber(group, topic)).taste.follows_anything, sentence
        assert "administrators" in (await member.tap("Undo", done)).text
        await chief.tap("Undo", done)
        assert (await chief.next(group)).text.startswith("Undone.")
        assert not (await bureau.subscriber(group, topic)).taste.follows_anything


QUIET = "Quiet hours are now 22:00 to 07:00; /settings changes them."


async def test_more_and_less_of_a_keyword_are_done_in_one_line_with_undo(bureau: Bureau) -> None:
    ana = await bureau.reader()
    subscribers = bureau.onnews.archive.subscribers
    known = await bureau.subscriber(ana)
    await subscribers.follow_word(known.id, "night train")
    # Followed with alerts, followed, and not followed are the steps of a keyword.
    for alerts, sentence, line in (
        (
            *(False, "more night train"),
            f"You’ll get “night train” news as it breaks. {QUIET}",
        ),
        (True, "less night train", "“night train” news will wait for your edition."),
        (False, "less night train", "You no longer follow “night train”."),
    ):
        await subscribers.follow_word(known.id, "night train", alerts=alerts)
        done = await ask(ana, sentence)
        assert (done.text, done.labels) == (line, ["Undo"])
        await press(ana, "Undo", done)
        assert (await bureau.subscriber(ana)).taste.words == {"night train"}
        assert ("night train" in await subscribers.word_alerts(known.id)) is alerts
        assert (await bureau.subscriber(ana)).quiet_from is None


@pytest.mark.parametrize(
    ("about", "subject"),
    [(About.SOURCE, "zz"), (About.SOURCE, "-"), (About.CATEGORY, "nowhere"), (About.CATEGORY, "")],
)
async def test_an_undo_of_what_does_not_exist_changes_nothing(
    bureau: Bureau, about: About, subject: str
) -> None:
    ana = await bureau.reader()
    done = await ask(ana, "less motor")
    before = (await bureau.subscriber(ana)).taste
    tap = UndoSubject(about, subject, Level.OFF, followed=True, alerts=True)
    assert "no longer works" in (await ana.tap(tap.pack(), done)).text
    assert (await bureau.subscriber(ana)).taste == before
