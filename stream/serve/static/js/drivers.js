/** Why a queue is as it is: what comes, how long it takes, who is there, beside the usual; and what was told of it. */
import { h } from "./dom.js";
import * as f from "./format.js";
import { named, t } from "./i18n.js";
import { sign } from "./signs.js";

const TOLD = 5;

/** The table of a row of /api/v1/alerts; beside the usual, once that is known. */
export function drivers({ drivers: of }, window) {
  const lines = [
    ["forecast.arrivals", of.arrivals, of.arrivals_usual, f.count],
    ["forecast.aht", of.aht_seconds, of.aht_usual_seconds, f.secondsLong],
    ["drivers.staffed", of.agents_staffed, null, f.count],
    ["drivers.free", of.agents_available, null, f.count],
  ];
  const known = lines.some(([, , usual]) => usual);
  const heads = known ? ["drivers.now", "drivers.usual", "explain.difference"] : ["drivers.now"];
  const cells = (now, usual, format) => [format(now), ...(known ? (usual ? [format(usual), now === null ? "" : f.percentChange(now / usual - 1)] : ["", ""]) : [])];
  return h(
    "table",
    { class: "compact small" },
    h("caption", { class: "unseen" }, t("panel.drivers")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("drivers.what", { window: named("window", window) })), heads.map((key) => h("th", { scope: "col", class: "num" }, t(key))))),
    h("tbody", {}, lines.map(([title, now, usual, format]) => h("tr", {}, h("th", { scope: "row" }, t(title)), cells(now, usual, format).map((text) => h("td", { class: "num" }, text))))),
  );
}

/** The newest of what was told of it, with its time. */
export function told(events) {
  return h(
    "ul",
    { class: "told" },
    events.slice(0, TOLD).map((event) => {
      const kind = event.type.split(".").at(-1);
      const state = kind === "recovered" ? "ok" : kind;
      return h("li", { "data-state": state }, sign(state), h("b", {}, named("told", kind)), h("time", { datetime: event.time }, f.soon(Date.parse(event.time), Date.now())));
    }),
  );
}
