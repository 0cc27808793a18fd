// Reads AsyncAPI documents, a list in JSON, from stdin; prints a line of JSON for each: what is wrong, and its topics.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const INFORMATION = 2; // from this severity on it is no fault

const parser = new Parser();
for (const each of JSON.parse(readFileSync(0, "utf8"))) {
  const { document, diagnostics } = await parser.parse(JSON.stringify(each));
  const faults = diagnostics
    .filter(({ severity }) => severity < INFORMATION)
    .map(({ path, message }) => `${path.join("/")}: ${message}`);
  const topics = document?.channels().all().map((channel) => ({
    address: channel.address(),
    actions: channel.operations().all().map((operation) => operation.action()),
    messages: channel.messages().all().map((message) => message.title()),
  }));
  console.log(JSON.stringify({ faults, topics: topics ?? [] }));
}
