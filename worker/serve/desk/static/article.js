// One article: its text with the evidence marked where it stands, quotes, revisions, printings.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { useAnswer, useCalm } from "./api.js";
import { Confidence, EventItem, EventLine, Proof, Sign } from "./events.js";
import { blocksOf, byCodePoints, pieces } from "./offsets.js";
import { addressWith } from "./state.js";
import { countryName, dayText, hostOf, many, Outside, personName, placeName, quadOf, When } from "./words.js";
import { Badges, Lost, Waiting } from "./parts.js";

export function Article({ name, revision, live, close }) {
  const calm = useCalm(live.version, 3);
  const { data, error, again } = useAnswer(name ? `/desk/api/article/${encodeURIComponent(name)}${revision ? `?revision=${revision}` : ""}` : null, [calm]);
  const pane = useRef(null);
  const [tab, setTab] = useState("text");
  useEffect(() => { setTab("text"); pane.current?.scrollTo(0, 0); }, [name, revision]);
  if (!name) return html`<article class="reader" aria-label="Article"><div class="empty"><p>Choose an article to see its text with the evidence marked.</p></div></article>`;
  return html`<article class="reader" ref=${pane} tabindex="-1" aria-label="Article">
    ${close ? html`<button type="button" class="quiet back" onClick=${close}>← Back</button>` : null}
    ${error && !data ? html`<${Lost} error=${error} again=${again} />` : !data ? html`<${Waiting} what="the article" />` : html`<${Sheet} article=${data} tab=${tab} setTab=${setTab} key=${data.id} />`}
  </article>`;
}

function Sheet({ article, tab, setTab }) {
  const [chosen, setChosen] = useState(null);
  const original = article.events.length ? null : article.original; // A copy without events of its own shows its original's.
  const borrowed = original?.same_text ? original : null;
  const events = borrowed ? borrowed.events : article.events;
  const choose = (event) => setChosen(chosen === event ? null : event);
  const tabs = [["text", "Text"], article.quotes.length && ["quotes", `Quotes ${article.quotes.length}`], article.changes && ["changes", `Changes in revision ${article.revision}`]].filter(Boolean);
  const shown = tabs.some(([key]) => key === tab) ? tab : "text";
  return html`<div class="sheet">
    <${Head} article=${article} />
    ${tabs.length > 1 ? html`<div class="tabs" role="group" aria-label="Parts of the article">${tabs.map(([key, words]) => html`<button type="button" aria-pressed=${String(shown === key)} onClick=${() => setTab(key)}>${words}</button>`)}</div>` : null}
    ${shown === "text" ? html`<${Text} article=${article} events=${events} chosen=${chosen} choose=${choose} />` : null}
    ${shown === "quotes" ? html`<${Quotes} quotes=${article.quotes} />` : null}
    ${shown === "changes" ? html`<${Changes} article=${article} />` : null}
    <${Events} article=${article} events=${borrowed || !original ? events : original.events} marked=${borrowed || !original} chosen=${chosen} choose=${choose} />
    <${Printings} article=${article} />
  </div>`;
}

