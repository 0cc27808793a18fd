/** Says that what is shown is old, why and since when; nothing while all is well. */
import { h } from "./dom.js";
import { clockSeconds } from "./format.js";
import { t, WORDS } from "./i18n.js";
import { sign } from "./signs.js";

/** Reasons that make the figures themselves old; a silent night leaves them true. */
const AGED = ["store", "broker", "behind"];

const reasonWords = (reason) => (`stale.${reason}` in WORDS ? t(`stale.${reason}`) : t("stale.other", { reason }));

/** The sentences to show, and since when the figures are old (ms; null: they are not). */
export function judge(link, board) {
  if (link.state === "lost") {
    const why = link.fault === "unreachable" ? null : t(`banner.${link.fault}`);
    const gone = link.aliveAt === null ? t("banner.never") : t("banner.unreachable", { time: clockSeconds(link.aliveAt) });
    const old = board.known ? t("banner.old", { time: clockSeconds(board.at - board.ahead) }) : null;
    return { said: [why ?? gone, old, t("banner.retry")].filter(Boolean), oldSince: board.at, kind: "lost" };
  }
  if (!board.stale.length) return { said: [], oldSince: null, kind: null };
  const times = [...board.staleSince.values()];
  const aged = board.stale.filter((reason) => AGED.includes(reason)).map((reason) => board.staleSince.get(reason));
  return {
    said: [t("banner.stale", { time: clockSeconds(Math.min(...times)) }), ...board.stale.map(reasonWords)],
    oldSince: aged.length ? Math.min(...aged) : null,
    kind: "stale",
  };
}

/** Draws what was judged, when it differs. */
export function banner(element) {
  let shown = "";
  return ({ said, kind }) => {
    const text = said.join(" ");
    if (text === shown) return;
    shown = text;
    element.dataset.kind = kind ?? "";
    element.replaceChildren(...(text ? [sign("at_risk"), h("p", {}, h("b", {}, said[0]), ` ${said.slice(1).join(" ")}`)] : []));
  };
}
