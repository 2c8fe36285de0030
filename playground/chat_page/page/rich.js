// A rich message as a page: headings, paragraphs, pictures, folded parts, lists, tables, quotes.

import { el, icon } from "./dom.js";
import { expandable, preformatted, spoiler } from "./entities.js";

const MARKS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", marked: "mark",
  subscript: "sub", superscript: "sup",
};
const MEDIA = new Set(["photo", "video", "animation", "audio", "voice_note", "document"]);

/**
 * Draws the blocks of a rich message. `tools` are those of `formatted`, and `key(button)`, which
 * makes a button of the message. A place in the message, such as `3.0`, is what `tools.opened`
 * knows its folded parts by.
 */
export function page(rich, tools) {
  return el("div", {
    class: "rich", dir: rich.is_rtl ? "rtl" : "auto", "data-testid": "rich",
  }, ...all(rich.blocks, "", tools));
}

function all(blocks, path, tools) {
  return blocks.map((block, index) => draw(block, `${path}.${index}`, tools));
}

function draw(block, path, tools) {
  const text = (value, part = "") => inline(value, `${path}${part}`, tools);
  switch (block.type) {
    case "heading":
      return el(`h${Math.min(6, block.size + 1)}`, {
        class: `heading size-${block.size}`, "data-testid": "heading",
      }, ...text(block.text));
    case "paragraph": return el("p", { class: "paragraph" }, ...text(block.text));
    case "footer": return el("p", { class: "footer", "data-testid": "footer" }, ...text(block.text));
    case "divider": return el("hr", { class: "divider" });
    case "anchor": return el("span", { "data-anchor": block.name });
    case "pre": return pre(block, path, tools);
    case "mathematical_expression": return el("p", { class: "formula", text: block.expression });
    case "pullquote":
      return el("figure", { class: "pullquote" },
        el("blockquote", {}, ...text(block.text)), credit(block, path, tools));
    case "blockquote":
      return el("blockquote", { class: "quote" },
        ...all(block.blocks, path, tools), credit(block, path, tools));
    case "expandable_blockquote": return folded(block, path, tools);
    case "details": return details(block, path, tools);
    case "list": return list(block, path, tools);
    case "table": return table(block, path, tools);
    case "photo": return figure(photo(block, path, tools), block, path, tools);
    case "collage":
      return figure(el("div", { class: "collage" }, ...pictures(block, path, tools)), block, path, tools);
    case "slideshow":
      return figure(el("div", { class: "slideshow", tabindex: "0", role: "group", "aria-label": "Pictures" },
        ...pictures(block, path, tools)), block, path, tools);
    case "map": return figure(place(block), block, path, tools);
    case "buttons":
      return el("div", { class: `keys-row in-page ${block.align ?? ""}`.trim(), role: "group" },
        ...block.buttons.map((button) => tools.key({ ...button, text: plain(button.text) })));
    default: return el("p", { class: "footer", text: `(${block.type})` });
  }
}

// ---- words

function inline(text, path, tools) {
  if (typeof text === "string") return [text];
  if (Array.isArray(text)) {
    return text.flatMap((part, index) => inline(part, `${path}/${index}`, tools));
  }
  return [mark(text, path, tools)];
}

function mark(text, path, tools) {
  const inner = () => inline(text.text, `${path}/`, tools);
  if (text.type in MARKS) return el(MARKS[text.type], {}, ...inner());
  switch (text.type) {
    case "url": return linked(text.url, inner(), tools);
    case "email_address": return linked(`mailto:${text.email_address}`, inner(), tools);
    case "phone_number": return linked(`tel:${text.phone_number}`, inner(), tools);
    case "code": return el("code", { onclick: () => tools.copy(plain(text.text)) }, ...inner());
    case "spoiler": return veiled(`spoiler ${path}`, inner(), tools);
    case "custom_emoji": return el("span", { text: text.alternative_text });
    case "mathematical_expression": return el("span", { class: "formula", text: text.expression });
    case "anchor": return el("span", { "data-anchor": text.name });
    case "anchor_link": return jump(text.anchor_name, inner());
    case "reference": return el("span", { "data-anchor": text.name }, ...inner());
    case "reference_link": return jump(text.reference_name, inner());
    case "button": return tools.key({ ...text.button, text: plain(text.button.text) });
    default: return el("span", {}, ...inner());
  }
}

function plain(text) {
  if (typeof text === "string") return text;
  if (Array.isArray(text)) return text.map(plain).join("");
  return text.alternative_text ?? text.expression ?? plain(text.text ?? text.button?.text ?? "");
}

