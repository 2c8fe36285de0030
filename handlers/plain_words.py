"""What a message means that is no command: one by another name, a request, or a courtesy.

All languages at once: whoever has Telegram in English may well say `basta`.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from news.text.letters import without_accents

LONGEST = 40
"""Characters; whatever is longer says more than one of these."""
_QUOTES = frozenset('"“”„‟«»「」『』\uff02')


class Courtesy(StrEnum):
    """What wants no news, but an answer that a person would give."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    AGREED = "agreed"
    SIGN = "sign"
    """Emoji, or nothing but marks."""
    SEEN = "seen"
    """A picture, a sticker, a voice: what has no words."""


COMMANDS: dict[str, dict[str, str]] = {
    "en": {
        "start": "start, begin, resume, restart, subscribe, sign me up",
        "latest": "latest, news, the news, latest news, headlines, what's new, whats new, any news",
        "category": "category, categories, topics, choose, sections, houses, brands",
        "digest": "digest, my edition, today's edition, newsletter",
        "search": "search, find",
        "saved": "saved, reading list, my list, bookmarks",
        "settings": "settings, options, preferences, setup",
        "pause": "pause, holiday",
        "stop": "stop, unsubscribe, quit, end, enough, stop it, no more, cancel subscription",
        "help": "help, help me, commands, menu, info, how does it work, what can you do, ?",
    },
    "it": {
        "start": "inizia, inizio, iniziare, comincia, riprendi, riattiva, iscrivimi",
        "latest": "ultime, le ultime, notizie, le notizie, ultime notizie, novità, "
        "cosa c'è di nuovo, che c'è di nuovo",
        "category": "categoria, categorie, temi, argomenti, scegli, sezioni, marchi, case",
        "digest": "edizione, la mia edizione, edizione di oggi",
        "search": "cerca, ricerca, trova",
        "saved": "salvati, salvate, da leggere, le mie notizie",
        "settings": "impostazioni, opzioni, preferenze",
        "pause": "pausa, vacanza, vacanze",
        "stop": "basta, ferma, fermati, smetti, smettila, disiscrivimi, annulla iscrizione, stop",
        "help": "aiuto, aiutami, comandi, menù, informazioni, come funziona, cosa sai fare",
    },
    "es": {
        "start": "empezar, comenzar, iniciar, inicio, reanudar, suscribirme, apúntame",
        "latest": "últimas, lo último, noticias, las noticias, últimas noticias, titulares, "
        "novedades, qué hay de nuevo, qué hay, hay novedades",
        "category": "categoría, categorías, temas, elegir, secciones, marcas, firmas",
        "digest": "edición, mi edición, edición de hoy, la edición de hoy, boletín",
        "search": "buscar, busca, búsqueda, encontrar",
        "saved": "guardados, guardadas, noticias guardadas, mi lista, lista de lectura, "
        "mi lista de lectura, leer más tarde",
        "settings": "ajustes, configuración, opciones, preferencias",
        "pause": "pausar, pausa, vacaciones",
        "stop": "parar, para, detener, basta ya, no más, cancelar suscripción, "
        "cancelar la suscripción, darme de baja, dame de baja, baja",
        "help": "ayuda, ayúdame, comandos, menú, información, cómo funciona, qué puedes hacer, "
        "qué sabes hacer",
    },
    "fr": {
        "start": "commencer, démarrer, début, reprendre, recommencer, m'abonner, s'abonner, "
        "je m'abonne, abonnez-moi",
        "latest": "dernières, les dernières, actualités, actualité, l'actualité, actus, les actus, "
        "infos, les infos, nouvelles, dernières nouvelles, dernières actualités, derniers titres, "
        "titres, quoi de neuf",
        "category": "catégorie, catégories, thèmes, sujets, choisir, rubriques, marques, maisons",
        "digest": "mon édition, édition du jour, l'édition du jour",
        "search": "chercher, rechercher, recherche, trouver",
        "saved": "enregistrés, articles enregistrés, favoris, ma liste, liste de lecture, "
        "ma liste de lecture, à lire, à lire plus tard",
        "settings": "paramètres, réglages, préférences",
        "pause": "vacances, congés",
        "stop": "arrêter, arrête, arrêtez, stopper, me désabonner, se désabonner, désabonnement, "
        "désabonnez-moi, me désinscrire, ça suffit, assez",
        "help": "aide, à l'aide, aidez-moi, aide-moi, commandes, comment ça marche, "
        "comment ça fonctionne, que savez-vous faire, que sais-tu faire",
    },
    "zh": {
        "start": "开始, 恢复, 订阅",
        "latest": "最新, 新闻, 最新消息, 头条",
        "category": "分类, 类别, 主题, 品牌",
        "digest": "简报, 日报, 今日简报",
        "search": "搜索, 查找",
        "saved": "收藏, 已保存, 我的收藏",
        "settings": "设置, 选项",
        "pause": "暂停",
        "stop": "停止, 退订, 取消订阅, 停",
        "help": "帮助, 菜单, 怎么用",
    },
}
"""A language → a command → the messages that mean it; `pause` is the settings' sheet."""

