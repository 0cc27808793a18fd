/** The JSON API. A failure carries what the service said of it. */

export class Failed extends Error {
  constructor(status, body) {
    super(body?.error ?? `HTTP ${status}`);
    this.status = status;
    this.hint = body?.hint ?? "";
  }
}

/** GET a route; raises Failed. */
export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  let reply;
  try {
    reply = await fetch(`/api/v1/${path}${query.size ? `?${query}` : ""}`, { headers: { accept: "application/json" } });
  } catch {
    throw new Failed(0, null);
  }
  const body = await reply.json().catch(() => null);
  if (!reply.ok) throw new Failed(reply.status, body);
  return body;
}

/** A segment of a path: slashes stay, as the routes take them. */
export const part = (text) => text.split("/").map(encodeURIComponent).join("/");
