"""`./dev python -m train.languages`: make `news/text/language_model.gz` from py3langid's model.

The file keeps those of the model's 142 languages that `news.text.language` knows, with unchanged
weights. It is gzip-compressed and holds, in order: a line of JSON (the languages, their priors, and
the number of byte sequences of each length), all sequences, the row number of each sequence in two
bytes, and the rows. A row has a weight in three bytes for each language. All numbers are
little-endian.
"""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from news.text.language import ABOVE, LANE, LANGUAGES, STEPS

FILE = Path(__file__).parents[1] / "news" / "text" / "language_model.gz"


def loaded() -> Any:  # noqa: ANN401 - the library is untyped
    """Return py3langid's model, limited to the languages of `news.text.language`."""
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    theirs.set_languages(list(LANGUAGES))
    return theirs


def packed(theirs: Any) -> bytes:  # noqa: ANN401 - the library is untyped
    """Return the content of `language_model.gz`, uncompressed.

    Args:
        theirs: The model that `loaded` returned.
    """
    lanes = _lanes(theirs.nb_ptc)
    width = LANE * len(theirs.nb_classes)
    features = _features(theirs)
    ordered = sorted(features, key=lambda sequence: (-len(sequence), sequence))
    rows: dict[bytes, int] = {}
    places: list[int] = []
    for sequence in ordered:
        start = features[sequence] * width
        row = lanes[start : start + width]
        places.append(rows.setdefault(row, len(rows)))
    lengths = sorted({len(sequence) for sequence in ordered}, reverse=True)
    facts = {
        "languages": theirs.nb_classes,
        "priors": [float(prior) for prior in theirs.nb_pc],
        "sequences": [
            (length, sum(len(sequence) == length for sequence in ordered)) for length in lengths
        ],
    }
    head = json.dumps(facts).encode()
    return (
        head + b"\n" + b"".join(ordered) + struct.pack(f"<{len(places)}H", *places) + b"".join(rows)
    )


def _lanes(weights: Any) -> bytes:  # noqa: ANN401 - an array of numpy
    """Return the weights in `LANE` bytes each, one row after another.

    Args:
        weights: A row for each feature, a column for each language.
    """
    steps = (weights.astype("float64", order="C") * STEPS).round().astype("<i4") + ABOVE
    return steps.view("u1").reshape(-1, 4)[:, :LANE].tobytes()  # type: ignore[no-any-return]


def _features(theirs: Any) -> dict[bytes, int]:  # noqa: ANN401 - the library is untyped
    """Return byte sequence → feature number, read from py3langid's automaton.

    The sequence of a state is the shortest one that leads to the state.
    """
    read = {0: b""}
    waiting = [0]
    rows = set()
    for state in waiting:
        row = theirs.tk_row[state]
        if row in rows:  # whatever follows was read from another state
            continue
        rows.add(row)
        for byte, following in enumerate(theirs.tk_nextmove[row << 8 : (row + 1) << 8]):
            if following not in read:
                read[following] = read[state] + bytes([byte])
                waiting.append(following)
    features: dict[bytes, int] = {}
    # Shortest first: a longer sequence with the same feature ends with the shorter one.
    for state in waiting:
        feature = theirs.tk_output[state]
        if feature >= 0 and not any(
            features.get(read[state][start:]) == feature for start in range(1, len(read[state]))
        ):
            features[read[state]] = feature
    return features


if __name__ == "__main__":
    FILE.write_bytes(gzip.compress(packed(loaded()), mtime=0))
