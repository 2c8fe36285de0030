// What comes over the page: a passing word, a dialog, a chooser, a small menu.

import { avatar, el, icon } from "./dom.js";
import { say } from "./words.js";

const TOAST_FOR = 4200;

/**
 * A word that passes by itself. It stands in a line of its own below the head of what is open, the
 * chat or the list of chats, so that it covers nothing.
 */
export function toast(text) {
  const box = document.getElementById("toasts");
  const pane = document.getElementById("pane");
  const open = pane.offsetParent === null ? document.querySelector(".side") : pane;
  const head = open.querySelector(":scope > header");
  if (head.nextElementSibling !== box) head.after(box);
  const node = el("p", { class: "toast", "data-testid": "toast", text });
  box.append(node);
  while (box.childElementCount > 3) box.firstElementChild.remove();
  window.setTimeout(() => node.remove(), TOAST_FOR);
}

function dialog(props, ...children) {
  const node = el("dialog", props, ...children);
  node.addEventListener("click", (event) => {
    // A click on the backdrop reaches the dialog itself.
    if (event.target === node) node.close();
  });
  node.addEventListener("close", () => node.remove());
  document.body.append(node);
  node.showModal();
  return node;
}

/** An answer that waits to be read. */
export function alertDialog(title, text) {
  const node = dialog({ class: "dialog alert", "data-testid": "alert", "aria-label": title },
    el("h2", { class: "dialog-title", text: title }),
    el("p", { class: "alert-text", text }),
    el("div", { class: "dialog-foot" },
      el("button", {
        type: "button", class: "text-button", "data-testid": "alert-ok", text: "OK",
        autofocus: true, onclick: () => node.close(),
      })));
}

/**
 * Lets the reader pick one. Items have `id`, `name`, and may have `note`, `bot`, `icon`.
 * Resolves to the item, or null when the reader leaves.
 */
export function choose(title, items) {
  return new Promise((resolve) => {
    let picked = null;
    const list = el("ul", { class: "options" });
    const node = dialog({ class: "dialog chooser", "data-testid": "chooser", "aria-label": title },
      el("header", { class: "dialog-head" },
        el("h2", { class: "dialog-title", text: title }),
        el("button", {
          type: "button", class: "icon-button", "aria-label": say("close"), "data-testid": "chooser-close",
          onclick: () => node.close(),
        }, icon("close"))),
      list);
    for (const item of items) {
      list.append(el("li", {}, el("button", {
        type: "button", class: "option", "data-testid": "option", "data-id": item.id,
        onclick: () => {
          picked = item;
          node.close();
        },
      },
      item.icon ? el("span", { class: "avatar plain", "aria-hidden": "true" }, icon(item.icon))
        : avatar(item),
      el("span", { class: "option-words" },
        el("span", { class: "option-name", text: item.name }),
        item.note ? el("span", { class: "option-note", text: item.note }) : null))));
    }
    if (items.length === 0) list.append(el("li", { class: "options-none", text: say("nothingToChoose") }));
    list.querySelector("button")?.focus();
    list.addEventListener("keydown", (event) => step(event, [...list.querySelectorAll("button")]));
    node.addEventListener("close", () => resolve(picked));
  });
}

/** A small menu beside an element, or at a point. Items have `label`, `icon` and `run`. */
export function menu(anchor, items) {
  const back = document.activeElement;
  const node = el("div", { class: "menu", role: "menu", "data-testid": "menu" });
  const close = () => {
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("blur", close);
    back?.focus?.({ preventScroll: true });
  };
  const outside = (event) => {
    if (!node.contains(event.target)) close();
  };
  for (const item of items) {
    node.append(el("button", {
      type: "button", class: "menu-item", role: "menuitem", "data-testid": "menu-item",
      "aria-current": item.current ? "true" : null,
      onclick: () => {
        close();
        item.run();
      },
    }, item.avatar ? avatar(item.avatar, "tiny") : icon(item.icon), el("span", { text: item.label })));
  }
  document.body.append(node);
  putBeside(node, anchor);
  node.querySelector("button")?.focus({ preventScroll: true });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
    } else {
      step(event, [...node.querySelectorAll("button")]);
    }
  });
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("blur", close);
}

function putBeside(node, anchor) {
  const spot = anchor instanceof Element
    ? anchor.getBoundingClientRect()
    : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = node;
  const room = 8;
  const left = Math.min(Math.max(room, spot.left), window.innerWidth - width - room);
  const below = spot.bottom + 4;
  const top = below + height + room <= window.innerHeight ? below : spot.top - height - 4;
  node.style.left = `${left}px`;
  node.style.top = `${Math.max(room, top)}px`;
}

/** Moves the focus among `nodes` by the arrow keys, Home and End. */
export function step(event, nodes) {
  const at = nodes.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % nodes.length,
    ArrowUp: (at - 1 + nodes.length) % nodes.length,
    Home: 0,
    End: nodes.length - 1,
  }[event.key];
  if (to === undefined || nodes.length === 0) return;
  event.preventDefault();
  nodes[to].focus();
}
