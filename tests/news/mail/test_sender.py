"""Whose letter it is: only what the receiving server itself proved counts."""

from __future__ import annotations

from email.parser import BytesHeaderParser

import pytest

from news.mail.sender import sender

OURS = "mx.example.net; dmarc=pass header.from=courier.example"


def proven(*lines: str, authserv: str = "mx.example.net") -> str | None:
    message = BytesHeaderParser().parsebytes("\n".join((*lines, "", "")).encode())
    found = sender(message, authserv)
    return found and found[0]


FROM = "From: The Courier <news@courier.example>"


@pytest.mark.parametrize(
    "result",
    [
        OURS,
        "MX.example.net 1; spf=fail; DMARC=pass (p=none; dis=none) header.from=Courier.example",
        (
            "mx.example.net;\n dkim=pass header.d=x.example;\n dmarc=pass action=none"
            " header.from=courier.example"
        ),
    ],
)
def test_a_sender_whose_domain_vouches_for_the_letter_is_proven(result: str) -> None:
    assert proven(f"Authentication-Results: {result}", FROM) == "news@courier.example"


@pytest.mark.parametrize(
    "result",
    [
        "mx.example.net; dmarc=fail header.from=courier.example",
        "mx.example.net; dmarc=none; spf=pass; dkim=pass",
        "mx.example.net; dmarc=pass",
        "mx.example.net; dmarc=pass header.from=evil.example",
        "mx.example.net; dmarc=pass header.from=courier.example.evil.example",
        "mx.evil.example; dmarc=pass header.from=courier.example",
        "mx.example.net.evil.example; dmarc=pass header.from=courier.example",
        "mx.example.net; dmarc=fail (dmarc=pass header.from=courier.example)",
        "mx.example.net; spf=fail (a (b) ; dmarc=pass header.from=courier.example ;)",
        'mx.example.net; spf=fail reason="; dmarc=pass header.from=courier.example ;"',
        "mx.example.net; spf=fail (\\); dmarc=pass header.from=courier.example ;)",
        (
            "mx.example.net; dmarc=fail header.from=courier.example;"
            " dmarc=pass header.from=courier.example"
        ),
        "mx.example.net; x-dmarc=pass header.from=courier.example",
        "(mx.example.net) other.example; dmarc=pass header.from=courier.example",
        f"{OURS} {'x' * 5_000}",
        "",
    ],
)
def test_any_other_result_proves_nothing(result: str) -> None:
    assert proven(f"Authentication-Results: {result}", FROM) is None


@pytest.mark.parametrize(
    "lines",
    [
        (FROM,),
        # What the letter came with stands below what the server writes.
        ("Authentication-Results: mx.example.net; dmarc=fail", f"Authentication-Results: {OURS}"),
        (f"Authentication-Results: {OURS}", "From: <news@evil.example>", FROM),
        (f"Authentication-Results: {OURS}", "From: <x@evil.example>, <news@courier.example>"),
        (f"Authentication-Results: {OURS}", 'From: "news@courier.example" <x@evil.example>'),
        (f"Authentication-Results: {OURS}", "From: <n\u00e9ws@courier.example>"),
        (f"Authentication-Results: {OURS}", 'From: <"a b"@courier.example>'),
        (f"Authentication-Results: {OURS}", "From:"),
    ],
)
def test_several_senders_or_none_or_odd_ones_prove_nothing(lines: tuple[str, ...]) -> None:
    has_sender = any(each.startswith("From") for each in lines)
    assert proven(*lines, *(() if has_sender else (FROM,))) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("The Courier", "The Courier"),
        ("=?utf-8?B?TGUgTW9uZGUgwrcgw4ljbw==?=", "Le Monde \u00b7 \u00c9co"),
        ("=?utf-8?Q?a=00b=0ac=1b?=", "ab c"),
        ("=?nowhere?Q?a?=", ""),
        ("x" * 900, "x" * 100),
    ],
)
def test_a_name_is_readable_text(written: str, name: str) -> None:
    lines = f"Authentication-Results: {OURS}\nFrom: {written} <news@courier.example>\n\n"
    found = sender(BytesHeaderParser().parsebytes(lines.encode()), "mx.example.net")
    assert found == ("news@courier.example", name)


def test_without_the_name_of_the_server_nothing_is_proven() -> None:
    assert proven("Authentication-Results: ; dmarc=pass header.from=courier.example", FROM) is None
    assert proven(f"Authentication-Results: {OURS}", FROM, authserv="") is None
