"""Whether a name that is a house's too is somebody's or some place's, by what stands beside it.

Any house may share its name with a neighbour, so this asks nothing of the house. Courtesy (`Frau
Armani`) leaves a doubt, since founders are called so as well; an office or a trade (`portiere
Versace`), a school (`Maybach-Gymnasium`) or a village (`Chaumet-sur-Indre`) leaves none.
"""

from __future__ import annotations

import re

from news.filing.phrases import fold


def _folded(*lines: str) -> frozenset[str]:
    return frozenset(fold(word) for line in lines for word in line.split())


_COURTESY = _folded(
    "mr mrs ms mister m mme mlle monsieur madame mademoiselle sig signor signora signorina",
    "sr sra srta don doña señor señora señorita herr herrn frau fräulein dhr mevrouw meneer",
    "senhor senhora dona господин госпожа fratelli sorelle hermanos hermanas gebrüder geschwister",
)
"""What stands right before a name by courtesy: a founder's as well as a neighbour's."""
_ATHLETES = _folded(
    "portiere attaccante centrocampista difensore terzino allenatore arbitro centravanti",
    "tennista ciclista nuotatore nuotatrice pallavolista cestista sciatore sciatrice",
    "calciatore calciatrice ginnasta maratoneta pugile schermitrice judoka attaquant",
    "attaquante défenseur défenseure gardien gardienne buteur buteuse entraîneur entraîneure",
    "sélectionneur arbitre cycliste nageur nageuse footballeur footballeuse skieur skieuse",
    "gymnaste marathonien marathonienne boxeur boxeuse lutteur rugbyman handballeur trainer",
    "trainerin torwart torhüter stürmer stürmerin mittelfeldspieler verteidiger keeper",
    "schiedsrichter kapitän fußballer fußballerin radprofi schwimmer schwimmerin turnerin",
    "spieler spielerin bundestrainer skifahrer skifahrerin läufer läuferin delantero delantera",
    "portero portera entrenador entrenadora árbitro tenista futbolista nadador nadadora",
    "gimnasta boxeador lateral mediocentro seleccionador atleta neuzugang nachwuchstalent",
    "canterano atacante goleiro zagueiro treinador treinadora jogador jogadora lutador",
    "lutadora nadadora surfista skatista judoca ginasta ciclista",
)
_OFFICES = _folded(
    "vicesindaco vicesindaca viceministro viceprefetto vicequestore sottosegretario capogruppo",
    "caporal sergent lieutenant adjudante caporale sergente tenente gefreiter leutnant",
    "unteroffizier sargento teniente assessore assessora consigliere deputato deputata",
    "senatrice prefetto questore procuratore procuratrice magistrato brigadiere appuntato",
    "sovrintendente rettore rettrice provveditore avvocata notaio preside padre fra vescovo",
    "arcivescovo parroco imam prof profssa professoressa dott dottssa conseiller conseillère",
    "adjoint adjointe députée sénateur sénatrice préfet préfète procureur procureure",
    "magistrate commissaire adjudant gendarme avocat avocate notaire père frère curé évêque",
    "rabbin ministre recteur rectrice proviseur proviseure anwalt anwältin notar landrat",
    "landrätin oberbürgermeister oberbürgermeisterin bürgermeisterin ministerin abgeordneter",
    "abgeordnete staatsanwalt staatsanwältin kommissar kommissarin pater pastor pastorin",
    "bischof rektor rektorin professorin richterin stadtrat stadträtin abogado abogada notario",
    "notaria concejal concejala diputado diputada senador senadora sor suora sœur soeur",
    "schwester monja comisario comisaria coronel fray obispo párroco magistrada ministro edil",
    "consejera vereador vereadora deputado deputada",
)
_WORKERS = _folded(
    "chirurgo veterinario veterinaria farmacista infermiere infermiera muratore idraulico",
    "elettricista panettiere panettiera pizzaiolo pizzaiola macellaio contadino contadina agronomo",
    "agronoma agricoltore agricoltrice pastore boscaiolo pescatore pensionato pensionata tassista",
    "camionista postino bidello bidella maestra insegnante cantante cantautore cantautrice rapper",
    "attore attrice regista scrittore scrittrice poeta poetessa giornalista conduttore conduttrice",
    "barbiere parrucchiere parrucchiera fornaio gelataio pasticciere benzinaio edicolante libraio",
    "fioraio giardiniere apicoltore allevatore allevatrice fruttivendolo pescivendolo bagnino",
    "ferroviere casalinga commercialista psicologo psicologa dentista fisioterapista pianista",
    "violinista comico bibliotecaria casaro margaro tabaccaio",
    "barbier coiffeuse fleuriste libraire jardinier jardinière apiculteur apicultrice poissonnier",
    "fromager cheminot dentiste kiné psychologue bibliothécaire pianiste violoniste musicien",
    "humoriste buraliste cafetier ostréiculteur mareyeur maraîcher maraîchère vendangeur sauveteur",
    "barbero florista librero jardinero apicultor pescadero frutero camarero psicólogo humorista",
    "friseur gärtner gärtnerin floristin buchhändler imker imkerin lokführer zahnarzt zahnärztin",
    "pianist kabarettist kellner kellnerin busfahrer busfahrerin",
    "ostetrica pediatra pédiatre hebamme comadrona matrona torero novillero potier potière",
    "céramiste cronista pfarrerin",
    "geometra falegname barista cuoco cuoca studente studentessa badante alpinista speleologo",
    "chirurgien chirurgienne vétérinaire pharmacien pharmacienne infirmier infirmière plombier",
    "plombière électricien électricienne boulanger boulangère boucher bouchère maçon agriculteur",
    "agricultrice éleveur éleveuse berger bergère retraité retraitée instituteur institutrice",
    "professeure enseignant enseignante chanteur chanteuse rappeur rappeuse acteur actrice",
    "comédien comédienne romancier romancière écrivain écrivaine poète journaliste animateur",
    "animatrice facteur factrice garagiste menuisier pêcheur bûcheron étudiant étudiante lycéen",
    "lycéenne alpiniste pompier routier",
    "chirurg chirurgin tierarzt tierärztin apotheker apothekerin bäcker bäckerin",
    "metzger metzgerin landwirt landwirtin rentner rentnerin lehrer lehrerin sänger sängerin",
    "schauspieler schauspielerin autor autorin schriftsteller schriftstellerin moderator",
    "moderatorin zeuge zeugin angeklagter klempner maurer elektriker briefträger förster jäger",
    "hausmeister schreiner tischler student studentin schüler schülerin bergsteiger wirt wirtin",
    "cirujano cirujana veterinario farmacéutico farmacéutica enfermero enfermera fontanero",
    "electricista panadero panadera carnicero carnicera agricultor agricultora ganadero ganadera",
    "pastor jubilado jubilada profesora cantante cantautor cantautora rapero actor actriz",
    "escritor escritora novelista poetisa periodista presentador presentadora albañil cartero",
    "cozinheira cozinheiro médico médica enfermeiro enfermeira padeiro padeira motorista pedreiro",
    "cantora ator atriz escritora jornalista apresentador apresentadora professor dançarina",
    "menina menino garota garoto niña niño bimbo bimba fillette",
    "lavrador lavradora costureira vendedora aposentado aposentada bombeiro agente fadista",
    "cocinero cocinera médica maestra maestro matrona peluquero peluquera taxista camarero",
    "camarera koch köchin friseur friseurin bauer bäuerin winzer winzerin imker imkerin",
    "cartera carpintero taxista camionero pescador bombero estudiante vecino vecina alpinista",
)
_KIN = _folded(
    "coppia gemelli gemelle sorelle fratellini neonato neonata bimbo bimba nonna nonno zia vedova",
    "couple jumeaux jumelles sœurs nourrisson bébé mamie papi veuve pareja gemelos gemelas",
    "hermanas mellizos bebé abuela viuda zwillinge geschwister baby witwe witwer oma opa",
    "hameau village bourg bourgade frazione borgo contrada paesino aldea pueblo pedanía caserío",
    "dorf weiler ortsteil gemeinde rentnerpaar apellido cognome patronyme nachname",
    "cheval caballo cavallo pferd toro stier leone león chat elefante",
)
"""Relatives, villages and what only a family's name is, as they follow a name."""
_OTHERS = _folded(
    "gatto gatta gattino gattini gatti cane cagnolino cagnolina cuccioli cucciolo pappagallo",
    "asino puledro chien chienne chiot chiots chatte chaton chatons jument perroquet perro",
    "perra perrito perrita cachorro cachorros gato gata gatito gatitos yegua vaca cerdo oveja",
    "cabra tortuga elefante delfín oso mucca capra maiale scimmia delfino orso vache taureau",
    "mouton chèvre cochon singe dauphin ours éléphant girafe kuh schaf ziege schwein affe",
    "elefant giraffe pinguin koala hund hündin welpe welpen kater katze kätzchen stute hengst",
    "papagei esel mastín mastines labrador beagle chalutier pétrolier ferry frégate traghetto",
    "peschereccio petroliera motopesca fregata pesquero carguero petrolero frachter",
    "fischkutter kutter fähre tanker trawler narrowboat barge tugboat tug freighter lifeboat",
    "ship warship frigate minesweeper airship steamship",
)
"""Animals and ships."""
_NOBLES = _folded(
    "prinzessin prinz graf gräfin baron baronin baronessa contessa comtesse condesa duquesa",
    "duque marqués marquesa narrenprinzessin weinkönigin",
)
_CALLED = _folded(
    "叫 名叫 取名 起名 小名 外号 人称",
    "猫の 犬の 馬の 亀の 象の 熊の 猿の 牛の ハムスターの ウサギの うさぎの ペットの",
)
_JOBS = _ATHLETES | _OFFICES | _WORKERS | _OTHERS
"""What somebody is: right before a name, or after it and a comma."""
_ESTABLISHMENTS = _folded(
    "trattoria pizzeria panificio macelleria farmacia autofficina gelateria salumeria ferramenta",
    "liceo palestra boulangerie boucherie pharmacie collège lycée hôpital quai impasse",
    "chemin panadería carnicería ferretería fontanería peluquería colegio instituto avenida paseo",
    "plaza",
    "bäckerei metzgerei fleischerei apotheke gasthof gasthaus fahrschule eisdiele spedition",
    "kanzlei praxis klinik grundschule gymnasium familienzentrum weiler ortsteil",
    "gemeinde landkreis tormenta borrasca ciclón huracán tifón uragano tempesta sturmtief",
    "volcán vulkan vulcano discoteca discothek monte mont cerro pico lago",
)
"""What stands right before the name of a shop in the street, a school or a mountain."""
_BEFORE = _JOBS | _ESTABLISHMENTS | _NOBLES | _CALLED
_STREETS = _folded("via corso largo vicolo rua avenida camino carrer carrera travessera")
"""What is a street's with a capital."""
_A_PLACE = re.compile(
    r"-(?:sur|sous|les|en|du|des|aux|la|le|devant)-[a-z]"
    r"|[- ]?(?:gymnasium|grundschule|realschule|gesamtschule|hauptschule|volksschule|stadion|platz"
    r"|massiv|gipfel|gletscher|tunnel|gebiet|brucke|allee|kaserne|klinik|denkmal|siedlung|apotheke|gasse)\b"
)
"""A village, a school or a square, as it goes on after a name."""
_SAID = re.compile(
    r",\s(?:(?:o|a|os|as|um|uma)\s|(?:il|lo|la|l'|i|gli|le|les|un|une|uno|una|un'|el|los|las|der|die|das|ein|eine|ce|cet"
    r"|cette|quel|quella|questo|este|esta|dieser|dieses)\s?)?"
)
_COMPOUND = tuple(
    _folded(
        "hund katze pferd hengst stute trainer spieler spielerin lehrer lehrerin",
        "anwalt anwaltin meister meisterin arzt arztin schuler schulerin wirt wirtin",
        "pfleger pflegerin hutter huter schutze laufer lauferin musiker sanger sangerin",
    )
)
"""How German ends its longer words for people and animals: `Jagdhund`, `Tierarzt`."""
_PARTY = re.compile(
    r"\s\((?:pd|lega|verdi|azione|civica|ecologistes?|podemos|fdi|m5s|fi|avs|iv|ps|lr|rn|lfi|eelv|ump|psoe|pp|vox|sumar|erc|pnv|cdu|csu|spd"
    r"|fdp|afd|grune|linke|bsw|svp|fpo|ovp)\)"
)
"""A politician's party, as it follows a name."""
_DOES = re.compile(
    r"\s(?:(?:re)?elue? (?:maire|deputee?|senat\w+|president\w* d|conseill\w+|miss)\b"
    r"|(?:ri)?elett[oa] (?:sindac[oa]|presidente de|segretari[oa]|deputat[oa]|senat\w+|miss)"
    r"|(?:re)?elegid[oa] (?:alcald\w+|presidente? de|diputad[oa]|senador\w*|miss|reina)"
    r"|signe (?:au stade|au fc|a l'om|au psg)\b|ficha por\b"
    r"|marque (?:un|deux|trois)\b|segna (?:un|due|tre)?\s?(?:gol|doppietta|tripletta)\b"
    r"|marca (?:un|dos|tres)?\s?(?:gol|goles)\b|abandonne le tour\b|chute a velo\b|se lesiona\b"
    r"|cade (?:alla|al|in moto|in bici)\b|se cae\b|tombe de velo\b|titularise\b"
    r"|convocat[oa]\b|convocad[oa]\b|squalificat[oa]\b|expulsad[oa]\b|lesionad[oa]\b"
    r"|confermat[oa] (?:presidente|segretari[oa]|coordinat(?:ore|rice)|capogruppo|sindac[oa])\b"
    r"|si laurea\b|se casa\b|heiratet\b"
    r"|verurteilt zu\b|festgenommen\b|arrestat[oa]\b|detenid[oa]\b|ingresa en prision\b"
    r"|wechselt zum (?:fc|sc|sv|tsv|vfl|vfb|bvb|hsv)\b|trifft (?:zum|per|aus)\b"
    r"|wird (?:vater|mutter|oma|opa)\b"
    r"|(?:re-?)?elected (?:speaker|mayor|president of|chair of|leader|captain|bishop|pope|to)\b"
    r"|sworn in\b|(?:is |was )?sentenced to\b|jailed for\b|(?:is |was )?arrested\b"
    r"|charged with\b|convicted of\b|acquitted of\b|dies (?:aged|at)\b|died (?:aged|at)\b"
    r"|stuns (?:master|champion|grandmaster)\b"
    r"|heis+t (?:das (?:hoch|tief|baby)|der (?:hund|kater|sturm|orkan)|die (?:katze|hundin))\b"
    r"|gana (?:el gordo|la loteria|las oposiciones)\b|vince (?:la lotteria|al lotto)\b"
    r"|(?:y sus?|e (?:il suo|la sua|i suoi|o seu|a sua)|et (?:son|sa|ses)|und (?:sein|ihr)e?n?)\s"
    r"(?:perr\w|gat\w|madre|padre|hij\w|herman\w|abuel\w|marido|novi\w|cane|gatt\w|mamma"
    r"|marito|moglie|chien\w*|chat\w*|mere|pere|mari|femme|hund|katze|mutter|vater|tochter"
    r"|schwester|bruder|cachorr\w|mae|pai)\b)"
)
"""What people do and houses do not, as it follows a name."""
_SURNAMES = _folded(
    "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Jiménez Ruiz",
    "Hernández Díaz Álvarez Muñoz Romero Alonso Gutiérrez Navarro Domínguez Vázquez Ramírez",
    "Morales Suárez Ortega Ortiz Rubio Molina Delgado Garrido Cortés Lozano Guerrero Cano",
    "Méndez Calvo Herrero Cabrera Vargas Aguilar Pascual Santana Silva Ferreira Pereira",
    "Oliveira Souza Rodrigues Almeida Carvalho Gomes Ribeiro Martins Bianchi Esposito Ricci",
    "Mancini Rizzo Lombardi Moretti Mariani Ferrara Galli Martini Longo Martinelli Vitale",
    "Lombardo Coppola D'Angelo Marchetti Ferraro Fabbri Bianco Grasso Dubois Durand Moreau",
    "Lefebvre Leroy Morel Fournier Girard Bonnet Dupont Lambert Rousseau Müller Faure Mercier",
    "Guérin Boyer Chevalier Legrand Gauthier Perrin Morin Roussel Duval Gautier Dufour Schmidt",
    "Schneider Becker Schulz Hoffmann Schäfer Koch Schröder Neumann Hofmann Krüger Hartmann",
    "Schmitt Werner Krause Meier Maier Lehmann Schmid Schulze Köhler Herrmann Huber Scholz",
    "Möller Smith Jones Williams Johnson Davies Evans Roberts Robinson Walker Thompson",
    "Anderson Jackson Harris Clarke Wilson Taylor Turner Parker Edwards Collins Stewart Morris",
    "Rogers Murphy Kelly Bennett Hughes Simmons Foster Bryant Griffin Hayes Jenkins",
)
"""Common ones: what has one of them behind it is a first name."""
_SECOND_WORD = re.compile(r"\s([^\W\d_a-z][\w']+)(?![\w-])")
_RELATIVES = _folded(
    "mère père fille fils mari épouse maman papa madre padre figlia figlio moglie marito",
    "nonna nonno mamma papà hija hijo mujer marido abuela abuelo mamá mutter vater tochter sohn",
    "gol goles triplete doblete penalti tripletta doppietta rigore",
    "ehemann ehefrau oma opa hamster lapin coniglio conejo kaninchen hamster criceto",
)
_OF_A_PLACE = _folded(
    "barrio pueblo aldea municipio localidad vecinos vecino vecina ayuntamiento comarca ermita",
    "frazione comune paese borgo sindaco sindaca village commune hameau maire bourg habitants",
    "gemeinde dorf ortsteil bürgermeister freguesia município aldeia vila prefeito prefeita bairro",
)
"""Whose name follows them with an `of` is a village: `el barrio de Montblanc`."""
OF = frozenset({"de", "di", "von", "del"})
"""What stands between what somebody has and the name."""
_OWNS = re.compile(r"([^\W\d_]+)\s(?:de|di|von|del)\s$")
"""What stands before the name of whom it belongs to."""
_AGED = re.compile(r"\d\s(?:ans|anni|anos|jahre),\s$")
"""Somebody's age, as a name follows it."""
_QUOTED = re.compile(
    r"([^\W\d_]+)\s[«\"'\u201c\u201e\u2018]\s?$"
    r"|((?:叫|名叫|取名|起名|小名|外号|人称)|(?:猫|犬|馬|亀|象|熊|猿|牛|ハムスター|ウサギ|うさぎ|ペット)の)"
    r"[\u201c\u2018\"「『]?$"
)
"""A word before quotation marks, or what Chinese says before a name that somebody is called by."""
_QUOTES = frozenset("«\"'\u201c\u201e\u2018叫名号称の「『")
"""How such an end ends."""
_SECOND_NAME = re.compile(r"[\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff][·・]$")
"""The first of two names, as Chinese and Japanese write those of other countries."""
_MOST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")
_ABBREVIATED = frozenset({"m", "sr", "sra", "sig", "don"})
"""Courtesy that is other things in small letters."""


