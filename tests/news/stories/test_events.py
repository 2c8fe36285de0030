from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.quality.stories import OWN, b_cubed, join, read
from news import documents
from news.entry import Reading, Report
from news.filing.classify import classify
from news.filing.taxonomy import load
from news.stories.events import Events, Joined
from news.stories.figures import figures
from news.stories.remembered import may_share
from news.stories.report import report_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


_PHRASES = tuple(
    f"{who} {what} {where}"
    for who in ("Prada", "Gucci", "Kering", "Dior", "A young designer", "Gucci and Dior")
    for what in ("opens a flagship", "shows its autumn line", "raises prices by 7%", "buys a mill")
    for where in ("in Milan", "in Paris after the sale", "for €1.25bn", "")
)


class _Thorough(Events):
    """A variant that compares every report with a shared term, as the definition says."""

    def _near(
        self, report: Report, weights: Mapping[str, float], enough: float
    ) -> Mapping[float, float]:
        near: dict[float, float] = {}
        for term in sorted(weights, key=weights.__getitem__, reverse=True):
            each = iter(self._postings.get(term, ()))
            for number, theirs in zip(each, each, strict=True):
                other = self._reports.get(int(number))
                if other is not None and may_share(report, other):
                    near[number] = near.get(number, 0.0) + weights[term] * theirs
        return near if near and max(near.values()) >= enough else {}


def report(
    title: str, standfirst: str = "", *, hours: float = 0, language: str | None = None
) -> Report:
    taxonomy = load()
    found = classify(taxonomy, title=title, standfirst=standfirst)
    filed = [taxonomy.categories[one.category] for one in found]
    return report_of(title, standfirst, NOW + timedelta(hours=hours), filed, language=language)


def match_of(events: Events, reported: Report, number: int, story: int | None = None) -> Joined:
    found = events.match(reported, number, story=story)
    assert found is not None, reported
    return found


def are_events_of_their_own(events: Events, titles: Iterable[str], first: int = 0) -> None:
    """Assert that each headline, an hour after the other, is a new event."""
    for number, title in enumerate(titles, first):
        assert events.match(report(title, hours=number), number) is None, title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prada buys Versace for $1.25 billion", {"1.25 billion"}),
        ("Prada compra Versace per 1,25 miliardi di euro", {"1.25 billion"}),
        ("Prada achète Versace pour 1,25 milliard d’euros", {"1.25 billion"}),
        ("普拉达以12.5亿欧元收购范思哲", {"1.25 billion"}),
        ("ventas de 1.250 millones de euros", {"1.25 billion"}),
        ("a $1.125 billion deal", {"1.125 billion"}),
        ("vendite +12,5 per cento, um 7 Prozent", {"12.5%", "7%"}),
        ("a watch for $250,000, un orologio da 310.000 euro", {"250000", "310000"}),
        ("5 things to see in 2026, and 13,752 cars", set()),
    ],
)
def test_amounts_are_read_alike_in_every_language(text: str, expected: set[str]) -> None:
    assert {str(figure) for figure in figures(text)} == expected


def test_reports_in_other_words_join_an_event_and_say_why() -> None:
    events = Events()
    assert events.match(report("Prada agrees to buy Versace for 1.25 billion euros"), 1) is None

    joined = match_of(events, report("Versace goes to Prada in a €1.25bn deal", hours=2), 2)
    assert joined.event == 1
    assert set(joined.why) == {"Prada", "Versace", "1.25 billion"}


def test_units_of_amounts_are_no_separate_evidence() -> None:
    events = Events()
    events.match(report("Creed goes to a rival for €4bn, the seller says"), 1)
    joined = match_of(events, report("Rival pays €4bn for Creed", hours=1), 2)
    assert set(joined.why) == {"Creed", "4 billion", "Rival"}


