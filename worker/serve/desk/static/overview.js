// The first view: which happenings most papers report, where, when, who with whom, and which countries rise.
import { html } from "./vendor/preact.js";
import { useAnswer, useCalm } from "./api.js";
import { Histogram } from "./chart.js";
import { EventItem } from "./events.js";
import { WorldMap } from "./map.js";
import { addressWith, filterQuery } from "./state.js";
import { countryName, many, number, QUADS, When } from "./words.js";
import { Lost, printedBy, Waiting } from "./parts.js";

const TITLES = { "": "the last 24 hours", "24h": "the last 24 hours", "1h": "the last hour", "7d": "the last 7 days", "30d": "the last 30 days" };

export function Overview({ params, live }) {
  const calm = useCalm(live.version, 5);
  const { data, error, again } = useAnswer(`/desk/api/overview?${filterQuery(params, params.since ? {} : { since: "24h" })}`, [calm]);
  if (error && !data) return html`<${Lost} error=${error} again=${again} />`;
  if (!data) return html`<${Waiting} what="the overview" />`;
  const range = params.until ? "the chosen range" : TITLES[params.since || ""] || "the chosen range";
  if (!data.totals.articles) return html`<${Empty} data=${data} range=${range} params=${params} />`;
  return html`<div class="overview">
    <h1 class="unseen">What happened in ${range}</h1>
    <section class="panel top" aria-labelledby="top"><h2 id="top">Most reported in ${range}</h2>
      ${data.happenings.length ? html`<ol class="ranked">${data.happenings.map((one) => html`<${Ranked} card=${one} />`)}</ol>` : html`<p class="nothing">No event in this range.</p>`}</section>
    <div class="side"><section class="panel where" aria-labelledby="where"><h2 id="where">Where</h2>
      <${WorldMap} places=${data.places} country=${params.country} /></section>
    <section class="panel when" aria-labelledby="when"><h2 id="when">When</h2>
      <${Totals} totals=${data.totals} />
      <${Histogram} bars=${data.bars} label=${range} height=${200} />
      <${Legend} bars=${data.bars} />
    </section></div>
    <section class="panel pairs" aria-labelledby="pairs"><h2 id="pairs">Who with whom</h2><${Pairs} pairs=${data.pairs} /></section>
    <section class="panel rising ${data.compared ? "compared" : ""}" aria-labelledby="rising"><h2 id="rising">${data.compared ? "Rising countries" : "Countries"}</h2><${Rising} rows=${data.rising} range=${range} compared=${data.compared} /></section>
  </div>`;
}

function Totals({ totals }) {
  const shown = [[totals.events, "event"], [totals.happenings, "happening"], [totals.articles, "article"], [totals.papers, "paper"]];
  return html`<dl class="totals">${shown.map(([value, name]) => html`<div><dt>${value === 1 ? name : `${name}s`}</dt><dd>${number(value)}</dd></div>`)}</dl>`;
}

function Empty({ data, range, params }) {
  const narrowed = Object.keys(params).some((name) => !["view", "since"].includes(name));
  return html`<div class="empty"><h1>Nothing ${narrowed ? "matches" : "was published"} in ${range}</h1>
    <p>${data.caught_up ? "Articles appear here as they are published on the stream." : "The desk is still reading the stream; this takes a moment."}</p>
    <p><a data-go href=${addressWith({ since: "30d", until: null })}>Look at the last 30 days</a> · <a data-go href=${addressWith({ view: "health" })}>See whether the feeds are polled</a></p></div>`;
}

function Legend({ bars }) {
  return html`<ul class="legend">${QUADS.map((quad, at) => html`<li class="q-${quad.key}"><a data-go href=${addressWith({ quad: quad.key })} title=${quad.name}>
    <span class="sign" aria-hidden="true">${quad.glyph}</span> ${quad.words} <b>${number(bars.quads[at].reduce((sum, one) => sum + one, 0))}</b></a></li>`)}</ul>`;
}

function Ranked({ card }) {
  const first = card.events[0];
  return html`<li><a class="headline" data-go dir="auto" lang=${card.lead.lang} href=${addressWith({ view: "wire", article: card.lead.article })}>${card.lead.title || "(no headline)"}</a>
    <p class="meta"><b>${card.papers > 1 ? printedBy(card) : card.lead.publisher || card.lead.owner}</b><${When} ms=${card.lead.at} /></p>
    ${first ? html`<${EventItem} event=${first} proof=${false} />` : null}</li>`;
}

function Pairs({ pairs }) {
  if (!pairs.length) return html`<p class="nothing">No two parties act on each other in this range.</p>`;
  const most = pairs[0].count;
  return html`<ol class="bars">${pairs.map((pair) => html`<li><a data-go href=${addressWith({ pair: `${pair.actor}>${pair.recipient}` })}>
    <span class="name" dir="auto">${countryName(pair.actor)} <span class="arrow">→</span> ${countryName(pair.recipient)}</span><b>${number(pair.count)}</b>
    <${QuadBar} quads=${pair.quads} share=${pair.count / most} /></a></li>`)}</ol>`;
}

function Rising({ rows, range, compared }) {
  if (!rows.length) return html`<p class="nothing">${compared ? "No country has more events than in the time before." : "No event names a country."}</p>`;
  const most = Math.max(...rows.map((row) => row.count));
  return html`<ol class="bars">${rows.map((row) => html`<li><a data-go href=${addressWith({ country: row.country })} title="${many(row.count, "event")} in ${range}${compared ? `, ${number(row.before)} in the time before` : ""}">
    <span class="name">${countryName(row.country)}</span><b>${number(row.count)}</b>
    <${QuadBar} quads=${row.quads} share=${row.count / most} />${compared ? html`<span class="was">was ${number(row.before)}</span>` : null}</a></li>`)}</ol>
    ${compared ? null : html`<p class="nothing">This desk has no news from before ${range} to compare with.</p>`}`;
}

/** A bar as long as its share, parted by quad. */
export function QuadBar({ quads, share }) {
  const sum = quads.reduce((total, one) => total + one, 0) || 1;
  return html`<span class="quadbar" aria-hidden="true">${QUADS.map((quad, at) => (quads[at] ? html`<i class="q-${quad.key}" style=${{ width: `${(100 * share * quads[at]) / sum}%` }}></i>` : null))}</span>`;
}
