/** What a queue's row means to people: threads wait for a reply, callers for an agent. */
import { ms } from "./board.js";
import * as f from "./format.js";
import { named, plural, t } from "./i18n.js";
import { toAgents, toExplanation } from "./links.js";

export const AGENT_STATES = ["staffed", "available", "ringing", "on_interaction", "wrap_up", "not_ready"];
const SOON_MS = 3_600_000;
export const HORIZONS = ["15", "30"];

export const threaded = (row) => row.figure === "response_level";
export const stateOf = (row) => row.state ?? "none";

/** Who waits, and how many of them for too long, with the figures' names. */
export function waits(row) {
  return threaded(row)
    ? { n: row.threads_waiting, past: row.threads_past_due, figure: "threads_waiting", pastFigure: "threads_past_due", label: t("tile.waiting.threads") }
    : { n: row.waiting, past: row.waiting_past_threshold, figure: "waiting", pastFigure: "waiting_past_threshold", label: t("tile.waiting") };
}

export const levelLabel = (row) => t(threaded(row) ? "tile.response" : "tile.level");
/** The live figure's name in the API. */
export const levelFigure = (row) => (threaded(row) ? "response_level_live" : row.figure);

/** A channel's first-contact resolution: the matured one, once there is one. */
export function fcrOf(channel) {
  const { matured, provisional } = channel?.fcr ?? {};
  const own = typeof matured?.ratio === "number" ? ["fcr.matured", matured] : ["fcr.provisional", provisional];
  const [figure, { ratio = null, window = "today" } = {}] = own;
  return { ratio, window, href: toExplanation(figure, { channel: channel?.channel, window }) };
}

/** Why a figure of this row is what it is. */
export const why = (row, figure, window) => toExplanation(figure, { channel: row.channel, queue: row.queue, window });
export const whyAgents = (row) => toAgents(row.queue);

/** A queue in one sentence, for those who listen. */
export function sentence(row, now) {
  const { n, past } = waits(row);
  const since = ms(row.longest_since_at);
  return t("say.tile", {
    channel: named("channel", row.channel),
    queue: row.queue,
    state: named("state", stateOf(row)),
    waiting: f.count(n),
    past: f.count(past),
    threshold: f.spoken(row.threshold_ms),
    longest: since === null ? t("tile.nobody") : f.spoken(Math.max(0, now - since)),
    figure: levelLabel(row),
    level: row.level === null ? t("say.none") : f.level(row.level, row.target),
    target: f.percent(row.target),
    available: f.count(row.agents.available),
    staffed: f.count(row.agents.staffed),
  });
}

/** Beside the state: until when it is muted and who has seen it, each [sign, words]; when it opens, or closes soon. */
export function notes(row, now) {
  const change = ms(row.next_change_at);
  const marks = [];
  if (row.muted_until_at) marks.push(["muted", t("state.muted", { time: f.soon(ms(row.muted_until_at), now) })]);
  if (row.acknowledged_by) marks.push(["seen", t("state.acknowledged", { name: row.acknowledged_by })]);
  const near = change !== null && (!row.open || change - now < SOON_MS);
  return { marks, opening: near ? t(row.open ? "state.closes" : "state.opens", { time: f.soon(change, now) }) : null };
}

/** The forecasts to show: [minutes, level, agents short in words or null]. */
export function forecasts(row) {
  return HORIZONS.filter((each) => row.forecast?.[each]).map((each) => {
    const { service_level: level, agents_short: short } = row.forecast[each];
    return { minutes: each, level, text: f.level(level, row.target), short: short === null ? t("tile.short_of_many") : short > 0 ? plural("tile.short", Math.ceil(short)) : null };
  });
}
