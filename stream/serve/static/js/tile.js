/** One queue on the wall: made once, then only what differs is written. */
import { ms } from "./board.js";
import { h, mark, say, sayNumber } from "./dom.js";
import * as f from "./format.js";
import { named, t } from "./i18n.js";
import { toQueue } from "./links.js";
import { AGENT_STATES, fcrOf, forecasts, levelFigure, levelLabel, notes, sentence, stateOf, threaded, waits, why, whyAgents } from "./row.js";
import { sign } from "./signs.js";
import { bars, levelLine } from "./spark.js";
import { since } from "./ticker.js";

const FLASH_MS = 6000;

/** A number with its label, that opens its explanation. Tiles are one stop of the keyboard: there, Enter opens all. */
function figure(name) {
  const label = h("dt");
  const number = h("a", { class: "number", tabindex: "-1" });
  const below = h("dd", { class: "below" });
  const element = h("div", { class: `figure ${name}` }, label, h("dd", { class: "value" }, number), below);
  const set = ({ title, text, href, note = "", tone = null }) => {
    say(label, title);
    if (text !== undefined) sayNumber(number, text);
    mark(number, "href", href);
    mark(number, "aria-label", text === undefined ? title : t("say.explain", { label: title, value: text }));
    say(below, note);
    mark(element, "data-tone", tone);
  };
  return { element, number, set };
}

export class Tile {
  constructor() {
    const part = (name) => (this[name] = figure(name));
    this.open = h("a", { class: "open" });
    this.channel = h("span", { class: "channel" });
    this.sign = h("span", { class: "shape" });
    this.word = h("b");
    this.age = h("span", { class: "age" });
    this.asOf = h("span", { class: "as-of" });
    this.notes = h("span", { class: "notes" });
    this.offered = h("a", { class: "number", tabindex: "-1" });
    this.sparks = [[t("tile.spark.level")], [t("tile.spark.offered"), " ", this.offered]].map((words) => h("figure", {}, h("figcaption", {}, words), h("svg")));
    this.hour = h("div", { class: "hour" }, this.sparks);
    this.forecast = h("dl", { class: "forecast" });
    this.element = h(
      "li",
      { class: "tile" },
      h(
        "div",
        { class: "inside" },
        h("div", { class: "top" }, this.sign, h("h2", {}, this.open), this.channel, this.notes, h("span", { class: "state" }, this.word, this.age, this.asOf)),
        h("dl", { class: "main" }, part("waiting").element, part("longest").element, part("level").element),
        this.hour,
        h("dl", { class: "more" }, ["asa", "aht", "fcr", "abandonment"].map((name) => part(name).element)),
        h("dl", { class: "staff" }, AGENT_STATES.map((name) => part(name).element)),
        this.forecast,
      ),
    );
    this.drawn = {};
  }

  /** Show a row; `channel`: that of its channel. */
  show(row, channel, board) {
    if (this.row === row && this.of === channel) return;
    this.of = channel;
    const state = stateOf(row);
    if (this.element.dataset.state && this.element.dataset.state !== state) this.#flash();
    this.row = row;
    mark(this.element, "data-state", state);
    mark(this.element, "data-queue", `${row.channel}/${row.queue}`);
    this.#once("sign", state, () => this.sign.replaceChildren(sign(state)));
    say(this.open, row.queue);
    mark(this.open, "href", toQueue(row.channel, row.queue));
    mark(this.open, "aria-label", sentence(row, board.now()));
    const { marks, opening } = notes(row, board.now());
    say(this.channel, [named("channel", row.channel), opening].filter(Boolean).join(", "));
    say(this.word, named("state", state));
    since(this.age, state === "closed" || state === "none" ? null : ms(row.state_since_at));
    this.#once("notes", JSON.stringify(marks), () => this.notes.replaceChildren(...marks.map(([name, text]) => h("span", { title: text }, sign(name), h("span", { class: "unseen" }, text)))));
    this.#main(row, board.window);
    this.#hour(row);
    this.#more(row, channel, board.window);
    this.#staff(row);
    this.#once("forecast", JSON.stringify(row.forecast), () => this.#ahead(row));
  }

