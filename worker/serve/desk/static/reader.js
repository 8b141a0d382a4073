// The reading pane: one article, its evidence marked where it stands, its events as notes below.
import { byId, fill, make, outside, pressable } from "./dom.js";
import { headline, quadOf } from "./events.js";
import { blocksOf, byCodePoints, pieces } from "./offsets.js";

export class Reader {
  constructor() {
    this.pane = byId("reader");
    this.asked = null;
    this.shown = null;
    this.chosen = null;
  }

  async open(article) {
    this.asked = article;
    let found;
    try {
      const answer = await fetch(`/desk/api/article/${encodeURIComponent(article)}`);
      found = await answer.json();
      if (!answer.ok) throw new Error(found.error);
    } catch (error) {
      if (this.asked === article) fill(this.pane, make("p.empty", null, String(error.message || error)));
      return;
    }
    if (this.asked !== article) return; // Another one was chosen meanwhile.
    this.shown = found;
    this.chosen = null;
    this.draw();
    this.pane.scrollTop = 0;
  }

  /** Read again what is open, where a revision of it came in. */
  refresh(rows) {
    if (this.shown && rows.some((row) => row.what === "article" && row.article === this.shown.id)) this.open(this.shown.id);
  }

  draw() {
    const article = this.shown;
    this.text = make("div.text", { lang: article.language });
    this.notes = make("section.notes", { "aria-label": "Events" });
    fill(this.pane, make("div.sheet", null, head(article), this.text, this.notes));
    this.drawText();
    this.drawNotes();
  }

  drawText() {
    const article = this.shown;
    const text = byCodePoints(article.text);
    const marks = marksOf(article.events, this.chosen);
    const captions = new Map((article.captions || []).map((caption) => [caption.start, caption]));
    this.text.classList.toggle("chosen", this.chosen !== null);
    const words = (block) => pieces(block.start, block.end, marks).map((piece) => this.drawPiece(text.cut(piece.start, piece.end), piece.marks));
    const paragraphs = [];
    let dateline = null; // It opens the paragraph that follows it.
    for (const block of blocksOf(article)) {
      if (block.kind === "dateline") {
        dateline = [make("span.dateline", null, words(block)), " "];
        continue;
      }
      const caption = block.kind === "caption" && captions.get(block.start);
      const credit = caption && [caption.credit, caption.rights].filter(Boolean).join(" · ");
      paragraphs.push(make(`p.block-${block.kind}`, { dir: "auto" }, dateline, words(block), credit ? make("span.credit", null, credit) : null));
      dateline = null;
    }
    if (dateline) paragraphs.push(make("p", null, dateline));
    fill(this.text, paragraphs);
  }

  drawPiece(words, marks) {
    if (!marks.length) return words;
    const on = marks.find((mark) => mark.event === this.chosen && mark.kind !== "party");
    const first = on || marks.find((mark) => mark.kind === "trigger") || marks.find((mark) => mark.kind === "proof");
    const span = make("span", null, words);
    if (marks.some((mark) => mark.kind === "party")) span.classList.add("party");
    if (first) {
      span.classList.add("proof", `q-${quadOf(first.record).key}`);
      if (marks.some((mark) => mark.kind === "trigger" && mark.event === first.event)) span.classList.add("trigger");
      if (on) span.classList.add("on");
      span.title = `${first.record.plover}: ${first.record.quad}`;
      span.addEventListener("click", () => this.choose(first.event));
    }
    return span;
  }

  drawNotes() {
    const events = this.shown.events;
    const notes = events.map((event) => {
      const quad = quadOf(event);
      const meter = make("i");
      meter.style.width = `${Math.round(event.confidence * 100)}%`;
      const note = make(`div.note.q-${quad.key}`, { tabindex: 0, role: "button", "aria-current": event.event === this.chosen || null },
        make("div.event", null, make("span.glyph", { title: event.quad }, quad.glyph), headline(event)),
        make("div.why", null, make("span", null, make("span.meter", null, meter), event.confidence.toFixed(2)),
          make("span", null, `CAMEO ${event.cameo}`), make("span", { title: "intensity, -10 to 10" }, signed(event.intensity)),
          event.said_by ? make("span", null, `said by ${event.said_by}`) : null, event.main ? make("span", null, "main event") : null),
        event.event === this.chosen && event.reasons.length ? make("div.why", null, event.reasons.map((reason) => make("span", null, reason))) : null);
      pressable(note, () => this.choose(event.event));
      return note;
    });
    const title = events.length ? `${events.length} event${events.length === 1 ? "" : "s"}` : "no events in this article";
    fill(this.notes, make("h3", null, title), notes);
  }

  /** Bring one event forward; again, and all stand equal as before. */
  choose(event) {
    this.chosen = this.chosen === event ? null : event;
    this.drawText();
    this.drawNotes();
    this.text.querySelector(".on")?.scrollIntoView({ block: "nearest" });
  }
}

const signed = (number) => (number > 0 ? `+${number.toFixed(1)}` : number.toFixed(1));

function marksOf(events, chosen) {
  const marks = [];
  for (const event of events) {
    marks.push({ kind: "proof", event: event.event, start: event.start, end: event.end, record: event });
    marks.push({ kind: "trigger", event: event.event, start: event.trigger[0], end: event.trigger[1], record: event });
    if (event.event !== chosen) continue;
    for (const party of [...event.actors, ...event.recipients]) {
      marks.push({ kind: "party", event: event.event, start: party.start, end: party.end, record: event });
    }
  }
  return marks;
}

function head(article) {
  const facts = [
    ["by", article.byline.map((who) => [who.name, who.affiliation].filter(Boolean).join(", ")).join("; ")],
    ["agency", article.agency?.name],
    ["dateline", article.dateline && [article.dateline.place, article.dateline.country, article.dateline.date].filter(Boolean).join(" · ")],
    ["published", [article.published, article.updated && article.updated !== article.published ? `updated ${article.updated}` : null].filter(Boolean).join(", ")],
    ["correction", article.correction],
    ["family", article.family && article.family.size > 1 && `${article.family.role} of ${article.family.size}: ${article.family.owners.join(", ")}`],
    ["changed", article.revision > 1 ? `revision ${article.revision}: ${article.changed.join(", ") || "text"}` : null],
    ["rights", article.usage_rights],
  ].filter(([, words]) => words);
  return [
    make("div.kicker", null, [article.publisher, article.section, article.paywalled && "paywall", article.extracted_from !== "page" && `from ${article.extracted_from}`]
      .filter(Boolean).map((words) => make("span", null, words))),
    make("h2", { lang: article.language, dir: "auto" }, article.title || "(no headline)"),
    make("dl.facts", null, facts.map(([name, words]) => [make("dt", null, name), make("dd", null, words)]),
      article.url ? [make("dt", null, "page"), make("dd", null, outside(article.url, article.url))] : null),
  ];
}
