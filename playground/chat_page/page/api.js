// The page interface of the playground's server: requests, and the stream of what happens.

/** The server said no. `message` is what it said, fit to show. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, { body, signal } = {}) {
  const options = body === undefined
    ? { signal }
    : {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    };
  const response = await fetch(`/api/${path}`, options);
  const text = await response.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = null;
  }
  if (!response.ok) {
    const said = data?.error ?? data?.description ?? text;
    throw new ApiError(response.status, said || `The playground answered ${response.status}`);
  }
  return data;
}

const chatPath = (chat, verb) => `chats/${encodeURIComponent(chat)}/${verb}`;

export const api = {
  state: () => call("state"),
  messages: (chat) => call(chatPath(chat, "messages")),
  commands: (person) => call(`commands?person=${encodeURIComponent(person)}`),
  send: (chat, person, text, { thread, replyTo } = {}) =>
    call(chatPath(chat, "send"), { body: { person, text, thread, reply_to: replyTo } }),
  location: (chat, person, latitude, longitude) =>
    call(chatPath(chat, "location"), { body: { person, latitude, longitude } }),
  tap: (chat, person, message, data) =>
    call(chatPath(chat, "tap"), { body: { person, message, data } }),
  forward: (chat, person, fromChat, message) =>
    call(chatPath(chat, "forward"), { body: { person, from_chat: fromChat, message } }),
  inline: (person, chat, query, signal) =>
    call("inline", { body: { person, chat, query }, signal }),
  choose: (person, chat, query, result, thread) =>
    call("inline/choose", { body: { person, chat, query, result, thread } }),
  share: (chat, person, request) =>
    call(chatPath(chat, "share"), { body: { person, request } }),
  join: (chat, person, payload) => call(chatPath(chat, "join"), { body: { person, payload } }),
  role: (chat, person, role) => call(chatPath(chat, "role"), { body: { person, role } }),
  room: (person, kind) => call("rooms", { body: { person, kind } }),
  guest: (language) => call("guests", { body: { language } }),
  publish: (language) => call("publish", { body: { language } }),
  morning: () => call("morning", { body: {} }),
  start: (person, payload) => call("start", { body: { person, payload } }),
};

/**
 * Follows the server's events. `onEvent` gets each one; `onLink(up, again)` hears when the
 * stream opens (again: after a break, so that what was missed must be read) or breaks.
 */
export function listen({ onEvent, onLink }) {
  const source = new EventSource("/api/events");
  let opened = false;
  source.addEventListener("open", () => {
    onLink(true, opened);
    opened = true;
  });
  source.addEventListener("error", () => onLink(false, false));
  source.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
  return source;
}
