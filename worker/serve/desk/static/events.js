// One event in words and signs, as the wire and the reading pane show it.
import { make } from "./dom.js";
import { byCodePoints } from "./offsets.js";

// A sign beside the colour, so that nobody has to tell red from green.
export const QUADS = {
  "verbal cooperation": { key: "vc", glyph: "○", words: "talk" },
  "material cooperation": { key: "mc", glyph: "●", words: "help" },
  "verbal conflict": { key: "vx", glyph: "△", words: "dispute" },
  "material conflict": { key: "mx", glyph: "▲", words: "force" },
};
const COUNTED = { killed: "killed", injured: "injured", arrested: "arrested", size: "people" };

export const quadOf = (event) => QUADS[event.quad] || { key: "vc", glyph: "·", words: event.quad };

/** "Türkiye, Ukraine": names, with the country's code where the name does not tell it. */
export function parties(list) {
  if (!list || !list.length) return "";
  const names = list.slice(0, 3).map((party) => (party.country && party.country !== party.name ? `${party.name} ${party.country}` : party.name));
  return names.join(", ") + (list.length > 3 ? ` +${list.length - 3}` : "");
}

/** TYPE mode  actors → recipients · place · day · counts, flags. */
export function headline(event) {
  const to = parties(event.recipients);
  const about = [event.place || event.country, event.date, ...counts(event)].filter(Boolean).join(" · ");
  return make("span.what", null,
    make("span.type", null, event.plover + (event.mode ? ` ${event.mode}` : "")),
    make("span.who", null, parties(event.actors) || make("span.dim", null, "unnamed"),
      to ? make("span.arrow", null, "→") : null, to || null),
    about ? make("span.dim", null, about) : null,
    flags(event).map((flag) => make("span.flag", null, flag)));
}

/** The evidence, its trigger marked. */
export function proof(event) {
  const text = byCodePoints(event.evidence);
  const [from, to] = event.trigger.map((offset) => offset - event.start);
  if (!(from >= 0 && to > from && to <= text.length)) return make("span.proof", { dir: "auto" }, event.evidence);
  return make("span.proof", { dir: "auto" }, text.cut(0, from), make("mark", null, text.cut(from, to)), text.cut(to, text.length));
}

export function flags(event) {
  return [event.negated && "negated", event.conditional && "conditional", ["anticipated", "alleged"].includes(event.certainty) && event.certainty].filter(Boolean);
}

function counts(event) {
  return Object.entries(event.counts || {}).map(([name, [low, high]]) => `${low === high ? low : `${low}–${high}`} ${COUNTED[name] || name}`);
}
