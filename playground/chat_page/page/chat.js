// Puts the page together: which chat is open, and what each thing that a reader can do, does.

import { api, listen } from "./api.js";
import { Buttons, copied, pickChat } from "./buttons.js";
import { Composer } from "./composer.js";
import { drawControls } from "./controls.js";
import { Conversation } from "./conversation.js";
import { avatar, el, listed } from "./dom.js";
import { drawList, walkable } from "./list.js";
import { manage } from "./members.js";
import { menu, toast } from "./overlays.js";
import { replyKeyboard, Store } from "./store.js";
import { say, speak } from "./words.js";

const byId = (id) => document.getElementById(id);
const narrow = window.matchMedia("(max-width: 720px)");
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
  answer: (event) => buttons.heard(event),
});

const buttons = new Buttons(store, {
  current: () => current,
  open,
  refresh,
  attempt,
  failed,
  write: (text) => composer.write(text),
  released: (message, key) => conversation.released(message, key),
});

const conversation = new Conversation(
  {
    scroller: byId("scroller"), log: byId("log"), toBottom: byId("to-bottom"), below: byId("below"),
  },
  {
    link: (address, node) => buttons.link(address, node),
    command: (text) => attempt(() => api.send(current.id, current.speaker, text, { thread: current.thread })),
    copy: copied,
    press: (message, key, node) => buttons.press(message, key, node),
    seek: (id) => conversation.seek(id),
    pending: (message, key) => buttons.pending(current, message, key),
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
  lead: ({ start_parameter: payload }) => buttons.start(current.speaker, payload ?? ""),
  post: (query, result) =>
    attempt(() => api.choose(current.speaker, current.id, query, result.id, current.thread)),
  speak: (person) => {
    current.speaker = person;
    refresh();
    composer.focus();
  },
  press: (key) => buttons.pressReply(key),
  failed,
});

// What the server says of a refusal is for engineers; a guest reads it in their language.
function failed(error) {
  const key = { 400: "refused", 403: "mayNot", 404: "noLonger" }[error.status];
  toast(say(key ?? "silent"));
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

// A channel or a group of the guest who looks; it is set up in their chat with the bot.
async function madeRoom(kind) {
  const person = looking ?? store.people[0]?.id;
  const { title } = await api.room(person, kind);
  await meet(person);
  toast(say("roomMade", { title }));
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
    back: "back", "to-bottom": "newest", pane: "conversation", log: "messages", members: "members",
  })) byId(id).setAttribute("aria-label", say(key));
  for (const [place, key] of [[".side", "chats"], [".side nav", "chats"], ["#controls", "demo"]]) {
    document.querySelector(place).setAttribute("aria-label", say(key));
  }
  byId("gone").textContent = say("stopped");
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
  byId("members").hidden = kind !== "group";
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

// ---- messages

function messageMenu(message, anchor) {
  menu(anchor, [
    { label: say("reply"), icon: "reply", run: () => reply(message) },
    { label: say("forward"), icon: "forward", run: () => forward(message) },
    { label: say("copy"), icon: "copy", run: () => copied(message.text ?? "") },
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
  const chat = await pickChat(store, say("forwardTo"), store.chatsOf(person));
  if (!chat) return;
  if (chat.kind !== "private") chat.speaker = person;
  await attempt(async () => {
    await api.forward(chat.id, person, from.id, message.id);
    await open(chat.id);
  });
}

// ---- the start

walkable(byId("chats"));
byId("members").addEventListener("click", () => attempt(async () => {
  await manage(store, current);
  await store.load();
  refresh();
}));
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