def test_a_workers_report_equals_the_one_rebuilt_from_the_archive() -> None:
    item = """<item><title>Prada agrees to buy Versace for 1.25 billion euros</title>
        <link>https://example.com/1</link><description>The deal ends Capri’s turnaround, Milan
        hears, two years on.</description><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>"""
    document = f"<rss version='2.0'><channel><title>Paper</title>{item}</channel></rss>".encode()
    (entry,) = documents.read(document, Reading("https://example.com/feed"), NOW).entries

    assert entry.report is not None
    assert entry.published is not None
    arrived = Report.opened(entry.report, entry.published)

    assert arrived == report(entry.title, entry.standfirst, language=entry.language)
    assert arrived.language == "en"
    assert arrived.houses == {"prada", "versace"}
    assert arrived.figures == ("1.25 billion",)


@given(st.text(), st.text())
@example("", "")
@example("Of the\nand to", "")
def test_a_packed_report_unpacks_unchanged(title: str, standfirst: str) -> None:
    sent = report(title, standfirst)
    assert Report.opened(sent.packed(), sent.published) == sent


@given(st.lists(st.sampled_from(_PHRASES), min_size=2, max_size=60))
def test_skipped_comparisons_change_no_event(titles: list[str]) -> None:
    quick, thorough = Events(), _Thorough()
    with pytest.MonkeyPatch.context() as few:
        few.setattr("news.stories.events.MOST", 20)
        for number, title in enumerate(titles, 1):
            next_report = report(title, hours=number)
            assert quick.match(next_report, number) == thorough.match(next_report, number)


def test_names_and_amounts_carry_an_event_across_languages() -> None:
    events = Events()
    events.match(report("Prada agrees to buy Versace for 1.25 billion euros"), 1)
    for number, title in enumerate(
        ("Prada compra Versace per 1,25 miliardi", "普拉达以12.5亿欧元收购范思哲"), 2
    ):
        assert match_of(events, report(title, hours=1), number).event == 1


def test_a_deal_of_groups_is_one_event_in_four_languages() -> None:
    events = Events()
    deal = "L'Oréal buys Kering beauty business for 4 billion euros including Creed"
    assert events.match(report(deal), 1) is None
    for number, title in enumerate(
        (
            "Kering sells beauty to L'Oréal in €4bn deal",
            "L'Oréal compra la bellezza di Kering per 4 miliardi",
            "L'Oréal rachète la beauté de Kering pour 4 milliards d'euros",
            "欧莱雅以40亿欧元收购开云美妆业务",
        ),
        2,
    ):
        assert match_of(events, report(title, hours=number), number).event == 1, title
    are_events_of_their_own(
        events,
        (
            "Kering names Luca de Meo chief executive",
            "L'Oréal cuts 300 jobs in Paris",
            "LVMH buys a cosmetics lab for 4 million euros",
        ),
        first=10,
    )


def test_a_group_filed_for_its_house_is_no_shared_evidence() -> None:
    events = Events()
    events.match(report("Gucci raises prices by 5%"), 1)
    assert report("Gucci raises prices by 5%").groups == {"kering"}
    assert "@kering" not in report("Gucci raises prices by 5%").anchors
    assert "@kering" in report("Kering shares fall 5%").anchors
    are_events_of_their_own(
        events, ("Saint Laurent sales fall 5%", "Kering shares fall 5% in Paris"), first=2
    )


def test_a_name_in_latin_letters_is_found_within_chinese() -> None:
    events = Events()
    events.match(report("古驰任命Francesca Bellettini为首席执行官"), 1)
    for number, title in enumerate(
        ("古驰换帅：Francesca Bellettini接任CEO", "Gucci, Bellettini nuova ceo: parla Francesca"), 2
    ):
        joined = match_of(events, report(title, hours=1), number)
        assert joined.event == 1
        assert set(joined.why) == {"Gucci", "Francesca", "Bellettini"}


