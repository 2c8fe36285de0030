from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench import SetError
from bench.quality import kinds as measured
from bench.quality.kinds import Told
from news.filing.learned import KIND, WEIGHT
from news.filing.story_kinds import WEIGHTS, Rated, rated, rated_texts
from storage.model import StoryKind
from tests.news.conftest import Desk, item, rss
from train import headline_rows, kinds

if TYPE_CHECKING:
    from pathlib import Path


def test_the_likeliest_kind_is_told_with_its_share_and_a_weight_within_its_bounds() -> None:
    logits = {f"{KIND}{kind}": 0.0 for kind in StoryKind} | {f"{KIND}deal": 1.0}

    light, usual, heavy = (
        rated(logits | {f"{WEIGHT}{least}": one for least in WEIGHTS}) for one in (-20, 0, 20)
    )

    assert usual.kind is StoryKind.DEAL
    assert 1 / len(StoryKind) < usual.certainty < 0.2
    assert [light.weight, usual.weight, heavy.weight] == pytest.approx([0, 1.5, 3], abs=1e-6)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Sales at the watchmaker rise 12% in the first half", StoryKind.RESULTS),
        ("Il gruppo acquisisce il 60% della maison", StoryKind.DEAL),
        ("Aston Villa beat Chelsea to reach the cup final", StoryKind.SPORT),
    ],
)
def test_plain_headlines_are_told_as_what_they_are(title: str, kind: StoryKind) -> None:
    (found,) = rated_texts([title], [""])
    assert found.kind is kind


def test_a_bid_for_a_house_weighs_more_than_a_list_of_gifts() -> None:
    titles = [
        "LVMH agrees to buy Armani in multi-billion deal",
        "The 15 best gift ideas for Mother's Day",
    ]
    bid, gifts = rated_texts(titles, ["", ""])

    assert bid.weight > 1 > gifts.weight


def test_labels_and_vectors_of_one_headline_are_kept_together_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "KINDS", tmp_path / "kinds.jsonl")
    monkeypatch.setattr(headline_rows, "REAL", tmp_path / "real.jsonl")
    labels, more = tmp_path / "labels.tsv", tmp_path / "more.jsonl"
    labels.write_text(
        "language\tkind\tweight\ttitle\tstandfirst\nen\tdeal\t2\tZyrtox buys Quuxle\tFor much\n",
        "utf-8",
    )
    vector = {"title": "Zyrtox buys Quuxle", "language": "en", "vector": [1, -2, 127]}
    other = {"title": "Rain in Rome", "sections": [], "trade": False}
    more.write_text(f"{json.dumps(vector)}\n{json.dumps(other)}", "utf-8")

    assert (kinds.add(labels), kinds.add(more)) == (1, 1)

    (row,) = kinds.rows()
    assert (row.kind, row.weight, row.language) == (StoryKind.DEAL, 2, "en")
    assert row.vector == bytes([1, 254, 127])
    assert "yrtox" not in kinds.KINDS.read_text("utf-8").lower()


def test_words_of_headlines_that_only_have_vectors_are_learned_from_those_like_them() -> None:
    titles = {"deal": "Alpha buys beta", "show": "Gamma opens fair"}
    given = []
    for kind, title in titles.items():
        sign = 100 if kind == "deal" else -100
        vector = bytes([sign % 256, 5])
        (row, _), (like, _) = (
            headline_rows.of_text({"title": one}, real=False) for one in (title, f"Quux{kind}")
        )
        given += [
            kinds.KindRow(row, StoryKind(kind), 2.0, vector),
            *[kinds.KindRow(like, vector=vector)] * 3,
        ]
    unlabelled = sorted(given[1].row.title | given[3].row.title)

    weights, _ = kinds.learn(given, unlabelled)

    place = kinds.LANES.index(f"{KIND}deal")
    of_deal = [unlabelled.index(one) for one in given[1].row.title - given[3].row.title]
    assert all(weights[one, place] > 0 for one in of_deal)


def test_figures_of_kinds_and_weights_are_those_counted_by_hand() -> None:
    rows = [
        Told("en", "a", StoryKind.DEAL, 3, Rated(StoryKind.DEAL, 0.9, 2.0)),
        Told("en", "b", StoryKind.LIST, 0, Rated(StoryKind.LIST, 0.8, 0.2)),
        Told("it", "c", StoryKind.LIST, 0, Rated(StoryKind.DEAL, 0.3, 1.0)),
        Told("it", "d", StoryKind.GENERAL, 0, Rated(StoryKind.LIST, 0.2, 0.1)),
    ]

    found = measured.score(rows)

    assert found["kinds_right"] == 0.5
    assert found["worst_language"] == 0.5
    assert found["kinds_f1"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found["pick_of_twelve"] == 1


def test_a_file_that_lacks_a_kind_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "set.tsv"
    file.write_text("language\tkind\tweight\ttitle\nen\tdeal\t1\ta\nen\tbid\t1\tb\n", "utf-8")

    with pytest.raises(SetError, match=r"set\.tsv, line 3"):
        measured.told(file)


async def test_what_is_fetched_is_stored_with_its_kind_and_weight(desk: Desk) -> None:
    title = "Sales at the watchmaker Rolex rise 12% in the first half"
    source = await desk.add(desk.site.serve("/feed", rss(item(1, title))))

    report = await desk.refresh(source)

    (stored,) = await desk.articles.many(report.new)
    assert stored.story_kind is StoryKind.RESULTS
    assert (stored.kind_certainty or 0) > 0.5
    assert (stored.weight or 0) > 0.5
