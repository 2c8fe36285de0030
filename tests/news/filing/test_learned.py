from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.filing import taxonomy
from news.filing.classify import against_the_trade, classify
from news.filing.learned import KIND, TRADE, WEIGHT, Learned, features_of, load, packed
from news.filing.taxonomy import build
from news.filing.tokenising.article_words import parts_of
from news.filing.tokenising.tokens import Text
from storage.articles.upsert_rules import words_of
from storage.model import UNSURE, Kind
from tests.news.conftest import Desk, item, rss
from train import headline_rows
from train.decisions import learn
from train.fitting import fit, sparse
from train.headline_rows import number_of

TRAIN = Path(__file__).parents[3] / "train"
HEADLINES = TRAIN / "headlines.jsonl"
WEIGHTS = resources.files("news.filing") / "learned.tsv"


def test_the_weights_name_the_headlines_they_were_learned_from() -> None:
    digest = hashlib.sha256()
    for name in ("headlines.jsonl", "real.jsonl", "vocabulary.txt", "kinds.jsonl"):
        digest.update((TRAIN / name).read_bytes())

    assert digest.hexdigest() in WEIGHTS.read_text("utf-8").split("\n")[1]


def test_real_headlines_are_kept_as_labels_and_hashes_only() -> None:
    rows = [json.loads(line) for line in (TRAIN / "real.jsonl").read_text("utf-8").splitlines()]
    known = {
        *("key", "from", "sections", "trade", "words", "homes", "houses", "everyday"),
        *("length", "title", "standfirst"),
    }

    assert len(rows) > 1_000
    assert all(known.issuperset(row) and row["from"] for row in rows)
    assert all(
        len(row["key"]) == 8 and not base64.b64decode(row["title"]).isalpha() for row in rows
    )


def test_kinds_of_real_headlines_are_kept_as_labels_vectors_and_hashes_only() -> None:
    rows = [json.loads(line) for line in (TRAIN / "kinds.jsonl").read_text("utf-8").splitlines()]
    known = {"key", "from", "language", "kind", "weight", "vector", "title", "standfirst"}
    own = {row.key for row in headline_rows.written()[0]}

    assert sum("kind" in row for row in rows) > 1_000
    assert all(known.issuperset(row) and ("title" in row or row["key"] in own) for row in rows)
    assert all(not base64.b64decode(row.get("title", "")).isalpha() for row in rows)


def test_the_learned_weights_take_at_most_a_megabyte() -> None:
    assert len(WEIGHTS.read_bytes()) <= 1_000_000


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
    slugs = {one for one in load().slugs if not one.startswith((TRADE, WEIGHT, KIND))}
    assert slugs <= set(taxonomy.load().categories)


def test_every_feature_of_a_text_is_found_in_it_and_no_other() -> None:
    text = Text("Umsatz steigt um 12 % auf 3,4 Mrd. € 爱马仕新店 Ring")
    every = [*sorted(features_of(text)), "absent", " rings ", "新 年"]
    learned = Learned(["a"], [0.0], dict.fromkeys(every, 100))
    alone = Learned(["a"], [0.0], dict.fromkeys(sorted(features_of(text)), 100))

    assert learned.logits(text) == alone.logits(text)
    assert {"%", "$", " umsatz ", "爱 马 仕", " ring "} <= features_of(text)


def test_weights_for_and_against_are_added_for_each_section() -> None:
    learned = Learned(
        ["a", "b"],
        [-1.0, 0.5],
        {" ring ": packed([(0, 250), (1, -300)]), " box ": packed([(1, 100)])},
    )

    logits = learned.logits(Text("A ring in a box"))

    assert logits["a"] > -1.0
    assert logits["b"] < 0.5
    assert learned.logits(Text("Nothing of it")) == {"a": -1.0, "b": 0.5}


def test_a_standfirst_counts_half_of_a_title_and_nothing_twice() -> None:
    learned = Learned(["a"], [0.0], {" ring ": 200})
    ring, nothing = Text("ring"), Text("nothing")

    in_title, in_standfirst = (
        learned.logits(*texts)["a"] for texts in ((ring, nothing), (nothing, ring))
    )

    assert in_title == 2 * in_standfirst > 0
    assert learned.logits(ring, ring)["a"] == in_title


def test_the_heaviest_words_for_and_against_are_named() -> None:
    weights = {" gala ": 300, " tax": -200, "show ": 100, " on ": packed([(1, 900)])}
    learned = Learned(["a", "b"], [0.0, 0.0], weights)
    text = Text("Show and gala on taxes")

    assert learned.heaviest("a", text) == ["gala", "show"]
    assert learned.heaviest("a", text, against=True) == ["taxes"]


