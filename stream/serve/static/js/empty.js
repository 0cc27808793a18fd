/** What to do when there is nothing to show. */
import { h } from "./dom.js";
import { t } from "./i18n.js";

const EVENT = `{"specversion": "1.0", "id": "1", "source": "/try", "type": "interaction.queued",
 "time": "2026-03-02T14:59:03Z",
 "data": {"interaction_id": "call-1", "channel": "phone", "queue": "support"}}`;

export function emptyWall(channel) {
  if (channel) return h("section", { class: "empty" }, h("h2", {}, t("empty.channel")));
  return h(
    "section",
    { class: "empty" },
    h("h2", {}, t("empty.title")),
    h("p", {}, t("empty.say")),
    h("p", {}, t("empty.demo")),
    h("pre", {}, h("code", {}, "centralino demo")),
    h("p", {}, t("empty.produce"), " ", h("code", {}, "interactions.phone"), ":"),
    h("pre", {}, h("code", {}, EVENT)),
    h("p", {}, t("empty.docs", { page: "docs/events.md", settings: "docs/settings.md" })),
  );
}
