"""Functions that run in a worker process. The bot's own process only passes references to them.

The heavy libraries (lxml, trafilatura, the language models) are imported inside the functions, so
that only workers load them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from news.entry import Reading, Refused
from news.filing.tokenising.article_words import parts_of
from news.stories.duplicates import WINDOW
from news.stories.headline_tokens import content_words
from news.stories.report import report_of
from news.stories.text_sketches import SKETCHED_TOKENS, sketch_of
from storage.articles.upsert_rules import IndexedWords, body_print
from storage.model import FILLER, Filing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.entry import Entry, Parsed, Report
    from news.filing.story_kinds import Rated
    from news.filing.taxonomy import Taxonomy
    from news.filing.tokenising.article_words import Parts
    from news.mail.letter import Letter


def warm() -> None:
    """Load what reading needs, so that the first document does not wait a third of a second."""
    from news.entry import Entry  # noqa: PLC0415 — as above
    from news.text import language  # noqa: F401, PLC0415 — see `read`

    _filed([Entry(guid="", link="", title="Gucci")], [None], Reading(""), datetime.now(UTC))


def read(document: bytes, reading: Reading, now: datetime) -> Parsed:
    """Return a source's document as entries with language and categories, or UnreadableError."""
    from news.parse import parse  # noqa: PLC0415 — lxml weighs on workers only

    parsed = parse(
        document,
        url=reading.url,
        content_type=reading.content_type,
        content_location=reading.content_location,
        kind=reading.kind,
        selectors=reading.selectors,
        now=now,
    )
    entries, refused = _found_out(parsed.entries, reading, parsed.language, now)
    return replace(parsed, entries=entries, refused=(*parsed.refused, *refused))


def rate(titles: Sequence[str], standfirsts: Sequence[str]) -> list[Rated]:
    """Return the kinds and weights of articles."""
    from news.filing.story_kinds import rated_texts  # noqa: PLC0415 — see `_filings`

    return rated_texts(titles, standfirsts)


def share_for_the_trade(titles: Sequence[tuple[str, str]]) -> float:
    """Return the share, 0 to 1, of articles relevant to the trade; 1 for no articles."""
    from news.filing.classify import against_the_trade  # noqa: PLC0415 — see `_filings`

    taxonomy = taxonomy_of_worker()
    wanted = sum(against_the_trade(taxonomy, *each) is None for each in titles)
    return wanted / len(titles) if titles else 1.0


def read_page(document: bytes, reading: Reading, now: datetime) -> Entry:
    """Return an article's page as an entry with language and categories, or UnreadableError."""
    from news.article.page import read_article  # noqa: PLC0415 — trafilatura weighs on workers only

    page = read_article(
        document,
        url=reading.url,
        content_type=reading.content_type,
        title=reading.title,
        now=now,
    )
    (language,) = _languages([page], reading.language, None)
    parts = parts_of(page.title, page.standfirst, page.body)
    ((filings, rated),) = _filings([page], [parts], reading)
    return page._replace(
        language=language,
        filings=filings,
        sketch=_sketch(page, parts.tokens),
        story_kind=rated.kind,
        kind_certainty=rated.certainty,
        weight=rated.weight,
    )


def read_letter(document: bytes, address: str, authserv: str) -> Letter:
    """Return the stories of a letter from an address, or raise UnreadableError."""
    from news.mail.letter import read as read_mail  # noqa: PLC0415 — lxml weighs on workers only

    return read_mail(document, address, authserv)


def read_post(post: Entry, now: datetime) -> Entry:
    """Return an editor's post with language, categories, and what recognises its event."""
    languages = _languages([post], None, None)
    (found,) = _filed([post], languages, Reading(""), now)
    return found


def _found_out(
    entries: tuple[Entry, ...], reading: Reading, of_feed: str | None, now: datetime
) -> tuple[tuple[Entry, ...], tuple[Refused, ...]]:
    """Return the enriched entries, and those refused for a bug, which halving finds."""
    try:
        languages = _languages(entries, reading.language, of_feed)
        return _filed(entries, languages, reading, now), ()
    except MemoryError:
        raise  # the worker ends with it
    except Exception as error:
        if not entries:
            raise  # no entry is at fault
        if len(entries) == 1:
            return (), (Refused(f"defect ({type(error).__name__})", entries[0].title),)
    half = len(entries) // 2
    first, of_first = _found_out(entries[:half], reading, of_feed, now)
    second, of_second = _found_out(entries[half:], reading, of_feed, now)
    return first + second, of_first + of_second


