"""Names, numbers, dates and quotations of a translation are those of its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.translation.amounts import amounts, differing, number_words
from news.translation.faithful import refused

SCALED = {
    "en": ("bn", " billion"),
    "de": (" Milliarden", " Mrd"),
    "it": (" miliardi", " mld"),
    "es": (" mil millones", " mil millones de euros"),
    "fr": (" milliards", " Mds"),
}
"""Language → how it writes a thousand million."""


@pytest.mark.parametrize(
    ("source", "translation", "of", "language"),
    [
        ("Prada vende per 1,25 miliardi", "Prada sells for 1.25 billion", "it", "en"),
        ("Prada vende per 1,25 miliardi", "普拉达以12.5亿出售", "it", "zh"),
        ("Ein Schmuck für 1,25 Milliarden", "A jewel for 1.25bn", "de", "en"),
        ("营收超过 3 万亿元", "Revenues pass 3 trillion yuan", "zh", "en"),
        ("Una collana di trentadue perle", "A necklace of thirty-two pearls", "it", "en"),
        ("Una collana di trentadue perle", "Un collier de 32 perles", "it", "fr"),
        ("Un collier de quatre-vingt-dix-sept perles", "Un collar de 97 perlas", "fr", "es"),
        ("A bracelet 2 inches wide", "Un bracciale largo 5 cm", "en", "it"),
        ("Between 2 and 4 inches wide", "Largo tra 5 e 10 cm", "en", "it"),
        ("The shop opens at 8 pm", "Il negozio apre alle 20", "en", "it"),
        ("The sale begins at 5.30pm", "La vente commence à 17h30", "en", "fr"),
        ("La moda degli anni '90", "Fashion of the 1990s", "it", "en"),
        ("Apre lunedì 5 maggio", "It opens on Monday 5 May", "it", "en"),
        ("5月5日星期一开业", "Opens on Monday, May 5", "zh", "en"),
        ("«Non vendo», dice il fondatore", "“I won't sell,” says the founder", "it", "en"),
        ("A Londra cresce Burberry", "Burberry grows in London", "it", "en"),
        ("Gli Stati Uniti tassano il lusso", "The US taxes luxury", "it", "en"),
        ("古驰在罗马开新店", "Gucci opens a new shop in Rome", "zh", "en"),
        ("Mario Bellafiore lascia Gucci", "Mario Bellafiore leaves Gucci", "it", "en"),
        ("Mario Bellafiore lascia Gucci", "Mario Bellafiore 离开古驰", "it", "zh"),
        ("La BCE alza i tassi", "The ECB raises rates", "it", "en"),
    ],
)
def test_a_faithful_translation_passes(
    source: str, translation: str, of: str, language: str
) -> None:
    assert refused(source, translation, of, language) is None


@pytest.mark.parametrize(
    ("source", "translation", "of", "language", "why"),
    [
        ("Prada vende per 1,25 miliardi", "Prada sells for 1.25 million", "it", "en", "a number"),
        ("Prada vende per 1,25 miliardi", "Prada sells for 12.5 billion", "it", "en", "a number"),
        ("Prada vende per un miliardo", "Prada sells for a trillion", "it", "en", "a number"),
        ("Prada vende", "Prada sells for 3 million", "it", "en", "a number"),
        ("Prada vende 40 negozi", "Prada sells its shops", "it", "en", "a number"),
        ("Una collana di trentadue perle", "A necklace of 33 pearls", "it", "en", "a number"),
        ("A bracelet 2 inches wide", "Un bracciale largo 2,5 cm", "en", "it", "a number"),
        ("普拉达以12.5亿出售", "Prada sells for 12.5 billion", "zh", "en", "a number"),
        ("Apre lunedì 5 maggio", "It opens on Tuesday 5 May", "it", "en", "a month or weekday"),
        ("Apre lunedì 5 maggio", "It opens on Monday 5 June", "it", "en", "a month or weekday"),
        ("Apre a maggio", "It opens soon", "it", "en", "a month or weekday"),
        ("Non vendo, dice lui", "“I won't sell,” he says", "it", "en", "a quotation"),
        ("«Non vendo», dice lui", "He says that he will not sell", "it", "en", "a quotation"),
        ("Gucci apre a Roma", "Fendi opens in Rome", "it", "en", "a house"),
        ("Prada compra il rivale", "普拉达收购古驰", "it", "zh", "a house"),
        ("Il fondatore lascia Gucci", "Founder Otto Hagedorn leaves Gucci", "it", "en", "a name"),
        ("Gucci apre a Roma", "Gucci opens in Paris", "it", "en", "a name"),
        ("张伟离开古驰", "Wei Zhang leaves Gucci", "zh", "en", "a name"),
        ("Mario Bellafiore lascia Gucci", "马里奥·贝拉离开古驰", "it", "zh", "a name"),
        ("Mario Bellafiore lascia Gucci", "Otto Hagedorn 离开古驰", "it", "zh", "a name"),
    ],
)
def test_what_differs_is_named(
    source: str, translation: str, of: str, language: str, why: str
) -> None:
    assert refused(source, translation, of, language) == why


@given(
    st.integers(min_value=101, max_value=99_999).filter(lambda number: number % 10),
    st.sampled_from(sorted(SCALED)),
    st.sampled_from(sorted(SCALED)),
    st.integers(min_value=0, max_value=1),
)
def test_a_scaled_number_is_the_same_in_every_language(
    cents: int, of: str, language: str, spelling: int
) -> None:
    def written(number: int, each: str) -> str:
        whole, part = divmod(number, 100)
        return f"{whole}{'.' if each == 'en' else ','}{part:02}{SCALED[each][spelling]}"

    assert not differing(written(cents, of), written(cents, language), of, language)
    assert differing(written(cents, of), written(cents + 1, language), of, language)
    chinese = f"{cents // 10}.{cents % 10}亿"
    assert not differing(written(cents, of), chinese, of, "zh")
    assert not differing(chinese, written(cents, language), "zh", language)


@given(st.integers(min_value=13, max_value=99), st.sampled_from(["en", "it", "es", "fr", "de"]))
def test_a_number_in_words_is_that_in_digits(number: int, language: str) -> None:
    words = [word for word, value in number_words(language).items() if value == number]
    assert words
    for word in words:
        assert not differing(f"{word} x", f"{number} x", language, "en")
        assert differing(f"{word} x", f"{number + 1} x", language, "en")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_texts_are_compared(source: str, translation: str) -> None:
    for of, language in (("zh", "en"), (None, "zh"), ("it", "fr")):
        refused(source, translation, of, language)


def test_digits_with_a_point_have_both_readings() -> None:
    (one,) = amounts("1.250 x", "it")
    assert one.values == {1.25, 1250.0}
