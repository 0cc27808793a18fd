/** Channels as tabs, each with how many of its queues are at risk or breached. */
import { h, mark } from "./dom.js";
import { count } from "./format.js";
import { named, t } from "./i18n.js";
import { sign } from "./signs.js";

const ALL = "all";

export function tabs(choose) {
  const element = h("div", { class: "tabs", role: "tablist", "aria-label": t("channels") });
  let drawn = "";
  element.addEventListener("keydown", (event) => {
    const all = [...element.children];
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const from = all.indexOf(document.activeElement);
    if (!to || from < 0) return;
    event.preventDefault();
    const target = all[(from + to + all.length) % all.length];
    target.focus();
    choose(target.dataset.channel || null);
  });

  const tab = (channel, rows, chosen) => {
    const worst = ["breached", "at_risk"].map((state) => [state, rows.filter((row) => row.state === state).length]).filter(([, n]) => n);
    return h(
      "button",
      {
        type: "button", role: "tab", "aria-selected": String(chosen), "aria-controls": "queues", tabindex: chosen ? "0" : "-1", "data-channel": channel ?? "",
        onclick: () => choose(channel),
      },
      h("span", {}, named("channel", channel ?? ALL)),
      h("span", { class: "n" }, count(rows.length)),
      worst.map(([state, n]) => h("span", { class: "worse", "data-state": state, title: named("state", state) }, sign(state), h("span", { class: "unseen" }, named("state", state)), count(n))),
    );
  };

  const show = (board, chosen) => {
    const rows = [...board.queues.values()];
    const names = [null, ...board.channelNames()];
    const now = JSON.stringify([chosen, rows.map((row) => [row.channel, row.state])]);
    if (now === drawn) return;
    drawn = now;
    const focused = element.contains(document.activeElement);
    element.replaceChildren(...names.map((name) => tab(name, rows.filter((row) => !name || row.channel === name), name === chosen)));
    mark(element, "hidden", names.length > 1 ? null : "");
    if (focused) element.querySelector("[aria-selected=true]")?.focus();
  };
  return { element, show };
}
