// The side: feeds and their health, publishers and how well they are read, families of one copy, who meets whom, who reads the stream; and the bar's gauges.
import { byId, fill, make, pressable } from "./dom.js";
import { QUADS, quadOf } from "./events.js";

const count = new Intl.NumberFormat("en");

const SHOWN_FEEDS = 300;

export function drawFeeds({ feeds, total }) {
  const failing = feeds.filter((feed) => feed.health === "failing").length;
  const title = `${count.format(total)} feeds${failing ? `, ${failing} failing` : ""}`;
  const hidden = total - Math.min(feeds.length, SHOWN_FEEDS);
  fill(byId("feeds"), make("h3", null, title), feeds.slice(0, SHOWN_FEEDS).map((feed) =>
    make("div.feed", { "data-health": feed.health, title: feed.url },
      make("span.dot", { role: "img", "aria-label": feed.health }),
      make("span.name", null, feed.title),
      make("span.when", null, feed.health === "paused" ? "paused" : until(feed.next_in_seconds)),
      make("span.detail", null, feed.error || [feed.group, feed.status, feed.identity !== "guid" ? `by ${feed.identity}` : ""].filter(Boolean).join(" · ")))),
    hidden > 0 ? make("p.detail", null, `and ${count.format(hidden)} more, none in worse health; `, make("kbd", null, "dateline feeds list"), " shows all") : null);
}

/** How well each publisher's pages are read, the degraded first; a degraded metric with its rate now and before. */
export function drawSources({ sources }) {
  const bad = sources.filter((source) => source.bad.length).length;
  fill(byId("sources"), make("h3", null, sources.length ? `${count.format(sources.length)} publishers, ${bad} degraded` : "no page was read yet"),
    sources.map((source) => make("div.feed", { "data-health": source.bad.length ? "failing" : "well" },
      make("span.dot", { role: "img", "aria-label": source.bad.length ? "degraded" : "well" }),
      make("span.name", null, source.publisher),
      make("span.when", null, `${count.format(source.pages)} pages`),
      make("span.detail", null, shown(source).map((name) => figure(name, source.rates[name])).join(" · ")))));
}

/** What is degraded; of a publisher that is well, what it often lacks. */
function shown(source) {
  return source.bad.length ? source.bad : Object.keys(source.rates).filter((name) => name !== "length" && source.rates[name].now > 0.2);
}

function figure(name, { now, past }) {
  const words = (value) => (value === null ? "?" : name === "length" ? `${Math.round(value)} words` : `${Math.round(value * 100)} %`);
  return `${name.replace("_", " ")} ${words(now)} (was ${words(past)})`;
}

/** Families among what the wire holds: the latest word on each one's size and owners. */
export function drawFamilies(cards, open) {
  const families = new Map();
  for (const { head } of cards.values()) {
    if (!head.family) continue;
    const known = families.get(head.family.id) || { size: 0, owners: new Set(), title: head.title, article: head.article, at: 0 };
    known.size = Math.max(known.size, head.family.size);
    head.family.owners.forEach((owner) => known.owners.add(owner));
    if (head.family.role === "original") [known.title, known.article] = [head.title, head.article];
    known.at = Math.max(known.at, head.seq || 0);
    families.set(head.family.id, known);
  }
  const printed = [...families.values()].filter((family) => family.size > 1).sort((a, b) => b.size - a.size || b.at - a.at);
  fill(byId("families"), make("h3", null, printed.length ? `${printed.length} printed more than once` : "nothing printed twice yet"),
    printed.slice(0, 100).map((family) => {
      const element = make("div.family", { role: "button", tabindex: 0 }, make("div.name", null, family.title || "(no headline)"),
        make("div.owners", null, `${family.size} printings: ${[...family.owners].join(", ")}`));
      pressable(element, () => open(family.article));
      return element;
    }));
}

/** Who does what to whom: pairs of countries over the events on the wire, conflict and cooperation side by side. */
export function drawPairs(cards) {
  const pairs = new Map();
  for (const { head, events } of cards.values()) {
    if (head.type.endsWith("copied")) continue;
    for (const event of events.values()) {
      for (const actor of countriesOf(event.actors)) {
        for (const recipient of countriesOf(event.recipients)) {
          if (actor === recipient) continue;
          const name = `${actor} → ${recipient}`;
          const pair = pairs.get(name) || { name, n: 0, quads: {} };
          pair.n += 1;
          pair.quads[event.quad] = (pair.quads[event.quad] || 0) + 1;
          pairs.set(name, pair);
        }
      }
    }
  }
  const sorted = [...pairs.values()].sort((a, b) => b.n - a.n || a.name.localeCompare(b.name)).slice(0, 40);
  fill(byId("pairs"), make("h3", null, sorted.length ? "who to whom" : "no pairs yet"), sorted.map((pair) => {
    const bars = Object.keys(QUADS).filter((quad) => pair.quads[quad]).map((quad) => {
      const bar = make(`i.q-${quadOf({ quad }).key}`, { title: `${quad}: ${pair.quads[quad]}` });
      bar.style.flex = String(pair.quads[quad]);
      return bar;
    });
    return make("div.pair", null, make("span", null, pair.name), make("span.n", null, pair.n), make("div.bars", null, bars));
  }));
}