def is_courteous(before: str, original: str = "", start: int = 0) -> bool:
    """Whether the word right before a name is a courtesy: `Frau Armani`, `M. Hermès`.

    Args:
        before: The folded word right before the name, empty if there is none.
        original: The text as it was written.
        start: Where the name begins in it.
    """
    if before not in _COURTESY:
        return False
    ahead = original[max(start - len(before) - 2, 0) : start]
    return before not in _ABBREVIATED or ahead.rstrip(" .").endswith(before.capitalize())


def may_say_more(original: str, start: int) -> bool:
    """Whether what ends right before a name may be quotation marks, or an age and a comma.

    Args:
        original: The text as it was written.
        start: Where the name begins in it.
    """
    last = original[max(start - 2, 0) : start].rstrip()[-1:]
    return last in _QUOTES or last == ","


def quoted(ahead: str) -> str:
    """The word before a name in quotation marks: `le chalutier « Hermès »`.

    Args:
        ahead: What stands right before the name, without case and accents.
    """
    found = _QUOTED.search(ahead)
    return "" if found is None else found[1] or found[2]


def is_owned(ahead: str) -> bool:
    """Whether a name is a village's, or somebody's who has a cat: `le hamster de Mercedes`.

    Args:
        ahead: What stands right before the name, without case and accents.
    """
    found = _OWNS.search(ahead)
    return found is not None and (
        found[1] in _OTHERS or found[1] in _RELATIVES or found[1] in _OF_A_PLACE
    )


