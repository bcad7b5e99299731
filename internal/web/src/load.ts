import { useEffect, useRef, useState } from "preact/hooks";

export type Loaded<T> = {
  data: T | null;
  error: unknown;
  busy: boolean;
  again: () => void;
  set: (data: T) => void;
};

// useLoad asks for something whenever one of its keys changes, forgets answers
// that come too late, and keeps the last answer on screen meanwhile.
export function useLoad<T>(ask: (abort: AbortSignal) => Promise<T>, keys: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown; busy: boolean }>({
    data: null,
    error: null,
    busy: true,
  });
  const [turn, setTurn] = useState(0);
  const alive = useRef<AbortController | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    alive.current?.abort();
    alive.current = abort;
    setState((old) => ({ ...old, busy: true, error: null }));
    ask(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ data, error: null, busy: false });
      },
      (error) => {
        if (!abort.signal.aborted) setState((old) => ({ data: old.data, error, busy: false }));
      },
    );
    return () => abort.abort();
  }, [...keys, turn]);
  return {
    ...state,
    again: () => setTurn((n) => n + 1),
    set: (data) => setState({ data, error: null, busy: false }),
  };
}

// useKeep is a state that the device remembers, such as a choice of columns.
export function useKeep<T>(key: string, first: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      return JSON.parse(localStorage.getItem("leadport." + key) ?? "null") ?? first;
    } catch {
      return first;
    }
  });
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem("leadport." + key, JSON.stringify(next));
      } catch {
        /* a full or closed store costs the memory, nothing else */
      }
    },
  ];
}
