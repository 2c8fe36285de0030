"""The stories of a newsletter, from its HTML."""

from __future__ import annotations

import pytest

from news.entry import UnreadableError
from news.html import markup
from news.mail.letter import read, stories
from news.mail.link import is_unwanted
from tests.news.imap_server import AUTHSERV, SENDER, letter

AT = "https://click.example/r/"


def told(body: str, ways_out: str = "") -> list[tuple[str, str]]:
    tree = markup.tree_of(f"<html><body>{body}</body></html>")
    return [(each.title, each.link.removeprefix(AT)) for each in stories(tree, ways_out)]


def test_headlines_in_any_shape_are_found_once_with_what_follows() -> None:
    body = f"""
    <table><tr><td><a href="{AT}1"><img src="https://x.example/1.jpg"></a>
      <h2><a href="{AT}1">Ferrari raises its forecast</a></h2>
      <p>The maker of sports cars expects revenue of seven billion euros this year.</p>
      <a href="{AT}1">Read more</a></td></tr>
    <tr><td><strong>Prada buys Versace for a billion</strong><br>
      The two houses said so on Thursday, after months of talks.<br>
      <a href="{AT}2">Continua a leggere</a></td></tr>
    <tr><td><a href="{AT}3"><h3>Rolex opens in Milan</h3><p>A shop of three floors, with a
      workshop and a museum in it.</p></a></td></tr>
    <tr><td style="font-size: 20px">Hermès adds a workshop in Normandy</td></tr></table>
    <ul><li>24 Nov: <a href="{AT}5">Bugatti shows its last car</a></li>
    <li><a href="{AT}6">路易威登任命新的创意总监</a></li></ul>
    """
    found = stories(markup.tree_of(f"<html><body>{body}</body></html>"))
    assert [(each.title, each.link.removeprefix(AT)) for each in found] == [
        ("Ferrari raises its forecast", "1"),
        ("Prada buys Versace for a billion", "2"),
        ("Rolex opens in Milan", "3"),
        ("Bugatti shows its last car", "5"),
        ("路易威登任命新的创意总监", "6"),
    ]
    assert found[0].standfirst.startswith("The maker of sports cars")
    assert found[1].standfirst.startswith("The two houses said so")
    assert found[2].standfirst.startswith("A shop of three floors")
    assert found[4].standfirst == ""


def test_a_standfirst_is_never_that_of_the_next_story() -> None:
    body = f"""<td><a href="{AT}1">Ferrari raises its forecast</a><br>
    <a href="{AT}2">Prada buys Versace for a billion</a><br>
    The two houses said so on Thursday, after months of talks.<br><br>
    <strong>Our mailing address is:</strong><br>
    Via Roma 1, 20121 Milano, and <a href="{AT}3"><img src="x.png"></a></td>"""
    found = stories(markup.tree_of(f"<table><tr>{body}</tr></table>"))
    assert [(each.link.removeprefix(AT), each.standfirst[:14]) for each in found] == [
        ("1", ""),
        ("2", "The two houses"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        (
            f"<p>As <a href='{AT}1'>Reuters reported on Monday evening</a>, sales fell in "
            "all regions but Japan.</p>"
        ),
        f"<a href='{AT}1'><img src='https://x.example/1.jpg' alt='Ferrari raises it'></a>",
        f"<p><a href='{AT}1'>Read more of it here</a></p>",
        "<h2><a href='https://courier.example/'>The Courier of this morning</a></h2>",
        "<h2><a href='mailto:desk@courier.example'>Write to our editors today</a></h2>",
        "<h2><a href='javascript:x()'>Ferrari raises its forecast</a></h2>",
    ],
)
def test_sentences_pictures_and_front_pages_are_no_stories(body: str) -> None:
    assert told(body) == []


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Unsubscribe from this list",
            "Click here to unsubscribe now",
            "Opt out of these e-mails",
        ),
        *(
            "Manage your email preferences",
            "View this email in your browser",
            "Update your profile",
        ),
        *("Share this with a friend", "Forward to a friend today", "Read the web version here"),
        *("Disiscriviti dalla nostra newsletter", "Cancella la tua iscrizione qui"),
        *("Visualizza questa mail nel browser", "Condividi con un amico tuo"),
        *("Darse de baja de la lista", "Ver este correo en el navegador", "Compartir con un amigo"),
        *(
            "Se désabonner de cette lettre",
            "Se désinscrire de la liste",
            "Gérer mes préférences ici",
        ),
        *("Voir cet e-mail dans votre navigateur", "Partager avec un ami proche"),
        *("Vom Newsletter hier abmelden", "Newsletter jetzt schnell abbestellen"),
        *("Diese Mail im Browser ansehen", "Weiterleiten an einen Freund"),
        *("点击这里立即退订本邮件", "在浏览器中查看本邮件", "分享给你的朋友们看"),
    ],
)
def test_subscriptions_sharing_and_browsers_are_never_stories(words: str) -> None:
    assert told(f"<h2><a href='{AT}1'>{words}</a></h2>") == []
    assert told(f"<h2>{words}</h2><a href='{AT}1'>Here</a>") == []


@pytest.mark.parametrize(
    "link",
    [
        *("https://a.example/unsubscribe?u=1", "https://a.list-manage.com/profile?u=1"),
        *("https://a.example/optout/1", "https://a.example/email-preferences"),
        *("https://a.example/d%C3%A9s/desabonnement", "https://a.example/%75nsubscribe/1"),
        *("https://www.facebook.com/sharer/sharer.php?u=x", "https://x.com/intent/tweet?text=x"),
        *("https://a.example/abmeldung", "https://a.example/viewinbrowser?id=1"),
    ],
)
def test_links_that_change_a_subscription_or_share_are_unwanted_by_their_address(link: str) -> None:
    assert is_unwanted(link)
    assert told(f"<h2><a href='{link}'>Ferrari raises its forecast</a></h2>") == []


def test_the_links_of_list_unsubscribe_are_never_stories() -> None:
    line = f"<h2><a href='{AT}1'>Ferrari raises its forecast</a></h2>"
    assert told(line)
    assert told(line, f"<{AT}1>, <mailto:x@y.example>") == []


def test_headlines_with_words_of_sharing_or_browsers_stay_stories() -> None:
    line = "<h2><a href='https://a.example/1'>{}</a></h2>"
    for title in (
        "Kering share price falls",
        "Preference shares of Porsche rise",
        "Mozilla browser wins",
    ):
        assert told(line.format(title)), title


def refusal(document: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(document, SENDER, AUTHSERV)
    return caught.value.reason


def test_a_letter_that_is_forged_encrypted_or_broken_says_so() -> None:
    story = ("Ferrari raises its forecast", f"{AT}1")
    whole = letter(story)
    assert [each.title for each in read(whole, SENDER, AUTHSERV).stories] == [story[0]]
    assert refusal(letter(story, checked="")) == "no proven sender"
    assert refusal(letter(story, sender="news@other.example")) == "no proven sender"
    head = whole.partition(b"MIME-Version")[0].replace(b"Content-Type", b"X-Type")
    encrypted = b"Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--\n"
    assert refusal(head + encrypted) == "encrypted"
    assert refusal(head + b"Content-Type: text/plain\n\nOnly text.\n") == "no HTML"
    assert refusal(head + b"Content-Type: text/html\n\n") == "no HTML"
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (each, each)
        for each in range(3_000)
    )
    assert refusal(head + deep) in {"broken", "no HTML"}
    # Cut amid its HTML: what was sent before is there.
    assert read(whole[: whole.index(b"Read more")], SENDER, AUTHSERV).stories
