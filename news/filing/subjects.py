"""Whether a name that also means other things is meant as the house, from how a headline uses it.

Two signs. A name that begins a headline and does what companies do (`Lotus cuts jobs`) is a
company's. A name with a capital inside a headline that has few of them (`Why shoppers came back to
Coach`) is no everyday word. People do some of what companies do, so a name that is also a person's
or a place's takes more than that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.phrases import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


def folded_words(*lines: str) -> frozenset[str]:
    """The words of some lines, without case and accents."""
    return frozenset(fold(word) for line in lines for word in line.split())


_DEEDS = folded_words(
    # English
    "posts reports appoints names hires taps promotes cuts slashes trims sheds warns expands",
    "launches relaunches unveils reveals introduces presents debuts opens reopens closes targets",
    "shuts relocates stages buys acquires sells divests seeks plans plots eyes mulls weighs",
    "raises lifts boosts lowers narrows widens swings beats misses sees expects forecasts",
    "partners collaborates teams joins enters exits invests doubles bets pushes recalls delays",
    "halts suspends discontinues scraps ditches drops ends adds unites revives reissues rebrands",
    "revamps refreshes sues licenses celebrates marks brings parts files goes makes builds",
    "agrees sold valued nears faces gets accelerates apologises apologizes lands doubles triples",
    "halves hikes hit slides slumps tumbles soars jumps plunges outperforms outsells stumbles",
    "slows buying downsizes restructures rehires retools withdraws pulls ramps replaces ousts",
    "dresses sponsors backs renews extends bolsters strengthens deepens",
    "pivots rethinks tests lures courts woos bottles lends recruits reshuffles ships delivers",
    "outsells outpaces overhauls restocks relists refinances rebuilds reins regains",
    # Italian
    "nomina apre riapre inaugura lancia presenta svela debutta sbarca arriva chiude acquisisce",
    "acquista compra cede vende investe punta cresce taglia riduce rinnova firma celebra assume",
    "rafforza conferma accelera sponsorizza veste rilancia registra prevede torna porta vola cerca",
    "vuole sfila riedita immagina propone adotta illumina ripensa reinventa rivisita trasforma",
    "moltiplica raddoppia triplica conquista vara consegna allarga amplia estende sceglie dedica",
    "omaggia schiera rinvia richiama affida ritocca alza",
    # French
    "nomme ouvre rouvre inaugure lance présente dévoile débarque arrive ferme acquiert rachète",
    "cède vend investit mise recrute supprime réduit relance signe célèbre accélère confie",
    "enregistre prévoit installe renforce habille parraine revient affiche cherche veut peine",
    "offre défile réédite imagine propose teste adopte illumine repense réinvente revisite rejoint",
    "déploie multiplie double triple reprend séduit conquiert résiste creuse efface agrandit étend",
    "perd gagne vise lorgne change perde guadagna cambia punta triplica sorpassa batte dépasse",
    "choisit dédie rend pousse retarde rappelle",
    # Spanish
    "nombra abre reabre inaugura lanza presenta desvela estrena aterriza llega abrirá cierra",
    "adquiere compra vende invierte apuesta crece recorta reduce renueva ficha refuerza celebra",
    "patrocina viste prevé factura eleva dispara sube desembarca llegará",
    # German
    "ernennt eröffnet präsentiert enthüllt zeigt startet übernimmt kauft verkauft wächst",
    "steigert senkt streicht schließt meldet erwartet plant baut setzt holt bringt stellt ruft",
    "erhöht kürzt feiert investiert lanciert launcht beruft benennt verpflichtet engagiert bezieht",
    "beliefert kooperiert expandiert verschiebt verlegt reagiert kontert hebt zieht legt",
    # Spanish and Portuguese
    "amplía incorpora designa inicia retoma prepara planea anuncia colabora lanzará presentará",
    "estrenará retrasa aplaza adia desfila desfilará nomeia lança apresenta revela estreia chega",
    "fecha adquire aposta corta reduz renova contrata reforça veste prevê amplia expande",
)
"""What companies do, in the third person."""
_FIRM_DEEDS = folded_words(
    "posts reports appoints relaunches acquires divests beats misses swings recalls rebrands halts",
    "discontinues forecasts lifts",
    "acquisisce registra nomme acquiert enregistre nombra adquiere factura",
    "ernennt meldet übernimmt steigert",
)
"""Those of them that people seldom do."""
_PLANS = folded_words(
    "build cut open launch buy acquire sell close shut expand invest hire shed stop end start",
    "appoint name unveil debut present show introduce recall slash list exit enter relocate reopen",
    "focus restructure split merge join sponsor produce make move bring unify partner raise run",
    "manage operate create pay double triple replace stage host dress supply halve hire recall",
)
"""What follows `to` or `will`."""
_TRADES = folded_words(
    "halts cuts shuts closes exits sells buys acquires offloads sues axes furloughs lays divests",
    "borrows grows slides slumps slips swings climbs jumps surges tumbles plunges retreats",
    "misses slashes restructures sheds trims delists refinances outbids outsells overtakes",
    "rebounds licenzia chiude compra vende cede acquista acquisisce taglia cresce rallenta",
    "frena crolla rileva ferme supprime licencie rachète acquiert cède vend recule progresse",
    "bondit chute plonge ralentit cierra recorta adquiere despide crece cae sube gana pierde",
    "factura despega streicht entlässt schließt verkauft kauft übernimmt wächst schrumpft spart",
    "schreibt senkt",
    # French
    "dépasse dépassent quitte quittent augmente augmentent relève relèvent abaisse réduit",
    "réduisent investit investissent cèdent absorbe absorbent fusionne négocie négocient",
    "déçoit déçoivent rassure inquiète souffre souffrent résiste résistent rebondit perd",
    "perdent gagne gagnent renonce renoncent abandonne abandonnent désengage désengagent",
    "effondre envole repart redresse vacille dévisse plie trébuche patine enregistre",
    "enregistrent prévoit anticipe ferment suppriment licencient vendent achète achètent",
    "restructure réorganise délocalise relocalise poursuit assigne conteste condamné condamnée",
    "convoite boucle bouclent finalise profite profitent totalise",
    # Italian
    "supera superano alza alzano acquistano rifinanzia investe investono finalizza chiede",
    "chiedono lascia perde perdono guadagna guadagnano triplica delude scende cala calano",
    "crescono tagliano chiudono vendono comprano ritocca ritoccano rincara aumenta aumentano",
    "riduce riducono abbassa sospende cedono fattura incassa ristruttura delocalizza",
    "licenziano rivede prevede smentisce smentiscono rischia trema soffre soffrono regge",
    "affonda scivola accelera recupera multata indagata commissariata condannata",
    # Spanish
    "eleva elevan suben caen dispara disparan hunde desploma invierte invierten cierran",
    "cerrará pierden ganan ingresa ingresan supera superan recortan despiden reducen duplica",
    "venden compran negocia ultima prevé facturan deja sufre sufren decepciona abandona",
    "abandonan traslada deslocaliza renuncia demanda multada condenada sancionada encarece",
    "encarecen congela adelanta acelera ralentiza refinancia reestructura cotiza",
    # German and Dutch
    "erhöht erhöhen hebt kappt kappen verliert verlieren verdient verdienen leidet leiden",
    "kämpft kämpfen verlässt verlassen verlagert klagt klagen verklagt prüft stoppt kürzt",
    "streichen schließen entlassen verkaufen kaufen übernehmen wachsen schrumpfen steigert",
    "steigern stürzt enttäuscht überrascht übertrifft verfehlt trotzt spürt erwartet warnt",
    "meldet beantragt trennt investiert investieren drosselt verteuert büßt zögert erklimmt",
    "sluit stijgt verhoogt verlaagt schrapt ontslaat koopt verkoopt groeit krimpt boekt verwacht",
    "verliest profiteert waarschuwt investeert schwächelt kriselt expandiert korrigiert rechnet",
    "prognostiziert kassiert pausiert halbiert verdoppelt verdreifacht bündelt fusioniert",
    "verkleinert reduziert saniert restrukturiert rutscht sackt klettert fällt",
    # Spanish, Portuguese and Russian
    "mejora frena desinvierte reorganiza fusiona integra comprará venderá invertirá recortará",
    "despedirá subirá bajará producirá fabricará triplica rebaja aguanta flaquea tropieza reduz",
    "corta fecha encerra adquire demite despede lucra fatura cai sobe perde dobra amplia expande",
    "recua avança despenca encolhe повысил повысила поднял подняла купил купила продал продала",
    "закрыл закрыла увольняет сократил сократила увеличил увеличила",
)
"""What companies do that is news of business."""
_TO_TRADE = folded_words(
    "cut close buy acquire sell shut shed slash axe divest merge build list borrow"
)
"""Those of them that follow `to` or `will`."""
_HEADS = folded_words(
    "CEO CFO chief parent owner owned shares stock founder designer president chairman boss",
    "executives brand brands hotels resorts label arm unit boutiques stores",
    "shop shops boutique store counter counters board",
)
"""What a company's name stands before."""
_MAKERS = folded_words(
    "brand label carmaker automaker jeweller jeweler watchmaker hotelier chain retailer maker",
    "marque shipyard boatbuilder yachtbuilder shoemaker perfumer auctioneer handbag sneaker",
    "cosmetics marchio griffe marca firma firme enseigne joaillier horloger constructeur parfumeur",
    "maroquinier joyera relojera marke modemarke label autobauer juwelier uhrenmarke hersteller",
    "modelabel parfumeriekette hotelkette sportwagenbauer hotelgruppe",
)
"""What stands right before a company's name and says what it makes."""
_TOWNS = folded_words(
    "London Paris Rome Roma Milan Milano Venice Venezia Florence Firenze Madrid Barcelona",
    "Lisbon Lisboa Geneva Zurich Vienna Wien Berlin Munich München Hamburg Athens Istanbul",
    "Prague Budapest Amsterdam Copenhagen Edinburgh Dublin Monaco Cannes Marrakech Cairo",
    "Nairobi Zanzibar Mauritius Seychelles Maldives Bali Bangkok Phuket Samui Singapore Tokyo",
    "Kyoto Osaka Seoul Beijing Shanghai Shenzhen Guangzhou Chengdu Hangzhou Sanya Macau",
    "Taipei Jakarta Manila Hanoi Mumbai Delhi Jaipur Udaipur Goa Dubai Doha Riyadh Jeddah",
    "Muscat Bahrain Kuwait Amman Miami Boston Chicago Dallas Houston Philadelphia Toronto",
    "Montreal Vancouver Hawaii Maui Sydney Melbourne Bodrum Mykonos Mallorca Ibiza Marbella",
    "Sardinia Sardegna Sicily Mayakoba Cabo Cancun Bogota Lima México Londres Tokio Pekín Ginebra",
    "Viena Múnich Estambul Oporto Porto Comporta Sevilla Málaga Valencia Bilbao Palma Menorca",
    "Tenerife Düsseldorf Köln Frankfurt Stuttgart Leipzig Dresden Zürich Genf Salzburg Innsbruck",
    "Kitzbühel Lech Davos Gstaad Andermatt Sylt Venedig Rom Mailand Florenz Lissabon Athen",
    "Kopenhagen Prag Warschau Brüssel Singapur Singapura Dubái Riad Riade Maskat Tanger Buenos",
)
"""What follows the name of a hotel."""
_BEFORE = folded_words(
    "why how inside can is are will at with for from when what as does has behind meet exclusive",
    "da in per con dentro perché come chez avec pour comment pourquoi bei mit für warum wie en con",
    "para por cómo the la le il el",
)
"""Words that begin a headline and belong to no name."""
_NEVER = re.compile(r"(opens up|goes on|makes it|ends up|names? (his|her)|buys (his|her))\b")
_REFLEXIVE = re.compile(r"\s+(?:se\s|si\s|sich\s|s')([^\W\d_]+)")
_NO_TRADE = re.compile(
    r"\s(?:sells (?:out|(?:its )?(?:first|second|third|fourth|fifth|\d)|an?\s\$)"
    r"|slips (?:out|into|on|(?:from|to) (?:first|second|third|fourth|fifth|pole))"
    r"|grows (?:an?|its)|lays (?!off)|closes (?:for|out|show|week|fashion|with|the (?:show|week"
    r"|season))"
    r"|swings (?:by|into)|climbs (?:aboard|into|up|out)|jumps (?:on|into|aboard|ship)"
    r"|cuts (?:an?|the) (?:ribbon|cake|dash|figure)|slides into|shuts down the)\b"
)
"""What companies do too, and is none: `Benetti sells fourth 50-metre`."""
_TRADES_IN_WORDS = re.compile(
    r"-(?:chefs?|chefin|ceo|aktien?|umsatz|gewinn|mutter|eigner|eigentumer|ubernahme|verkauf"
    r"|anteile?|insolvenz|krise|sanierung|manager|managerin|vorstand|aufsichtsrat|beteiligung"
    r"|zahlen|bilanz|preise|deal|investor|zulieferer|handler)\b"
    r"|\s(?:braucht (?:frisches |neues )?(?:geld|kapital)|hat arger"
    r"|muss (?:sparen|zahlen|schlies+en)"
    r"|gibt \S+(?: \S+)? auf\b|fahrt \S+ ein\b|baut (?:\S+ )?\S+ ab\b|legt (?:\S+ )?zu\b"
    r"|bricht (?:\S+ )?ein\b|schluckt\b|steckt in der krise|zieht sich (?:aus|zuruck)"
    r"|verabschiedet sich (?:aus|von)|kehrt \S+ den rucken|trennt sich von|holt \S+ an bord"
    r"|revisa a la baja|vuelve a (?:beneficios|perdidas|numeros|crecer|ganar|ingresar)"
    r"|entra en (?:perdidas|concurso|bolsa|el capital)|se retira de|se marcha de|sale de"
    r"|busca (?:socio|comprador|inversor|financiacion)|pone (?:a la venta|en venta)"
    r"|pone a \S+ \S+ al frente|toma el control|prescinde de|rompe con"
    r"|estudia (?:fusion|vender|comprar|su)|sopesa|negocia (?:con|la)"
    r"|volta (?:ao lucro|a crescer|a lucrar)|sai d[eoa]\b|poe a venda|busca socio"
    r"|tem (?:prejuizo|lucro)|(?:crece|cae|cresce|cai|wachst|verliert|pierde|perde)"
    r" (?:un |um |il )?\d)"
)
"""What houses do that is news of business, in several words."""
_CLAUSE = re.compile(r"(?:^|[:;.!?|\u2013\u2014]\s|\s-\s)[\"'\u201c\u2018«„\s]*$")
_NEXT = re.compile(r"\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?")
_TWO_WORDS = re.compile(r"\s(takes over|changes hands|joins forces|goes private|pulls out)\b")
"""What companies do, in two words."""
_OPENS = re.compile(
    r"(?:\s(?:debuta|abre|abrira|llega|aterriza|desembarca|eroffnet|kommt|startet|debutiert|zieht"
    r"|apre|arriva|debutta|sbarca|ouvre|arrive|debarque|chega|plant)\s(?:en|in|nach|a|em|an)"
    r"|(?:\sat\s\w+)?\s(?:opens|reopens|lands|debuts|arrives|checks in|to open|to debut|expands)"
    r"(?:\s\w+)?\s(?:in|to|at|near))\s(\w+)"
)
"""What hotels do in towns, and people do not."""
_OPENS_ABROAD = re.compile(
    r"\s(?:ouvre|rouvre|ouvrira|apre|riapre|aprira|sbarca|debutta|s'installe|s'implante|abre|abrira"
    r"|reabre)\s(?:a|au|aux|en|dans|sur|ad|in|nel|nella|sul|sulla|al|alla)\s"
)
"""The same in languages where the names of hotels are no words."""
_ON = re.compile(
    r"(?:,|\s:)\s(?:(?:il|lo|la|i|gli|le|un|una|uno|a|al|alla|ad|in|da|dal|dalla|nuov[oaie]|ecco|cosi"
    r"|les|une|en|au|aux|nouveau|nouvelle)\b|[ld]')"
)
"""How an Italian or French headline goes on from what it is about."""
_NUMBERED = re.compile(
    r"(?:'s\snew)?\s[a-z]?\d{2,3}\b(?!\s?(?:per|%|years?|people|rowers|minutes|days|votes|points"
    r"|runs))"
)
"""A yacht's length or its number behind its yard's name."""
_POSSESSED = re.compile(r"'s?\s([^\W\d_]+)(?:\s([^\W\d_]+))?")
_A_FIRM_S = re.compile(
    r"(?:'s?\s|\s|-)(?:owner|parent|parent company)\b"
    r"|'s?\s(?:\w+\s)?(?:sales|profits?|revenues?|turnover|shares|earnings|ipo|turnaround"
    r"|chief executive|ceo|cfo|creative director)\b"
    r"|\s(?:slashes|cuts|axes|sheds|trims|lays off)\s(?:\w+\s)?(?:staff|jobs|roles|workforce)\b"
    r"|\s(?:posts|reports)\s(?:\w+\s){0,2}(?:loss|profit|sales|revenues?|earnings)\b"
    r"|\s(?:board|shareholders|bondholders|creditors|dealerships|showrooms?)\b"
    r"|\s(?:trims|cuts|raises|lifts|lowers|slashes|narrows|maintains|confirms"
    r"|hikes)\s(?:\w+\s){0,2}"
    r"(?:outlook|forecasts?|guidance|targets?|dividend|prices|estimates)\b"
    r"|\s(?:lays off|to lay off|to cut)\s\d"
    r"|\s(?:shuts|closes|opens|to open|to close|to shut)\s(?:[\w-]+\s){0,3}(?:stores?|shops?"
    r"|boutiques?"
    r"|flagships?|factory|plant|counters|showrooms?|atelier)\b"
    r"|\s(?:opens|reopens)\s(?:on|off)\s(?:rue|via|bond street|new bond|old bond|fifth avenue|place"
    r" vendome|madison|avenue|rodeo|mount street|sloane|regent street)\b"
    r"|\s(?:rue|avenue|boulevard|place) (?:d[eu]s? |d'|saint|vendome|montaigne|royale|cambon)"
    r"|\s(?:buys|acquires|takes over)\s(?:[\w-]+\s){0,3}(?:maker|stake|rival|supplier|brand|label"
    r"|workshop|manufacturer|factory|tannery|neighbour|neighbor)\b"
    r"|\s(?:unveils|launches|debuts|delivers)\s(?:\w+\s)?(?:[a-z]+\d+|\d{2,3})\b"
    r"|\s(?:moves|shifts)\s(?:\w+\s){0,2}(?:production|output|crafting|manufacturing|headquarters"
    r"|assembly)\b|\ssponsors\s(?!a bill|bill|legislation)"
    r"|\s(?:sells out its|sells its|goes private|goes public|teams up with|to sell stake"
    r"|moves listing|drops listing|seeks (?:\w+\s)?(?:owner|buyer|investor))\b"
    r"|\s(?:shares|stock)\s(?:fall|drop|slump|slide|tumble|plunge|sink|rise|jump|climb|surge"
    r"|soar)s?\b"
    r"|\s(?:names|hires|taps|picks|poaches)\s(?:\w+\s){0,2}(?:chief executive|ceo|cfo"
    r"|creative director|artistic director|managing director)\b"
    r"|\s(?:bekommt|hat|findet|sucht) (?:einen )?neuen (?:besitzer|eigentumer|eigner|investor)"
    r"|\s(?:meldet|beantragt) insolvenz\b|\sbaut (?:\w+ )?\w+ (?:um|aus|ab)\b"
    r"|\s(?:crece|cae|factura|cresce|fatura|wachst|progresse|recule)\s(?:un |um |de |del )?\d+"
    r"(?:[,.]\d+)?\s?(?:%|por ciento|prozent|mill|mi)"
    r"|\s(?:sucht|busca|contrata a?|cherche|recrute|cerca|assume|stellt)\s\d{2,}\b"
    r"|\scambia (?:proprietario|proprieta|mani|de manos|de dueno)\b"
    r"|\schange de (?:mains|proprietaire|patron)\b"
    r"|\s(?:cerca|busca|cherche|trouve) (?:un )?(?:socio|compratore|comprador|inversor|repreneur)\b"
    r"|\s(?:italia|france|espana|deutschland|japan|china|korea|india|uk|usa|north america)\s?[,:]"
    r"|\s?[,:]\s(?:\w+\s)?(?:utile|utili|ricavi|fatturato|vendite|benefices?|ventes|umsatz|gewinn"
    r"|beneficios?|ventas|ingresos|profits?|sales|revenues?|chiffre d'affaires)\b"
)
"""What nobody but a company has or does, whoever else may be called by its name."""
_OF_A_FIRM = re.compile(
    r"\b(?:(?:ceo|chief executive|cfo|owner|parent|maker|shares|stake|takeover|sale) (?:of|in)"
    r"|(?:pdg|patron|patronne|directeur general|directrice generale|rachat|actionnaire) (?:de|d')"
    r"|(?:ceo|ad|amministratore delegato|proprietario|titolo|quota|acquisizione) (?:di|in)"
    r"|(?:consejero delegado|consejera delegada|dueno|duena|acciones|compra|firma|marca|grife)"
    r" d[eoa]"
    r"|(?:chef|chefin|aktie|ubernahme|eigner|anteile|label|marke) (?:von|an))\s?$"
)
_PAUSE = re.compile(r"\s?[,:\u2013\u2014]\s")
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_FAR = 40
FEW_CAPITALS = 0.5
"""The share of a headline's longer words, besides the name, that may begin with a capital."""