def test_a_long_text_is_looked_through_only_at_its_beginning() -> None:
    assert load().logits(Text("word " * 50_000)) == load().logits(Text("word " * 1_000))


def test_a_weak_word_files_only_with_the_other_words_support() -> None:
    assert "art" in sections("The Met shows its art of the Renaissance")
    assert "art" not in sections("The art of war, on the pitch")


def test_only_what_the_trade_wants_of_a_general_source_goes_into_sections() -> None:
    for title in (
        "Femminicidio a Milano, fermato il compagno: la vittima indossava un abito rosso",
        "Gaza, l'offerta di tregua e il prezzo della pace: le parole del ministro",
        "Storm warning for the coast as two walkers are found dead",
    ):
        assert not sections(title, general=True), title
    for title in (
        "LVMH sales fall 4% as Chinese shoppers hold back",
        "Gucci nomina un nuovo direttore creativo",
        "Richemont: ventes en hausse de 6 % au troisième trimestre",
    ):
        assert sections(title, general=True) == sections(title), title


def test_the_words_are_named_that_say_that_the_trade_does_not_want_an_article() -> None:
    unwanted = "Storm warning for the coast as two walkers are found dead"

    words = against_the_trade(taxonomy.load(), unwanted)

    assert words
    assert set(words.split(", ")) <= set(unwanted.lower().split())
    assert against_the_trade(taxonomy.load(), "Richemont sales fall 4% in China") is None


def test_a_single_word_of_a_standfirst_files_nothing_of_a_general_source() -> None:
    title, standfirst = (
        "Il sindaco replica alle accuse",
        "In aula con un abito blu, ha parlato un'ora.",
    )

    assert not sections(title, standfirst, general=True)


def test_what_the_trade_surely_wants_of_a_general_source_gets_its_likeliest_section() -> None:
    title = "Ardente launches the Tourbillon No. 2"

    assert not sections(title)
    assert sections(title, general=True) == {"watches"}


def test_houses_of_a_general_source_are_filed_whatever_the_gate_says() -> None:
    filings = classify(
        taxonomy.load(), title="Rapina in villa: rubati due Rolex e una Lamborghini", general=True
    )

    assert {"rolex", "lamborghini"} <= {filing.category for filing in filings}


def sections(title: str, standfirst: str = "", *, general: bool = False) -> set[str]:
    known = taxonomy.load()
    filings = classify(known, title=title, standfirst=standfirst, general=general)
    return {one.category for one in filings if known.categories[one.category].kind is Kind.SECTION}


def test_a_section_that_was_never_learned_is_filed_by_its_words() -> None:
    own = build({"sections": {"wine": {"name": "Wine"}}}, {"wine": {"strong": ["vintage"]}}, {})

    assert [filing.category for filing in classify(own, title="A good vintage")] == ["wine"]
    assert classify(own, title="Video: LVMH cuts 300 jobs, sales fall 38 %") == ()


async def test_what_the_trade_may_not_want_is_stored_with_a_mark(desk: Desk) -> None:
    title = "Man dies as his Porsche hits a tree near Turin, police say"
    source = await desk.add(
        desk.site.serve("/feed", rss(item(1, title), item(2, "Rolex raises prices of its watches")))
    )
    report = await desk.refresh(source)

    stored = {each.title: each for each in await desk.articles.many(report.new)}

    accident = stored.pop(title)
    assert accident.unsure
    assert "italy" in accident.categories
    assert UNSURE not in accident.categories
    assert not any(each.unsure for each in stored.values())


LETTERS = st.sampled_from("éÈ’ı中か ab &½™…\u0327\n")


@given(st.text(LETTERS), st.text(LETTERS), st.integers(0, 400))
def test_the_words_to_be_searched_for_are_those_of_the_whole_article(
    title: str, sentence: str, times: int
) -> None:
    body = (f"{sentence} x" * times).strip()

    words = words_of(title, sentence, body)
    assert parts_of(title, sentence, body).tokens == (words.title, words.standfirst, words.body)


