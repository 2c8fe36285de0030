// Puts the page together: which chat is open, and what each thing that a reader can do, does.

import { api, listen } from "./api.js";
import { Composer } from "./composer.js";
import { drawControls } from "./controls.js";
import { Conversation } from "./conversation.js";
import { avatar, copyText, el, listed } from "./dom.js";
import { target } from "./links.js";
import { drawList, walkable } from "./list.js";
import { alertDialog, choose, menu, toast } from "./overlays.js";
import { PLACES } from "./places.js";
import { replyKeyboard, Store } from "./store.js";
import { say, speak } from "./words.js";

const byId = (id) => document.getElementById(id);
const narrow = window.matchMedia("(max-width: 720px)");
const pressed = new Set();
const ECHO = 2000; // milliseconds in which an answer event is that of a press here
let lastPress = -ECHO;
let current = null;
let looking = null; // who looked last, also while no chat is open

const store = new Store({
  list: () => {
    drawChats();
    if (current) refresh({ redraw: false });
  },
  message: onMessage,
  removed: (chat, id) => {
    if (conversation.shows(chat)) conversation.remove(id);
  },
  typing: (chat) => {
    if (!conversation.shows(chat)) return;
    conversation.typing(Boolean(chat.typing));
    drawHead();
  },
  answer: (event) => {
    // The answer to a press on this page comes back with the press itself.
    if (event.text && performance.now() - lastPress > ECHO) answer(event);
  },
});

const conversation = new Conversation(
  {
    scroller: byId("scroller"), log: byId("log"), toBottom: byId("to-bottom"), below: byId("below"),
  },
  {
    link: leadTo,
    command: (text) => attempt(() => api.send(current.id, current.speaker, text, { thread: current.thread })),
    copy: (text) => copy(text),
    press,
    seek: (id) => conversation.seek(id),
    pending: (message, key) => pressed.has(pressKey(current, message, key)),
    menu: messageMenu,
  },
);

const composer = new Composer(byId("foot"), {
  send: async (text) => {
    const { id, speaker, thread, answered } = current;
    await api.send(id, speaker, text, { thread, replyTo: answered?.id });
    drop(answered);
  },
  unanswer: () => drop(current.answered),
  topic: (thread) => {
    current.thread = thread;
    refresh({ redraw: false });
    composer.focus();
  },
  start: () => attempt(() => api.start(current.person, "")),
  commands: () => api.commands(current.speaker),
  inline: (query, signal) => api.inline(current.speaker, current.id, query, signal),
  lead: ({ start_parameter: payload }) => startFor(current.speaker, payload ?? ""),
  post: (query, result) =>
    attempt(() => api.choose(current.speaker, current.id, query, result.id, current.thread)),
  speak: (person) => {
    current.speaker = person;
    refresh();
    composer.focus();
  },
  press: pressReply,
  failed,
});

function failed(error) {
  toast(error.message || say("silent"));
}

async function attempt(deed) {
  try {
    return await deed();
  } catch (error) {
    failed(error);
    return null;
  }
}

// ---- the chats

