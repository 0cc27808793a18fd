/** Who waits, and who serves: the tables that the wall's drill-down and the pages share. */
import { h } from "./dom.js";
import * as f from "./format.js";
import { named, t } from "./i18n.js";
import { toCustomer, toInteraction, toQueue } from "./links.js";
import { table } from "./table.js";
import { since } from "./ticker.js";

const SHOWN = 100;
const MINUTES_MS = 10 * 60_000;
const ACTIVITIES = ["on_interaction", "wrap_up", "ringing", "available", "not_ready", "unknown", "logged_out", "none"];

/** Seconds matter where the whole wait is of seconds. */
function due({ due_at: at, since_at: since }) {
  if (!at) return f.DASH;
  return Date.parse(at) - Date.parse(since) < MINUTES_MS ? f.clockSeconds(at) : f.soon(Date.parse(at), Date.now());
}

/** Rows of /api/v1/queues/…/waiting. */
export function waitingTable(channel, rows) {
  return table({
    caption: t("panel.waiting"),
    keyOf: (row) => row.interaction_id,
    limit: SHOWN,
    rows: rows.map((row) => ({ ...row, tone: row.past_threshold ? "bad" : null })),
    columns: [
      { title: t("wait.waited"), numeric: true, cell: (row) => since(h("b"), Date.parse(row.since_at)) },
      { title: t("wait.interaction"), cell: (row) => h("a", { href: toInteraction(channel, row.interaction_id) }, row.interaction_id) },
      { title: t("wait.since"), cell: (row) => f.clockSeconds(row.since_at) },
      { title: t("wait.due"), cell: (row) => [due(row), row.past_threshold && h("span", { class: "flag" }, t("wait.late"))] },
      { title: t("wait.for"), cell: (row) => named("waits", row.waits_for) },
      { title: t("wait.contact"), cell: (row) => [row.contact ? t("wait.contact.n", { n: row.contact }) : f.DASH, row.repeat && h("span", { class: "flag quiet" }, t("wait.repeat"))] },
      { title: t("wait.customer"), cell: (row) => (row.customer_id ? h("a", { href: toCustomer(row.customer_id) }, row.customer_id) : f.DASH) },
    ],
  });
}

/** Whether an agent serves a queue on a channel, as the service counts it. */
export const serves = (agent, channel, queue) => (agent.queues ?? []).includes(queue) && (!agent.slots || (agent.slots[channel]?.slots ?? 0) > 0);

const slots = (agent) =>
  Object.entries(agent.slots ?? {}).map(([channel, { slots: n, used }]) => h("span", { class: "slot" }, `${named("channel", channel)} `, t("agents.slots.say", { used: f.count(used), slots: f.count(n) })));

const work = (agent) =>
  agent.interactions.map((each) => h("a", { class: "slot", href: toInteraction(each.channel, each.interaction_id), title: each.queue ? `${named("channel", each.channel)} ${each.queue}` : named("channel", each.channel) }, each.interaction_id));

/** Since when an agent does what it does: its oldest part, when it is at one. */
export function inState(agent) {
  const parts = agent.interactions.filter((each) => each.activity === agent.activity && each.since_at).map((each) => Date.parse(each.since_at));
  return parts.length ? Math.min(...parts) : agent.since_at && Date.parse(agent.since_at);
}

const activityRank = (agent) => ACTIVITIES.indexOf(agent.activity);
export const byActivity = (a, b) => activityRank(a) - activityRank(b) || inState(a) - inState(b);

/** Rows of /api/v1/agents. `wide`: with queues and slots. */
export function agentsTable(rows, { wide = false } = {}) {
  const columns = [
    { title: t("agents.agent"), sort: (row) => row.agent, cell: (row) => row.agent },
    { title: t("activity"), sort: activityRank, cell: (row) => h("span", { class: "activity", "data-activity": row.activity }, named("activity", row.activity)) },
    { title: t("agents.since"), numeric: true, sort: (row) => -inState(row), cell: (row) => since(h("span"), inState(row), f.DASH) },
    { title: t("presence"), sort: (row) => row.presence + (row.reason ?? ""), cell: (row) => [named("presence", row.presence), row.reason && h("span", { class: "reason" }, named("reason", row.reason))] },
    ...(wide ? [{ title: t("agents.queues"), cell: (row) => (row.queues ?? []).map((queue) => h("span", { class: "slot" }, queue)) }] : []),
    { title: t("agents.slots"), sort: (row) => Object.values(row.slots ?? {}).reduce((sum, each) => sum + each.used, 0), cell: slots },
    { title: t("agents.work"), cell: work },
  ];
  return table({ caption: t("panel.agents"), columns, rows, order: { column: 1, down: false }, keyOf: (row) => row.agent, limit: SHOWN });
}

export const queueLink = (channel, queue) => h("a", { href: toQueue(channel, queue) }, `${named("channel", channel)} ${queue}`);