  /** Says of what time it is; empty: of now. */
  old(text) {
    mark(this.element, "data-asof", text || null);
    say(this.asOf, text);
  }

  #once(name, value, draw) {
    if (this.drawn[name] === value) return;
    this.drawn[name] = value;
    draw();
  }

  #flash() {
    this.element.classList.add("changed");
    clearTimeout(this.flashing);
    this.flashing = setTimeout(() => this.element.classList.remove("changed"), FLASH_MS);
  }

  #main(row, window) {
    const { n, past, figure: name, pastFigure, label } = waits(row);
    const late = past > 0 ? "bad" : null;
    this.waiting.set({ title: label, text: f.count(n), href: why(row, name, window), tone: row.state === "closed" && n && !threaded(row) ? "bad" : null });
    this.longest.set({
      title: t("tile.longest"),
      href: why(row, past ? pastFigure : "longest_wait_ms", window),
      note: t("tile.past", { n: f.count(past), time: f.setting(row.threshold_ms) }),
      tone: late,
    });
    since(this.longest.number, ms(row.longest_since_at), f.DASH);
    const low = row.level !== null && row.level < row.target;
    this.level.set({
      title: levelLabel(row),
      text: f.level(row.level, row.target),
      href: why(row, levelFigure(row), window),
      note: `${t("tile.target", { target: f.percent(row.target) })} ${threaded(row) ? t("tile.in", { time: f.setting(row.threshold_ms) }) : ""}`.trim(),
      tone: low ? "bad" : null,
    });
  }

  #hour(row) {
    const { level = [], offered = [] } = row.sparks ?? {};
    this.#once("hour", JSON.stringify([level, offered, row.target]), () => {
      const shares = level.map((each) => f.percent(each)).join(", ");
      const all = offered.reduce((sum, n) => sum + n, 0);
      say(this.offered, f.count(all));
      mark(this.offered, "href", why(row, "offered", "1h"));
      this.sparks[0].lastChild.replaceWith(levelLine(level, row.target, t("tile.spark.say", { values: shares })));
      this.sparks[1].lastChild.replaceWith(bars(offered, t("tile.spark.offered.say", { values: offered.join(", ") })));
    });
  }

  #more(row, channel, window) {
    const fcr = fcrOf(channel);
    const figures = [
      ["asa", t("tile.asa"), f.secondsLong(row.asa_seconds), why(row, "asa_seconds", window)],
      ["aht", t("tile.aht"), f.secondsLong(row.aht_seconds), why(row, "aht_seconds", window)],
      ["fcr", t("tile.fcr", { channel: named("channel", row.channel) }), f.percent(fcr.ratio), fcr.href],
      ["abandonment", t("tile.abandonment"), f.percent(row.abandonment), why(row, "abandonment", window)],
    ];
    for (const [name, title, text, href] of figures) this[name].set({ title, text, href });
  }

  #staff(row) {
    const { n } = waits(row);
    for (const name of AGENT_STATES) {
      const none = name === "available" && row.agents.available === 0 && n > 0 && !threaded(row);
      this[name].set({ title: t(`agents.short.${name}`), text: f.count(row.agents[name]), href: whyAgents(row), tone: none ? "bad" : null });
    }
  }

  #ahead(row) {
    const found = forecasts(row);
    this.forecast.hidden = !found.length;
    this.forecast.replaceChildren(
      ...found.map(({ minutes, level, text, short }) =>
        h(
          "div",
          { "data-tone": level !== null && level < row.target ? "bad" : null },
          h("dt", {}, t("tile.forecast.in", { n: minutes })),
          h("dd", {}, h("a", { class: "number", tabindex: "-1", href: why(row, "forecast", minutes) }, text), short && h("span", { class: "short" }, short)),
        ),
      ),
    );
  }
}
