/** One queue in depth, beside the wall: its figures, who waits, its agents, what is forecast. */
import { ahead } from "./ahead.js";
import { get, part } from "./api.js";
import { ms } from "./board.js";
import { h, mark, say } from "./dom.js";
import { drivers, told } from "./drivers.js";
import * as f from "./format.js";
import { named, t } from "./i18n.js";
import { toAgents, toChannel, toQueue } from "./links.js";
import { agentsTable, byActivity, serves, waitingTable } from "./lists.js";
import { fcrOf, levelFigure, levelLabel, notes, stateOf, threaded, waits, why } from "./row.js";
import { sign } from "./signs.js";
import { failure, loading } from "./table.js";
import { eachSecond, since } from "./ticker.js";

const REFRESH_MS = 3000;
const STEADY_MS = 900; // links are made anew, and one that goes while it is pressed is none
const WHY_MS = 10_000;

export class Panel {
  /** `back(key)`: gives the focus back to a queue's tile. */
  constructor(board, back) {
    this.board = board;
    this.back = back;
    this.key = null;
    this.title = h("h2", { id: "panel-title", tabindex: "-1" });
    this.head = h("div", { class: "panel-state" });
    this.figures = h("dl", { class: "panel-figures" });
    this.figuresTitle = h("h3");
    this.waiting = h("div", { class: "rows" });
    this.waitingTitle = h("h3");
    this.agents = h("div", { class: "rows" });
    this.agentsTitle = h("h3");
    this.ahead = h("div");
    this.why = h("section");
    this.told = h("section");
    this.share = h("a", { class: "share-link" }, t("panel.share"));
    this.element = h(
      "dialog",
      { class: "panel", "aria-labelledby": "panel-title", onclose: () => this.#closed(), onclick: (event) => event.target === this.element && this.element.close() },
      h(
        "div",
        { class: "panel-inside" },
        h("div", { class: "panel-top" }, this.title, this.share, h("button", { type: "button", class: "close", onclick: () => this.element.close() }, t("panel.close"))),
        this.head,
        h("section", {}, this.figuresTitle, h("p", { class: "hint" }, t("panel.figures.hint")), this.figures),
        h("section", {}, this.waitingTitle, this.waiting),
        h("div", { class: "why" }, this.why, h("section", {}, h("h3", {}, t("panel.forecast")), this.ahead), this.told),
        h("section", {}, this.agentsTitle, this.agents),
      ),
    );
    document.body.append(this.element);
    this.readAt = 0;
    eachSecond(() => {
      this.refresh();
      if (this.key && Date.now() - this.readAt >= REFRESH_MS) this.#read();
    });
  }

  /** `from`: the channel whose tab is open behind it. */
  open(channel, queue, from) {
    this.channel = channel;
    this.queue = queue;
    this.from = from;
    this.key = `${channel}/${queue}`;
    this.tables = {};
    this.row = null;
    this.whyAt = 0;
    for (const room of [this.why, this.told]) room.replaceChildren();
    say(this.title, `${queue} · ${named("channel", channel)}`);
    mark(this.share, "href", toQueue(channel, queue));
    for (const room of [this.waiting, this.agents]) room.replaceChildren(loading());
    if (!this.element.open) this.element.showModal();
    this.title.focus();
    this.shownAt = 0;
    this.refresh();
    if (!this.row) this.#read();
  }

  close() {
    if (this.element.open) this.element.close();
  }

  #closed() {
    const key = this.key;
    this.key = null;
    if (location.hash.startsWith("#/queue/")) location.hash = toChannel(this.from).slice(1);
    this.back(key);
  }

  /** What the board knows of it; not more than once a second. */
  refresh() {
    const row = this.key && this.board.queues.get(this.key);
    if (!this.key || !this.board.known || Date.now() - this.shownAt < STEADY_MS) return;
    this.shownAt = Date.now();
    if (!row) {
      this.head.replaceChildren(h("p", {}, t("panel.gone")));
      return;
    }
    const state = stateOf(row);
    const { marks, opening } = notes(row, this.board.now());
    mark(this.element, "data-state", state);
    this.head.replaceChildren(
      h("p", { class: "state" }, sign(state), h("b", {}, named("state", state)), state === "closed" ? null : since(h("span"), ms(row.state_since_at))),
      h("p", { class: "notes" }, marks.map(([name, text]) => h("span", {}, sign(name), text)), opening && h("span", {}, opening)),
      state === "none" ? null : h("p", { class: "hint" }, t(`why.${state}`)),
    );
    if (row === this.row) return;
    this.row = row;
    this.#figures(row);
    this.ahead.replaceChildren(...ahead(row.forecast, row.target));
    this.#read();
  }

