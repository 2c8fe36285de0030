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
            r"\bthis week['\u2019]s (?:\w+ ){1,4}(?:moves|headlines)\b",
            # Galleries, quizzes and readers' contributions.
            r"^(?:gallery|galerie|photos?|fotos?|fotogallery|bildergalerie|diaporama)" + _BAR,
            r"^(?:en (?:images|im\xe1genes)|(?:le|in) immagini|in bildern)" + _BAR,
            r"^(?:in pictures|quiz|crossword)"
            + _BAR
            + r"|[.:|\u2013\u2014-] ?(?:le )?foto(?:gallery)?\W*$",
            r"\byour (?:\w+ )?(?:shots?|photos?|pictures?|pics)\b|\bsend us your\b|\bwristcheck\b",
            r"\breaders?['\u2019]s? (?:photos|pictures|letters|picks|questions)\b",
            r"\bletters to the editor\b",
            # Shopping lists and bargains.
            r"\bgift guide\b|\bgifts? (?:ideas|for (?:him|her|them|mum|dad|men|women|every\w*))\b",
            r"\bidee regalo\b|\bid\xe9es? cadeaux?\b|\bideas de regalo\b|\bgeschenkideen\b",
            r"\bregali (?:\w+ )?perfetti\b|\b(?:best|top|biggest) (?:\w+ ){0,4}deals\b",
            r"\b(?:discount|promo) codes?\b|\bcodes? promo\b|\bbons? plans?\b",
            r"\bsoldes (?:20\d\d|amazon|chez|\w+ ?:|.*\boffres\b)|\d ?%.*\bsoldes\b",
            r"^(?:the )?\d{1,3} (?:of the )?(?:best|coolest|prettiest|cutest)\b",
            rf"\bthe best (?!{_SPANS})(?:\w+ ){{1,2}}for\b",
            r"^(?:every|all the) (?:\w+ ){1,8}.*\branked\b",
            r"^(?:the |our |my )?top \d{1,3}\b(?! (?:bidder|lot|seller)s?\b)",
            r"\bwe rank(?:ed)? the\b|\bmust[- ](?:see|haves?)\b",
            r"\bwe(?:['\u2019]re| are) (?:coveting|loving|obsessed with)\b",
            r"\byou can (?:wear|buy|shop) (?:right )?now\b|\bnos (?:encanta|han enamorado)\b",
            r"^l[oa]s (?:m\xe1s \w+ )?(?:looks|atuendos|outfits)\b",
            r"^l[oa]s \w+ m\xe1s \w+ del mundo\b",
            # Advice.
            rf"(?:^|{_BAR} )how to \w|^should (?:i|you) buy\b|\bis it worth it\b",
            r"\b(?:an?|the|your) (?:\S+ ){0,2}guide to\b|\becco come \w+(?:[aei]re|rsi)\b",
            r"^(?:experience|discover|explore|indulge in|escape to) (?:the|an?|your)\b",
            r"^(?:learn to|live like) \w",
            r"^(?:what to (?:wear|buy|watch|read)|where to (?:buy|watch|shop))\b",
            r"^(?:come (?:vestirsi|abbinare|scegliere|pulire)|cosa (?:indossare|regalare))\b",
            r"^(?:c\xf3mo (?:llevar|combinar|elegir)|comment (?:porter|choisir|s'habiller))\b",
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
    obsessed now encanta enamorado looks atuendos outfits mas worth experience discover explore
    indulge escape learn live 氪 报 聘 拍 选 荐"""
)
"""Words, folded as for search, of which every sign contains one, but for a list with semicolons."""


def sign_of_filler(title: str, words: Iterable[str]) -> str:
    """Return the part of a title that shows that it is no news; empty if there is none.

    Args:
        title: The title as written.
        words: Its words, folded as for search.
    """
    if _TRIGGERS.isdisjoint(words) and not (";" in title or "\uff1b" in title):
        return ""
    found = _SIGNS.search(title)
    return "" if found is None else found.group().strip(" |:[(\u2013\u2014-")
