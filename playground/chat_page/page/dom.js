// Small pieces that every part of the page builds with. Text only ever enters as text nodes.

import { say, spoken } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const JEWELS = 7;

/**
 * Makes an element. Keys that start with "on" are listeners, `text` is its text, `class` and
 * everything else are attributes; null, undefined and false leave an attribute out.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of the sprite in index.html. It is decoration: its button has the label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function initials(name) {
  // Two people joined by "&" give one letter each, as a first and a last name do.
  const parts = name.includes(" & ") ? name.split(" & ") : name.split(/\s+/u);
  const words = parts.map((part) => part.trim()).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  const letters = picked.map((word) => [...word][0]).join("");
  return (letters || "?").toLocaleUpperCase();
}

/** One of a few muted colours, the same for the same id each time. */
export function jewel(id) {
  let sum = 5381;
  for (const char of String(id)) sum = (sum * 7 + char.codePointAt(0)) >>> 0;
  return sum % JEWELS;
}

/** A round picture made of initials; the bot wears its monogram. */
export function avatar({ id, name, bot = false }, size = "") {
  return el("span", {
    class: `avatar ${bot ? "avatar-bot" : `jewel-${jewel(id)}`} ${size}`.trim(),
    "aria-hidden": "true",
    text: bot ? "ON" : initials(name),
  });
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = { day: "numeric", month: "long" };
const DAY_YEAR = { ...DAY, year: "numeric" };
const SHORT_DAY = { day: "numeric", month: "short" };

const place = () => (spoken() === "en" ? "en-GB" : spoken());
const written = (day, form) => new Intl.DateTimeFormat(place(), form).format(day);

/** Names with the language's own “and” before the last. */
export const listed = (names) => new Intl.ListFormat(place()).format(names);

// How far the playground's clock is ahead of this machine's, in milliseconds.
let ahead = 0;

/** Takes the playground's time, in seconds since 1970: days are named by it. */
export function setClock(unix) {
  ahead = unix * 1000 - Date.now();
}

const today = () => new Date(Date.now() + ahead);
const date = (unix) => new Date(unix * 1000);
const daysBefore = (then, now) =>
  Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(then).setHours(0, 0, 0, 0)) / 864e5);

export const clockTime = (unix) => TIME.format(date(unix));
export const dayKey = (unix) => date(unix).toDateString();

export function dayName(unix, now = today()) {
  const then = date(unix);
  const days = daysBefore(then, now);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  return written(then, then.getFullYear() === now.getFullYear() ? DAY : DAY_YEAR);
}

/** The time in the chat list: a clock today, a day before that. */
export function listTime(unix, now = today()) {
  return daysBefore(date(unix), now) === 0 ? clockTime(unix) : written(date(unix), SHORT_DAY);
}

/** A day, given as year-month-day, with its weekday. */
export const dateName = (day) =>
  written(new Date(`${day}T12:00`), { weekday: "long", ...DAY });

/** A time of day, given as 08:00, as the language writes it. */
export const clockName = (clock) =>
  (spoken() === "fr" ? clock.replace(/^0?(\d+):(\d\d)$/u, "$1 h $2").replace(/ 00$/u, "") : clock);

/** Puts text on the clipboard, also where the browser withholds the clipboard interface. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "off-screen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
