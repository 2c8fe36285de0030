// What happens when somebody opens a link or presses a button.

import { api } from "./api.js";
import { copyText } from "./dom.js";
import { target } from "./links.js";
import { alertDialog, choose, toast } from "./overlays.js";
import { PLACES } from "./places.js";
import { replyKeyboard } from "./store.js";
import { say } from "./words.js";

const ECHO = 2000; // milliseconds in which an answer event is that of a press here

/** Copies a text, and says so. */
export async function copied(text) {
  await copyText(text);
  toast(say("copied"));
}

/** Asks for one of these chats; null where none is chosen. */
export async function pickChat(store, title, chats) {
  const notes = {
    private: say("chatWith", { name: store.bot.name }), direct: say("private"),
    group: say("group"), channel: say("channel"),
  };
  const picked = await choose(title, chats.map((chat) => ({
    id: chat.id, name: chat.whose || chat.name, note: notes[chat.kind],
  })));
  return picked ? store.chat(picked.id) : null;
}

/**
 * Links, the buttons under messages and those of the keyboard below. `page` does what they need of
 * the rest: current(), open(id), refresh(how), attempt(deed), failed(error), write(text) and
 * released(message, key).
 */
export class Buttons {
  #pressed = new Set();
  #lastPress = -ECHO;

  constructor(store, page) {
    this.store = store;
    this.page = page;
  }

  // ---- links

  /** Makes `node` lead where `address` does, a link into the bot as whoever is chosen. */
  link(address, node) {
    const leads = address ? target(address, this.store.bot.username) : null;
    if (leads?.kind === "web") {
      node.href = leads.href;
      node.target = "_blank";
      node.rel = "noopener noreferrer";
    } else if (leads) {
      node.href = address;
      node.addEventListener("click", (event) => {
        event.preventDefault();
        this.#follow(address);
      });
    }
    return node;
  }

  /** Opens what an address leads to; `start` is for a link that starts the bot. */
  #follow(address, person = this.page.current().speaker, start = (payload) => this.#startAs(payload)) {
    const leads = target(address, this.store.bot.username);
    if (leads?.kind === "deep") start(leads.payload);
    else if (leads?.kind === "group") this.#addToGroup(person, leads.payload);
    else if (leads) window.open(leads.href, "_blank", "noopener,noreferrer");
  }

  async #startAs(payload) {
    const speaker = String(this.page.current()?.speaker);
    const people = [...this.store.people].sort((one, two) =>
      (String(two.id) === speaker) - (String(one.id) === speaker));
    const who = await choose(say("openAs"), people.map((person) => ({
      ...person, note: say("inChatOf", { name: person.name, bot: this.store.bot.name }),
    })));
    if (who) await this.start(who.id, payload);
  }

  /** Starts the bot as `person`, and opens their chat with it. */
  async start(person, payload) {
    await this.page.attempt(async () => {
      await api.start(person, payload);
      const chat = this.store.privateChat(person);
      if (chat) await this.page.open(chat.id);
    });
  }

  async #addToGroup(person, payload) {
    const groups = this.store.administered(person, "group").filter(({ bot }) => !bot);
    const chat = await pickChat(this.store, say("whichGroup"), groups);
    if (!chat) return;
    await this.page.attempt(async () => {
      await api.join(chat.id, person, payload);
      chat.speaker = person;
      await this.page.open(chat.id);
    });
  }

  // ---- buttons under messages

  press(message, key, node) {
    if (key.callback_data !== undefined && key.callback_data !== null) {
      this.#tap(message, key, node);
    } else if (key.url) {
      this.#follow(key.url);
    } else if (key.copy_text) {
      copied(key.copy_text.text ?? key.copy_text);
    } else if (typeof key.switch_inline_query_current_chat === "string") {
      this.page.write(`@${this.store.bot.username} ${key.switch_inline_query_current_chat}`);
    } else {
      this.#shareInline(key);
    }
  }

  /** Whether a press of this button still waits for its answer. */
  pending(chat, message, key) {
    return this.#pressed.has(`${chat.id} ${message.id} ${key.callback_data}`);
  }

  async #tap(message, key, node) {
    const chat = this.page.current();
    if (this.pending(chat, message, key)) return;
    const mark = `${chat.id} ${message.id} ${key.callback_data}`;
    this.#pressed.add(mark);
    this.#lastPress = Infinity;
    node.setAttribute("aria-busy", "true");
    try {
      const said = await api.tap(chat.id, chat.speaker, message.id, key.callback_data);
      if (said?.text) this.#answer(said);
      // Whoever tapped is meant, and is not asked.
      if (said?.url) this.#follow(said.url, chat.speaker, (payload) => this.start(chat.speaker, payload));
    } catch (error) {
      this.page.failed(error);
    } finally {
      this.#pressed.delete(mark);
      this.#lastPress = performance.now();
      this.page.released(message, key);
    }
  }

  /** An answer that the server tells of; that to a press on this page comes back with the press. */
  heard(event) {
    if (event.text && performance.now() - this.#lastPress > ECHO) this.#answer(event);
  }

  #answer({ text, alert }) {
    if (alert) alertDialog(this.store.bot.name, text);
    else toast(text);
  }

  async #shareInline(key) {
    const chosen = key.switch_inline_query_chosen_chat;
    const query = chosen?.query ?? (typeof chosen === "string" ? chosen : null)
      ?? key.switch_inline_query ?? "";
    const person = this.page.current().speaker;
    const every = this.store.chatsOf(person);
    const chats = every.filter((chat) => allowed(chat, chosen));
    const chat = await pickChat(this.store, say("sendTo"), chats.length > 0 ? chats : every);
    if (!chat) return;
    if (chat.kind !== "private") chat.speaker = person;
    await this.page.open(chat.id);
    this.page.write(`@${this.store.bot.username} ${query}`);
  }

  // ---- buttons of the keyboard below

  async pressReply(key) {
    const chat = this.page.current();
    const keys = replyKeyboard(chat.messages);
    await this.page.attempt(async () => {
      if (key.request_location) {
        const place = await choose(say("sharePlace"), PLACES.map((one) => ({ ...one, icon: "pin" })));
        if (!place) return;
        await api.location(chat.id, chat.speaker, place.latitude, place.longitude);
      } else if (key.request_chat) {
        const { request_id: request, chat_is_channel: channel } = key.request_chat;
        const room = await pickChat(this.store, say(channel ? "whichChannel" : "whichGroup"),
          this.store.administered(chat.speaker, channel ? "channel" : "group"));
        if (!room) return;
        await api.share(room.id, chat.speaker, request);
      } else {
        await api.send(chat.id, chat.speaker, key.text);
      }
      if (keys?.once) chat.usedKeys = keys.id;
      if (chat === this.page.current()) this.page.refresh({ redraw: false });
    });
  }
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
