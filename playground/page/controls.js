// What a guest of the demo can do beside chatting: have a story printed, go on to the morning, and
// be somebody new.

import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { choose, toast } from "./overlays.js";

const GUESTS = [
  { id: "en", name: "A guest who speaks English", note: "has never pressed Start" },
  { id: "it", name: "Un ospite che parla italiano", note: "non ha mai premuto Avvia" },
  { id: "es", name: "Un invitado que habla español", note: "nunca ha pulsado Iniciar" },
  { id: "fr", name: "Un visiteur qui parle français", note: "n’a jamais touché Démarrer" },
];

/** Draws the buttons into `box`; `tools` has `attempt(deed)` and `open(chat)` for a new guest. */
export function drawControls(box, offered, tools) {
  const label = offered?.morning ?? "";
  if (box.dataset.morning === label) return;
  box.dataset.morning = label;
  box.hidden = !offered;
  if (!offered) return;
  box.replaceChildren(
    el("h2", { class: "controls-title", text: "The demo" }),
    control("paper", "Publish a story", "publish", async () => {
      const { title } = await api.publish();
      toast(`Published: ${title}`);
    }, tools),
    control("sun", label, "morning", async () => {
      const { shown } = await api.morning();
      toast(shown);
    }, tools),
    control("guest", "New guest", "guest", async () => {
      const language = await choose("Who comes in?", GUESTS.map((one) => ({ ...one, icon: "guest" })));
      if (language) await tools.open((await api.guest(language.id)).id);
    }, tools),
  );
}

function control(sign, label, name, deed, tools) {
  const node = el("button", {
    type: "button", class: "control", "data-testid": `control-${name}`,
    onclick: async () => {
      if (node.hasAttribute("aria-busy")) return;
      node.setAttribute("aria-busy", "true");
      await tools.attempt(deed);
      node.removeAttribute("aria-busy");
    },
  }, icon(sign), el("span", { text: label }));
  return node;
}
