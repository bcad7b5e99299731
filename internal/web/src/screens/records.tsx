// The records of an import with what becomes of each.
import { Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { useLoad } from "../load";
import { field, show } from "../desk";
import { number } from "../format";
import { Badge, Button, Dot, Empty, Loading, numeric, TableBox, toast, type Tone } from "../ui/kit";
import { Failed } from "../app";
import iInbox from "../../vendor/lucide/inbox.svg";

export const outcomeTone = (o: string): Tone =>
  (
    ({
      new: "ok",
      update: "accent",
      unchanged: "neutral",
      skipped: "neutral",
      error: "error",
      conflict: "warning",
    }) as Record<string, Tone>
  )[o] ?? "neutral";

export function Records({ id, outcome, turn }: { id: number; outcome?: string; turn?: unknown }) {
  const [extra, setExtra] = useState<api.FileRecord[]>([]);
  const [next, setNext] = useState<number | undefined>(undefined);
  const [paged, setPaged] = useState(false);
  const got = useLoad((abort) => api.records(id, { outcome, limit: 50 }, abort), [id, outcome, turn]);
  useEffect(() => {
    setExtra([]);
    setPaged(false);
  }, [id, outcome, turn]);
  if (got.error && !got.data) return <Failed error={got.error} again={got.again} />;
  if (!got.data) return <Loading />;
  const rows = [...got.data.items, ...extra];
  const after = paged ? next : got.data.next;
  if (!rows.length)
    return (
      <Empty icon={iInbox} title={s.journey.noRecords}>
        {s.journey.noRecordsText}
      </Empty>
    );
  const more = async () => {
    try {
      const page = await api.records(id, { outcome, first: after, limit: 100 });
      setExtra([...extra, ...page.items]);
      setNext(page.next);
      setPaged(true);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  const why = rows.some((r) => r.stale || r.note || r.merged_into || r.issues?.length);
  // New leads stand in columns of their own; what else becomes of a record is one text.
  const plain =
    outcome === "new" && rows.every((r) => r.will && !r.was)
      ? main.filter((k) => rows.some((r) => value(r, k)))
      : null;
  const becomes = !plain && rows.some((r) => r.will || r.lead);
  return (
    <div class={c.part}>
      <TableBox label={s.journey.recordTable}>
        <thead>
          <tr>
            <th class={numeric}>{s.journey.record}</th>
            {!outcome && <th>{s.journey.outcome}</th>}
            {plain?.map((k) => (
              <th key={k}>{field(k)?.label}</th>
            ))}
            {becomes && <th>{s.journey.willBe}</th>}
            {why && <th>{s.journey.why}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.record}>
              <td class={numeric} title={`${s.journey.line} ${r.line}`}>
                <span class={c.quiet}>{number(r.record)}</span>
              </td>
              {!outcome && (
                <td class={c.nowrap}>
                  <Badge tone={outcomeTone(r.outcome)}>{s.journey.outcomes[r.outcome] ?? r.outcome}</Badge>
                </td>
              )}
              {plain?.map((k) => (
                <td key={k} dir="auto" class={k === "status" ? c.nowrap : c.plain}>
                  {k !== "name" ? (
                    value(r, k)
                  ) : r.lead ? (
                    <a class={c.fileName} href={`/leads/${r.lead}`}>
                      {value(r, k)}
                    </a>
                  ) : (
                    <b class={c.fileName}>{value(r, k)}</b>
                  )}
                </td>
              ))}
              {becomes && (
                <td>
                  <Changes of={r} />
                </td>
              )}
              {why && (
                <td>
                  <Why of={r} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </TableBox>
      {after ? (
        <div>
          <Button small onClick={more}>
            {s.imports.more}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

const main = ["name", "company_name", "emails", "phones", "status"];
const value = (r: api.FileRecord, k: string) => {
  const f = field(k);
  return f ? show(f, r.will?.[k]) : "";
};

// Named is a lead's name, which leads to it.
function Named({ name, lead }: { name: string; lead?: number }) {
  return lead ? (
    <a class={c.fileName} href={`/leads/${lead}`} dir="auto">
      {name || s.journey.openLead}
    </a>
  ) : (
    <b>
      <bdi>{name}</bdi>
    </b>
  );
}

// Changes shows was → will be, or the main values of a new lead.
function Changes({ of: r }: { of: api.FileRecord }) {
  if (!r.will) return r.lead ? <Named name={r.name ?? ""} lead={r.lead} /> : null;
  if (!r.was) {
    const said = main
      .slice(1)
      .map((k) => value(r, k))
      .filter(Boolean);
    return (
      <div class={c.diff}>
        <span>
          <Named name={value(r, "name")} lead={r.outcome === "new" ? r.lead : undefined} />{" "}
          <span class={c.quiet}>
            {said.map((x, i) => (
              <Fragment key={i}>
                {i > 0 && " · "}
                <bdi>{x}</bdi>
              </Fragment>
            ))}
          </span>
        </span>
      </div>
    );
  }
  return (
    <div class={c.diff}>
      {r.lead && r.outcome === "update" ? <Named name={r.name ?? ""} lead={r.lead} /> : null}
      <dl class={c.changes}>
        {Object.keys({ ...r.was, ...r.will }).map((k) => {
          const f = field(k);
          const was = f ? show(f, r.was![k]) : "";
          const will = f ? show(f, r.will![k]) : "";
          return (
            <Fragment key={k}>
              <dt>{f?.label ?? k}</dt>
              <dd>
                {was && (
                  <>
                    <bdi>
                      <s class={c.was}>{was}</s>
                    </bdi>{" "}
                    →{" "}
                  </>
                )}
                <bdi>{will || s.lead.empty}</bdi>
              </dd>
            </Fragment>
          );
        })}
      </dl>
    </div>
  );
}

function Why({ of: r }: { of: api.FileRecord }) {
  return (
    <div class={c.why}>
      {r.stale && <span>{s.journey.staged}</span>}
      {r.note && <span dir="auto">{r.note}</span>}
      {r.merged_into ? <span>{s.journey.mergedInto(r.merged_into)}</span> : null}
      {r.issues?.map((i, k) => (
        <span key={k} dir="auto">
          {i.heading ? `${i.heading}: ` : ""}
          {i.message}
          {i.remedy && <small> {i.remedy}</small>}
        </span>
      ))}
    </div>
  );
}

const shareClass: Record<string, string> = {
  ok: c.sOk!,
  accent: c.sAccent!,
  error: c.sError!,
  warning: c.sWarning!,
  neutral: c.sNeutral!,
};

// Line is the accounting line, which always balances; each number opens its
// records. Above it the same as a bar.
export function Line({
  of: a,
  at,
  href,
  label,
}: {
  of: api.Accounting;
  at: string;
  label: string;
  href: (outcome: string) => string;
}) {
  const parts: [string, number, string, Tone][] = [
    ["records", a.records, "", "neutral"],
    ["new", a.new, "new", "ok"],
    ["update", a.update, "update", "accent"],
    ["unchanged", a.unchanged, "unchanged", "neutral"],
    ["skipped", a.skipped, "skipped", "neutral"],
    ["errors", a.errors, "error", "error"],
    ["conflicts", a.conflicts, "conflict", "warning"],
  ];
  return (
    <nav class={c.line} aria-label={label}>
      {a.records > 0 && (
        <div class={c.share} aria-hidden="true">
          {parts
            .slice(1)
            .map(
              ([key, n, , tone]) =>
                n > 0 && <span key={key} class={shareClass[tone]} style={{ flexGrow: n }} />,
            )}
        </div>
      )}
      {parts.map(([key, n, outcome, tone], i) => {
        const inside = (
          <>
            {i > 0 && (
              <i class={c.sign} aria-hidden="true">
                {i > 1 ? "+" : "="}
              </i>
            )}
            <b>{number(n)}</b>
            <span>
              {outcome && n > 0 && <Dot tone={tone} />}
              {s.journey.counts(key, n)}
            </span>
          </>
        );
        return n > 0 ? (
          <a
            key={key}
            class={c.number}
            href={href(outcome)}
            aria-current={at === (outcome || "all") ? "true" : undefined}
          >
            {inside}
          </a>
        ) : (
          <div key={key} class={`${c.number} ${c.zero}`}>
            {inside}
          </div>
        );
      })}
    </nav>
  );
}
