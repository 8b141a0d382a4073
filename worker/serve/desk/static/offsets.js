// Offsets of the contract count Unicode code points; JavaScript's strings count UTF-16 units. Everything that cuts text
// on this page goes through here.

/** A reader of `text` by code points: `cut(start, end)` and `length`. */
export function byCodePoints(text) {
  // Most articles have no character outside the basic plane: then both counts agree and nothing need be built.
  if (!/[\ud800-\udfff]/.test(text)) return { length: text.length, cut: (start, end) => text.slice(start, end) };
  const at = [];
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit) > 0xffff ? 2 : 1) at.push(unit);
  at.push(text.length);
  const unit = (point) => at[Math.max(0, Math.min(point, at.length - 1))];
  return { length: at.length - 1, cut: (start, end) => text.slice(unit(start), unit(end)) };
}

/**
 * Cut [start, end) at every border of `marks` that lies inside it.
 * Gives pieces in order: {start, end, marks}, marks being those that cover the whole piece.
 */
export function pieces(start, end, marks) {
  const inside = marks.filter((mark) => mark.start < end && mark.end > start && mark.start < mark.end);
  const borders = new Set([start, end]);
  for (const mark of inside) {
    borders.add(Math.max(start, mark.start));
    borders.add(Math.min(end, mark.end));
  }
  const sorted = [...borders].sort((a, b) => a - b);
  const cut = [];
  for (let n = 0; n + 1 < sorted.length; n += 1) {
    const [from, to] = [sorted[n], sorted[n + 1]];
    cut.push({ start: from, end: to, marks: inside.filter((mark) => mark.start <= from && mark.end >= to) });
  }
  return cut;
}

/**
 * Blocks to draw: the article's own, or its paragraphs where it has none. Blocks do not overlap; words between two of them
 * are drawn too (kind `body`; `credit` where they go on in a caption's line).
 */
export function blocksOf(article) {
  const text = byCodePoints(article.text);
  const given = [...(article.blocks || [])].sort((a, b) => a.start - b.start || b.end - a.end);
  const blocks = [];
  let reached = 0;
  const paragraphs = (until) => {
    const goesOn = blocks.at(-1)?.kind === "caption";
    let start = reached;
    text.cut(reached, until).split("\n\n").forEach((paragraph, number) => {
      const length = byCodePoints(paragraph).length;
      const white = paragraph.length - paragraph.trimStart().length; // In the basic plane: units are code points here.
      const words = byCodePoints(paragraph.trim()).length;
      const kind = goesOn && number === 0 && !paragraph.slice(0, white).includes("\n") ? "credit" : "body";
      if (words) blocks.push({ kind, start: start + white, end: start + white + words });
      start += length + 2;
    });
  };
  for (const block of given) {
    if (block.start < reached) continue;
    paragraphs(block.start);
    blocks.push(block);
    reached = block.end;
  }
  paragraphs(text.length);
  return blocks;
}
