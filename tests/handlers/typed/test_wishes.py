"""A sentence in any order is read as a wish, its object and its time, alike in five languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality.typed_wishes import FOLDER, read
from handlers.typed.wishes import wishes_in
from news.filing.taxonomy import load
from storage.model import Layout, Level
from tests.handlers.conftest import ask, press

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


HELD = {
    "en": (
        *(
            "how do i unfollow gucci?",
            "if gucci gets boring unfollow it",
            "mute gucci unless asked",
        ),
        *("don't change the time to 8", "follow dior but not the perfume"),
    ),
    "it": (
        *("come faccio a togliere gucci?", "se gucci diventa noiosa togli gucci"),
        *("non cambiare l'orario alle 8", "segui dior ma non i profumi"),
    ),
    "es": (
        *("cómo dejo de seguir a gucci?", "si gucci aburre quita gucci"),
        *("no cambies la hora a las 8", "sigue a dior pero no los perfumes"),
    ),
    "fr": (
        *("comment je fais pour enlever gucci ?", "si gucci devient ennuyeux enlève gucci"),
        *("ne change pas l'heure à 8h", "suis dior mais pas les parfums"),
    ),
    "zh": ("怎么取消关注古驰?", "如果古驰没意思就取消", "不要改成8点", "别取消关注古驰"),
}
INSTEAD = {
    "en": "7 o'clock is too early, 9 works better",
    "it": "alle 7 è troppo presto, meglio le 9",
    "es": "a las 7 es muy temprano, mejor a las 9",
    "fr": "7h c'est trop tôt, plutôt 9h",
    "zh": "七点太早了,九点吧",
}
NO_MESSAGES = {
    "en": "no messages between 10pm and 8am",
    "it": "non mandarmi messaggi dalle 22 alle 8",
    "es": "no me escribas de 10 de la noche a 8 de la mañana",
    "fr": "pas de messages entre 22h et 8h",
    "zh": "晚上10点到早上8点别发消息",
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
        done = await ask(ana, sentence)
        assert getattr(await bureau.subscriber(ana), field) == value, sentence
        await press(ana, done.labels[0], done)
        assert getattr(await bureau.subscriber(ana), field) == getattr(before, field)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_alerts_of_a_house_are_switched_by_a_sentence(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    done = await ask(ana, ALERTS[language])
    subscribers, known = bureau.onnews.archive.subscribers, await bureau.subscriber(ana)
    assert await subscribers.alerts(known.id) == {"cartier"}
    await press(ana, done.labels[0], done)
    assert not await subscribers.alerts(known.id)
    assert "cartier" not in (await bureau.subscriber(ana)).taste.follows


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_story_is_saved_by_its_number(bureau: Bureau, language: str) -> None:
    ana = await bureau.reader(language=language)
    await ask(ana, "/latest 5")
    await ask(ana, BY_NUMBER[language])
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
    assert "Shanghai opens a mall" in (await ask(ana, NEWS[language])).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_questions_about_the_bot_and_errands_change_nothing(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language)
    before = await bureau.subscriber(ana)
    kinds = []
    for sentence in QUESTIONS[language]:
        kinds += [each.kind for each in wishes_in(sentence, load())]
        await ask(ana, sentence)
    assert kinds == ["free", "who", "cannot"]
    assert await bureau.subscriber(ana) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_misspelled_house_is_meant(language: str) -> None:
    (wish,) = wishes_in(MISSPELLED[language], load())
    assert wish.names == (("ferrari",) if language == "zh" else ("burberry",))


async def test_a_sentence_of_two_parts_is_done_in_both(bureau: Bureau) -> None:
    ana = await bureau.reader(follows=("gucci",))
    await ask(ana, "unfollow gucci but keep bottega veneta")
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
    await ask(ana, DROPPED[language])
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
    await ask(ana, "关注buberry和moncle")
    assert not (await bureau.subscriber(ana)).taste.words


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_forbidden_asked_or_conditional_is_not_done(
    bureau: Bureau, language: str
) -> None:
    ana = await bureau.reader(language=language, follows=("gucci",))
    before = await bureau.subscriber(ana)
    for sentence in HELD[language]:
        asked = await ask(ana, sentence)
        assert await bureau.subscriber(ana) == before, sentence
        assert asked.labels, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_hour_that_does_not_suit_is_not_the_one_that_is_wanted(language: str) -> None:
    (wish,) = wishes_in(INSTEAD[language], load())
    assert (wish.kind, wish.minutes) == ("edition", (9 * 60,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_messages_between_two_hours_are_quiet_hours_and_no_edition(language: str) -> None:
    (wish,) = wishes_in(NO_MESSAGES[language], load())
    assert (wish.kind, wish.minutes) == ("quiet", (22 * 60, 8 * 60))


@pytest.mark.parametrize("sentence", ["tomorrow at 7", "domani alle 7", "demain à 7h", "明天7点发"])
def test_an_hour_of_one_day_is_not_the_hour_of_each(sentence: str) -> None:
    assert wishes_in(sentence, load()) == ()


@pytest.mark.parametrize("sentence", ["", "🙂", "?!", "\ufdfa" * 4_096, "“”"])
def test_a_text_without_words_wishes_nothing(sentence: str) -> None:
    assert wishes_in(sentence, load()) == ()


@given(st.text())
def test_any_text_is_read(sentence: str) -> None:
    assert all(each.kind for each in wishes_in(sentence, load()))


@pytest.mark.parametrize(
    "sentence",
    ["how do I unsubscribe?", "se désabonner, on fait ça où ?", "退订了以后收藏还在吗？"],
)
async def test_who_asks_about_leaving_is_told_how(bureau: Bureau, sentence: str) -> None:
    ana = await bureau.reader()
    told = await ask(ana, sentence)
    assert "/stop" in told.text
    assert "Pause" in told.labels


def test_of_two_hours_beside_one_another_none_is_chosen() -> None:
    assert wishes_in("send it at 7 or send it at 9", load()) == ()


@pytest.mark.parametrize(
    ("sentence", "kind", "days"),
    [
        ("only send on tue and fri at 7", "edition", 0b10010),
        ("每周二、五、日早上8点", "edition", 0b1010010),
        ("graziee mille, grazieee", "thanks", 0),
        ("hey can u start sending it at 8.15am", "edition", 0),
    ],
)
def test_short_days_and_drawn_out_words_are_read(sentence: str, kind: str, days: int) -> None:
    (wish,) = wishes_in(sentence, load())
    assert (wish.kind, wish.days) == (kind, days)


@pytest.mark.parametrize(
    "sentence",
    [
        *("only watches and jewellery please, drop the rest", "以后只看美妆，别的都不要了"),
        *("pas à 9h, à 9h et demie", "不是七点，是七点半"),
        *("中午12点推送，周六日休息", "a domani, fino ad allora non mandarmi niente"),
        *("non desidero più ricevere la prima pagina", "se désabonner, on fait ça où ?"),
        "退订了以后收藏还在吗？",
    ],
)
async def test_the_opposite_of_what_is_meant_is_never_done(bureau: Bureau, sentence: str) -> None:
    ana = await bureau.reader(follows=("gucci", "watches"))
    before = await bureau.subscriber(ana)
    await ask(ana, sentence)
    assert await bureau.subscriber(ana) == before


async def test_a_word_that_is_like_a_house_drops_no_house(bureau: Bureau) -> None:
    ana = await bureau.reader(language="it", follows=("ferrari",))
    await ask(ana, "non voglio vedere niente su Ferragni")
    taste = (await bureau.subscriber(ana)).taste
    assert taste.level("ferrari") is Level.NORMAL


@pytest.mark.parametrize(
    ("language", "sentence", "slug"),
    [
        ("it", "mi piacerebbe seguire anche chanel", "chanel"),
        ("zh", "添加酒店旅游版块", "tourism"),
        ("en", "follow bulgary and van cleef", "bulgari"),
    ],
)
async def test_a_known_name_in_a_request_is_followed_and_not_its_words(
    bureau: Bureau, language: str, sentence: str, slug: str
) -> None:
    ana = await bureau.reader(language=language)
    await ask(ana, sentence)
    taste = (await bureau.subscriber(ana)).taste
    assert slug in taste.follows
    assert not taste.words


async def test_all_but_one_are_not_followed_as_a_phrase(bureau: Bureau) -> None:
    ana = await bureau.reader()
    before = (await bureau.subscriber(ana)).taste
    await ask(ana, "follow everyone except dior")
    assert (await bureau.subscriber(ana)).taste == before


async def test_who_has_moved_may_name_an_hour_too(bureau: Bureau) -> None:
    ana = await bureau.reader()
    await ask(ana, "i've moved to new york, 8am over there pls")
    await ana.next()
    known = await bureau.subscriber(ana)
    assert (known.zone, known.digest_minute) == ("America/New_York", 8 * 60)
