from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench import SetError
from bench.quality import kinds as measured
from bench.quality.kinds import Told
from news.filing.filler_signs import sign_of_filler
from news.filing.learned import KIND, WEIGHT
from news.filing.story_kinds import WEIGHTS, Rated, rated, rated_texts
from storage.model import FILLER, StoryKind
from storage.words.search_words import tokens
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


def sign(title: str) -> str:
    return sign_of_filler(title, tokens(title))


@pytest.mark.parametrize(
    "title",
    [
        "Ana Ruiz on Craft and Patience | The Atelier Podcast",
        "Verity Jewels, Inc. (NYSE: VJL) Shares Sold by a Fund",
        "Ralph Lauren (RL) Stock Outpaces the Market",
        "Is Ulta Beauty (ULTA) a Buy Before Earnings?",
        "Broker raises Richemont price target after sales",
        "Burberry price target cut to 900p",
        "Kering, Bank hebt Kursziel an",
        "爱马仕跌1% 高盛维持买入评级",
        "Interview: the head of a watchmaker on patience",
        "Interview mit dem Chef von Hugo Boss",
        "Intervista a Brunello Cucinelli",
        "CEO of a jeweller: we open no shops | The Interview",
        "中国区总裁：不降价｜独家专访",
        "Podcast: how a glove is made",
        "Retail's Long Winter | The Debrief",
        "Ep. 12 – A visit to the tannery",
        "The Week: Your Friday Evening Briefing",
        "Jewellers’ Horoscope: 2-8 March",
        "Oroscopo di oggi, 3 marzo: che cosa dicono le stelle",
        "Yacht of the Week: Serene",
        "Gallery: the stands of the boat show",
        "Show us your drone shots from the regatta",
        "The 15 best linen shirts under 100 euros",
        "The Best Travel Watches for Long Weekends",
        "Jusqu’à -50 % sur les montres pour les soldes",
        "How to wear a trench coat this spring",
        "Sponsored: a weekend at the lake",
        "We’re hiring: shop manager, Zurich",
        "Members' directory and exhibitor directory online",
        "8点1氪丨一天的新闻",
        "某公司融资；某品牌开店｜品牌周报",
        "Top 12 retail trends to watch next year",
        "We rank the 20 most popular soaps",
        "Cross the Atlantic on a whim: how to sail in a fortnight",
        "Seven launches you might have missed at the fair",
        "The must-see stands of the boat show",
        "A guide to the lakes for the idle",
        "Prezzi dei profumi, ecco come risparmiare",
        "Los relojes más caros del mundo",
        "En images : le roadster de Molsheim",
        "Discover the art of tea at the Grand Hotel",
        "实拍某品牌女士钢款腕表",
        "周末回顾:二手表回温;晚宴公布主题;某品牌投资某公司",
        "Vespa e le altre: le moto che hanno fatto storia. Le foto",
        "Sept sacs qui sentent bon la mer",
        "Six barques et une péniche de bois qui aiment l’hiver",
        "Los 4 anillos más ligeros",
        "30 céramistes du Midi à découvrir cet été",
        "Nine mills to visit this spring",
        "Boat show: 20 of the finest dinghies",
        "Watch week: the five most daring dials",
        "Foire de Bâle : notre top des broches",
        "La semaine des voiles en 7 images",
        "15 fundas de móvil por menos de 10 euros",
        "Nine candles under £30",
        "12 idées de promenades au bord du lac",
        "Seven clever ways to fold a scarf",
        "The best inns in the Dolomites",
        "Les meilleures terrasses de Rome",
        "I migliori alberghi delle Dolomiti",
        "Les montres les plus fines du monde",
        "Le case più alte del mondo",
        "Die 10 teuersten Broschen der Welt",
        "Steel or titanium: which is better?",
        "Acier ou titane : laquelle choisir ?",
        "Acier ou titane : lequel choisir ?",
        "Laine ou soie : laquelle est la plus chaude ?",
        "I must have dell’inverno",
        "Vingt bougies à -30 % : 20 % de réduction pour les soldes",
        "Comparativa: tres berlinas frente a frente",
        "三款腕表横评",
        "Viajes que hacer al menos una vez en la vida",
        "The Rower’s Magazine, spring: on sale now",
        "Editors’ picks: twelve pens",
        "A marina opens, a ketch is launched, and more boating news",
        "The Weekly Hem: a label closes and a mill opens",
        "Thefts: week of Oct. 4",
        "Resumen de la semana: dos aperturas y un cierre",
        "Il ladro di spille su Il Corriere. Rassegna: una mostra a Lodi. E poi il museo di Bra",
        "Everything you need to know about the boat show",
        "Anelli: guida all’acquisto",
        "本周值得看的五个展览",
        "Boats of the Fall 2026 season that we’re coveting",
        "The 10 best inns near the Falls",
        "Le dieci borse più belle del mondo",
        "Soldes 2026 : les offres de la nuit",
        "Les meilleurs shampoings contre la chute des cheveux",
    ],
)
def test_filler_is_recognised_by_its_title(title: str) -> None:
    assert sign(title)