def test_the_shared_evidence_is_never_a_whole_headline() -> None:
    events = Events()
    events.match(report("路易威登“路易号”空间落户上海南京西路"), 1)
    joined = match_of(events, report("路易威登“路易号”空间亮相上海南京西路", hours=1), 2)
    assert joined.why == ("Louis Vuitton",)


def test_shared_houses_lower_the_number_of_words_needed() -> None:
    events = Events()
    for number, title in enumerate(
        (
            "Prada agrees to buy Versace for 1.25 billion euros",
            "Prada to acquire Versace from Capri Holdings",
            "Capri sheds Versace, Prada takes over: what it means",
        )
    ):
        joined = events.match(report(title, hours=number), number)
        assert not number or (joined is not None and joined.event == 0), title
    others = (
        "Prada and Versace close the second day of Milan fashion week",
        "Prada, Versace among brands hit by tariff threat",
        "How Versace and Prada dress the stars of Cannes",
    )
    are_events_of_their_own(events, others, first=10)


def test_other_news_of_the_same_house_is_another_event() -> None:
    titles = (
        "Gucci names Elena Marchetti creative director",
        "Gucci opens its largest store in Asia, in Chengdu",
        "Gucci sales fall by a fifth in the first quarter",
        "Gucci loves pistachio: the colour of the season",
    )
    are_events_of_their_own(Events(), titles)


def test_equal_words_about_two_houses_are_two_events() -> None:
    are_events_of_their_own(
        Events(),
        (
            f"{house} opens its largest store in Osaka, with a café on the roof"
            for house in ("Rolex", "Cartier", "Prada", "Moncler")
        ),
    )


@pytest.mark.parametrize(
    "titles",
    [
        (
            "Gucci, Prada and Versace dress the stars at the Oscars",
            "Versace, Gucci and Prada sued over counterfeit perfumes",
        ),
        (
            "LVMH, Kering and Hermès shares fall on tariff fears",
            "LVMH, Kering and Hermès face new EU packaging rules",
        ),
        (
            "Rolex, Patek Philippe and Audemars Piguet lead the secondary market",
            "Rolex, Patek Philippe, Audemars Piguet: stolen watches recovered",
        ),
        (
            "Chanel, Dior, Hermès: où acheter à Paris",
            "Chanel, Dior et Hermès perquisitionnés à Milan",
        ),
    ],
)
def test_shared_houses_without_shared_words_are_two_events(titles: tuple[str, str]) -> None:
    are_events_of_their_own(Events(), titles)


@pytest.mark.parametrize(
    ("title", "language", "event"),
    [
        # With another word, an amount or a name, or in another language, they may be of one.
        ("Brussels fines Loewe, Gucci and Chloé", "en", 1),
        ("Gucci, Chloé et Loewe sanctionnés", "fr", 1),
        ("Gucci, Chloé and Loewe hold their shows in the rain", "en", None),
    ],
)
def test_three_shared_houses_need_more_evidence_or_another_language(
    title: str, language: str, event: int | None
) -> None:
    events = Events()
    events.match(report("EU fines Gucci, Chloé and Loewe for fixing prices", language="en"), 1)
    joined = events.match(report(title, hours=2, language=language), 2)
    assert (joined.event if joined else None) == event


