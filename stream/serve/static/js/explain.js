/** Why a number is what it is: formula, variants, numerator and denominator, and the interactions behind it. */
import { ahead } from "./ahead.js";
import { get, part } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { frame } from "./frame.js";
import { named, t, WORDS } from "./i18n.js";
import { toCustomer, toExplanation, toInteraction, toQueue } from "./links.js";
import { waitingTable } from "./lists.js";
import { facts, failure, loading, table } from "./table.js";

const SHOWN = 25;
const WINDOWS = ["5m", "30m", "1h", "today"];
const FCR_WINDOWS = ["today", "7d", "30d"];
const UNITS = { ratio: (value) => f.percent(value, 1), seconds: f.secondsLong };

export const figureName = (key) => named("figure", key in WORDS ? key : String(key).split(".")[0]);
const shownAs = (unit) => (value) => (value === null ? f.DASH : (UNITS[unit] ?? f.number)(value));
const place = ({ channel, queue }) => [channel && named("channel", channel), queue ?? (channel ? null : t("explain.everywhere"))].filter(Boolean).join(" · ");

const asked = () => Object.fromEntries(new URLSearchParams(location.search));

export async function explainPage() {
  const parameters = asked();
  const { main } = frame(t("explain.title"));
  const title = figureName(parameters.figure ?? "");
  main.append(
    h("p", { class: "trail" }, parameters.queue && parameters.channel ? h("a", { href: toQueue(parameters.channel, parameters.queue) }, place(parameters)) : place(parameters)),
    h("h1", {}, title),
  );
  const room = h("div", {}, loading());
  main.append(room);
  try {
    room.replaceChildren(...(await body(parameters)));
  } catch (error) {
    room.replaceChildren(failure(error, t("explain.fails")));
  }
}

async function body(parameters) {
  if (`now.${parameters.figure}` in WORDS) return thisMoment(parameters);
  if (parameters.figure === "forecast") return foreseen(parameters);
  const found = await get("explain", parameters);
  return [windows(parameters), value(found), variants(found), ...interactions(found)];
}

function windows(parameters) {
  const names = parameters.figure.startsWith("fcr") || parameters.figure.startsWith("repeat") ? FCR_WINDOWS : WINDOWS;
  return h(
    "nav",
    { class: "windows", "aria-label": t("explain.window") },
    names.map((each) => h("a", { href: toExplanation(parameters.figure, { ...parameters, window: each }), "aria-current": each === (parameters.window ?? "1h") ? "true" : null }, named("window", each))),
  );
}

function side(title, { value: n, terms }) {
  return h(
    "div",
    { class: "side" },
    h("p", { class: "side-value" }, h("span", { class: "side-title" }, title), h("b", {}, f.number(n))),
    h("ul", {}, terms.map((term) => h("li", {}, h("span", { class: "term-sign" }, term.sign < 0 ? "−" : "+"), h("code", {}, term.measure), h("span", { class: "num" }, f.number(term.n))))),
  );
}

function value(found) {
  const { settings } = found;
  const permanent = toExplanation(found.variant ? `${found.figure}.${found.variant}` : found.figure, { channel: found.channel, queue: found.queue, window: found.window.name, at: found.at });
  return h(
    "section",
    { class: "answer" },
    h("p", { class: "answer-value" }, shownAs(found.unit)(found.value), h("span", { class: "unseen" }, t("explain.value"))),
    h("div", { class: "fraction" }, side(t("explain.numerator"), found.numerator), found.denominator && side(t("explain.denominator"), found.denominator)),
    facts([
      [t("explain.formula"), h("code", {}, found.formula)],
      [t("explain.definition"), h("span", { lang: "en" }, found.definition)],
      [t("explain.window"), t("explain.buckets", { since: f.full(found.window.since), until: f.full(found.window.until), buckets: found.window.buckets })],
      [t("explain.settings"), [t("explain.threshold", { time: f.setting(settings.threshold_ms) }), t("tile.target", { target: f.percent(settings.target) }), t("explain.zone", { zone: settings.zone })].join(", ")],
    ]),
    found.figure.endsWith("_live") ? null : h("p", {}, h("a", { href: permanent }, t("explain.permanent", { time: f.clockSeconds(found.at) }))),
  );
}

