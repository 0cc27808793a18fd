/** Tables that become a list of cards where they do not fit: each cell knows its column's name. */
import { h, mark, say } from "./dom.js";
import { count } from "./format.js";
import { plural, t } from "./i18n.js";

/**
 * `limit`: so many rows are shown at first, the others on request.
 * `columns`: {title, cell(row) -> node or text, numeric, sort(row)}; `caption`: read aloud, and shown by a heading
 * beside it. With `sort` a column's head is a button; `order` {column, down} is where it begins.
 */
export function table({ caption, columns, rows, order = null, keyOf = null, limit = Infinity }) {
  const body = h("tbody");
  const state = { ...order };
  const heads = columns.map((column, i) => h("th", { scope: "col", class: column.numeric ? "num" : null }, column.sort ? h("button", { type: "button", onclick: () => sortBy(i) }, column.title) : column.title));

  function sortBy(i) {
    state.down = state.column === i ? !state.down : Boolean(columns[i].numeric);
    state.column = i;
    fill(shown);
  }

  let shown = rows;
  let most = limit;
  const more = h("button", { type: "button", class: "more-rows", onclick: () => ((most = Infinity), fill(shown)) });
  function fill(all) {
    shown = all;
    const by = columns[state.column]?.sort;
    const sorted = by ? [...all].sort((a, b) => compare(by(a), by(b)) * (state.down ? -1 : 1)) : all;
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === state.column ? (state.down ? "descending" : "ascending") : "none"));
    const focused = keyOf && document.activeElement?.closest?.("tr")?.dataset.key;
    const nth = focused ? [...document.activeElement.closest("tr").querySelectorAll("a")].indexOf(document.activeElement) : -1;
    body.replaceChildren(...sorted.slice(0, most).map((row) => line(row)));
    const hidden = sorted.length - Math.min(most, sorted.length);
    mark(more, "hidden", hidden ? null : "");
    say(more, plural("table.all", hidden, { n: count(hidden) }));
    if (focused) body.querySelector(`tr[data-key="${CSS.escape(focused)}"]`)?.querySelectorAll("a")[nth]?.focus({ preventScroll: true });
  }

  const line = (row) =>
    h(
      "tr",
      { "data-key": keyOf?.(row), "data-tone": row.tone },
      columns.map((column, i) => h(i ? "td" : "th", { scope: i ? null : "row", class: column.numeric ? "num" : null, "data-label": column.title }, h("div", {}, column.cell(row)))),
    );

  fill(rows);
  const element = h("div", { class: "rows" }, h("table", {}, h("caption", { class: "unseen" }, caption), h("thead", {}, h("tr", {}, heads)), body), more);
  return { element, fill };
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

/** What could not be read, and what the service says of it. */
export function failure(error, title = t("failed")) {
  if (!("hint" in error)) throw error;
  return h("section", { class: "empty", role: "alert" }, h("h2", {}, title), h("p", { lang: error.status ? "en" : null }, error.status ? error.message : t("banner.never")), error.hint && h("p", { lang: "en" }, error.hint));
}

export const loading = () => h("p", { class: "loading" }, t("loading"));
export const facts = (pairs) => h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined).map(([title, value]) => h("div", {}, h("dt", {}, title), h("dd", {}, value))));