@pytest.mark.parametrize(
    "title",
    [
        "Spotify buys a podcast studio for 200 million",
        "Zara names its podcast host creative director",
        "Harrods is hiring 300 people for Christmas",
        "Chanel recrute deux cents artisans",
        "The best year for Hermès since 2019",
        "Best deal of the auction: a Patek for half its estimate",
        "Paris Fashion Week: the calendar of the week in Paris",
        "La Semana de la Moda presenta su calendario",
        "Cartier gift to the museum includes 40 jewels",
        "How Prada won back its shoppers",
        "Star Wars Episode 7 opens in December",
        "Top bidder pays a million for a gem",
        "Top 10 lots bring in half of the sale",
        "Los precios más altos en diez años",
        "某品牌换帅；股价大涨",
        "Discover, the card company, is sold",
        "Burberry recovers: how Schulman did it",
        "The best sales in ten years lift Hermès",
        "The best yachts of 2026: jury names winners",
        "Les meilleurs résultats de Kering depuis 2019",
        "Sette negozi chiudono a Milano",
        "Five brands to show in Milan",
        "Shares of Kering fall to less than 200 euros",
        "Trois maisons de couture à vendre",
        "Burberry is the most searched brand in 12 markets",
        "Seven boutiques close in Paris",
        "Ten thousand jobs go at a department store",
        "El hotel más caro de Madrid cambia de dueño",
        "Deutsche Werften bauen die größten Yachten der Welt",
        "Which brands does LVMH sell next?",
        "Condé Nast closes a magazine and sells another",
        "Dior closes in Rome and more stores will follow",
        "Four Seasons hotel in Miami sells for less than $500 million",
        "Nine West bought for under $90m",
        "Les ventes d’habillement reculent de 5 % pendant les soldes",
        "“Our top priority is China,” says a chief executive",
        "Hermès has the best prospects for 2026, analysts say",
        "Die besten Zahlen seit zehn Jahren für Moncler",
        "Luxury brands must have a digital passport by 2027",
        "Carmakers must see growth, says Bentley’s chief",
        "L’affaire dans laquelle est cité un grand groupe",
        "路威酩轩位列全球十大奢侈品集团之首",
        "Les quatre fabricants qui ont perdu le plus en Bourse",
        "Soldes 2027 : un bilan contrasté",
        "Top 20 jewellers post first drop",
        "Top 5 shipyards: sales fall 5%",
        "The 10 best known tanneries lost ground in November",
        "Le case più grandi del mondo in calo in Borsa",
        "Los grupos más grandes del mundo pierden un 5 % en bolsa",
        "Umsatz sinkt: die größten Werften der Welt",
        "全球十大酒业集团业绩下滑",
        "一周内两次提价",
        "一周年：古驰新总监",
        "Gucci gains as its sales in China rise",
        "Shares sold by Prada’s founders bring a billion",
        "A buyer (LVMH) rises to the offer",
        "Swatch lifts its target for 2027",
        "Interviews with shoppers show that prices deter them",
        "Valentino gave his last interview in May",
    ],
)
def test_news_about_such_formats_is_not_filler(title: str) -> None:
    assert sign(title) == ""


async def test_stored_filler_is_marked_and_still_filed(desk: Desk) -> None:
    title = "Gucci and the art of waiting | The Atelier Podcast"
    source = await desk.add(desk.site.serve("/feed", rss(item(1, title), item(2))))
    report = await desk.refresh(source)
    articles = {each.title: each for each in await desk.articles.many(report.new)}
    assert articles.pop(title).filler
    (news,) = articles.values()
    assert not news.filler
    assert "gucci" in news.categories
    assert not any(FILLER in each.categories for each in await desk.articles.many(report.new))
