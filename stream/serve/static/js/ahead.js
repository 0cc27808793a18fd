/** What is forecast of a queue, and what that is made of. */
import { h } from "./dom.js";
import * as f from "./format.js";
import { t } from "./i18n.js";
import { HORIZONS } from "./row.js";

/** What it says; below, what goes into it. */
const LINES = [
  ["forecast.level", "service_level", (value, target) => f.level(value, target)],
  ["forecast.wait", "wait_seconds", f.secondsLong],
  ["forecast.short", "agents_short", f.number],
  ["forecast.agents", "agents", f.number],
  ["forecast.arrivals", "arrivals", f.number],
  ["forecast.aht", "aht_seconds", f.secondsLong],
  ["forecast.patience", "patience_seconds", f.secondsLong],
  ["forecast.error", "error", (value) => f.percent(value, 1)],
];

/** `forecast`: by minutes, null when none is to be shown; `why`: why then, when it is known. */
export function ahead(forecast, target, why = null) {
  const shown = HORIZONS.filter((each) => forecast?.[each]);
  if (!shown.length) return [h("p", {}, t(why ? `forecast.not.${why}` : "forecast.none"))];
  return [
    h("p", { class: "hint" }, t("forecast.hint")),
    h(
      "table",
      { class: "compact small" },
      h("caption", { class: "unseen" }, t("panel.forecast")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("forecast.horizon")), shown.map((each) => h("th", { scope: "col", class: "num" }, t("time.minutes", { n: each }))))),
      h(
        "tbody",
        {},
        LINES.map(([title, name, format]) =>
          h("tr", {}, h("th", { scope: "row" }, t(title)), shown.map((each) => h("td", { class: "num", "data-label": t("time.minutes", { n: each }) }, format(forecast[each][name] ?? null, target)))),
        ),
      ),
    ),
  ];
}
