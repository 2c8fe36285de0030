"""Two simulated days of 57 sources: events in two to nine wordings and three languages.

Headlines are made from our own templates and invented names, so the right answer is known. A house
is in the news for several things at once, and many reports of one event share few words.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

SOURCES = 57
EVENTS = 72
_LANGUAGES = ("en", "it", "fr")
_MOULDS = {
    "design": (
        ("en", "{house} names {person} creative director", "The designer begins in {month}."),
        ("en", "{person} to lead design at {house}", "A first collection comes in {month}."),
        ("en", "Who is {person}, the new designer of {house}?", "What we know so far."),
        ("it", "{house} sceglie {person} per la direzione creativa", "Debutto a {month}."),
        ("it", "{person} è la nuova guida creativa di {house}", "La prima collezione a {month}."),
        ("it", "{house}, chi è {person}", "La carriera di chi guiderà lo stile."),
        ("fr", "{person} prend la direction artistique de {house}", "Premier défilé en {month}."),
        ("fr", "{house} nomme {person} à la création", "Une arrivée prévue en {month}."),
        ("fr", "Qui est {person}, qui dessinera {house} ?", "Son parcours en cinq dates."),
    ),
    "sale": (
        ("en", "{fund} buys {house} for {amount} billion euros", "The seller keeps a tenth."),
        ("en", "{house} goes to {fund} in a €{amount}bn deal", "Shares rose on the news."),
        ("en", "What {fund} wants with {house}", "It paid {amount} billion euros for the house."),
        (
            "it",
            "{fund} compra {house} per {comma} miliardi di euro",
            "Al venditore resta un decimo.",
        ),
        (
            "it",
            "{house} passa a {fund}: operazione da {comma} miliardi",
            "Il titolo sale in Borsa.",
        ),
        ("it", "{house} ha un nuovo proprietario: {fund}", "L'accordo vale {comma} miliardi."),
        (
            "fr",
            "{fund} rachète {house} pour {comma} milliards d'euros",
            "Le vendeur garde un dixième.",
        ),
        ("fr", "{house} vendue à {fund}", "La maison est valorisée {comma} milliards d'euros."),
        ("fr", "Pourquoi {fund} s'offre {house}", "Une opération à {comma} milliards d'euros."),
    ),
    "results": (
        ("en", "{house} sales rise {share}% in the quarter", "Asia grew more than Europe."),
        ("en", "{house} beats forecasts: revenue up {share}%", "The outlook is confirmed."),
        ("en", "Quarterly revenue at {house} grows {share}%", "It will open fewer stores."),
        ("it", "{house}, ricavi in crescita del {share}% nel trimestre", "Bene l'Asia."),
        ("it", "{house} supera le stime: vendite +{share}%", "Confermati gli obiettivi."),
        ("it", "Trimestre in aumento del {share}% per {house}", "Meno aperture quest'anno."),
        (
            "fr",
            "{house} : ventes en hausse de {share} % au trimestre",
            "L'Asie tire la croissance.",
        ),
        ("fr", "{house} dépasse les attentes avec {share} % de croissance", "Objectifs confirmés."),
        ("fr", "Le chiffre d'affaires de {house} progresse de {share} %", "Moins d'ouvertures."),
    ),
    "store": (
        ("en", "{house} opens its largest store in {city}", "Five floors and a café by {person}."),
        ("en", "Inside the new {house} flagship in {city}", "The architect is {person}."),
        ("en", "{city} gets a {house} flagship", "{person} drew its façade."),
        ("it", "{house} apre a {city} il suo negozio più grande", "Cinque piani di {person}."),
        ("it", "A {city} il nuovo flagship di {house}", "Il progetto è di {person}."),
        ("it", "{house}, ecco il negozio di {city}", "La facciata è di {person}."),
        ("fr", "{house} ouvre à {city} sa plus grande boutique", "Cinq étages signés {person}."),
        ("fr", "À {city}, la nouvelle adresse de {house}", "L'architecte est {person}."),
        ("fr", "{house} s'installe en grand à {city}", "Une façade de {person}."),
    ),
}
_HOUSES = (
    *("Gucci", "Prada", "Versace", "Hermès", "Chanel", "Dior", "Cartier", "Rolex", "Ferrari"),
    *("Bentley", "Moncler", "Bulgari", "Fendi", "Loewe", "Givenchy", "Burberry", "Valentino"),
    *("Tiffany", "Balenciaga", "Lamborghini", "Zegna", "Omega", "Piaget", "Maserati"),
)
_FIRST = ("Odile", "Renzo", "Maud", "Tancredi", "Ilse", "Bastien", "Noemi", "Corrado", "Ludmila")
_BEGINNINGS = (
    "Var",
    "Bros",
    "Quent",
    "Mald",
    "Traut",
    "Pesc",
    "Ohl",
    "Kest",
    "Norr",
    "Sir",
    "Veld",
)
_ENDINGS = ("enik", "olari", "elle", "avesi", "ner", "arolo", "mark", "rel", "gale", "occo", "zoon")
_CITIES = ("Chengdu", "Osaka", "Riyadh", "Mumbai", "Seoul", "Austin", "Lisbon", "Bangkok", "Dubai")
_MONTHS = ("2027", "autumn 2027", "2028")


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """One report, and the event that it was made from."""

    event: int
    source: int
    language: str
    title: str
    standfirst: str
    published: datetime


def two_days(since: datetime, seed: int = 1) -> list[SimulatedReport]:
    """Return all reports of two days, in order."""
    dice = random.Random(seed)  # noqa: S311 - the same days in every run
    found: list[SimulatedReport] = []
    made_up = [first + last for first in _BEGINNINGS for last in _ENDINGS]
    dice.shuffle(made_up)
    subjects = [(house, kind) for house in _HOUSES for kind in _MOULDS]
    for event, (house, kind) in enumerate(dice.sample(subjects, EVENTS)):
        amount = f"{dice.randint(1, 9)}.{dice.randint(1, 9)}{dice.randint(1, 9)}"
        # Each person, fund and so on is in one event only.
        name = made_up.pop()
        facts = {
            "house": house,
            "person": f"{dice.choice(_FIRST)} {name}",
            "fund": f"{name} Capital",
            "city": dice.choice(_CITIES),
            "month": dice.choice(_MONTHS),
            "amount": amount,
            "comma": amount.replace(".", ","),
            "share": str(dice.randint(3, 29)),
        }
        begun = since + timedelta(minutes=dice.randrange(40 * 60))
        moulds = dice.sample(_MOULDS[kind], dice.randint(2, 9))
        sources = dice.sample(range(SOURCES), len(moulds))
        for (language, title, standfirst), source in zip(moulds, sources, strict=True):
            # Most have it within hours, some a day later.
            after = timedelta(minutes=dice.choice((20, 90, 300, 900)) * dice.random())
            found.append(
                SimulatedReport(
                    event,
                    # A source writes in one language.
                    source - source % 3 + _LANGUAGES.index(language),
                    language,
                    title.format(**facts),
                    standfirst.format(**facts),
                    begun + after,
                )
            )
    return sorted(found, key=lambda one: (one.published, one.source, one.title))
