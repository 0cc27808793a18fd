/** Every agent: by presence and activity, with time in state and slots. */
import { get } from "./api.js";
import { h, mark, say } from "./dom.js";
import { count } from "./format.js";
import { frame } from "./frame.js";
import { named, plural, t } from "./i18n.js";
import { agentsTable, byActivity } from "./lists.js";
import { failure, loading } from "./table.js";
import { eachSecond } from "./ticker.js";

const PRESENCES = ["available", "not_ready", "unknown", "logged_out"];
const ACTIVITIES = ["on_interaction", "wrap_up", "ringing", "available", "not_ready", "unknown", "none"];
const SECONDS = 3;

function matrix(agents) {
  const n = (presence, activity) => agents.filter((each) => each.presence === presence && (!activity || each.activity === activity)).length;
  const columns = ACTIVITIES.filter((activity) => PRESENCES.some((presence) => n(presence, activity)));
  return h(
    "table",
    { class: "compact" },
    h("caption", { class: "unseen" }, t("agents.matrix")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("presence")), columns.map((each) => h("th", { scope: "col", class: "num" }, named("activity", each))), h("th", { scope: "col", class: "num" }, t("channel.all")))),
    h("tbody", {}, PRESENCES.map((presence) => h("tr", {}, h("th", { scope: "row" }, named("presence", presence)), columns.map((each) => h("td", { class: "num", "data-zero": n(presence, each) ? null : "", "data-label": named("activity", each) }, count(n(presence, each)))), h("td", { class: "num", "data-label": t("channel.all") }, h("b", {}, count(n(presence))))))),
  );
}

/** A choice whose value is in the address. */
function choice(name, title, values, changed) {
  const select = h("select", { name, onchange: () => changed() }, h("option", { value: "" }, t("channel.all")), values.map((each) => h("option", { value: each }, each)));
  select.value = new URLSearchParams(location.search).get(name) ?? "";
  return { select, label: h("label", {}, title, select) };
}

export async function agentsPage() {
  const { main } = frame(t("app.agents"));
  const rest = h("div", {}, loading());
  const matrixRoom = h("div", { class: "matrix" });
  const total = h("p", { class: "hint", role: "status" });
  const find = h("input", { type: "search", name: "find", autocomplete: "off", oninput: () => show() });
  const queue = choice("queue", t("segment.queue"), [], () => show());
  main.append(h("h1", {}, t("app.agents")), h("div", { class: "filters" }, queue.label, h("label", {}, t("agents.find"), find)), matrixRoom, total, rest);
  let agents = [];
  let list = null;

  function show() {
    const text = find.value.trim().toLowerCase();
    const shown = agents.filter((each) => (!queue.select.value || (each.queues ?? []).includes(queue.select.value)) && each.agent.toLowerCase().includes(text)).sort(byActivity);
    history.replaceState(null, "", queue.select.value ? `?${new URLSearchParams({ queue: queue.select.value })}` : location.pathname);
    say(total, plural("agents.shown", shown.length, { n: count(shown.length) }));
    matrixRoom.replaceChildren(matrix(shown));
    if (!list) {
      list = agentsTable(shown, { wide: true });
      rest.replaceChildren(list.element);
    } else {
      list.fill(shown);
    }
  }

  async function read() {
    try {
      agents = await get("agents");
    } catch (error) {
      list = null;
      rest.replaceChildren(failure(error));
      return;
    }
    const asked = queue.select.value || new URLSearchParams(location.search).get("queue") || "";
    const names = [...new Set(agents.flatMap((each) => each.queues ?? []))].sort();
    if (queue.select.options.length !== names.length + 1) {
      queue.select.replaceChildren(h("option", { value: "" }, t("channel.all")), ...names.map((each) => h("option", { value: each }, each)));
      queue.select.value = names.includes(asked) ? asked : "";
    }
    mark(matrixRoom, "hidden", agents.length ? null : "");
    if (agents.length) show();
    else rest.replaceChildren(h("section", { class: "empty" }, h("p", {}, t("agents.none"))));
  }

  await read();
  let seconds = 0;
  eachSecond(() => (seconds += 1) % SECONDS === 0 && !document.hidden && read());
}