def acts(folded: str, start: int, end: int, *, person: bool, firm: bool) -> bool:
    """Whether a name begins a clause and does there what a company does.

    Args:
        folded: The text without case and accents.
        start: Where the name begins.
        end: Where it ends.
        person: Whether the name is a person's or a place's as well.
        firm: Whether the text is about business.
    """
    if not _CLAUSE.search(folded[:start]):
        return False
    rest = folded[end : end + 60]
    if _A_FIRM_S.match(rest) or (not person and (_TWO_WORDS.match(rest) or _has_a_head(rest))):
        return True
    following = _NEXT.match(rest)
    if following is None:
        return firm and not person and _PAUSE.match(rest) is not None
    if _NEVER.match(rest.lstrip()):
        return False
    verb, more = following.groups()
    if person:
        return firm and verb in _FIRM_DEEDS
    return verb in _DEEDS or verb in _HEADS or (verb in {"to", "will"} and more in _PLANS)


def trades(folded: str, end: int) -> bool:
    """Whether what a house does is news of business: `Maserati halts …`, `Volvo to build …`.

    Args:
        folded: The text without case and accents.
        end: Where the house's name ends.
    """
    if _TRADES_IN_WORDS.match(folded, end):
        return True
    following = _NEXT.match(folded, end)
    if following is None or _NO_TRADE.match(folded, end):
        return False
    itself = _REFLEXIVE.match(folded, end)
    if itself is not None and itself[1] in _TRADES:
        return True
    verb, more = following.groups()
    return verb in _TRADES or (verb in {"to", "will"} and more in _TO_TRADE)


