"""Whether a name that is a house's too is somebody's or some place's, by what stands beside it.

Any house may share its name with a neighbour, so this asks nothing of the house. Courtesy (`Frau
Armani`) leaves a doubt, since founders are called so as well; an office or a trade (`portiere
Versace`), a school (`Maybach-Gymnasium`) or a village (`Chaumet-sur-Indre`) leaves none.
"""

from __future__ import annotations

import re

from news.phrases import fold


def _folded(*lines: str) -> frozenset[str]:
    return frozenset(fold(word) for line in lines for word in line.split())


_COURTESY = _folded(
    "mr mrs ms mister m mme mlle monsieur madame mademoiselle sig signor signora signorina",
    "sr sra srta don doña señor señora señorita herr herrn frau fräulein dhr mevrouw meneer",
    "senhor senhora dona господин госпожа",
)
"""What stands right before a name by courtesy: a founder's as well as a neighbour's."""
_ATHLETES = _folded(
    "portiere attaccante centrocampista difensore terzino allenatore arbitro centravanti tennista",
    "ciclista nuotatore nuotatrice pallavolista cestista sciatore sciatrice calciatore calciatrice",
    "ginnasta maratoneta pugile schermitrice judoka",
    "attaquant attaquante défenseur défenseure gardien gardienne buteur buteuse milieu entraîneur",
    "entraîneure sélectionneur arbitre cycliste nageur nageuse footballeur footballeuse skieur",
    "skieuse gymnaste marathonien marathonienne boxeur boxeuse lutteur rugbyman handballeur",
    "trainer trainerin torwart torhüter stürmer stürmerin mittelfeldspieler verteidiger keeper",
    "schiedsrichter kapitän fußballer fußballerin radprofi schwimmer schwimmerin turnerin boxer",
    "spieler spielerin bundestrainer skifahrer skifahrerin läufer läuferin",
    "delantero delantera portero portera centrocampista entrenador entrenadora árbitro tenista",
    "futbolista nadador nadadora gimnasta boxeador lateral mediocentro seleccionador atleta",
    "atacante goleiro zagueiro treinador jogador jogadora",
)
_OFFICES = _folded(
    "assessore assessora consigliere deputato deputata senatrice prefetto questore procuratore",
    "procuratrice magistrato brigadiere appuntato sovrintendente rettore rettrice provveditore",
    "avvocata notaio preside padre fra vescovo arcivescovo parroco imam prof profssa professoressa",
    "dott dottssa",
    "conseiller conseillère adjoint adjointe députée sénateur sénatrice préfet préfète procureur",
    "procureure magistrate commissaire adjudant adjudante gendarme avocat avocate notaire père",
    "frère curé évêque rabbin ministre recteur rectrice proviseur proviseure",
    "anwalt anwältin notar landrat landrätin oberbürgermeister oberbürgermeisterin bürgermeisterin",
    "ministerin abgeordneter abgeordnete staatsanwalt staatsanwältin kommissar kommissarin pater",
    "pastor pastorin bischof rektor rektorin professorin richterin stadtrat stadträtin",
    "abogado abogada notario notaria concejal concejala diputado diputada senador senadora fiscal",
    "comisario comisaria coronel fray obispo párroco cura magistrada ministro edil consejera",
    "vereador vereadora deputado deputada",
)
_WORKERS = _folded(
    "chirurgo veterinario veterinaria farmacista infermiere infermiera muratore idraulico",
    "elettricista panettiere panettiera pizzaiolo pizzaiola macellaio contadino contadina agronomo",
    "agronoma agricoltore agricoltrice pastore boscaiolo pescatore pensionato pensionata tassista",
    "camionista postino bidello bidella maestra insegnante cantante cantautore cantautrice rapper",
    "attore attrice regista scrittore scrittrice poeta poetessa giornalista conduttore conduttrice",
    "geometra falegname barista cuoco cuoca studente studentessa badante alpinista speleologo",
    "chirurgien chirurgienne vétérinaire pharmacien pharmacienne infirmier infirmière plombier",
    "plombière électricien électricienne boulanger boulangère boucher bouchère maçon agriculteur",
    "agricultrice éleveur éleveuse berger bergère retraité retraitée instituteur institutrice",
    "professeure enseignant enseignante chanteur chanteuse rappeur rappeuse acteur actrice",
    "comédien comédienne romancier romancière écrivain écrivaine poète journaliste animateur",
    "animatrice facteur factrice garagiste menuisier pêcheur bûcheron étudiant étudiante lycéen",
    "lycéenne alpiniste pompier routier",
    "händler händlerin chirurg chirurgin tierarzt tierärztin apotheker apothekerin bäcker bäckerin",
    "metzger metzgerin landwirt landwirtin rentner rentnerin lehrer lehrerin sänger sängerin",
    "schauspieler schauspielerin autor autorin schriftsteller schriftstellerin moderator",
    "moderatorin zeuge zeugin angeklagter klempner maurer elektriker briefträger förster jäger",
    "hausmeister schreiner tischler student studentin schüler schülerin bergsteiger wirt wirtin",
    "cirujano cirujana veterinario farmacéutico farmacéutica enfermero enfermera fontanero",
    "electricista panadero panadera carnicero carnicera agricultor agricultora ganadero ganadera",
    "pastor jubilado jubilada maestro profesora cantante cantautor cantautora rapero actor actriz",
    "escritor escritora novelista poetisa periodista presentador presentadora albañil cartero",
    "cartera carpintero taxista camionero pescador bombero estudiante vecino vecina alpinista",
)
_JOBS = _ATHLETES | _OFFICES | _WORKERS
"""What somebody is: right before a name, or after it and a comma."""
_ESTABLISHMENTS = _folded(
    "trattoria pizzeria panificio macelleria farmacia autofficina gelateria salumeria ferramenta",
    "liceo palestra boulangerie boucherie pharmacie garage collège lycée hôpital quai impasse",
    "chemin panadería carnicería ferretería fontanería peluquería colegio instituto avenida paseo",
    "plaza",
    "bäckerei metzgerei fleischerei apotheke gasthof gasthaus fahrschule eisdiele spedition",
    "kanzlei praxis klinik grundschule gymnasium familienzentrum monte mont cerro pico lago",
)
"""What stands right before the name of a shop in the street, a school or a mountain."""
_A_PLACE = re.compile(
    r"-(?:sur|sous|les|en|du|des|aux|la|le|devant)-[a-z]"
    r"|[- ]?(?:gymnasium|grundschule|realschule|gesamtschule|hauptschule|volksschule|stadion|platz"
    r"|brucke|allee|kaserne|klinik|denkmal|siedlung|apotheke|gasse)\b"
)
"""A village, a school or a square, as it goes on after a name."""
_SAID = re.compile(r",\s(?:(?:il|lo|la|l'|le|un|une|uno|una|un'|el|der|die|ein|eine|der)\s?)?")
_SECOND_NAME = re.compile(r"[\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff][·・]$")
"""The first of two names, as Chinese and Japanese write those of other countries."""
_MOST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")
_ABBREVIATED = frozenset({"m", "sr", "sra", "sig", "don"})
"""Courtesy that is other things in small letters."""