@pytest.mark.parametrize(
    "titles",
    [
        ("Louis Vuitton opens in Shanghai", "Louis Vuitton opens in Seoul"),
        ("Dior opens a boutique in Miami", "Dior opens a boutique in Dallas"),
        ("Aman to open in Beverly Hills", "Aman to open in Bangkok"),
        ("Hermès will build a workshop in Charleville", "Hermès will build a workshop in Loupes"),
        ("Gucci names Demna creative director", "Gucci names Sabato De Sarno creative director"),
    ],
)
def test_a_houses_news_from_two_places_is_two_events(titles: tuple[str, str]) -> None:
    first, second = titles
    events = Events()
    events.match(report(first), 1)
    # It does not join a report of the first event in other words either.
    events.match(report(f"{first}, at last"), 2)
    assert events.match(report(second, hours=1), 3) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # One name in two spellings, short or longer, or a house that has two names.
        ("Gucci opens its store in Chengdu", "Gucci opens its store in Chengtu"),
        ("Gucci opens its store in Hong Kong", "Gucci opens its store in HK"),
        ("Dior names Jonathan Anderson its designer", "Dior names Anderson its designer"),
        ("LV opens its largest café in Seoul", "Louis Vuitton opens its largest café in Seoul"),
        # No name, or no recognisable one.
        ("Gucci opens its store in Chengdu", "Gucci unveils its store in Chengdu"),
        ("Gucci Opens Its Store In Chengdu", "Gucci Unveils Its Store In Chengdu"),
        # An amount that both have.
        ("Prada pays €1.25bn for Versace", "Prada pays €1.25bn for Milan rival"),
    ],
)
def test_other_spellings_and_synonyms_stay_one_event(first: str, second: str) -> None:
    events = Events()
    events.match(report(first), 1)
    assert match_of(events, report(second, hours=1), 2).event == 1


def test_quarterly_results_in_the_same_words_are_two_events() -> None:
    events = Events()
    titles = (
        "LVMH sales fall 4% in third quarter as China slows",
        "Kering sales fall 5% in third quarter as China slows",
        "Hermès sales fall 5% in third quarter as China slows",
    )
    are_events_of_their_own(events, titles)

    # One report names a group, the other a house of it.
    of_a_house = report("Gucci sales drag Kering down 5% in third quarter", hours=4)
    assert match_of(events, of_a_house, 4).event == 1


def test_an_event_takes_reports_for_a_limited_time() -> None:
    events = Events()
    title = "Saks Global asks a court in Texas for protection from its creditors"
    assert events.match(report(title), 1) is None
    joins = [events.match(report(title, hours=60 * step), step + 1) for step in range(1, 6)]
    assert [one.event if one else None for one in joins] == [1, 1, 1, 1, None]

    later = Events()
    later.match(report(title), 1)
    assert later.match(report(title, hours=24 * 4), 2) is None


def test_a_copy_takes_its_storys_event() -> None:
    events = Events()
    events.match(report("Prada agrees to buy Versace for 1.25 billion euros"), -1)
    events.match(report("Versace goes to Prada in a €1.25bn deal"), -2)
    events.settle({-1: 101, -2: 102})

    assert match_of(events, report("Quiet morning in Milan"), -3, story=102).event == 101


def test_a_copy_is_of_its_event_when_an_earlier_one_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("news.stories.events.MOST", 3)
    events = Events()
    deal = "Versace goes to Prada in a €1.25bn deal"
    events.match(report("Prada agrees to buy Versace for 1.25 billion euros"), -1)
    events.match(report(deal), -2)
    events.settle({-1: 101, -2: 102})
    events.match(report(deal, hours=1), -3, story=102)
    events.settle({-3: 102})

    # The first two are forgotten, one of the story's three fingerprints is not.
    for number in (201, 202):
        events.match(report(f"Watch number {number} is shown in Geneva", hours=2), number)
    copy = events.match(report(deal, hours=3), -4, story=102)
    events.settle({-4: 102})
    assert copy is not None
    assert copy.event == 101

    # Nor is it another's when none of them is remembered any more.
    for number in (301, 302, 303):
        events.match(report(f"Car number {number} is driven to Monterey", hours=4), number)
    assert match_of(events, report(deal, hours=5), -5, story=102).event == 101


def test_the_memory_of_reports_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("news.stories.events.MOST", 50)
    events = Events()
    for number in range(1, 501):
        title = f"House{number} shows collection {number * 7} in Hall{number % 13}"
        events.match(report(title, "Guests sat on boxes.", hours=number / 10), -number)
        events.settle({-number: number})
    assert len(events) == 50
    assert max(len(events._of_story), len(events._settled)) <= 50
    counted = len(events._counts) - len(Events()._counts)
    sizes = (len(events._postings), counted, len(events._events))
    assert max(sizes) < 50 * 20


