// What a link in a message leads to.

const SAFE = new Set(["http:", "https:", "tg:", "mailto:", "tel:"]);
const TELEGRAM = new Set(["t.me", "telegram.me", "telegram.dog"]);
const PAYLOAD = /^[\w-]{0,64}$/u;

/**
 * Judges an address: `{kind: "deep", payload}` opens the bot with a start parameter,
 * `{kind: "group", payload}` adds it to a group,
 * `{kind: "web", href}` is for a new tab, null is nothing that a reader may be sent to.
 */
export function target(address, username) {
  let url;
  try {
    // What this server keeps itself, such as a picture that the bot sent, comes without a host.
    if (address.startsWith("/")) url = new URL(address, window.location.origin);
    else url = new URL(/^[a-z][a-z0-9+.-]*:/iu.test(address) ? address : `https://${address}`);
  } catch {
    return null;
  }
  if (!SAFE.has(url.protocol)) return null;
  const domain = telegramName(url);
  const payload = url.searchParams.get("start") ?? "";
  if (domain !== null && domain.toLowerCase() === username.toLowerCase()
    && PAYLOAD.test(payload)) {
    const group = url.searchParams.get("startgroup");
    return group === null ? { kind: "deep", payload } : { kind: "group", payload: group };
  }
  return { kind: "web", href: url.href };
}

function telegramName(url) {
  if (url.protocol === "tg:") {
    return url.host === "resolve" || url.pathname.replaceAll("/", "") === "resolve"
      ? url.searchParams.get("domain") : null;
  }
  if (!TELEGRAM.has(url.hostname.replace(/^www\./u, ""))) return null;
  return url.pathname.replaceAll("/", "");
}
