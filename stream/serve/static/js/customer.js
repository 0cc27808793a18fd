/** One customer's journey over all channels. */
import { get, part } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { frame } from "./frame.js";
import { named, plural, t } from "./i18n.js";
import { toInteraction } from "./links.js";
import { facts, failure, loading, table } from "./table.js";

export async function customerPage(id) {
  const { main } = frame(id);
  const room = h("div", {}, loading());
  main.append(h("p", { class: "trail" }, t("customer.title")), h("h1", {}, id), room);
  try {
    const found = await get(`customers/${part(id)}/journey`);
    room.replaceChildren(head(found), touchpoints(found));
  } catch (error) {
    room.replaceChildren(failure(error));
  }
}

const head = (found) =>
  facts([
    [t("customer.title"), found.customer_id === found.asked ? null : found.customer_id],
    [t("customer.segments"), found.segments.map((each) => named("segment", each)).join(", ") || null],
    [t("customer.known"), f.full(found.first_known_at)],
    [t("app.journeys"), plural("customer.journeys", found.journeys.length, { n: f.count(found.journeys.length) })],
  ]);

const friction = (row) => row.friction.map((each) => h("span", { class: "flag" }, named("friction", typeof each === "string" ? each : each.friction ?? each.kind)));

function touchpoints(found) {
  const made = table({
    caption: t("customer.touchpoints"),
    rows: [...found.touchpoints].reverse(),
    columns: [
      { title: t("interaction.time"), cell: (row) => f.full(row.at) },
      { title: t("journeys.touchpoint"), cell: (row) => (row.channel && row.id ? h("a", { href: toInteraction(row.channel, row.id) }, row.touchpoint) : row.touchpoint) },
      { title: t("customer.outcome"), cell: (row) => named("outcome", row.outcome ?? f.DASH) },
      { title: t("customer.friction"), cell: friction },
      { title: t("customer.phase"), cell: (row) => (row.phase ? named("phase", row.phase) : "") },
      { title: t("customer.journey"), numeric: true, cell: (row) => f.count(row.journey) },
    ],
  });
  return h("section", {}, h("h2", {}, t("customer.touchpoints")), made.element);
}
