/** One interaction: its segments, and event by event what it added to the figures and took back. */
import { get, part } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { frame } from "./frame.js";
import { named, t } from "./i18n.js";
import { toCustomer, toQueue } from "./links.js";
import { facts, failure, loading, table } from "./table.js";

const yesNo = (value) => (value === null || value === undefined ? f.DASH : t(value ? "say.yes" : "say.no"));

export async function interactionPage(channel, id) {
  const { main } = frame(id);
  const room = h("div", {}, loading());
  main.append(h("p", { class: "trail" }, `${named("channel", channel)} · ${t("interaction.title")}`), h("h1", {}, id), room);
  try {
    const found = await get(`interactions/${part(channel)}/${part(id)}`);
    room.replaceChildren(head(found), segments(found), events(found));
  } catch (error) {
    room.replaceChildren(failure(error));
  }
}

const head = (found) =>
  facts([
    [t("interaction.state"), named("interaction.state", found.state)],
    [t("wait.customer"), found.customer_id && h("a", { href: toCustomer(found.customer_id) }, found.customer_id)],
    [t("interaction.reason"), found.reason],
    [t("interaction.direction"), named("direction", found.direction)],
    [t("interaction.started"), f.full(found.started_at)],
    [t("interaction.ended"), found.ended_at.length ? found.ended_at.map(f.full).join(", ") : null],
    [t("interaction.resolved"), yesNo(found.resolved)],
    [t("interaction.anomalies"), found.anomalies.length ? found.anomalies.map((each) => named("anomaly", each.kind ?? each)).join(", ") : null],
  ]);

function outcome({ outcome: name, flowed_out_by: by, in_threshold: inTime, threshold_ms: threshold }) {
  const late = inTime === null || inTime === undefined ? null : h("span", { class: inTime ? "flag quiet" : "flag" }, `${t(inTime ? "segment.in" : "segment.out")} (${f.setting(threshold)})`);
  return [named("outcome", name ?? f.DASH), by && ` (${named("outcome", by)})`, late];
}

function segments(found) {
  const title = h("h2", {}, t("interaction.segments"));
  if (!found.segments.length) return h("section", {}, title, h("p", {}, t("interaction.no_segments")));
  const measure = (name) => (row) => f.length(row.measures[name]);
  const made = table({
    caption: t("interaction.segments"),
    rows: found.segments,
    columns: [
      { title: t("segment.queue"), cell: (row) => (row.queue ? h("a", { href: toQueue(found.channel, row.queue) }, row.queue) : t("queue.none")) },
      { title: t("segment.queued"), cell: (row) => f.full(row.queued_at ?? row.answered_at) },
      { title: t("segment.wait"), numeric: true, cell: measure("wait_ms") },
      { title: t("segment.outcome"), cell: outcome },
      { title: t("segment.agent"), cell: (row) => row.agent_id ?? f.DASH },
      { title: t("segment.talk"), numeric: true, cell: measure("talk_ms") },
      { title: t("segment.hold"), numeric: true, cell: measure("hold_ms") },
      { title: t("segment.wrap_up"), numeric: true, cell: measure("wrap_up_ms") },
    ],
  });
  return h("section", {}, title, made.element);
}

const stamps = (all) => all.flatMap((each) => Object.entries(each.measures).map(([name, n]) => h("span", { class: "slot" }, h("code", {}, name), ` ${f.number(n)}`)));
const data = (each) => Object.entries(each ?? {}).map(([name, value]) => h("span", { class: "slot" }, `${name} `, h("b", {}, typeof value === "string" ? value : JSON.stringify(value))));

function events(found) {
  const taken = found.history.some((each) => each.taken_back.length);
  const made = table({
    caption: t("interaction.events"),
    rows: found.history,
    columns: [
      { title: t("interaction.time"), cell: (row) => f.full(row.time) },
      { title: t("interaction.event"), cell: (row) => h("code", {}, row.type.replace(/^interaction\./, "")) },
      { title: t("interaction.data"), cell: (row) => data(row.data) },
      { title: t("interaction.added"), cell: (row) => stamps(row.added) },
      ...(taken ? [{ title: t("interaction.taken"), cell: (row) => stamps(row.taken_back) }] : []),
    ],
  });
  return h("section", {}, h("h2", {}, t("interaction.events")), made.element);
}
