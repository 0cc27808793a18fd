/** Journeys of all customers: where they break, where customers go next, what contacts are about. */
import { get } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { frame } from "./frame.js";
import { named, t } from "./i18n.js";
import { share } from "./spark.js";
import { failure, loading, table } from "./table.js";

const WINDOWS = ["7d", "30d", "90d"];
const SEGMENTS = ["all", "new", "returning", "high_value", "at_risk"];

const SHOWN = 12;
const change = (row) => (row.change === null ? f.DASH : f.points(row.change));

const PARTS = [
  ["friction", "journeys.friction", (found) => found.friction, [
    ["journeys.kind", (row) => named("friction", row.friction)],
    ["journeys.touchpoint", (row) => row.touchpoint],
    ["journeys.times", (row) => f.count(row.frictions), (row) => row.frictions],
    ["journeys.share", "share_of_touches"],
    ["journeys.broken", (row) => f.count(row.journeys_broken), (row) => row.journeys_broken],
    ["journeys.change", change, (row) => row.change],
  ]],
  ["transitions", "journeys.transitions", (found) => found.transitions, [
    ["journeys.from", (row) => row.from],
    ["journeys.to", (row) => row.to],
    ["journeys.times", (row) => f.count(row.transitions), (row) => row.transitions],
    ["journeys.share_of_from", "share_of_from"],
    ["journeys.gap", (row) => f.secondsLong(row.median_gap_seconds), (row) => row.median_gap_seconds],
    ["journeys.change", change, (row) => row.change],
  ]],
  ["reasons", "journeys.reasons", (found) => found.reasons, [
    ["journeys.reason", (row) => [row.reason, row.spike && h("span", { class: "flag" }, t("journeys.spike"))]],
    ["journeys.contacts", (row) => f.count(row.contacts), (row) => row.contacts],
    ["journeys.caused", (row) => f.count(row.repeats_caused), (row) => row.repeats_caused],
    ["tile.aht", (row) => f.secondsLong(row.aht_seconds), (row) => row.aht_seconds],
    ["figure.fcr", "fcr"],
    ["journeys.csat", (row) => f.percent(row.csat), (row) => row.csat],
    ["journeys.complaints", (row) => f.count(row.complaints), (row) => row.complaints],
  ]],
  ["touchpoints", "journeys.touchpoints", (found) => found.touchpoints, [
    ["journeys.touchpoint", (row) => row.touchpoint],
    ["journeys.touches", (row) => f.count(row.touches), (row) => row.touches],
    ["segment.wait", (row) => f.secondsLong(row.wait_seconds), (row) => row.wait_seconds],
    ["tile.aht", (row) => f.secondsLong(row.aht_seconds), (row) => row.aht_seconds],
    ["journeys.csat", (row) => f.percent(row.csat), (row) => row.csat],
    ["journeys.complaints", (row) => f.count(row.complaints), (row) => row.complaints],
    ["journeys.change", change, (row) => row.change],
  ]],
];

/** A column; one that is told by a name alone is a share, drawn beside the column's largest. */
function shape([key, cell, sort], rows) {
  if (typeof cell !== "string") return { title: t(key), cell, sort, numeric: Boolean(sort) };
  const largest = Math.max(...rows.map((row) => row[cell] ?? 0)) || 1;
  return { title: t(key), numeric: true, sort: (row) => row[cell], cell: (row) => [f.percent(row[cell], 1), share((row[cell] ?? 0) / largest)] };
}

function select(name, title, values, kind) {
  const asked = new URLSearchParams(location.search);
  const element = h("select", { name, onchange: () => location.assign(`?${new URLSearchParams({ ...Object.fromEntries(asked), [name]: element.value })}`) }, values.map((each) => h("option", { value: each, selected: asked.get(name) === each }, named(kind, each))));
  return h("label", {}, title, element);
}

export async function journeysPage() {
  const asked = new URLSearchParams(location.search);
  const window = WINDOWS.includes(asked.get("window")) ? asked.get("window") : "30d";
  if (!asked.has("window")) history.replaceState(null, "", `?${new URLSearchParams({ ...Object.fromEntries(asked), window })}`);
  const { main } = frame(t("app.journeys"));
  const summary = h("p", { class: "hint", role: "status" });
  main.append(h("h1", {}, t("app.journeys")), h("div", { class: "filters" }, select("window", t("journeys.over"), WINDOWS, "window"), select("segment", t("journeys.segment"), SEGMENTS, "segment")), summary);
  const rooms = PARTS.map(([, title]) => h("section", {}, h("h2", {}, t(title)), h("div", {}, loading())));
  main.append(...rooms);
  await Promise.all(PARTS.map((each, i) => fill(each, rooms[i].lastChild, { window, segment: asked.get("segment") }, summary)));
}

async function fill([route, title, rowsOf, columns], room, { window, segment }, summary) {
  try {
    const found = await get(route, route === "reasons" ? { window } : { window, segment });
    if (route === "friction") summary.textContent = t("journeys.summary", { touches: f.count(found.touches), journeys: f.count(found.journeys), broken: f.count(found.journeys_broken) });
    const rows = rowsOf(found);
    const made = rows.length && table({ caption: t(title), rows, limit: SHOWN, columns: columns.map((column) => shape(column, rows)) });
    room.replaceChildren(made ? made.element : h("p", {}, t("journeys.none")));
  } catch (error) {
    room.replaceChildren(failure(error));
  }
}
