"""Block pages and redirect pages, and articles that only mention such pages."""

from __future__ import annotations

import pytest

from news.article.page import read_article
from news.entry import UnreadableError
from news.parse import parse
from tests.news.conftest import NOW

URL = "https://house.example/en/news/boutique-milan"


def page(title: str, body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}".encode()


@pytest.mark.parametrize(
    ("reason", "title", "body"),
    [
        ("wall page", "Access denied | house.example used Cloudflare", "<h1>Error 1020</h1>"),
        ("wall page", "house.example", "<script>var h='geo.captcha-delivery.com'</script>"),
        ("wall page", "Access to this page has been denied", "<h1>Press &amp; Hold</h1>"),
        ("wall page", "Robot Check", "<p>Enter the characters you see below.</p>"),
        ("wall page", "", "<noscript>We need to verify that you're not a robot.</noscript>"),
        ("wall page", "Vercel Security Checkpoint", "<p>We're verifying your browser</p>"),
        ("wall page", "House", "<h1>Before you continue</h1><button>Reject all</button>"),
        ("wall page", "Bevor Sie fortfahren", "<p>Wir verwenden Cookies.</p>"),
        ("wall page", "Log in | House Press", "<form><input type=password></form>"),
        ("wall page", "House", "<h1>Are you of legal drinking age?</h1>"),
        ("wall page", "House - Select your country", "<a href=/it>Italy</a>"),
        ("wall page", "429 Too Many Requests", ""),
        ("wall page", "House", "<h1>451: Unavailable due to legal reasons</h1>"),
        ("wall page", "House", "<noscript>You need to enable JavaScript to run this app."),
        ("wall page", "Einen Moment, bitte...", ""),
        ("wall page", "Un instant…", "<p>Vérification.</p>"),
        ("wall page", "Un momento…", ""),
        ("wall page", "しばらくお待ちください...", ""),
        ("wall page", "House", "<p>Bestätigen Sie, dass Sie ein Mensch sind.</p>"),
        ("wall page", "House", "<p>Vérifiez que vous êtes humain pour continuer.</p>"),
        ("wall page", "House", "<p>Verifique que es un ser humano.</p>"),
        ("page not found", "Page not found – Watch Press", "<p>" + "A menu of the site. " * 200),
        ("page not found", "House", "<h1>Sorry, the page you are looking for cannot be found</h1>"),
        ("page not found", "Pagina non trovata - House", "<h1>404</h1>"),
        ("page not found", "House", "<h1>Oups ! Page introuvable</h1>"),
        ("page not found", "Seite nicht gefunden", ""),
        ("page not found", "Página no encontrada", ""),
        ("page not found", "ページが見つかりません｜ハウス", ""),
        ("page not found", "404 - 页面不存在", ""),
        ("out of order", "502 Bad Gateway", "<hr><center>nginx</center>"),
        ("out of order", "WordPress &rsaquo; Error", "<p>There has been a critical error."),
        ("out of order", "House", "<h1>We'll be back soon!</h1><p>Under maintenance.</p>"),
        ("out of order", "Coming Soon", "<p>Our new website is on its way.</p>"),
        ("no site", "house.example is for sale | Domains", ""),
        ("no site", "house.example", "<p>The domain is for sale. Buy this domain.</p>"),
        ("no site", "Account Suspended", ""),
        ("no site", "Welcome to nginx!", ""),
    ],
)
def test_block_pages_are_refused_with_a_reason(reason: str, title: str, body: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_article(page(title, body), url=URL, now=NOW)
    assert refused.value.reason == reason
    with pytest.raises(UnreadableError) as refused:
        parse(page(title, body), url=URL, kind="page", now=NOW)
    assert refused.value.reason == reason
    with pytest.raises(UnreadableError) as refused:
        parse(page(title, body), url=URL, now=NOW)
    assert refused.value.reason == (reason if reason == "wall page" else "a page, not a feed")


def test_a_redirect_page_names_its_target() -> None:
    head = "<meta http-equiv=refresh content='0; url=https://house.example/en/'>"
    with pytest.raises(UnreadableError, match=r"moved page: https://house\.example/en/"):
        read_article(page("", "Please wait", head), url=URL, now=NOW)


PARAGRAPH = "<p>The house said on Monday that the boutique would open in the spring, with a museum."
TEXT = PARAGRAPH * 20


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Captcha, cookies and couture: are you a robot?", TEXT),
        ("Peugeot 404: the car that Pininfarina drew", PARAGRAPH),
        ("Peugeot | 404 | Cars of the sixties", TEXT),
        ("Watch maintenance: what a service costs", PARAGRAPH),
        ("Château is for sale for the first time", PARAGRAPH),
        ("Coming soon: a boutique in Rome", PARAGRAPH),
        ("House opens in Rome", f"<h2>Before you continue</h2><button>Accept</button>{TEXT}"),
        (
            "House opens in Rome",
            f"{PARAGRAPH}<div class=g-recaptcha></div><p>Protected by reCAPTCHA",
        ),
        ("House opens in Rome", f"<form><input type=password></form>{PARAGRAPH}"),
        ("House opens in Rome", f"{PARAGRAPH}<script src='/cdn-cgi/challenge-platform/jsd.js'>"),
        ("House opens in Rome", f"<noscript>Please enable JavaScript.</noscript>{TEXT}"),
    ],
)
def test_an_article_mentioning_a_block_page_is_read(title: str, body: str) -> None:
    read = read_article(page(title, f"<h1>{title}</h1>{body}"), url=URL, now=NOW)
    assert read.title in title
    assert read.body


@pytest.mark.parametrize(
    "named",
    [
        """<script>var begin = '<rss version="2.0">';</script>""",
        "<pre>&lt;rss version=&quot;2.0&quot;&gt;</pre>",
    ],
)
def test_a_page_mentioning_a_feeds_root_element_is_not_an_empty_feed(named: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        parse(page("How feeds are made", named + "<p>Words.</p>" * 9), url=URL, now=NOW)
    assert (refused.value.reason, refused.value.detail) == (
        "a page, not a feed",
        "How feeds are made",
    )
