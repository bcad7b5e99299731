// Records that need a decision: each beside the leads that it may be about.
import { useEffect, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { useLoad } from "../load";
import { field, fields, show } from "../desk";
import { number } from "../format";
import { Failed } from "../app";
import { Badge, Button, cx, hidden, Loading, TableBox } from "../ui/kit";
import type { Journey } from "./journey";

type Answer = Parameters<typeof api.answer>[1];

// Conflicts lists them. kind narrows to one code; without it all are shown.
export function Conflicts({ j, kind }: { j: Journey; kind?: api.Total }) {
  const [extra, setExtra] = useState<api.FileRecord[]>([]);
  const [next, setNext] = useState<number | undefined>();
  const [done, setDone] = useState<number[]>([]);
  const list: api.RecordList = kind
    ? { code: kind.code, column: kind.column, outcome: "conflict" }
    : { outcome: "conflict" };
  const got = useLoad(
    (abort) => api.records(j.imp.id, { ...list, limit: 10 }, abort),
    [JSON.stringify(list), j.turn],
  );
  useEffect(() => {
    setExtra([]);
    setNext(got.data?.next);
    setDone([]);
  }, [got.data]);
  if (got.error && !got.data) return <Failed error={got.error} again={got.again} />;
  if (!got.data) return <Loading />;
  const rows = [...got.data.items, ...extra];
  const decide = (body: Answer) => {
    setDone([...done, ...(body.records ?? rows.map((r) => r.record))]);
    j.run(() => api.answer(j.imp.id, body)).catch(() => setDone([]));
  };
  const more = async () => {
    const page = await api.records(j.imp.id, { ...list, first: next, limit: 20 });
    setExtra([...extra, ...page.items]);
    setNext(page.next);
  };
  return (
    <div class={c.part}>
      {kind && kind.records > 1 && (
        <div class={c.forAll}>
          <span>{w.forAll(kind.records)}</span>
          <Button small onClick={() => decide({ code: kind.code, column: kind.column, do: "new" })}>
            {w.createNew}
          </Button>
          <Button small onClick={() => decide({ code: kind.code, column: kind.column, do: "skip" })}>
            {w.skip}
          </Button>
          {["id.contradicted", "match.other_person"].includes(kind.code) && (
            <Button
              small
              onClick={() => j.change((r) => ({ ...r, decide: { ...r.decide, [kind.code]: "same" } }))}
            >
              {kind.code === "id.contradicted" ? s.review.sameLead : s.review.same}
            </Button>
          )}
          {kind.code === "changed.since_export" && (
            <>
              <Button
                small
                onClick={() => j.change((r) => ({ ...r, decide: { ...r.decide, [kind.code]: "file" } }))}
              >
                {s.review.file}
              </Button>
              <Button
                small
                onClick={() => j.change((r) => ({ ...r, decide: { ...r.decide, [kind.code]: "keep" } }))}
              >
                {s.review.keep}
              </Button>
            </>
          )}
        </div>
      )}
      {rows.map((r) => (
        <Card key={r.record} r={r} done={done.includes(r.record)} decide={decide} />
      ))}
      {next ? (
        <div>
          <Button small onClick={more}>
            {s.imports.more}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Card({ r, done, decide }: { r: api.FileRecord; done: boolean; decide: (a: Answer) => void }) {
  const others = r.candidates ?? [];
  const will = r.will ?? {};
  const skip = ["owner", "status", "id", "version"];
  const text = (key: string, v: Record<string, unknown>) => {
    const f = field(key);
    return f ? show(f, v[key]) : "";
  };
  const keys = fields.value
    .map((f) => f.key)
    .filter((k) => !skip.includes(k) && (text(k, will) || others.some((o) => text(k, o.values))))
    .slice(0, 14);
  const issue = r.issues?.find((i) => i.code === r.reason) ?? r.issues?.find((i) => w.conflictTexts[i.code]);
  return (
    <article class={cx(c.card, done && c.cardDone)} aria-label={s.journey.becameOf(r.record)}>
      <header class={c.cardHead}>
        <h3>{s.journey.becameOf(r.record)}</h3>
        <span class={c.quiet}>
          {s.journey.line} {number(r.line)}
        </span>
        {done ? <Badge tone="ok">{w.decided}</Badge> : null}
        <p dir="auto">{issue?.message ?? w.conflictTexts[r.reason ?? ""] ?? ""}</p>
      </header>
      <TableBox label={`${s.journey.becameOf(r.record)}: ${w.here}`}>
        <thead>
          <tr>
            <th>{s.journey.field}</th>
            <th>
              {w.inFile}
              <div class={c.buttons}>
                <Button small onClick={() => decide({ records: [r.record], do: "new" })}>
                  {w.createNew}
                </Button>
                <Button small look="quiet" onClick={() => decide({ records: [r.record], do: "skip" })}>
                  {w.skip}
                </Button>
              </div>
            </th>
            {others.map((o, i) => (
              <th key={i}>
                {o.lead ? (
                  <a href={`/leads/${o.lead}`}>
                    {w.here} #{o.lead}
                  </a>
                ) : (
                  w.rowOf(o.row!)
                )}
                <div class={c.buttons}>
                  <Button
                    small
                    onClick={() => decide({ records: [r.record], do: "update", lead: o.lead, row: o.row })}
                  >
                    {o.lead ? w.updateThis : w.mergeInto}
                  </Button>
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {keys.map((k) => (
            <tr key={k}>
              <th scope="row">{field(k)?.label ?? k}</th>
              <td dir="auto">{text(k, will)}</td>
              {others.map((o, i) => {
                const v = text(k, o.values);
                const same = v === text(k, will);
                const other = !same && v && text(k, will);
                return (
                  <td key={i} dir="auto" class={same ? c.same0 : ""}>
                    {other ? (
                      <span class={c.other}>
                        {v}
                        <span class={hidden}> ({w.differs})</span>
                      </span>
                    ) : (
                      v
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </TableBox>
    </article>
  );
}
