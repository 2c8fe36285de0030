"""Whether a name is somebody else's: a person's, an animal's, a street's, a storm's.

What stands right before or behind a name says so: a title, a first name, an age, what somebody
is, or what is called after somebody and made by nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.phrases import fold
from news.filing.subjects import FEW_CAPITALS, LONG_WORD, folded_words, share_of_capitals

if TYPE_CHECKING:
    from collections.abc import Container

_TITLES = folded_words(
    "mr mrs ms dr prof professor judge justice sergeant inspector detective constable bishop rev",
    "mp senator congressman congresswoman governor colonel captain lieutenant mayor councillor",
    "signor signora dottor dottoressa avvocato sindaco ministro senatore giudice maresciallo",
    "onorevole",
    "monsieur madame maitre docteur professeur maire depute colonel capitaine juge",
    "senor senora doctor doctora alcalde alcaldesa ministro ministra juez jueza profesor",
    "cardinale cardinal cardenal kardinal suor abbé herr frau doktor richter burgermeister pfarrer",
    "lord baroness dame sir coroner magistrate cllr headteacher headmaster principal rabbi imam",
    "striker goalkeeper midfielder winger captain skipper batter batsman bowler jockey referee",
    "umpire quarterback linebacker golfer sprinter swimmer wrestler gymnast skater actor actress",
    "singer rapper comedian novelist poet pianist violinist teacher nurse farmer student pupil",
    "teenager toddler grandmother grandfather neighbour widow pensioner plumber surgeon trucker",
    "fisherman fugitive suspect witness deputy lawmaker cyclist skier corporal",
    "coach airman brigadier commander ensign cadet sheriff warden curate deacon provost",
)
"""What stands right before a person's surname."""
_COURTESY = folded_words("mr mrs ms signor signora monsieur madame senor senora herr frau")
"""Those of them by which the founder of a house is called as well: `Mr Armani`."""
_PLACES = folded_words(
    "rue calle piazza plaza viale piazzale ponte pont stade gymnase lycée lungomare puerto iglesia",
    "barrio rotonda château lake mount fort hms uss rms",
)
"""What stands right before a name in an address, or a ship's."""
_AGE = re.compile(
    r"(?:\s[a-z]+)?,\s\d{1,2}(?:\s(?:ans|anni|anos|jahre)\b|,)|\s\(\d{1,2}\)|,?\saged\s\d"
)
_HONORIFIC = re.compile(
    r"·\w|(?:女士|先生)(?!香|手袋|腕|系列|包|鞋|成衣|西装|西裝|珠宝|珠寶|太阳|太陽|护肤|護膚|墨)"
    r"|小姐|同学|教练|老师|太太|师傅|阿姨|大爷|大妈|奶奶|爷爷|医生|警官"
    r"|教練|老師|同學|師傅|醫生|ちゃん|さん|くん|選手|監督|容疑者|被告|教授|議員|投手|市長"
    r"|中[学學]|小[学學]|路(?!虎|演|易|线|人|透)|街(?!拍|头|頭)|巷|小区|小區|社区|社區"
    r"|渓谷|峠|通り|村|镇|鎮|县|縣|島|町|岳|河|湖"
    r"|[」』]?と(?:いう(?:名|犬|猫|馬|少|女|男)|名[付づ]け|呼ばれ)"
)
"""What follows a person's name in Chinese and Japanese, or a school's and a place's."""
_NEIGHBOURS = folded_words(
    "street strasse straße crescent county village villagers residents borough constituency parish",
    "infants pharmacy tram reservoir quarry landfill canal veterinary dental solicitors plumbing",
    "roofing scaffolding bakeries rovers wanderers fc afc rfc cc pleads fishing opera troupe",
    "temple caddie lifeboat choir orchestra quartet hostel cave dam viaduct waterfall meteorite",
    "asteroid",
    "crater lodge chapel convent monastery abbey allotment allotments abattoir sawmill windmill",
    "brothers sisters twins siblings ferry railway",
)
"""What stands right behind a place's, a team's or a family's name, and behind no house's."""
_IN_TWO_WORDS = re.compile(
    r"\s(?:by-election|primary school|high school|grammar school|post office|bus stop|bus station"
    r"|care home|nursing home|brass band|gives birth|denies murder"
    r"|scores (?:twice|late|winner|hat-trick|brace|equaliser|against|for)"
    r"|told (?:the )?(?:court|jury|jurors|inquest|hearing|magistrates|police)"
    r"|family (?:farm|bakery|winery|vineyard|butchers?|pharmacy|pub|dentist|reunion"
    r"|reunites|reunited|mourns|pleads|appeals|lawyer))\b"
)
_FIRST_OF_TWO = folded_words(
    "by primary high grammar post bus care nursing brass gives denies scores told family"
)
_WHOSE = re.compile(
    r"'s\s(?:mum|mom|mam|dad|homework|bedroom|neighbours?|classmates|team-?mates|hat-trick|header"
    r"|namesake|pupils?|disciples?|wicket|touchdown|hamstring|parents|(?:\w+\s)?(?:pizzeria"
    r"|trattoria|bakery|chip shop|chippy|barber shop|gelateria|notebooks?|diary|diaries|inventions"
    r"|law|theorem|theory|equations?|paradox|painting|paintings|stages of|poems?|novels?|symphony"
    r"|sonata|opera|verse|gospel|grave|tomb|snow scenes|landscapes|frescoes))\b"
)
"""Whom or what a person has, and a house has not."""
_HYPHENED = re.compile(
    r"-(?:class|red|green|blue|yellow|born)\b|-(?:en|sur|sous|les|le|la|aux|du|de|di|am|an der|on"
    r"|upon|in|by)-\w"
)
"""How a town's name goes on, or a ship's."""
_COUNTRY = re.compile(
    r",\s(?:france|italy|spain|germany|switzerland|austria|england|scotland|wales|ireland|canada"
    r"|australia|new zealand|jamaica|ghana|kenya|nigeria|belgium|portugal|poland|corsica|sardinia"
    r"|sicily|brittany|normandy|tuscany|lombardy|bavaria|saxony|galicia|andalusia|catalonia"
    r"|flanders|zeeland|jutland)(?=[,:?]|$)"
)
_AND_SONS = re.compile(
    r"(?:\s(?:et|&)\sfils|\s(?:&|and)\s(?:sons?|daughters?|bros)|\se\sfigli|\s[ey]\shijos"
    r"|\s(?:&|und)\ssohne|,?\sno\srelation)\b"
)
"""What makes a name another firm's, or nobody's that one may think of."""
_WORD = re.compile(r"\s([^\W_]+)")
_CALLED_AFTER = re.compile(
    r"\s(?:Road(?!\s(?:[Cc]ar|[Tt]rip|[Tt]est))|Drive(?!\s(?:Pilot|Test))|Lane|Avenue|Creek"
    r"|Point|Corner|Crossing|Junction|Field(?!\s[Ww]atch)|River|Bay|Island|Lake|Valley"
    r"|Hill(?!\s[Cc]limb)|Elementary|Heights"
    r"|Vale|Falls|Springs|Ridge|Gorge|Glacier|Reef|Cove|City|Town|United|Athletic|Lions|College"
    r"|University|Hospital|Cathedral|Council|Bank|Systems|Insurance|Airlines|Airways|Biscoff|Foods"
    r"|Pharma|Pharmaceuticals|Therapeutics|Biosciences|Biotech|Logistics|Minerals|Mining|Petroleum"
    r"|Cement|Steel|Construction|Telecom|Semiconductor|Fertilisers?|Chemicals|Records)\b"
)
"""Places, teams and other trades' companies that have a house's name before their own word."""
_IN_A_STATE = re.compile(
    r"(?:,|\sof)\s(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware"
    r"|Florida"
    r"|Georgia"
    r"|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts"
    r"|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey"
    r"|Mexico"
    r"|South Wales|Brunswick)|North (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania"
    r"|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Texas|Utah|Vermont|Virginia|Wisconsin"
    r"|Wyoming|Ontario|Quebec|Alberta|Manitoba|Saskatchewan|Nova Scotia|Queensland|Tasmania"
    r"|\w+shire"
    r"|Kent|Sussex|Surrey|Essex|Norfolk|Suffolk|Devon|Cornwall|Dorset|Somerset|Cumbria|Fife"
    r"|Antrim)\b"
)
"""What follows the name of a town."""
_HALF = re.compile(r"-([A-Z][a-z]+)")
_NO_HALVES = folded_words(
    "Owner Owned Backed Clad Style Inspired Loving Led Made Free Designed Branded Sponsored",
    "Powered",
    "Engined Based Born Built Trained Like Maker Parent Group Deal",
)
_OTHER_HALF = re.compile(r"([^\W\d_]+)\s[^\W\d_a-z][^\W\d_]+-$")
"""What stands before the second half of a surname."""
_ENGLISH = re.compile(r"\s(?:the|to|of|for|with|from|by|after|and|into|over|wins|says|is|plan)\s")
_SURNAME = re.compile(r"\s([^\W\d_a-z][^\W\d_A-Z]{2,})(?:-[A-Z][a-z]+)?(?![\w-])(?!\s&)")
_FIRST_NAME = re.compile(r"[a-z0-9,;]\s([A-Z][a-z]{2,})\s$")
_NO_FIRST_NAMES = folded_words(
    "Swiss Italian French British German Japanese American Chinese Korean Spanish Dutch English",
    "Paris Milan London Rome Geneva Tokyo Dubai Shanghai York Kong Seoul Florence Maranello",
    "Stuttgart",
    "The New Old Vintage Christmas Spring Summer Autumn Winter Monday Tuesday Wednesday Thursday",
    "Friday Saturday Sunday January February March April May June July August September October",
    "November December Haute Grand Prix Fashion Week Maison House Team Formula",
)
"""What stands with a capital before a house's name and is nobody's first name."""
_GOES_ON = re.compile(r"\s[a-zà-öø-ÿ]{4,}\b")
"""A word in small letters that even a title in capitals would have with one."""
_NO_SURNAMES = folded_words(
    "Beauty Beauté Parfums Perfumes Fragrance Makeup Skincare Homme Femme Men Women Kids Couture",
    "Haute Métiers Cruise Resort Première Boutique Store Stores Flagship Watch Watches Jewellery",
    "Jewelry Joaillerie Horlogerie Eyewear Bags Bag Group Holding Hotel Hotels Residences Cars",
    "Vans Trucks Motorsport Racing Formula Vision Classe Clase Class Klasse Benz Maybach Grand",
    "Concept Coupé Cabrio Roadster Street Fashion House Maison Fondation Foundation Garavani Code",
    "Coco Bleu Allure Gabrielle Mademoiselle Triomphe Rockstud Paris Milano Roma Shanghai Tokyo",
    "Dubai London York Beijing Seoul Spring Summer Fall Autumn Winter Culture Fund Center Centre",
    "Arts Nexus Prize Award Awards School Academy Festival Museum Library Collection Commission",
    "Olympic Theatre Sport Sports Café Club Restaurant Spa Villa Tower Home Casa Kitchen Cup Tour",
    "Pavilion America Asia Europe China Japan Korea India Italia France Deutschland Girls Girl",
    "Boys Archive Archives Vintage Atelier Workshop Factory Design Designer Founder Chief Heir",
    "Owner Parent Craft Art Music Film Films Studio Studios Life Living Hospitality Private Client",
    "Sauvage Addict Lady Saddle Riviera Backstage Prestige Privé Exchange Silos Icons Heritage",
    "Classic",
    "Challenge Championship Open Trophy Invitational Masters Marathon Regatta Grand Prix Series",
    "Ambassador Ambassadors Creative Chairman President Executive Heiress Family Heirs Boss",
    "Perfume",
    "Lipstick Serum Cream Sneakers Shoes Sunglasses Jewels Diamonds Gold Rings Necklace Bracelet",
    "Melbourne Sydney Madrid Barcelona Lisbon Geneva Zurich Vienna Berlin Munich Hamburg Athens",
    "Istanbul Prague Budapest Amsterdam Copenhagen Edinburgh Dublin Monaco Cannes Marrakech Cairo",
    "Bali Bangkok Phuket Singapore Kyoto Osaka Macau Taipei Jakarta Mumbai Delhi Doha Riyadh",
    "Jeddah",
    "Miami Boston Chicago Texas Toronto Montreal Vancouver Hawaii Mykonos Ibiza Capri Venice",
    "Venezia",
    "Florence Firenze Rome Milan Vietnam Thailand Malaysia Indonesia Philippines Mexico Brazil",
    "Canada",
    "Australia Britain England Spain Switzerland Germany Turkey Qatar Kuwait Saudi Arabia Hong",
    "Kong",
    "January February March April May June July August September October November December Monday",
    "Tuesday Wednesday Thursday Friday Saturday Sunday Christmas Lunar Year Week Weekend Day Night",
    "Polo Regency Place Centric Lighthouse Frames Marfa And Owners Profit Sales Shares Takes",
    "Launches Opens Unveils Names Appoints Reports Cuts Sues",
    "Says Sees Plans Buys Sells Adds Brings Wins Debuts Reveals Shows Returns Goes Gets Makes",
    "Joins",
)
"""What stands with a capital after a house's name and is no surname."""
CALLS = folded_words(
    "called named nome nombre nom llamado llamada prénommé prénommée nommé nommée namens namen",
    "dog puppy kitten hurricane cyclone typhoon tempête ouragan tempesta uragano huracán borrasca",
    "sturmtief orkan",
)
"""What stands right before a name that somebody has, if what stands before it agrees."""
_LONGEST_CALL = 40
_CALLED = re.compile(
    r"(?:\b(?:man|woman|girl|boy|baby|child|son|daughter|teenager|dog|cat|puppy|kitten|horse|pony|"
    r"parrot|tortoise|elephant|storm)\s(?:called|named)|\b(?:di nome|de nombre|de nom|mit namen)"
    r"|(?<!called)(?<!named)(?<!nome)(?<!nombre)(?<!nom)(?<!namen))\s$"
)
_CREATURE = re.compile(
    r",?\s(?:the|an?|il|le|la|el|der|die)\s(?:[\w-]+\s){0,2}"
    r"(?:dog|cat|puppy|kitten|horse|pony|parrot|tortoise|beagle|labrador|spaniel|terrier|bulldog"
    r"|pug|poodle|rabbit|hamster|hedgehog|goat|pig|llama|alpaca|lion|tiger|elephant|seal|penguin"
    r"|owl"
    r"|swan|ferret|gerbil|guinea pig|gecko|turtle|budgie|cockatoo|macaw|donkey|mule"
    r"|cow|calf|lamb|hen|rooster|cockerel|goose|otter|badger|fox|gorilla"
    r"|retriever|collie|husky|dachshund|chihuahua|corgi|whippet|rottweiler|dalmatian|cockapoo"
    r"|labradoodle|schnauzer|setter|pointer|mastiff|alsatian|german shepherd"
    r"|cane|gatto|chien|chat|perro|gato|hund|kater|katze|pferd|cavallo|cheval|caballo)\b"
)
_RELATIVE = re.compile(
    r",\s(?:(?:the|an?|la|il|lo|una?|un|le|une|el|die|der|eine?)\s)?(?:\w+\s)?"
    r"(?:nonn[ao]|mamma|madre|donna|ragazz[ao]|bambin[ao]|figli[ao]|studentess?[ae]|pensionat[ao]"
    r"|parroco|pizzaiolo|attrice|cantante|maestr[ao]|infermier[ae]|calciatore|ciclista|vicin[ao]"
    r"|grandmother|grandfather|mother|widow|pensioner|schoolgirl|schoolboy|toddler|nurse|teacher"
    r"|postman|farmer|baker|cyclist|firefighter|plumber|town|village|hamlet|pub|bar|pizzeria"
    r"|trattoria|taberna|brasserie|boulangerie|bistrot?"
    r"|grand-mere|mere|(?:fille|femme)(?! d(?:es|u)\b)|gamine|lyceenne|retraitee?"
    r"|infirmiere|institutrice|instituteur"
    r"|garagiste|cycliste|boulangere?|fratrie|maire|medecin|peintre|poetesse|commune"
    r"|abuel[ao]|mujer|nin[ao]|chic[ao]|enfermer[ao]|vecin[ao]|carter[ao]|juez|jueza|alcalde"
    r"|alcaldesa|poetisa|pescador|pueblo|municipio|paese|borgo"
    r"|oma|rentner(?:in)?|mutter|frau|schulerin|lehrerin|dorf|barber|butcher|greengrocer|milkman"
    r"|caretaker|gardener|beekeeper|barista|waiter"
    r"|waitress|midwife|carer|headteacher|pupil|student|goalkeeper|striker|runner|swimmer|boxer"
    r"|rapper|singer|actor|actress|comedian|novelist|poet|monk|nun|priest|vicar|refugee|suburb"
    r"|parish|river|asteroid|moon|crater|tugboat|trawler|lifeboat|racehorse|greyhound|colt|filly"
    r"|prodigy|grandmaster|professor|scientist|mayor|councillor|lawyer|detective|soldier"
    r"|sailor|golfer|mp"
    r"|stallion|gelding|god|goddess|patron of|messenger|saint"
    r"|(?:pizza|cheese|cake|pie|tea|chocolate|biscuit|sweet|toy|tyre|paint|brick|piano|sausage"
    r"|cider) maker)\b"
)
"""Who somebody is, as it follows a name."""


