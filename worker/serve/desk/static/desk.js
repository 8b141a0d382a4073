// The desk: ties the wire, the reading pane and the side to the API, and the keys to them.
import { byId, fill, make } from "./dom.js";
import { QUADS } from "./events.js";
import { drawFamilies, drawFeeds, drawGauges, drawPairs, drawReaders, drawSources } from "./panels.js";
import { drawAlarms, drawTrouble } from "./trouble.js";
import { Reader } from "./reader.js";
import { Wire } from "./wire.js";

const reader = new Reader();
const wire = new Wire((article) => {
  history.replaceState(null, "", `#${article}`);
  show("reader");
  reader.open(article);
});

// -- what comes in

async function catchUp() {
  const answer = await get("/desk/api/recent?limit=500");
  if (answer) wire.take(answer.rows.reverse(), false);
  drawSide();
}

function follow() {
  const source = new EventSource("/desk/stream");
  source.addEventListener("open", () => { state("live", "live"); catchUp(); }); // After a gap too: nothing is missed.
  source.addEventListener("error", () => {
    state("lost", "no answer, trying again");
    // A browser comes back by itself after a lost connection, but not after a refusal (too many watchers, a proxy's 502).
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { follow(); catchUp(); }, 10_000);
  });
  source.addEventListener("rows", (event) => {
    const rows = JSON.parse(event.data);
    wire.take(rows, true);
    if (!wire.paused) reader.refresh(rows);
    drawSide();
  });
}

async function get(path) {
  let answer = null;
  try {
    answer = await fetch(path);
    const value = await answer.json();
    if (!answer.ok) throw new Error(value.error || answer.statusText);
    return value;
  } catch (error) {
    const words = answer ? String(error.message || error) : "the daemon does not answer on this port: it has ended, or is out of reach";
    state("lost", "no answer, trying again");
    drawAlarms([{ level: "bad", say: words.slice(0, 300), remedy: "what stands here is the last that was known; the page goes on by itself" }]);
    return null;
  }
}

function state(name, words) {
  byId("pulse").dataset.state = name;
  fill(byId("pulse"), words);
}

let sideIsDue = false;
function drawSide() {
  if (sideIsDue) return; // A burst of rows draws the side once.
  sideIsDue = true;
  setTimeout(() => {
    sideIsDue = false;
    drawFamilies(wire.cards, (article) => wire.open(article));
    drawPairs(wire.cards);
  }, 300);
}

function every(seconds, task) {
  const turn = () => { if (!document.hidden) task(); };
  turn();
  setInterval(turn, seconds * 1000);
}

every(5, async () => {
  const stats = await get("/desk/api/stats");
  if (!stats) return;
  if (byId("pulse").dataset.state === "lost") state("live", "live");
  drawGauges(stats, trouble);
  drawReaders(stats);
  drawAlarms(stats.alarms || []);
  wire.explainEmpty(stats);
});
every(15, async () => {
  const found = await get("/desk/api/trouble");
  if (found) drawTrouble(found);
});
every(10, async () => {
  const feeds = await get("/desk/api/feeds");
  if (feeds) drawFeeds(feeds);
});
every(30, async () => {
  const sources = await get("/desk/api/sources");
  if (sources) drawSources(sources);
});
every(1, () => {
  const now = new Date().toISOString();
  byId("clock").dateTime = now;
  fill(byId("clock"), `${now.slice(0, 10)}  ${now.slice(11, 19)} UTC`);
});

// -- filters

for (const [quad, { key, glyph, words }] of Object.entries(QUADS)) {
  const chip = make(`button.chip.q-${key}`, { type: "button", "aria-pressed": "true", title: quad }, `${glyph} ${words}`);
  chip.addEventListener("click", () => {
    const on = chip.getAttribute("aria-pressed") !== "true";
    chip.setAttribute("aria-pressed", String(on));
    wire.filter.quads[on ? "add" : "delete"](quad);
    wire.applyFilter();
  });
  byId("quads").append(chip);
}
byId("query").addEventListener("input", (event) => { wire.filter.words = event.target.value; wire.applyFilter(); });
byId("with-events").addEventListener("change", (event) => { wire.filter.withEvents = event.target.checked; wire.applyFilter(); });
byId("copies").addEventListener("change", (event) => { wire.filter.copies = event.target.checked; wire.applyFilter(); });
byId("pause").addEventListener("click", () => wire.pause(!wire.paused));

// -- tabs, theme, keys

const tabs = [...byId("tabs").children];
function choose(tab) {
  for (const other of tabs) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
}
tabs.forEach((tab, at) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (key) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key.key];
    if (!by) return;
    const next = tabs[(at + by + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
});

/** Bring the list of what was set aside forward. */
function trouble() {
  show("side");
  choose(byId("tab-trouble"));
  byId("tab-trouble").focus();
}

// A narrow screen shows one part at a time; each part is left where it stood, an article begins at its top.
const places = {};
function show(view) {
  places[byId("columns").dataset.view] = window.scrollY;
  byId("columns").dataset.view = view;
  window.scrollTo(0, view === "reader" ? 0 : places[view] || 0);
  for (const button of byId("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
}
byId("views").addEventListener("click", (click) => { if (click.target.dataset.view) show(click.target.dataset.view); });

const themes = [null, "light", "dark"];
function theme(next) {
  if (next) document.documentElement.dataset.theme = next;
  else delete document.documentElement.dataset.theme;
  fill(byId("theme"), next || "auto");
  try { localStorage.setItem("dateline-theme", next || ""); } catch { /* private window: the choice lasts as long as the page */ }
}
let chosenTheme = null;
try { chosenTheme = localStorage.getItem("dateline-theme") || null; } catch { /* as above */ }
theme(themes.includes(chosenTheme) ? chosenTheme : null);
const nextTheme = () => theme(themes[(themes.indexOf(document.documentElement.dataset.theme || null) + 1) % themes.length]);
byId("theme").addEventListener("click", nextTheme);

const KEYS = {
  j: () => wire.step(1),
  k: () => wire.step(-1),
  p: () => wire.pause(!wire.paused),
  t: nextTheme,
  x: trouble,
  "/": () => byId("query").focus(),
};
document.addEventListener("keydown", (key) => {
  if (key.key === "Escape") { document.activeElement.blur(); show("wire"); }
  if (key.ctrlKey || key.metaKey || key.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(key.target.tagName)) return;
  const action = KEYS[key.key];
  if (!action) return;
  key.preventDefault();
  action();
});

follow();
if (/^#[A-Za-z0-9_-]{1,64}$/.test(location.hash)) wire.open(location.hash.slice(1));
