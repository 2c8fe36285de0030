// Who is in a group, and as what: a guest can be made a member, an administrator or the owner.

import { api } from "./api.js";
import { choose } from "./overlays.js";
import { say } from "./words.js";

const ROLES = [
  { id: "owner", is: "role_owner", make: "make_owner" },
  { id: "administrator", is: "role_administrator", make: "make_administrator" },
  { id: "member", is: "role_member", make: "make_member" },
  { id: "none", is: "role_none", make: "make_none" },
];

/** Asks who gets which role in a group, and gives it. */
export async function manage(store, chat) {
  const { bot } = store;
  const roleOf = ({ id }) => ROLES.find((role) => role.id === (chat.roles[id] ?? "none"));
  const people = [...store.people, { ...bot, bot: true }]
    .map((each) => ({ ...each, note: say(roleOf(each).is), at: ROLES.indexOf(roleOf(each)) }))
    .sort((one, two) => one.at - two.at);
  const who = await choose(say("members"), people);
  if (!who) return;
  const held = roleOf(who).id;
  // A group always has an owner: somebody else takes over.
  const offered = ROLES.filter(({ id }) => held !== "owner" && id !== held && !(who.bot && id === "owner"));
  const picked = await choose(who.name, offered.map(({ id, make }) => ({
    id, name: say(make), icon: id === "none" ? "close" : "guest",
  })));
  if (!picked) return;
  await api.role(chat.id, who.id, picked.id);
  if (picked.id !== "none" && !who.bot) chat.speaker = who.id;
}
