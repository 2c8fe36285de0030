"""A sentence in any order is read as a wish, its object and its time, alike in five languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.quality.typed_wishes import FOLDER, read
from handlers.typed.wishes import wishes_in
from news.filing.taxonomy import load
from storage.model import Layout, Level

if TYPE_CHECKING:
    from tests.handlers.conftest import Bureau

LANGUAGES = ("en", "it", "es", "fr", "zh")
HOURS = {
    "en": "could you make it 6:45 instead",
    "it": "preferirei riceverlo alle sette meno un quarto",
    "es": "cámbialo mejor a las siete menos cuarto",
    "fr": "je préférerais à sept heures moins le quart",
    "zh": "最好六点三刻发给我",
}
DAYS = {
    "en": "only on mondays and fridays please",
    "it": "soltanto il lunedì e il venerdì",
    "es": "solamente los lunes y los viernes",
    "fr": "uniquement le lundi et le vendredi",
    "zh": "只要周一和周五",
}
ALERTS = {
    "en": "alert me about cartier",
    "it": "avvisami appena c'è qualcosa su cartier",
    "es": "avísame cuando haya algo de cartier",
    "fr": "préviens-moi s'il y a du nouveau chez cartier",
    "zh": "卡地亚有消息马上通知我",
}
HEADLINES = {
    "en": "just the headlines",
    "it": "solo titoli",
    "es": "solo titulares",
    "fr": "que les titres",
    "zh": "只看标题",
}
NEWS = {
    "en": "what happened in China this week",
    "it": "che è successo in Cina questa settimana",
    "es": "noticias de China esta semana",
    "fr": "nouvelles de Chine cette semaine",
    "zh": "最近一周中国有什么新闻",
}
QUESTIONS = {
    "en": ("is this free?", "who's behind this", "book me a table at the Ritz"),
    "it": ("è gratis?", "chi c'è dietro", "prenotami un tavolo al Ritz"),
    "es": ("¿es gratis?", "quién está detrás", "resérvame una mesa en el Ritz"),
    "fr": ("c'est gratuit ?", "qui est derrière", "réserve moi une table au Ritz"),
    "zh": ("这个免费吗？", "是谁在做这个", "帮我预订餐厅"),
}
BY_NUMBER = {
    "en": "save number 2",
    "it": "salva la 2",
    "es": "guárdame la 2",
    "fr": "garde-moi la 2",
    "zh": "收藏第2条",
}
MISSPELLED = {
    "en": "add burbery",
    "it": "togli burbery",
    "es": "no quiero nada de burbery",
    "fr": "quoi de neuf chez burbery",
    "zh": "法拉力的提醒关了吧",
}

NOT_THEN = {
    "en": "don't send anything on saturdays",
    "it": "il sabato non mandarmi niente",
    "es": "los sábados no me mandes nada",
    "fr": "ne m'envoie rien le samedi",
    "zh": "周六别发",
}
UNTIL = {
    "en": "nothing until monday please",
    "it": "fino a lunedì non mandarmi niente",
    "es": "hasta el lunes no me mandes nada",
    "fr": "ne m'envoie rien jusqu'à lundi",
    "zh": "周一之前都不要发了",
}
DROPPED = {
    "en": "mute luis vuitton",
    "it": "silenzia la sezione motori",
    "es": "silencia luis vuitton",
    "fr": "coupe luis vuitton",
    "zh": "屏蔽路易威登",
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.stem)
def test_each_measured_sentence_says_what_it_means_and_how_that_shows(path: object) -> None:
    assert all(each.sentence and each.meant and each.checks for each in read(path))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_hour_and_days_in_a_sentence_are_set_each_with_undo(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    before = await bureau.subscriber(ana)
    for sentence, field, value in (
        (HOURS[language], "digest_minute", 6 * 60 + 45),
        (DAYS[language], "days", 0b10001),
        (HEADLINES[language], "layout", Layout.HEADLINES),
    ):
        await ana.send(sentence)
        done = await ana.next()
        assert getattr(await bureau.subscriber(ana), field) == value, sentence
        await ana.tap(done.labels[0], done)
        await ana.next()
        assert getattr(await bureau.subscriber(ana), field) == getattr(before, field)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_alerts_of_a_house_are_switched_by_a_sentence(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    await ana.send(ALERTS[language])
    done = await ana.next()
    subscribers, known = bureau.onnews.archive.subscribers, await bureau.subscriber(ana)
    assert await subscribers.alerts(known.id) == {"cartier"}
    await ana.tap(done.labels[0], done)
    await ana.next()
    assert not await subscribers.alerts(known.id)
    assert "cartier" not in (await bureau.subscriber(ana)).taste.follows


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_story_is_saved_by_its_number(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    await ana.send("/latest 5")
    await ana.next()
    await ana.send(BY_NUMBER[language])
    await ana.next()
    known = await bureau.subscriber(ana)
    saved = await bureau.onnews.archive.saved.list(known.id, limit=5)
    assert [each.title for each in saved] == ["Gucci dreams of a garden"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_news_of_a_place_in_a_time_are_searched_for_on_each_page(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    (wish,) = wishes_in(NEWS[language], load())
    assert (wish.names, wish.query.split()[-2:]) == (("china",), ["7", "days"])
    await ana.send(NEWS[language])
    assert "Shanghai opens a mall" in (await ana.next()).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_questions_about_the_bot_and_errands_change_nothing(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    before = await bureau.subscriber(ana)
    kinds = []
    for sentence in QUESTIONS[language]:
        kinds += [each.kind for each in wishes_in(sentence, load())]
        await ana.send(sentence)
        await ana.next()
    assert kinds == ["free", "who", "cannot"]
    assert await bureau.subscriber(ana) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_misspelled_house_is_meant(language: str) -> None:
    (wish,) = wishes_in(MISSPELLED[language], load())
    assert wish.names == (("ferrari",) if language == "zh" else ("burberry",))


async def test_a_sentence_of_two_parts_is_done_in_both(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("gucci",))
    await ana.send("unfollow gucci but keep bottega veneta")
    await ana.next()
    await ana.next()
    assert (await bureau.subscriber(ana)).taste.follows == {"bottega-veneta"}


async def test_in_a_group_only_administrators_are_granted_a_wish(bureau: Bureau) -> None:
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    group = bureau.town.group("Club", [chief, member], settled=True)
    await member.send("@OnNewsBot could you make it 6:45 instead", group)
    assert "administrators" in (await chief.next(group)).text
    assert (await bureau.subscriber(group)).digest_minute != 6 * 60 + 45
    await chief.send("@OnNewsBot could you make it 6:45 instead", group)
    await chief.next(group)
    assert (await bureau.subscriber(group)).digest_minute == 6 * 60 + 45


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_on_which_nothing_is_to_come_is_the_one_that_is_left_out(language: str) -> None:
    (wish,) = wishes_in(NOT_THEN[language], load())
    assert (wish.kind, wish.days) == ("edition", 127 - 32)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_until_a_day_is_a_pause_and_no_choice_of_days(language: str) -> None:
    (wish,) = wishes_in(UNTIL[language], load())
    assert wish.kind == "pause"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_muted_by_a_misspelt_name_or_as_a_section_is_no_muted_word(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    await ana.send(DROPPED[language])
    await ana.next()
    taste = (await bureau.subscriber(ana)).taste
    assert not taste.muted_words
    assert taste.level("louis-vuitton") is Level.OFF or taste.level("motor") is Level.OFF


def test_the_bot_speaks_one_language_and_no_verb_is_a_house_to_drop() -> None:
    (wish,) = wishes_in("que des articles en français et en italien", load())
    assert (wish.kind, set(wish.languages)) == ("articles", {"fr", "it"})
    (wish,) = wishes_in("nn mandarmi piu niente", load())
    assert wish.kind == "leave"


async def test_a_list_of_misspelt_names_is_not_followed_as_one_word(bureau: Bureau) -> None:
    ana = await bureau.reader(language="zh")
    await ana.send("关注buberry和moncle")
    await ana.next()
    assert not (await bureau.subscriber(ana)).taste.words
