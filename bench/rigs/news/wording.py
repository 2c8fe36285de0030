"""Random news in five languages: headlines, standfirsts and bodies.

Names, cities, countries and numbers are so close together that hardly any six words in a row
repeat. That resembles real news; fixed phrases would look like copies to the newsroom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from handlers.typed.places import listed

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class _Words:
    headlines: tuple[str, ...]
    sentences: tuple[str, ...]
    things: tuple[str, ...]


_WORDS = {
    "en": _Words(
        (
            "{house} opens a boutique of {n} rooms in {city}",
            "{house} brings {thing} to {city} with {name}",
            "Sales at {house} grow by {n} per cent after {city} and {country}",
            "In {city}, {name} makes {thing} for {house}",
            "{house} names {name} head of design in {city}",
            "Why {thing} by {house} is the talk of {city}",
            "At {city} auction {name} pays {n} million for {thing} by {house}",
            "{name} leaves {house} after {n} years for {other} in {country}",
            "From {city} to {country}: {house} sails with {name}",
            "{house} puts {thing} on show in {city}, says {name}",
        ),
        (
            "{name} presented {thing} to {n} guests in {city} and called {country} the next stop.",
            "The price, says {name}, is {n} thousand in {country}, but {city} will pay more.",
            "Visitors from {country} found {thing} near {city}, where {name} keeps {n} others.",
            "It took {name} and {n} craftsmen of {city} a winter in {country} to finish it.",
            "Analysts such as {name} had expected {n} per cent; {country} and {city} brought more.",
            "What {name} began in {city} became {thing} for {country} and for {n} collectors.",
            "{house} wants {n} doors in {country} before {name} shows {thing} in {city}.",
            "Nobody in {city} would say whether {name} or {surname} follows, but {country} waits.",
            "The archive of {city} lent {name} {n} drawings, {thing} and a letter from {country}.",
            "With {n} employees in {country}, {house} leaves {city} to {name} and to {surname}.",
        ),
        ("a travel trunk", "the new chronograph", "a capsule of evening wear", "its first yacht",
         "a rose gold bracelet", "the spring collection", "a grand tourer", "a leather atelier"),
    ),
    "it": _Words(
        (
            "{house} apre a {city} una boutique di {n} sale",
            "{house} porta {thing} a {city} con {name}",
            "Vendite di {house} in crescita del {n} per cento tra {city} e {country}",
            "A {city} {name} realizza {thing} per {house}",
            "{house} sceglie {name} per lo stile e parte da {city}",
            "All'asta di {city} {name} paga {n} milioni per {thing} di {house}",
            "{name} lascia {house} dopo {n} anni: {other} lo aspetta in {country}",
            "Da {city} a {country}: {house} naviga con {name}",
        ),
        (
            "{name} ha presentato {thing} a {n} invitati di {city} e guarda a {country}.",
            "Il prezzo, dice {name}, è di {n} mila in {country}, ma a {city} salirà.",
            "Chi arriva da {country} trova {thing} vicino a {city}, dove {name} ne ha {n}.",
            "A {name} e a {n} artigiani di {city} è servito un inverno in {country}.",
            "Analisti come {name} stimavano il {n} per cento; {country} e {city} danno di più.",
            "Quello che {name} cominciò a {city} è oggi {thing} per {country} e {n} collezionisti.",
            "{house} vuole {n} negozi in {country} prima che {name} mostri {thing} a {city}.",
            "Nessuno a {city} dice se verrà {name} o {surname}, ma {country} aspetta.",
        ),
        ("un baule da viaggio", "il nuovo cronografo", "una capsule da sera", "il primo yacht",
         "un bracciale in oro rosa", "la collezione primaverile", "una gran turismo"),
    ),
    "fr": _Words(
        (
            "{house} ouvre à {city} une boutique de {n} salons",
            "{house} installe {thing} à {city} avec {name}",
            "Les ventes de {house} progressent de {n} % entre {city} et {country}",
            "À {city}, {name} fabrique {thing} pour {house}",
            "{house} choisit {name} pour le style depuis {city}",
            "Aux enchères de {city}, {name} paie {n} millions pour {thing} de {house}",
            "{name} quitte {house} après {n} ans, {other} l'attend en {country}",
            "De {city} à {country} : {house} navigue avec {name}",
        ),
        (
            "{name} a dévoilé {thing} devant {n} invités de {city} et vise {country}.",
            "Le prix, selon {name}, est de {n} mille en {country}, mais {city} paiera plus.",
            "Les visiteurs de {country} trouvent {thing} près de {city}, où {name} en garde {n}.",
            "Il a fallu à {name} et {n} artisans de {city} un hiver en {country}.",
            "Des analystes comme {name} attendaient {n} % ; {country} et {city} ont fait mieux.",
            "Ce que {name} commença à {city} devient {thing} pour {country} et {n} clients.",
            "{house} veut {n} adresses en {country} avant que {name} montre {thing} à {city}.",
            "Personne à {city} ne dit si {name} ou {surname} viendra, mais {country} attend.",
        ),
        ("une malle de voyage", "le nouveau chronographe", "une capsule de soirée",
         "son premier yacht", "un bracelet en or rose", "la collection de printemps"),
    ),
    "de": _Words(
        (
            "{house} eröffnet in {city} eine Boutique mit {n} Räumen",
            "{house} zeigt {thing} in {city} mit {name}",
            "{house} steigert den Umsatz um {n} Prozent zwischen {city} und {country}",
            "In {city} fertigt {name} {thing} für {house}",
            "{house} beruft {name} als Chefdesigner nach {city}",
            "Auktion in {city}: {name} zahlt {n} Millionen für {thing} von {house}",
            "{name} verlässt {house} nach {n} Jahren, {other} wartet in {country}",
        ),
        (
            "{name} zeigte {thing} vor {n} Gästen aus {city} und nannte {country} als Ziel.",
            "Der Preis, sagt {name}, liegt bei {n} Tausend in {country}, doch {city} zahlt mehr.",
            "Besucher aus {country} finden {thing} bei {city}, wo {name} noch {n} hat.",
            "Mit {n} Handwerkern aus {city} arbeitete {name} einen Winter lang in {country}.",
            "Analysten wie {name} erwarteten {n} Prozent; {country} und {city} brachten mehr.",
            "Was {name} in {city} begann, ist heute {thing} für {country} und {n} Sammler.",
            "{house} will {n} Läden in {country}, bevor {name} {thing} in {city} zeigt.",
            "Niemand in {city} sagt, ob {name} oder {surname} folgt, aber {country} wartet.",
        ),
        ("einen Reisekoffer", "den neuen Chronographen", "eine Abendkollektion", "die erste Yacht",
         "ein Armband aus Roségold", "die Frühjahrskollektion", "einen Sportwagen"),
    ),
    "es": _Words(
        (
            "{house} abre en {city} una boutique de {n} salas",
            "{house} lleva {thing} a {city} con {name}",
            "Las ventas de {house} crecen un {n} por ciento entre {city} y {country}",
            "En {city}, {name} crea {thing} para {house}",
            "{house} elige a {name} para el diseño desde {city}",
            "En la subasta de {city}, {name} paga {n} millones por {thing} de {house}",
            "{name} deja {house} tras {n} años y {other} espera en {country}",
        ),
        (
            "{name} presentó {thing} ante {n} invitados de {city} y mira a {country}.",
            "El precio, dice {name}, es de {n} mil en {country}, pero {city} pagará más.",
            "Quien llega de {country} encuentra {thing} cerca de {city}, donde {name} guarda {n}.",
            "Con {n} artesanos de {city}, {name} trabajó un invierno en {country}.",
            "Analistas como {name} esperaban el {n} por ciento; {country} y {city} dieron más.",
            "Lo que {name} empezó en {city} es hoy {thing} para {country} y {n} coleccionistas.",
            "{house} quiere {n} tiendas en {country} antes de que {name} lleve {thing} a {city}.",
            "Nadie en {city} dice si vendrá {name} o {surname}, pero {country} espera.",
        ),
        ("un baúl de viaje", "el nuevo cronógrafo", "una cápsula de noche", "su primer yate",
         "un brazalete de oro rosa", "la colección de primavera", "un gran turismo"),
    ),
}  # fmt: skip

LANGUAGES = tuple(_WORDS)

_HOUSES = ("Gucci", "Cartier", "Ferrari", "Hermès", "Rolex", "Prada", "Bentley", "Bulgari")
_FIRST = ("Anna", "Luca", "Marie", "Hugo", "Clara", "Otto", "Inés", "Pablo", "Grace", "Noah")
_STARTS = ("Bal", "Cor", "Del", "Fer", "Gran", "Hol", "Kar", "Lom", "Mar", "Nor", "Ros", "Val")
_MIDDLES = ("a", "be", "co", "di", "e", "li", "mo", "ni", "ra", "ti", "u", "vo")
_ENDS = ("ni", "rt", "sen", "tti", "ville", "ez", "mann", "ley", "ard", "co", "din", "ski")
_CITIES = ("Milan", "Paris", "Dubai", "Shanghai", "Tokyo", "New York", "Geneva", "Monaco")
LARGE = 100_000


def cities_of_the_world() -> tuple[str, ...]:
    """Return the cities of more than 100,000 people, some thousand."""
    return tuple(sorted({city.names[0] for city in listed() if city.people > LARGE}))


@cache
def _countries(language: str) -> tuple[str, ...]:
    """Return the names of countries in a language."""
    return tuple(name for code, name in Locale(language).territories.items() if code.isalpha())


class Wording:
    """A generator of random news in one language."""

    def __init__(
        self,
        language: str,
        chance: random.Random,
        houses: Sequence[str] = _HOUSES,
        cities: Sequence[str] = _CITIES,
    ) -> None:
        self._words = _WORDS[language]
        self._countries = _countries(language)
        self._chance = chance
        self._houses = houses
        self._cities = cities

    def headline(self) -> str:
        """Return a headline."""
        text = self._filled(self._chance.choice(self._words.headlines))
        return text[0].upper() + text[1:]

    def standfirst(self) -> str:
        """Return one or two sentences."""
        return " ".join(self._sentences(self._chance.randint(1, 2)))

    def body(self, paragraphs: int) -> tuple[str, ...]:
        """Return a body of `paragraphs` paragraphs."""
        return tuple(
            " ".join(self._sentences(self._chance.randint(3, 5))) for _ in range(paragraphs)
        )

    def _sentences(self, count: int) -> list[str]:
        return [self._filled(text) for text in self._chance.sample(self._words.sentences, count)]

    def _filled(self, text: str) -> str:
        chance = self._chance
        house, other = chance.sample(self._houses, 2)
        return text.format(
            house=house,
            other=other,
            thing=chance.choice(self._words.things),
            city=chance.choice(self._cities),
            country=chance.choice(self._countries),
            name=f"{chance.choice(_FIRST)} {self._surname()}",
            surname=self._surname(),
            n=chance.randint(3, 95),
        )

    def _surname(self) -> str:
        chance = self._chance
        return chance.choice(_STARTS) + chance.choice(_MIDDLES) + chance.choice(_ENDS)
