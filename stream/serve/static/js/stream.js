/** The service's events, read as a stream of bytes: any byte is a sign of life, pings too, which an EventSource hides. */
import { pause } from "./dom.js";

export const SILENT_MS = 8_000;
const BACK_OFF_MS = [500, 1000, 2000, 4000];

/** The events in a text, and what is left of it after the last whole one. */
export function parse(text) {
  const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop();
  const events = blocks.map((block) => {
    const event = { type: "message", data: [] };
    for (const line of block.split("\n")) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") event.type = value;
      else if (field === "data") event.data.push(value);
    }
    return { type: event.type, data: event.data.join("\n") };
  });
  return { events: events.filter((event) => event.data !== ""), rest };
}

/**
 * Listens for as long as the page lives. `heard(type, data)`: an event; `linked({state, fault, aliveAt})`: live,
 * connecting or lost, with the fault (denied, starting, unreachable) and the last sign of life in ms.
 */
export async function listen(url, { heard, linked }) {
  let aliveAt = null;
  for (let attempt = 0; ; attempt += 1) {
    const abort = new AbortController();
    let signAt = Date.now();
    const watch = setInterval(() => Date.now() - signAt > SILENT_MS && abort.abort(), 1000);
    const reply = await fetch(url, { signal: abort.signal, cache: "no-store", headers: { accept: "text/event-stream" } }).catch(() => null);
    if (reply?.ok) {
      attempt = 0;
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ; ) {
        const { value, done } = await reader.read().catch(() => ({ done: true }));
        if (done) break;
        signAt = aliveAt = Date.now();
        linked({ state: "live", fault: null, aliveAt });
        const { events, rest } = parse(text + value);
        text = rest;
        for (const { type, data } of events) if (type !== "ping") heard(type, JSON.parse(data));
      }
    }
    clearInterval(watch);
    const fault = { 401: "denied", 503: "starting" }[reply?.status] ?? "unreachable";
    linked({ state: "lost", fault, aliveAt });
    await pause(BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)]);
  }
}
