// The list of chats: whose it is, the last words, when, and how many are unread.

import { happened } from "./bubbles.js";
import { avatar, el, icon, listTime } from "./dom.js";
import { step } from "./overlays.js";
import { say } from "./words.js";

/** Draws the list. `chats` are as the page keeps them; `open(id)` is called for a choice. */
export function drawList(list, chats, current, open) {
  const focused = list.contains(document.activeElement)
    ? document.activeElement.dataset.chat : null;
  list.replaceChildren(...chats.map((chat) => el("li", {}, item(chat, current, open))));
  if (focused) list.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
}

/** The arrow keys walk the list. */
export function walkable(list) {
  list.addEventListener("keydown", (event) => step(event, [...list.querySelectorAll("button")]));
}

function item(chat, current, open) {
  const { last } = chat;
  const name = el("span", { class: "chat-name" });
  if (chat.kind === "group" || chat.kind === "channel") name.append(icon(chat.kind));
  name.append(el("span", { class: "chat-called", text: chat.name }));
  if (chat.whose) name.append(el("span", { class: "chat-whose", text: say("seenBy", { name: chat.whose }) }));
  return el("button", {
    type: "button", class: "chat", "data-testid": "chat", "data-chat": chat.id, "data-kind": chat.kind,
    "aria-current": String(chat.id) === String(current) ? "true" : null,
    onclick: () => open(chat.id),
  },
  avatar({ id: chat.id, name: chat.whose || chat.name }),
  el("span", { class: "chat-words" },
    el("span", { class: "chat-line" }, name,
      last ? el("time", { class: "chat-time", text: listTime(last.date) }) : null),
    el("span", { class: "chat-line" },
      el("span", { class: `chat-last ${chat.typing ? "busy" : ""}`, "data-testid": "chat-last" },
        ...preview(chat)),
      chat.unread > 0 ? el("span", {
        class: "badge", "data-testid": "unread", "aria-label": say("unread", { count: chat.unread }),
        text: String(chat.unread),
      }) : null)));
}

function preview({ last, kind, typing }) {
  if (typing) return [say("typing")];
  if (!last) return [say("noMessages")];
  // Of a page, only its first line, as a notification would show it.
  const words = (last.lead || last.text || "").split("\n").map((line) => line.trim()).filter(Boolean).join(" ")
    || (last.service ? happened(last.service) : "") || (last.location ? say("location") : "") || last.preview?.title || say("message");
  const shown = [...words].slice(0, 120).join("");
  if (last.service || (kind === "private" && last.from?.bot)) return [shown];
  if (kind === "channel") return [shown];
  const who = kind === "private" ? say("you") : last.from?.name;
  return [el("span", { class: "chat-who", text: say("who", { name: who }) }), shown];
}
