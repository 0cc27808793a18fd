/** Which page an address asks for. */
import { agentsPage } from "./agents.js";
import { customerPage } from "./customer.js";
import { explainPage } from "./explain.js";
import { interactionPage } from "./interaction.js";
import { journeysPage } from "./journeys.js";
import { Wall } from "./wall.js";

const PAGES = [
  [/^\/agents$/, agentsPage],
  [/^\/journeys$/, journeysPage],
  [/^\/explain$/, explainPage],
  [/^\/interaction\/([^/]+)\/(.+)$/, interactionPage],
  [/^\/customer\/(.+)$/, customerPage],
  [/^/, () => new Wall()],
];

const [pattern, page] = PAGES.find(([each]) => each.test(location.pathname));
page(...pattern.exec(location.pathname).slice(1).map(decodeURIComponent));