def _has_a_head(rest: str) -> bool:
    """Whether what follows a name is what a company has: `Jaguar's chief designer`."""
    possessed = _POSSESSED.match(rest)
    return possessed is not None and not _HEADS.isdisjoint(possessed.groups())


def is_placed(folded: str, end: int) -> bool:
    """Whether a town follows as in a hotel's name, `Fairmont Doha`, or where it opens.

    Args:
        folded: The text without case and accents.
        end: Where the name ends.
    """
    following = _NEXT.match(folded, end)
    if following is not None and following[1] in _TOWNS:
        return True
    if _OPENS_ABROAD.match(folded, end):
        return True
    opening = _OPENS.match(folded, end)
    return opening is not None and opening[1] in _TOWNS


def heads(folded: str, start: int, end: int) -> bool:
    """Whether a headline that is not in English begins with a name: `Four Seasons, a Milano …`.

    Args:
        folded: The text without case and accents.
        start: Where the name begins.
        end: Where it ends.
    """
    return start == 0 and _ON.match(folded, end) is not None


def is_numbered(folded: str, end: int) -> bool:
    """Whether a yacht's number follows: `Swan 88`.

    Args:
        folded: The text without case and accents.
        end: Where the name ends.
    """
    return _NUMBERED.match(folded, end) is not None


