// The messages of the open chat: days, groups of one sender, edits in place, and where it scrolls.

import { bubble, notice } from "./bubbles.js";
import { dayKey, dayName, el } from "./dom.js";
import { say } from "./words.js";

const NEAR = 120; // pixels from the end within which new messages pull the view along
const FOCUSABLE = "button, a, summary";
const TOGETHER = 300; // seconds within which messages of one sender stand as one group

/** Draws and keeps the open chat's messages; `actions` are what bubbles offer. */
export class Conversation {
  constructor({ scroller, log, toBottom, below }, actions) {
    Object.assign(this, { scroller, log, toBottom, below, actions });
    this.frame = null;
    this.messages = [];
    this.opened = new Map();
    this.unseen = 0;
    this.typingRow = null;
    // Whether new messages pull the view along. Only a reader who scrolls up ends it; where the
    // view stands in the midst of a smooth scroll says nothing.
    this.following = true;
    this.lastTop = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // A photo shows its height only when it is there.
    log.addEventListener("load", () => {
      if (this.following) this.toEnd();
    }, { capture: true });
    toBottom.addEventListener("click", () => this.toEnd({ smooth: true }));
    // The foot grows with what is typed, and the window with a phone's keyboard: who was at the
    // end stays there. The messages themselves still grow when their pictures and letters are there.
    const sizes = new ResizeObserver(() => {
      // A notice above the messages moves them down; who reads further up goes on at the same line.
      const top = scroller.getBoundingClientRect().top;
      if (this.following) this.toEnd();
      else if (this.topEdge) scroller.scrollTop += top - this.topEdge;
      this.topEdge = top;
    });
    sizes.observe(scroller);
    sizes.observe(log);
  }

  /** Shows a chat from its messages. `frame` says which (`chat`, `kind`) and who looks (`speaker`). */
  show(messages, frame) {
    this.frame = frame;
    this.messages = [...messages];
    this.unseen = 0;
    this.#draw();
    this.toEnd();
  }

  /** Shows nothing. */
  clear() {
    this.frame = null;
    this.messages = [];
    this.unseen = 0;
    this.typingRow = null;
    this.opened.clear();
    this.log.replaceChildren();
    this.#marks();
  }

  shows(chat) {
    return this.frame?.chat === chat.id;
  }

  /** Draws the same messages again, for another speaker or another reading of the ticks. */
  redraw(frame) {
    this.frame = frame;
    this.#steady(() => this.#draw());
  }

  add(message) {
    if (this.messages.some(({ id }) => String(id) === String(message.id))) {
      this.edit(message);
      return;
    }
    const follow = this.following || this.#view(message).outgoing;
    this.messages.push(message);
    this.#append(message, "new");
    this.#tickRead(message);
    this.#regroup();
    if (follow) {
      this.#arrive(message);
    } else {
      this.unseen += 1;
      this.#marks();
    }
  }

