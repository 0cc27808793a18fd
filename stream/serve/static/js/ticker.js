/** What grows by itself: texts that tell how long something has lasted, written anew each second. */
import { say } from "./dom.js";
import { length } from "./format.js";

let now = () => Date.now();
let stopped = false;
const after = new Set();

const write = (element) => say(element, element.dataset.since ? length(now() - Number(element.dataset.since)) : element.dataset.none ?? "");

/** Lets an element tell how long it is since `at` (ms); null: `none`. */
export function since(element, at, none = "") {
  if (at === null || at === undefined) delete element.dataset.since;
  else element.dataset.since = String(at);
  element.dataset.none = none;
  element.classList.add("ticks");
  if (!stopped || element.textContent === "") write(element);
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

/** Stops what ticks where it is, or lets it go on: what is old must not look alive. */
export function freeze(old) {
  stopped = old;
}

function tick() {
  if (!stopped) for (const element of document.querySelectorAll(".ticks")) write(element);
  for (const call of after) call();
  setTimeout(tick, 1000 - (Date.now() % 1000));
}
setTimeout(tick, 200);