def is_introduced(before: str) -> bool:
    """Whether the word right before a name says what the house is: `carmaker Lotus`.

    Args:
        before: The folded word right before the name, empty if there is none.
    """
    return before in _MAKERS


def has_an_owner(folded: str, start: int) -> bool:
    """Whether what stands before a name is what a company has: `le patron de Douglas`.

    Args:
        folded: The text without case and accents.
        start: Where the name begins.
    """
    return _OF_A_FIRM.search(folded[max(start - _FAR, 0) : start]) is not None


def stands_out(original: str, start: int, end: int) -> bool:
    """Whether a name has a capital where an everyday word would have none.

    Args:
        original: The text as it was written.
        start: Where the name begins, not at the beginning of a sentence.
        end: Where it ends.
    """
    before, after = original[:start], original[end:]
    if not original[start].isupper() or _CLAUSE.search(before):
        return False
    last = before.rstrip().rpartition(" ")[2] if before[-1:].isspace() else ""
    if last[:1].isupper() and last[-1].isalnum():
        begins = _CLAUSE.search(before.rstrip().removesuffix(last)) is not None
        if not (begins and fold(last) in _BEFORE):
            return False
    following = _NEXT.match(after)
    if following and following[1][0].isupper():
        return False
    return share_of_capitals([*LONG_WORD.findall(before), *LONG_WORD.findall(after)]) <= (
        FEW_CAPITALS
    )


def share_of_capitals(words: Iterable[str]) -> float:
    """How many of the words begin with a capital; all of none, since none tells nothing."""
    capitals = [word[0].isupper() for word in words]
    return sum(capitals) / len(capitals) if capitals else 1.0
