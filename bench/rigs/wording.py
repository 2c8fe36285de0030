"""Words for news that never was: headlines, standfirsts and bodies in five languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class _Words:
    headlines: tuple[str, ...]
    sentences: tuple[str, ...]
    things: tuple[str, ...]
    places: tuple[str, ...]


_WORDS = {
    "en": _Words(
        (
            "{house} opens its {n}th boutique in {place}",
            "{house} brings {thing} to {place} for one week only",
            "Sales at {house} grow by {n} per cent after a strong quarter in {place}",
            "Inside the workshop near {place} where {house} makes {thing}",
            "{house} names a new head of design, and {place} takes note",
            "Why {thing} by {house} is the talk of {place}",
            "At auction in {place}, {thing} by {house} fetches {n} million",
            "{house} and {other} share a stage in {place}",
            "A hotel of {n} rooms by {house} rises in {place}",
            "{house} puts {thing} on show in {place}",
        ),
        (
            "The house presented {thing} in front of {n} guests in {place}.",
            "Prices have not been announced, yet the waiting list is said to hold {n} names.",
            "Visitors to {place} will find it there until the end of the season.",
            "It took a team of {n} craftsmen most of a year to finish the first piece.",
            "Analysts had expected less, and the shares rose in early trading.",
            "What began as an experiment has become the centre of the collection.",
            "The company wants to open {n} more doors before the next show.",
            "Collectors in {place} were the first who could place an order.",
            "Nobody at the house would say who is to follow, but the search has begun.",
            "The archive in {place} lent drawings that had not been seen for {n} years.",
        ),
        ("a travel trunk", "the new chronograph", "a capsule of evening wear", "its first yacht",
         "a rose gold bracelet", "the spring collection", "a grand tourer", "a leather atelier"),
        ("Milan", "Paris", "Dubai", "Shanghai", "Tokyo", "New York", "Geneva", "Monaco"),
    ),
    "it": _Words(
        (
            "{house} apre a {place} la sua boutique numero {n}",
            "{house} porta {thing} a {place} per una settimana",
            "Crescono del {n} per cento le vendite di {house} dopo un trimestre forte a {place}",
            "Nel laboratorio vicino a {place} dove {house} realizza {thing}",
            "{house} sceglie una nuova guida creativa e {place} osserva",
            "Perché a {place} si parla tanto di {thing} firmato {house}",
            "All'asta di {place} {thing} di {house} vale {n} milioni",
            "{house} e {other} insieme sul palco di {place}",
        ),
        (
            "La maison ha presentato {thing} davanti a {n} invitati a {place}.",
            "I prezzi non sono stati annunciati, ma la lista d'attesa conta già {n} nomi.",
            "Chi passa da {place} lo troverà fino alla fine della stagione.",
            "Una squadra di {n} artigiani ha lavorato quasi un anno al primo pezzo.",
            "Gli analisti si aspettavano meno e il titolo è salito in apertura.",
            "Quello che era un esperimento è diventato il cuore della collezione.",
            "L'azienda vuole aprire altre {n} porte prima della prossima sfilata.",
            "I collezionisti di {place} sono stati i primi a poterlo ordinare.",
        ),
        ("un baule da viaggio", "il nuovo cronografo", "una capsule da sera", "il primo yacht",
         "un bracciale in oro rosa", "la collezione primaverile", "una gran turismo"),
        ("Milano", "Parigi", "Dubai", "Shanghai", "Tokyo", "Roma", "Ginevra", "Capri"),
    ),
    "fr": _Words(
        (
            "{house} inaugure à {place} sa {n}e boutique",
            "{house} installe {thing} à {place} pour une semaine",
            "Les ventes de {house} progressent de {n} % après un trimestre solide à {place}",
            "Dans l'atelier près de {place} où {house} fabrique {thing}",
            "{house} nomme une nouvelle direction artistique, {place} retient son souffle",
            "Aux enchères de {place}, {thing} de {house} atteint {n} millions",
            "{house} et {other} partagent l'affiche à {place}",
            "Un hôtel de {n} chambres signé {house} ouvre à {place}",
        ),
        (
            "La maison a dévoilé {thing} devant {n} invités à {place}.",
            "Les prix restent secrets, mais la liste d'attente compterait {n} noms.",
            "Les visiteurs de {place} pourront le voir jusqu'à la fin de la saison.",
            "Il a fallu près d'un an à {n} artisans pour achever la première pièce.",
            "Les analystes attendaient moins et le titre a progressé à l'ouverture.",
            "Ce qui n'était qu'un essai est devenu le cœur de la collection.",
            "Le groupe veut ouvrir {n} autres adresses avant le prochain défilé.",
            "Les collectionneurs de {place} ont été les premiers à passer commande.",
        ),
        ("une malle de voyage", "le nouveau chronographe", "une capsule de soirée",
         "son premier yacht", "un bracelet en or rose", "la collection de printemps"),
        ("Paris", "Milan", "Dubaï", "Shanghai", "Tokyo", "Genève", "Cannes", "Deauville"),
    ),
    "de": _Words(
        (
            "{house} eröffnet in {place} die {n}. Boutique",
            "{house} zeigt {thing} eine Woche lang in {place}",
            "{house} steigert den Umsatz nach einem starken Quartal in {place} um {n} Prozent",
            "In der Werkstatt bei {place}, in der {house} {thing} fertigt",
            "{house} beruft eine neue Chefdesignerin, und {place} horcht auf",
            "Bei der Auktion in {place} bringt {thing} von {house} {n} Millionen",
            "{house} und {other} teilen sich in {place} die Bühne",
        ),
        (
            "Das Haus zeigte {thing} vor {n} Gästen in {place}.",
            "Die Preise sind noch geheim, doch auf der Warteliste sollen {n} Namen stehen.",
            "Wer nach {place} kommt, findet es dort bis zum Ende der Saison.",
            "Fast ein Jahr lang arbeiteten {n} Handwerker am ersten Stück.",
            "Analysten hatten weniger erwartet, die Aktie stieg im frühen Handel.",
            "Was als Versuch begann, ist heute der Mittelpunkt der Kollektion.",
            "Vor der nächsten Schau will die Firma {n} weitere Türen öffnen.",
            "Sammler aus {place} durften als Erste bestellen.",
        ),
        ("einen Reisekoffer", "den neuen Chronographen", "eine Abendkollektion", "die erste Yacht",
         "ein Armband aus Roségold", "die Frühjahrskollektion", "einen Sportwagen"),
        ("Mailand", "Paris", "Dubai", "Schanghai", "Tokio", "Genf", "München", "Wien"),
    ),
    "es": _Words(
        (
            "{house} abre en {place} su boutique número {n}",
            "{house} lleva {thing} a {place} durante una semana",
            "Las ventas de {house} crecen un {n} por ciento tras un buen trimestre en {place}",
            "Dentro del taller cerca de {place} donde {house} crea {thing}",
            "{house} nombra una nueva dirección creativa y {place} toma nota",
            "En la subasta de {place}, {thing} de {house} alcanza {n} millones",
            "{house} y {other} comparten escenario en {place}",
        ),
        (
            "La casa presentó {thing} ante {n} invitados en {place}.",
            "Los precios no se han anunciado, pero la lista de espera suma ya {n} nombres.",
            "Quien visite {place} lo encontrará hasta el final de la temporada.",
            "Un equipo de {n} artesanos dedicó casi un año a la primera pieza.",
            "Los analistas esperaban menos y la acción subió en la apertura.",
            "Lo que empezó como un ensayo es hoy el centro de la colección.",
            "La empresa quiere abrir {n} puertas más antes del próximo desfile.",
            "Los coleccionistas de {place} fueron los primeros en poder encargarlo.",
        ),
        ("un baúl de viaje", "el nuevo cronógrafo", "una cápsula de noche", "su primer yate",
         "un brazalete de oro rosa", "la colección de primavera", "un gran turismo"),
        ("Milán", "París", "Dubái", "Shanghái", "Tokio", "Madrid", "Ginebra", "Mónaco"),
    ),
}  # fmt: skip

LANGUAGES = tuple(_WORDS)

_HOUSES = ("Gucci", "Cartier", "Ferrari", "Hermès", "Rolex", "Prada", "Bentley", "Bulgari")


class Wording:
    """News in one language, as chance has it.

    Args:
        language: One of `LANGUAGES`.
        chance: Where the news comes from.
        houses: The names that it names.
    """

    def __init__(
        self, language: str, chance: random.Random, houses: Sequence[str] = _HOUSES
    ) -> None:
        self._words = _WORDS[language]
        self._chance = chance
        self._houses = houses

    def headline(self) -> str:
        """A headline."""
        text = self._filled(self._chance.choice(self._words.headlines))
        return text[0].upper() + text[1:]

    def standfirst(self) -> str:
        """One or two sentences."""
        return " ".join(self._sentences(self._chance.randint(1, 2)))

    def body(self, paragraphs: int) -> tuple[str, ...]:
        """So many paragraphs."""
        return tuple(
            " ".join(self._sentences(self._chance.randint(3, 5))) for _ in range(paragraphs)
        )

    def _sentences(self, count: int) -> list[str]:
        return [self._filled(text) for text in self._chance.sample(self._words.sentences, count)]

    def _filled(self, text: str) -> str:
        chance, words = self._chance, self._words
        house, other = chance.sample(self._houses, 2)
        return text.format(
            house=house,
            other=other,
            thing=chance.choice(words.things),
            place=chance.choice(words.places),
            n=chance.randint(3, 95),
        )
