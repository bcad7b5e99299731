// The list of leads as a grid: arrows move, Enter opens or edits, Space selects.
import { type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as c from "./leads.module.css";
import { s } from "../strings";
import { navigate } from "../router";
import { useVirtual } from "../virtual";
import {
  choices,
  editable,
  elements,
  elementText,
  field,
  type Lead,
  personName,
  show,
  statusTone,
  text,
} from "../desk";
import { ago, moment } from "../format";
import { Avatar, Badge, Bone, box, cx, Dot } from "../ui/kit";
import { Icon } from "../ui/icon";
import { CellEditor } from "./cell";
import iUp from "../../vendor/lucide/arrow-up.svg";
import iArrow from "../../vendor/lucide/arrow-down.svg";

export type Column = { key: string; label: string; width: string; sort?: string };
const rowHeight = 36;
const cardHeight = 60;

export function LeadGrid({
  leads,
  columns,
  sort,
  asc,
  onSort,
  picked,
  onPick,
  onPickAll,
  put,
  more,
  last,
  busy,
  narrow,
  cardNote,
}: {
  leads: Lead[];
  columns: Column[];
  sort: string;
  asc: boolean;
  onSort: (c: Column) => void;
  picked: Set<number>;
  onPick: (ids: number[], yes: boolean) => void;
  onPickAll: (yes: boolean) => void;
  put: (l: Lead) => void;
  more: () => void;
  last: boolean;
  busy: boolean;
  narrow: boolean;
  cardNote: (l: Lead) => ComponentChildren;
}) {
  const list = useRef<HTMLDivElement>(null);
  const height = narrow ? cardHeight : rowHeight;
  const virtual = useVirtual(leads.length, height, list);
  const items = virtual.getVirtualItems();
  const [at, setAt] = useState<{ row: number; col: number }>({ row: 0, col: 1 });
  const [editing, setEditing] = useState(false);
  const anchor = useRef(0);
  const row = Math.min(at.row, leads.length - 1);
  const col = Math.min(at.col, columns.length);
  const lastSeen = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastSeen >= leads.length - 40) more();
  }, [lastSeen, leads.length]);
  useEffect(() => {
    if (leads.length) list.current?.scrollTo(0, 0);
    setAt((old) => (old.row < 0 ? old : { row: 0, col: 1 }));
  }, [leads[0]?.id, sort, asc]);
  const canEdit = (l: Lead | undefined, k: number) => {
    const f = k > 0 ? field(columns[k - 1]!.key) : undefined;
    return !!l?.may_edit && !l.deleted_at && !!f && editable(f);
  };
  const go = (r: number, k: number) => {
    const to = {
      row: Math.max(-1, Math.min(leads.length - 1, r)),
      col: Math.max(0, Math.min(columns.length, k)),
    };
    setAt(to);
    if (to.row >= 0) virtual.scrollToIndex(to.row, { align: "auto" });
  };
  // The active cell's column is brought into view once it is drawn.
  useLayoutEffect(() => {
    document.getElementById(cellID(row, col))?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [row, col]);
  const keys = (e: KeyboardEvent) => {
    if (editing || e.altKey || e.metaKey || e.target !== list.current) return;
    const page = Math.max(1, Math.floor((list.current!.clientHeight - rowHeight) / rowHeight) - 1);
    const to: Record<string, [number, number]> = e.ctrlKey
      ? { Home: [0, 0], End: [leads.length - 1, columns.length] }
      : {
          ArrowDown: [row + 1, col],
          ArrowUp: [row - 1, col],
          ArrowRight: [row, col + 1],
          ArrowLeft: [row, col - 1],
          Home: [row, 0],
          End: [row, columns.length],
          PageDown: [row + page, col],
          PageUp: [Math.max(0, row - page), col],
        };
    if (to[e.key]) {
      e.preventDefault();
      return go(...to[e.key]!);
    }
    if (e.ctrlKey) return;
    const l = leads[row];
    if (row < 0) {
      if (e.key === "Enter" || e.key === " ") {
        e.preventDefault();
        if (col === 0) onPickAll(picked.size !== leads.length);
        else onSort(columns[col - 1]!);
      }
      return;
    }
    if (!l) return;
    if (e.key === " ") {
      e.preventDefault();
      onPick([l.id], !picked.has(l.id));
    } else if (e.key === "Enter" && (col <= 1 || !canEdit(l, col))) {
      e.preventDefault();
      navigate(`/leads/${l.id}`);
    } else if ((e.key === "Enter" || e.key === "F2") && canEdit(l, col)) {
      e.preventDefault();
      setEditing(true);
    } else if (e.key === "Escape" && picked.size) onPickAll(false);
  };
  const tick = (l: Lead, i: number, name: string) => (
    <input
      class={box}
      type="checkbox"
      tabindex={narrow ? 0 : -1}
      aria-label={s.leads.select(name)}
      checked={picked.has(l.id)}
      onClick={(e) => {
        const yes = e.currentTarget.checked;
        const from = e.shiftKey ? Math.min(anchor.current, i) : i;
        const till = e.shiftKey ? Math.max(anchor.current, i) : i;
        onPick(
          leads.slice(from, till + 1).map((x) => x.id),
          yes,
        );
        anchor.current = i;
      }}
    />
  );
  if (narrow)
    return (
      <div ref={list} class={c.box} tabindex={0} role="region" aria-label={s.leads.list} aria-busy={busy}>
        {!leads.length ? (
          <Bones grid="36px 1fr" cols={1} height={height} />
        ) : (
          <ul class={c.rows} style={{ height: `${virtual.getTotalSize()}px` }}>
            {items.map((it) => {
              const l = leads[it.index];
              if (!l) return null;
              const name = text(l, "name") || s.leads.noName;
              return (
                <li
                  key={l.id}
                  class={cx(c.row, c.card)}
                  style={{ transform: `translateY(${it.start}px)`, height: `${height}px` }}
                >
                  <div class={c.tick}>{tick(l, it.index, name)}</div>
                  <div class={c.cardText}>
                    <a class={c.name} dir="auto" href={`/leads/${l.id}`}>
                      {name}
                    </a>
                    <p>{cardNote(l)}</p>
                  </div>
                  <Badge dot tone={statusTone(text(l, "status"))}>
                    {statusLabel(l)}
                  </Badge>
                </li>
              );
            })}
          </ul>
        )}
      </div>
    );
  const grid = `40px ${columns.map((x) => x.width).join(" ")}`;
  const least = columns.reduce((sum, x) => sum + Number(/\d+/.exec(x.width)), 68);
  return (
    <div
      ref={list}
      class={c.box}
      tabindex={0}
      role="grid"
      aria-label={s.leads.list}
      aria-rowcount={last ? leads.length + 1 : -1}
      aria-colcount={columns.length + 1}
      aria-busy={busy}
      aria-multiselectable="true"
      aria-activedescendant={leads.length ? cellID(row, col) : undefined}
      onKeyDown={keys}
    >
      <div class={c.table} role="presentation" style={{ minWidth: `${least}px` }}>
        <div role="rowgroup">
          <div class={c.headRow} role="row" aria-rowindex={1} style={{ gridTemplateColumns: grid }}>
            <div
              id={cellID(-1, 0)}
              class={cx(c.tick, row === -1 && col === 0 && c.active)}
              role="columnheader"
              aria-colindex={1}
            >
              <input
                class={box}
                type="checkbox"
                tabindex={-1}
                aria-label={s.leads.selectAll}
                checked={picked.size > 0 && picked.size === leads.length}
                onChange={(e) => onPickAll(e.currentTarget.checked)}
              />
            </div>
            {columns.map((x, k) => (
              <div
                key={x.key}
                id={cellID(-1, k + 1)}
                class={cx(c.cell, row === -1 && col === k + 1 && c.active)}
                role="columnheader"
                aria-colindex={k + 2}
                aria-sort={x.sort && x.sort === sort ? (asc ? "ascending" : "descending") : undefined}
              >
                {x.sort ? (
                  <button
                    type="button"
                    tabindex={-1}
                    class={x.sort === sort ? c.sorted : ""}
                    onClick={() => onSort(x)}
                  >
                    {x.label}
                    {x.sort === sort && <Icon of={asc ? iUp : iArrow} size={12} />}
                  </button>
                ) : (
                  x.label
                )}
              </div>
            ))}
          </div>
        </div>
        {!leads.length ? (
          <Bones grid={grid} cols={columns.length} height={height} />
        ) : (
          <div class={c.rows} role="rowgroup" style={{ height: `${virtual.getTotalSize()}px` }}>
            {items.map((it) => {
              const l = leads[it.index];
              if (!l) return null;
              const name = text(l, "name") || s.leads.noName;
              const here = it.index === row;
              return (
                <div
                  key={l.id}
                  class={c.row}
                  role="row"
                  aria-rowindex={it.index + 2}
                  aria-selected={picked.has(l.id)}
                  style={{
                    transform: `translateY(${it.start}px)`,
                    height: `${height}px`,
                    gridTemplateColumns: grid,
                  }}
                >
                  <div
                    id={cellID(it.index, 0)}
                    class={cx(c.tick, here && col === 0 && c.active)}
                    role="gridcell"
                    aria-colindex={1}
                  >
                    {tick(l, it.index, name)}
                  </div>
                  {columns.map((x, k) => {
                    const active = here && col === k + 1;
                    return (
                      <div
                        key={x.key}
                        id={cellID(it.index, k + 1)}
                        class={cx(c.cell, active && c.active, active && editing && c.editing)}
                        role="gridcell"
                        aria-colindex={k + 2}
                        dir="auto"
                        aria-readonly={!canEdit(l, k + 1)}
                        onMouseDown={(e) => {
                          if (!(active && editing)) {
                            setAt({ row: it.index, col: k + 1 });
                            setEditing(false);
                            if (!(e.target as Element).closest("a"))
                              list.current?.focus({ preventScroll: true });
                          }
                        }}
                        onDblClick={() => {
                          if (canEdit(l, k + 1)) setEditing(true);
                        }}
                      >
                        {active && editing ? (
                          <CellEditor
                            lead={l}
                            field={field(x.key)!}
                            put={put}
                            onDone={(move) => {
                              setEditing(false);
                              list.current?.focus({ preventScroll: true });
                              if (move) go(row + move, col);
                            }}
                          />
                        ) : (
                          <LeadCell lead={l} of={x.key} name={name} />
                        )}
                      </div>
                    );
                  })}
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

const cellID = (row: number, col: number) => `c${row}-${col}`;
const statusLabel = (l: Lead) => {
  const v = text(l, "status");
  return choices("status").find((o) => o.value === v)?.label ?? v;
};

function LeadCell({ lead, of, name }: { lead: Lead; of: string; name: string }) {
  const f = field(of);
  switch (of) {
    case "name":
      return (
        <a class={c.name} tabindex={-1} title={name} href={`/leads/${lead.id}`}>
          {name}
        </a>
      );
    case "status":
      return (
        <span class={c.state}>
          <Dot tone={statusTone(text(lead, "status"))} />
          {statusLabel(lead)}
        </span>
      );
    case "owner": {
      const o = personName(text(lead, "owner"));
      return o ? (
        <span class={c.person}>
          <Avatar name={o} />
          <span>{o}</span>
        </span>
      ) : (
        <span class={c.dim}>{s.leads.nobody}</span>
      );
    }
    case "tags":
      return (
        <span class={c.tagList}>
          {elements(lead, "tags").map((t, i) => (
            <Badge key={i}>{elementText("tags", t)}</Badge>
          ))}
        </span>
      );
    case "created_at":
    case "updated_at": {
      const t = lead[of];
      return (
        <time class={c.dim} dateTime={t} title={t && moment(t)}>
          {t && ago(t)}
        </time>
      );
    }
    case "emails":
    case "phones": {
      const n = elements(lead, of).length;
      return (
        <>
          {text(lead, of)}
          {n > 1 && <span class={c.dim}> +{n - 1}</span>}
        </>
      );
    }
    default:
      return <>{f ? show(f, lead.values[of]) : ""}</>;
  }
}

function Bones({ grid, cols, height }: { grid: string; cols: number; height: number }) {
  return (
    <div aria-hidden="true" style={{ height: `${height * 12}px` }} class={c.rows}>
      {Array.from({ length: 12 }, (_, i) => (
        <div
          key={i}
          class={c.row}
          style={{
            gridTemplateColumns: grid,
            transform: `translateY(${i * height}px)`,
            height: `${height}px`,
          }}
        >
          <span />
          {Array.from({ length: cols }, (_, k) => (
            <span key={k} class={c.cell}>
              <Bone width={`${38 + ((i * 7 + k * 13) % 5) * 10}%`} />
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}
