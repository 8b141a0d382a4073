// Elements from data. Text goes in as text, never as markup: there is no innerHTML on this page.

/** An element: `make("p.note", {title: "x"}, "text", child, null)`. Attributes that are null or false are left out. */
export function make(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** Put `children` in place of what `element` holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
}

/** Have an element that is no button act on a click, Enter and the space bar alike. */
export function pressable(element, act) {
  element.addEventListener("click", act);
  element.addEventListener("keydown", (key) => {
    if (key.key !== "Enter" && key.key !== " ") return;
    key.preventDefault();
    act();
  });
}

/** A link that leaves the desk, for http and https only; plain text for anything else. */
export function outside(url, words) {
  let parsed = null;
  try { parsed = new URL(url); } catch { /* not an address */ }
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return document.createTextNode(words);
  return make("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer nofollow" }, words);
}

export const byId = (id) => document.getElementById(id);
