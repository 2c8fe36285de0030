"""Links in letters that are never asked for. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

_UNWANTED = re.compile(
    r"unsub|opt[-_]?out|preference|d[ei]s(?:inscri|iscri|abon|abbon|uscri)|abmeld|abbestell|"
    r"[/=]baja\b|manage[-_]?(?:subs|profile|account)|update[-_]?(?:profile|subs)|"
    r"list-manage\.com/(?:profile|vcard|about)|view[-_]?(?:in[-_]?browser|online|e?mail)|"
    r"forward[-_]?(?:to|email|friend)|sharer|/share\b|intent/(?:tweet|post)|sharearticle|"
    r"//(?:wa\.me|api\.whatsapp\.com|t\.me/share)",
    re.IGNORECASE,
)


def is_unwanted(link: str) -> bool:
    """Return whether an address is one to change a subscription, to share or to forward."""
    return bool(_UNWANTED.search(link) or _UNWANTED.search(unquote(link)))
