import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

export const pageSize = 200;
const kept = 16;

export type Pages<T> = {
  at: (index: number) => T | undefined;
  range: (from: number, to: number) => Promise<T[]>;
  edit: (match: (row: T) => T | null) => void;
  stale: () => void;
  failed: unknown;
};

// usePages holds a window over a long list on the server: pages of 200, the
// least lately used of them forgotten. What is on screen stays there while a
// newer version of it comes. turn says that the list has changed.
export function usePages<T>(
  ask: (at: number, limit: number, abort: AbortSignal) => Promise<T[]>,
  total: number,
  key: unknown,
  turn: unknown,
): Pages<T> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const pages = useRef(new Map<number, { rows: T[]; stale: boolean }>());
  const under = useRef(new Map<number, { abort: AbortController; done: Promise<T[]> }>());
  const wanted = useRef(new Set<number>());
  const failed = useRef<unknown>(null);
  const last = useRef<[unknown, unknown]>([key, turn]);
  if (last.current[0] !== key) {
    pages.current.clear();
    for (const u of under.current.values()) u.abort.abort();
    under.current.clear();
  } else if (last.current[1] !== turn) for (const p of pages.current.values()) p.stale = true;
  last.current = [key, turn];
  const load = (n: number): Promise<T[]> => {
    const going = under.current.get(n);
    if (going) return going.done;
    const abort = new AbortController();
    const done = ask(n * pageSize, pageSize, abort.signal).then(
      (rows) => {
        if (abort.signal.aborted) return rows;
        under.current.delete(n);
        pages.current.delete(n);
        pages.current.set(n, { rows, stale: false });
        for (const old of pages.current.keys()) {
          if (pages.current.size <= kept) break;
          pages.current.delete(old);
        }
        failed.current = null;
        redraw(0);
        return rows;
      },
      (e) => {
        if (!abort.signal.aborted) {
          under.current.delete(n);
          if (wanted.current.has(n)) {
            failed.current = e;
            redraw(0);
          }
        }
        throw e;
      },
    );
    done.catch(() => {});
    under.current.set(n, { abort, done });
    return done;
  };
  wanted.current.clear();
  // With each drawing, before it is painted: what is in view is asked for, then
  // what is beside it, and what has left both is not waited for.
  useLayoutEffect(() => {
    const near = [...wanted.current]
      .flatMap((n) => [n - 1, n + 1])
      .filter((n) => n >= 0 && n * pageSize < total && !wanted.current.has(n));
    for (const [n, u] of under.current)
      if (!wanted.current.has(n) && !near.includes(n)) {
        u.abort.abort();
        under.current.delete(n);
      }
    if (failed.current) return;
    const missing = (n: number) => {
      const p = pages.current.get(n);
      return !p || p.stale;
    };
    const here = [...wanted.current].filter(missing);
    for (const n of here.length ? here : near.filter(missing)) load(n);
  });
  useEffect(
    () => () => {
      for (const u of under.current.values()) u.abort.abort();
    },
    [],
  );
  return {
    at: (index) => {
      const n = Math.floor(index / pageSize);
      const p = pages.current.get(n);
      wanted.current.add(n);
      if (p) {
        pages.current.delete(n);
        pages.current.set(n, p);
      }
      return p?.rows[index % pageSize];
    },
    range: async (from, to) => {
      const out: T[] = [];
      for (let n = Math.floor(from / pageSize); n * pageSize <= to; n++) {
        const p = pages.current.get(n);
        const rows = p && !p.stale ? p.rows : await ask(n * pageSize, pageSize, new AbortController().signal);
        rows.forEach((r, i) => {
          const at = n * pageSize + i;
          if (at >= from && at <= to) out.push(r);
        });
      }
      return out;
    },
    edit: (change) => {
      for (const p of pages.current.values()) p.rows = p.rows.map((r) => change(r) ?? r);
      redraw(0);
    },
    stale: () => {
      failed.current = null;
      for (const p of pages.current.values()) p.stale = true;
      redraw(0);
    },
    failed: failed.current,
  };
}