def is_courteous(before: str, ahead: str = "") -> bool:
    """Whether the word right before a name is a courtesy: `Frau Armani`, `M. Hermès`.

    Args:
        before: The folded word right before the name, empty if there is none.
        ahead: What stands before the name as it was written.
    """
    if before not in _COURTESY:
        return False
    return before not in _ABBREVIATED or ahead.rstrip(" .").endswith(before.capitalize())


def is_a_second_name(written: str) -> bool:
    """Whether a Chinese or Japanese name follows another one: `帕丽斯·希尔顿`.

    Args:
        written: What stands before the name as it was written.
    """
    return _SECOND_NAME.search(written) is not None


def is_no_house(before: str, behind: str, written: str) -> bool:
    """Whether a name is surely a person's or a place's: `portiere Versace`, `Maybach-Gymnasium`.

    Args:
        before: The folded word right before the name, empty if there is none.
        behind: What stands after the name, without case and accents.
        written: The same as it was written.
    """
    if before in _JOBS or before in _ESTABLISHMENTS or _A_PLACE.match(behind):
        return True
    return behind.startswith(", ") and _has_a_job(behind, written)


def _has_a_job(behind: str, written: str) -> bool:
    """Whether a name is followed by what somebody is: `Prada, il giovane agronomo`.

    Where another name follows that, the house is at the head of its own news: `Chanel, l'actrice
    Margot Robbie …`.
    """
    said = _SAID.match(behind)
    at = said.end() if said is not None else 0
    for _ in range(_MOST_WORDS):
        word = _WORD.match(behind, at)
        if word is None:
            return False
        if word[0] in _JOBS:
            follows = written[word.end() : word.end() + 2]
            return not (follows[:1] == " " and follows[1:].isupper())
        at = word.end() + 1
        if behind[word.end() : at] != " ":
            return False
    return False