  edit(message) {
    const index = this.messages.findIndex(({ id }) => String(id) === String(message.id));
    if (index < 0) return;
    this.messages[index] = message;
    const old = this.#row(message.id);
    const focus = this.#focusIn(old);
    this.#steady(() => {
      old.replaceWith(this.#render(message));
      this.#regroup();
    });
    if (focus >= 0) {
      const keys = this.#row(message.id).querySelectorAll(FOCUSABLE);
      keys[Math.min(focus, keys.length - 1)]?.focus({ preventScroll: true });
    }
  }

  /** A pressed button waits no longer; an edit may have drawn it anew meanwhile. */
  released(message, key) {
    for (const busy of this.log.querySelectorAll('.key[aria-busy="true"]')) {
      const row = busy.closest("[data-message]");
      if (row.dataset.message === String(message.id) && busy.dataset.data === key.callback_data) {
        busy.removeAttribute("aria-busy");
      }
    }
  }

  remove(id) {
    this.messages = this.messages.filter((message) => String(message.id) !== String(id));
    this.#steady(() => {
      const row = this.#row(id);
      const day = row?.parentElement;
      row?.remove();
      if (day && !day.querySelector(".row")) day.remove();
      this.#regroup();
    });
  }

  /** Brings a message into view. */
  seek(id) {
    const row = this.#row(id);
    if (!row) return;
    this.following = false;
    this.#scrollTo(row.offsetTop + this.log.offsetTop - this.scroller.offsetTop - 8, true);
  }

  typing(on) {
    if (on === Boolean(this.typingRow)) return;
    const stay = this.following;
    if (on) {
      this.typingRow = el("div", { class: "row in last typing", "data-testid": "typing" },
        el("div", { class: "column" },
          el("div", { class: "bubble dots", role: "img", "aria-label": say("typing") },
            el("i"), el("i"), el("i"))));
      this.log.append(this.typingRow);
    } else {
      this.typingRow.remove();
      this.typingRow = null;
    }
    if (stay) this.toEnd();
  }

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd({ smooth = false } = {}) {
    this.following = true;
    this.#scrollTo(this.scroller.scrollHeight, smooth);
  }

  // Brings a new message into view: its end, or its beginning when it is taller than the view.
  #arrive(message) {
    const row = this.#row(message.id);
    if (row.offsetHeight < this.scroller.clientHeight) {
      this.toEnd({ smooth: true });
      return;
    }
    this.following = false;
    this.#scrollTo(row.offsetTop + this.log.offsetTop - this.scroller.offsetTop - 8, true);
  }

  #scrollTo(top, smooth) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top, behavior: smooth && !calm ? "smooth" : "instant" });
    this.#marks();
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    if (this.atEnd()) this.following = true;
    else if (scrollTop < this.lastTop - 1) this.following = false;
    this.lastTop = scrollTop;
    this.#marks();
  }

  // How a message stands in this chat. Own messages are the speaker's; in a channel nobody's.
  #view(message) {
    const { kind, speaker, topicOf } = this.frame;
    const own = kind !== "channel" && !message.from.bot
      && String(message.from.id) === String(speaker);
    const id = String(message.id);
    if (!this.opened.has(id)) this.opened.set(id, new Set());
    return {
      outgoing: own,
      named: kind === "group" && !own,
      topic: topicOf(message.thread),
      pictured: kind === "group" && !own,
      read: own && this.#answeredAfter(message),
      opened: this.opened.get(id),
    };
  }

  #answeredAfter(message) {
    const at = this.messages.indexOf(message);
    return at >= 0 && this.messages.slice(at + 1).some(({ from }) => from?.bot);
  }

  #render(message) {
    if (message.service) return notice(message);
    return bubble(message, this.#view(message), this.actions);
  }

  #draw() {
    this.log.replaceChildren();
    this.typingRow = null;
    for (const message of this.messages) this.#append(message);
    this.#regroup();
  }

  #append(message, mark = "") {
    const key = dayKey(message.date);
    const days = this.log.querySelectorAll(".day");
    let day = days[days.length - 1];
    if (day?.dataset.day !== key) {
      day = el("section", { class: "day", "data-day": key },
        el("h2", { class: "day-name", "data-testid": "day" },
          el("span", { text: dayName(message.date) })));
      if (this.typingRow) this.typingRow.before(day);
      else this.log.append(day);
    }
    const row = this.#render(message);
    if (mark) row.classList.add(mark);
    day.append(row);
  }

  // Once the bot has written, what people wrote before it has been read.
  #tickRead(message) {
    if (!message.from?.bot) return;
    for (const [index, earlier] of this.messages.entries()) {
      const row = this.#row(earlier.id);
      if (index < this.messages.length - 1 && row?.querySelector(".ticks:not(.read)")) {
        row.replaceWith(this.#render(earlier));
      }
    }
  }

  #regroup() {
    const shown = new Map(this.messages.map((message) => [String(message.id), message]));
    for (const day of this.log.querySelectorAll(".day")) {
      const rows = [...day.querySelectorAll(":scope > .row")];
      rows.forEach((row, index) => {
        const joins = (other) => other !== undefined
          && together(shown.get(row.dataset.message), shown.get(other.dataset.message));
        row.classList.toggle("first", !joins(rows[index - 1]));
        row.classList.toggle("last", !joins(rows[index + 1]));
      });
    }
  }

  #row(id) {
    return this.log.querySelector(`[data-message="${CSS.escape(String(id))}"]`);
  }

  #focusIn(row) {
    return [...row.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  }

  // Changes the log while what the reader looks at stays where it is.
  #steady(change) {
    if (this.following) {
      change();
      this.toEnd();
      return;
    }
    const top = this.scroller.getBoundingClientRect().top;
    const rows = [...this.log.querySelectorAll(".row[data-message]")];
    const first = rows.find((row) => row.getBoundingClientRect().bottom > top);
    const id = first?.dataset.message;
    // Offsets, since a row that is just arriving is drawn lower than it stands.
    const before = first?.offsetTop;
    change();
    const after = id === undefined ? null : this.#row(id);
    if (after) this.scroller.scrollTop += after.offsetTop - before;
    this.#marks();
  }

  #marks() {
    const end = this.following || this.atEnd();
    if (end) this.unseen = 0;
    this.toBottom.hidden = end;
    this.below.hidden = this.unseen === 0;
    this.below.textContent = String(this.unseen);
  }
}

function together(one, other) {
  return Boolean(one && other) && !one.service && !other.service
    && String(one.from.id) === String(other.from.id) && one.thread === other.thread
    && Math.abs(one.date - other.date) <= TOGETHER;
}
