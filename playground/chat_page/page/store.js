// What the page knows: the bot, the people, the chats and their messages, kept by the events.

import { api } from "./api.js";
import { setClock } from "./dom.js";

const TYPING_FOR = 6000; // Telegram shows it for five seconds and a bit

const same = (one, other) => String(one) === String(other);

/**
 * The page's picture of the server. `heard` hears of changes: list(), message(chat, message,
 * isNew), removed(chat, id), typing(chat), answer(event).
 */
export class Store {
  constructor(heard) {
    this.heard = heard;
    this.bot = { name: "ON News", username: "", about: {} };
    this.controls = null;
    this.people = [];
    this.chats = new Map();
    this.count = 0;
  }

  /** Reads everything anew; messages of chats that were open are read when they are shown. */
  async load() {
    const state = await api.state();
    setClock(state.now);
    this.bot = state.bot;
    this.controls = state.controls;
    this.people = state.people;
    const old = this.chats;
    this.chats = new Map(state.chats.map((chat) => {
      const known = old.get(String(chat.id));
      const kind = chat.kind === "supergroup" ? "group" : chat.kind;
      const owner = this.person(chat.person);
      // The same object goes on, since others hold it.
      return [String(chat.id), Object.assign(known ?? {}, chat, {
        kind,
        // A private chat is the bot's, as its person sees it.
        name: kind === "private" ? state.bot.name : chat.title,
        whose: (kind === "private" && owner?.name) || "",
        topics: chat.topics ?? [],
        members: chat.members ?? [],
        // What has been read on this page stays read, whatever the server still counts.
        unread: known ? known.unread : chat.unread ?? 0,
        speaker: known?.speaker ?? chat.person ?? chat.members?.[0] ?? state.people[0]?.id,
      })];
    }));
    this.heard.list();
  }

  person(id) {
    return this.people.find((person) => same(person.id, id));
  }

  /** What the bot says of itself to a person, in the person's language where it has a text. */
  about(person) {
    const texts = this.bot.about ?? {};
    const language = (this.person(person)?.language ?? "").toLowerCase();
    return texts[language] || texts[language.split("-")[0]] || texts[""] || "";
  }

  chat(id) {
    return this.chats.get(String(id));
  }

  /** Chats, the one that spoke last on top; silent ones keep the server's order below. */
  sorted() {
    // Dates are whole seconds; within one, what came later on this page stands higher.
    return [...this.chats.values()].sort((one, two) =>
      (two.last?.date ?? 0) - (one.last?.date ?? 0) || (two.heard ?? 0) - (one.heard ?? 0));
  }

  privateChat(person) {
    return [...this.chats.values()].find((chat) => chat.kind === "private" && same(chat.person, person));
  }

  /** Who may speak in a chat. */
  speakers(chat) {
    if (chat.kind === "private") return [this.person(chat.person)].filter(Boolean);
    const members = this.people.filter(({ id }) => chat.members.some((member) => same(member, id)));
    return members.length > 0 ? members : this.people;
  }

  /** The chats that a person can write to: what they share with others first. */
  chatsOf(person) {
    const chats = [...this.chats.values()].filter((chat) => (chat.kind === "private"
      ? same(chat.person, person)
      : this.speakers(chat).some(({ id }) => same(id, person))));
    return chats.sort((one, two) => (one.kind === "private") - (two.kind === "private"));
  }

  /** The channels, or the groups, that a person administers. */
  administered(person, kind) {
    return [...this.chats.values()].filter((chat) => chat.kind === kind
      && chat.administrators.some((id) => same(id, person)));
  }

  /** The messages of a chat, read once and then kept by the events. */
  messages(chat) {
    if (!chat.loading) {
      chat.loading = api.messages(chat.id).then((messages) => {
        chat.messages = messages;
        return messages;
      });
      chat.loading.catch(() => {
        chat.loading = null;
      });
    }
    return chat.loading.then(() => chat.messages);
  }

  /** Forgets read messages, after a break in which events may have been missed. */
  forget() {
    for (const chat of this.chats.values()) {
      chat.loading = null;
      chat.messages = null;
    }
  }

  async apply(event) {
    if (event.type === "chats") {
      await this.load();
      return;
    }
    const chat = this.chat(event.chat);
    if (event.type === "answer") {
      this.heard.answer(event);
    } else if (!chat) {
      await this.load();
    } else if (event.type === "typing") {
      this.#typing(chat);
    } else {
      // What happens while a chat is being read waits for it, in order.
      const happen = () => this.#happen(chat, event);
      if (chat.loading && !chat.messages) chat.loading.then(happen, happen);
      else happen();
    }
  }

  #happen(chat, event) {
    const { message } = event;
    if (event.type === "delete") {
      const id = message?.id ?? message;
      chat.messages = chat.messages?.filter((one) => !same(one.id, id)) ?? null;
      if (chat.messages) chat.last = chat.messages[chat.messages.length - 1] ?? null;
      this.heard.removed(chat, id);
      this.heard.list();
      return;
    }
    const at = chat.messages?.findIndex((one) => same(one.id, message.id)) ?? -1;
    const isNew = event.type === "message";
    if (at >= 0) chat.messages[at] = message;
    else if (isNew) chat.messages?.push(message);
    if (isNew) {
      this.count += 1;
      chat.heard = this.count;
    }
    if (isNew || same(chat.last?.id, message.id)) chat.last = message;
    if (message.from?.bot) this.#quiet(chat);
    this.heard.message(chat, message, isNew);
    this.heard.list();
  }

  #typing(chat) {
    window.clearTimeout(chat.typing);
    chat.typing = window.setTimeout(() => {
      this.#quiet(chat);
      this.heard.list();
    }, TYPING_FOR);
    this.heard.typing(chat);
    this.heard.list();
  }

  #quiet(chat) {
    if (!chat.typing) return;
    window.clearTimeout(chat.typing);
    chat.typing = null;
    this.heard.typing(chat);
  }
}

/** The reply keyboard that a chat shows now, as `{rows, placeholder, once, id}`, or null. */
export function replyKeyboard(messages) {
  for (const message of [...(messages ?? [])].reverse()) {
    const markup = message.reply_keyboard;
    if (markup === null || markup === undefined) continue;
    const rows = Array.isArray(markup) ? markup : markup.keyboard ?? markup.rows ?? [];
    if (rows.length === 0) return null;
    return {
      rows: rows.map((row) => row.map((key) => (typeof key === "string" ? { text: key } : key))),
      placeholder: markup.input_field_placeholder ?? "",
      once: Boolean(markup.one_time_keyboard),
      id: message.id,
    };
  }
  return null;
}
