// What a person writes with: the field, the commands, the inline results, the reply keyboard.

import { avatar, el, icon } from "./dom.js";
import { menu } from "./overlays.js";
import { Suggestions } from "./suggestions.js";
import { say } from "./words.js";

const PAUSE = 250; // milliseconds without a key before the bot is asked inline

/**
 * The foot of the conversation. `actions`: send(text), start(), commands() → list,
 * inline(query, signal) → {results, button}, lead(button above the results), post(query, result),
 * speak(person), topic(thread), unanswer(), press(button of a reply keyboard), failed(error).
 */
export class Composer {
  constructor(foot, actions) {
    this.foot = foot;
    this.actions = actions;
    this.drafts = new Map();
    this.frame = null;
    this.asking = null;
    this.keysShown = true;
    this.field = el("textarea", {
      class: "field", rows: 1, autocomplete: "off", enterkeyhint: "send", spellcheck: "false",
      "aria-label": say("message"), "data-testid": "composer",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event),
    });
    this.suggestions = new Suggestions(this.field);
    this.commandsButton = button("menu", say("commands"), "commands", () => this.#toggleCommands());
    this.keysButton = button("keys", say("keys"), "keys-toggle", () => this.#toggleKeys());
    this.sendButton = button("send", say("send"), "send", () => this.#submit());
    this.sendButton.classList.add("send");
    this.speaker = el("button", {
      type: "button", class: "speaker", "aria-haspopup": "menu", "data-testid": "speaker",
      onclick: () => this.#pickSpeaker(),
    });
    this.keys = el("div", {
      class: "reply-keys", role: "group", "aria-label": say("keys"), "data-testid": "reply-keyboard",
    });
    this.answering = el("div", { class: "answering", "data-testid": "answering" });
    this.topics = el("button", {
      type: "button", class: "topics", "aria-haspopup": "menu", "data-testid": "topics",
      onclick: () => this.#pickTopic(),
    });
    this.bar = el("div", { class: "bar" },
      this.speaker, this.commandsButton, this.field, this.keysButton, this.sendButton);
    this.startButton = el("button", {
      type: "button", class: "start", text: say("start"), "data-testid": "start",
      onclick: () => this.actions.start(),
    });
    foot.append(this.suggestions.node, this.topics, this.answering, this.bar, this.keys, this.startButton);
    document.addEventListener("pointerdown", (event) => {
      if (this.suggestions.open && !foot.contains(event.target)) this.suggestions.close();
    });
  }

  /**
   * Turns to a chat. `frame`: chat (id), kind, speaker (id), people (who may speak here),
   * username (of the bot), empty (nothing said yet), topics and thread (the topic that is written
   * into), answered (the message that is answered), replyKeyboard ({rows, placeholder} or null).
   */
  show(frame) {
    const moved = this.frame?.chat !== frame.chat;
    if (moved && this.frame) this.drafts.set(this.frame.chat, this.field.value);
    this.frame = frame;
    this.foot.hidden = false;
    if (moved) {
      this.close();
      this.field.value = this.drafts.get(frame.chat) ?? "";
      this.keysShown = true;
    }
    const fresh = frame.kind === "private" && frame.empty;
    this.startButton.hidden = !fresh;
    this.bar.hidden = fresh;
    this.field.placeholder = frame.replyKeyboard?.placeholder
      || say(frame.kind === "channel" ? "broadcast" : "message");
    this.#relabel();
    this.#drawSpeaker();
    this.#drawTopics();
    this.#drawAnswering();
    this.#drawKeys();
    this.#size();
  }

  /** Puts words into the field as if they had been typed. */
  write(text) {
    this.field.value = text;
    this.focus();
    this.field.setSelectionRange(text.length, text.length);
    this.#typed({ now: true });
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  close() {
    this.asking?.abort();
    window.clearTimeout(this.timer);
    this.suggestions.close();
  }

  #typed({ now = false } = {}) {
    this.#size();
    const text = this.field.value;
    const query = inlineQuery(text, this.frame.username);
    window.clearTimeout(this.timer);
    if (query !== null) {
      this.timer = window.setTimeout(() => this.#ask(query), now ? 0 : PAUSE);
    } else if (/^\/\S*$/u.test(text)) {
      this.asking?.abort();
      this.#suggestCommands(text.slice(1).toLowerCase());
    } else {
      this.close();
    }
  }

  async #ask(query) {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.bar.classList.add("asking");
    try {
      const { results, button: away } = await this.actions.inline(query, asking.signal);
      if (asking.signal.aborted) return;
      this.suggestions.show({
        kind: "inline",
        title: `@${this.frame.username}`,
        note: say("noResults"),
        button: away && {
          text: away.text,
          run: () => {
            this.#clear();
            this.actions.lead(away);
          },
        },
        items: results.map((result) => ({
          id: result.id,
          name: result.title,
          note: result.description,
          thumb: result.thumb,
          letter: [...(result.title || "?")][0],
          run: () => this.#post(query, result),
        })),
      });
    } catch (error) {
      if (!asking.signal.aborted) this.actions.failed(error);
    } finally {
      if (this.asking === asking) this.bar.classList.remove("asking");
    }
  }

  #post(query, result) {
    this.#clear();
    this.actions.post(query, result);
  }

  async #suggestCommands(typed) {
    const asked = this.field.value;
    const commands = await this.actions.commands();
    if (this.field.value !== asked) return;
    const wanted = typed.split("@")[0];
    const items = commands.filter(({ command }) => command.startsWith(wanted));
    if (items.length === 0) {
      this.suggestions.close();
      return;
    }
    this.suggestions.show({
      kind: "commands",
      title: "",
      items: items.map(({ command, description }) => ({
        id: command,
        name: `/${command}`,
        note: description,
        run: (how) => {
          // Tab completes, so that an argument can follow; a choice sends.
          if (how === "Tab") this.write(`/${command} `);
          else this.#say(this.#commandHere(command));
        },
      })),
    });
  }

