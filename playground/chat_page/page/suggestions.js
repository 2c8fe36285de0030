// The list above the composer: commands while a slash is typed, results while the bot is asked inline.

import { el } from "./dom.js";
import { say } from "./words.js";

/** A list box that the composer's field steers; the focus stays in the field. */
export class Suggestions {
  constructor(field) {
    this.field = field;
    this.items = [];
    this.node = el("div", { class: "suggestions", hidden: true, "data-testid": "suggestions" });
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "suggestion-list");
    field.setAttribute("aria-expanded", "false");
  }

  get open() {
    return !this.node.hidden;
  }

  /**
   * Shows items: each has `name`, may have `note`, `thumb` or `letter`, and `run`, which is
   * called when it is picked. `title` stands above, `note` in place of items when there are none,
   * `button` (`text`, `run`) leads away from the list.
   */
  show({ title, items, note = "", kind, button = null }) {
    this.items = items;
    this.at = items.length > 0 ? 0 : -1;
    this.node.replaceChildren();
    this.node.dataset.kind = kind;
    if (title) this.node.append(el("p", { class: "suggestions-title", text: title }));
    if (button) {
      this.node.append(el("button", {
        type: "button", class: "suggestions-button", "data-testid": "suggestions-button",
        text: button.text, onclick: button.run,
      }));
    }
    const list = el("ul", { id: "suggestion-list", role: "listbox", "aria-label": title || say("commands") });
    items.forEach((item, index) => list.append(this.#option(item, index)));
    this.node.append(list);
    if (items.length === 0) this.node.append(el("p", { class: "suggestions-none", text: note }));
    this.node.hidden = false;
    this.node.scrollTop = 0;
    this.field.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  close() {
    this.node.hidden = true;
    this.node.replaceChildren();
    this.items = [];
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** Takes a key of the field. True when it was meant for the list. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "Escape") {
      this.close();
      return true;
    }
    if (this.items.length === 0) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + by + this.items.length) % this.items.length;
      this.#mark();
      return true;
    }
    if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
      this.items[this.at].run(event.key);
      return true;
    }
    return false;
  }

  #option(item, index) {
    const tile = item.thumb || item.letter ? el("span", { class: "tile", "aria-hidden": "true" }) : null;
    if (tile && item.thumb) {
      const picture = el("img", { alt: "", src: item.thumb, referrerpolicy: "no-referrer" });
      picture.addEventListener("error", () => {
        tile.textContent = item.letter ?? "";
      });
      tile.append(picture);
    } else if (tile) {
      tile.textContent = item.letter;
    }
    const words = el("span", { class: "suggestion-words" },
      el("span", { class: "suggestion-name", text: item.name }),
      item.note ? el("span", { class: "suggestion-note", text: item.note }) : null);
    return el("li", {
      class: "suggestion", role: "option", id: `suggestion-${index}`, "data-testid": "suggestion",
      "data-id": item.id,
      // The field would lose the focus, and with it a phone its keyboard.
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => item.run("click"),
    }, tile, words);
  }

  #mark() {
    this.node.querySelectorAll(".suggestion").forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) option.scrollIntoView({ block: "nearest" });
    });
    if (this.at >= 0) this.field.setAttribute("aria-activedescendant", `suggestion-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }
}
