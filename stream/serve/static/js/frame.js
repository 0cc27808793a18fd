/** What stands around every page: its name, the pages, the connection, the clock, the theme. */
import { h, mark, say } from "./dom.js";
import { clock } from "./format.js";
import { LOCALE, t } from "./i18n.js";
import { sign } from "./signs.js";
import { eachSecond } from "./ticker.js";

const THEMES = ["auto", "dark", "light"];
const STORED = "centralino.theme";
const PAGES = [["/", "app.wall"], ["/agents", "app.agents"], ["/journeys", "app.journeys"]];

function themeButton() {
  const button = h("button", { type: "button", class: "theme" });
  const show = (theme) => {
    mark(document.documentElement, "data-theme", theme === "auto" ? null : theme);
    button.replaceChildren(h("span", { class: `disc ${theme}`, "aria-hidden": "true" }));
    mark(button, "aria-label", t(`theme.${theme}`));
    mark(button, "title", t(`theme.${theme}`));
  };
  let theme = THEMES.includes(localStorage.getItem(STORED)) ? localStorage.getItem(STORED) : "auto";
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(STORED, theme);
    show(theme);
  });
  show(theme);
  return button;
}

function clockFace() {
  const face = h("time", { class: "clock" });
  const show = () => say(face, clock(new Date()));
  show();
  eachSecond(show);
  return face;
}

/** The connection as a sign and a word. */
export function connection() {
  const element = h("span", { class: "connection" });
  let shown = "";
  const show = (state) => {
    if (state === shown) return;
    shown = state;
    mark(element, "data-link", state);
    element.replaceChildren(sign(state), h("span", {}, t(`link.${state}`)));
  };
  show("connecting");
  return { element, show };
}

/**
 * The bar and an empty main. `tools`: what the page puts into the bar; `link`: its connection, when it has one.
 * Returns the parts that pages fill.
 */
export function frame(title, { tools = [], link = null } = {}) {
  document.documentElement.lang = LOCALE;
  document.title = `${title} · Centralino`;
  const nav = h(
    "nav",
    { "aria-label": t("app.pages") },
    PAGES.map(([href, key]) => h("a", { href, "aria-current": href === location.pathname ? "page" : null }, t(key))),
  );
  const bar = h("header", { class: "bar" }, h("a", { class: "brand", href: "/" }, "Centralino"), nav, tools, h("span", { class: "end" }, link, clockFace(), themeButton()));
  const alert = h("div", { class: "banner", role: "alert" });
  const news = h("p", { class: "unseen", "aria-live": "polite", role: "status" });
  const main = h("main", { id: "main", tabindex: "-1" });
  document.body.replaceChildren(h("a", { class: "skip", href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) }, t("app.skip")), bar, alert, main, news);
  return { bar, alert, main, news };
}
