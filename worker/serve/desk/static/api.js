// Asks the server; a later question to the same place ends an earlier one.
import { useCallback, useEffect, useRef, useState } from "./vendor/preact.js";

export async function ask(path, options = {}) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  const body = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw Object.assign(new Error(body.error || `the server answered ${response.status}`), { status: response.status });
  return body;
}

/**
 * The answer of `path` as {data, error, loading, again}. While a new answer is awaited the old one stays, so that nothing
 * jumps. A path of null asks nothing.
 */
export function useAnswer(path, deps = []) {
  const [state, set] = useState({ data: null, error: null, loading: Boolean(path), path: null });
  const control = useRef(null);
  const load = useCallback(async () => {
    control.current?.abort();
    if (!path) return set({ data: null, error: null, loading: false, path });
    const mine = (control.current = new AbortController());
    set((old) => ({ ...old, loading: true }));
    try {
      const data = await ask(path, { signal: mine.signal });
      if (!mine.signal.aborted) set({ data, error: null, loading: false, path });
    } catch (error) {
      if (!mine.signal.aborted) set((old) => ({ data: old.path === path ? old.data : null, error, loading: false, path }));
    }
  }, [path]);
  useEffect(() => { load(); return () => control.current?.abort(); }, [path, ...deps]);
  return { ...state, again: load };
}

/** Call `act` every `seconds` while the page is seen. */
export function useEvery(seconds, act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) latest.current(); }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

/** Live: the index's version as it grows, and whether the connection holds. Reconnects by itself, with the last version. */
export function useLive() {
  const [live, set] = useState({ version: 0, state: "connecting" });
  useEffect(() => {
    let source = null;
    let timer = null;
    let version = 0;
    const open = () => {
      source = new EventSource(`/desk/stream?version=${version}`);
      source.addEventListener("open", () => set((old) => ({ ...old, state: "live" })));
      source.addEventListener("changed", (event) => {
        version = JSON.parse(event.data).version;
        set({ version, state: "live" });
      });
      source.addEventListener("error", () => {
        set((old) => ({ ...old, state: "lost" }));
        if (source.readyState !== EventSource.CLOSED) return; // The browser tries again by itself.
        timer = setTimeout(open, 5000); // It was refused: 503, or the worker is away.
      });
    };
    open();
    return () => { source.close(); clearTimeout(timer); };
  }, []);
  return live;
}

/** `value`, at most once in `seconds`: the latest one at the end of each pause. */
export function useCalm(value, seconds) {
  const [calm, set] = useState(value);
  const at = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, at.current + seconds * 1000 - performance.now());
    const timer = setTimeout(() => { at.current = performance.now(); set(value); }, wait);
    return () => clearTimeout(timer);
  }, [value, seconds]);
  return calm;
}
