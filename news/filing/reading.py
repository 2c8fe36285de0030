"""Reading of articles' words: the names and words of the lists, and the learned layer's logits."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, cast

from news.filing import learned
from news.filing.evidence import BODY, FIRST_PARAGRAPH, STANDFIRST, TAGS, TITLE, Passage, Place
from news.filing.lexicon import Name, Word, lexicon
from news.filing.names import names_apart
from news.filing.tokenising.tokens import Hit, Text
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from news.filing.taxonomy import Taxonomy
    from news.filing.tokenising.article_words import Parts

_LONGEST_TAG = 200
"""Most characters of a tag that are read."""
_LABEL = re.compile(r"\s*([^\W\d_]+(?: [^\W\d_]+)?)(?:\s?[:|]|\s[-\u2013\u2014])\s+(?=\S)")
_MARK = (
    r"[(\uff08\[【](?:AP|AFP|ANSA|DPA|dpa|EFE|Reuters|REUTERS|Xinhua|Bloomberg|共同|时事|新华社)"
    r"[)\uff09\]】]"
)
_AGENCY = re.compile(
    rf"^\s*[^\W\d_][^()\n]{{0,40}}{_MARK}\s*[-\u2013\u2014]+\s*(?=\S)|{_MARK}\s*[-\u2013\u2014:]*"
)
"""Matches the mark of a news agency, with the city before it: `PARIS (AP) — …`."""


class Found(NamedTuple):
    """Names, words and logits found in the words of an article."""

    label: str
    """Label before the title, such as `Video`; usually empty."""
    logits: Mapping[str, float]
    """Section → logit of the learned layer, from the two `texts`."""
    fields: list[Passage]
    texts: tuple[Text, Text]
    """Title, and standfirst or first paragraph, as the learned layer read them."""


def read(articles: Sequence[Parts], taxonomy: Taxonomy) -> list[Found]:
    """Return what is found in the words of articles that `parts_of` cut.

    All titles are read, then all standfirsts: lookup data stays in the processor's caches, which
    saves a tenth of the time.
    """
    labels = lexicon(taxonomy).labels
    found: list[Found] = []
    titles: list[Text] = []
    for parts in articles:
        label, title = _without_label(labels, _without_agency(parts.title))
        titles.append(title)
        more = parts.standfirst if parts.standfirst.original else parts.opening
        logits = learned.load().logits(title, more)
        found.append(Found(label, logits, [], (title, more)))
    for place, texts in (
        (TITLE, titles),
        (STANDFIRST, [_without_agency(parts.standfirst) for parts in articles]),
        (FIRST_PARAGRAPH, [_without_agency(parts.opening) for parts in articles]),
        (BODY, [parts.body for parts in articles]),
    ):
        for text, one in zip(texts, found, strict=True):
            if text.original:
                one.fields.append(_read(taxonomy, place, text))
    return found


@lru_cache(maxsize=2_000)
def read_tag(taxonomy: Taxonomy, tag: str) -> Passage:
    """Return what is found in a tag. Cached, because a source repeats its tags."""
    return _read(taxonomy, TAGS, Text(tag[:_LONGEST_TAG]))


def _read(taxonomy: Taxonomy, place: Place, text: Text) -> Passage:
    words: list[Hit[Word]] = []
    names: list[Hit[Name]] = []
    signs: list[Name] = []
    known = lexicon(taxonomy)
    phrases = known.houses if place is BODY else known.phrases
    for hit in phrases.find(text):
        meaning = hit.meaning
        if isinstance(meaning, Word):
            words.append(cast("Hit[Word]", hit))
        elif meaning.context or meaning.unless:
            signs.append(meaning)
        else:
            names.append(cast("Hit[Name]", hit))
    field = Passage(place, text, names, signs, partial(names_apart, taxonomy))
    if words:
        field.words = _outside_names(taxonomy, words, field.names)
    return field


def _outside_names(
    taxonomy: Taxonomy, words: list[Hit[Word]], names: list[Hit[Name]]
) -> list[Hit[Word]]:
    for name in names:
        if not name.meaning.block:
            words = [
                word
                for word in words
                if word.since < name.since
                or word.last > name.last
                or (word.since, word.last) == (name.since, name.last)
                or not _is_part(taxonomy, word, name)
            ]
    return words


def _is_part(taxonomy: Taxonomy, word: Hit[Word], name: Hit[Name]) -> bool:
    """Return whether a word in a house's name has no meaning of its own there.

    A longer name may describe the house further, mostly at its end: `Apple Watch`, `Aman Tokyo`. In
    scripts without spaces this holds for towns, and for words that leave another name of the house
    if removed: the rest of 希尔顿集团 is the house 希尔顿, but the rest of 梅西卡 is no name.
    """
    entry = taxonomy.entries[name.meaning.slug]
    section = taxonomy.entries[word.meaning.slug].category
    if section.slug in entry.homes:
        return False
    if name.text == entry.category.name:
        return True
    if name.meaning.weak:
        return False
    if name.since < word.since and word.last < name.last:
        return True
    if " " in name.text or name.text.isascii() or section.kind is not Kind.SECTION:
        return False
    since, last = word.since - name.since, word.last - name.since
    rest = f"{name.words[:since]}{name.words[last:]}".strip()
    found = lexicon(taxonomy).houses.find(Text(rest))
    return not any(hit.words == rest and hit.meaning.slug == entry.category.slug for hit in found)


def _without_agency(text: Text) -> Text:
    original = text.original
    if not ("(" in original or "[" in original or "【" in original or "\uff08" in original):
        # Fast path: most texts have no bracket.
        return text
    written = _AGENCY.sub(" ", original)
    return text if written == original else Text(written.strip())


def _without_label(labels: Container[str], title: Text) -> tuple[str, Text]:
    """Return a title's label, or "", and the rest: `Watch: …` is not about a watch."""
    label = _LABEL.match(title.original)
    if label is None or label[1].lower() not in labels:
        return "", title
    return label[1], Text(title.original[label.end() :])
