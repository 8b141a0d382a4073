// The first view: where, when, which happenings most papers report, who with whom, and which countries rise.
import { html } from "./vendor/preact.js";
import { useAnswer, useCalm } from "./api.js";
import { Histogram } from "./chart.js";
import { EventItem } from "./events.js";
import { WorldMap } from "./map.js";
import { addressWith, filterQuery } from "./state.js";
import { countryName, many, number, QUADS, When } from "./words.js";
import { Lost, Waiting } from "./parts.js";

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
    <section class="panel where" aria-labelledby="where"><h2 id="where">Where</h2>
      <${WorldMap} places=${data.places} country=${params.country} /></section>
    <section class="panel when" aria-labelledby="when"><h2 id="when">In ${range}</h2>
      <dl class="totals">
        ${[["events", data.totals.events], ["happenings", data.totals.happenings], ["articles", data.totals.articles], ["papers", data.totals.papers]].map(([name, value]) => html`<div><dt>${name}</dt><dd>${number(value)}</dd></div>`)}
      </dl>
      <${Histogram} bars=${data.bars} label=${range} height=${260} />
      <${Legend} bars=${data.bars} />
    </section>
    <section class="panel top" aria-labelledby="top"><h2 id="top">Most reported</h2>
      ${data.happenings.length ? html`<ol class="ranked">${data.happenings.map((one) => html`<${Ranked} card=${one} />`)}</ol>` : html`<p class="nothing">No event in this range.</p>`}</section>
    <section class="panel pairs" aria-labelledby="pairs"><h2 id="pairs">Who with whom</h2><${Pairs} pairs=${data.pairs} /></section>
    <section class="panel rising" aria-labelledby="rising"><h2 id="rising">Rising countries</h2><${Rising} rows=${data.rising} range=${range} /></section>
  </div>`;
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
    <p class="meta"><b>${many(card.independent, "independent text")}</b><span>${many(card.papers, "paper")}</span><${When} ms=${card.at} /></p>
    ${first ? html`<${EventItem} event=${first} proof=${false} />` : null}</li>`;
}

function Pairs({ pairs }) {
  if (!pairs.length) return html`<p class="nothing">No two parties act on each other in this range.</p>`;
  const most = pairs[0].count;
  return html`<ol class="bars">${pairs.map((pair) => html`<li><a data-go href=${addressWith({ view: "wire", pair: `${pair.actor}>${pair.recipient}`, article: null })}>
    <span class="name" dir="auto">${countryName(pair.actor)} <span class="arrow">→</span> ${countryName(pair.recipient)}</span><b>${number(pair.count)}</b>
    <${QuadBar} quads=${pair.quads} share=${pair.count / most} /></a></li>`)}</ol>`;
}

function Rising({ rows, range }) {
  if (!rows.length) return html`<p class="nothing">No country has more events than in the time before.</p>`;
  const most = Math.max(...rows.map((row) => row.count));
  return html`<ol class="bars">${rows.map((row) => html`<li><a data-go href=${addressWith({ country: row.country })} title="${row.count} events in ${range}, ${row.before} in the time before">
    <span class="name">${countryName(row.country)}</span><b>${number(row.count)}</b>
    <${QuadBar} quads=${row.quads} share=${row.count / most} /><span class="was">${row.before ? `was ${number(row.before)}` : "new"}</span></a></li>`)}</ol>`;
}

/** A bar as long as its share, parted by quad. */
export function QuadBar({ quads, share }) {
  const sum = quads.reduce((total, one) => total + one, 0) || 1;
  return html`<span class="quadbar" aria-hidden="true">${QUADS.map((quad, at) => (quads[at] ? html`<i class="q-${quad.key}" style=${{ width: `${(100 * share * quads[at]) / sum}%` }}></i>` : null))}</span>`;
}
