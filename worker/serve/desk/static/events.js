// One event in words and signs, as cards, results and the article show it.
import { html } from "./vendor/preact.js";
import { byCodePoints } from "./offsets.js";
import { countryName, dayText, number, placeName, quadOf } from "./words.js";

const COUNTED = { killed: "killed", injured: "injured", arrested: "arrested", size: "people" };
const PRONOUN = /^(he|she|it|they|we|i|him|her|them|who|which|that|this|his|their|il|elle|ils|elles)$/i;

/** A party as the article has it, with its country where neither its words nor ``known``, the country that the line names, tell it. */
function Party({ party, known }) {
  const words = PRONOUN.test(party.text) || party.text.length > 70 ? party.name : party.text;
  const country = party.country && countryName(party.country);
  const told = country && (party.country === known || words.toLowerCase().includes(country.toLowerCase().slice(0, 5)));
  return html`<span class="party-name">${words}${country && !told ? html` <span class="of">${country}</span>` : null}</span>`;
}

function Parties({ list, known }) {
  if (!list.length) return null;
  const shown = list.slice(0, 3).map((party, at) => html`${at ? ", " : ""}<${Party} party=${party} known=${known} />`);
  return html`${shown}${list.length > 3 ? ` and ${list.length - 3} more` : ""}`;
}

export function Confidence({ value }) {
  const full = Math.round(value * 5);
  return html`<span class="confidence" title="confidence ${value.toFixed(2)} of 1">
    <span class="dots" aria-hidden="true">${[0, 1, 2, 3, 4].map((at) => html`<i class=${at < full ? "on" : ""}></i>`)}</span>
    <span class="unseen">confidence </span>${value.toFixed(2)}</span>`;
}

export function Sign({ event }) {
  const quad = quadOf(event);
  return html`<span class="sign" title=${quad.name} aria-hidden="true">${quad.glyph}</span><span class="unseen">${quad.name}: </span>`;
}

/** TYPE mode · actors → recipients · place, day, counts, flags · confidence. */
export function EventLine({ event }) {
  const place = event.place && event.place !== countryName(event.country) ? placeName(event.place) : null;
  const known = place ? null : event.country; // The line names this country by itself.
  const about = [place || (event.country && countryName(event.country)), event.date && dayText(event.date), ...counts(event)].filter(Boolean).join(" · ");
  // Spaces between the parts, so that a line breaks between them as in a sentence.
  return html`<span class="what">
    <span class="type">${event.type.toLowerCase()}${event.mode ? ` (${event.mode})` : ""}</span>${" "}
    <span class="who" dir="auto">${event.actors.length ? html`<${Parties} list=${event.actors} known=${known} />` : html`<span class="of">unnamed</span>`}${
      event.recipients.length ? html`<span class="arrow"> → </span><${Parties} list=${event.recipients} known=${known} />` : null}</span>${" "}
    ${about ? html`<span class="about">${about}</span>${" "}` : null}
    ${flags(event).map((flag) => html`<span class="flag">${flag}</span>${" "}`)}
    <${Confidence} value=${event.confidence} />
  </span>`;
}

/** The evidence, its trigger marked. */
export function Proof({ event }) {
  const text = byCodePoints(event.evidence);
  const [from, to] = event.trigger.map((offset) => offset - event.start);
  if (!(from >= 0 && to > from && to <= text.length)) return html`<q class="proof" dir="auto">${event.evidence}</q>`;
  return html`<q class="proof" dir="auto">${text.cut(0, from)}<mark>${text.cut(from, to)}</mark>${text.cut(to, text.length)}</q>`;
}

export function EventItem({ event, proof = true, gone = false }) {
  return html`<div class="event q-${quadOf(event).key} ${event.confidence < 0.6 ? "unsure" : ""} ${gone ? "gone" : ""}">
    <${Sign} event=${event} /><${EventLine} event=${event} />${proof ? html`<${Proof} event=${event} />` : null}</div>`;
}

export function flags(event) {
  return [event.negated && "negated", event.conditional && "conditional", ["anticipated", "alleged"].includes(event.certainty) && event.certainty].filter(Boolean);
}

function counts(event) {
  return Object.entries(event.counts || {}).map(([name, [low, high]]) => `${low === high ? number(low) : `${number(low)}–${number(high)}`} ${COUNTED[name] || name}`);
}
