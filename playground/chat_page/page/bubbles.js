// One message as a bubble: who, the preview card, the text, the time, and the keyboard below.

import { avatar, clockTime, el, icon, jewel } from "./dom.js";
import { formatted } from "./entities.js";
import { page } from "./rich.js";
import { say } from "./words.js";

const STYLES = new Set(["primary", "success", "danger"]);

/**
 * Draws one message.
 *
 * `view` tells how it stands in its chat: `outgoing`, `named` (the sender's name is shown),
 * `read` (the bot has answered since), `opened` (what the reader has unfolded in it).
 * `actions` are what a reader can do: link, command, copy, press, pending, menu.
 */
export function bubble(message, view, actions) {
  const tools = {
    link: actions.link,
    command: actions.command,
    copy: actions.copy,
    opened: view.opened,
    key: (key) => keyButton(message, key, actions),
  };
  const body = el("div", { class: "bubble" });
  if (message.preview?.above) body.append(card(message.preview, actions));
  if (view.named) {
    const ink = message.from.bot ? "ink-bot" : `ink-${jewel(message.from.id)}`;
    body.append(el("p", { class: `sender ${ink}`, text: message.from.name }));
  }
  if (view.topic) body.append(el("p", { class: "topic", "data-testid": "topic", text: view.topic }));
  if (message.reply_to) body.append(quote(message.reply_to, actions));
  const origin = provenance(message);
  if (origin) body.append(origin);
  if (message.location) body.append(place(message.location));
  if (message.rich) {
    body.classList.add("paged");
    body.append(page(message.rich, tools), meta(message, view));
  } else {
    body.append(...said(message, view, tools, actions));
  }
  body.append(el("button", {
    type: "button", class: "bubble-menu", "aria-label": say("messageMenu"),
    "aria-haspopup": "menu", "data-testid": "message-menu",
    onclick: (event) => actions.menu(message, event.currentTarget),
  }, icon("more")));

  const column = el("div", { class: `column ${message.rich ? "wide" : ""}`.trim() }, body);
  if (message.keyboard?.length) column.append(keyboard(message, actions));
  const row = el("article", {
    class: `row ${view.outgoing ? "out" : "in"}`,
    "data-testid": "message",
    "data-message": message.id,
    "data-from": message.from.id,
    "data-out": String(Boolean(view.outgoing)),
    "aria-label": `${message.from.name}, ${clockTime(message.date)}`,
  });
  if (view.pictured) row.append(el("div", { class: "row-avatar" }, avatar(message.from, "small")));
  row.append(column);
  row.addEventListener("contextmenu", (event) => {
    // A link keeps the browser's own menu, and so does a selection.
    if (event.target.closest("a") || !window.getSelection().isCollapsed) return;
    event.preventDefault();
    actions.menu(message, { x: event.clientX, y: event.clientY });
  });
  return row;
}

const SERVICES = {
  added: "addedToGroup", joined: "joinedGroup", left: "leftGroup", removed: "removedFromGroup",
  topic: "openedTopic", shared: "sharedChat", supergroup: "becameSupergroup",
};

/** What happened in a chat, in the page's language: "Giulia joined". */
export function happened(service) {
  return say(SERVICES[service.what], service);
}

/** A line in the middle of the chat, for what nobody said. */
export function notice(message) {
  return el("article", {
    class: "row service", "data-testid": "message", "data-message": message.id,
    "data-from": message.from?.id ?? "",
  }, el("p", { class: "notice", text: message.text || happened(message.service) }));
}

// A plain message: its words, the card of a link below them, and when it was.
function said(message, view, tools, actions) {
  const words = el("div", { class: "text", dir: "auto", "data-testid": "text" });
  words.append(formatted(message.text ?? "", message.entities, tools));
  if (message.preview && !message.preview.above) {
    return [words, card(message.preview, actions), meta(message, view)];
  }
  words.append(meta(message, view));
  return [words];
}

// The message that this one answers; a tap leads to it.
function quote(answered, actions) {
  return el("button", {
    type: "button", class: "quote", "data-testid": "quote", onclick: () => actions.seek(answered.id),
  }, el("b", { text: answered.name }), el("span", { text: answered.text || say("message") }));
}

