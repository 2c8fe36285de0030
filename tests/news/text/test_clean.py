"""Plain text from sources' markup."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.feeds import standfirsts
from news.text import clean
from tests.work import calls

PIECES = [
    "<b>", "</b>", "<p>", "</p>", "<br>", "<script>", "</script>", "<!--", "-->", "<![CDATA[",
    "]]>",
    "&amp;", "&lt;", "&gt;", "&amp;amp;", "&#x202e;", "&nbsp;", "&#0;", "&#55296;", "<", ">",
    "\n\n",
    "<a href='x'>", "</a>", "<li>",
]  # fmt: skip
MARKUP = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(PIECES)), max_size=30).map(
    "".join
)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Dolce &amp; Gabbana", "Dolce & Gabbana"),
        ("Dolce & Gabbana", "Dolce & Gabbana"),
        ("Dolce &amp;amp; Gabbana", "Dolce & Gabbana"),
        ("Herm&egrave;s opens", "Hermès opens"),
        ("Herm&amp;egrave;s opens", "Hermès opens"),
        ("<b>Gucci</b> &lt;i&gt;opens&lt;/i&gt;", "Gucci opens"),
        ("Bold<script>alert(1)</script> move", "Bold move"),
        ("Gucci opens<br/>in Milan", "Gucci opens in Milan"),
        ("Gucci opens&lt;BR&gt;in Milan", "Gucci opens in Milan"),
        ("Unclosed <a href='x", "Unclosed"),
        ("Unclosed <b>bold", "Unclosed bold"),
        ("Cars < 3 tonnes and a <3 for them", "Cars < 3 tonnes and a <3 for them"),
        ("Five <Brands> to watch", "Five <Brands> to watch"),
        ("  Two\n lines\tand\u00a0blanks ", "Two lines and blanks"),
        ("Zero\u200bwidth \u202eevil\u202c", "Zerowidth evil"),
        ("Lone \ud800 surrogate", "Lone surrogate"),
        ("Cafe\u0301", "Café"),
        ("<p></p>", ""),
        ("Gucci <blink>opens</blink> in <marquee loop='2'>Milan</marquee>", "Gucci opens in Milan"),
        ("Gucci<applet code='a'></applet> opens<frameset><frame/></frameset>", "Gucci opens"),
        ("<!DOCTYPE html><html><head><title>Gucci opens</title></head></html>", "Gucci opens"),
        ("&#8216;Quiet&#8217; luxury", "‘Quiet’ luxury"),
    ],
)
def test_a_title_is_one_line_of_plain_text(raw: str, title: str) -> None:
    assert clean.title(raw) == title


def body_of(markup: str) -> str:
    found = clean.body(markup)
    return found.text if found else ""


def test_paragraphs_keep_their_breaks_and_lose_their_tags() -> None:
    markup = (
        "<div><p>First <b>bold</b>\n line.</p><p>Second<br>line</p><ul><li>one<li>two</ul>"
        "<script>steal()</script><style>p{}</style><table><tr><td>a<td>b</table></div>"
    )
    assert clean.paragraphs(markup) == (
        "First bold line.",
        "Second\nline",
        "• one",
        "• two",
        "a b",
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Mode\u200bschau in Mai\u00adland</p>",
        "<p>Mode&#8203;schau in Mai&shy;land</p>",
        "<p>Mode&amp;#8203;schau in Mai&amp;shy;land</p>",
    ],
)
def test_invisible_characters_do_not_split_words(markup: str) -> None:
    assert body_of(markup) == "Modeschau in Mailand"


def test_text_without_tags_is_accepted() -> None:
    assert clean.paragraphs("One & two.\n\nThree < four.") == ("One & two.", "Three < four.")


def test_a_fragment_of_doubly_escaped_markup_is_read() -> None:
    escaped = (
        "&lt;!-- on --&gt;&lt;div class=&quot;md&quot;&gt;&lt;p&gt;A &lt;a href=&quot;/b&quot;"
    )
    markup = (
        f"<img src='/a.jpg'>{escaped}&gt;house&lt;/a&gt;.&lt;/p&gt;&lt;/div&gt; By <b>A. Rossi</b>"
    )
    assert clean.paragraphs(markup) == ("A house.", "By A. Rossi")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>A &lt;p&gt; ends with &lt;/p&gt;.</p>", "A <p> ends with </p>."),
        ("<code>&lt;p&gt;&lt;b&gt;A&lt;/b&gt;&lt;/p&gt;</code>", "<p><b>A</b></p>"),
    ],
)
def test_tags_mentioned_in_a_text_are_kept_as_words(markup: str, expected: str) -> None:
    assert clean.paragraphs(markup) == (expected,)


def test_doubly_escaped_markup_is_read() -> None:
    assert clean.paragraphs("&lt;p&gt;A &amp;amp; B&lt;/p&gt;&lt;p&gt;C&lt;/p&gt;") == (
        "A & B",
        "C",
    )


@pytest.mark.parametrize(
    "trailer",
    [
        "The post <a href='x'>Title</a> appeared first on <a href='y'>Site</a>.",
        "L'articolo Titolo proviene da Sito.",
        "L’article Titre est apparu en premier sur Site.",
        "La entrada Título se publicó primero en Sitio.",
        "La entrada Título apareció primero en Sitio.",
        "Cet article Titre est apparu en premier sur Site.",
        "O post Título apareceu primeiro em Sítio.",
        "Het bericht Titel verscheen eerst op Site.",
        "Artykuł Tytuł pochodzi z serwisu Strona.",
        "投稿 題 は 場 に最初に表示されました。",
        "Continue reading…",
        "The post Title first appeared on Site.",
        "L'articolo Titolo sembra essere il primo su Sito.",
        "Inlägget Titel dök först upp på Sajt.",
        "Indlægget Titel blev først udgivet på Side.",
        "Artikkeli Otsikko julkaistiin ensimmäisen kerran Sivu.",
        "Сообщение Заголовок появились сначала на Сайт.",
        "Başlık yazısı ilk önce Site üzerinde ortaya çıktı.",
        "Příspěvek Titulek pochází z Web",
        "הפוסט כותרת הופיע לראשונה ב-אתר.",
    ],
)
def test_lines_appended_by_blog_engines_are_removed(trailer: str) -> None:
    assert body_of(f"<p>The news itself.</p><p>{trailer}</p>") == "The news itself."


@pytest.mark.parametrize(
    "trailer",
    [
        "The post Title appeared first on Site.",
        "Inlägget Titel dök först upp på Sajt.",
        "Запис Заголовок з’явився спочатку на Сайт.",
        "Indlægget Titel blev først udgivet på Side.",
    ],
)
def test_such_lines_are_removed_at_a_paragraphs_end_too(trailer: str) -> None:
    assert body_of(f"<p>The news itself. {trailer}</p>") == "The news itself."


@pytest.mark.parametrize(
    "text",
    [
        "Zpráva. Příspěvek na stavbu pochází z města.",
        "La entrada cuesta diez euros. El museo es el primero en su género.",
        "Запис показу з’явився на сайті дому.",
        "Artikel ini tentang gaun yang pertama kali tampil di Paris.",
    ],
)
def test_ordinary_text_with_the_words_of_such_lines_is_kept(text: str) -> None:
    assert body_of(f"<p>Gucci. {text}</p>") == f"Gucci. {text}"


@pytest.mark.parametrize(
    ("text", "standfirst"),
    [
        ("One. Two. Three.", "One. Two."),
        (
            "The St. Regis opens at 10 a.m. in Dubai. Two. Three.",
            "The St. Regis opens at 10 a.m. in Dubai. Two.",
        ),
        ("爱马仕在上海开设新店。新店面积很大。第三句。", "爱马仕在上海开设新店。新店面积很大。"),
        ("It goes on and on [&#8230;]", "It goes on and on…"),
        ("It goes on and on [...]", "It goes on and on…"),
        ("It goes on and on \u2026", "It goes on and on…"),
        ("<p>(Photo: A)</p><p>The news of it all.</p>", "The news of it all."),
        (
            "<ul><li>It is one</li><li>It is another one</li></ul>",
            "• It is one • It is another one",
        ),
        ("Title here", ""),
        ("Comments", ""),
        ("Long roof.", "Long roof."),
        (f"Why? {'word ' * 80}end.", f"Why? {'word ' * 57}word…"),
        ("Title here. And then the news of it all.", "And then the news of it all."),
        (
            "<p>The first cars leave in spring, the last ones years after that.</p><h2>More</h2>",
            "The first cars leave in spring, the last ones years after that.",
        ),
    ],
)
def test_a_standfirst_is_one_or_two_sentences(text: str, standfirst: str) -> None:
    assert standfirsts.standfirst(body_of(text), "Title here") == standfirst


def test_a_last_line_that_resembles_an_appended_one_is_kept() -> None:
    text = "The necklace is old.\n\nIt first appeared on a queen, says the house."
    assert body_of("".join(f"<p>{piece}</p>" for piece in text.split("\n\n"))) == text


def test_a_standfirst_without_an_end_is_cut_at_a_word() -> None:
    long = "word " * 200
    found = standfirsts.standfirst(long)
    assert len(found) <= standfirsts.STANDFIRST_LIMIT
    assert found.endswith("word…")


def test_a_missing_title_is_made_of_the_first_words() -> None:
    assert standfirsts.first_words("Short sentence. And more.") == "Short sentence."
    assert standfirsts.first_words("w" * 50 + " " + "x" * 50).endswith("…")


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 32_000 + "x",
        "<b><i><a href=x>" * 10_000,
        "<" * 160_000,
        " " * 160_000 + "x",
        "\n " * 80_000,
        "&lt;b" * 32_000,
        "<!--" * 40_000,
        "The post " * 18_000,
        '<a href="' + "x" * 160_000,
        "<table><tr><td>" * 10_000,
        "&amp;" * 32_000,
    ],
    ids=range(11),
)
def test_any_markup_is_cleaned_in_few_steps(markup: str) -> None:
    calls(lambda: standfirsts.standfirst(body_of(markup), "t"), most=1_000_000)
    calls(lambda: clean.title(markup), most=1_000_000)


@given(MARKUP)
def test_cleaned_text_has_nothing_invisible_or_loose(markup: str) -> None:
    for text in (clean.title(markup), *clean.paragraphs(markup), standfirsts.standfirst(markup)):
        text.encode("utf-8")
        assert text == text.strip()
        assert "\n\n" not in text
        assert not {unicodedata.category(one) for one in text.replace("\n", "")} & {"Cc", "Cs"}


PLAIN = st.recursive(
    st.text(st.sampled_from("ab é\u00a0\n\t.•"), max_size=12)
    | st.sampled_from(
        ["&amp;", "&amp;lt;", "&#233;", "<br>", "<BR />", '<img src="a.jpg" alt="">']
    ),
    lambda inner: (
        st.tuples(
            st.sampled_from(
                [
                    ("<p>", "</p>"),
                    ('<div class="x y">', "</div>"),
                    ("<ul><li>", "</li></ul>"),
                    ("<a href='/x?a=1&amp;b'>", "</a>"),
                    ("<STRONG>", "</STRONG>"),
                    ("<figure>", "</figure>"),
                    ("<h2>", "</h2>"),
                ]
            ),
            st.lists(inner, max_size=4).map("".join),
        )
        # A heading ends where another begins in it, and the second end is then none.
        .filter(lambda parts: not (parts[0][0] == "<h2>" and "<h2>" in parts[1]))
        .map(lambda parts: parts[0][0] + parts[1] + parts[0][1])
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_simple_markup_reads_the_same_by_the_fast_path(markup: str) -> None:
    plain = f"<div>{markup}</div>"
    not_plain = plain + "<script></script>"

    assert clean.paragraphs(plain) == clean.paragraphs(not_plain)


@pytest.mark.parametrize(
    "markup",
    [
        '<p title="a > b">One</p>',
        "<p>One</p><button>Two</button>",
        "<p>One</p><!-- <b> -->",
        "<p lang='fr' title='t'>One</p><!---->",
    ],
)
def test_complex_markup_is_cleaned_by_the_full_path(markup: str) -> None:
    assert clean.paragraphs(markup) == ("One",)


@given(st.text(max_size=500), st.integers(2, 80))
def test_shortened_text_fits_its_limit(text: str, limit: int) -> None:
    assert len(clean.shorten(text, limit)) <= limit
