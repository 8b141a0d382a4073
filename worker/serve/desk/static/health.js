// Whether the worker is well: alarms, what flows, feeds with their last day, groups, and what was set aside.
import { html, useState } from "./vendor/preact.js";
import { ask, useAnswer, useEvery } from "./api.js";
import { ago, bytes, many, number, Outside, span, When } from "./words.js";
import { Lost, Waiting } from "./parts.js";

const OUTCOMES = { none: "not polled", unchanged: "nothing new", new: "new entries", slow_down: "asked us to slow down", failed: "failed" };
const HEALTH = { failing: "failing", slowed: "slowed by its server", waiting: "not polled yet", well: "well", paused: "paused" };

export function Health() {
  const state = useAnswer("/desk/api/health");
  const feeds = useAnswer("/desk/api/feeds");
  const trouble = useAnswer("/desk/api/trouble");
  const sources = useAnswer("/desk/api/sources");
  useEvery(5, () => state.again());
  useEvery(15, () => { feeds.again(); trouble.again(); });
  if (state.error && !state.data) return html`<${Lost} error=${state.error} again=${state.again} />`;
  if (!state.data) return html`<${Waiting} what="the worker's state" />`;
  const data = state.data;
  return html`<div class="health"><h1 class="unseen">Health</h1>
    <section class="panel wide" aria-labelledby="alarms-title"><h2 id="alarms-title">${data.alarms.length ? many(data.alarms.length, "alarm") : "All is well"}</h2>
      ${data.alarms.length ? html`<ul class="alarms">${data.alarms.map((one) => html`<li data-level=${one.level}><b><span aria-hidden="true">${one.level === "bad" ? "▲" : "△"}</span> ${coded(one.say)}</b><span class="remedy">${coded(one.remedy)}</span></li>`)}</ul>`
        : html`<p class="about">No threshold is exceeded. One failed poll or a pause that a server asks for is no alarm.</p>`}</section>
    <${Flow} data=${data} />
    <${Groups} groups=${data.groups} />
    <${Feeds} feeds=${feeds.data} />
    <${Aside} trouble=${trouble.data} dead=${data.dead} again=${() => { trouble.again(); state.again(); }} />
    <${Sources} sources=${sources.data} />
  </div>`;
}

/** A sentence with its commands, which stand between backticks, as code. */
const coded = (text) => text.split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part));

function Flow({ data }) {
  const { memory, index } = data;
  const working = data.workers.filter((worker) => worker.there);
  const rows = [
    ["workers", `${working.length} running`, data.workers.map((worker) => `${worker.name}: ${worker.there ? `${many(worker.in_hand, "entry", "entries")} in progress` : `no report for ${span(worker.silent_seconds)}`}`).join("\n")],
    ["articles", `${number((data.counters.published || 0) + (data.counters.copied || 0))} published, ${number(data.counters.copied || 0)} of them copies`],
    ["events", `${number(data.counters.events || 0)} reported, ${number(data.counters.retracted || 0)} retracted`],
    ["polls", number(data.counters.polls || 0)],
    ["waiting to be read", `${number(data.backlog)} now, ${number(data.later)} later`],
    ["events stream", `${number(data.stream)} of ${number(data.stream_limit)} entries`, null, data.stream_fill],
    ["Redis memory", memory.limit ? `${bytes(memory.used)} of ${bytes(memory.limit)}` : `${bytes(memory.used)}, no limit is set`, null, memory.share],
    ["this desk's index", `${number(index.articles)} articles, ${number(index.events)} events, ${bytes(index.bytes)}`],
    ["behind the stream", `${many(index.behind, "entry", "entries")}${index.missing ? `; ${number(index.missing)} were trimmed before it read them` : ""}`],
    ["oldest article", index.oldest ? html`<${When} ms=${index.oldest} long=${true} />` : "none"],
  ];
  return html`<section class="panel wide" aria-labelledby="flow"><h2 id="flow">Flow</h2><dl class="figures">${rows.map(([name, words, title, share]) => html`<div title=${title || null}><dt>${name}</dt><dd>${words}${
    Number.isFinite(share) ? html`<${Gauge} share=${share} />` : null}</dd></div>`)}</dl></section>`;
}

