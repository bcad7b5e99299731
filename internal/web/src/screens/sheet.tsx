// The records of a file as a sheet that is edited.
import { useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import * as api from "../api";
import { w } from "../strings-import";
import { assignable, choices } from "../desk";
import { countries } from "../countries";
import { Grid, type GridColumn, type GridMark, type GridRow } from "../ui/grid";
import { applied, fieldOf } from "./mapping";
import type { Journey } from "./journey";

function gridColumns(prep: api.Prepared): GridColumn[] {
  return prep.columns.map((col) => {
    const { field, kind } = fieldOf(applied(prep, col));
    const longest = Math.max(col.heading.length, ...col.samples.map((x) => Math.min(x.length, 34)));
    const options =
      kind === "choice" && field
        ? choices(field.key)
        : kind === "user"
          ? assignable.value.map((p) => ({ value: p.username, label: p.username, note: p.display }))
          : kind === "country"
            ? countries()
            : undefined;
    return {
      label: col.heading,
      width: Math.max(96, Math.min(264, 52 + longest * 7)),
      options,
      date: kind === "date",
    };
  });
}

const rank = { error: 2, warning: 1, info: 0 } as Record<string, number>;

function gridRow(r: api.FileRecord): GridRow {
  const out: GridRow = {
    number: r.record,
    line: r.line,
    cells: r.cells ?? [],
    marks: {},
    edited: r.fixed ?? [],
  };
  for (const i of r.issues ?? []) {
    const mark: GridMark = {
      tone: i.severity as "error",
      text: [i.message, i.remedy].filter(Boolean).join(" "),
      suggestion: i.suggestion || undefined,
    };
    const old = i.column >= 0 ? out.marks[i.column] : out.row;
    if (old && rank[old.tone]! >= rank[mark.tone]!) continue;
    if (i.column >= 0) out.marks[i.column] = mark;
    else if (i.record) out.row = mark;
  }
  return out;
}

export function Sheet({
  j,
  list,
  total,
  column,
  title,
}: {
  j: Journey;
  list: api.RecordList;
  total: number;
  column?: number;
  title?: ComponentChildren;
}) {
  const id = j.imp.id;
  const key = JSON.stringify(list);
  const [counted, setCounted] = useState<{ key: string; turn: number; total: number } | null>(null);
  const columns = useMemo(() => gridColumns(j.prep), [j.prep]);
  const now = counted && counted.key === key && counted.turn === j.turn ? counted.total : total;
  return (
    <Grid
      label={w.sheet}
      title={title}
      columns={columns}
      total={now}
      list={key}
      turn={j.turn}
      column={Math.max(0, column ?? 0)}
      page={async (at, limit, abort) => {
        const got = await api.records(id, { ...list, at, limit, cells: true }, abort);
        if (got.total !== now) setCounted({ key, turn: j.turn, total: got.total });
        return got.items.map(gridRow);
      }}
      problem={async (from, back) => {
        const p = await api.problem(id, { ...list, from, back });
        return p.record ? { number: p.record, at: p.at } : null;
      }}
      find={async (text, q) => {
        const got = await api.findCells(id, {
          text,
          column: q.column,
          exact: q.exact,
          first: q.from,
          limit: q.limit,
        });
        return {
          hits: got.items.map((h) => ({ number: h.record, column: h.column, text: h.text })),
          next: got.next,
        };
      }}
      at={async (record) => {
        if (key === "{}") return record - 1;
        const p = await api.problem(id, { ...list, from: record - 1 });
        return p.record === record ? p.at : -1;
      }}
      save={async (edits) => {
        await api.fix(
          id,
          edits.map((e) => ({ record: e.number, column: e.column, was: e.was, new: e.to })),
        );
        j.soon();
      }}
    />
  );
}
