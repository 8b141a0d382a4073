// The histogram by quad: bars of events over time, stacked; a range dragged over them narrows everything to it.
import { html, useEffect, useRef } from "./vendor/preact.js";
import uPlot from "./vendor/uplot.js";
import { go } from "./state.js";
import { many, QUADS } from "./words.js";

export function Histogram({ bars, height = 170, label = "events" }) {
  const frame = useRef(null);
  const total = bars ? bars.quads.flat().reduce((sum, count) => sum + count, 0) : 0;
  useEffect(() => {
    if (!bars || !frame.current) return undefined;
    const place = frame.current;
    let plot = null;
    const build = () => {
      plot?.destroy();
      plot = new uPlot(options(place, bars, height), stacked(bars), place);
    };
    build();
    const observer = new ResizeObserver(() => plot && place.clientWidth && plot.setSize({ width: place.clientWidth, height }));
    observer.observe(place);
    const theme = new MutationObserver(build); // A canvas does not follow the page's colours by itself.
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", build);
    return () => { observer.disconnect(); theme.disconnect(); system.removeEventListener("change", build); plot?.destroy(); };
  }, [JSON.stringify(bars), height]);
  return html`<div class="histogram" role="img" aria-label="Histogram of ${many(total, "event")} over ${label}" ref=${frame}></div>`;
}

/** uPlot has no stacks: the sums of the quads from the last to the first, the largest drawn first. */
function stacked(bars) {
  const sums = [];
  let below = bars.starts.map(() => 0);
  for (const counts of bars.quads) {
    below = below.map((sum, at) => sum + counts[at]);
    sums.unshift(below);
  }
  return [bars.starts.map((ms) => ms / 1000), ...sums];
}

function options(place, bars, height) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const width = bars.width / 1000;
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "14px system-ui, sans-serif" };
  const last = bars.starts.at(-1) / 1000 + width;
  return {
    width: place.clientWidth || 300, height,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    select: { show: true },
    scales: { x: { range: () => [bars.starts[0] / 1000, last] }, y: { range: (_, __, high) => [0, Math.max(4, high * 1.06)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 70, values: (_, splits, __, ___, step) => splits.map((at) => tick(at, step)) },
      { ...axis, size: 36, space: Math.min(34, height / 4), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
    ],
    series: [{}, ...[...QUADS].reverse().map((quad) => ({
      label: quad.words, fill: colour(`--${quad.key}`), stroke: colour(`--${quad.key}`), width: 0, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.86, 60], align: 1, gap: 1 }),
    }))],
    hooks: { setSelect: [(plot) => {
      if (plot.select.width < 4) return;
      const at = (left) => new Date(plot.posToVal(left, "x") * 1000).toISOString().slice(0, 16) + "Z";
      go({ since: at(plot.select.left), until: at(plot.select.left + plot.select.width) });
    }] },
  };
}

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const tick = (at, step) => (step >= 86_400 || new Date(at * 1000).getHours() + new Date(at * 1000).getMinutes() === 0 ? day : hour).format(new Date(at * 1000));