const Gauge = ({ share }) => html`<span class="gauge ${share > 0.95 ? "bad" : share > 0.8 ? "warn" : ""}" title="${Math.round(share * 100)} %"><i style=${{ width: `${Math.min(100, Math.max(1, share * 100))}%` }}></i></span>`;

function Groups({ groups }) {
  return html`<section class="panel wide" aria-labelledby="groups"><h2 id="groups">Who reads the stream</h2>
    ${groups.length ? html`<table><thead><tr><th scope="col">group</th><th scope="col">kind</th><th scope="col" class="num">unread</th><th scope="col" class="num">in progress</th><th scope="col" class="num">oldest</th></tr></thead>
      <tbody>${groups.map((group) => html`<tr><th scope="row" dir="auto">${group.name}</th><td data-label="kind">${group.is_forwarder ? "forwarder" : "consumers"}</td><td class="num" data-label="unread">${group.lag === null ? "not known" : number(group.lag)}</td>
        <td class="num" data-label="in progress">${number(group.pending)}</td><td class="num ${group.late_seconds > 900 ? "warn" : ""}" data-label="oldest">${group.late_seconds ? span(group.late_seconds) : "–"}</td></tr>`)}</tbody></table>`
      : html`<p class="nothing">No consumer group and no forwarder reads the stream. This desk keeps its own place in it.</p>`}</section>`;
}

function Feeds({ feeds }) {
  const [words, setWords] = useState("");
  if (!feeds) return html`<section class="panel wide"><h2>Feeds</h2><${Waiting} what="the feeds" /></section>`;
  const counts = {};
  for (const feed of feeds.feeds) counts[feed.health] = (counts[feed.health] || 0) + 1;
  const shown = feeds.feeds.filter((feed) => `${feed.title} ${feed.url} ${feed.group} ${feed.health}`.toLowerCase().includes(words.toLowerCase()));
  return html`<section class="panel wide" aria-labelledby="feeds"><h2 id="feeds">${many(feeds.total, "feed")}</h2>
    <p class="about find">${Object.entries(counts).map(([name, count]) => `${number(count)} ${HEALTH[name]}`).join(" · ")}
      <label class="narrow">Find <input value=${words} onInput=${(event) => setWords(event.target.value)} placeholder="name or address" /></label></p>
    <div class="scroll"><table class="feeds"><thead><tr><th scope="col">feed</th><th scope="col">last 24 hours</th><th scope="col">state</th><th scope="col">next poll</th></tr></thead>
    <tbody>${shown.slice(0, 300).map((feed) => html`<tr key=${feed.feed} class="is-${feed.health}">
      <th scope="row"><span class="name" dir="auto"><${Outside} url=${feed.url}>${feed.title}<//></span><span class="about">${feed.group}${feed.group ? " · " : ""}${many(feed.numbers.new || 0, "new entry", "new entries")} in ${many(feed.numbers.polls || 0, "poll")}</span></th>
      <td data-label="last 24 hours"><${Bars} bars=${feed.bars} /></td>
      <td data-label="state"><span class="state">${HEALTH[feed.health]}</span>${feed.trouble ? html`<span class="about" dir="auto">${feed.trouble}${feed.failing_seconds ? `, for ${span(feed.failing_seconds)}` : ""}</span>` : null}</td>
      <td data-label="next poll">${feed.next_at ? html`<${When} ms=${feed.next_at} /> <span class="about">${feed.next_at > Date.now() ? `in ${span((feed.next_at - Date.now()) / 1000)}` : "due"}</span><span class="about" dir="auto">${feed.reason}</span>` : html`<span class="about">${feed.health === "paused" ? "not while it is paused" : "soon"}</span>`}</td>
    </tr>`)}</tbody></table></div>${shown.length > 300 ? html`<p class="rest">and ${number(shown.length - 300)} more; narrow them with Find</p>` : null}</section>`;
}