def is_another(original: str, end: int, behind: str) -> bool:
    """Whether what follows a name makes it a person's, a place's or another company's.

    Args:
        original: The text as it was written.
        end: Where the name ends.
        behind: What stands after the name, without case and accents.
    """
    first = behind[:1]
    if first in {" ", ","} and _AND_SONS.match(behind):
        return True
    # Every name is asked: each pattern is looked for only where it can be.
    if first == " ":
        return _is_anothers_word(original, end, behind)
    if first == ",":
        patterns: tuple[re.Pattern[str], ...] = (_AGE, _COUNTRY)
        if _IN_A_STATE.match(original, end):
            return True
    elif first == "'":
        patterns = (_WHOSE,)
    else:
        patterns = (_HYPHENED, _HONORIFIC) if first else ()
    return any(pattern.match(behind) for pattern in patterns)


def _is_anothers_word(original: str, end: int, behind: str) -> bool:
    """The same where a word follows."""
    following = _WORD.match(behind)
    if following is None:
        return _AGE.match(behind) is not None
    if following[1] in _NEIGHBOURS:
        return True
    if following[1] in _FIRST_OF_TWO and _IN_TWO_WORDS.match(behind):
        return True
    aged = following[1] == "aged" or behind.startswith(",", following.end())
    if aged and _AGE.match(behind):
        return True
    if original[end + 1 : end + 2].isupper():
        return _CALLED_AFTER.match(original, end) is not None
    return behind.startswith(" of ") and _IN_A_STATE.match(original, end) is not None


