"""A sentence about several names is done for each; one that is no name is never taken silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.conftest import ask, press
from tests.handlers.typed.buttons import UNDO

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

BOTH = {
    "en": "add hermes and chanel",
    "it": "aggiungi hermes e chanel",
    "es": "agrega hermes y chanel",
    "fr": "ajoute hermes et chanel",
    "zh": "加上爱马仕和香奈儿",
}
AT_NIGHT = {
    "en": "mute alerts at night from 11 to 7",
    "it": "silenzia gli avvisi di notte dalle 23 alle 7",
    "es": "silencia las alertas por la noche de 11 a 7",
    "fr": "coupe les alertes la nuit de 23h à 7h",
    "zh": "晚上11点到早上7点不要提醒",
}
NEVER = (
    *("follow the people who make watches", "mute everything about politics today"),
    *("add hermes and something else", "mute send me less", "mute alerts", "silenzia gli avvisi"),
    *("agrega las cosas que me gustan", "ajoute ce que tu veux", "silencia las alertas"),
    *("关注那些做手表的瑞士人", "屏蔽所有关于政治的事情吧", "关注我想看的东西"),
)


@pytest.mark.parametrize("language", BOTH)
async def test_a_sentence_follows_both_names_and_each_is_answered_with_undo(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    await ana.send(BOTH[language])
    first, second = await ana.next(), await ana.next()
    taste = (await bureau.subscriber(ana)).taste
    assert {"hermes", "chanel"} < taste.follows
    assert not taste.words
    assert first.labels == second.labels == [UNDO[language]]
    await press(ana, UNDO[language], second)
    follows = (await bureau.subscriber(ana)).taste.follows
    assert "hermes" in follows
    assert "chanel" not in follows


@pytest.mark.parametrize("language", AT_NIGHT)
async def test_alerts_muted_at_night_set_quiet_hours_and_undo_ends_them(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    done = await ask(ana, AT_NIGHT[language])
    known = await bureau.subscriber(ana)
    assert (known.quiet_from, known.quiet_to) == (23 * 60, 7 * 60)
    assert not known.taste.muted_words
    assert done.labels == [UNDO[language]]
    await press(ana, UNDO[language], done)
    known = await bureau.subscriber(ana)
    assert (known.quiet_from, known.quiet_to) == (None, None)


@pytest.mark.parametrize("sentence", NEVER)
async def test_a_sentence_is_not_followed_or_muted_without_asking(
    bureau: Bureau, sentence: str
) -> None:
    ana = await bureau.reader()
    before = (await bureau.subscriber(ana)).taste
    await ask(ana, sentence)
    assert (await bureau.subscriber(ana)).taste == before


async def test_words_in_quotation_marks_are_followed_and_muted_as_they_are(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "follow “the people who make watches”")
    await ask(ana, "mute “send me no money”")
    taste = (await bureau.subscriber(ana)).taste
    assert set(taste.words) == {"the people who make watches"}
    assert len(taste.muted_words) == 1


async def test_only_administrators_change_several_names_of_a_group(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group = bureau.town.group("Club", [chief, member], settled=True)
    await member.send("@OnNewsBot add hermes and chanel", group)
    await member.next(group)
    await chief.send("@OnNewsBot do not disturb from 11pm to 6am", group)
    await chief.until("23:00", group)
    known = await bureau.subscriber(group)
    assert known.taste.follows.isdisjoint({"hermes", "chanel"})
    assert (known.quiet_from, known.quiet_to) == (23 * 60, 6 * 60)
    await chief.send("@OnNewsBot add hermes and chanel", group)
    await chief.until("Herm", group)
    await chief.until("Chanel", group)
    assert {"hermes", "chanel"} <= (await bureau.subscriber(group)).taste.follows
    await chief.send("@OnNewsBot unfollow hermes and chanel", group)
    await chief.until("no longer", group)
    await chief.until("no longer", group)
    assert (await bureau.subscriber(group)).taste.follows.isdisjoint({"hermes", "chanel"})
