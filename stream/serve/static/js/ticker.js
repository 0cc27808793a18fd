/** What grows by itself: texts that tell how long something has lasted, written anew each second. */
import { sayNumber } from "./dom.js";
import { length } from "./format.js";

let now = () => Date.now();
let stopped = null;
const after = new Set();

const write = (element) => sayNumber(element, element.dataset.since ? length((stopped ?? now()) - Number(element.dataset.since)) : element.dataset.none ?? "");

/** Lets an element tell how long it is since `at` (ms); null: `none`. */
export function since(element, at, none = "") {
  if (at === null || at === undefined) delete element.dataset.since;
  else element.dataset.since = String(at);
  element.dataset.none = none;
  element.classList.add("ticks");
  write(element);
  return element;
}

/** What time it is for all that ticks. */
export function keepTime(clock) {
  now = clock;
}

/** Also call this each second. */
export function eachSecond(call) {
  after.add(call);
}

const writeAll = () => document.querySelectorAll(".ticks").forEach(write);

/** Sets all that ticks back to an instant (ms), and keeps it there; null lets it go on. What is old must not look alive. */
export function freeze(at) {
  if (at === stopped) return;
  stopped = at;
  writeAll();
}

function tick() {
  if (stopped === null) writeAll();
  for (const call of after) call();
  setTimeout(tick, 1000 - (Date.now() % 1000));
}
setTimeout(tick, 200);
