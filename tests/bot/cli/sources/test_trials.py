"""The advice for an address that a trial could not read."""

from __future__ import annotations

import pytest

from bot.cli.sources.trials import ADD_ANYWAY, trouble
from news.sources.discover import Trial

FEED = "https://one.example/blog/feed"
LOOK = "`onnews sources test https://one.example/` looks for a feed of its site"
NAME = "give the address of a feed, or of a page that lists articles"


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        ("not a feed: binary data", f"{NAME}; {LOOK}"),
        ("a page that announces no feed and lists no articles", f"{NAME}; {LOOK}"),
        ("", f"{NAME}; {LOOK}"),
        ("http 404: Not Found", f"check in a browser that the address is complete; {LOOK}"),
        ("http 403: Forbidden", f"it refuses programs; {LOOK}"),
        ("wall page: captcha", f"it refuses programs; {LOOK}"),
        ("http 503: Service Unavailable", f"try again later; {ADD_ANYWAY}"),
        ("timeout: no complete answer within 30 s", f"try again later; {ADD_ANYWAY}"),
        ("no such host: one.example", "check its spelling, and that this machine is online"),
        ("private address: 10.0.0.1", "for a source of your own, set ALLOW_PRIVATE_SOURCES=true"),
    ],
)
def test_each_failure_of_a_trial_says_what_to_do(problem: str, advice: str) -> None:
    line = trouble(Trial(FEED, problem=problem), ADD_ANYWAY)
    assert line == f"{FEED} cannot be read ({problem or 'it is empty'}); {advice}"


def test_advice_does_not_send_the_operator_to_the_same_front_page() -> None:
    line = trouble(Trial("https://one.example/", problem="http 403: Forbidden"))
    assert line == "https://one.example/ cannot be read (http 403: Forbidden); it refuses programs"
