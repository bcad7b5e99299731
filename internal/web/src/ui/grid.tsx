// The grid: a sheet of many records, edited as in a spreadsheet. It holds what
// is in view; its rows come in pages, its edits go out at once.
import { Component, type ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import {
  Virtualizer,
  type Range,
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from "@tanstack/virtual-core";
import * as c from "./grid.module.css";
import { Icon } from "./icon";
import {
  Button,
  Check,
  type ComboOption,
  cx,
  Dialog,
  Empty,
  Field,
  Input,
  kbd,
  Notice,
  place,
  Select,
  TextButton,
} from "./kit";
import { fromTSV, toTSV } from "./tsv";
import { usePages } from "./pages";
import { useVirtual } from "../virtual";
import { number } from "../format";
import { g } from "../strings-grid";
import * as api from "../api";
import iSearch from "../../vendor/lucide/search.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iRedo from "../../vendor/lucide/redo-2.svg";
import iEdit from "../../vendor/lucide/pencil.svg";
import iUp from "../../vendor/lucide/arrow-up.svg";
import iDown from "../../vendor/lucide/arrow-down.svg";
import iOff from "../../vendor/lucide/wifi-off.svg";
import iX from "../../vendor/lucide/x.svg";
import iError from "../../vendor/lucide/circle-alert.svg";
import iWarn from "../../vendor/lucide/triangle-alert.svg";

export type GridColumn = {
  label: string;
  width: number;
  options?: ComboOption[];
  date?: boolean;
  hint?: string;
};
export type GridMark = { tone: "error" | "warning" | "info"; text: string; suggestion?: string };
export type GridRow = {
  number: number;
  line?: number; // of the file
  cells: string[];
  marks: Record<number, GridMark>;
  edited: number[];
  row?: GridMark;
};
export type GridEdit = { number: number; column: number; was: string; to: string };
export type GridHit = { number: number; column: number; text: string };

type Props = {
  label: string;
  columns: GridColumn[];
  total: number;
  list: string;
  turn: unknown;
  column?: number;
  page: (at: number, limit: number, abort: AbortSignal) => Promise<GridRow[]>;
  // at turns a record's number into its place in the list.
  problem: (from: number, back: boolean) => Promise<{ number: number; at: number } | null>;
  find: (
    text: string,
    opt: { column: number; exact: boolean; from: number; limit: number },
  ) => Promise<{ hits: GridHit[]; next?: number }>;
  at: (number: number) => Promise<number>;
  save: (edits: GridEdit[]) => Promise<unknown>;
  title?: ComponentChildren;
};

type Place = { r: number; c: number };
const rowHeight = 32;
const headHeight = 32;
const numberWidth = 72;
const mostRows = 500_000;
const mostCells = 10_000;
const fewRows = 9;
const around = 4;
const roomToPin = 640;
const bad = (m?: GridMark) => m && m.tone !== "info";

export function Grid(p: Props) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const live = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<Place>({ r: 0, c: p.column ?? 0 });
  const [anchor, setAnchor] = useState<Place | null>(null);
  const [edit, setEdit] = useState<{ text: string; whole: boolean } | null>(null);
  const [finding, setFinding] = useState(false);
  const [form, setForm] = useState(false);
  const [past, setPast] = useState<GridEdit[][]>([]);
  const [future, setFuture] = useState<GridEdit[][]>([]);
  const [saving, setSaving] = useState(0);
  const [refused, setRefused] = useState("");
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  const now = useRef({ at, anchor });
  const order = useRef<number[]>([]);
  now.current = { at, anchor };
  const pages = usePages(p.page, p.total, p.list, p.turn);
  // The columns listen first: behind the rows they would ask for a place that has to be laid out anew.
  const cols = useColumns(p.columns, box);
  const rows = useVirtual(Math.min(p.total, mostRows), rowHeight, box, 0);
  const width = p.columns.reduce((n, x) => n + x.width, numberWidth);
  // The first column stays in view where there is room, to tell whose record it is.
  const pinned = (room: number) => (room >= roomToPin && p.columns.length > 1 ? p.columns[0]!.width : 0);

  // Beyond what a browser can scroll, the place of the bar maps to rows by ratio.
  const high = rows.scrollRect?.height || 400;
  const fit = () => Math.max(1, Math.floor((high - headHeight) / rowHeight));
  const scale = () => (p.total > mostRows ? (p.total - fit()) / (mostRows - fit()) : 1);
  const top = Math.floor((rows.scrollOffset ?? 0) / rowHeight);
  const first = Math.round(top * scale());
  const shown = (r: number) => r - first + top; // the place where a row is drawn

  const announce = (text: string) => {
    if (live.current) {
      live.current.textContent = "";
      setTimeout(() => {
        if (live.current) live.current.textContent = text;
      }, 30);
    }
  };
  // What is not done is said to the eye as well, until the next step.
  const refuse = (text: string) => {
    setRefused(text);
    announce(text);
  };
  const reveal = (x: Place) => {
    const el = box.current;
    if (!el) return;
    const k = scale();
    const start = Math.floor(el.scrollTop / rowHeight);
    const head = Math.round(start * k);
    const n = fit();
    if (x.r < head) el.scrollTop = Math.floor(x.r / k) * rowHeight;
    else if (
      k === 1 ? (x.r + 1) * rowHeight > el.scrollTop + el.clientHeight - headHeight : x.r >= head + n - 1
    )
      el.scrollTop =
        k === 1
          ? (x.r + 1) * rowHeight - (el.clientHeight - headHeight)
          : Math.ceil((x.r - n + 2) / k) * rowHeight;
    else if (k === 1 && x.r * rowHeight < el.scrollTop) el.scrollTop = x.r * rowHeight;
    let left = 0;
    for (let i = 0; i < x.c; i++) left += p.columns[i]!.width;
    const w = p.columns[x.c]?.width ?? 0;
    const room = el.clientWidth - numberWidth;
    const pin = pinned(el.clientWidth);
    if (pin && x.c === 0) return;
    if (left - pin < el.scrollLeft) el.scrollLeft = left - pin;
    else if (left + w > el.scrollLeft + room) el.scrollLeft = Math.min(left - pin, left + w - room);
  };
  const go = (x: Place, extend = false) => {
    const to = {
      r: Math.max(0, Math.min(p.total - 1, x.r)),
      c: Math.max(0, Math.min(p.columns.length - 1, x.c)),
    };
    setAnchor(extend ? (now.current.anchor ?? now.current.at) : null);
    setAt(to);
    setRefused("");
    now.current = { at: to, anchor: extend ? (now.current.anchor ?? now.current.at) : null };
    reveal(to);
  };
  const focus = () => box.current?.focus({ preventScroll: true });
  const range = () => {
    const a = now.current.anchor ?? now.current.at;
    const b = now.current.at;
    return { r0: Math.min(a.r, b.r), r1: Math.max(a.r, b.r), c0: Math.min(a.c, b.c), c1: Math.max(a.c, b.c) };
  };
  useEffect(() => {
    if (at.r >= p.total && p.total) go({ r: p.total - 1, c: at.c });
  }, [p.total]);
  useEffect(() => {
    setEdit(null);
    if (box.current) box.current.scrollTop = 0;
    go({ r: 0, c: p.column ?? 0 });
  }, [p.list]);

  // ---- Edits: shown at once, sent at once, one batch after the other.
  const put = (edits: GridEdit[]) =>
    pages.edit((row) => {
      const mine = edits.filter((e) => e.number === row.number);
      if (!mine.length) return null;
      const cells = [...row.cells];
      const marks = { ...row.marks };
      for (const e of mine) {
        cells[e.column] = e.to;
        delete marks[e.column];
      }
      return { ...row, cells, marks, edited: [...new Set([...row.edited, ...mine.map((e) => e.column)])] };
    });
  const turned = (edits: GridEdit[]) => edits.map((e) => ({ ...e, was: e.to, to: e.was }));
  const send = (edits: GridEdit[]) => {
    put(edits);
    setSaving((n) => n + 1);
    const sent = chain.current.then(() => p.save(edits));
    chain.current = sent
      .catch((e) => {
        put(turned(edits));
        refuse(api.say(e));
        setPast((x) => x.filter((b) => b !== edits));
      })
      .finally(() => {
        setSaving((n) => n - 1);
        pages.stale();
      });
    return sent;
  };
  const change = (list: GridEdit[]) => {
    const edits = list.filter((e) => e.was !== e.to);
    if (!edits.length) return;
    setRefused("");
    setPast((x) => [...x.slice(-99), edits]);
    setFuture([]);
    send(edits).catch(() => {});
  };
  const undo = () => {
    const b = past.at(-1);
    if (!b) return refuse(g.nothingToUndo);
    setPast(past.slice(0, -1));
    setFuture([...future, b]);
    announce(g.undone(b.length));
    send(turned(b)).catch(() => {});
  };
  const redo = () => {
    const b = future.at(-1);
    if (!b) return refuse(g.nothingToRedo);
    setFuture(future.slice(0, -1));
    setPast([...past, b]);
    announce(g.redone(b.length));
    send(b).catch(() => {});
  };

  const row = pages.at(at.r);
  const mark = row?.marks[at.c] ?? undefined;
  const said = mark ?? row?.row;
  const accept = () => {
    if (row && mark?.suggestion)
      change([{ number: row.number, column: at.c, was: row.cells[at.c] ?? "", to: mark.suggestion }]);
  };
  const commit = (text: string, move: Place | null) => {
    if (row) change([{ number: row.number, column: at.c, was: row.cells[at.c] ?? "", to: text }]);
    setEdit(null);
    focus();
    if (move) go({ r: at.r + move.r, c: at.c + move.c });
  };
  const begin = (text?: string) => {
    if (row) {
      reveal(at);
      setAnchor(null);
      setEdit({ text: text ?? row.cells[at.c] ?? "", whole: text === undefined });
    }
  };
  const clear = async () => {
    const { r0, r1, c0, c1 } = range();
    if ((r1 - r0 + 1) * (c1 - c0 + 1) > mostCells) return refuse(g.tooMany(mostCells));
    const list = await pages.range(r0, r1);
    change(
      list.flatMap((x) =>
        p.columns
          .slice(c0, c1 + 1)
          .map((_, i) => ({ number: x.number, column: c0 + i, was: x.cells[c0 + i] ?? "", to: "" })),
      ),
    );
  };
  const problem = async (back: boolean) => {
    if (row) {
      const here = Object.keys(row.marks)
        .map(Number)
        .filter((i) => bad(row.marks[i]) && (back ? i < at.c : i > at.c))
        .sort((a, b) => a - b);
      const to = back ? here.at(-1) : here[0];
      if (to !== undefined) return go({ r: at.r, c: to });
    }
    let from = row?.number ?? 0;
    for (let tries = 0; tries < 50; tries++) {
      const found = await p.problem(from, back).catch(() => null);
      if (!found) return refuse(back ? g.noProblemBefore : g.noProblemAfter);
      const [there] = await pages.range(found.at, found.at);
      const marked = there
        ? Object.keys(there.marks)
            .map(Number)
            .filter((i) => bad(there.marks[i]))
            .sort((a, b) => a - b)
        : [];
      if (marked.length || bad(there?.row))
        return go({ r: found.at, c: back ? (marked.at(-1) ?? 0) : (marked[0] ?? 0) });
      from = found.number; // it is mended already
    }
  };

  // ---- The clipboard
  const copy = async (e: ClipboardEvent, cut = false) => {
    if (edit || e.target !== box.current) return;
    e.preventDefault();
    const { r0, r1, c0, c1 } = range();
    if ((r1 - r0 + 1) * (c1 - c0 + 1) > mostCells) return refuse(g.tooMany(mostCells));
    const have = Array.from({ length: r1 - r0 + 1 }, (_, i) => pages.at(r0 + i));
    const text = (list: (GridRow | undefined)[]) =>
      toTSV(list.map((x) => p.columns.slice(c0, c1 + 1).map((_, i) => x?.cells[c0 + i] ?? "")));
    if (have.every(Boolean)) e.clipboardData?.setData("text/plain", text(have));
    else await navigator.clipboard.writeText(text(await pages.range(r0, r1)));
    announce(g.copied((r1 - r0 + 1) * (c1 - c0 + 1)));
    if (cut) clear();
  };
  const paste = async (e: ClipboardEvent) => {
    if (edit || e.target !== box.current) return;
    e.preventDefault();
    const block = fromTSV(e.clipboardData?.getData("text/plain") ?? "");
    const { r0, r1, c0, c1 } = range();
    const high = block.length;
    const wide = Math.max(...block.map((x) => x.length));
    if (!block.some((x) => x.some(Boolean)) && high === 1) return refuse(g.pasteEmpty);
    // As in Excel: a block repeats over a range that holds it a whole number of times.
    const h = r1 - r0 + 1;
    const w = c1 - c0 + 1;
    const repeats = h % high === 0 && w % wide === 0;
    const rs = repeats ? h : high;
    const cs = repeats ? w : wide;
    if (c0 + cs > p.columns.length) return refuse(g.pasteWide(wide, p.columns.length - c0));
    if (r0 + rs > p.total) return refuse(g.pasteHigh(high, p.total - r0));
    if (rs * cs > mostCells) return refuse(g.tooMany(mostCells));
    const list = await pages.range(r0, r0 + rs - 1);
    const edits = list.flatMap((x, i) =>
      Array.from({ length: cs }, (_, k) => ({
        number: x.number,
        column: c0 + k,
        was: x.cells[c0 + k] ?? "",
        to: block[i % high]![k % wide] ?? "",
      })),
    );
    change(edits);
    setAnchor({ r: r0, c: c0 });
    setAt({ r: r0 + rs - 1, c: c0 + cs - 1 });
    announce(g.pasted(edits.length));
  };

  const keys = (e: KeyboardEvent) => {
    if (edit || e.target !== box.current) return;
    const ctrl = e.ctrlKey || e.metaKey;
    const last = { r: p.total - 1, c: p.columns.length - 1 };
    const n = fit();
    const to: Record<string, Place> = {
      ArrowUp: { r: ctrl ? 0 : at.r - 1, c: at.c },
      ArrowDown: { r: ctrl ? last.r : at.r + 1, c: at.c },
      ArrowLeft: { r: at.r, c: ctrl ? 0 : at.c - 1 },
      ArrowRight: { r: at.r, c: ctrl ? last.c : at.c + 1 },
      Home: { r: ctrl ? 0 : at.r, c: 0 },
      End: ctrl ? last : { r: at.r, c: last.c },
      PageUp: { r: at.r - n, c: at.c },
      PageDown: { r: at.r + n, c: at.c },
    };
    const done = (f: () => unknown) => {
      e.preventDefault();
      e.stopPropagation();
      f();
    };
    if (to[e.key])
      return done(() => {
        go(to[e.key]!, e.shiftKey);
        if (e.key === "Home") box.current!.scrollLeft = 0; // the first column is always in sight
      });
    switch (e.key) {
      case "F8":
        return done(() => problem(e.shiftKey));
      case "F2":
        return done(() => begin());
      case "Enter":
        return done(() => (ctrl ? accept() : begin()));
      case "Delete":
      case "Backspace":
        return done(clear);
      case "Escape":
        return anchor ? done(() => setAnchor(null)) : undefined;
    }
    const key = e.key.toLowerCase();
    if (ctrl && key === "z") return done(e.shiftKey ? redo : undo);
    if (ctrl && key === "y") return done(redo);
    if (ctrl && key === "f") return done(() => setFinding(true));
    if (ctrl && key === "a")
      return done(() => {
        setAnchor({ r: 0, c: 0 });
        setAt(last);
      });
    if (!ctrl && !e.altKey && e.key.length === 1) done(() => begin(e.key));
  };
  const cellOf = (e: MouseEvent): Place | null => {
    const cell = (e.target as Element).closest("[aria-colindex]");
    const r = Number(cell?.parentElement!.getAttribute("aria-rowindex")) - 2;
    return cell && r >= 0 ? { r, c: Math.max(0, Number(cell.getAttribute("aria-colindex")) - 2) } : null;
  };
  const press = (e: MouseEvent) => {
    const x = cellOf(e);
    if (!x || e.button || (e.target as Element).closest("input")) return;
    e.preventDefault();
    if (edit)
      commit((box.current!.querySelector("input") as HTMLInputElement | null)?.value ?? edit.text, null);
    focus();
    go(x, e.shiftKey);
    const drag = (m: MouseEvent) => {
      const y = cellOf(m);
      if (y && m.buttons) go(y, true);
    };
    const stop = () => {
      removeEventListener("mousemove", drag);
      removeEventListener("mouseup", stop);
    };
    addEventListener("mousemove", drag);
    addEventListener("mouseup", stop);
  };

  if (pages.failed && !row)
    return (
      <Empty
        icon={iOff}
        title={api.say(pages.failed)}
        actions={<Button onClick={pages.stale}>{g.again}</Button>}
      />
    );
  const { r0, r1, c0, c1 } = range();
  const visible = cols.getVirtualItems();
  // Always as many rows, each on the nodes of one that left: scrolling makes none.
  const pool = Math.min(p.total, Math.ceil(high / rowHeight) + 2 * around);
  const start = Math.max(0, Math.min(first - around, p.total - pool));
  // While it scrolls nothing moves in the document; at rest it reads from top to bottom.
  if (!rows.isScrolling || order.current.length !== pool)
    order.current = Array.from({ length: pool }, (_, i) => (start + i) % pool);
  const drawn = order.current.map((slot) => start + ((slot - (start % pool) + pool) % pool));
  const from = visible[1]?.index ?? 0;
  const to = visible.at(-1)?.index ?? 0;
  const pin = pinned(cols.scrollRect?.width ?? 0) > 0;
  const inView = at.r >= start && at.r < start + pool && visible.some((x) => x.index === at.c);
  return (
    <div class={c.wrap}>
      <div class={c.tools} role="toolbar" aria-label={g.tools}>
        {p.title}
        <span class={c.space} />
        <Button
          small
          look="quiet"
          icon={iUp}
          label={g.previousProblem}
          onClick={() => {
            problem(true);
            focus();
          }}
        />
        <Button
          small
          look="quiet"
          icon={iDown}
          label={g.nextProblem}
          onClick={() => {
            problem(false);
            focus();
          }}
        />
        <Button
          small
          look="quiet"
          icon={iSearch}
          label={g.find}
          aria-expanded={finding}
          onClick={() => setFinding(!finding)}
        />
        <Button
          small
          look="quiet"
          icon={iUndo}
          label={g.undo}
          aria-disabled={!past.length}
          onClick={() => {
            undo();
            focus();
          }}
        />
        <Button
          small
          look="quiet"
          icon={iRedo}
          label={g.redo}
          aria-disabled={!future.length}
          onClick={() => {
            redo();
            focus();
          }}
        />
        <Button small icon={iEdit} onClick={() => setForm(true)}>
          {g.editRecord}
        </Button>
      </div>
      {finding && (
        <Finder
          columns={p.columns}
          here={at}
          p={p}
          row={row}
          onClose={() => {
            setFinding(false);
            focus();
          }}
          onGo={(x) => {
            go(x);
          }}
          onChange={change}
          announce={announce}
        />
      )}
      <div
        ref={box}
        class={c.box}
        role="grid"
        tabindex={0}
        aria-label={p.label}
        aria-rowcount={p.total + 1}
        aria-colcount={p.columns.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={inView && p.total ? `${id}-${at.r}-${at.c}` : undefined}
        aria-describedby={`${id}-keys`}
        style={
          p.total <= fewRows
            ? { flex: "none", height: `${headHeight + p.total * rowHeight + 18}px` }
            : undefined
        }
        onKeyDown={keys}
        onCopy={(e) => copy(e)}
        onCut={(e) => copy(e, true)}
        onPaste={paste}
        onMouseDown={press}
        onDblClick={(e) => cellOf(e) && !edit && begin()}
      >
        <div
          role="rowgroup"
          class={c.sizer}
          style={{ height: `${rows.getTotalSize() + headHeight}px`, width: `${width}px` }}
        >
          <div role="row" aria-rowindex={1} class={c.head} style={{ width: `${width}px` }}>
            <div role="columnheader" aria-colindex={1} class={c.number}>
              {g.record}
            </div>
            {visible.map((v) => (
              <div
                key={v.index}
                role="columnheader"
                aria-colindex={v.index + 2}
                class={cx(c.cell, pin && v.index === 0 && c.pinned)}
                dir="auto"
                title={p.columns[v.index]!.label}
                style={{ left: `${v.start + numberWidth}px`, width: `${v.size}px` }}
              >
                {p.columns[v.index]!.label}
              </div>
            ))}
          </div>
          {drawn.map((r) => {
            const x = pages.at(r);
            const mine = r === at.r;
            const in0 = anchor && r >= r0 && r <= r1;
            return (
              <Same
                key={r % pool}
                of={[
                  r,
                  x,
                  shown(r),
                  from,
                  to,
                  pin,
                  width,
                  mine && at.c,
                  mine && edit,
                  mine && said?.text,
                  in0 && c0,
                  in0 && c1,
                  p.columns,
                ]}
              >
                {() => (
                  <div
                    role="row"
                    aria-rowindex={r + 2}
                    class={c.row}
                    style={{
                      transform: `translateY(${shown(r) * rowHeight + headHeight}px)`,
                      width: `${width}px`,
                    }}
                  >
                    <div
                      role="rowheader"
                      aria-colindex={1}
                      class={cx(c.number, x?.row && c[x.row.tone])}
                      title={x?.row?.text}
                    >
                      {x ? number(x.number) : ""}
                    </div>
                    {visible.map((v) => {
                      const i = v.index;
                      const m = x?.marks[i];
                      const here = r === at.r && i === at.c;
                      const chosen = r >= r0 && r <= r1 && i >= c0 && i <= c1;
                      const editing = here && edit && x;
                      return (
                        <div
                          key={i}
                          id={`${id}-${r}-${i}`}
                          role="gridcell"
                          aria-colindex={i + 2}
                          dir="auto"
                          title={m ? m.text : undefined}
                          aria-invalid={m?.tone === "error" ? "true" : undefined}
                          aria-selected={chosen}
                          aria-describedby={here && said ? `${id}-said` : undefined}
                          class={cx(
                            c.cell,
                            pin && i === 0 && c.pinned,
                            m && c[m.tone],
                            chosen && anchor && c.chosen,
                            here && c.here,
                            x?.edited.includes(i) && c.edited,
                          )}
                          style={{ left: `${v.start + numberWidth}px`, width: `${v.size}px` }}
                        >
                          {editing ? (
                            <Editor
                              column={p.columns[i]!}
                              first={edit.text}
                              whole={edit.whole}
                              label={g.cellOf(p.columns[i]!.label, x.number)}
                              onDone={commit}
                              onCancel={() => {
                                setEdit(null);
                                focus();
                              }}
                            />
                          ) : x ? (
                            (x.cells[i] ?? "")
                          ) : (
                            ""
                          )}
                        </div>
                      );
                    })}
                  </div>
                )}
              </Same>
            );
          })}
        </div>
      </div>
      <div class={c.status}>
        <span class={c.where}>
          {row ? (said ? `${g.inRow(said.tone, row.number, row.line)} ` : `${g.recordN(row.number)} · `) : ""}
          <span dir="auto">{p.columns[at.c]?.label}</span>
          {said && ":"}
        </span>
        <span id={`${id}-said`} class={cx(c.said, said && c[said.tone])} dir="auto">
          {said && (
            <>
              <Icon of={said.tone === "error" ? iError : iWarn} size={14} />
              {said.text}
            </>
          )}
        </span>
        {mark?.suggestion && (
          <TextButton
            onClick={() => {
              accept();
              focus();
            }}
          >
            {g.take(mark.suggestion)} <kbd class={kbd}>Ctrl Enter</kbd>
          </TextButton>
        )}
        <span class={c.space} />
        <span class={cx(c.hint, refused && c.refused)}>
          {refused ? (
            refused
          ) : saving ? (
            g.saving
          ) : past.length ? (
            g.saved
          ) : (
            <>
              <kbd class={kbd}>F8</kbd> {g.f8} <kbd class={kbd}>F2</kbd> {g.f2}
            </>
          )}
        </span>
      </div>
      <p id={`${id}-keys`} hidden>
        {g.keys}
      </p>
      <div ref={live} class={c.live} role="status" aria-live="polite" />
      {form && (
        <RecordForm
          p={p}
          at={at}
          total={p.total}
          row={row}
          onClose={() => {
            setForm(false);
            focus();
          }}
          onMove={(by) => go({ r: at.r + by, c: at.c })}
          onProblem={problem}
          onChange={change}
        />
      )}
    </div>
  );
}

// Same draws its content anew only if one of the things it is made of is another.
class Same extends Component<{ of: unknown[]; children: () => ComponentChildren }> {
  shouldComponentUpdate(next: { of: unknown[] }) {
    return next.of.some((x, i) => x !== this.props.of[i]);
  }
  render() {
    return this.props.children();
  }
}

// useColumns draws only the columns in view, and the first.
function useColumns(columns: GridColumn[], box: { current: HTMLElement | null }) {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const ref = useRef<Virtualizer<HTMLElement, Element> | null>(null);
  const options = {
    count: columns.length,
    overscan: 1,
    rangeExtractor: (range: Range) => [...new Set([0, ...defaultRangeExtractor(range)])],
    horizontal: true,
    getScrollElement: () => box.current,
    estimateSize: (i: number) => columns[i]!.width,
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
  useEffect(() => v.measure(), [columns.map((x) => x.width).join()]);
  return v;
}

// Editor is the cell while it is edited: a text, a date, or a text with a list.
function Editor({
  column,
  first,
  whole,
  label,
  onDone,
  onCancel,
}: {
  column: GridColumn;
  first: string;
  whole: boolean;
  label: string;
  onDone: (text: string, move: Place | null) => void;
  onCancel: () => void;
}) {
  const ref = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [text, setText] = useState(first);
  const [on, setOn] = useState(-1);
  const [typed, setTyped] = useState(!whole);
  const over = useRef(false);
  const date = column.date && (!first || /^\d{4}-\d\d-\d\d$/.test(first)) && whole;
  const fold = (x: string) => x.toLowerCase();
  const found = column.options
    ? column.options.filter((o) => !typed || fold(o.label).includes(fold(text))).slice(0, 50)
    : [];
  useLayoutEffect(() => {
    ref.current!.focus({ preventScroll: true });
    if (whole) ref.current!.select();
    else if (!date) ref.current!.setSelectionRange(first.length, first.length);
  }, []);
  useLayoutEffect(() => {
    const el = list.current;
    if (!el) return;
    if (found.length && !el.matches(":popover-open")) el.showPopover();
    if (!found.length && el.matches(":popover-open")) el.hidePopover();
    if (found.length) place(el, ref.current!.getBoundingClientRect(), false, true);
    el.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });
  const done = (move: Place | null, value = on >= 0 ? found[on]!.label : ref.current!.value) => {
    over.current = true;
    onDone(value, move);
  };
  const keys = (e: KeyboardEvent) => {
    e.stopPropagation();
    const stop = () => e.preventDefault();
    if (e.key === "Escape") {
      stop();
      over.current = true;
      onCancel();
    } else if (e.key === "Enter") {
      stop();
      done({ r: e.shiftKey ? -1 : 1, c: 0 });
    } else if (e.key === "Tab") {
      stop();
      done({ r: 0, c: e.shiftKey ? -1 : 1 });
    } else if (found.length && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      stop();
      setOn((on + (e.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
    }
  };
  return (
    <>
      <input
        ref={ref}
        class={c.editor}
        {...({ type: date ? "date" : "text" } as object)}
        value={text}
        aria-label={label}
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        title={column.hint}
        role={column.options ? "combobox" : undefined}
        aria-expanded={column.options ? found.length > 0 : undefined}
        aria-controls={column.options ? id : undefined}
        aria-activedescendant={on >= 0 ? `${id}-${on}` : undefined}
        aria-autocomplete={column.options ? "list" : undefined}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setTyped(true);
          setOn(-1);
        }}
        onKeyDown={keys}
        onBlur={() => {
          if (!over.current) done(null);
        }}
      />
      {column.options && (
        <div ref={list} id={id} class={c.options} role="listbox" aria-label={g.choices} popover="manual">
          {found.map((o, i) => (
            <div
              key={o.value}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === on}
              class={c.option}
              onMouseDown={(e) => {
                e.preventDefault();
                e.stopPropagation();
                done({ r: 1, c: 0 }, o.label);
              }}
            >
              {o.label}
            </div>
          ))}
        </div>
      )}
    </>
  );
}

// Finder finds a text and puts another in its place, in what is on the server.
function Finder({
  columns,
  here,
  row,
  p,
  onClose,
  onGo,
  onChange,
  announce,
}: {
  columns: GridColumn[];
  here: Place;
  row?: GridRow;
  p: Props;
  onClose: () => void;
  onGo: (x: Place) => void;
  onChange: (e: GridEdit[]) => void;
  announce: (text: string) => void;
}) {
  const [text, setText] = useState("");
  const [by, setBy] = useState("");
  const [column, setColumn] = useState(-1);
  const [exact, setExact] = useState(false);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const tell = (x: string) => {
    setSaid(x);
    announce(x);
  };
  const put = (cell: string) => {
    if (exact) return cell.split(text).join(by);
    const low = cell.toLowerCase();
    const want = text.toLowerCase();
    if (low.length !== cell.length) return cell.split(text).join(by); // letters that change their length: as written only
    let out = "";
    let from = 0;
    for (let i = low.indexOf(want); i >= 0; i = low.indexOf(want, from)) {
      out += cell.slice(from, i) + by;
      from = i + want.length;
    }
    return out + cell.slice(from);
  };
  const next = async () => {
    if (!text) return tell(g.findWhat);
    setBusy(true);
    try {
      const start = row?.number ?? 1;
      for (const from of [start, 1]) {
        const { hits } = await p.find(text, { column, exact, from, limit: 50 });
        const hit =
          hits.find((h) => from !== start || h.number > start || h.column > here.c) ??
          (from === 1 ? hits[0] : undefined);
        if (hit) {
          const at = await p.at(hit.number);
          if (at >= 0) {
            onGo({ r: at, c: hit.column });
            setSaid("");
            return;
          }
        }
        if (from === 1) break;
      }
      tell(g.notFound(text));
    } catch (e) {
      tell(api.say(e));
    } finally {
      setBusy(false);
    }
  };
  const replace = async () => {
    const was = row?.cells[here.c] ?? "";
    const to = text ? put(was) : was;
    if (row && to !== was) onChange([{ number: row.number, column: here.c, was, to }]);
    next();
  };
  const all = async () => {
    if (!text) return tell(g.findWhat);
    setBusy(true);
    try {
      const { hits, next } = await p.find(text, { column, exact, from: 1, limit: mostCells });
      const edits = hits
        .map((h) => ({ number: h.number, column: h.column, was: h.text, to: put(h.text) }))
        .filter((e) => e.was !== e.to)
        .slice(0, mostCells);
      onChange(edits);
      tell(next ? g.replacedFirst(edits.length) : g.replaced(edits.length));
    } catch (e) {
      tell(api.say(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class={c.find}
      aria-label={g.find}
      onSubmit={(e) => {
        e.preventDefault();
        next();
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") {
          e.stopPropagation();
          onClose();
        }
      }}
    >
      <Input
        compact
        autoFocus
        aria-label={g.findText}
        placeholder={g.findText}
        value={text}
        ref={(el: HTMLInputElement | null) => {
          if (el && !el.dataset.on) {
            el.dataset.on = "1";
            el.focus();
          }
        }}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setSaid("");
        }}
      />
      <Button small type="submit" busy={busy}>
        {g.findNext}
      </Button>
      <Input
        compact
        aria-label={g.replaceBy}
        placeholder={g.replaceBy}
        value={by}
        onInput={(e) => setBy(e.currentTarget.value)}
      />
      <Button small onClick={replace}>
        {g.replace}
      </Button>
      <Button small onClick={all}>
        {g.replaceAll}
      </Button>
      <Select
        compact
        aria-label={g.where}
        value={String(column)}
        onChange={(e) => setColumn(Number(e.currentTarget.value))}
        options={[
          { value: "-1", label: g.everywhere },
          ...columns.map((x, i) => ({ value: String(i), label: x.label })),
        ]}
      />
      <Check checked={exact} onChange={(e) => setExact(e.currentTarget.checked)}>
        {g.exact}
      </Check>
      <Button small look="quiet" icon={iX} label={g.close} onClick={onClose} />
      <span class={c.found}>{said}</span>
    </form>
  );
}

// RecordForm is one record at a time, for small screens and long cells.
function RecordForm({
  p,
  at,
  total,
  row,
  onClose,
  onMove,
  onProblem,
  onChange,
}: {
  p: Props;
  at: Place;
  total: number;
  row?: GridRow;
  onClose: () => void;
  onMove: (by: number) => void;
  onProblem: (back: boolean) => void;
  onChange: (e: GridEdit[]) => void;
}) {
  const set = (i: number, to: string) =>
    row && onChange([{ number: row.number, column: i, was: row.cells[i] ?? "", to }]);
  return (
    <Dialog
      wide
      title={row ? g.recordN(row.number) : g.record}
      onClose={onClose}
      foot={
        <>
          <Button onClick={() => onMove(-1)} aria-disabled={at.r === 0}>
            {g.previous}
          </Button>
          <Button onClick={() => onMove(1)} aria-disabled={at.r >= total - 1}>
            {g.next}
          </Button>
          <Button onClick={() => onProblem(false)}>{g.nextProblemShort}</Button>
          <Button look="primary" onClick={onClose}>
            {g.done}
          </Button>
        </>
      }
    >
      {row?.row && <Notice tone={row.row.tone}>{row.row.text}</Notice>}
      {row &&
        p.columns.map((x, i) => {
          const m = row.marks[i];
          const list = `${x.label}-${i}-list`;
          return (
            <Field
              key={`${row.number}-${i}`}
              label={x.label}
              wrong={bad(m) ? m!.text : null}
              hint={
                m?.suggestion ? (
                  <TextButton onClick={() => set(i, m.suggestion!)}>{g.take(m.suggestion)}</TextButton>
                ) : m && !bad(m) ? (
                  m.text
                ) : undefined
              }
            >
              {x.options && (row.cells[i] === "" || x.options.some((o) => o.label === row.cells[i])) ? (
                <Select
                  value={row.cells[i] ?? ""}
                  onChange={(e) => set(i, e.currentTarget.value)}
                  options={[
                    { value: "", label: "" },
                    ...x.options.map((o) => ({ value: o.label, label: o.label })),
                  ]}
                />
              ) : (
                <>
                  <Input
                    dir="auto"
                    value={row.cells[i] ?? ""}
                    {...({ list: x.options ? list : undefined } as object)}
                    onChange={(e) => set(i, e.currentTarget.value)}
                  />
                  {x.options && (
                    <datalist id={list}>
                      {x.options.map((o) => (
                        <option key={o.value} value={o.label} />
                      ))}
                    </datalist>
                  )}
                </>
              )}
            </Field>
          );
        })}
    </Dialog>
  );
}
