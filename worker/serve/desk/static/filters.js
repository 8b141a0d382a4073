// What narrows every view: words, time, kinds, place, actor, publisher, confidence. All of it is in the address.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { addressWith, FILTERS, go } from "./state.js";
import { allCountries, countryName, QUADS, TYPES } from "./words.js";

const RANGES = [["1h", "last hour"], ["24h", "last 24 hours"], ["7d", "last 7 days"], ["30d", "last 30 days"]];
const SURE = [["", "any"], ["0.5", "0.5 or more"], ["0.7", "0.7 or more"], ["0.85", "0.85 or more"]];

export function FilterBar({ params, theme, help }) {
  const isOverview = params.view === "overview";
  const custom = params.until || (params.since && !RANGES.some(([key]) => key === params.since));
  const more = ["country", "actor", "pair", "type", "publisher", "lang", "confidence", "events"].some((name) => params[name]);
  const [open, setOpen] = useState(false);
  return html`<section class="filters ${open ? "open" : ""}" aria-label="Filters">
    <div class="filter-row">
      <${Words} value=${params.q || ""} />
      <label><span class="unseen">Time</span><select id="range" value=${custom ? "custom" : params.since || ""}
        onChange=${(event) => event.target.value !== "custom" && go({ since: event.target.value || null, until: null })}>
        <option value="">${isOverview ? "last 24 hours" : "all time"}</option>
        ${RANGES.filter(([key]) => !(isOverview && key === "24h")).map(([key, words]) => html`<option value=${key}>${words}</option>`)}
        ${custom ? html`<option value="custom">chosen range</option>` : null}
      </select></label>
      <${Quads} chosen=${(params.quad || "").split(",").filter(Boolean)} />
      <button type="button" class="quiet more" aria-expanded=${String(open)} aria-controls="more-filters" onClick=${() => setOpen(!open)}>${more ? "Filters •" : "Filters"}</button>
    </div>
    ${open ? html`<div class="filter-row" id="more-filters">
      <${Country} value=${params.country} />
      <${Field} name="actor" label="Actor" value=${params.actor} placeholder="name or code" />
      <label>Kind <select value=${params.type || ""} onChange=${(event) => go({ type: event.target.value || null })}>
        <option value="">any</option>${TYPES.map((type) => html`<option value=${type}>${type.toLowerCase()}</option>`)}</select></label>
      <${Field} name="publisher" label="Publisher" value=${params.publisher} placeholder="its full name" />
      <${Field} name="lang" label="Language" value=${params.lang} placeholder="en" short=${true} />
      <label>Confidence <select value=${params.confidence || ""} onChange=${(event) => go({ confidence: event.target.value || null })}>
        ${SURE.map(([key, words]) => html`<option value=${key}>${words}</option>`)}</select></label>
      <label class="check"><input type="checkbox" checked=${params.events === "1"} onChange=${(event) => go({ events: event.target.checked ? "1" : null })} /> with events only</label>
      <span class="only-small"><button type="button" class="quiet" onClick=${theme}>Theme</button> <button type="button" class="quiet" onClick=${help}>Help</button></span>
    </div>` : null}
    <${Chips} params=${params} />
  </section>`;
}

function Words({ value }) {
  const [text, setText] = useState(value);
  const timer = useRef(null);
  useEffect(() => setText(value), [value]);
  const change = (event) => {
    setText(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go({ q: event.target.value.trim() || null }, { replace: true }), 350);
  };
  const submit = (event) => { event.preventDefault(); clearTimeout(timer.current); go({ q: text.trim() || null }); };
  return html`<form role="search" class="words" onSubmit=${submit}><input type="search" id="query" value=${text} onInput=${change} autocomplete="off" spellcheck="false"
    aria-label="Search words" placeholder=${innerWidth > 700 ? 'Search: words, "a phrase", -without' : "Search"} maxlength="200" /></form>`;
}

function Quads({ chosen }) {
  const toggle = (key) => {
    const now = chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key];
    go({ quad: now.length === QUADS.length ? null : now.join(",") || null });
  };
  return html`<div class="chips" role="group" aria-label="Kinds of event">${QUADS.map((quad) => html`
    <button type="button" class="chip q-${quad.key}" aria-pressed=${String(chosen.includes(quad.key))} title=${quad.name} onClick=${() => toggle(quad.key)}>
      <span aria-hidden="true">${quad.glyph}</span> ${quad.words}</button>`)}</div>`;
}

function Field({ name, label, value, placeholder, short }) {
  return html`<label>${label} <input class=${short ? "short" : ""} value=${value || ""} placeholder=${placeholder} maxlength="100"
    onChange=${(event) => go({ [name]: event.target.value.trim() || null })} /></label>`;
}

function Country({ value }) {
  const find = (text) => {
    const wanted = text.trim().toLowerCase();
    const found = Object.entries(allCountries()).find(([code, [, name]]) => code.toLowerCase() === wanted || name.toLowerCase() === wanted);
    go({ country: found ? found[0] : text.trim().toUpperCase() || null });
  };
  return html`<label>Country <input list="countries" value=${value ? value.split(",").map(countryName).join(", ") : ""} placeholder="any" onChange=${(event) => find(event.target.value)} />
    <datalist id="countries">${Object.values(allCountries()).map(([, name]) => html`<option value=${name} />`)}</datalist></label>`;
}

/** What is narrowed now, each part with a way out. */
function Chips({ params }) {
  const shown = FILTERS.filter((name) => params[name] && !["quad", "q"].includes(name) && !(name === "since" && !params.until && RANGES.some(([key]) => key === params.since)));
  if (!shown.length) return null;
  return html`<div class="filter-row active" aria-label="Active filters">${shown.map((name) => html`
    <a class="tag" data-go href=${addressWith({ [name]: null })} title="Remove this filter"><span dir="auto">${say(name, params[name])}</span> <span aria-hidden="true">×</span><span class="unseen">, remove</span></a>`)}
    <a class="tag clear" data-go href=${addressWith(Object.fromEntries(FILTERS.map((name) => [name, null])))}>clear all</a></div>`;
}

function say(name, value) {
  if (name === "country") return value.split(",").map(countryName).join(", ");
  if (name === "pair") return value.split(">").map(countryName).join(" → ");
  if (name === "type") return value.toLowerCase();
  if (name === "confidence") return `confidence ${value} or more`;
  if (name === "events") return "with events only";
  if (name === "since" || name === "until") return `${name === "since" ? "from" : "until"} ${local(value)}`;
  return `${name === "lang" ? "language" : name} ${value}`;
}

function local(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