function variants(found) {
  const rows = Object.entries(found.variants).map(([name, each]) => ({ name, ...each, own: name === found.variant }));
  if (rows.length < 2) return "";
  const show = shownAs(found.unit);
  const made = table({
    caption: t("explain.variants"),
    rows,
    columns: [
      { title: t("explain.variant"), cell: (row) => [h("code", {}, row.name), row.own && h("span", { class: "flag quiet" }, t("explain.own"))] },
      { title: t("explain.value"), numeric: true, cell: (row) => h(row.own ? "b" : "span", {}, show(row.value)) },
      { title: t("explain.difference"), numeric: true, cell: (row) => (found.unit !== "ratio" || row.own || row.value === null || found.value === null ? "" : f.points((row.value - found.value) * 100)) },
      { title: t("explain.formula"), cell: (row) => h("code", {}, row.formula) },
    ],
  });
  return h("section", {}, h("h2", {}, t("explain.variants")), made.element);
}

const measures = (each) => each.parts.flatMap((one) => Object.entries(one.measures).map(([name, n]) => h("span", { class: "slot" }, h("code", {}, name), ` ${f.number(n)}`)));

function interactions(found) {
  const gone = found.counts.reduce((most, each) => Math.max(most, each.gone ?? 0), 0);
  if (!found.interactions.length) return [h("section", {}, h("h2", {}, t("explain.interactions")), h("p", {}, t("explain.none")))];
  const made = table({
    caption: t("explain.interactions"),
    rows: found.interactions,
    limit: SHOWN,
    columns: [
      { title: t("wait.interaction"), cell: (row) => (row.channel && row.id ? h("a", { href: toInteraction(row.channel, row.id) }, row.id) : row.customer_id ?? f.DASH) },
      { title: t("explain.when"), cell: (row) => f.full(row.at) },
      { title: t("explain.numerator"), numeric: true, cell: (row) => f.number(row.numerator) },
      { title: t("explain.denominator"), numeric: true, cell: (row) => f.number(row.denominator) },
      { title: t("explain.counts"), cell: measures },
      ...(found.interactions.some((row) => row.customer_id) ? [{ title: t("wait.customer"), cell: (row) => (row.customer_id ? h("a", { href: toCustomer(row.customer_id) }, row.customer_id) : f.DASH) }] : []),
    ],
  });
  const shown = t("explain.shown", { shown: f.count(found.interactions.length), n: f.count(found.interactions_found), gone: f.count(gone) });
  return [h("section", {}, h("h2", {}, t("explain.interactions")), h("p", { class: "hint" }, shown, found.complete ? "" : ` ${t("explain.incomplete")}`), made.element)];
}

/** A figure of this moment is made of those who wait: they are its explanation. */
async function thisMoment({ figure, channel, queue }) {
  const [rows, waiting] = await Promise.all([get("queues"), get(`queues/${part(channel)}/${part(queue)}/waiting`)]);
  const row = rows.find((each) => each.channel === channel && each.queue === queue) ?? {};
  const late = waiting.waiting.filter((each) => each.past_threshold || !["waiting_past_threshold", "threads_past_due"].includes(figure));
  const list = figure === "longest_wait_ms" ? late.slice(0, 1) : late;
  return [
    h(
      "section",
      { class: "answer" },
      h("p", { class: "answer-value" }, figure === "longest_wait_ms" ? f.length(list[0]?.wait_ms) : f.count(row[figure])),
      facts([
        [t("explain.definition"), t(`now.${figure}`)],
        [t("explain.settings"), row.threshold_ms ? t("explain.threshold", { time: f.setting(row.threshold_ms) }) : null],
      ]),
    ),
    figure === "interactions_open" ? "" : h("section", {}, h("h2", {}, t("panel.waiting")), list.length ? waitingTable(channel, list).element : h("p", {}, t("panel.nobody"))),
  ];
}

/** A forecast is made of what it takes in. */
async function foreseen({ channel, queue }) {
  const rows = await get("forecast");
  const row = rows.find((each) => each.channel === channel && each.queue === queue);
  const target = row?.forecast?.["15"]?.target ?? 1;
  return [h("section", {}, ...ahead(row?.forecast ?? null, target, row?.why_not))];
}
