"""Whole messages in plain words that mean a command or express a courtesy.

All languages are read at once, because a reader with Telegram in English may write `basta`.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from news.text.letters import without_accents

LONGEST = 40
"""The most characters of such a message."""
_QUOTES = frozenset('"“”„‟«»「」『』\uff02')


class Courtesy(StrEnum):
    """Messages that ask for no news but deserve a short reply."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    AGREED = "agreed"
    SIGN = "sign"
    """Only emoji or punctuation."""
    SEEN = "seen"
    """A picture, a sticker or a voice message, which has no words."""


COMMANDS: dict[str, dict[str, str]] = {
    "en": {
        "start": "start, begin, resume, restart, subscribe, sign me up",
        "latest": "latest, news, the news, latest news, headlines, what's new, whats new, any "
        "news, more, more news, next, anything new",
        "category": "category, categories, topics, choose, sections, houses, brands",
        "digest": "digest, my edition, today's edition, newsletter",
        "search": "search, find",
        "saved": "saved, reading list, my list, bookmarks",
        "settings": "settings, options, preferences, setup",
        "hour": "time, the time, change time, change the time, change my time, what time",
        "days": "days, weekdays, weekdays only, only weekdays, only on weekdays, not on weekends, "
        "no weekends, weekly, once a week, daily, every day",
        "language": "language, languages, change language, change the language, english, in "
        "english, italian, in italian, spanish, in spanish, french, in french, chinese, in chinese",
        "pause": "pause, holiday",
        "stop": "stop, unsubscribe, quit, end, enough, stop it, no more, cancel subscription, "
        "unsubscribe me, remove me, leave me alone, stop editions, no more messages, stop sending "
        "me messages, stop messaging me, stop sending messages",
        "help": "help, help me, commands, menu, info, how does it work, what can you do, ?, who "
        "are you, what are you, are you a bot, what is this, what's this",
    },
    "it": {
        "start": "inizia, inizio, iniziare, comincia, riprendi, riattiva, iscrivimi",
        "latest": "ultime, le ultime, notizie, le notizie, ultime notizie, novità, cosa c'è di "
        "nuovo, che c'è di nuovo, altre, altre notizie, ancora",
        "category": "categoria, categorie, temi, argomenti, scegli, sezioni, marchi, case",
        "digest": "edizione, la mia edizione, edizione di oggi",
        "search": "cerca, ricerca, trova",
        "saved": "salvati, salvate, da leggere, le mie notizie",
        "settings": "impostazioni, opzioni, preferenze",
        "hour": "orario, l'orario, cambia orario, cambia l'orario, cambia ora, cambia l'ora, "
        "a che ora",
        "days": "giorni, giorni feriali, solo giorni feriali, solo nei giorni feriali, non nel "
        "fine settimana, niente weekend, settimanale, una volta a settimana, una volta alla "
        "settimana, ogni giorno, tutti i giorni",
        "language": "lingua, lingue, cambia lingua, italiano, in italiano, inglese, in inglese, "
        "spagnolo, in spagnolo, francese, in francese, cinese, in cinese",
        "pause": "pausa, vacanza, vacanze",
        "stop": "basta, ferma, fermati, smetti, smettila, disiscrivimi, annulla iscrizione, stop, "
        "cancellami, come mi cancello, basta messaggi, non mandarmi più messaggi, non mandarmi "
        "più niente",
        "help": "aiuto, aiutami, comandi, menù, informazioni, come funziona, cosa sai fare, chi "
        "sei, sei un bot, che cos'è, cos'è questo",
    },
    "es": {
        "start": "empezar, comenzar, iniciar, inicio, reanudar, suscribirme, apúntame",
        "latest": "últimas, lo último, noticias, las noticias, últimas noticias, titulares, "
        "novedades, qué hay de nuevo, qué hay, hay novedades, más, más noticias",
        "category": "categoría, categorías, temas, elegir, secciones, marcas, firmas",
        "digest": "edición, mi edición, edición de hoy, la edición de hoy, boletín",
        "search": "buscar, busca, búsqueda, encontrar",
        "saved": "guardados, guardadas, noticias guardadas, mi lista, lista de lectura, mi lista "
        "de lectura, leer más tarde",
        "settings": "ajustes, configuración, opciones, preferencias",
        "hour": "hora, la hora, horario, cambiar hora, cambiar la hora, cambia la hora, a qué hora",
        "days": "días, días laborables, solo días laborables, entre semana, solo entre semana, "
        "semanal, una vez a la semana, una vez por semana, todos los días, cada día, a diario",
        "language": "idioma, idiomas, cambiar idioma, cambiar el idioma, cambia el idioma, "
        "español, en español, inglés, en inglés, en italiano, francés, en francés, chino, en chino",
        "pause": "pausar, pausa, vacaciones",
        "stop": "parar, para, detener, basta ya, no más, cancelar suscripción, cancelar la "
        "suscripción, darme de baja, dame de baja, baja, quiero darme de baja, cómo me doy de "
        "baja, no más mensajes, no me envíes más mensajes, deja de enviarme mensajes",
        "help": "ayuda, ayúdame, comandos, menú, información, cómo funciona, qué puedes hacer, "
        "qué sabes hacer, quién eres, eres un bot, qué es esto",
    },
    "fr": {
        "start": "commencer, démarrer, début, reprendre, recommencer, m'abonner, s'abonner, je "
        "m'abonne, abonnez-moi",
        "latest": "dernières, les dernières, actualités, actualité, l'actualité, actus, les "
        "actus, infos, les infos, nouvelles, dernières nouvelles, dernières actualités, derniers "
        "titres, titres, quoi de neuf, encore, plus de nouvelles, plus d'actualités",
        "category": "catégorie, catégories, thèmes, sujets, choisir, rubriques, marques, maisons",
        "digest": "mon édition, édition du jour, l'édition du jour",
        "search": "chercher, rechercher, recherche, trouver",
        "saved": "enregistrés, articles enregistrés, favoris, ma liste, liste de lecture, ma "
        "liste de lecture, à lire, à lire plus tard",
        "settings": "paramètres, réglages, préférences",
        "hour": "heure, l'heure, horaire, changer l'heure, changer d'heure, à quelle heure",
        "days": "jours, jours ouvrés, jours ouvrables, en semaine, seulement en semaine, pas le "
        "week-end, hebdomadaire, une fois par semaine, tous les jours, chaque jour",
        "language": "langue, langues, changer la langue, changer de langue, français, en "
        "français, anglais, en anglais, en italien, espagnol, en espagnol, chinois, en "
        "chinois",
        "pause": "vacances, congés",
        "stop": "arrêter, arrête, arrêtez, stopper, me désabonner, se désabonner, désabonnement, "
        "désabonnez-moi, me désinscrire, ça suffit, assez, je veux me désabonner, comment me "
        "désabonner, plus de messages, arrêtez de m'envoyer des messages",
        "help": "aide, à l'aide, aidez-moi, aide-moi, commandes, comment ça marche, comment ça "
        "fonctionne, que savez-vous faire, que sais-tu faire, qui êtes-vous, qui es-tu, tu es un "
        "bot, vous êtes un bot, c'est quoi",
    },
    "zh": {
        "start": "开始, 恢复, 订阅",
        "latest": "最新, 新闻, 最新消息, 最新资讯, 头条, 更多, 更多新闻, 有什么新闻, "
        "今天有什么新闻",
        "category": "分类, 类别, 主题, 品牌",
        "digest": "简报, 日报, 今日简报",
        "search": "搜索, 查找",
        "saved": "收藏, 已保存, 我的收藏",
        "settings": "设置, 选项",
        "hour": "时间, 改时间, 修改时间, 几点",
        "days": "工作日, 只要工作日, 周末不要, 每周, 每周一次, 每天",
        "language": "语言, 更改语言, 换语言, 英语, 英文, 中文, 简体中文, 意大利语, 西班牙语, 法语",
        "pause": "暂停",
        "stop": "停止, 退订, 取消订阅, 停, 别发了, 别再发了, 不要再发了, 停止发送, 如何退订",
        "help": "帮助, 菜单, 怎么用, 你是谁, 这是什么, 你是机器人吗",
    },
}
"""Language → command → the messages that mean it.

Hours, days, languages and pauses are pages of the settings.
"""

