// A consumer in JavaScript: events with their evidence, checked against `dateline schema event`.
//
//   npm install redis ajv fzstd
//   dateline schema event > event.schema.json
//   node examples/consumer.mjs redis://127.0.0.1:6379/0 event.schema.json
//
// Offsets count Unicode code points; JavaScript's strings count UTF-16 units. Array.from(text) has one item a code point.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import { RESP_TYPES, createClient } from "redis";

const [url, schema, most = "Infinity"] = process.argv.slice(2);
const valid = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(readFileSync(schema, "utf8")));
const STREAM = "dateline:events", GROUP = "javascript", NAME = "js-1";
// Data is bytes where redis.compress is set: then datacontentencoding is "zstd".
const { decompress } = await import("fzstd").catch(() => ({}));
const jsonOf = (message) => {
  if (!message.datacontentencoding) return JSON.parse(message.data.toString());
  if (`${message.datacontentencoding}` !== "zstd" || !decompress) throw new Error("compressed data: npm install fzstd");
  return JSON.parse(Buffer.from(decompress(message.data)).toString());
};
const client = await createClient(url.startsWith("unix://") ? { socket: { path: url.slice(7) } } : { url }).connect();
const redis = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }); // text fields are compared as `${field}`
await redis.xGroupCreate(STREAM, GROUP, "0", { MKSTREAM: true }).catch((error) => {
  if (!error.message.includes("BUSYGROUP")) throw error;
});

let from = "0"; // first what was handed out and not acknowledged, then what is new
let shown = 0;
while (shown < Number(most)) {
  const answer = await redis.xReadGroup(GROUP, NAME, { key: STREAM, id: from }, { COUNT: 100, BLOCK: 2000 });
  const entries = answer?.[0]?.messages ?? [];
  if (!entries.length) from = ">";
  for (const { id, message } of entries) {
    if (from !== ">") from = id;
    if (`${message?.type}` === "dateline.event.reported") {
      const event = jsonOf(message);
      if (!valid(event)) console.error(`${message.id}`, valid.errors);
      const { text, start, trigger } = event.evidence;
      const word = Array.from(text).slice(trigger.start - start, trigger.end - start).join("");
      console.log(event.plover.type, word, "|", text);
      shown += 1;
    }
    await redis.xAck(STREAM, GROUP, id);
  }
}
await client.close();
