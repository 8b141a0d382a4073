// The desk's page: header, views and keys. Each view asks the server for what the address says.
import { html, render, useCallback, useEffect, useRef, useState } from "./vendor/preact.js";
import { useAnswer, useEvery, useLive } from "./api.js";
import { Article } from "./article.js";
import { FilterBar } from "./filters.js";
import { Health } from "./health.js";
import { Overview } from "./overview.js";
import { Search } from "./search.js";
import { addressWith, follow, go, useHere, VIEWS } from "./state.js";
import { step, Wire } from "./wire.js";
import { loadCountries, QUADS } from "./words.js";

const NAMES = { overview: "Overview", wire: "Wire", search: "Search", health: "Health" };
const KEYS = [["1 – 4", "overview, wire, search, health"], ["/", "search"], ["j, k", "next, previous article"], ["o", "open the article's own page"], ["Esc", "close the article, leave a field"], ["t", "light, dark, as the system"], ["?", "this help"]];

function App() {
  const params = useHere();
  const live = useLive();
  const [help, setHelp] = useState(false);
  const health = useAnswer("/desk/api/health");
  useEvery(30, () => health.again());
  const alarms = health.data?.alarms || [];
  const bad = alarms.some((one) => one.level === "bad");
  const select = useCallback((article) => go({ article, revision: null }), []);
  const close = useCallback(() => go({ article: null, revision: null }), []);
  useEffect(() => { document.title = `${bad ? "▲ " : ""}Dateline: ${NAMES[params.view].toLowerCase()}`; }, [bad, params.view]);
  useKeys(setHelp, close);
  const hasPane = params.view === "wire" || params.view === "search";
  const [preview, setPreview] = useState(null); // On a wide screen the first article is open before one is chosen.
  const wide = useWide();
  const shown = params.article || (hasPane && wide ? preview : null);
  return html`<div class="desk" onClick=${follow}>
    <a class="skip" href="#main">Skip to the news</a>
    <header class="bar">
      <a class="mark" data-go href="/desk" aria-label="Dateline, overview">Dateline</a>
      <nav aria-label="Views">${VIEWS.map((view) => html`<a data-go href=${addressWith({ view, article: null, revision: null })} aria-current=${params.view === view ? "page" : null}>${NAMES[view]}${
        view === "health" && alarms.length ? html`<span class="alarm-count ${bad ? "bad" : ""}"><span class="unseen">, </span>${alarms.length}<span class="unseen"> alarms</span></span>` : null}</a>`)}</nav>
      <${Pulse} state=${live.state} />
      <button type="button" class="quiet" onClick=${switchTheme} aria-label="Switch between light, dark and the system's theme" title="Theme (t)">◐</button>
      <button type="button" class="quiet" onClick=${() => setHelp(true)} aria-label="Keys and signs" title="Help (?)">?</button>
    </header>
    ${params.view === "health" ? null : html`<${FilterBar} params=${params} theme=${switchTheme} help=${() => setHelp(true)} />`}
    <main id="main" tabindex="-1" class="view-${params.view} ${hasPane && params.article ? "with-article" : ""}">
      ${params.view === "overview" ? html`<${Overview} params=${params} live=${live} />` : null}
      ${params.view === "health" ? html`<${Health} />` : null}
      ${hasPane ? html`<h1 class="unseen">${NAMES[params.view]}</h1>` : null}
      ${params.view === "wire" ? html`<${Wire} params=${params} live=${live} select=${select} preview=${setPreview} shown=${shown} />` : null}
      ${params.view === "search" ? html`<${Search} params=${params} select=${select} preview=${setPreview} shown=${shown} />` : null}
      ${hasPane ? html`<${Article} name=${shown} revision=${params.revision} live=${live} close=${params.article ? close : null} />` : null}
    </main>
    <${Help} open=${help} close=${() => setHelp(false)} />
  </div>`;
}

function useWide() {
  const query = matchMedia("(min-width: 1001px)");
  const [wide, set] = useState(query.matches);
  useEffect(() => {
    const changed = () => set(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return wide;
}

function Pulse({ state }) {
  const words = { connecting: "connecting", live: "live", lost: "connection lost" }[state];
  return html`<span class="pulse" data-state=${state} role="status" title=${state === "lost" ? "It tries again by itself" : "New articles appear by themselves"}>${words}</span>`;
}

function Help({ open, close }) {
  const dialog = useRef(null);
  useEffect(() => { if (open) dialog.current.showModal(); else dialog.current.close(); }, [open]);
  return html`<dialog ref=${dialog} onClose=${close} aria-labelledby="help-title"><h2 id="help-title">Keys and signs</h2>
    <dl class="keys">${KEYS.map(([key, words]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${words}</dd></div>`)}</dl>
    <h3>Signs</h3><dl class="keys">${QUADS.map((quad) => html`<div class="q-${quad.key}"><dt><span class="sign" aria-hidden="true">${quad.glyph}</span> ${quad.words}</dt><dd>${quad.name}: ${quad.such}</dd></div>`)}</dl>
    <h3>Numbers</h3><p>Five dots and a number are the confidence of an event, 0 to 1. A happening is a main event with all articles that report it; copies of one text count as one independent text. Times are in your time zone; point at one to see it in UTC.</p>
    <form method="dialog"><button class="quiet">Close</button></form></dialog>`;
}

function switchTheme() {
  const order = ["", "light", "dark"];
  const next = order[(order.indexOf(document.documentElement.dataset.theme || "") + 1) % 3];
  if (next) document.documentElement.dataset.theme = next;
  else delete document.documentElement.dataset.theme;
  try { localStorage.setItem("dateline-theme", next); } catch { /* storage is off: until the page is left */ }
}

function useKeys(setHelp, close) {
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const field = event.target.closest?.("input, select, textarea");
      if (event.key === "Escape") { if (field) field.blur(); else if (!document.querySelector("dialog[open]")) close(); return; }
      if (field || document.querySelector("dialog[open]")) return;
      if (VIEWS[Number(event.key) - 1]) go({ view: VIEWS[Number(event.key) - 1], article: null, revision: null });
      else if (event.key === "/") { event.preventDefault(); document.getElementById("query")?.focus(); }
      else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
      else if (event.key === "o") document.querySelector(".reader .facts a[target]")?.click();
      else if (event.key === "t") switchTheme();
      else if (event.key === "?") setHelp(true);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

await loadCountries().catch(() => { /* codes instead of names */ });
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