function Head({ article }) {
  const dateline = article.dateline;
  const facts = [
    ["by", article.byline.map((who) => [personName(who.name), who.role !== "reporting" && who.role, who.affiliation].filter(Boolean).join(", ")).join("; ")],
    ["agency", article.agency?.name],
    ["dateline", dateline && [dateline.place && placeName(dateline.place), dateline.country && countryName(dateline.country), dateline.date && dayText(dateline.date)].filter(Boolean).join(" · ")],
    ["published", html`<${When} ms=${article.at} long=${true} />`],
    ["updated", article.updated && article.updated !== article.published && Date.parse(article.updated) ? html`<${When} ms=${Date.parse(article.updated)} long=${true} />` : null],
    ["correction", article.correction],
    ["rights", article.usage_rights],
    ["page", article.url && html`<${Outside} url=${article.url}>${hostOf(article.url)} ↗<//>`],
  ].filter(([, words]) => words);
  const older = article.revision < article.newest_revision;
  return html`<header>
    <p class="kicker"><span dir="auto">${article.publisher}</span>${article.section ? html`<span dir="auto">${article.section}</span>` : null}${article.paywalled ? html`<span>behind a paywall</span>` : null}${
      article.extracted_from !== "page" ? html`<span>from the ${article.extracted_from}</span>` : null}${article.withdrawn ? html`<span class="badge bad">withdrawn by its publisher</span>` : null}</p>
    <h1 lang=${article.language} dir="auto">${article.title || "(no headline)"}</h1>
    ${older ? html`<p class="note-line">This is revision ${article.revision} of ${article.newest_revision}. <a data-go href=${addressWith({ revision: null })}>Read the newest</a></p>` : null}
    ${article.original ? html`<p class="note-line copy-of"><b>This is a copy</b> of <a data-go dir="auto" href=${addressWith({ article: article.original.article, revision: null })}>${article.original.title || "(no headline)"}</a>, <span dir="auto">${article.original.publisher}</span>.${article.events.length ? "" : " Its events are those of the original."}</p>` : null}
    <dl class="facts">${facts.map(([name, words]) => html`<div><dt>${name}</dt><dd dir="auto">${words}</dd></div>`)}</dl>
    ${article.revisions.length > 1 ? html`<p class="revisions">Revisions: ${article.revisions.map((one) => html`<a data-go class="tag" aria-current=${one.revision === article.revision ? "true" : null} href=${addressWith({ revision: one.revision === article.newest_revision ? null : one.revision })}>${one.revision} · <${When} ms=${one.at} />${one.changed.length ? ` · ${one.changed.join(", ")}` : ""}</a>`)}</p>` : null}
  </header>`;
}

/** The article's text, every event's clause and trigger marked where they stand; those of the chosen event alone, if one is. */
function Text({ article, events, chosen, choose }) {
  const text = byCodePoints(article.text);
  const marks = marksOf(events, chosen);
  const captions = new Map(article.captions.map((caption) => [caption.start, caption]));
  const frame = useRef(null);
  useEffect(() => { frame.current?.querySelector(".on")?.scrollIntoView({ block: "nearest", behavior: "smooth" }); }, [chosen]);
  const words = (block) => pieces(block.start, block.end, marks).map((piece) => html`<${Piece} words=${text.cut(piece.start, piece.end)} marks=${piece.marks} chosen=${chosen} choose=${choose} />`);
  const paragraphs = [];
  let dateline = null; // It opens the paragraph that follows it.
  for (const block of blocksOf(article)) {
    if (block.kind === "dateline") { dateline = html`<span class="dateline">${words(block)}</span> `; continue; }
    const caption = block.kind === "caption" && captions.get(block.start);
    const credit = caption && [caption.credit, caption.rights].filter(Boolean).join(" · ");
    paragraphs.push(html`<p class="block-${block.kind}" dir="auto">${dateline}${words(block)}${credit ? html`<span class="credit">${credit}</span>` : null}</p>`);
    dateline = null;
  }
  if (dateline) paragraphs.push(html`<p>${dateline}</p>`);
  return html`<div class="text ${chosen ? "chosen" : ""}" lang=${article.language} ref=${frame}>${paragraphs}</div>`;
}

function Piece({ words, marks, chosen, choose }) {
  if (!marks.length) return words;
  const on = marks.find((mark) => mark.event === chosen && mark.kind !== "party");
  const first = on || marks.find((mark) => mark.kind === "trigger") || marks.find((mark) => mark.kind === "proof");
  const classes = [marks.some((mark) => mark.kind === "party") && "party"];
  if (!first) return html`<span class=${classes.filter(Boolean).join(" ")}>${words}</span>`;
  classes.push("proof", `q-${quadOf(first.record).key}`, on && "on", marks.some((mark) => mark.kind === "trigger" && mark.event === first.event) && "trigger");
  return html`<span class=${classes.filter(Boolean).join(" ")} title="${first.record.type.toLowerCase()}: ${first.record.quad}" onClick=${() => choose(first.event)}>${words}</span>`;
}

function marksOf(events, chosen) {
  const marks = [];
  for (const event of events) {
    marks.push({ kind: "proof", event: event.event, start: event.start, end: event.end, record: event });
    marks.push({ kind: "trigger", event: event.event, start: event.trigger[0], end: event.trigger[1], record: event });
    if (event.event !== chosen) continue;
    for (const party of [...event.actors, ...event.recipients]) marks.push({ kind: "party", event: event.event, start: party.start, end: party.end, record: event });
  }
  return marks;
}

