// Words and numbers for people: local times with UTC on hover, names of countries, kinds of event.
import { html } from "./vendor/preact.js";

// A sign beside the colour, so that nobody has to tell red from green.
export const QUADS = [
  { key: "vc", name: "verbal cooperation", words: "talk", glyph: "○", such: "they agree, consult, support" },
  { key: "mc", name: "material cooperation", words: "help", glyph: "●", such: "they aid, release, retreat" },
  { key: "vx", name: "verbal conflict", words: "dispute", glyph: "△", such: "they accuse, reject, threaten, demand" },
  { key: "mx", name: "material conflict", words: "force", glyph: "▲", such: "they assault, coerce, protest, sanction" },
];
export const quadOf = (event) => QUADS.find((quad) => quad.name === event.quad) || QUADS[0];
export const TYPES = ["AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"];

let countries = {};
export const loadCountries = async () => { countries = await (await fetch("/desk/static/vendor/countries.json")).json(); };
export const countryName = (code) => countries[code]?.[1] || code;
export const allCountries = () => countries;

const DAY = 86_400_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const utc = (ms) => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** A time in the reader's zone, as short as it can be; UTC on hover. */
export function When({ ms, long = false }) {
  if (!Number.isFinite(ms)) return null;
  const date = new Date(ms);
  const age = Date.now() - ms;
  const today = new Date().toDateString() === date.toDateString();
  const text = long ? full.format(date) : today ? clock.format(date) : age < 6 * DAY && age > 0 ? weekday.format(date)
    : date.getFullYear() === new Date().getFullYear() ? day.format(date) : dayYear.format(date);
  return html`<time datetime=${date.toISOString()} title=${utc(ms)}>${text}</time>`;
}

const LITTLE = new Set(["and", "au", "aux", "da", "de", "del", "des", "do", "dos", "du", "el", "la", "las", "le", "les", "los", "of", "on", "sur", "the"]);

/** A place as people write it: agencies print it in capitals before the first sentence ("PORT-AU-PRINCE"). */
export function placeName(text) {
  if (text.length < 4 || text !== text.toUpperCase() || text.includes(".")) return text;
  return text.toLowerCase().replace(/[\p{L}\p{M}'’]+/gu, (word, at) => (at > 0 && LITTLE.has(word) ? word : word[0].toUpperCase() + word.slice(1)));
}

const languages = new Intl.DisplayNames(["en"], { type: "language" });
export const languageName = (code) => { try { return languages.of(code); } catch { return code; } };

/** A name as people write it: agencies print bylines in capitals too ("KAISA RANDMETS"). One word may be an abbreviation. */
export const personName = (text) => (/\p{L}{2}\S* +\S*\p{L}{2}/u.test(text) ? placeName(text) : text);

/** "26 Nov" of an ISO day. */
export function dayText(iso) {
  const date = new Date(`${iso.slice(0, 10)}T12:00:00`);
  if (Number.isNaN(date.getTime())) return iso;
  const text = (date.getFullYear() === new Date().getFullYear() ? day : dayYear).format(date);
  return text.replaceAll(" ", "\u00a0"); // No line ends within it.
}

export const ago = (ms) => span((Date.now() - ms) / 1000);

/** "45 s", "12 min", "3 h", "5 d". */
export function span(seconds) {
  const s = Math.max(0, seconds);
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} d`;
}

const whole = new Intl.NumberFormat("en");
export const number = (value) => whole.format(value);
export const many = (count, one, more = `${one}s`) => `${number(count)} ${count === 1 ? one : more}`;

export function bytes(value) {
  if (value < 1e6) return `${Math.round(value / 1e3)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

/** A link that leaves the desk, for http and https only; plain text for anything else. */
export function Outside({ url, children }) {
  let parsed = null;
  try { parsed = new URL(url); } catch { /* not an address */ }
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return html`<span>${children}</span>`;
  return html`<a href=${parsed.href} target="_blank" rel="noopener noreferrer nofollow">${children}</a>`;
}

export const hostOf = (url) => { try { return new URL(url).host; } catch { return ""; } };
