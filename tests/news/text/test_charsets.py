"""Documents in older charsets with no or a wrong declaration."""

from __future__ import annotations

import unicodedata

import pytest

from news.parse import parse
from news.text.charset import decode
from tests.news.conftest import NOW
from tests.work import calls

URL = "https://site.example/feed.xml"
TEXTS = {
    "cp1250 iso8859-2": (
        "Dom mody otwiera butik w Łodzi; ceny zegarków znów wzrosły, a kolekcję widać już dziś.",
        "Značka představila podzimní kolekci, která vychází z řemeslných dílen; ceny letos rostou.",
        "A divatház őszi kollekcióját hétfőn mutatták be, az órák ára pedig tovább nőtt Győrben.",
        "Modna kuća predstavila je kolekciju nadahnutu arhivom, a cijene će iduće godine porasti.",
        "Módny dom otvára predajňu, ktorá vychádza z archívov; hodinky podľa správy zdraželi.",
    ),
    "cp1254 iso8859-9": (
        "Moda evi İstanbul'da mağaza açıyor; saat fiyatları bu yıl yine yükseldi ve satış büyüdü.",
    ),
    "cp1253 iso8859-7": (
        "Ο οίκος μόδας παρουσίασε τη φθινοπωρινή συλλογή, ενώ οι τιμές των ρολογιών αυξήθηκαν.",
    ),
    "cp1255": ("בית האופנה הציג את קולקציית הסתיו, ומחירי השעונים עלו גם השנה בתל אביב.",),
    "cp1257 iso8859-13": (
        "Mados namai pristatė rudens kolekciją, o laikrodžių kainos šiemet vėl gerokai išaugo.",
        "Modes nams iepazīstināja ar rudens kolekciju, un pulksteņu cenas šogad atkal pieauga.",
    ),
    "cp1258": ("Nhà mốt giới thiệu bộ sưu tập mùa thu, còn giá đồng hồ lại tăng trong năm nay.",),
    "cp874": ("แบรนด์แฟชั่นเปิดตัวคอลเลกชันฤดูใบไม้ร่วง และราคานาฬิกาปรับขึ้นอีกครั้ง",),
    "iso8859-5 koi8-r cp1251": (
        "Дом моды представил осеннюю коллекцию в Москве, а цены на часы снова выросли.",
    ),
    "iso8859-6 cp1256": ("قدمت دار الأزياء مجموعة الخريف وارتفعت أسعار الساعات مرة أخرى.",),
    "iso2022_jp cp932 euc_jp": ("グッチが銀座に新店をオープンし、秋のコレクションを発表した。",),
    "gb18030": ("香奈儿发布新系列腕表，限量发售",),
    "big5": ("香奈兒於香港舉辦高級訂製服展",),
    "cp1252": (
        "“The house’s café” – it’s €5,000: Hermès, Chloé and Rémy in London, £5 a piece",
        "È più caro: così cresce l’attività, perché la domanda è alta in città e già d’estate.",
        "Señor Dior vuelve: ¿qué será del diseño según el informe del próximo año?",
    ),
}
CASES = [
    (charset, text)
    for charsets, texts in TEXTS.items()
    for charset in charsets.split()
    for text in texts
]


def feed(text: str) -> str:
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>The Daily</title><item><title>"
        f"{text}</title><link>https://site.example/a</link><description>{text}</description>"
        "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    )


def encoded(text: str, charset: str) -> bytes:
    if charset == "cp1258":
        # It has letters with their hats, and the tones apart.
        tones = "\u0300\u0301\u0303\u0309\u0323"
        parts = [unicodedata.normalize("NFD", letter) for letter in text]
        text = "".join(
            unicodedata.normalize("NFC", "".join(one for one in part if one not in tones))
            + "".join(one for one in part if one in tones)
            for part in parts
        )
    return text.encode(charset)


@pytest.mark.parametrize(("charset", "text"), CASES)
@pytest.mark.parametrize("content_type", [None, "text/xml; charset=ISO-8859-1"])
def test_an_undeclared_charset_is_detected_by_its_words(
    charset: str, text: str, content_type: str | None
) -> None:
    document = encoded(feed(text), charset)
    (entry,) = parse(document, url=URL, content_type=content_type, now=NOW).entries
    assert entry.title == text


def test_many_brackets_are_decoded_at_once() -> None:
    calls(lambda: decode(b"<" * 1_000_000 + b"\xff"), most=100_000)


@pytest.mark.parametrize("charset", ["cp1251", "cp1253", "cp1255", "gb18030"])
def test_non_latin_text_declared_latin_1_is_decoded_otherwise(charset: str) -> None:
    text = {
        "gb18030": "该品牌在上海发布了秋季系列，腕表价格今年再次上涨，公司明年将开设更多门店。"
    }.get(charset) or next(text for one, text in CASES if one == charset)
    document = feed(text).replace("'1.0'", "'1.0' encoding='iso-8859-1'").encode(charset)
    assert text in decode(document)


def test_the_documents_charset_outranks_the_servers_default() -> None:
    document = feed("Łódź").replace("'1.0'", "'1.0' encoding='windows-1250'").encode("cp1250")
    assert "Łódź" in decode(document, "text/xml; charset=iso-8859-1")


def test_a_utf_8_byte_order_mark_outranks_a_declared_charset() -> None:
    text = feed("Łódź, @ and Kraków").replace("'1.0'", "'1.0' encoding='windows-1252'")
    document = b"\xef\xbb\xbf" + (text * 20).encode().replace(b"@", "é".encode("cp1252"), 1)
    assert "Łódź, é and Kraków" in decode(document)


def test_a_utf_8_byte_order_mark_before_other_bytes_is_ignored() -> None:
    assert "È più caro" in decode(b"\xef\xbb\xbf" + feed("È più caro a Città").encode("cp1252"))
