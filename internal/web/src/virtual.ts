import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";

// useVirtual draws only those of many rows that are in view.
export function useVirtual(
  count: number,
  rowHeight: number,
  box: { current: HTMLElement | null },
  overscan = 12,
) {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const ref = useRef<Virtualizer<HTMLElement, Element> | null>(null);
  const options = {
    count,
    overscan,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(0),
  };
  ref.current ??= new Virtualizer<HTMLElement, Element>(options);
  const v = ref.current;
  v.setOptions(options);
  useLayoutEffect(() => v._didMount(), []);
  useLayoutEffect(() => v._willUpdate());
  useEffect(() => v.measure(), [rowHeight]);
  return v;
}