function drawChats() {
  if (current && !store.chat(current.id)) {
    leave(); // a group that became a supergroup goes on under another id
    return;
  }
  if (current) current.unread = 0;
  byId("brand").textContent = store.bot.name;
  drawList(byId("chats"), store.sorted(), current?.id, (id) => open(id));
  drawControls(byId("controls"), store.controls, { attempt, open: meet, room: madeRoom });
  const unread = [...store.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${store.bot.name} playground`;
}

async function open(id, { record = true, focus = true } = {}) {
  const chat = store.chat(id);
  if (!chat) return;
  current = chat;
  byId("app").classList.add("in-chat");
  if (record && window.location.hash !== `#${id}`) window.history.pushState(null, "", `#${id}`);
  drawChats();
  if (!conversation.shows(chat)) conversation.clear();
  refresh({ redraw: false });
  const messages = await attempt(() => store.messages(chat));
  if (current?.id !== chat.id || messages === null) return;
  conversation.show(messages, frame());
  conversation.typing(Boolean(chat.typing));
  refresh({ redraw: false });
  if (focus && !narrow.matches) composer.focus();
}

// Opens the chat of somebody new, of whom an event may not have told yet.
async function meet(person) {
  if (!store.privateChat(person)) await store.load();
  const chat = store.privateChat(person);
  if (chat) await open(chat.id);
}

function leave() {
  current = null;
  composer.close();
  byId("app").classList.remove("in-chat");
  byId("head").hidden = true;
  byId("foot").hidden = true;
  drawNothing(el("p", { text: say("chooseChat") }));
  conversation.clear();
  drawChats();
}

function frame() {
  const chat = current;
  const topicOf = (thread) => chat.topics.find(({ id }) => id === thread)?.name ?? "";
  return { chat: chat.id, kind: chat.kind, speaker: chat.speaker, topicOf };
}

// Brings head and foot in line with the open chat; messages too when who looks has changed.
function refresh({ redraw = true } = {}) {
  looking = current.speaker;
  const other = speak(store.person(looking)?.language);
  if (other) relabel();
  if ((redraw || other) && conversation.shows(current)) conversation.redraw(frame());
  drawHead();
  const keys = replyKeyboard(current.messages);
  composer.show({
    chat: current.id,
    kind: current.kind,
    speaker: current.speaker,
    people: store.speakers(current),
    username: store.bot.username,
    empty: current.messages?.length === 0,
    topics: current.topics,
    thread: current.thread,
    answered: current.answered,
    replyKeyboard: keys && keys.id !== current.usedKeys ? keys : null,
  });
  if (current.messages?.length !== 0) {
    drawNothing();
  } else if (current.kind === "private") {
    drawNothing(
      avatar({ id: store.bot.username, name: store.bot.name, bot: true }),
      el("p", { class: "nothing-title", text: store.bot.name }),
      el("p", { text: store.about(current.person) }),
    );
  } else {
    drawNothing(el("p", { text: say("nothingHere") }));
  }
}

// What stands on the page whatever is open, in the language of who looks.
function relabel() {
  for (const [id, key] of Object.entries({
    back: "back", "to-bottom": "newest", pane: "conversation", log: "messages",
  })) byId(id).setAttribute("aria-label", say(key));
  for (const [place, key] of [[".side", "chats"], [".side nav", "chats"], ["#controls", "demo"]]) {
    document.querySelector(place).setAttribute("aria-label", say(key));
  }
  drawChats();
}

function drawNothing(...nodes) {
  byId("nothing").hidden = nodes.length === 0;
  byId("nothing").replaceChildren(...nodes);
}

function drawHead() {
  const { kind, name, whose, typing } = current;
  const isPrivate = kind === "private";
  byId("head").hidden = false;
  byId("head-avatar").replaceChildren(avatar({ id: current.id, name, bot: isPrivate }));
  byId("head-title").textContent = name;
  const members = store.speakers(current).map((person) => person.name);
  const note = {
    private: say("botSeenBy", { name: whose }),
    group: listed([...members, store.bot.name]),
    direct: say("between", { names: listed(members) }),
    channel: say("channel"),
  }[kind];
  byId("head-note").textContent = typing ? say("typing") : note;
  byId("head-note").classList.toggle("busy", Boolean(typing));
}

function onMessage(chat, message, isNew) {
  if (chat !== current) {
    if (isNew) chat.unread += 1;
    return;
  }
  // While its messages are still being read, this one is among them.
  if (!conversation.shows(chat)) return;
  if (isNew) conversation.add(message);
  else conversation.edit(message);
  refresh({ redraw: false });
}

// ---- links and buttons

function leadTo(address, node) {
  const leads = address ? target(address, store.bot.username) : null;
  if (leads?.kind === "web") {
    node.href = leads.href;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  } else if (leads) {
    node.href = address;
    node.addEventListener("click", (event) => {
      event.preventDefault();
      openAddress(address, current.speaker, startAs);
    });
  }
  return node;
}

async function startAs(payload) {
  const people = [...store.people].sort((one, two) =>
    (String(two.id) === String(current?.speaker)) - (String(one.id) === String(current?.speaker)));
  const who = await choose(say("openAs"), people.map((person) => ({
    ...person, note: say("inChatOf", { name: person.name, bot: store.bot.name }),
  })));
  if (who) await startFor(who.id, payload);
}

// Opens what an address leads to for `person`; `start` is for a link that starts the bot.
function openAddress(address, person, start) {
  const leads = target(address, store.bot.username);
  if (leads?.kind === "deep") start(leads.payload);
  else if (leads?.kind === "group") addToGroup(person, leads.payload);
  else if (leads) window.open(leads.href, "_blank", "noopener,noreferrer");
}

async function addToGroup(person, payload) {
  const chat = await pickChat(say("whichGroup"), store.administered(person, "group").filter(({ bot }) => !bot));
  if (!chat) return;
  await attempt(async () => {
    await api.join(chat.id, person, payload);
    chat.speaker = person;
    await open(chat.id);
  });
}

// A channel or a group of the guest who looks; it is set up in their chat with the bot.
async function madeRoom(kind) {
  const person = looking ?? store.people[0]?.id;
  const { title } = await api.room(person, kind);
  await meet(person);
  toast(say("roomMade", { title }));
}

async function startFor(person, payload) {
  await attempt(async () => {
    await api.start(person, payload);
    const chat = store.privateChat(person);
    if (chat) await open(chat.id);
  });
}

const pressKey = (chat, message, key) => `${chat.id} ${message.id} ${key.callback_data}`;

function press(message, key, node) {
  if (key.callback_data !== undefined && key.callback_data !== null) {
    tap(message, key, node);
  } else if (key.url) {
    openAddress(key.url, current.speaker, startAs);
  } else if (key.copy_text) {
    copy(key.copy_text.text ?? key.copy_text);
  } else if (typeof key.switch_inline_query_current_chat === "string") {
    composer.write(`@${store.bot.username} ${key.switch_inline_query_current_chat}`);
  } else {
    shareInline(key);
  }
}

async function tap(message, key, node) {
  const chat = current;
  const mark = pressKey(chat, message, key);
  if (pressed.has(mark)) return;
  pressed.add(mark);
  lastPress = Infinity;
  node.setAttribute("aria-busy", "true");
  try {
    const said = await api.tap(chat.id, chat.speaker, message.id, key.callback_data);
    if (said?.text) answer(said);
    // Whoever tapped is meant, and is not asked.
    if (said?.url) openAddress(said.url, chat.speaker, (payload) => startFor(chat.speaker, payload));
  } catch (error) {
    failed(error);
  } finally {
    pressed.delete(mark);
    lastPress = performance.now();
    // An edit may have drawn the button anew meanwhile.
    for (const busy of byId("log").querySelectorAll('.key[aria-busy="true"]')) {
      const row = busy.closest("[data-message]");
      if (row.dataset.message === String(message.id) && busy.dataset.data === key.callback_data) {
        busy.removeAttribute("aria-busy");
      }
    }
  }
}

function answer({ text, alert }) {
  if (alert) alertDialog(store.bot.name, text);
  else toast(text);
}

async function shareInline(key) {
  const chosen = key.switch_inline_query_chosen_chat;
  const query = chosen?.query ?? (typeof chosen === "string" ? chosen : null)
    ?? key.switch_inline_query ?? "";
  const person = current.speaker;
  const chats = store.chatsOf(person).filter((chat) => allowed(chat, chosen));
  const chat = await pickChat(say("sendTo"), chats.length > 0 ? chats : store.chatsOf(person));
  if (!chat) return;
  if (chat.kind !== "private") chat.speaker = person;
  await open(chat.id);
  composer.write(`@${store.bot.username} ${query}`);
}

function allowed(chat, chosen) {
  if (!chosen || typeof chosen !== "object") return true;
  const flag = {
    private: "allow_bot_chats",
    direct: "allow_user_chats",
    group: "allow_group_chats",
    channel: "allow_channel_chats",
  };
  return Boolean(chosen[flag[chat.kind]]);
}

async function pickChat(title, chats) {
  const notes = {
    private: say("chatWith", { name: store.bot.name }), direct: say("private"),
    group: say("group"), channel: say("channel"),
  };
  const picked = await choose(title, chats.map((chat) => ({
    id: chat.id, name: chat.whose || chat.name, note: notes[chat.kind],
  })));
  return picked ? store.chat(picked.id) : null;
}

async function pressReply(key) {
  const chat = current;
  const keys = replyKeyboard(chat.messages);
  await attempt(async () => {
    if (key.request_location) {
      const place = await choose(say("sharePlace"), PLACES.map((one) => ({ ...one, icon: "pin" })));
      if (!place) return;
      await api.location(chat.id, chat.speaker, place.latitude, place.longitude);
    } else if (key.request_chat) {
      const { request_id: request, chat_is_channel: channel } = key.request_chat;
      const room = await pickChat(say(channel ? "whichChannel" : "whichGroup"),
        store.administered(chat.speaker, channel ? "channel" : "group"));
      if (!room) return;
      await api.share(room.id, chat.speaker, request);
    } else {
      await api.send(chat.id, chat.speaker, key.text);
    }
    if (keys?.once) chat.usedKeys = keys.id;
    if (chat === current) refresh({ redraw: false });
  });
}

function messageMenu(message, anchor) {
  menu(anchor, [
    { label: say("reply"), icon: "reply", run: () => reply(message) },
    { label: say("forward"), icon: "forward", run: () => forward(message) },
    { label: say("copy"), icon: "copy", run: () => copy(message.text ?? "") },
  ]);
}

// What is written next answers this message, in its topic.
function reply(message) {
  current.answered = {
    id: message.id,
    name: message.from.name,
    text: (message.lead || message.text || say("message")).split("\n")[0],
  };
  if (current.topics.length > 0) current.thread = message.thread ?? undefined;
  refresh({ redraw: false });
  composer.focus();
}

// Nothing is answered any more, unless something else is by now.
function drop(answered) {
  if (!current || current.answered !== answered) return;
  current.answered = null;
  refresh({ redraw: false });
}

async function forward(message) {
  const from = current;
  const person = from.speaker;
  const chat = await pickChat(say("forwardTo"), store.chatsOf(person));
  if (!chat) return;
  if (chat.kind !== "private") chat.speaker = person;
  await attempt(async () => {
    await api.forward(chat.id, person, from.id, message.id);
    await open(chat.id);
  });
}

async function copy(text) {
  await copyText(text);
  toast(say("copied"));
}

// ---- the start

walkable(byId("chats"));
byId("back").addEventListener("click", () => {
  window.history.pushState(null, "", window.location.pathname);
  leave();
});
window.addEventListener("popstate", () => {
  const id = decodeURIComponent(window.location.hash.slice(1));
  if (store.chat(id)) open(id, { record: false });
  else leave();
});

async function begin() {
  await store.load();
  const wanted = decodeURIComponent(window.location.hash.slice(1));
  const first = store.chat(wanted) ?? (narrow.matches ? null : store.sorted()[0]);
  if (first) await open(first.id, { record: false });
}

async function again() {
  store.forget();
  await store.load();
  if (current) await open(current.id, { record: false, focus: false });
}

listen({
  onEvent: (event) => attempt(() => store.apply(event)),
  onLink: (up, back) => {
    byId("gone").hidden = up;
    if (back) attempt(again);
  },
});
attempt(begin);