function provenance(message) {
  const lines = [];
  if (message.forwarded_from) {
    lines.push([`${say("forwardedFrom")} `, message.forwarded_from]);
  }
  if (message.via_bot) lines.push([`${say("via")} `, `@${String(message.via_bot).replace(/^@/u, "")}`]);
  if (lines.length === 0) return null;
  return el("p", { class: "provenance", "data-testid": "provenance" },
    ...lines.flatMap(([how, who], index) =>
      [index > 0 ? " " : null, how, el("b", { text: who })]));
}

function meta(message, view) {
  const parts = [];
  if (message.edited) parts.push(el("span", { class: "edited", text: say("edited") }));
  parts.push(el("time", {
    datetime: new Date(message.date * 1000).toISOString(), text: clockTime(message.date),
  }));
  if (view.outgoing) {
    parts.push(el("span", {
      class: `ticks ${view.read ? "read" : ""}`, role: "img",
      "aria-label": say(view.read ? "read" : "sent"),
    }, icon(view.read ? "ticks" : "tick")));
  }
  return el("span", { class: "meta" }, ...parts);
}

// A file: its name and its size beside a sign, as messengers draw one.
function file(preview, actions) {
  const node = el("a", {
    class: "file", "data-testid": "preview", "aria-label": `${preview.title}, ${preview.site}`,
  },
  el("span", { class: "file-sign" }, icon("paper")),
  el("span", { class: "file-words" },
    el("b", { text: preview.title }), el("span", { text: preview.site })));
  return actions.link(preview.url, node);
}

function card(preview, actions) {
  if (preview.file) return file(preview, actions);
  const picture = preview.image
    ? el("div", { class: "card-picture" }, image(preview))
    : null;
  const words = el("div", { class: "card-words" },
    preview.site ? el("span", { class: "card-site", text: preview.site }) : null,
    preview.title ? el("span", { class: "card-title", text: preview.title }) : null);
  const size = preview.image && preview.large ? "large" : "small";
  // A photo of its own has no words beside it, and is shown whole.
  const photo = preview.image && words.childElementCount === 0 ? "photo" : "";
  const node = el("a", {
    class: `card ${size} ${photo} ${preview.above ? "above" : "below"}`,
    "data-testid": "preview",
    "aria-label": [preview.site, preview.title].filter(Boolean).join(": ") || preview.url,
  });
  node.append(...[picture, words.childElementCount ? words : null].filter(Boolean));
  return actions.link(preview.url, node);
}

function image(preview) {
  const picture = el("img", { alt: "", decoding: "async", referrerpolicy: "no-referrer" });
  picture.addEventListener("error", () => picture.parentElement?.classList.add("broken"));
  picture.addEventListener("load", () => picture.parentElement?.classList.add("loaded"));
  picture.src = preview.image;
  return picture;
}

function place({ latitude, longitude }) {
  const words = `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  return el("p", { class: "place", "data-testid": "place" }, icon("pin"), el("span", { text: words }));
}

function keyboard(message, actions) {
  const rows = message.keyboard.map((row) => el("div", { class: "keys-row" },
    ...row.map((key) => keyButton(message, key, actions))));
  return el("div", { class: "keys", role: "group", "aria-label": say("buttons"), "data-testid": "keyboard" },
    ...rows);
}

const MARKS = [
  ["url", "out"], ["copy_text", "copy"],
  ["switch_inline_query", "forward"], ["switch_inline_query_chosen_chat", "forward"],
];

function keyButton(message, key, actions) {
  const busy = actions.pending(message, key);
  const mark = MARKS.find(([kind]) => key[kind] !== undefined && key[kind] !== null);
  const node = el("button", {
    type: "button",
    class: `key ${STYLES.has(key.style) ? key.style : ""}`.trim(),
    "data-testid": "key",
    "data-data": key.callback_data ?? null,
    "aria-busy": busy ? "true" : null,
    onclick: () => actions.press(message, key, node),
  }, el("span", { class: "key-text", text: key.text }));
  if (mark) {
    const corner = icon(mark[1]);
    corner.classList.add("key-mark");
    node.append(corner);
  }
  return node;
}
