// What is wrong: sentences above the columns, and the list of what was set aside with what the daemon noticed.
import { byId, fill, make, outside } from "./dom.js";

let drawn = "[]";

/** `rows`: {level, say, remedy}, worst first. Drawn only when something changed, so that a screen reader says it once. */
export function drawAlarms(rows) {
  const now = JSON.stringify(rows);
  if (now === drawn) return;
  drawn = now;
  byId("alarms").hidden = !rows.length;
  fill(byId("alarms"), rows.map((row) => make("p", { "data-level": row.level },
    make("strong", null, row.level === "bad" ? "▲ " : "△ ", row.say), row.remedy ? make("span.remedy", null, row.remedy) : null)));
  document.title = rows.some((row) => row.level === "bad") ? "▲ Dateline desk" : "Dateline desk";
}

export function drawTrouble({ letters, notices }) {
  const codes = new Map();
  for (const letter of letters) codes.set(letter.code, (codes.get(letter.code) || 0) + 1);
  const sum = [...codes].sort((a, b) => b[1] - a[1]).map(([code, n]) => `${n} ${code}`).join(", ");
  fill(byId("trouble"),
    make("h3", null, letters.length ? `set aside lately: ${sum}` : "nothing is set aside"),
    letters.map((letter) => make("div.letter", null,
      make("span.name", null, letter.url ? outside(letter.url, letter.title) : letter.title),
      make("span.detail", null, [when(letter.time), letter.code, letter.reason].join(" · ")))),
    letters.length ? make("p.detail", null, "once more: ", make("kbd", null, "dateline dead-letters requeue --code CODE")) : null,
    make("h3", null, notices.length ? "notices" : "no notices"),
    notices.map((notice) => make("div.letter", null, make("span.name", null, `${notice.type}: ${notice.subject}`),
      make("span.detail", null, [when(notice.time), ...Object.entries(notice.data).map(told)].join(" · ")))));
}

const when = (time) => time.slice(0, 16).replace("T", " ");
const told = ([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`;
