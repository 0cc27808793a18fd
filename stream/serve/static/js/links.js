/** Addresses of our own pages, to share. */

const q = (parameters) => new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined)).toString();
const path = (text) => text.split("/").map(encodeURIComponent).join("/");

export const toQueue = (channel, queue) => `/#/queue/${encodeURIComponent(channel)}/${path(queue)}`;
export const toChannel = (channel) => (channel ? `/#/channel/${channel}` : "/#/");
export const toExplanation = (figure, { channel, queue, window, at }) => `/explain?${q({ figure, window, channel, queue, at })}`;
export const toInteraction = (channel, id) => `/interaction/${encodeURIComponent(channel)}/${path(id)}`;
export const toCustomer = (id) => `/customer/${path(id)}`;
export const toAgents = (queue) => (queue ? `/agents?${q({ queue })}` : "/agents");

/** What a hash asks for: {channel} of a tab, {channel, queue} of a drill-down. */
export function fromHash(hash) {
  const [, kind, channel, ...queue] = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (kind === "queue" && channel && queue.length) return { kind, channel, queue: queue.join("/") };
  return { kind: "channel", channel: kind === "channel" ? channel : null };
}
