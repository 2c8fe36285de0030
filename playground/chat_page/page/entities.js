// Telegram's text and entities as page elements. Offsets count UTF-16 units, as strings here do.

import { el, icon } from "./dom.js";

// Of two entities over the same text the one with the lower rank is outside.
const RANK = { blockquote: 0, expandable_blockquote: 0, pre: 1, text_link: 2, url: 2, spoiler: 3 };
const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const rank = (entity) => RANK[entity.type] ?? 5;

/**
 * Draws `text` with its entities. `tools` has `link(address, node)`, which makes a node lead to
 * an address, `command(text)`, `copy(text)` and `opened` (a set that remembers which quotes and
 * spoilers of this message are open, so that an edit does not close them).
 */
export function formatted(text, entities, tools) {
  const spans = (entities ?? [])
    .map((entity) => ({ ...entity, end: Math.min(entity.offset + entity.length, text.length) }))
    .filter((entity) => entity.offset >= 0 && entity.end > entity.offset);
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, spans, tools);
  return fragment;
}

function fill(parent, text, start, end, spans, tools) {
  const queue = [...spans].sort(inOrder);
  let at = start;
  while (queue.length > 0) {
    const span = queue.shift();
    const from = Math.max(span.offset, at);
    const to = Math.min(span.end, end);
    if (to <= from) continue;
    if (from > at) parent.append(text.slice(at, from));
    const inner = [];
    const rest = [];
    for (const other of queue) {
      if (other.offset >= to) {
        rest.push(other);
      } else {
        inner.push({ ...other, end: Math.min(other.end, to) });
        // Entities may cross; the part that sticks out goes on after this one.
        if (other.end > to) rest.push({ ...other, offset: to });
      }
    }
    queue.splice(0, queue.length, ...rest.sort(inOrder));
    const { outer, hole } = draw({ ...span, offset: from }, text.slice(from, to), tools);
    fill(hole, text, from, to, inner, tools);
    parent.append(outer);
    at = to;
    // A block ends its line by itself, so the line break after it would leave a gap.
    if (BLOCKS.has(span.type) && text[at] === "\n") at += 1;
  }
  if (at < end) parent.append(text.slice(at, end));
}

function inOrder(one, two) {
  return one.offset - two.offset || two.end - one.end || rank(one) - rank(two);
}

function draw(span, covered, tools) {
  const simple = (node) => ({ outer: node, hole: node });
  if (span.type in PLAIN) return simple(el(PLAIN[span.type]));
  switch (span.type) {
    case "text_link": return simple(tools.link(span.url, el("a", { class: "link" })));
    case "url": return simple(tools.link(covered, el("a", { class: "link" })));
    case "email": return simple(tools.link(`mailto:${covered}`, el("a", { class: "link" })));
    case "phone_number": return simple(tools.link(`tel:${covered}`, el("a", { class: "link" })));
    case "bot_command":
      return simple(el("button", {
        type: "button", class: "link command", onclick: () => tools.command(covered),
      }));
    case "mention": case "text_mention": case "hashtag": case "cashtag":
      return simple(el("span", { class: "tag" }));
    case "code":
      return simple(el("code", { title: "Click to copy", onclick: () => tools.copy(covered) }));
    case "pre": return preformatted(span.language, covered, tools);
    case "blockquote": return simple(el("blockquote", { class: "quote" }));
    case "expandable_blockquote": return expandable(`quote ${span.offset}`, tools);
    case "spoiler": return spoiler(`spoiler ${span.offset}`, tools);
    default: return simple(el("span"));
  }
}

/** Words as a program has them, with a button that copies them. */
export function preformatted(language, covered, tools) {
  const hole = el("code");
  const outer = el("figure", { class: "pre" },
    el("figcaption", {},
      el("span", { text: language ?? "" }),
      el("button", {
        type: "button", class: "pre-copy", "aria-label": "Copy this block",
        onclick: () => tools.copy(covered),
      }, icon("copy"))),
    el("pre", {}, hole));
  return { outer, hole };
}

/**
 * A quote that is folded until it is tapped. `key` is what `tools.opened` knows it by. Gives the
 * node and the one that its words go into.
 */
export function expandable(key, tools) {
  const hole = el("div", { class: "quote-text" });
  const toggle = el("button", { type: "button", class: "quote-toggle", "data-testid": "quote-toggle" },
    icon("down"));
  const outer = el("blockquote", { class: "quote expandable", "data-testid": "expandable" },
    hole, toggle);
  const set = (open) => {
    outer.classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", open ? "Show less" : "Show all of the quote");
    if (open) tools.opened.add(key);
    else tools.opened.delete(key);
  };
  set(tools.opened.has(key));
  toggle.addEventListener("click", (event) => {
    event.stopPropagation();
    set(!outer.classList.contains("open"));
  });
  outer.addEventListener("click", (event) => {
    // Anywhere on a folded quote unfolds it, but a link in it is a link.
    if (!outer.matches(".open, .short") && !event.target.closest("a, button")) set(true);
  });
  // Whether it needs a toggle is known only once it has a width.
  new ResizeObserver(() => {
    if (outer.classList.contains("open")) return;
    outer.classList.toggle("short", hole.scrollHeight <= hole.clientHeight + 1);
  }).observe(hole);
  return { outer, hole };
}

/** Words under a veil that the first tap lifts. */
export function spoiler(key, tools) {
  const node = el("span", { class: "spoiler", "data-testid": "spoiler" });
  const reveal = (event) => {
    if (node.classList.contains("open")) return;
    // The first tap only lifts the veil, even when a link lies under it.
    event.preventDefault();
    event.stopPropagation();
    open();
  };
  const open = () => {
    node.classList.add("open");
    node.removeAttribute("role");
    node.removeAttribute("tabindex");
    node.removeAttribute("aria-label");
    tools.opened.add(key);
  };
  if (tools.opened.has(key)) {
    open();
  } else {
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", "0");
    node.setAttribute("aria-label", "Hidden text: reveal it");
    node.addEventListener("click", reveal, { capture: true });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") reveal(event);
    });
  }
  return { outer: node, hole: node };
}
