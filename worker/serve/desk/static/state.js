// The page's state is its address: view, article and filters. Everything else is asked from the server.
import { useEffect, useState } from "./vendor/preact.js";

export const VIEWS = ["overview", "wire", "search", "health"];
export const FILTERS = ["q", "country", "actor", "pair", "type", "quad", "publisher", "lang", "confidence", "since", "until", "events"];

const listeners = new Set();

export function here() {
  const params = Object.fromEntries(new URLSearchParams(location.search));
  if (!VIEWS.includes(params.view)) params.view = "overview";
  return params;
}

/** The address of the page with some parameters changed; null takes one away. */
export function addressWith(changes) {
  const next = { ...here(), ...changes };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(next)) {
    if (value === null || value === undefined || value === "" || (name === "view" && value === "overview")) continue;
    query.set(name, value);
  }
  const text = query.toString();
  return text ? `/desk?${text}` : "/desk";
}

/** Go to another state of the page. `replace`: without an entry in the browser's history. */
export function go(changes, { replace = false } = {}) {
  const address = addressWith(changes);
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  for (const listener of listeners) listener();
}

export function useHere() {
  const [params, set] = useState(here);
  useEffect(() => {
    const changed = () => set(here());
    listeners.add(changed);
    addEventListener("popstate", changed);
    return () => { listeners.delete(changed); removeEventListener("popstate", changed); };
  }, []);
  return params;
}

/** The query of the filters alone, for the API. */
export function filterQuery(params, more = {}) {
  const query = new URLSearchParams();
  for (const name of FILTERS) if (params[name]) query.set(name, params[name]);
  for (const [name, value] of Object.entries(more)) if (value !== null && value !== undefined && value !== "") query.set(name, value);
  return query.toString();
}

/** A click on a link of ours stays on the page; with a modifier key it opens a tab, as everywhere. */
export function follow(event) {
  const link = event.target.closest?.("a[data-go]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href"));
  for (const listener of listeners) listener();
}