  #toggleCommands() {
    if (this.suggestions.open && this.suggestions.node.dataset.kind === "commands") {
      this.suggestions.close();
      return;
    }
    this.focus();
    this.#suggestCommands("");
  }

  // In a group a command from the menu names its bot, since several may sit there.
  #commandHere(command) {
    return this.frame.kind === "private" ? `/${command}` : `/${command}@${this.frame.username}`;
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.suggestions.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    }
  }

  #submit() {
    const text = this.field.value.trim();
    if (text) this.#say(text);
  }

  async #say(text) {
    const { chat } = this.frame;
    this.#clear();
    try {
      await this.actions.send(text);
    } catch (error) {
      // What was not sent is not lost.
      if (this.frame.chat !== chat) this.drafts.set(chat, text);
      else if (!this.field.value) this.field.value = text;
      this.actions.failed(error);
    }
  }

  #clear() {
    this.field.value = "";
    this.close();
    this.#size();
  }

  #size() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.bar.classList.toggle("filled", this.field.value.trim() !== "");
  }

  // Who writes may speak another language than who wrote before.
  #relabel() {
    for (const [node, key] of [
      [this.field, "message"], [this.commandsButton, "commands"], [this.keysButton, "keys"],
      [this.sendButton, "send"], [this.keys, "keys"],
    ]) {
      node.setAttribute("aria-label", say(key));
      if (node.title) node.title = say(key);
    }
    this.startButton.textContent = say("start");
  }

  #drawSpeaker() {
    const { kind, people, speaker } = this.frame;
    this.speaker.hidden = kind === "private" || people.length === 0;
    if (this.speaker.hidden) return;
    const who = people.find(({ id }) => String(id) === String(speaker)) ?? people[0];
    this.speaker.setAttribute("aria-label", say("writingAs", who));
    this.speaker.title = say("writingAs", who);
    this.speaker.replaceChildren(avatar(who, "tiny"), icon("down"));
  }

  #pickSpeaker() {
    menu(this.speaker, this.frame.people.map((person) => ({
      label: say("writeAs", person),
      avatar: person,
      current: String(person.id) === String(this.frame.speaker),
      run: () => this.actions.speak(person.id),
    })));
  }

  #drawTopics() {
    const { topics = [], thread } = this.frame;
    this.topics.hidden = topics.length === 0;
    const name = topics.find(({ id }) => id === thread)?.name ?? say("general");
    this.topics.setAttribute("aria-label", say("intoTopic", { name }));
    this.topics.replaceChildren(el("span", { text: name }), icon("down"));
  }

  #pickTopic() {
    menu(this.topics, [{ id: undefined, name: say("general") }, ...this.frame.topics].map((topic) => ({
      label: topic.name,
      icon: "topic",
      current: topic.id === this.frame.thread,
      run: () => this.actions.topic(topic.id),
    })));
  }

  #drawAnswering() {
    const { answered } = this.frame;
    this.answering.hidden = !answered;
    if (!answered) return;
    const stop = button("close", say("answerNothing"), "unanswer", () => this.actions.unanswer());
    this.answering.replaceChildren(
      el("span", { class: "quote" },
        el("b", { text: say("replyTo", answered) }), el("span", { text: answered.text })),
      stop);
  }

  #drawKeys() {
    const rows = this.frame.replyKeyboard?.rows ?? [];
    this.keysButton.hidden = rows.length === 0;
    this.keys.hidden = rows.length === 0 || !this.keysShown || this.bar.hidden;
    this.keysButton.setAttribute("aria-expanded", String(!this.keys.hidden));
    this.keys.replaceChildren(...rows.map((row) => el("div", { class: "reply-row" },
      ...row.map((key) => el("button", {
        type: "button", class: "reply-key", "data-testid": "reply-key",
        onclick: () => this.actions.press(key),
      }, key.request_location ? icon("pin") : null, el("span", { text: key.text }))))));
  }

  #toggleKeys() {
    this.keysShown = !this.keysShown;
    this.#drawKeys();
  }
}

function button(name, label, testid, run) {
  return el("button", {
    type: "button", class: "icon-button", "aria-label": label, title: label, "data-testid": testid,
    onclick: run,
  }, icon(name));
}

/** What is asked of the bot inline, or null when the text does not begin with its name. */
function inlineQuery(text, username) {
  const match = /^@(\w+)\s([\s\S]*)$/u.exec(text);
  return match && match[1].toLowerCase() === username.toLowerCase() ? match[2] : null;
}
