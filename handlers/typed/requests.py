"""Requests in plain sentences: to follow a name, to see its news, to get more or less of it.

All languages are read at once, as in `plain_words`. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from handlers.typed.plain_words import command_of, courtesy_of, plain, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST = 8
"""The most words before a name."""

BEFORE: dict[str, dict[str, str]] = {
    "en": {
        "follow": "follow, add, subscribe to, start following, i want to follow, "
        "i'd like to follow, i would like to follow",
        "search": "search for, search, find, look for, look up",
        "want": "i want, i'd like, i would like, i want to see, show me, give me, latest, "
        "the latest, i like, i love, i'm interested in, interested in, only, just",
        "amount": "more, less, fewer, no, no more, stop, stop following, stop sending me, "
        "unfollow, unsubscribe from, remove, delete, hide, drop, enough, enough of, i don't want, "
        "i don't want any, i don't want any more, i don't like, don't send me, don't show me, "
        "not interested in, i'm not interested in, i am not interested in",
        "mute": "mute",
        "hour": "change the time to, change time to, set the time to, change it to, send it, "
        "send it to me, send me, send me the news, send me the edition, send me my edition",
        "pause": "pause, pause for, pause until, on holiday, i'm on holiday, i am on holiday, "
        "i'm away, holiday, no news",
        "language": "change language to, change the language to, switch to, speak",
    },
    "it": {
        "follow": "segui, seguire, voglio seguire, vorrei seguire, aggiungi",
        "search": "cerca, cercare, trova",
        "want": "voglio, vorrei, voglio vedere, mostrami, fammi vedere, dammi, ultime, novità, "
        "notizie, mi interessa, mi interessano, mi piace, mi piacciono, solo",
        "amount": "più, meno, basta, basta con, niente, niente più, non voglio, non voglio più, "
        "non seguire più, smetti di seguire, smetti con, togli, rimuovi, elimina, nascondi, "
        "non mi interessa, non mi interessa più, non mi interessano, non mi interessano più, "
        "non mandarmi più, non mi mandare più",
        "mute": "silenzia",
        "hour": "cambia orario, cambia l'orario, cambia ora, cambia l'ora, mandala, mandamela, "
        "mandarmela, inviamela, inviarmela, mandami l'edizione, vorrei l'edizione",
        "pause": "pausa, in pausa, metti in pausa, vacanza, in vacanza, sono in vacanza, sospendi",
        "language": "cambia lingua in, lingua, parla, passa a",
    },
    "es": {
        "follow": "seguir a, seguir, sigue a, sigue, quiero seguir a, quiero seguir, añade, añadir",
        "search": "buscar, busca",
        "want": "quiero, quisiera, quiero ver, me gustaría, muéstrame, enséñame, dame, noticias, "
        "novedades, me interesa, me interesan, me gusta, me gustan, solo",
        "amount": "más, menos, no más, no quiero, no quiero más, ya no quiero, ya no quiero más, "
        "quita, quitar, elimina, eliminar, oculta, ocultar, deja de seguir, dejar de seguir, "
        "deja de seguir a, dejar de seguir a, basta de, no me interesa, no me interesan, "
        "ya no me interesa, ya no me interesan, no me mandes, no me envíes",
        "mute": "silencia, silenciar",
        "hour": "cambia la hora, cambiar la hora, cambia la hora a, envíamela, mándamela, "
        "envíame la edición, mándame la edición, quiero la edición",
        "pause": "pausa, pausar, en pausa, de vacaciones, estoy de vacaciones, vacaciones, "
        "suspender",
        "language": "cambia el idioma a, cambiar el idioma a, idioma, habla, cambia a",
    },
    "fr": {
        "follow": "suivre, je veux suivre, je voudrais suivre, ajouter, ajoute, ajoutez",
        "search": "chercher, cherche, cherchez, rechercher",
        "want": "je veux, je voudrais, j'aimerais, je veux voir, montre-moi, montrez-moi, "
        "donne-moi, donnez-moi, actus, infos, actualités, dernières nouvelles, j'aime, "
        "je m'intéresse à, je m'intéresse aux, seulement",
        "amount": "plus de, moins de, pas de, plus d', moins d', pas d', ne plus suivre, "
        "je ne veux plus, je ne veux plus de, je ne veux plus d', je ne veux pas de, "
        "arrêter, arrêtez, arrête, arrêter de suivre, arrêtez de suivre, stop, assez de, "
        "supprimer, supprimez, supprime, retirer, retirez, retire, enlever, enlevez, enlève, "
        "je ne m'intéresse plus à, pas intéressé par, pas intéressée par",
        "mute": "masquer, masquez",
        "hour": "changer l'heure, changez l'heure, change l'heure, envoyez-la, envoyez-la-moi, "
        "envoie-la, envoyez-moi l'édition, je voudrais l'édition",
        "pause": "pause, en pause, mettre en pause, vacances, en vacances, je suis en vacances, "
        "suspendre",
        "language": "changer la langue en, changez la langue en, langue, parlez, parle, passer en",
    },
    "zh": {
        "follow": "关注, 我想关注, 添加",
        "search": "搜索, 搜一下, 查找",
        "want": "我想看, 我要看, 想看, 给我看, 看看, 来点, 最新, 最新的",
        "amount": "多发, 多看, 少发, 少看, 减少, 不要, 不要再发, 不想看, 不想再看, 别发, 别再发, "
        "取消关注, 不再关注, 停止, 删除, 去掉",
        "mute": "屏蔽",
        "hour": "改成, 改到, 改为, 时间改成, 时间改到, 时间改为, 每天",
        "pause": "暂停, 暂停到",
        "language": "说, 切换到, 换成, 语言改成",
    },
}
"""Language → kind of request → the words before a name that make this request."""

BEHIND: dict[str, dict[str, str]] = {
    "en": {"want": "news, latest, latest news, stories, headlines"},
    "it": {"want": "notizie, novità, news"},
    "es": {"want": "noticias, novedades"},
    "fr": {"want": "actualités, actus, infos"},
    "zh": {"want": "的新闻, 新闻, 的消息, 消息, 资讯, 的资讯, 的最新消息"},
}
"""Language → kind of request → the words after a name that make this request: `gucci news`."""

NEWS = {
    "en": (
        (
            "news, the news, any news, more news, latest, the latest, latest news, "
            "the latest news, anything, anything new, is there anything, is there anything new, "
            "what's new, whats new, what is new, show me news, show me the news, "
            "show me the latest, give me news, give me the news, give me the latest, i want news, "
            "i'd like news, stories, headlines"
        ),
        "about, on, of, from, in, with, at, for",
    ),
    "it": (
        (
            "notizie, le notizie, novità, le novità, ultime, le ultime, ultime notizie, "
            "le ultime notizie, cosa c'è di nuovo, che c'è di nuovo, voglio notizie, "
            "vorrei notizie, dammi notizie, dammi le notizie, mostrami le notizie, "
            "fammi vedere le notizie, ci sono notizie, ci sono novità"
        ),
        (
            "su, sul, sullo, sulla, sui, sugli, sulle, sull', di, del, dello, della, dei, degli, "
            "delle, dell', da, dal, dalla, in"
        ),
    ),
    "es": (
        (
            "noticias, las noticias, más noticias, últimas noticias, las últimas noticias, "
            "lo último, novedades, las novedades, qué hay de nuevo, hay noticias, hay novedades, "
            "hay algo nuevo, quiero noticias, quiero las noticias, dame noticias, "
            "dame las noticias, muéstrame noticias, muéstrame las noticias, titulares"
        ),
        (
            "de, del, de la, de los, de las, sobre, sobre el, sobre la, sobre los, sobre las, en, "
            "con"
        ),
    ),
    "fr": (
        (
            "nouvelles, des nouvelles, les nouvelles, actualités, l'actualité, les actualités, "
            "actus, les actus, infos, des infos, les infos, dernières nouvelles, "
            "les dernières nouvelles, les dernières actualités, quoi de neuf, du nouveau, "
            "je veux des nouvelles, je veux des infos, je voudrais des nouvelles, "
            "je voudrais des infos, donne-moi des nouvelles, donnez-moi des nouvelles, "
            "montrez-moi les actualités"
        ),
        "de, de la, de l', des, du, d', sur, sur le, sur la, sur les, sur l', chez, dans, en",
    ),
}
"""Language → words for news, and words that join them to their subject."""

POLITE_BEFORE = (
    "please, pls, can you, could you, would you, can i have, could i have, hi, hello, hey, ok, "
    "per favore, puoi, potresti, potete, ciao, por favor, puedes, podrías, hola, "
    "s'il vous plaît, s'il te plaît, svp, stp, peux-tu, pouvez-vous, pourriez-vous, bonjour, "
    "请, 麻烦, 请问, 你好"
)
POLITE_BEHIND = (
    "please, pls, plz, thanks, thank you, anymore, any more, per favore, grazie, per piacere, più, "
    "por favor, gracias, porfa, s'il vous plaît, s'il te plaît, svp, stp, merci, "
    "吧, 了, 谢谢, 好吗, 吗"
)
"""Polite words after a request; `POLITE_BEFORE` has those before it."""

ARTICLES = frozenset(
    {"the", "il", "lo", "la", "i", "gli", "le", "l", "el", "los", "las", "les", "un", "una"}
)
"""Articles that may come before a name."""
OF_A_NAME = frozenset({"want", "amount"})
"""Requests that need a known name, because `no` and `more` also begin other sentences."""
OF_SETTINGS = frozenset({"hour", "pause", "language"})
"""Requests with a time, a day or a language in place of a name."""

part_of_a_sentence = re.compile(r"[^\s'\u2019]{1,200}['\u2019]?|['\u2019]")


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """A sentence split into the kind of request and its subject."""

    kind: str
    """The kind of request, a key of `BEFORE` or `news`; empty if the sentence makes none."""
    words: str
    """The name that the request is about, or the whole sentence."""
    sentence: str
    """The whole sentence, without quotation marks around it."""

    @property
    def searched(self) -> str:
        """The words to search for if the sentence is searched for."""
        return self.sentence if self.kind in OF_SETTINGS else self.words


def read_request(sentence: str, known: Callable[[str], bool]) -> TypedRequest:
    """Return the request in a sentence; polite words are ignored only if the rest is understood.

    Args:
        sentence: One line, without the bot's name.
        known: Returns whether a name is that of a category or of a followed word.
    """
    whole = unquoted(sentence)
    if known(whole):
        return TypedRequest("", whole, whole)
    for asked in dict.fromkeys((sentence, without_courtesies(sentence))):
        kind, name = request_of(asked)
        if kind in OF_A_NAME:
            name = next((each for each in spellings(name) if known(each)), "")
            kind = kind if name else ""
        if kind:
            polite = without_courtesies(name)
            bare = kind in OF_SETTINGS or kind == "news" or known(polite)
            return TypedRequest(kind, polite if bare else name, whole)
        if asked != sentence and (command_of(asked) or courtesy_of(asked) or known(asked)):
            return TypedRequest("", unquoted(asked), whole)
    return TypedRequest("", whole, whole)


def request_of(text: str) -> tuple[str, str]:
    """Return the kind of request in a text, and its name; both empty if there is none."""
    for asking, kind in _CHINESE_BEFORE:
        if text.startswith(asking) and text != asking:
            return kind, unquoted(without_end(text[len(asking) :].strip()))
    ends = list(ends_of_words(text))
    for phrase, end in reversed(ends[:LONGEST]):
        name = text[end:].strip()
        if name and (kind := _BEFORE.get(phrase, "")):
            return kind, unquoted(without_end(name) if kind in OF_A_NAME else name)
    name = without_end(text)
    return ("want", unquoted(name)) if name != text else ("", "")


def without_end(text: str) -> str:
    """Return a name without words for news after it; a text that has no name stays whole."""
    return _without_behind(text, _BEHIND, _CHINESE_BEHIND)


def without_courtesies(text: str) -> str:
    """Return a sentence without polite words at its ends; a text of only such words stays whole."""
    before = ""
    while text != before:
        before = text
        for asking in _CHINESE_POLITE_BEFORE:
            text = text.removeprefix(asking).strip() or text
        for phrase, end in reversed(list(ends_of_words(text))[:LONGEST]):
            if phrase in _POLITE_BEFORE:
                text = text[end:].lstrip(" ,.!") or text
                break
        text = _without_behind(text, _POLITE_BEHIND, _CHINESE_POLITE_BEHIND)
    return text


def spellings(name: str) -> Iterator[str]:
    """Yield a name as it is, then without an article: `the watches`, `gli orologi`."""
    yield name
    first = part_of_a_sentence.match(name)
    if first is not None and plain(first[0]) in ARTICLES and name[first.end() :].strip():
        yield name[first.end() :].strip()


def ends_of_words(text: str) -> Iterator[tuple[str, int]]:
    """Yield each beginning of a text up to the end of a word, as `plain` text, and its length."""
    phrase = ""
    for part in part_of_a_sentence.finditer(text[: 40 * LONGEST]):
        if word := plain(part[0]):
            phrase = f"{phrase} {word}".strip()
            yield phrase, part.end()


def _without_behind(text: str, words: frozenset[str], chinese: tuple[str, ...]) -> str:
    for asking in chinese:
        if text.endswith(asking) and text != asking:
            return text.removesuffix(asking).strip()
    parts = list(part_of_a_sentence.finditer(text))
    for number in range(max(1, len(parts) - 4), len(parts)):
        phrase = " ".join(filter(None, (plain(part[0]) for part in parts[number:])))
        if phrase in words:
            return text[: parts[number].start()].rstrip(" ,")
    return text


def _phrases(listed: str) -> list[str]:
    return [each.strip() for each in listed.split(",")]


def _in_chinese(phrase: str) -> bool:
    return not phrase.isascii() and "\u4e00" <= phrase[0] <= "\u9fff"


def _longest_first(phrases: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(phrases.items(), key=lambda each: -len(each[0])))


_ASKING = {
    phrase: kind
    for table in BEFORE.values()
    for kind, listed in table.items()
    for phrase in _phrases(listed)
}
_BEFORE = {plain(phrase): kind for phrase, kind in _ASKING.items() if not _in_chinese(phrase)} | {
    plain(f"{news} {of}"): "news"
    for heads, joints in NEWS.values()
    for news, of in product(_phrases(heads), _phrases(joints))
}
_CHINESE_BEFORE = _longest_first(
    {phrase: kind for phrase, kind in _ASKING.items() if _in_chinese(phrase)}
    | {"关于": "news", "有关": "news", "有没有": "news"}
)
_ENDS = [
    phrase for table in BEHIND.values() for listed in table.values() for phrase in _phrases(listed)
]
_BEHIND = frozenset(plain(each) for each in _ENDS if not _in_chinese(each))
_CHINESE_BEHIND = tuple(sorted(filter(_in_chinese, _ENDS), key=len, reverse=True))
_POLITE_BEFORE = frozenset(plain(each) for each in _phrases(POLITE_BEFORE))
_CHINESE_POLITE_BEFORE = tuple(filter(_in_chinese, _phrases(POLITE_BEFORE)))
_POLITE_BEHIND = frozenset(plain(each) for each in _phrases(POLITE_BEHIND))
_CHINESE_POLITE_BEHIND = tuple(filter(_in_chinese, _phrases(POLITE_BEHIND)))