  #figures(row) {
    const { board } = this;
    say(this.figuresTitle, t("panel.figures", { window: named("window", board.window) }));
    const { n, past, figure, pastFigure, label } = waits(row);
    const free = row.slots?.free;
    const fcr = fcrOf(board.channels.get(row.channel));
    const all = [
      [label, f.count(n), why(row, figure, board.window)],
      [t("tile.longest"), since(h("span"), ms(row.longest_since_at), f.DASH), why(row, "longest_wait_ms", board.window)],
      [t("figure.waiting_past_threshold"), f.count(past), why(row, pastFigure, board.window), f.setting(row.threshold_ms)],
      [levelLabel(row), f.level(row.level, row.target), why(row, levelFigure(row), board.window), `${t("tile.target", { target: f.percent(row.target) })}, ${t("of", { n: f.count(row.numerator), of: f.count(row.denominator) })}`],
      ...(threaded(row) ? [] : [[t("figure.service_level"), null, why(row, "service_level", board.window)]]),
      [t("tile.asa"), f.secondsLong(row.asa_seconds), why(row, "asa_seconds", board.window)],
      [t("tile.aht"), f.secondsLong(row.aht_seconds), why(row, "aht_seconds", board.window)],
      [t("tile.fcr", { channel: named("channel", row.channel) }), f.percent(fcr.ratio), fcr.href, named("window", fcr.window)],
      [t("figure.abandonment"), f.percent(row.abandonment, 1), why(row, "abandonment", board.window)],
      ...["offered", "answered", "abandoned", "handled"].map((name) => [t(`figure.${name}`), f.count(row[name]), why(row, name, board.window)]),
      [t("figure.interactions_open"), f.count(row.interactions_open), why(row, "interactions_open", board.window)],
      ...(free === undefined ? [] : [[t("agents.slots"), t("agents.slots.say", { used: f.count(row.slots.used), slots: f.count(row.slots.used + free) }), toAgents(row.queue)]]),
    ].filter(([, value]) => value !== null);
    const focused = [...this.figures.querySelectorAll("a")].indexOf(document.activeElement);
    this.figures.replaceChildren(...all.map(([title, value, href, note]) => h("div", {}, h("dt", {}, title), h("dd", {}, h("a", { class: "number", href, "aria-label": typeof value === "string" ? t("say.explain", { label: title, value }) : title }, value)), h("dd", { class: "below" }, note ?? ""))));
    if (focused >= 0) this.figures.querySelectorAll("a")[focused]?.focus({ preventScroll: true });
  }

  async #read() {
    const { key, channel, queue } = this;
    this.readAt = Date.now();
    const again = Date.now() - this.whyAt >= WHY_MS;
    if (again) this.whyAt = Date.now();
    await Promise.all([
      again && this.#fill(key, "why", () => get("alerts", { channel, queue }), (found) => this.#because(found)),
      this.#fill(key, "waiting", () => get(`queues/${part(channel)}/${part(queue)}/waiting`), (found) => this.#waits(found)),
      this.#fill(key, "agents", () => get("agents", { queue }), (found) => this.#serve(found.filter((each) => serves(each, channel, queue)).sort(byActivity))),
    ]);
  }

  async #fill(key, room, read, show) {
    try {
      const found = await read();
      if (this.key === key) show(found);
    } catch (error) {
      if (this.key !== key) return;
      this.tables[room] = null;
      this[room].replaceChildren(room === "agents" && error.status === 400 ? h("p", {}, t("agents.none.queue")) : failure(error));
    }
  }

  #because({ queues: [row], told: events, window }) {
    this.why.replaceChildren(...(row ? [h("h3", {}, t("panel.drivers")), drivers(row, window)] : []));
    this.told.replaceChildren(...(events.length ? [h("h3", {}, t("panel.told")), told(events)] : []));
  }

  #waits({ waiting, total }) {
    say(this.waitingTitle, `${t("panel.waiting")} (${f.count(total)})`);
    this.#list("waiting", waiting, () => waitingTable(this.channel, waiting), t("panel.nobody"), total > waiting.length ? t("panel.more", { shown: f.count(waiting.length), n: f.count(total) }) : "");
  }

  #serve(agents) {
    const here = agents.filter((each) => each.presence !== "logged_out");
    say(this.agentsTitle, `${t("panel.agents")} (${f.count(here.length)})`);
    this.#list("agents", here, () => agentsTable(here), t("agents.none.queue"), "");
  }

  /** Makes a table once, then fills it, so that it keeps its order and its focus. */
  #list(room, rows, make, none, more) {
    if (!rows.length) {
      this.tables[room] = null;
      this[room].replaceChildren(h("p", {}, none));
    } else if (this.tables[room]) {
      this.tables[room].fill(room === "waiting" ? rows.map((row) => ({ ...row, tone: row.past_threshold ? "bad" : null })) : rows);
    } else {
      this.tables[room] = make();
      this[room].replaceChildren(this.tables[room].element, more && h("p", { class: "hint" }, more));
    }
  }
}
