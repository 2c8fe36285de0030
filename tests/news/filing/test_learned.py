from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

from news.filing import taxonomy
from news.filing.classify import classify
from news.filing.learned import Learned, features_of, load
from news.filing.taxonomy import build
from news.filing.tokens import Text

HEADLINES = Path(__file__).parents[3] / "train" / "headlines.jsonl"
WEIGHTS = resources.files("news.filing") / "learned.tsv"


def test_the_weights_say_from_which_headlines_they_were_made() -> None:
    made_from = hashlib.sha256(HEADLINES.read_bytes()).hexdigest()

    assert made_from in WEIGHTS.read_text("utf-8").split("\n")[1]


def test_the_weights_are_small() -> None:
    assert len(WEIGHTS.read_bytes()) <= 300_000


def test_no_headline_is_both_learned_from_and_measured_with() -> None:
    measured = Path(__file__).parents[1] / "labelled" / "headlines.jsonl"
    titles = [
        {json.loads(line)["title"] for line in path.read_text("utf-8").splitlines()}
        for path in (HEADLINES, measured)
    ]

    assert titles[0].isdisjoint(titles[1])


def test_every_label_that_is_learned_from_is_a_category() -> None:
    rows = [json.loads(line) for line in HEADLINES.read_text("utf-8").splitlines()]

    assert all(
        {*row["sections"], *row["houses"]} <= set(taxonomy.load().categories) for row in rows
    )
    assert set(load().slugs) <= set(taxonomy.load().categories)


def test_every_feature_of_a_text_is_found_in_it_and_no_other() -> None:
    text = Text("Umsatz steigt um 12 % auf 3,4 Mrd. € 爱马仕新店 Ring")
    every = [*sorted(features_of(text)), "absent", " rings ", "新 年"]
    learned = Learned(["a"], [0.0], {feature: {0: 100} for feature in every})
    alone = Learned(["a"], [0.0], {feature: {0: 100} for feature in sorted(features_of(text))})

    assert learned.logits(text) == alone.logits(text)
    assert {"%", "$", " umsatz ", "爱 马 仕", " ring "} <= features_of(text)


def test_weights_for_and_against_are_added_for_each_section() -> None:
    learned = Learned(["a", "b"], [-1.0, 0.5], {" ring ": {0: 250, 1: -300}, " box ": {1: 100}})

    logits = learned.logits(Text("A ring in a box"))

    assert logits["a"] > -1.0
    assert logits["b"] < 0.5
    assert learned.logits(Text("Nothing of it")) == {"a": -1.0, "b": 0.5}


def test_a_long_text_is_looked_through_only_at_its_beginning() -> None:
    assert load().logits(Text("word " * 50_000)) == load().logits(Text("word " * 1_000))


def test_a_weak_word_files_what_the_other_words_speak_for_and_nothing_else() -> None:
    def sections(title: str) -> set[str]:
        return {filing.category for filing in classify(taxonomy.load(), title=title)}

    assert "art" in sections("The Met shows its art of the Renaissance")
    assert "art" not in sections("The art of war, on the pitch")


def test_a_section_that_was_never_learned_is_filed_by_its_words() -> None:
    own = build({"sections": {"wine": {"name": "Wine"}}}, {"wine": {"strong": ["vintage"]}}, {})

    assert [filing.category for filing in classify(own, title="A good vintage")] == ["wine"]
    assert classify(own, title="Video: LVMH cuts 300 jobs, sales fall 38 %") == ()
