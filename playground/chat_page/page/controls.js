// What a guest of the demo can do beside chatting: have a story printed, go on to the morning, be
// somebody new, and have a channel or a group to set up.

import { api } from "./api.js";
import { clockName, dateName, el, icon } from "./dom.js";
import { choose, toast } from "./overlays.js";
import { say, spoken } from "./words.js";

const GUESTS = [
  { id: "en", name: "A guest who speaks English", note: "has never pressed Start" },
  { id: "it", name: "Un ospite che parla italiano", note: "non ha mai premuto Avvia" },
  { id: "fr", name: "Un visiteur qui parle français", note: "n’a jamais touché Démarrer" },
  { id: "es", name: "Un invitado que habla español", note: "nunca ha pulsado Iniciar" },
  { id: "zh", name: "一位说中文的访客", note: "还没有按过“开始”" },
];

/**
 * Draws the buttons into `box`; `tools` has `attempt(deed)`, `open(chat)` for a new guest, and
 * `room(kind)` for a new channel or forum.
 */
export function drawControls(box, offered, tools) {
  const label = offered ? say("jump", { clock: clockName(offered.morning) }) : "";
  if (box.dataset.morning === label) return;
  box.dataset.morning = label;
  box.hidden = !offered;
  if (!offered) return;
  box.replaceChildren(
    el("h2", { class: "controls-title", text: say("demo") }),
    el("p", { class: "controls-note", text: say("invented") }),
    control("paper", say("publish"), "publish", async () => {
      const { title } = await api.publish(spoken());
      toast(say("published", { title }));
    }, tools),
    control("sun", label, "morning", async () => {
      const { clock, day } = await api.morning();
      toast(say("nowIs", { clock: clockName(clock), day: dateName(day) }));
    }, tools),
    control("guest", say("guest"), "guest", async () => {
      const language = await choose(say("whoComes"), GUESTS.map((one) => ({ ...one, icon: "guest" })));
      if (language) await tools.open((await api.guest(language.id)).id);
    }, tools),
    control("group", say("room"), "room", async () => {
      const kind = await choose(say("whichRoom"), [
        { id: "channel", name: say("roomChannel"), note: say("roomChannelNote"), icon: "channel" },
        { id: "forum", name: say("roomForum"), note: say("roomForumNote"), icon: "group" },
      ]);
      if (kind) await tools.room(kind.id);
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