COURTESIES: dict[str, dict[Courtesy, str]] = {
    "en": {
        Courtesy.GREETING: "hi, hello, hey, hi there, hello there, good morning, good afternoon, "
        "good evening, morning, hello bot, how are you",
        Courtesy.THANKS: "thanks, thank you, thx, ty, many thanks, thanks a lot, thank you very "
        "much, cheers, great thanks, perfect thanks, thank you so much, i love it, love it, well "
        "done, good job, nice work, awesome, amazing, brilliant, wonderful",
        Courtesy.GOODBYE: "bye, goodbye, good night, see you, see you tomorrow",
        Courtesy.AGREED: "ok, okay, yes, no, fine, great, good, perfect, sure, got it, cool, wow, "
        "lol, haha, nice, interesting, all right, alright, yes please, no thanks, no thank you, "
        "not now, later, maybe later",
    },
    "it": {
        Courtesy.GREETING: "ciao, salve, buongiorno, buon giorno, buonasera, buona sera, buon "
        "pomeriggio, ehi, come va, come stai",
        Courtesy.THANKS: "grazie, grazie mille, molte grazie, tante grazie, ti ringrazio, ok "
        "grazie, perfetto grazie, bravo, brava, bravi, complimenti, bellissimo, fantastico",
        Courtesy.GOODBYE: "arrivederci, buonanotte, buona notte, a domani, a presto, addio",
        Courtesy.AGREED: "va bene, sì, certo, perfetto, ottimo, bene, d'accordo, capito, bello, "
        "ok perfetto, no grazie, non ora, più tardi, interessante, ahah",
    },
    "es": {
        Courtesy.GREETING: "hola, hola qué tal, buenos días, buen día, buenas tardes, buenas, qué "
        "tal, cómo estás",
        Courtesy.THANKS: "gracias, muchas gracias, mil gracias, muchísimas gracias, te lo "
        "agradezco, vale gracias, ok gracias, perfecto gracias, me encanta, buen trabajo, "
        "fantástico, qué bien",
        Courtesy.GOODBYE: "adiós, hasta luego, hasta mañana, hasta pronto, nos vemos, chao, "
        "buenas noches",
        Courtesy.AGREED: "vale, de acuerdo, sí, perfecto, genial, estupendo, bien, muy bien, "
        "claro, entendido, no gracias, ahora no, más tarde, luego, interesante, qué interesante, "
        "jaja, jajaja",
    },
    "fr": {
        Courtesy.GREETING: "bonjour, bonjour à vous, salut, bonsoir, coucou, ça va, comment "
        "allez-vous, comment ça va",
        Courtesy.THANKS: "merci, merci beaucoup, merci bien, un grand merci, merci à vous, mille "
        "mercis, je vous remercie, parfait merci, ok merci, j'adore, génial, magnifique, bon "
        "travail",
        Courtesy.GOODBYE: "au revoir, à demain, à bientôt, à plus tard, bonne nuit, bonne "
        "journée, bonne soirée",
        Courtesy.AGREED: "d'accord, oui, non, parfait, très bien, bien sûr, super, entendu, "
        "compris, c'est noté, ça marche, ok parfait, non merci, pas maintenant, plus tard, "
        "intéressant, mdr",
    },
    "zh": {
        Courtesy.GREETING: "你好, 您好, 嗨, 早, 早上好, 下午好, 晚上好",
        Courtesy.THANKS: "谢谢, 谢谢你, 多谢, 感谢, 太好了, 不错, 很好, 真棒",
        Courtesy.GOODBYE: "再见, 晚安, 拜拜",
        Courtesy.AGREED: "好, 好的, 是, 不, 可以, 明白, 不用了, 以后再说, 哈哈, 哈哈哈",
    },
}


