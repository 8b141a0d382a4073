// The wire: articles as they arrive, newest on top, each with its events.
import { byId, fill, make } from "./dom.js";
import { headline, proof, quadOf, QUADS } from "./events.js";

const KEPT = 300; // Cards on the page; older ones are on the stream, not here.
const SHOWN_EVENTS = 4;

export class Wire {
  constructor(onOpen) {
    this.cards = new Map(); // article id -> {head, events, element, at}
    this.seen = new Set(); // envelope ids
    this.held = [];
    this.paused = false;
    this.current = null;
    this.filter = { words: "", quads: new Set(Object.keys(QUADS)), withEvents: false, copies: true };
    this.onOpen = onOpen;
    this.list = byId("wire");
    this.list.addEventListener("click", (click) => {
      const card = click.target.closest(".card");
      if (card) this.open(card.dataset.article);
    });
    byId("held").addEventListener("click", () => this.pause(false));
  }

  /** Take rows in the order they were published. `fresh`: they arrived while somebody watched. */
  take(rows, fresh) {
    if (this.paused && fresh) {
      this.held.push(...rows);
      if (this.held.length > 20000) this.held.splice(0, this.held.length - 20000);
      return this.showHeld();
    }
    const touched = new Set();
    for (const row of rows) {
      if (this.seen.has(row.id)) continue;
      this.seen.add(row.id);
      const card = this.cardOf(row);
      if (!card) continue;
      this.put(card, row);
      touched.add(row.article);
    }
    for (const article of touched) this.draw(article, fresh);
    this.drop();
    this.applyFilter();
  }

  cardOf(row) {
    let card = this.cards.get(row.article);
    if (!card && row.what === "article") {
      card = { head: row, events: new Map(), element: null };
      this.cards.set(row.article, card);
    }
    return card; // An event whose article was before our time has no card: passed over.
  }

  put(card, row) {
    if (row.what === "article") {
      if (card.head.id !== row.id && card.head.revision <= row.revision) card.events = new Map();
      card.head = row;
    } else if (row.what === "event") {
      card.events.set(row.event, row);
    } else if (row.what === "retraction") {
      card.events.delete(row.event);
      card.takenBack = (card.takenBack || 0) + 1;
    }
  }

  draw(article, fresh) {
    const card = this.cards.get(article);
    const head = card.head;
    const kind = head.type.split(".")[1];
    const events = [...card.events.values()].sort((a, b) => Number(b.main) - Number(a.main) || b.confidence - a.confidence);
    const family = head.family && head.family.size > 1 ? `${head.family.role} of ${head.family.size}` : null;
    const element = make(`li.card.${kind}`, { "data-article": article, "aria-current": article === this.current || null },
      make("div.line", null,
        make("time", { datetime: head.time }, head.time.slice(11, 19)),
        make("span.grow", null, [head.publisher || head.source, head.agency, head.place].filter(Boolean).join(" · ")),
        kind !== "published" ? make("span.badge", null, kind === "revised" ? `revision ${head.revision}` : kind) : null,
        family ? make("span", null, family) : null,
        head.language && !head.language.startsWith("en") ? make("span", null, head.language) : null,
        head.paywalled ? make("span", null, "paywall") : null),
      make("h2", { lang: head.language, dir: "auto" }, make("a", { href: `#${article}` }, head.title || "(no headline)")),
      kind === "copied" ? null : events.slice(0, SHOWN_EVENTS).map(eventLine),
      kind !== "copied" && events.length > SHOWN_EVENTS ? make("p.more", null, `and ${events.length - SHOWN_EVENTS} more`) : null,
      card.takenBack ? make("p.more", null, `${card.takenBack} taken back`) : null);
    if (fresh) element.classList.add("fresh");
    if (card.element) card.element.remove();
    card.element = element;
    card.at = head.seq || 0;
    // Usually the newest: then this is one comparison. An old article's late event goes back to where its head stands.
    let before = this.list.firstElementChild;
    while (before && this.cards.get(before.dataset.article).at > card.at) before = before.nextElementSibling;
    this.list.insertBefore(element, before);
  }

  drop() {
    while (this.list.children.length > KEPT) {
      const last = this.list.lastElementChild;
      const card = this.cards.get(last.dataset.article);
      this.seen.delete(card.head.id);
      for (const event of card.events.values()) this.seen.delete(event.id);
      this.cards.delete(last.dataset.article);
      last.remove();
    }
    if (this.seen.size > 50000) this.seen = new Set([...this.seen].slice(-20000));
  }

  /** Show what the filter lets through; a card passes with its own words or those of any of its events. */
  applyFilter() {
    const { words, quads, withEvents, copies } = this.filter;
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const narrowed = quads.size < Object.keys(QUADS).length;
    let shown = 0;
    for (const { head, events, element } of this.cards.values()) {
      const list = [...events.values()];
      const text = () => JSON.stringify([head, list]).toLowerCase();
      const passes = (copies || !head.type.endsWith("copied")) && (!withEvents || list.length) &&
        (!narrowed || list.some((event) => quads.has(event.quad))) &&
        (!wanted.length || wanted.every((word) => text().includes(word)));
      element.hidden = !passes;
      shown += passes ? 1 : 0;
    }
    byId("wire-empty").hidden = this.cards.size > 0;
    fill(byId("shown"), shown === this.cards.size ? `${shown} articles` : `${shown} of ${this.cards.size} articles`);
  }

  /** What to expect of a wire on which nothing stands yet. */
  explainEmpty(stats) {
    if (this.cards.size) return;
    const polled = stats.counters.polls ? `${stats.counters.polls} polls so far` : "none was polled yet";
    const words = stats.feeds ? `${stats.feeds} feeds are on the list, ${polled}.` : "There are no feeds yet: list them in config/feeds.toml, or run `dateline feeds add URL`.";
    fill(byId("wire-empty"), "Nothing has come in yet. Articles appear here as they are published on the stream. ", words);
  }

  pause(paused) {
    this.paused = paused;
    byId("pause").setAttribute("aria-pressed", String(paused));
    if (!paused) this.take(this.held.splice(0), true);
    this.showHeld();
  }

  showHeld() {
    const articles = new Set(this.held.map((row) => row.article)).size;
    byId("held").hidden = !articles;
    fill(byId("held"), `${articles} new`);
  }

  open(article) {
    this.cards.get(this.current)?.element.removeAttribute("aria-current");
    this.current = article;
    this.cards.get(article)?.element.setAttribute("aria-current", "true");
    this.onOpen(article);
  }

  /** The next (+1) or previous (-1) article that is shown. */
  step(by) {
    const shown = [...this.list.children].filter((element) => !element.hidden);
    const at = shown.findIndex((element) => element.dataset.article === this.current);
    const next = shown[at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))];
    if (!next) return;
    this.open(next.dataset.article);
    next.scrollIntoView({ block: "nearest" });
  }
}

function eventLine(event) {
  const quad = quadOf(event);
  return make(`div.event.q-${quad.key}`, null, make("span.glyph", { title: event.quad }, quad.glyph), headline(event), proof(event));
}