REQUESTS: dict[str, dict[str, str]] = {
    "en": {"follow": "follow", "search": "search for, search, find, look for, look up"},
    "it": {"follow": "segui, seguire, voglio seguire", "search": "cerca, cercare, trova"},
    "es": {
        "follow": "seguir a, seguir, sigue a, sigue, quiero seguir a, quiero seguir",
        "search": "buscar, busca",
    },
    "fr": {"follow": "suivre, je veux suivre", "search": "chercher, cherche, rechercher"},
    "zh": {"follow": "关注", "search": "搜索, 搜一下, 查找"},
}
"""A language → what is asked for → the words before a name that ask for it."""

COURTESIES: dict[str, dict[Courtesy, str]] = {
    "en": {
        Courtesy.GREETING: "hi, hello, hey, hi there, hello there, good morning, good afternoon, "
        "good evening, morning, hello bot, how are you",
        Courtesy.THANKS: "thanks, thank you, thx, ty, many thanks, thanks a lot, thank you very "
        "much, cheers, great thanks, perfect thanks",
        Courtesy.GOODBYE: "bye, goodbye, good night, see you, see you tomorrow",
        Courtesy.AGREED: "ok, okay, yes, no, fine, great, good, perfect, sure, got it, cool",
    },
    "it": {
        Courtesy.GREETING: "ciao, salve, buongiorno, buon giorno, buonasera, buona sera, "
        "buon pomeriggio, ehi, come va, come stai",
        Courtesy.THANKS: "grazie, grazie mille, molte grazie, tante grazie, ti ringrazio, "
        "ok grazie, perfetto grazie",
        Courtesy.GOODBYE: "arrivederci, buonanotte, buona notte, a domani, a presto, addio",
        Courtesy.AGREED: "va bene, sì, certo, perfetto, ottimo, bene, d'accordo, capito, bello",
    },
    "es": {
        Courtesy.GREETING: "hola, hola qué tal, buenos días, buen día, buenas tardes, buenas, "
        "qué tal, cómo estás",
        Courtesy.THANKS: "gracias, muchas gracias, mil gracias, muchísimas gracias, "
        "te lo agradezco, vale gracias, ok gracias, perfecto gracias",
        Courtesy.GOODBYE: "adiós, hasta luego, hasta mañana, hasta pronto, nos vemos, chao, "
        "buenas noches",
        Courtesy.AGREED: "vale, de acuerdo, sí, perfecto, genial, estupendo, bien, muy bien, "
        "claro, entendido",
    },
    "fr": {
        Courtesy.GREETING: "bonjour, bonjour à vous, salut, bonsoir, coucou, ça va, "
        "comment allez-vous, comment ça va",
        Courtesy.THANKS: "merci, merci beaucoup, merci bien, un grand merci, merci à vous, "
        "mille mercis, je vous remercie, parfait merci, ok merci",
        Courtesy.GOODBYE: "au revoir, à demain, à bientôt, à plus tard, bonne nuit, "
        "bonne journée, bonne soirée",
        Courtesy.AGREED: "d'accord, oui, non, parfait, très bien, bien sûr, super, entendu, "
        "compris, c'est noté, ça marche",
    },
    "zh": {
        Courtesy.GREETING: "你好, 您好, 嗨, 早, 早上好, 下午好, 晚上好",
        Courtesy.THANKS: "谢谢, 谢谢你, 多谢, 感谢",
        Courtesy.GOODBYE: "再见, 晚安, 拜拜",
        Courtesy.AGREED: "好, 好的, 是, 不, 可以, 明白",
    },
}


def plain(text: str) -> str:
    """A message as it stands in the tables: its letters and digits, small and without accents.

    Empty for one that has none, such as emoji; a question mark alone asks for help.
    """
    written = without_accents(unicodedata.normalize("NFKC", text[: 2 * LONGEST]).casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in written)
    if not kept.strip() and "?" in written:
        return "?"
    return " ".join(kept.split())


def command_of(text: str) -> str | None:
    """The command that a whole message means; None for any other message."""
    return _COMMANDS.get(plain(text)) if len(text) <= LONGEST else None


def request_of(text: str) -> tuple[str, str]:
    """What a message asks for with a name behind it, `follow` or `search`, and the name.

    Both are empty for any other message.
    """
    for asking, request in _REQUESTS:
        name = text[len(asking) :].strip()
        if name and text[: len(asking)].casefold() == asking:
            return request, unquoted(name)
    return "", ""


def unquoted(text: str) -> str:
    """A name or phrase without the quotation marks around the whole of it."""
    inside = text[1:-1].strip()
    whole = text[:1] in _QUOTES and text[-1:] in _QUOTES and not _QUOTES.intersection(inside)
    return inside if whole and inside else text


def courtesy_of(text: str) -> Courtesy | None:
    """The courtesy that a whole message is; None for one that asks for something."""
    if len(text) > LONGEST:
        return None
    words = plain(text)
    return _COURTESIES.get(words) if words else Courtesy.SIGN


_COMMANDS = {
    plain(message): command
    for table in COMMANDS.values()
    for command, messages in table.items()
    for message in messages.split(",")
}
_REQUESTS = sorted(
    (
        # Chinese has no spaces between words.
        (asking.strip() if language == "zh" else f"{asking.strip()} ", request)
        for language, table in REQUESTS.items()
        for request, askings in table.items()
        for asking in askings.split(",")
    ),
    key=lambda each: -len(each[0]),
)
_COURTESIES = {
    plain(message): courtesy
    for table in COURTESIES.values()
    for courtesy, messages in table.items()
    for message in messages.split(",")
}
