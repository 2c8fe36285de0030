"""The headlines that weights are learned from: written ones as text, real ones as hashes.

The project keeps no text of real headlines. `real.jsonl` has the labels and origin of each, and
24-bit hashes of its features. `vocabulary.txt` lists the features that at least three headlines
share, because the weights are written per feature. The weights can be learned from these files
without the texts.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from news.filing.evidence import Points
from news.filing.learned import features_of
from news.filing.points import weigh
from news.filing.reading import read
from news.filing.taxonomy import load
from news.filing.tokenising.article_words import parts_of
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
WRITTEN, REAL, VOCABULARY = (
    HERE / name for name in ("headlines.jsonl", "real.jsonl", "vocabulary.txt")
)
LEAST_HEADLINES = 3
"""Headlines in which a feature must appear to get a weight."""
_LABELS = {"sections", "trade", "to"}
_BYTES = 3
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One headline: its labels, and the hashed features of its text."""

    key: str
    title: frozenset[int]
    """Hashes of the features of the headline."""
    standfirst: frozenset[int]
    sections: frozenset[str] | None
    """Slugs of its sections; None if nobody labelled them."""
    trade: bool | None = None
    """Whether the headline is relevant to the trade; None if it is unlabelled or doubtful."""
    real: bool = True
    origin: str = ""
    points: Points = field(default_factory=lambda: Points({}, {}, houses=False))


def number_of(feature: str) -> int:
    """Return the 24-bit hash of a feature."""
    return crc32(feature.encode()) & ((1 << 8 * _BYTES) - 1)


def key_of(title: str) -> str:
    """Return the CRC-32 of a headline, in hexadecimal."""
    return f"{crc32(title.encode()):08x}"


def of_text(row: dict[str, Any], *, real: bool) -> tuple[TrainingRow, set[str]]:
    """Return a labelled headline as a row, and its features as text.

    Args:
        row: `title`, and optionally `sections`, `standfirst`, `trade`, `doubtful`, `source`.
        real: Whether a source published it, rather than this project writing it for training.
    """
    taxonomy = load()
    (found,) = read([parts_of(row["title"], row.get("standfirst", ""), None)], taxonomy)
    title, standfirst = (features_of(text) for text in found.texts)
    points = Points({}, {}, houses=False)
    if real:
        evidence = weigh(found, taxonomy, tags=(), source_categories=(), link="")
        points = evidence.as_points()
    sections = {one.slug for one in taxonomy.by_kind(Kind.SECTION)}
    made = TrainingRow(
        key=key_of(row["title"]),
        title=frozenset(map(number_of, title)),
        standfirst=frozenset(map(number_of, standfirst - title)),
        sections=frozenset(sections.intersection(row["sections"])) if "sections" in row else None,
        trade=None if row.get("doubtful") else row.get("trade"),
        real=real,
        origin=row.get("source", ""),
        points=points,
    )
    return made, title | standfirst


def written() -> tuple[list[TrainingRow], Counter[str]]:
    """Return the headlines written for training, and the number of headlines with each feature."""
    rows, counts = [], Counter[str]()
    for line in WRITTEN.read_text("utf-8").splitlines():
        row, features = of_text(json.loads(line), real=False)
        rows.append(row)
        counts.update(features)
    return rows, counts


def real() -> list[TrainingRow]:
    """Return the real headlines, which are stored as hashes; [] if there is no file."""
    if not REAL.exists():
        return []
    return [of_hashes(json.loads(line)) for line in REAL.read_text("utf-8").splitlines()]


def vocabulary() -> list[str]:
    """Return the features that at least three real headlines share, as text."""
    return VOCABULARY.read_text("utf-8").splitlines() if VOCABULARY.exists() else []


