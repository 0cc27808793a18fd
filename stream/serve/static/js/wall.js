/** The wall: queues as tiles, the worst first, by channel; live for as long as it is open. */
import { banner, judge } from "./banner.js";
import { Board, keyOf, ordered } from "./board.js";
import { crew } from "./crew.js";
import { h, mark, say } from "./dom.js";
import { emptyWall } from "./empty.js";
import { fit } from "./fit.js";
import { clockSeconds, count } from "./format.js";
import { connection, frame } from "./frame.js";
import { named, t } from "./i18n.js";
import { move } from "./keys.js";
import { fromHash, toChannel } from "./links.js";
import { Panel } from "./panel.js";
import { sentence, stateOf } from "./row.js";
import { sign } from "./signs.js";
import { listen } from "./stream.js";
import { tabs } from "./tabs.js";
import { eachSecond, freeze, keepTime } from "./ticker.js";
import { Tile } from "./tile.js";

const STATES = ["breached", "at_risk", "ok", "closed"];
const GRACE_MS = 3000;

export class Wall {
  constructor() {
    this.board = new Board();
    this.tiles = new Map();
    this.channel = null;
    this.link = { state: "connecting", fault: null, aliveAt: null };
    this.lostSince = Date.now();
    this.asOf = "";
    this.connection = connection();
    this.crew = crew();
    this.tabs = tabs((channel) => (location.hash = toChannel(channel).slice(1)));
    this.summary = h("dl", { class: "summary", "aria-label": t("states.summary") });
    const parts = frame(t("app.wall"), { tools: this.tabs.element, link: this.connection.element });
    this.grid = h("ul", { class: "tiles", id: "tiles", role: "list" });
    this.room = h("div", { class: "room", role: "tabpanel", id: "queues", "aria-label": t("queues") }, this.grid);
    this.news = parts.news;
    this.banner = banner(parts.alert);
    parts.main.classList.add("wall");
    parts.main.append(h("h1", { class: "unseen" }, t("app.wall")), h("div", { class: "head" }, this.summary, this.crew.element), this.room, h("p", { class: "unseen", id: "keys" }, t("tiles.keys")));
    this.panel = new Panel(this.board, (key) => this.focus(key));
    keepTime(() => this.board.now());
    this.#listen();
  }

  #listen() {
    new ResizeObserver(() => this.#fit()).observe(this.room);
    window.addEventListener("hashchange", () => this.#route());
    this.grid.addEventListener("keydown", (event) => move(event, this.grid));
    this.grid.addEventListener("focusin", (event) => this.#arrive(event.target));
    eachSecond(() => this.#judge());
    listen("/events", { heard: (type, message) => this.heard(type, message), linked: (link) => this.linked(link) });
    this.#route();
  }

  heard(type, message) {
    if (type !== "board" && type !== "change") return;
    const changed = this.board.take(type, message);
    if (changed.length) {
      const news = changed.map((row) => t("say.state", { channel: named("channel", row.channel), queue: row.queue, state: named("state", stateOf(row)) }));
      say(this.news, news.join(" "));
    }
    this.#draw();
    this.#judge();
    this.panel.refresh();
  }

  linked(link) {
    if (link.state === "live") this.lostSince = null;
    else this.lostSince ??= Date.now();
    this.link = link;
    this.#judge();
  }

  /** A connection that comes back at once was not lost. */
  #judge() {
    const lost = this.lostSince !== null && Date.now() - this.lostSince > GRACE_MS;
    const state = lost ? "lost" : this.lostSince === null ? "live" : "connecting";
    this.connection.show(state);
    const found = judge({ ...this.link, state, fault: this.link.fault ?? "unreachable" }, this.board);
    this.banner(found);
    const old = found.oldSince !== null;
    this.asOf = old ? t("state.asof", { time: clockSeconds(found.oldSince - this.board.ahead) }) : "";
    freeze(found.oldSince);
    mark(document.body, "data-old", old ? "" : null);
    for (const tile of this.tiles.values()) tile.old(this.asOf);
  }

  #draw() {
    if (!this.board.known) return;
    const rows = ordered([...this.board.queues.values()].filter((row) => !this.channel || row.channel === this.channel));
    const shown = new Set(rows.map(keyOf));
    for (const [key, tile] of this.tiles) {
      if (!shown.has(key)) {
        tile.element.remove();
        this.tiles.delete(key);
      }
    }
    rows.forEach((row, i) => {
      const key = keyOf(row);
      const known = this.tiles.get(key) ?? new Tile();
      this.tiles.set(key, known);
      known.show(row, this.board.channels.get(row.channel), this.board);
      known.old(this.asOf);
      if (this.grid.children[i] !== known.element) this.#place(known.element, i);
    });
    this.#stops();
    this.#fit();
    this.room.querySelector(".empty")?.remove();
    if (!rows.length && !this.board.stale.includes("store")) this.room.append(emptyWall(this.channel));
    this.tabs.show(this.board, this.channel);
    this.#sum();
    this.crew.show(this.board.agents);
  }

  /** Moving an element takes its focus away: give it back. */
  #place(element, i) {
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    this.grid.insertBefore(element, this.grid.children[i] ?? null);
    focused?.focus({ preventScroll: true });
  }

  /** One tile is the keyboard's stop; arrows lead to the others. */
  #stops() {
    const links = [...this.grid.querySelectorAll(".open")];
    const stop = links.find((link) => link.getAttribute("tabindex") === "0") ?? links[0];
    for (const link of links) mark(link, "tabindex", link === stop ? "0" : "-1");
  }

  #arrive(target) {
    const link = target.closest(".tile")?.querySelector(".open");
    if (!link) return;
    for (const each of this.grid.querySelectorAll(".open")) mark(each, "tabindex", each === link ? "0" : "-1");
    const row = this.board.queues.get(link.closest(".tile").dataset.queue);
    if (row) mark(link, "aria-label", sentence(row, this.board.now()));
  }

  #sum() {
    const shown = [...this.board.queues.values()].filter((row) => !this.channel || row.channel === this.channel);
    const counts = STATES.map((state) => [state, shown.filter((row) => row.state === state).length]);
    const text = JSON.stringify(counts);
    if (text === this.summed) return;
    this.summed = text;
    document.title = `${counts[0][1] ? `(${count(counts[0][1])}) ` : ""}${t("app.wall")} · Centralino`;
    this.summary.replaceChildren(...counts.map(([state, n]) => h("div", { class: "count", "data-state": n ? state : null }, h("dt", {}, sign(state), named("state", state)), h("dd", {}, count(n)))));
  }

  #fit() {
    const style = getComputedStyle(this.room);
    const wide = this.room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const high = this.room.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const { columns, rows, em } = fit(this.tiles.size, wide, high);
    this.grid.style.setProperty("--columns", columns);
    this.grid.style.setProperty("--rows", rows || "none");
    this.grid.style.setProperty("--em", `${em.toFixed(2)}px`);
    mark(this.grid, "data-scrolls", rows ? null : "");
  }

  #route() {
    const asked = fromHash(location.hash);
    if (asked.kind === "queue") return this.panel.open(asked.channel, asked.queue, this.channel);
    this.panel.close();
    this.channel = asked.channel;
    this.#draw();
  }

  focus(key) {
    this.tiles.get(key)?.open.focus();
  }
}
