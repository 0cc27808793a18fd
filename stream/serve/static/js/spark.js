/** The last hour in twelve strokes: a level as a line against its target, arrivals as bars. */
import { h, svg } from "./dom.js";

const [WIDE, HIGH, INSET] = [120, 32, 2];

const x = (i, n) => (n === 1 ? WIDE : (i * WIDE) / (n - 1));
const y = (share) => HIGH - INSET - share * (HIGH - 2 * INSET);
/** Levels are drawn from here up, or from the lowest. */
const FLOOR = 0.5;

function runs(values, scale) {
  const found = [[]];
  values.forEach((value, i) => {
    if (value === null) found.push([]);
    else found.at(-1).push([x(i, values.length), y(scale(value))]);
  });
  return found.filter((run) => run.length);
}

const frame = (label, ...content) =>
  svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "spark", preserveAspectRatio: "none", role: "img", "aria-label": label }, ...content);

/** From a half to 1, or from the lowest, so that tiles can be compared; gaps where nothing was measured. */
export function levelLine(values, target, label) {
  const lowest = Math.min(FLOOR, target, ...values.filter((value) => value !== null));
  const scale = (value) => (value - lowest) / (1 - lowest || 1);
  const lines = runs(values, scale).map((run) =>
    run.length === 1
      ? svg("path", { d: `M${run[0][0] - 2} ${run[0][1]}h4`, class: "line" })
      : svg("polyline", { points: run.map((point) => point.map((n) => n.toFixed(1)).join(",")).join(" "), class: "line" }),
  );
  return frame(label, svg("path", { d: `M0 ${y(scale(target)).toFixed(1)}H${WIDE}`, class: "target" }), ...lines);
}

/** From 0 to the highest; the last one is not over yet, and drawn lighter. */
export function bars(values, label) {
  const highest = Math.max(1, ...values);
  const step = WIDE / values.length;
  const drawn = values.map((value, i) => {
    const high = (value / highest) * (HIGH - INSET);
    return svg("rect", { x: i * step + 1, y: HIGH - high, width: step - 2, height: high, class: i === values.length - 1 ? "bar running" : "bar" });
  });
  return frame(label, svg("path", { d: `M0 ${HIGH - 0.5}H${WIDE}`, class: "ground" }), ...drawn);
}

/** A share of a whole, in a table's cell. */
export const share = (ratio) =>
  h("span", { class: "share", "aria-hidden": "true" }, svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none" }, svg("rect", { x: 0, y: 0, width: 100 * Math.min(1, ratio ?? 0), height: 8, class: "bar" })));
