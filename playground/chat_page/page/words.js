// The page's own words, in the language of whoever looks. What the bot says is the bot's affair.
// A row is one thing said; its columns are the languages. `{name}` takes a value.

const LANGUAGES = ["en", "it", "es", "fr", "zh"];

const WORDS = {
  // The chats
  chats: ["Chats", "Chat", "Chats", "Discussions", "聊天"],
  chooseChat: ["Choose a chat to begin", "Scegli una chat per cominciare", "Elige un chat para empezar", "Choisissez une discussion pour commencer", "请选择一个聊天"],
  noMessages: ["No messages yet", "Ancora nessun messaggio", "Aún no hay mensajes", "Aucun message pour l’instant", "暂无消息"],
  nothingHere: ["Nothing here yet", "Qui non c’è ancora nulla", "Aquí aún no hay nada", "Rien pour l’instant", "这里还没有内容"],
  unread: ["{count} unread", "{count} non letti", "{count} sin leer", "{count} non lus", "{count}条未读"],
  typing: ["typing…", "sta scrivendo…", "escribiendo…", "écrit…", "正在输入…"],
  who: ["{name}: ", "{name}: ", "{name}: ", "{name}\u202f: ", "{name}："],
  you: ["You", "Tu", "Tú", "Vous", "您"],
  today: ["Today", "Oggi", "Hoy", "Aujourd’hui", "今天"],
  yesterday: ["Yesterday", "Ieri", "Ayer", "Hier", "昨天"],
  back: ["Back to the chats", "Torna alle chat", "Volver a los chats", "Retour aux discussions", "返回聊天列表"],
  newest: ["Scroll to the newest message", "Vai all’ultimo messaggio", "Ir al último mensaje", "Aller au dernier message", "跳到最新消息"],
  conversation: ["Conversation", "Conversazione", "Conversación", "Conversation", "对话"],
  messages: ["Messages", "Messaggi", "Mensajes", "Messages", "消息"],
  // Who sees a chat
  seenBy: ["seen by {name}", "come la vede {name}", "visto por {name}", "vu par {name}", "{name}的视角"],
  botSeenBy: ["bot, seen by {name}", "bot, come lo vede {name}", "bot, visto por {name}", "bot, vu par {name}", "机器人，{name}的视角"],
  between: ["between {names}", "tra {names}", "entre {names}", "entre {names}", "{names}之间"],
  channel: ["channel", "canale", "canal", "canal", "频道"],
  group: ["group", "gruppo", "grupo", "groupe", "群组"],
  private: ["private", "privata", "privado", "privée", "私聊"],
  chatWith: ["chat with {name}", "chat con {name}", "chat con {name}", "discussion avec {name}", "与{name}的聊天"],
  inChatOf: ["in {name}’s chat with {bot}", "nella chat di {name} con {bot}", "en el chat de {name} con {bot}", "dans la discussion de {name} avec {bot}", "{name}与{bot}的聊天"],
  openAs: ["Open as whom?", "Chi apre?", "¿Quién lo abre?", "Qui ouvre le lien\u202f?", "以谁的身份打开？"],
  // A message
  message: ["Message", "Messaggio", "Mensaje", "Message", "消息"],
  location: ["Location", "Posizione", "Ubicación", "Position", "位置"],
  forwardedFrom: ["Forwarded from", "Inoltrato da", "Reenviado de", "Transféré de", "转发自"],
  via: ["via", "tramite", "vía", "via", "来自"],
  edited: ["edited", "modificato", "editado", "modifié", "已编辑"],
  read: ["Read", "Letto", "Leído", "Lu", "已读"],
  sent: ["Sent", "Inviato", "Enviado", "Envoyé", "已发送"],
  messageMenu: ["Reply to, forward or copy this message", "Rispondi, inoltra o copia questo messaggio", "Responder, reenviar o copiar este mensaje", "Répondre, transférer ou copier ce message", "回复、转发或复制此消息"],
  reply: ["Reply", "Rispondi", "Responder", "Répondre", "回复"],
  forward: ["Forward", "Inoltra", "Reenviar", "Transférer", "转发"],
  copy: ["Copy text", "Copia il testo", "Copiar texto", "Copier le texte", "复制文字"],
  copied: ["Copied", "Copiato", "Copiado", "Copié", "已复制"],
  buttons: ["Buttons", "Pulsanti", "Botones", "Boutons", "按钮"],
  // What happened in a group
  addedToGroup: ["{name} added {other}", "{name} ha aggiunto {other}", "{name} ha añadido a {other}", "{name} a ajouté {other}", "{name}添加了{other}"],
  joinedGroup: ["{name} joined", "{name} ora fa parte del gruppo", "{name} se ha unido al grupo", "{name} a rejoint le groupe", "{name}加入了群组"],
  leftGroup: ["{name} left", "{name} ha lasciato il gruppo", "{name} ha salido del grupo", "{name} a quitté le groupe", "{name}退出了群组"],
  removedFromGroup: ["{name} removed {other}", "{name} ha rimosso {other}", "{name} ha eliminado a {other}", "{name} a retiré {other}", "{name}移除了{other}"],
  openedTopic: ["{name} opened the topic {other}", "{name} ha aperto l’argomento {other}", "{name} ha abierto el tema {other}", "{name} a ouvert le sujet {other}", "{name}创建了话题{other}"],
  sharedChat: ["{name} shared {other}", "{name} ha condiviso {other}", "{name} ha compartido {other}", "{name} a partagé {other}", "{name}分享了{other}"],
  becameSupergroup: ["The group became a supergroup", "Il gruppo è diventato un supergruppo", "El grupo es ahora un supergrupo", "Le groupe est devenu un supergroupe", "群组已升级为超级群组"],
  // Writing
  broadcast: ["Broadcast a message", "Pubblica un messaggio", "Publicar un mensaje", "Publier un message", "发布消息"],
  send: ["Send", "Invia", "Enviar", "Envoyer", "发送"],
  start: ["Start", "Avvia", "Iniciar", "Démarrer", "开始"],
  commands: ["Commands of the bot", "Comandi del bot", "Comandos del bot", "Commandes du bot", "机器人命令"],
  keys: ["Reply keyboard", "Tastiera delle risposte", "Teclado de respuestas", "Clavier de réponse", "回复键盘"],
  noResults: ["No results", "Nessun risultato", "Sin resultados", "Aucun résultat", "没有结果"],
  replyTo: ["Reply to {name}", "Rispondi a {name}", "Responder a {name}", "Répondre à {name}", "回复{name}"],
  answerNothing: ["Cancel the reply", "Annulla la risposta", "Cancelar la respuesta", "Annuler la réponse", "取消回复"],
  writingAs: ["Writing as {name}", "Scrivi come {name}", "Escribes como {name}", "Vous écrivez en tant que {name}", "以{name}的身份发言"],
  writeAs: ["Write as {name}", "Scrivi come {name}", "Escribir como {name}", "Écrire en tant que {name}", "以{name}的身份发言"],
  general: ["General", "Generale", "General", "Général", "综合"],
  intoTopic: ["Topic: {name}", "Argomento: {name}", "Tema: {name}", "Sujet\u202f: {name}", "话题：{name}"],
  sendTo: ["Send to…", "Invia a…", "Enviar a…", "Envoyer à…", "发送给…"],
  forwardTo: ["Forward to…", "Inoltra a…", "Reenviar a…", "Transférer à…", "转发给…"],
  sharePlace: ["Share which place?", "Quale luogo condividi?", "¿Qué lugar compartes?", "Quel lieu partager\u202f?", "分享哪个地点？"],
  close: ["Close", "Chiudi", "Cerrar", "Fermer", "关闭"],
  nothingToChoose: ["Nothing to choose", "Non c’è nulla da scegliere", "No hay nada que elegir", "Rien à choisir", "没有可选项"],
  silent: ["The playground does not answer", "Il playground non risponde", "El playground no responde", "Le playground ne répond pas", "演示服务没有响应"],
  stopped: ["ON News has stopped. What was said stays here; nothing new arrives until it is started again.", "ON News si è fermato. I messaggi restano qui; finché non riparte non arriva nulla di nuovo.", "ON News se ha detenido. Los mensajes siguen aquí; no llegará nada nuevo hasta que se reinicie.", "ON News s’est arrêté. Les messages restent ici\u202f; rien de nouveau n’arrive avant son redémarrage.", "ON News 已停止。消息会保留在这里；重新启动前不会收到新消息。"],
  refused: ["That did not work", "Non ha funzionato", "No ha funcionado", "Cela n’a pas fonctionné", "操作未成功"],
  mayNot: ["You may not write here", "Qui non puoi scrivere", "No puedes escribir aquí", "Vous ne pouvez pas écrire ici", "您不能在此发言"],
  noLonger: ["That is no longer there", "Non c’è più", "Ya no está", "Cet élément n’existe plus", "该内容已不存在"],
  // Who is in a group
  members: ["Members and roles", "Membri e ruoli", "Miembros y funciones", "Membres et rôles", "成员与角色"],
  role_owner: ["owner", "proprietario", "propietario", "propriétaire", "群主"],
  role_administrator: ["administrator", "amministratore", "administrador", "administrateur", "管理员"],
  role_member: ["member", "membro", "miembro", "membre", "成员"],
  role_none: ["not in the group", "non fa parte del gruppo", "no está en el grupo", "hors du groupe", "不在群组中"],
  make_owner: ["Make the owner", "Rendi proprietario", "Hacer propietario", "Nommer propriétaire", "转让群主"],
  make_administrator: ["Make an administrator", "Rendi amministratore", "Hacer administrador", "Nommer administrateur", "设为管理员"],
  make_member: ["Make a member", "Rendi membro", "Hacer miembro", "Ajouter comme membre", "设为成员"],
  make_none: ["Remove from the group", "Rimuovi dal gruppo", "Quitar del grupo", "Retirer du groupe", "移出群组"],
  // The demo
  invented: ["The stories are invented. Only those of 2017, and that Prada bought Versace, are true.", "Le notizie sono inventate. Sono vere solo quelle del 2017, e che Prada ha comprato Versace.", "Las noticias son inventadas. Solo son ciertas las de 2017, y que Prada compró Versace.", "Les articles sont inventés. Seuls sont vrais ceux de 2017, et le rachat de Versace par Prada.", "这里的新闻均为虚构，只有2017年的报道和Prada收购Versace一事属实。"],
  demo: ["The demo", "La demo", "La demo", "La démo", "演示"],
  publish: ["Publish a story", "Pubblica una notizia", "Publicar una noticia", "Publier un article", "发布一条新闻"],
  published: ["Published: {title}", "Pubblicata: {title}", "Publicada: {title}", "Publié\u202f: {title}", "已发布：{title}"],
  jump: ["Jump to {clock}", "Vai alle {clock}", "Ir a las {clock}", "Aller à {clock}", "跳到{clock}"],
  nowIs: ["It is {clock} in Milan, {day}", "A Milano sono le {clock} di {day}", "En Milán son las {clock} del {day}", "Il est {clock} à Milan, {day}", "米兰时间{day}{clock}"],
  guest: ["New guest", "Nuovo ospite", "Nuevo invitado", "Nouveau visiteur", "新访客"],
  room: ["New channel or group", "Nuovo canale o gruppo", "Nuevo canal o grupo", "Nouveau canal ou groupe", "新建频道或群组"],
  whichRoom: ["What would you like to set up?", "Che cosa vuoi configurare?", "¿Qué quieres configurar?", "Que souhaitez-vous configurer\u202f?", "您想设置什么？"],
  roomChannel: ["A channel of yours", "Un tuo canale", "Un canal tuyo", "Un canal à vous", "您的频道"],
  roomChannelNote: ["the bot posts there for its readers", "il bot ci pubblica per chi lo legge", "el bot publica allí para sus lectores", "le bot y publie pour ses lecteurs", "由机器人为读者发布"],
  roomForum: ["A group with topics", "Un gruppo con argomenti", "Un grupo con temas", "Un groupe avec des sujets", "带话题的群组"],
  roomForumNote: ["each topic with its own news", "ogni argomento con le sue notizie", "cada tema con sus noticias", "chaque sujet avec ses articles", "每个话题各有新闻"],
  roomMade: ["“{title}” is ready. Send /settings and tap My channels and groups", "«{title}» è pronto. Invia /settings e tocca I miei canali e gruppi", "«{title}» está listo. Envía /settings y toca Mis canales y grupos", "«\u202f{title}\u202f» est prêt. Envoyez /settings, puis touchez Mes canaux et groupes", "“{title}”已就绪。发送 /settings，再点按“我的频道和群组”"],
  whichChannel: ["Which channel?", "Quale canale?", "¿Qué canal?", "Quel canal\u202f?", "哪个频道？"],
  whichGroup: ["Which group?", "Quale gruppo?", "¿Qué grupo?", "Quel groupe\u202f?", "哪个群组？"],
  whoComes: ["Who comes in?", "Chi entra?", "¿Quién entra?", "Qui entre\u202f?", "谁来体验？"],
};

let column = 0;

/** The language that the page speaks now. */
export const spoken = () => LANGUAGES[column];

/** Speaks a person's language from here on, or English. True where that is another than before. */
export function speak(code) {
  const wanted = LANGUAGES.indexOf(String(code ?? "").toLowerCase().split(/[-_]/u)[0]);
  const before = column;
  column = Math.max(wanted, 0);
  document.documentElement.lang = column === LANGUAGES.indexOf("zh") ? "zh-Hans" : spoken();
  return column !== before;
}

/** One of the page's words, with its values filled in. */
export function say(key, values = {}) {
  return WORDS[key][column].replace(/\{(\w+)\}/gu, (_, name) => String(values[name] ?? ""));
}