def add(path: Path) -> int:
    """Add the headlines of a file with labels of sections or the trade, replacing equal titles.

    A headline without sections keeps those that it had before.

    Args:
        path: A file with one JSON object per line: as in `of_text`, or a label of
            `onnews labels export`. Of several labels of one title the last counts.

    Returns:
        The number of headlines added.
    """
    lines = [] if path.suffix == ".tsv" else path.read_text("utf-8").splitlines()
    given = [row for row in map(json.loads, lines) if not _LABELS.isdisjoint(row)]
    made = [of_text(labelled(row), real=True) for row in given]
    rows = {row.key: row for row in real()}
    for row, _ in made:
        known = rows.get(row.key)
        if row.sections is None and known is not None:
            rows[row.key] = replace(row, sections=known.sections)
        else:
            rows[row.key] = row
    counts = Counter(one for row in rows.values() for one in row.title | row.standfirst)
    shared = {
        feature
        for _, features in made
        for feature in features
        if counts[number_of(feature)] >= LEAST_HEADLINES
    }
    lines = [json.dumps(_packed(row), ensure_ascii=False) for row in rows.values()]
    REAL.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    VOCABULARY.write_text(
        "".join(f"{feature}\n" for feature in sorted(shared.union(vocabulary()))), "utf-8"
    )
    return len(made)


def labelled(row: dict[str, Any]) -> dict[str, Any]:
    """Return a label of `onnews labels export` as a headline with its sections.

    The trade wants what an editor files under a section; about the rest a label says nothing. Any
    other row is returned as it is.
    """
    if "to" not in row:
        return row
    sections = {one.slug for one in load().by_kind(Kind.SECTION)}.intersection(row["to"])
    return {
        "title": row["title"],
        "standfirst": row.get("standfirst", ""),
        "sections": sorted(sections),
        "trade": True if sections else None,
        "source": f"refiled by an editor ({row.get('source', '')})",
    }


def stories(rows: Sequence[TrainingRow]) -> list[int]:
    """Return the story number of each row. Rows with near-identical titles share one."""
    numbers = list(range(len(rows)))
    by_feature: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        shared = Counter(other for one in row.title for other in by_feature.get(one, ()))
        for other, count in shared.items():
            if 3 * count >= len(row.title | rows[other].title):
                old, new = numbers[place], numbers[other]
                numbers = [new if number == old else number for number in numbers]
        for one in row.title:
            by_feature.setdefault(one, []).append(place)
    return numbers


def _packed(row: TrainingRow) -> dict[str, Any]:
    """Return a row as a JSON object, without empty values other than labels."""
    points = {
        name: {slug: round(value, _DIGITS) for slug, value in sorted(values.items()) if value}
        for name, values in (("words", row.points.words), ("homes", row.points.homes))
    }
    kept = {
        "key": row.key,
        "from": row.origin,
        "sections": None if row.sections is None else sorted(row.sections),
        "trade": row.trade,
        **points,
        "houses": row.points.houses,
        "everyday": row.points.everyday,
        "length": row.points.length,
        **hashed(row),
    }
    return {name: value for name, value in kept.items() if value or name in ("sections", "trade")}


def hashed(row: TrainingRow) -> dict[str, str]:
    """Return the hashed features of a row as values of a JSON object."""
    return {"title": _joined(row.title), "standfirst": _joined(row.standfirst)}


def of_hashes(kept: dict[str, Any]) -> TrainingRow:
    """Return a row as it was kept; one without labels has None."""
    sections = kept.get("sections")
    return TrainingRow(
        key=kept["key"],
        title=_parted(kept["title"]),
        standfirst=_parted(kept.get("standfirst", "")),
        sections=None if sections is None else frozenset(sections),
        trade=kept.get("trade"),
        origin=kept.get("from", ""),
        points=Points(
            kept.get("words", {}),
            kept.get("homes", {}),
            kept.get("houses", False),
            kept.get("everyday", False),
            kept.get("length", 0),
        ),
    )


def _joined(numbers: Iterable[int]) -> str:
    """Return the hashes in ascending order, in base64, so that word order is not kept."""
    return base64.b64encode(
        b"".join(number.to_bytes(_BYTES) for number in sorted(numbers))
    ).decode()


def _parted(text: str) -> frozenset[int]:
    joined = base64.b64decode(text)
    return frozenset(
        int.from_bytes(joined[start : start + _BYTES]) for start in range(0, len(joined), _BYTES)
    )
