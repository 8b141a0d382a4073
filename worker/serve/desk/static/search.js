// Search and history: articles that match, newest first, over all that is indexed; shareable, and an RSS feed.
import { html, useEffect, useState } from "./vendor/preact.js";
import { ask, useAnswer } from "./api.js";
import { Histogram } from "./chart.js";
import { EventItem } from "./events.js";
import { byCodePoints } from "./offsets.js";
import { addressWith, filterQuery } from "./state.js";
import { countryName, number, When } from "./words.js";
import { Badges, Lost, Waiting } from "./parts.js";

export function Search({ params, select, preview, shown }) {
  const query = filterQuery(params);
  const first = useAnswer(`/desk/api/search?${query}`);
  const facets = useAnswer(first.data ? `/desk/api/facets?${query}` : null);
  const [more, setMore] = useState({ query, results: [], next: null });
  useEffect(() => { if (first.data) setMore({ query, results: [], next: first.data.next }); }, [first.data]);
  const lead = first.data?.results[0]?.article || null;
  useEffect(() => preview(lead), [lead]);
  if (first.error && !first.data) return html`<${Lost} error=${first.error} again=${first.again} />`;
  if (!first.data) return html`<${Waiting} what="results" />`;
  const older = async () => {
    try {
      const page = await ask(`/desk/api/search?${filterQuery(params, { after: more.next })}`);
      setMore((old) => ({ ...old, results: [...old.results, ...page.results], next: page.next, problem: "" }));
    } catch (error) { setMore((old) => ({ ...old, problem: error.message })); }
  };
  const results = [...first.data.results, ...more.results];
  return html`<section class="list" aria-label="Search results">
    <p class="count" role="status"><span><b>${number(first.data.total)}</b> ${first.data.total === 1 ? "article" : "articles"}${first.loading ? " · loading" : ""}</span>
      <a class="rss" href="/desk/feed.rss?${query}">RSS of this search</a></p>
    ${facets.data && first.data.total ? html`<details class="facets" open=${innerWidth > 1100}><summary>What they have in common</summary>
      <${Histogram} bars=${facets.data.bars} height=${96} label="the time of the articles found" />
      <${Facet} name="country" title="Countries" rows=${facets.data.countries} say=${countryName} /><${Facet} name="type" title="Kinds" rows=${facets.data.types} say=${(type) => type.toLowerCase()} />
      <${Facet} name="publisher" title="Publishers" rows=${facets.data.publishers} say=${(name) => name} /></details>` : null}
    ${results.length ? html`<ol class="cards">${results.map((result, at) => html`<${Result} key=${result.article} result=${result} isBelow=${isBelow(results, at)} current=${shown} select=${select} />`)}</ol>`
      : html`<div class="empty"><h1>No article matches</h1><p>Every word must be there. Try fewer words, the beginning of one (<code>sanct*</code>), or a wider time.</p></div>`}
    ${more.problem ? html`<p class="empty" role="alert">Older results did not come: ${more.problem}</p>` : null}
    ${more.next ? html`<button type="button" class="quiet older" onClick=${older}>Older results</button>` : null}
  </section>`;
}

/** Whether a result without events of its own stands below its original, with other copies of it between at most. */
function isBelow(results, at) {
  const { original, events } = results[at];
  let above = at - 1;
  while (above >= 0 && results[above].original === original) above -= 1;
  return Boolean(original) && !events.length && above >= 0 && results[above].article === original;
}

function Facet({ name, title, rows, say }) {
  if (!rows.length) return null;
  return html`<div class="facet"><span class="label">${title}</span><span>${rows.slice(0, 5).map((row) => html`<a class="tag" data-go dir="auto" href=${addressWith({ [name]: row.value })}>${say(row.value)} <b>${number(row.count)}</b></a>`)}</span></div>`;
}

/** ``isBelow``: a copy right below its original says only that. */
function Result({ result, isBelow, current, select }) {
  const open = (event) => { if (!event.target.closest("a, button") && !String(getSelection())) select(result.article); };
  return html`<li class="card" data-article=${result.article} aria-current=${result.article === current ? "true" : null} onClick=${open}>
    <p class="meta"><${When} ms=${result.at} /><span class="publisher" dir="auto">${result.publisher || result.owner}</span><${Badges} printing=${result} /></p>
    <h2 lang=${result.lang} dir="auto"><a data-go href=${addressWith({ article: result.article, revision: null })}>${result.title || "(no headline)"}</a></h2>
    ${result.excerpt && !isBelow ? html`<p class="excerpt" dir="auto" lang=${result.lang}><${Marked} ...${result.excerpt} /></p>` : null}
    ${isBelow ? html`<p class="note-line">A copy of the article above.</p>` : result.copy_of ? html`<p class="note-line">Copy of <a data-go dir="auto" href=${addressWith({ article: result.copy_of.article, revision: null })}>${result.copy_of.title || "(no headline)"}</a>, <span dir="auto">${result.copy_of.publisher}</span>${result.copy_of.events.length ? ", which reports:" : ""}</p>` : null}
    ${isBelow ? null : [...result.events, ...(result.copy_of?.events || [])].map((event) => html`<${EventItem} event=${event} proof=${false} />`)}
  </li>`;
}

function Marked({ text, marks }) {
  const words = byCodePoints(text);
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at) continue;
    parts.push(words.cut(at, start), html`<mark>${words.cut(start, end)}</mark>`);
    at = end;
  }
  return html`${parts}${words.cut(at, words.length)}`;
}
