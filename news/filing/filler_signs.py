"""Signs of titles that are no news: podcasts, link round-ups, horoscopes, bargains, galleries.

The signs come from headlines that were read and labelled by hand; `tests/news/labelled` has the
labels. A sign is the form of a title, not its subject: a company that buys a podcast is news, a
title that ends in `| The BoF Podcast` is not. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.text.letters import table

if TYPE_CHECKING:
    from collections.abc import Iterable

_BAR = r" ?[:|\u2013\u2014-]"
_SPANS = r"(?:years?|quarters?|months?|weeks?|times?|days?|places?|ways?)\b"
_COUNT = (
    r"(?:[3-9]|[1-9]\d|three|four|five|six|seven|eight|nine|ten|trois|quatre|cinq|sept|huit|neuf|dix"
    r"|tre|quattro|cinque|sei|sette|otto|nove|dieci|tres|cuatro|cinco|seis|siete|ocho|nueve|diez"
    r"|drei|vier|f\xfcnf|sechs|sieben|acht|neun|zehn)"
)
"""The number of things in a list."""
_THE = r"(?:(?:the|les|l[oae]s?|i|gli|die|our|my|mes|nos|ces) )"
_LIST = rf"^{_THE}?{_COUNT} (?:[\w-]+ )?"
_MOST = rf"^{_THE}(?:{_COUNT} )?"
_MOST_OF_COUNT = rf"^{_THE}{_COUNT} "
_PRICE = r"\d[\d.,]*+(?! ?(?:%|k|mn?|mio|bn|mrd|mi\w*ll?i\w+|bill\w+)(?!\w))"
"""The price of a thing in a shop, not of a company or a building."""
_FIGURES = r"r\w*sult|vent|vendit|verk|ergebn|zahl|quarta|cifras|chiffres|numeri"
"""How words for the results of a company begin."""
_MOVES = (
    r"(?:Gains|Rises|Falls|Dips|Sinks|Increases|Slips|Declines|Surges|Outpaces|Beats|Drops|Climbs"
    r"|Lags)"
)
"""What a robot says of a share, behind its symbol."""
_SEE = (
    r"(?:d\xe9couvrir|voir|suivre|visiter|lire|vedere|scoprire|visitare|seguire|leggere|descubrir|ver"
    r"|visitar|leer|seguir|know|see|visit|discover|follow|watch|read|try)"
)
_SIGNS = re.compile(
    "|".join(
        (
            # Podcasts, newsletters and columns.
            r"^podcast\b|\bpodcast\s*[:#|]",
            r"[|:\u2013\u2014-]\s*(?:the )?(?:[\w&'\u2019]+ ){0,4}podcast\W*$",
            r"[|\u2013\u2014-]\s*the debrief\W*$|(?:^|[|\u2013\u2014-] ?)ep(?:isode)?\.? ?\d+\b",
            r"\b(?:morning|evening|weekend|daily|weekly|news) (?:briefing|digest|newsletter)\b",
            r"\b(?:morning|evening|weekend|daily|weekly|news) (?:wrap|round-?up)\b",
            r"\bnews in (?:brief|pictures)\b",
            r"^(?:newsletter|(?:\w+ ){0,2}(?:round-?up|recap))" + _BAR,
            r"\bhoroscopes?\b|\boroscop[oi]\b|\bhor[o\xf3]scopos?\b|\bhoroskope?\b",
            r"^(?:the |your )?(?:\w+ ){1,3}of the (?:day|week|month)\b|\bdaily dream home\b",
            r"^(?:\w+ ){1,2}(?:del giorno|della settimana|del d[i\xed]a|du jour|de la semaine)\b",
            r"^(?:\w+ ){1,2}(?:der woche|des tages)\b",
            r"\byou (?:might|may) have missed\b|\bread or download\b",
            r"\bthis week['\u2019]s (?:\w+ ){1,4}(?:moves|headlines)\b|\bworld this week\b",
            r"^the (?:weekly|monthly) \w+:|\bweek of \w{3,9}\.? \d|\bnews briefs?$",
            r"^(?:resumen|riassunto|r\xfcckblick|r[e\xe9]sum\xe9) (?:de|della|der) (?:la )?\w+ ?:",
            r"\band (?:more|other) (?:\w+ ){0,3}(?:news|stories|headlines|matters)\b|:.*\. e poi ",
            r"\u672c\u5468(?:\u503c\u5f97|\u91cd\u78c5)|^\u4e00\u5468(?![\u5e74\u5185\u524d\u540e])",
            r"\bvol\. ?\d+$",
            # Galleries, quizzes and readers' contributions.
            r"^(?:gallery|galerie|photos?|fotos?|fotogallery|bildergalerie|diaporama)" + _BAR,
            r"^(?:en (?:images|im\xe1genes)|(?:le|in) immagini|in bildern)" + _BAR,
            r"^(?:in pictures|quiz|crossword)"
            + _BAR
            + r"|[.:|\u2013\u2014-] ?(?:le )?foto(?:gallery)?\W*$",
            r"\byour (?:\w+ )?(?:shots?|photos?|pictures?|pics)\b|\bsend us your\b|\bwristcheck\b",
            r"\b(?:magazine|issue|revista|revue|rivista)\b.*\b(?:on sale|available|out) now\b",
            r"\breaders?['\u2019]s? (?:photos|pictures|letters|picks|questions)\b",
            r"\bletters to the editor\b",
            # Advice.
            rf"(?:^|{_BAR} )how to \w|^should (?:i|you) buy\b|\bis it worth it\b",
            r"\b(?:an?|the|your) (?:\S+ ){0,2}guide to\b|\becco come \w+(?:[aei]re|rsi)\b",
            r"^(?:experience|discover|explore|indulge in|escape to) (?:the|an?|your)\b",
            r"^(?:learn to|live like) \w",
            r"\b(?:everything|all|what) you (?:need to|should|must) know\b",
            r"\bguida all['\u2019]acquisto\b|\bguide d['\u2019]achat\b|\bgu[i\xed]a de compra\b",
            r"^stocks (?:to watch|making|moving)\b",
            r"^(?:what to (?:wear|buy|watch|read)|where to (?:buy|watch|shop))\b",
            r"^(?:come (?:vestirsi|abbinare|scegliere|pulire)|cosa (?:indossare|regalare))\b",
            r"^(?:c\xf3mo (?:llevar|combinar|elegir)|comment (?:porter|choisir|s'habiller))\b",
            # Robots' and brokers' advice on shares.
            r"(?-i:\((?:NYSE|NASDAQ|OTCMKTS|LON|EPA|ETR|BIT) ?: ?[A-Z.]+\))",
            r"(?-i:\([A-Z]{1,5}\) (?:Stock |Shares )?" + _MOVES + r"\b)",
            r"\bbuy, sell,? or hold\b|\bstock a (?:good )?buy\b",
            r"\ba buy (?:now|before|ahead|after)\b.*\?",
            r"\b(?:lifts|raises|cuts|trims|lowers|keeps) .{2,30} (?:pt|price target)\b",
            r"\bprice target (?:raised|cut|lowered|to|of|at)\b|\bkursziel\b|\bobjectif de cours\b",
            r"\bprezzo obiettivo\b|\bprecio objetivo\b",
            r"(?:\u9996\u4e88|\u7ef4\u6301|\u91cd\u7533).{0,6}(?:\u4e70\u5165|\u589e\u6301|\u8bc4\u7ea7)",
            # Interviews.
            r"^(?:interview|intervista|entrevista)(?:"
            + _BAR
            + r"| (?:mit|avec|with|ad?|al|con)\b)",
            r"[|\uff5c\u2013\u2014-] ?(?:the )?(?:interview|intervista|entrevista)\W*$",
            r"\bim interview\b|\bceo interview\b|^\u4e13\u8bbf|[|\uff5c].{0,4}\u4e13\u8bbf",
            # Advertisements and job offers.
            r"^(?:sponsored|advertorial|paid post|promoted|partner content|publireportage)\b",
            r"^anzeige\b|[\[(|] ?(?:sponsored|advertorial|paid post|partner content|ad|anzeige)\b",
            r"^(?:hiring|job|vacanc(?:y|ies)|offre d['\u2019]emploi|lavora con noi)" + _BAR,
            r"^stellenangebot\b|\bwe['\u2019]?(?:re| are) hiring\b|\bjoin our team\b|^win an? ",
            r"\bgiveaway\b|\b(?:supplier|exhibitor|member|trade|dealer) directory\b",
            r"\bbuyer['\u2019]?s['\u2019]? guide\b",
            # Chinese news digests, with bars or semicolons between their items.
            r"[\u4e00-\u9fff][^;\uff1b]*[;\uff1b][^;\uff1b]*[\u4e00-\u9fff][^;\uff1b]*[;\uff1b]",
            r"(?:[\u65e9\u665a\u65e5\u5468]\u62a5|8\u70b91\u6c2a) ?[\u4e28|\uff5c\uff1a:]",
            r"[\u4e28|\uff5c](?:\u54c1\u724c|\u884c\u4e1a)?[\u65e9\u665a\u65e5\u5468]\u62a5",
            r"^\u62db\u8058",
            # Chinese product pictures and recommendations.
            r"\u5b9e\u62cd|\u9996\u9009\u8155\u8868|\u63a8\u8350$",
        )
    ),
    re.IGNORECASE,
)
_LISTS = re.compile(
    "|".join(
        (
            # Shopping lists and bargains.
            r"\bgift guide\b|\bgifts? ideas\b",
            r"\bgifts? for (?:him|her|them|mum|dad|men|women|your|every\w*)\b",
            r"\bidee regalo\b|\bid\xe9es? cadeaux?\b|\bideas de regalo\b|\bgeschenkideen\b",
            r"\bregali (?:\w+ )?perfetti\b|\b(?:best|top|biggest) (?:\w+ ){0,4}deals\b",
            r"\b(?:discount|promo) codes?\b|\bcodes? promo\b|\bbons? plans?\b",
            rf"^{_COUNT} .*\b(?:por menos de|moins de|meno di|unter|under|less than) \W?{_PRICE}",
            r"\bsoldes (?:20\d\d|amazon|chez|\w+ ?:|.*\boffres\b)",
            r"\d ?% (?:sur|de (?:r\xe9duction|remise|rabais))\b.*\bsoldes\b",
            r"(?:^|: )(?:the )?\d{1,3} (?:of the )?(?:best|coolest|prettiest|cutest|finest)\b",
            rf"(?:^|: )the {_COUNT} (?:best|most) ",
            _MOST_OF_COUNT + r"\w+ (?:l[ae]s )?(?:plus|m[a\xe1]s|pi[u\xf9]) \w",
            rf"^{_THE}?{_COUNT} (?:[^\s,:;.]+ ){{1,6}}(?:\xe0|da|to|que|para) {_SEE}\b",
            r"\b(?:our|notre|nos) (?:top(?= (?:\d|picks|des?)\b)|picks|favou?rites|s\xe9lection)\b",
            r"\b(?:en|in) \d{1,2} (?:moments|looks|pictures|images|foto|immagini|im\xe1genes)\b",
            rf"(?:^|[:.|\u2013\u2014-] )the best (?!{_SPANS})(?:\w+ ){{1,2}}for\b",
            rf"^the best (?!{_SPANS}|sales |results |sellers )(?:new )?[a-z]+s (?!of 20)\w",
            rf"{_MOST}(?:meilleure?s|migliori|mejores|besten) (?!{_FIGURES})\w",
            _MOST + r"\w+ (?:l[ae]s )?(?:plus|m[a\xe1]s|pi[u\xf9]) \w+ (?:du|del) m[ou]nd[eo]\b",
            r"(?:^|: )die (?:\d+ )?\w+sten .*\b(?:der welt|aller zeiten)$",
            _LIST
            + r"(?:ways|things|tips|id[e\xe9]es?|astuces|conseils|consejos|claves|consigli)\b",
            rf"^{_THE}?{_COUNT} (?!000 )(?:[^\s,:;.]+ ){{1,6}}qui ",
            r"^(?:every|all the) (?:\w+ ){1,8}.*\branked\b",
            r"^(?:the |our |my )?top \d{1,3}\b(?! (?:bidder|lot|seller)s?\b)",
            r"\bwe rank(?:ed)? the\b|\bmust-(?:see|haves?)\b|\bmust haves\b",
            r"\bmust have(?= (?:d[aei]l{0,2}[ae]?|des|du|der|per|pour|para)\b|\W*$)",
            r"^editors?['\u2019]s? (?:picks?|choice)\b",
            r"\bonce in (?:a|your) life|\buna v(?:ez|olta) (?:en la vida|nella vita)\b",
            r"\bune fois dans (?:sa|ta|votre) vie\b",
            r"\bl(?:aquelle|equel|esquels|esquelles) choisir\b",
            r"\bl(?:aquelle|equel) est l[ae] (?:plus|moins|meilleure?)\b",
            r"\bwhich (?:one )?(?:is|are) (?:the )?(?:better|best)\b",
            r"^(?:comparativ[ao]|comparatif|vergleich(?:stest)?)" + _BAR,
            r"\u54ea\u5bb6\u5f3a|\u6a2a\u8bc4|^.{0,4}\u5341\u5927",
            r"\bwe(?:['\u2019]re| are) (?:coveting|loving|obsessed with)\b",
            r"\byou can (?:wear|buy|shop) (?:right )?now\b|\bnos (?:encanta|han enamorado)\b",
            r"^l[oa]s (?:m\xe1s \w+ )?(?:looks|atuendos|outfits)\b",
        )
    ),
    re.IGNORECASE,
)
"""Signs of a list or a bargain, which a report of results may have too."""
_FALL = r"(?:falls?|fell|drop(?:s|ped)?|slump(?:s|ed)?|rises?|rose|gain(?:s|ed)?|lost|loses?|grew)"
_RESULTS = re.compile(
    "|".join(
        (
            # A word such as fall, drop or borsa counts only where it can be no season or bag.
            rf"\b(?:sales|shares) (?:\w+ )?{_FALL}\b",
            rf"\b{_FALL} (?:by )?(?:\d(?!\d\d\d\b)|the most\b|ground\b)",
            r"\b(?:first|steep|sharp|big|biggest|worst) (?:fall|drop|decline|slump|loss)\b",
            r"\b(?:losses|profits?|revenues?|earnings|turnover|bankrupt\w*|layoffs|market value)\b",
            r"\b(?:bourse|(?:a|ont) perdu|perdent|pertes|recul\w*|bilan|croissance|faillites?)\b",
            r"\bventes\b(?! (?:priv|flash))|\bchiffres? d['\u2019]affaires\b|\ben hausse\b",
            r"(?-i:\bin Borsa\b)|\bpiazza affari\b|\bh(?:a|anno) perso\b|\bperdono\b",
            r"\bvendite\b(?! (?:priv|flash))|\b(?:in calo|ricavi|fatturato|bilancio|perdite)\b",
            r"\ben bolsa\b|\b(?:p\xe9rdidas|perdieron|han perdido|caen|cayeron|ventas|facturan)\b",
            r"\b(?:b\xf6rse|verluste?|umsatz|ums\xe4tze|r\xfcckgang|sink(?:t|en)|steigt|bilanz|aktien?)\b",
            r"\u8d22\u62a5|\u80a1\u4ef7|\u8425\u6536|\u4e1a\u7ee9|\u5229\u6da6|\u4e8f\u635f|\u4e0b\u6ed1|\u5e02\u503c",
        )
    ),
    re.IGNORECASE,
)
"""Words of a report of results or losses, in which a list or an annual sale is the subject."""
_TRIGGERS = table(
    """podcast debrief episode ep briefing digest newsletter wrap roundup round recap brief pictures
    horoscope horoscopes oroscopo oroscopi horoscopo horoscopos horoskop horoskope day week month
    daily giorno settimana dia jour semaine woche tages gallery galerie photo photos foto fotos
    fotogallery bildergalerie diaporama quiz crossword shot shots picture pics send wrist
    wristcheck reader readers letters gift gifts regalo cadeau cadeaux geschenkideen regali deals
    code codes promo plan plans soldes best coolest prettiest cutest ranked how should what where
    come cosa como comment sponsored advertorial paid promoted partner anzeige publireportage ad
    hiring job jobs vacancy vacancies emploi stellenangebot lavora team giveaway win directory
    guide missed download images imagenes immagini bildern top rank ranked must coveting loving
    magazine issue revista revue rivista world weekly monthly briefs resumen riassunto resume
    ruckblick other more poi vol meilleurs meilleures migliori mejores besten monde mundo mondo welt
    zeiten qui ways things tips idee idees astuces conseils consejos claves consigli editor editors
    once vez volta fois which quelle laquelle lequel lesquelles lesquels comparativa comparativo
    comparatif vergleich vergleichstest know guida guia stocks 周 强 评 十
    menos moins meno unter under less
    finest most our notre nos moments decouvrir voir suivre visiter lire vedere scoprire visitare
    seguire leggere descubrir ver visitar leer seguir see visit follow read try looks obsessed now
    encanta enamorado looks atuendos outfits mas worth experience discover explore
    indulge escape learn live interview intervista entrevista nyse nasdaq otcmkts lon epa etr bit
    gains rises falls dips sinks increases slips declines surges outpaces beats drops climbs lags
    buy pt target kursziel objectif prezzo precio 访 买 增 氪 报 聘 拍 选 荐"""
)
"""Words, folded as for search, of which every sign contains one, but for a list with semicolons."""


def sign_of_filler(title: str, words: Iterable[str]) -> str:
    """Return the part of a title that shows that it is no news, or ""; `words` are folded."""
    if _TRIGGERS.isdisjoint(words) and not (";" in title or "\uff1b" in title):
        return ""
    found = _SIGNS.search(title)
    if found is None:
        found = _LISTS.search(title)
        if found is not None and _RESULTS.search(title):
            return ""
    return "" if found is None else found.group().strip(" |:[(\u2013\u2014-")
