// The wire: one card per happening, newest on top, its printings below; new ones come in by themselves.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { ask, useAnswer, useCalm } from "./api.js";
import { EventItem } from "./events.js";
import { addressWith, filterQuery, go } from "./state.js";
import { many, number, When } from "./words.js";
import { Badges, Lost, printedBy, Waiting } from "./parts.js";

export function Wire({ params, live, select, preview, shown }) {
  const wire = useWire(params, live);
  const lead = wire.list?.cards[0]?.lead.article;
  useEffect(() => { if (lead) preview((old) => (isOn(wire.list, old) ? old : lead)); }, [lead]);
  if (wire.error && !wire.list) return html`<${Lost} error=${wire.error} again=${wire.again} />`;
  if (!wire.list) return html`<${Waiting} what="the wire" />`;
  const { list, held, fresh } = wire;
  const showHeld = () => { wire.showHeld(); document.querySelector(".list")?.scrollTo({ top: 0 }); };
  return html`<section class="list" aria-label="Wire" onScroll=${(event) => { wire.top.current = event.target.scrollTop < 60; }}>
    <p class="count" role="status"><span><b>${number(list.total)}</b> ${list.total === 1 ? "happening" : "happenings"}${wire.loading ? " · loading" : ""}</span></p>
    ${held.length ? html`<button type="button" class="held" onClick=${showHeld}>${many(held.length, "new happening")}</button>` : null}
    ${list.cards.length ? html`<ol class="cards">${list.cards.map((card) => html`<${Card} key=${card.key} card=${card} fresh=${fresh.has(card.key)} current=${shown} select=${select} />`)}</ol>`
      : html`<div class="empty"><h1>Nothing matches</h1><p>Widen the time or remove a filter.</p></div>`}
    ${wire.problem ? html`<p class="empty" role="alert">Older happenings did not come: ${wire.problem}</p>` : null}
    ${list.next ? html`<button type="button" class="quiet older" onClick=${wire.older}>Older</button>` : null}
  </section>`;
}

const isOn = (list, article) => list.cards.some((card) => card.printings.some((one) => one.article === article));

/**
 * The wire's list as {query, cards, next, total, version}, and what changes it: `older` adds a page, changes come in by
 * themselves, at once while the reader is at the `top`, else `held` until `showHeld`. `fresh` are the keys that came last.
 */
function useWire(params, live) {
  const query = filterQuery(params);
  const first = useAnswer(`/desk/api/wire?${query}`);
  const [list, setList] = useState(null);
  const [fresh, setFresh] = useState(new Set());
  const [held, setHeld] = useState([]);
  const [problem, setProblem] = useState("");
  const top = useRef(true);
  const calm = useCalm(live.version, 0.5);

  useEffect(() => {
    if (first.data && !first.loading) { setList({ query, ...first.data }); setHeld([]); setFresh(new Set()); setProblem(""); }
  }, [first.data]);

  const show = (cards, gone) => { setList((old) => merged(old, cards, gone)); setFresh(new Set(cards.map((card) => card.key))); };

  useEffect(() => {
    if (!list || list.query !== query || calm <= list.version) return undefined;
    let ended = false;
    ask(`/desk/api/wire?${filterQuery(params, { since_version: list.version })}`).then((news) => {
      if (ended) return;
      if (news.too_many) { first.again(); return; }
      setList((old) => ({ ...old, version: news.version }));
      if (top.current) show(news.cards, news.gone);
      else setHeld((old) => [...old.filter((card) => !news.cards.some((one) => one.key === card.key)), ...news.cards]);
    }).catch(() => { /* The next change asks again. */ });
    return () => { ended = true; };
  }, [calm, list?.version, query]);

  const older = async () => {
    try {
      const page = await ask(`/desk/api/wire?${filterQuery(params, { after: list.next })}`);
      setList((old) => ({ ...old, cards: [...old.cards, ...page.cards.filter((card) => !old.cards.some((one) => one.key === card.key))], next: page.next }));
      setProblem("");
    } catch (error) { setProblem(error.message); }
  };
  return { list, fresh, held, problem, top, older, error: first.error, loading: first.loading, again: first.again, showHeld: () => { show(held, []); setHeld([]); } };
}

/** A list with changed cards in the place of the old ones, newest first, and without those that are gone. */
function merged(list, cards, gone) {
  const changed = new Set(cards.map((card) => card.key));
  const kept = list.cards.filter((card) => !changed.has(card.key) && !gone.includes(card.key));
  const known = list.cards.filter((card) => changed.has(card.key)).length;
  const all = [...kept, ...cards].sort((a, b) => b.at - a.at || b.key - a.key);
  return { ...list, cards: all, total: list.total + cards.length - known - (list.cards.length - known - kept.length) };
}

function Card({ card, fresh, current, select }) {
  const { lead } = card;
  const others = card.printings.filter((one) => one.article !== lead.article);
  const isOpen = card.printings.some((one) => one.article === current);
  const open = (event) => { if (!event.target.closest("a, button") && !String(getSelection())) select(lead.article); };
  return html`<li class="card ${fresh ? "fresh" : ""}" data-article=${lead.article} aria-current=${isOpen ? "true" : null} onClick=${open}>
    <p class="meta"><${When} ms=${lead.at} /><span class="publisher" dir="auto">${lead.publisher || lead.owner}</span><${Badges} printing=${lead} />
      ${card.papers > 1 ? html`<b class="papers">${printedBy(card)}</b>` : null}
      ${card.retracted ? html`<span class="badge bad">${many(card.retracted, "event")} retracted</span>` : null}</p>
    <h2 lang=${lead.lang} dir="auto"><a data-go href=${addressWith({ article: lead.article, revision: null })}>${lead.title || "(no headline)"}</a></h2>
    ${card.events.map((event, at) => html`<${EventItem} event=${event} proof=${at === 0} />`)}
    ${card.more_events ? html`<p class="rest">and ${many(card.more_events, "more event")}</p>` : null}
    ${others.length ? html`<ul class="printings">${others.map((one) => html`<li><${When} ms=${one.at} /> <span class="publisher" dir="auto">${one.publisher || one.owner}</span>
      <a data-go dir="auto" lang=${one.lang} href=${addressWith({ article: one.article, revision: null })}>${one.title === lead.title ? "same headline" : one.title || "(no headline)"}</a><${Badges} printing=${one} /></li>`)}
      ${card.more_printings > 0 ? html`<li class="rest">and ${card.more_printings} more</li>` : null}</ul>` : null}
  </li>`;
}

/** The next (+1) or previous (-1) article of a list. */
export function step(by) {
  const rows = [...document.querySelectorAll("[data-article]")];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
  if (!next) return;
  go({ article: next.dataset.article, revision: null }, { replace: true });
  next.scrollIntoView({ block: "nearest" });
}