def is_double(original: str, end: int) -> bool:
    """Whether a name is the first half of a surname in an English headline: `Lanvin-Hardy wins`.

    A German noun joins a house's name in the same way, so words that are only English must tell.

    Args:
        original: The text as it was written.
        end: Where the name ends.
    """
    half = _HALF.match(original, end)
    if half is None or fold(half[1]) in _NO_HALVES:
        return False
    return _ENGLISH.search(original) is not None


def is_other_half(first_names: Container[str], original: str, start: int) -> bool:
    """Whether a name is the second half of a surname: `Louis Carrère-Dior`.

    Args:
        first_names: First names, folded.
        original: The text as it was written.
        start: Where the name begins.
    """
    if original[start - 1 : start] != "-":
        return False
    half = _OTHER_HALF.search(original, max(start - _LONGEST_CALL, 0), start)
    return half is not None and fold(half[1]) in first_names


def is_titled(before: str) -> bool:
    """Whether the word right before a name is a person's title: `sindaco Ferrari`.

    Args:
        before: The folded word right before the name, empty if there is none.
    """
    return before in _TITLES


def is_somebody(ahead: str, before: str, behind: str) -> bool:
    """Whether a name is said to be a person's, an animal's or a storm's: `a dog called Hermès`.

    Args:
        ahead: What stands before the name, without case and accents.
        before: The word right before the name, empty if there is none.
        behind: What stands after the name.
    """
    if before in CALLS and _CALLED.search(ahead):
        return True
    if _CREATURE.match(behind):
        return True
    return behind[:1] == "," and _RELATIVE.match(behind) is not None


