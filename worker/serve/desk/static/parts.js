// Parts that several views share: what is shown while nothing is there, and the marks of a printing.
import { html } from "./vendor/preact.js";
import { addressWith, FILTERS } from "./state.js";
import { languageName, many } from "./words.js";

export const Waiting = ({ what }) => html`<div class="empty" role="status"><p>Loading ${what} …</p></div>`;

export function Lost({ error, again }) {
  const words = error.status ? error.message : "The desk does not answer. It may be restarting; the page tries again by itself when it is back.";
  return html`<div class="empty" role="alert"><h1>${error.status === 400 ? "This search cannot be answered" : "No answer"}</h1><p dir="auto">${words}</p>
    <p>${error.status === 400 ? html`<a data-go href=${addressWith(Object.fromEntries(FILTERS.map((name) => [name, null])))}>Clear all filters</a>` : html`<button type="button" class="quiet" onClick=${again}>Try again</button>`}</p></div>`;
}

/** How a printing stands to the others: copy, rewrite, revised, withdrawn. */
export function Badges({ printing }) {
  return html`${printing.role && printing.role !== "original" ? html`<span class="badge">${printing.role}</span>` : null}${
    printing.kind === "withdrawn" ? html`<span class="badge bad">withdrawn</span>` : printing.revision > 1 ? html`<span class="badge">revision ${printing.revision}</span>` : null}${
    printing.lang && !printing.lang.startsWith("en") ? html`<span class="badge">${languageName(printing.lang)}</span>` : null}`;
}

/** How many papers have a happening, and how many texts these are: "4 papers, one text", "5 papers, 2 texts". */
export function printedBy(card) {
  return `${many(card.papers, "paper")}, ${card.independent > 1 ? `${card.independent} independent texts` : "one text"}`;
}
