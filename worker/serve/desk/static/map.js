// The map of located events: countries tinted by how much happened, places as dots in the colour of their quad.
import { html, useEffect, useMemo, useRef, useState } from "./vendor/preact.js";
import { addressWith, go } from "./state.js";
import { allCountries, countryName, many, placeName, QUADS } from "./words.js";

/* global d3, topojson */
let world = null;
const loadWorld = async () => (world ||= await (await fetch("/desk/static/vendor/world.json")).json());
const LARGEST = 13; // Radius of the place with most events, in px.

export function WorldMap({ places, country }) {
  const [ready, setReady] = useState(Boolean(world));
  const [width, setWidth] = useState(0);
  const [over, setOver] = useState(null);
  const frame = useRef(null);
  useEffect(() => { loadWorld().then(() => setReady(true)); }, []);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  const height = Math.round(width * 0.45);
  const drawn = useMemo(() => (ready && width ? draw(width, height) : null), [ready, width]);
  const byCountry = new Map();
  for (const place of places) if (place.country) byCountry.set(place.country, (byCountry.get(place.country) || 0) + place.count);
  const most = Math.max(1, ...byCountry.values());
  const dots = drawn ? dotsOf(places, drawn.projection) : [];
  return html`<div class="map" ref=${frame}>
    ${drawn ? html`<svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} role="img"
        aria-label="World map: ${many(places.reduce((sum, place) => sum + place.count, 0), "located event")} in ${many(byCountry.size, "country", "countries")}">
      <path class="sphere" d=${drawn.sphere} />
      ${drawn.shapes.map((shape) => {
        const count = byCountry.get(shape.code) || 0;
        const tint = count ? 1 + Math.min(3, Math.round(3 * Math.log(1 + count) / Math.log(1 + most))) : 0;
        return html`<path class="country t${tint} ${shape.code && country === shape.code ? "chosen" : ""}" d=${shape.d}
          onClick=${() => shape.code && go({ country: country === shape.code ? null : shape.code })}
          onMouseEnter=${() => setOver(shape.code ? `${countryName(shape.code)}: ${many(count, "located event")}` : null)} onMouseLeave=${() => setOver(null)} />`;
      })}
      ${dots.map((dot) => html`<circle class="dot q-${dot.quad.key}" cx=${dot.x} cy=${dot.y} r=${dot.r}
          onClick=${() => dot.country && go({ country: dot.country })}
          onMouseEnter=${() => setOver(dot.title)} onMouseLeave=${() => setOver(null)} />`)}
    </svg>` : null}
    <p class="map-note" aria-hidden="true">${over || "Choose a country to narrow everything to it."}</p>
    <ul class="unseen-until-focus" aria-label="Places with events">${[...byCountry].sort((a, b) => b[1] - a[1]).slice(0, 12).map(([code, count]) =>
      html`<li><a data-go href=${addressWith({ country: code })}>${countryName(code)}: ${count}</a></li>`)}</ul>
  </div>`;
}

function draw(width, height) {
  const projection = d3.geoNaturalEarth1().rotate([-11, 0]).fitExtent([[2, 2], [width - 2, height * 1.14]], { type: "Sphere" });
  const path = d3.geoPath(projection);
  const codes = new Map(Object.entries(allCountries()).map(([code, [number]]) => [number, code]));
  const shapes = topojson.feature(world, world.objects.countries).features
    .filter((one) => one.id !== "010") // Antarctica: nothing happens there, and it takes a sixth of the height.
    .map((one) => ({ code: codes.get(one.id), d: path(one) }));
  return { projection, sphere: path({ type: "Sphere" }), shapes };
}

function dotsOf(places, projection) {
  const most = Math.max(1, ...places.map((place) => place.count));
  return places.map((place) => {
    const [, , lon, lat] = allCountries()[place.country] || [];
    const at = projection([place.lon ?? lon, place.lat ?? lat]);
    if (!at || !Number.isFinite(at[0])) return null;
    const quad = QUADS[place.quads.indexOf(Math.max(...place.quads))];
    const detail = QUADS.map((one, n) => (place.quads[n] ? `${place.quads[n]} ${one.words}` : null)).filter(Boolean).join(", ");
    const where = [place.place && placeName(place.place), place.country && countryName(place.country)].filter(Boolean).join(", ");
    return { x: at[0], y: at[1], r: 3 + (LARGEST - 3) * Math.sqrt((place.count - 1) / Math.max(4, most)), quad, country: place.country, title: `${where}: ${detail}` };
  }).filter(Boolean).sort((a, b) => b.r - a.r);
}