def has_a_surname(original: str, end: int) -> bool:
    """Whether a name that is a first name too stands before a surname: `Mercedes Lackey signs`.

    What is said to be `the` something has one as good as that: `Valentino the penguin`.
    A house's name may be followed by what it makes, with a capital too; so only a headline that
    goes on in small letters tells, and what every house makes is no surname.

    Args:
        original: The text as it was written.
        end: Where the name ends.
    """
    if original.startswith(" the ", end):
        return True
    surname = _SURNAME.match(original, end)
    if surname is None or not surname[1][0].isupper() or fold(surname[1]) in _NO_SURNAMES:
        return False
    rest = original[surname.end() :]
    goes_on = _GOES_ON.match(rest) is not None
    return goes_on or share_of_capitals(LONG_WORD.findall(rest)) <= FEW_CAPITALS


def is_courted(before: str) -> bool:
    """Whether the word right before a name is one of courtesy: `Mr Armani`.

    Args:
        before: The folded word right before the name, empty if there is none.
    """
    return before in _COURTESY


def follows_a_first_name(original: str, start: int) -> bool:
    """Whether a word with a capital stands before a name where few others have one.

    That may be anybody's first name, or a word that only begins the sentence: so at its beginning
    it tells nothing.

    Args:
        original: The text as it was written.
        start: Where the name begins.
    """
    before = _FIRST_NAME.search(original, max(start - _LONGEST_CALL, 0), start)
    if before is None or fold(before[1]) in _NO_FIRST_NAMES:
        return False
    return share_of_capitals(LONG_WORD.findall(original, start)) <= FEW_CAPITALS


def holds_an_office(before: str) -> bool:
    """Whether the word right before a name is a title that no house's founder has, or a street.

    Args:
        before: The folded word right before the name, empty if there is none.
    """
    return before in _PLACES or (before in _TITLES and before not in _COURTESY)