function Bars({ bars }) {
  if (!bars) return html`<span class="about">no poll seen yet</span>`;
  const now = Math.floor(Date.now() / 3_600_000);
  const sums = bars.reduce((sum, [, polls, entries]) => [sum[0] + polls, sum[1] + entries], [0, 0]);
  const failed = bars.filter(([outcome]) => outcome === "failed").length;
  return html`<span class="day" role="img" aria-label="${many(sums[0], "poll")} seen in 24 hours, ${many(sums[1], "new entry", "new entries")}${failed ? `, failed in ${many(failed, "hour")}` : ""}">${bars.map(([outcome, polls, entries, reason], at) => {
    const hour = new Date((now - 23 + at) * 3_600_000);
    return html`<i class="o-${outcome}" title="${hour.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}: ${OUTCOMES[outcome]}${polls ? `, ${many(polls, "poll")}` : ""}${entries ? `, ${many(entries, "new entry", "new entries")}` : ""}${reason ? `: ${reason}` : ""}"></i>`;
  })}</span>`;
}

function Aside({ trouble, dead, again }) {
  const [said, say] = useState("");
  if (!trouble) return null;
  const codes = [...new Set(trouble.letters.map((letter) => letter.code))];
  const requeue = async (what) => {
    try {
      const { requeued } = await ask("/desk/api/requeue", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) });
      say(`${many(requeued, "entry", "entries")} put back into the queue`);
    } catch (error) { say(`Not requeued: ${error.message}`); }
    again();
  };
  return html`<section class="panel wide" aria-labelledby="aside"><h2 id="aside">${dead ? `${number(dead)} set aside` : "Nothing is set aside"}</h2>
    <p role="status" class="about">${said}</p>
    ${codes.length ? html`<p class="facet">Put back all: ${codes.map((code) => html`<button type="button" class="quiet" onClick=${() => requeue({ code })}>${trouble.letters.find((letter) => letter.code === code).trouble.replace(/ \(.*/, "")}</button>`)}</p>` : null}
    ${trouble.letters.length ? html`<div class="scroll"><table><thead><tr><th scope="col">entry</th><th scope="col">why</th><th scope="col">when</th><th scope="col"><span class="unseen">action</span></th></tr></thead>
      <tbody>${trouble.letters.map((letter) => html`<tr key=${letter.id}><th scope="row" dir="auto"><${Outside} url=${letter.url}>${letter.title}<//></th><td dir="auto" data-label="why">${letter.trouble}</td><td data-label="when">${ago(letter.at)} ago</td>
        <td><button type="button" class="quiet" onClick=${() => requeue({ ids: [letter.id] })}>Put back<span class="unseen"> ${letter.title}</span></button></td></tr>`)}</tbody></table></div>` : null}
    ${trouble.notices.length ? html`<h3>Notices</h3><ul class="notices">${trouble.notices.slice(0, 20).map((notice) => html`<li><b>${notice.type.replace(/[._]/g, " ")}</b> <span dir="auto">${notice.subject}</span> <${When} ms=${Date.parse(notice.time)} /></li>`)}</ul>` : null}</section>`;
}

function Sources({ sources }) {
  if (!sources?.sources.length) return null;
  return html`<section class="panel wide" aria-labelledby="sources"><h2 id="sources">How well publishers' pages are read</h2>
    <div class="scroll"><table><thead><tr><th scope="col">publisher</th><th scope="col" class="num">pages</th><th scope="col">lately</th></tr></thead>
    <tbody>${sources.sources.slice(0, 40).map((one) => html`<tr><th scope="row" dir="auto">${one.publisher}</th><td class="num" data-label="pages">${number(one.pages ?? 0)}</td>
      <td data-label="lately">${one.bad?.length ? html`<b class="warn">worse: ${one.bad.join(", ")}</b>` : html`<span class="about">as before</span>`}</td></tr>`)}</tbody></table></div></section>`;
}