def test_our_own_events_reach_the_promised_precision_and_recall() -> None:
    articles = read(OWN)
    joins = join(articles)
    precision, recall = b_cubed([one.event for one in articles], joins.events)
    assert precision >= 0.97
    assert recall >= 0.8


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Tailor Brunetti dies in Naples", ""), ("Brunetti dies", "")),
        (
            ("Regulator fines airline over flights cancelled in the winter storm", ""),
            ("Airline must pay passengers whose flights were cancelled by storm", ""),
        ),
        (
            (
                "Il sindaco inaugura la nuova funivia sul lago",
                "Dopo sei anni di lavori la funivia porta in vetta in otto minuti",
            ),
            (
                "Funivia sul lago, si parte: primi passeggeri stamattina",
                "Sei anni di lavori, otto minuti per salire in vetta",
            ),
        ),
    ],
)
def test_the_second_report_of_an_event_joins_the_first(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    events = Events()
    assert events.match(report(*first), -1) is None
    assert match_of(events, report(*second, hours=1), -2).event == -1


@pytest.mark.parametrize(
    "title",
    [
        "Evening bulletin – {day} January 2026",
        "Telegiornale della sera - {day}/1/2026",
        "Estrazioni del lotto di giovedì {day} gennaio: i numeri vincenti della ruota di Bari",
        "Inter-Napoli, dove vederla in tv e streaming: le probabili formazioni",
        "Riunione del comitato n. 1{day}",
    ],
)
def test_a_series_is_of_no_event_but_its_own(title: str) -> None:
    events = Events()
    for hours, day in ((0, 20), (24, 21)):
        assert events.match(report(title.format(day=day), hours=hours), -day) is None


def test_market_reports_are_a_new_event_some_hours_later() -> None:
    events = Events()
    title = "Stocks fall after weak export data from Asia"
    assert events.match(report(title), -1) is None
    assert events.match(report("Stocks fall on weak export data from Asia", hours=3), -2)
    later = report("Stocks fall again on the weak export data from Asia", hours=9)
    assert events.match(later, -3) is None


def test_a_date_is_no_shared_evidence() -> None:
    assert "2026" not in report("Mayor opens the bridge on Friday 20 January 2026").terms
    assert "93" in report("The tailor who dressed queens dies at 93").terms
    for title in (
        "Mayor opens the bridge (28 Feb 2026)",
        "Mayor opens the bridge, Feb. 28, 2026",
        "Mayor opens the bridge – 28 avr. 2026",
    ):
        assert report(title).terms == report("Mayor opens the bridge").terms, title
    assert "mar" in report("Vacanze al mar in Sicilia").terms


def test_a_small_word_with_a_capital_is_no_name() -> None:
    title = "Gucci opens a shop in Rome"
    for standfirst in ("About it.", "After a year.", "From Milan.", "Dopo un anno.", "Avec Prada."):
        assert report(title, standfirst).anchors.keys() <= {"@gucci", "@prada", "@kering"}
    assert "bellandi" in report(title, "Bellandi signs the lease.").anchors
    events = Events()
    for number, story in enumerate(
        (
            "Gucci sues a counterfeiter in Turin (29 Feb 2028)",
            "Gucci sells its Paris building (29 Feb 2028)",
            "Gucci lends dresses to the museum (29 Feb 2028)",
        )
    ):
        assert events.match(report(story, f"About it {number}.", hours=number), number) is None


def test_financing_after_a_filing_is_another_event_of_the_same_matter() -> None:
    events = Events()
    assert events.match(report("Hudson Stores files for bankruptcy in Delaware"), -1) is None
    financing = report("Hudson Stores gets 400 million dollars from its lenders", hours=30)
    assert events.match(financing, -2) is None
