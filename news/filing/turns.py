"""What a title tells by a turn of words that no single word of it tells.

Shares and sums of money, by what is done with them; posts by their number; and what Chinese and
Japanese put behind a thing to say what becomes of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.filing.evidence import ENOUGH

if TYPE_CHECKING:
    from news.filing.evidence import Evidence

_DIGIT = re.compile(r"\d")
_SHARE = re.compile(
    r"\d\s?(?:%|\uff05|割|(?:prozent|per cent|percent|per cento|por ciento|pour cent)\b)",
    re.IGNORECASE,
)
"""What rose or fell by a share: figures of business, but for `100 %`, which is all of it."""
_ALL = re.compile(r"\b100\s?(?:%|\uff05|prozent\b)", re.IGNORECASE)
_SUM = re.compile(r"[$£€¥]|CHF")
_PROCEEDS = re.compile(
    r"\b(?:fetch|bring|realis|realiz|hammer|achiev)(?:e|ed|s|es)?(?:\s(?:for|a|at|over|nearly)){0,2}"
    r"\s(?:(?:US|HK|A)?[$£€¥]|CHF)\s?\d[\d.,]*\s?(?:m|mn|million)\b",
    re.IGNORECASE,
)
"""What a lot does at an auction: `fetches £2.1m`; houses do so too, without one."""
_RAISES = re.compile(
    r"\b(?:raises|raised|lands|secures|borrows|loses|earns|invests|to invest|pays|owes|sheds|burns"
    r"|banks|pockets|injects|seeks)\s(?:(?:over|nearly|up to|another)\s)?(?:US|HK|A)?[$£€¥]"
    r"\s?\d[\d.,]*\s?(?:m|mn|bn|tn|million|billion|trillion)\b",
    re.IGNORECASE,
)
"""What firms do with money."""
_LISTS = re.compile(
    r"\b(?:re)?lists\s(?:[\w'\u2019.-]+\s){0,5}(?:house|home|flat|apartment|estate|place|pad)\b",
    re.IGNORECASE,
)
"""What owners do with houses to live in."""
_SHOW = re.compile(
    r"[^\s発发進进親伸拡扩開开施舒拓展]展(?=$|[、\uff0c。\uff01!」』》”\s]|[をがにへでもは登亮启揭落于於在]|[开開]幕)"
)
"""An exhibition, as Chinese and Japanese put it behind what it shows: `ティアラ展`."""
_POSTS = re.compile(
    r"\d\s(?:neuen?\s)?(?:stellen|arbeitsplätze|mitarbeiter|mitarbeitende|beschäftigte|empleos"
    r"|puestos de trabajo|trabajadores|empleados|postos de trabalho|trabalhadores|funcionários"
    r"|banen)\b|\d(?:人|名)を?(?:削減|募集|採用|解雇)|裁[员員减減]\s?\d",
    re.IGNORECASE,
)
"""How many posts there are or will be no more."""
_TAKEN = re.compile(
    r"(?:事業|部門|子会社|工場|株式?|店舗|ビル)を(?:拡大|縮小|売却|再編|強化|譲渡|買収|取得|閉鎖|新設|増設|統合)"
    r"|が(?:取得|買収|出資|撤退)(?:$|へ|、)"
    r"|[关關][闭閉]\S{0,5}(?:画廊|畫廊|门店|門店|分店|专柜|專櫃|工厂|工廠|网店|網店|官网|办公室)"
)
"""What is bought, sold or shut, as Chinese and Japanese put it."""


def weigh_turns(title: str, evidence: Evidence) -> None:
    """Add what a title tells by how it is put.

    Args:
        title: As it was written.
        evidence: What its words say already.
    """
    if not title.isascii():
        if _TAKEN.search(title):
            evidence.sections["business"].add(ENOUGH, "what is bought or shut")
        if "展" in title and _SHOW.search(title):
            evidence.sections["events"].add(ENOUGH, "an exhibition in the title")
    if "lists" in title and _LISTS.search(title):
        evidence.sections["real-estate"].add(ENOUGH, "a home in the title")
    if _DIGIT.search(title):
        _weigh_figures(title, evidence)


def _weigh_figures(title: str, evidence: Evidence) -> None:
    if _POSTS.search(title):
        evidence.sections["job"].add(ENOUGH, "posts in the title")
    if _SHARE.search(title) and not _ALL.search(title):
        evidence.sections["business"].add(ENOUGH, "a share in the title")
    if _SUM.search(title) is None or evidence.tells("real-estate"):
        return
    if _PROCEEDS.search(title):
        evidence.sections["art"].add(ENOUGH, "proceeds in the title")
    if _RAISES.search(title):
        evidence.sections["business"].add(ENOUGH, "a sum in the title")