def is_after_an_age(ahead: str) -> bool:
    """Whether an age stands right before a name: `un collégien de 13 ans, Kenzo`.

    Args:
        ahead: What stands right before the name, without case and accents.
    """
    return _AGED.search(ahead) is not None


def is_in_a_street(before: str, *, capital: bool) -> bool:
    """Whether the word right before a name is a street: `Via Prada`, not `sold via Prada`.

    Args:
        before: The folded word right before the name, empty if there is none.
        capital: Whether it has one.
    """
    return capital and before in _STREETS


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
    if before and (before in _BEFORE or before.endswith(_COMPOUND)):
        return True
    mark = behind[:1]
    if mark == ",":
        return behind.startswith(", ") and _has_a_job(behind, written)
    if mark not in {" ", "-"}:
        return False
    return _A_PLACE.match(behind) is not None or (
        mark == " " and _goes_on_as_a_person(before, behind, written)
    )


def _goes_on_as_a_person(before: str, behind: str, written: str) -> bool:
    """Whether a surname, a party, a deed or a town follows that houses do not have."""
    if written[1:2].isupper():
        second = _SECOND_WORD.match(written)
        return second is not None and fold(second[1]) in _SURNAMES
    if before == "familie" and behind.startswith(" aus "):
        return True
    return _DOES.match(behind) is not None or _PARTY.match(behind) is not None


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
        if word[0] in _JOBS or word[0] in _KIN:
            follows = written[word.end() : word.end() + 2]
            return not (follows[:1] == " " and follows[1:].isupper())
        at = word.end() + 1
        if behind[word.end() : at] != " ":
            return False
    return False