/** The events, each with its reasons once it is chosen; with their evidence where it is not `marked` in the text above. */
function Events({ article, events, marked, chosen, choose }) {
  const title = events.length ? many(events.length, "event") : "No event in this article";
  return html`<section class="notes" aria-labelledby="events-title"><h2 id="events-title">${title}</h2>
    ${events.map((event) => html`<${Note} event=${event} on=${event.event === chosen} choose=${marked ? choose : null} />`)}
    ${article.retracted.length ? html`<h2>Retracted</h2><p class="note-line">A later revision no longer supports ${article.retracted.length === 1 ? "this event" : "these events"}.</p>
      ${article.retracted.map((event) => html`<del class="retracted"><${EventItem} event=${event} gone=${true} /></del>`)}` : null}
  </section>`;
}

function Note({ event, on, choose }) {
  const line = html`<${Sign} event=${event} /><${EventLine} event=${event} />`;
  return html`<div class="note q-${quadOf(event).key}">
    ${choose ? html`<button type="button" class="event" aria-pressed=${String(on)} onClick=${() => choose(event.event)}>${line}</button>` : html`<div class="event">${line}</div><${Proof} event=${event} />`}
    ${on ? html`<dl class="why"><div><dt>confidence</dt><dd><${Confidence} value=${event.confidence} /></dd></div>
      ${event.said_by ? html`<div><dt>said by</dt><dd dir="auto">${event.said_by}</dd></div>` : null}
      <div><dt>certainty</dt><dd>${event.certainty}</dd></div><div><dt>CAMEO</dt><dd>${event.cameo}</dd></div>
      <div><dt>intensity</dt><dd title="-10 to 10">${event.intensity > 0 ? "+" : ""}${event.intensity.toFixed(1)}</dd></div>
      ${event.reasons.length ? html`<div><dt>reasons</dt><dd>${event.reasons.join(" · ")}</dd></div>` : null}</dl>` : null}
  </div>`;
}

function Quotes({ quotes }) {
  return html`<section class="quotes" aria-label="Quotes">${quotes.map((quote) => html`<figure class="quote quote-${quote.kind}">
    <blockquote dir="auto">${quote.kind === "direct" ? html`“${quote.text.replace(/^["“”«»']+|["“”«»']+$/g, "")}”` : quote.text}</blockquote>
    <figcaption><b dir="auto">${quote.speaker ? quote.speaker.entity || quote.speaker.text : quote.anonymous ? "unnamed source" : "speaker not found"}</b>${
      quote.cue ? html` <span class="about">${quote.cue} ·</span>` : null} <span class="about">${{ direct: "direct", indirect: "indirect", scare: "words in quotation marks", name: "name" }[quote.kind] || quote.kind}</span></figcaption></figure>`)}</section>`;
}

const SPOKEN = { gone: "removed", new: "added" };

function Changes({ article }) {
  return html`<section class="text diff" aria-label="What changed from revision ${article.compared_with}" lang=${article.language}>
    <p class="note-line">From revision ${article.compared_with} to ${article.revision}: <del>removed</del>, <ins>added</ins>.</p>
    ${article.changes.map((paragraph) => html`<p class="para-${paragraph.kind}" dir="auto">${paragraph.parts.map((part) => (part.kind === "gone" ? html`<del><span class="unseen">[${SPOKEN.gone}:] </span>${part.text}</del>`
      : part.kind === "new" ? html`<ins><span class="unseen">[${SPOKEN.new}:] </span>${part.text}</ins>` : part.text))}</p>`)}
  </section>`;
}

function Printings({ article }) {
  if (!article.printings.length) return null;
  return html`<section class="notes" aria-labelledby="printings-title"><h2 id="printings-title">Also reported by ${many(article.printings.length, "article")}</h2>
    <ul class="printings">${article.printings.map((one) => html`<li><${When} ms=${one.at} /> <span class="publisher" dir="auto">${one.publisher || one.owner}</span>
      <a data-go dir="auto" lang=${one.lang} href=${addressWith({ article: one.article, revision: null })}>${one.title || "(no headline)"}</a><${Badges} printing=${one} /></li>`)}</ul>
    ${article.family?.evidence ? html`<p class="note-line">Recognised as a copy by: ${article.family.evidence}</p>` : null}</section>`;
}