def test_a_body_is_read_for_filing_up_to_a_whole_word() -> None:
    parts = parts_of("Title", "", "An opening.\n\n" + "boutiques " * 400)

    assert parts.opening.words == " an opening "
    assert set(parts.body.words.split()) == {"boutiques"}
    assert len(parts.body.original) < 1_500
    assert parts.tokens[2].count("boutiques") == 400


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for what is learned from."""
    monkeypatch.setattr(headline_rows, "REAL", tmp_path / "real.jsonl")
    monkeypatch.setattr(headline_rows, "VOCABULARY", tmp_path / "vocabulary.txt")
    return tmp_path


def test_headlines_taken_in_leave_labels_and_hashes_and_replace_equal_titles(folder: Path) -> None:
    labelled = folder / "labelled.jsonl"

    def take_in(*rows: dict[str, object]) -> int:
        labelled.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        return headline_rows.add(labelled)

    usual = {"language": "en", "houses": [], "source": "a paper"}
    titles = ("Zyrtox handbags in Milan", "Zyrtox again", "More Zyrtox", "Once Quuxle")
    rows: list[dict[str, object]] = [
        {**usual, "title": title, "sections": ["style", "italy"]} for title in titles
    ]
    assert take_in(*rows) == 4
    assert take_in({**rows[3], "sections": [], "trade": False, "doubtful": True}) == 1

    kept = headline_rows.real()
    assert [row.sections for row in kept] == [{"style"}] * 3 + [frozenset()]
    assert kept[3].trade is None
    assert number_of(" zyrtox ") in kept[0].title
    assert kept[0].points.words["style"] > 0
    assert " zyrtox " in headline_rows.vocabulary()
    assert " quuxle " not in headline_rows.vocabulary()
    assert "yrtox" not in (folder / "real.jsonl").read_text("utf-8").lower()


def test_headlines_without_sections_teach_only_what_the_trade_wants(folder: Path) -> None:
    file = folder / "trade.jsonl"
    labelled: list[dict[str, object]] = [
        {"title": "Zyrtox handbags in Milan", "sections": ["style"], "trade": True},
        {"title": "Zyrtox handbags in Milan", "trade": False},
        {"title": "Trains are late again", "sections": [], "trade": True},
        {"title": "Quuxle watches in Rome", "trade": True},
        {"title": "Rain in Rome", "trade": False},
    ]
    file.write_text("\n".join(map(json.dumps, labelled)), "utf-8")

    assert headline_rows.add(file) == 5
    rows = headline_rows.real()
    assert [row.sections for row in rows] == [{"style"}, frozenset(), None, None]
    assert [row.trade for row in rows] == [False, True, True, False]

    says = [{"style": 0.5, TRADE: 1.0}] * 4
    rules, figures = learn(["style"], rows, says, [0, 1, 0, 1])
    alone, its_figures = learn(["style"], rows[:2], says[:2], [0, 1])
    assert (rules.signs, rules.sections) == (alone.signs, alone.sections)
    assert rules.gate != alone.gate
    assert figures["sections, F1"] == its_figures["sections, F1"]


def test_near_identical_titles_are_one_story() -> None:
    titles = (
        "Prada sales rise 10% in China",
        "Prada sales rise 10% in Asia",
        "Rolex opens in Rome",
    )
    rows = [headline_rows.of_text({"title": one, "sections": []}, real=False)[0] for one in titles]

    first, second, third = headline_rows.stories(rows)

    assert first == second != third


ROWS = [{one % 7: 1.0, 7 + one % 5: 0.1 * one} for one in range(40)]
"""Rows of a small matrix of twelve columns."""


def weights() -> np.ndarray:
    labels = np.array([[one % 7 < 3, one % 5 == 1] for one in range(40)], float)
    found, intercepts = fit(sparse(ROWS, 12), labels, np.ones((40, 2)), 0.1, rarity=1.2)
    return np.vstack([found, intercepts])


def test_no_weight_can_be_changed_to_lower_the_loss() -> None:
    labels = np.array([one % 7 < 3 for one in range(40)], float)[:, None]
    features = np.zeros((40, 12))
    for number, row in enumerate(ROWS):
        features[number, list(row)] = list(row.values())

    found, intercepts = fit(sparse(ROWS, 12), labels, np.ones((40, 1)), 0.1)

    likely = 1 / (1 + np.exp(-(features @ found + intercepts)))
    slopes = features.T @ (likely - labels) + 0.1 * found
    assert np.abs(slopes).max() < 0.02
    assert abs((likely - labels).sum() + 0.001 * intercepts[0]) < 0.02


def test_weights_are_the_same_to_the_last_bit_on_every_kind_of_processor() -> None:
    program = "from tests.news.filing import test_learned as t; print(t.weights().tobytes().hex())"
    plain = {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3 AVX512_SKX AVX2 FMA3",
    }
    usual = {name: value for name, value in os.environ.items() if name not in plain}

    printed = {
        subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-W", "ignore", "-c", program],
            cwd=Path(__file__).parents[3],
            env=usual | changed,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for changed in ({}, plain)
    }

    assert printed == {f"{weights().tobytes().hex()}\n"}
