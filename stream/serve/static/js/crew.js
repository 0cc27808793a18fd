/** Agents of the whole center in the wall's head: by presence, and what those who are logged in do. */
import { h } from "./dom.js";
import { count } from "./format.js";
import { named, t } from "./i18n.js";
import { toAgents } from "./links.js";

const PRESENCES = ["available", "not_ready", "unknown", "logged_out"];
const IN = ["available", "not_ready"];
const ACTIVITIES = ["available", "ringing", "on_interaction", "wrap_up", "not_ready"];

const cell = (label, n, title = null) => h("div", { class: "count" }, h("dt", {}, label), h("dd", { title }, h("a", { class: "number", href: toAgents(), tabindex: "-1" }, count(n))));

const group = (title, cells) => h("div", { class: "group" }, h("h2", {}, title), h("dl", {}, cells));

/** Sums by one of the two names, of those who are `within`. */
function sums(by, name, within = null) {
  const found = new Map();
  for (const each of by) if (!within || within.includes(each.presence)) found.set(each[name], (found.get(each[name]) ?? 0) + each.count);
  return found;
}

export function crew() {
  const element = h("div", { class: "crew" });
  let drawn = "";
  const show = (agents) => {
    const now = JSON.stringify(agents);
    if (now === drawn) return;
    drawn = now;
    const presences = sums(agents.by, "presence");
    const activities = sums(agents.by, "activity", IN);
    const reasons = Object.entries(agents.not_ready ?? {}).filter(([, n]) => n);
    const why = reasons.map(([reason, n]) => `${named("reason", reason)} ${count(n)}`).join(", ");
    const there = PRESENCES.filter((each) => each !== "unknown" || presences.get(each));
    element.replaceChildren(
      group(t("presence"), there.map((each) => cell(named("presence", each), presences.get(each) ?? 0, each === "not_ready" ? why : null))),
      group(t("activity"), ACTIVITIES.map((each) => cell(named("activity", each), activities.get(each) ?? 0))),
    );
  };
  return { element, show };
}
