/** The sign of each state: a shape of its own, so that no state is told by colour alone. */
import { svg } from "./dom.js";

const SHAPES = {
  ok: () => [svg("circle", { cx: 12, cy: 12, r: 10, class: "body" }), svg("path", { d: "M7 12.5l3.5 3.5L17 9", class: "mark" })],
  at_risk: () => [svg("path", { d: "M12 2.2 23 21.4H1z", class: "body" }), svg("path", { d: "M12 9v6M12 17.6v1.6", class: "mark" })],
  breached: () => [svg("path", { d: "M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z", class: "body" }), svg("path", { d: "M8 8l8 8M16 8l-8 8", class: "mark" })],
  closed: () => [svg("rect", { x: 2, y: 2, width: 20, height: 20, rx: 3, class: "body" }), svg("path", { d: "M6.5 12h11", class: "mark" })],
  none: () => [svg("circle", { cx: 12, cy: 12, r: 9, class: "hollow" })],
  live: () => [svg("circle", { cx: 12, cy: 12, r: 7, class: "body" })],
  connecting: () => [svg("circle", { cx: 12, cy: 12, r: 7, class: "hollow" })],
  lost: () => [svg("path", { d: "M4 4l16 16M20 4 4 20", class: "line" })],
  muted: () => [svg("path", { d: "M5 17h14l-2-3v-4a5 5 0 0 0-10 0v4zM10 20h4M3 3l18 18", class: "line" })],
  seen: () => [svg("path", { d: "M3 12.5l5 5L18 7", class: "line" })],
};

/** A sign as an image that says nothing aloud: its word stands beside it. */
export const sign = (name) => svg("svg", { viewBox: "0 0 24 24", class: `sign sign-${name}`, "aria-hidden": "true", focusable: "false" }, ...(SHAPES[name] ?? SHAPES.none)());