def plain(text: str) -> str:
    """Return the letters and digits of a message in lower case, without accents.

    Empty if it has none, such as emoji alone; a lone question mark gives `?`, which asks for help.
    """
    written = without_accents(unicodedata.normalize("NFKC", text[: 2 * LONGEST]).casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in written)
    if not kept.strip() and "?" in written:
        return "?"
    return " ".join(kept.split())


def command_of(text: str) -> str | None:
    """Return the command that a whole message means, or None."""
    return _COMMANDS.get(plain(text)) if len(text) <= LONGEST else None


def unquoted(text: str) -> str:
    """Return a text without quotation marks around the whole of it."""
    inside = text[1:-1].strip()
    whole = text[:1] in _QUOTES and text[-1:] in _QUOTES and not _QUOTES.intersection(inside)
    return inside if whole and inside else text


def courtesy_of(text: str) -> Courtesy | None:
    """Return the courtesy that a whole message is, or None."""
    if len(text) > LONGEST:
        return None
    words = plain(text)
    return _COURTESIES.get(words) if words else Courtesy.SIGN


def opens_with_thanks(text: str) -> bool:
    """Return whether a message begins with thanks and goes on."""
    opening = plain(text)
    return any(opening.startswith(thanks) for thanks in _THANKS)


_COMMANDS = {
    plain(message): command
    for table in COMMANDS.values()
    for command, messages in table.items()
    for message in messages.split(",")
}
_COURTESIES = {
    plain(message): courtesy
    for table in COURTESIES.values()
    for courtesy, messages in table.items()
    for message in messages.split(",")
}
_THANKS = tuple(
    # Chinese has no spaces between words.
    plain(message) + ("" if language == "zh" else " ")
    for language, table in COURTESIES.items()
    for message in table[Courtesy.THANKS].split(",")
)