function linked(address, words, tools) {
  const node = el("a", { class: "link" }, ...words);
  return tools.link(address, node);
}

function veiled(key, words, tools) {
  const { outer, hole } = spoiler(key, tools);
  hole.append(...words);
  return outer;
}

function jump(name, words) {
  const node = el("button", {
    type: "button", class: "link jump",
    onclick: () => {
      const here = node.closest(".rich");
      const there = name ? here.querySelector(`[data-anchor="${CSS.escape(name)}"]`) : here;
      for (let fold = there?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
        fold.open = true;
      }
      there?.scrollIntoView({ block: "start" });
    },
  }, ...words);
  return node;
}

function credit({ credit: who }, path, tools) {
  if (!who) return null;
  return el("cite", { class: "credit" }, ...inline(who, `${path}c`, tools));
}

function pre(block, path, tools) {
  const { outer, hole } = preformatted(block.language, plain(block.text), tools);
  hole.append(...inline(block.text, path, tools));
  return outer;
}

// ---- what is folded

function folded(block, path, tools) {
  const { outer, hole } = expandable(`quote ${path}`, tools);
  hole.append(...inline(block.text, path, tools));
  const who = credit(block, path, tools);
  if (who) hole.append(who);
  return outer;
}

function details(block, path, tools) {
  const [opened, closed] = [`details ${path}`, `closed ${path}`];
  const node = el("details", { class: "fold", "data-testid": "details" },
    el("summary", { class: "fold-head", "data-testid": "summary" },
      el("span", { class: "fold-title" }, ...inline(block.summary, `${path}s`, tools)),
      icon("down")),
    el("div", { class: "fold-body" }, ...all(block.blocks, path, tools)));
  node.open = tools.opened.has(opened) || (Boolean(block.is_open) && !tools.opened.has(closed));
  node.addEventListener("toggle", () => {
    tools.opened.delete(node.open ? closed : opened);
    tools.opened.add(node.open ? opened : closed);
  });
  return node;
}

// ---- lists and tables

function list(block, path, tools) {
  const ordered = block.items[0].type !== undefined;
  return el(ordered ? "ol" : "ul", { class: "list" }, ...block.items.map((item, index) => {
    const label = item.has_checkbox
      ? el("input", { type: "checkbox", disabled: true, checked: item.is_checked, "aria-label": "done" })
      : el("span", { text: item.label });
    return el("li", {}, el("span", { class: "list-label" }, label),
      el("div", { class: "list-words" }, ...all(item.blocks, `${path}.${index}`, tools)));
  }));
}

function table(block, path, tools) {
  const kinds = ["bordered", "striped", "compact"].filter((kind) => block[`is_${kind}`]);
  const rows = block.cells.map((row, down) => el("tr", {}, ...row.map((cell, across) =>
    el(cell.is_header ? "th" : "td", {
      class: `${cell.align ?? "left"} ${cell.valign ?? "top"}`,
      colspan: cell.colspan, rowspan: cell.rowspan,
    }, ...inline(cell.text ?? "", `${path}.${down}.${across}`, tools)))));
  const caption = block.caption
    ? el("caption", {}, ...inline(block.caption, `${path}c`, tools)) : null;
  // A wide table moves in its own frame, not the page.
  return el("div", { class: "table-frame", tabindex: "0", role: "group", "aria-label": "Table" },
    el("table", { class: `table ${kinds.join(" ")}`.trim() }, caption, el("tbody", {}, ...rows)));
}

// ---- pictures

function figure(media, block, path, tools) {
  const { caption } = block;
  return el("figure", { class: "picture", "data-testid": "picture" }, media, caption
    ? el("figcaption", {},
      el("span", {}, ...inline(caption.text, `${path}c`, tools)), credit(caption, path, tools))
    : null);
}

function photo(block, path, tools) {
  const { src, width, height } = block.photo;
  const image = el("img", { alt: "", decoding: "async", width, height, src });
  if (!block.has_spoiler) return image;
  return veiled(`picture ${path}`, [image], tools);
}

function pictures(block, path, tools) {
  return block.blocks.filter(({ type }) => MEDIA.has(type))
    .map((inner, index) => draw(inner, `${path}.${index}`, tools));
}

function place({ location: { latitude, longitude } }) {
  return el("p", { class: "place map" }, icon("pin"),
    el("span", { text: `${latitude.toFixed(4)}, ${longitude.toFixed(4)}` }));
}