def _languages(
    entries: Sequence[Entry], of_operator: str | None, of_feed: str | None
) -> list[str | None]:
    if of_operator is not None:
        return [of_operator] * len(entries)
    from news.text.language import corrected, detect_all  # noqa: PLC0415 — read in workers only

    texts = [
        " ".join(filter(None, (entry.title, entry.standfirst, (entry.body or "")[:400])))
        for entry in entries
    ]
    declared = [entry.language or of_feed for entry in entries]
    unsaid = [text for text, language in zip(texts, declared, strict=True) if language is None]
    found = iter(detect_all(unsaid) if unsaid else ())
    return [
        next(found) if language is None else corrected(text, language)
        for text, language in zip(texts, declared, strict=True)
    ]


def _filed(
    entries: Sequence[Entry],
    languages: Sequence[str | None],
    reading: Reading,
    now: datetime,
) -> tuple[Entry, ...]:
    """Return the entries with all fields derived from their words, field by field: 10 % faster."""
    parts = [parts_of(entry.title, entry.standfirst, entry.body) for entry in entries]
    titles = [content_words(entry.title) for entry in entries]
    sketches = [_sketch(entry, cut.tokens) for entry, cut in zip(entries, parts, strict=True)]
    filings = _filings(entries, parts, reading)
    # Older articles are not matched to events.
    since = now - WINDOW
    reports = [
        _report(entry, language, filed, words, now).packed()
        if (entry.published or now) >= since
        else None
        for entry, language, (filed, _), words in zip(
            entries, languages, filings, titles, strict=True
        )
    ]
    return tuple(
        entry._replace(
            language=language,
            filings=filed + _filler(entry, cut.tokens[0]),
            sketch=sketch,
            title_words=title_words,
            words=_indexed(cut.tokens, entry.body),
            report=report,
            story_kind=rated.kind,
            kind_certainty=rated.certainty,
            weight=rated.weight,
        )
        for entry, language, (filed, rated), sketch, title_words, cut, report in zip(
            entries, languages, filings, sketches, titles, parts, reports, strict=True
        )
    )


def _filings(
    entries: Sequence[Entry], parts: Sequence[Parts], reading: Reading
) -> list[tuple[tuple[Filing, ...], Rated]]:
    # With the taxonomy, in workers only.
    from news.filing.classify import file  # noqa: PLC0415
    from news.filing.reading import read  # noqa: PLC0415
    from news.filing.story_kinds import rated  # noqa: PLC0415

    taxonomy = taxonomy_of_worker()
    return [
        (
            file(
                found,
                taxonomy,
                tags=entry.tags,
                source_categories=reading.categories,
                link=entry.link,
                general=reading.general,
                marked=True,
            ),
            rated(found.logits),
        )
        for entry, found in zip(entries, read(parts, taxonomy), strict=True)
    ]


def _filler(entry: Entry, words: str) -> tuple[Filing, ...]:
    from news.filing.filler_signs import sign_of_filler  # noqa: PLC0415 — as above

    sign = sign_of_filler(entry.title, words.split())
    return (Filing(FILLER, f"\u201c{sign}\u201d in the title"),) if sign else ()


def _report(
    entry: Entry,
    language: str | None,
    filings: Sequence[Filing],
    words: tuple[str, ...],
    now: datetime,
) -> Report:
    categories = taxonomy_of_worker().categories
    slugs = sorted({one.category for one in filings})
    filed = [categories[slug] for slug in slugs if slug in categories]
    return report_of(
        entry.title, entry.standfirst, entry.published or now, filed, words, language=language
    )


def _indexed(tokens: tuple[str, str, str], body: str | None) -> IndexedWords:
    return IndexedWords(*tokens, body_print(body) if body else None)


def _sketch(entry: Entry, tokens: tuple[str, str, str]) -> bytes:
    of_body = (tokens[2] or tokens[1]).split(" ", SKETCHED_TOKENS)
    return sketch_of(entry.body or entry.standfirst, of_body)


@cache
def taxonomy_of_worker() -> Taxonomy:
    """Return the taxonomy, loaded once in each worker."""
    from news.filing.taxonomy import load  # noqa: PLC0415 — see _filings

    return load()


def find_feeds(document: bytes, reading: Reading) -> tuple[str, ...]:
    """Return the addresses of feeds that a page declares."""
    from news.html import markup  # noqa: PLC0415 — lxml weighs on workers only
    from news.text import charset  # noqa: PLC0415 — as above

    tree = markup.tree_of(charset.decode(document, reading.content_type))
    return markup.announced_feeds(tree, reading.url)
