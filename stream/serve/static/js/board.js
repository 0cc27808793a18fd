/** What the service has told: a whole board, then changes merged into it. Knows nothing of the page. */

export const CHANNELS = ["phone", "chat", "video", "email", "social"];
const RANK = { breached: 0, at_risk: 1, ok: 2, closed: 3 };

export const keyOf = (row) => `${row.channel}/${row.queue}`;
export const ms = (instant) => (instant ? Date.parse(instant) : null);

/** Breached first, then at risk; among equals by channel and name, so that a tile stays where it was. */
export function ordered(rows) {
  const rank = (row) => RANK[row.state] ?? RANK.ok;
  const place = (row) => CHANNELS.indexOf(row.channel);
  return [...rows].sort((a, b) => rank(a) - rank(b) || place(a) - place(b) || a.queue.localeCompare(b.queue));
}

export class Board {
  constructor() {
    this.queues = new Map();
    this.channels = new Map();
    this.agents = { by: [], not_ready: {} };
    this.stale = [];
    this.ages = {};
    this.window = "30m";
    this.at = null;
    this.ahead = 0;
    this.staleSince = new Map();
  }

  get known() {
    return this.at !== null;
  }

  /** The service's clock, in ms: the viewer's may be wrong. */
  now() {
    return Date.now() + this.ahead;
  }

  /** Takes a message in; which queues' states have changed, as rows. */
  take(type, message) {
    const whole = type === "board";
    const before = new Map([...this.queues].map(([key, row]) => [key, row.state]));
    if (whole) this.queues = new Map();
    for (const row of message.queues ?? []) this.queues.set(keyOf(row), row);
    for (const [channel, queue] of message.gone ?? []) this.queues.delete(`${channel}/${queue}`);
    if (message.channels) this.channels = new Map(message.channels.map((each) => [each.channel, each]));
    if (message.agents) this.agents = message.agents;
    if (message.window) this.window = message.window;
    this.#clock(message, whole);
    this.#freshness(message);
    return [...this.queues.values()].filter((row) => before.has(keyOf(row)) && before.get(keyOf(row)) !== row.state);
  }

  #clock(message, whole) {
    const at = ms(message.at);
    if (at === null) return;
    const ahead = at - Date.now();
    this.ahead = whole ? ahead : Math.max(this.ahead, ahead);
    this.at = at;
  }

  #freshness(message) {
    this.ages = message.input_age_seconds ?? this.ages;
    if (!message.stale) return;
    this.stale = message.stale;
    for (const reason of [...this.staleSince.keys()]) if (!this.stale.includes(reason)) this.staleSince.delete(reason);
    for (const reason of this.stale) {
      if (!this.staleSince.has(reason)) this.staleSince.set(reason, this.#since(reason, ms(message.stale_since_at)));
    }
  }

  /** Since when a reason holds: what the service says, else the last input that was heard, else now. */
  #since(reason, told) {
    const heard = Object.values(this.ages).filter((age) => age !== null);
    if (told !== null) return told;
    return reason === "silent" && heard.length ? this.at - Math.min(...heard) * 1000 : this.at;
  }

  /** The channels that have queues, in their order. */
  channelNames() {
    const used = new Set([...this.queues.values()].map((row) => row.channel));
    return CHANNELS.filter((channel) => used.has(channel));
  }
}