export function drawReaders(stats) {
  const fullness = `${(stats.stream_fill * 100).toFixed(1)} %`;
  fill(byId("readers"),
    make("h3", null, stats.groups.length ? "consumer groups" : "nobody reads the stream"),
    make("table.plain", null, stats.groups.map((group) => make("tr", null, make("td", null, group.name),
      make("td", null, `${group.lag ?? "?"} behind, ${group.pending} in hand`)))),
    make("h3", null, "workers"),
    make("table.plain", null, (stats.workers || []).map((worker) => make("tr", null, make("td", null, worker.name),
      make("td", null, worker.there ? `${worker.in_hand} in hand` : `silent for ${until(Math.round(worker.silent_seconds))}`)))),
    make("h3", null, "the stream"),
    make("table.plain", null, [
      ["entries on it", count.format(stats.stream)], ["of its hard cap", fullness], ["waiting for later", count.format(stats.later)],
      ["set aside", count.format(stats.dead)], ["polls", count.format(stats.counters.polls || 0)],
      ["revisions", count.format(stats.counters.revised || 0)], ["copies", count.format(stats.counters.copied || 0)],
      ["events taken back", count.format(stats.counters.retracted || 0)],
    ].map(([name, value]) => make("tr", null, make("td", null, name), make("td", null, value)))));
}

export function drawGauges(stats, onSetAside) {
  const counters = stats.counters;
  const articles = ["published", "revised", "copied", "withdrawn"].reduce((sum, kind) => sum + (counters[kind] || 0), 0);
  const gauges = [
    ["articles", articles], ["events", counters.events || 0], ["events/min", rate(stats.history, "events")],
    ["backlog", stats.backlog, stats.backlog > 1000 ? "warn" : null], ["set aside", stats.dead, stats.dead ? "warn" : null, onSetAside],
    ["feeds", stats.feeds],
  ];
  if (stats.stream_fill > 0.8) gauges.push(["stream full", `${Math.round(stats.stream_fill * 100)} %`, "bad"]);
  fill(byId("gauges"), gauges.map(([name, value, state, act]) => {
    const number = typeof value === "number" ? count.format(value) : value;
    const shown = act ? make("button.plain-button", { type: "button", title: "which, and why (x)" }, number) : number;
    if (act) shown.addEventListener("click", act);
    return make("div", { "data-state": state }, make("dt", null, name), make("dd", null, shown));
  }));
  drawSpark(stats.history);
}

/** Events a minute over the last minute that was noted. */
function rate(history, name) {
  if (history.length < 2) return "–";
  const last = history[history.length - 1];
  const first = history.find((sample) => last.at - sample.at <= 65) || history[0];
  if (last.at <= first.at) return "–";
  return Math.round((Math.max(0, (last[name] || 0) - (first[name] || 0)) * 60) / (last.at - first.at));
}

/** One bar a minute for an hour; SVG made of elements, as the page's policy allows no inline style. */
function drawSpark(history) {
  const perMinute = new Array(60).fill(0);
  const end = history.length ? history[history.length - 1].at : 0;
  for (let n = 1; n < history.length; n += 1) {
    const minute = 59 - Math.floor((end - history[n].at) / 60);
    if (minute >= 0) perMinute[minute] += Math.max(0, (history[n].events || 0) - (history[n - 1].events || 0));
  }
  const most = Math.max(1, ...perMinute);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 180 30");
  svg.setAttribute("preserveAspectRatio", "none");
  perMinute.forEach((events, minute) => {
    const height = events ? Math.max(1.5, (events / most) * 29) : 0.6;
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: minute * 3, y: 30 - height, width: 2, height })) bar.setAttribute(name, value);
    if (minute === 59) bar.setAttribute("class", "now");
    svg.append(bar);
  });
  fill(byId("spark"), svg);
}

function countriesOf(list) {
  return new Set((list || []).map((party) => party.country).filter(Boolean));
}

function until(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds <= 0) return "now";
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
