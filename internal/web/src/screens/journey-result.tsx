// The run, and what came of it.
import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { navigate, query, setQuery } from "../router";
import { session } from "../session";
import { fields, personName } from "../desk";
import { day, duration, moment, number } from "../format";
import {
  Button,
  Check,
  Dialog,
  Dot,
  Field,
  Input,
  LinkButton,
  Loading,
  Mark,
  Menu,
  Notice,
  Progress,
  Select,
  spin,
  toast,
  type Tone,
} from "../ui/kit";
import { Icon } from "../ui/icon";
import { useLoad } from "../load";
import { short } from "./imports";
import { atRest } from "./journey";
import { Line, Records } from "./records";
import iLoad from "../../vendor/lucide/loader-circle.svg";
import iPencil from "../../vendor/lucide/pencil.svg";
import iDown from "../../vendor/lucide/download.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";

export function Outcome({
  imp,
  turn,
  apply,
}: {
  imp: api.Import;
  turn: number;
  apply: (ask: Promise<api.Import>) => Promise<void>;
}) {
  const [undoing, setUndoing] = useState<number | null>(null); // a record; 0: all
  const [kept, setKept] = useState(false);
  const [busy, setBusy] = useState(false);
  const a = imp.accounting;
  const leads = a.new + a.update;
  const act = async (what: "cancel" | "continue") => {
    setBusy(true);
    try {
      await apply(api.act(imp.id, what));
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    } finally {
      setBusy(false);
    }
  };
  const outcome = query.value.get("outcome") ?? (a.conflicts ? "conflict" : a.errors ? "error" : "all");
  const canUndo =
    imp.kind !== "undo" &&
    ["done", "cancelled", "failed", "partly undone"].includes(imp.state) &&
    (leads > 0 || imp.kind === "bulk");
  if (!atRest(imp.state))
    return (
      <div class={c.body}>
        <Running imp={imp} busy={busy} onCancel={() => act("cancel")} />
      </div>
    );
  const rejected = a.errors + a.conflicts + (a.cells_not_imported ? 1 : 0) > 0;
  const head =
    imp.kind === "undo" && imp.state === "done"
      ? s.leads.undone
      : imp.state === "undone"
        ? s.journey.undoneTitle
        : imp.state === "partly undone"
          ? s.journey.partlyTitle
          : imp.state === "failed"
            ? s.journey.failedTitle
            : imp.state === "paused"
              ? s.journey.pausedTitle
              : imp.state === "cancelled"
                ? w.stopped(leads, imp.planned ?? leads)
                : leads
                  ? s.journey.doneTitle(leads)
                  : s.journey.nothingImported;
  const said = [
    a.cells_not_imported && s.journey.cellsLeftOut(a.cells_not_imported),
    imp.kind === "file" &&
      session.value.mail &&
      imp.actor === session.value.user?.id &&
      session.value.user.email &&
      w.mailed(session.value.user.email),
  ].filter(Boolean);
  const bad = imp.state === "failed" || imp.state === "paused";
  // What became leads opens the list of these.
  const listed: Record<string, string> = {
    new: `/leads?import=${imp.id}`,
    update: `/leads?changed_import=${imp.id}`,
  };
  return (
    <div class={c.body}>
      <div class={c.done}>
        <Mark tone={bad ? "error" : imp.state === "cancelled" ? "warning" : "ok"} size={24} />
        <div>
          <h2>{head}</h2>
          <p>
            {[
              imp.finished && moment(imp.finished),
              imp.kind !== "undo" &&
                imp.started &&
                imp.finished &&
                `${s.journey.took} ${duration((+new Date(imp.finished) - +new Date(imp.started)) / 1000)}`,
              personName(imp.actor),
              imp.state !== "cancelled" && imp.reason,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {canUndo && imp.undo_until && <p>{s.journey.undoUntil(day(imp.undo_until))}</p>}
        </div>
        <div class={c.buttons}>
          {imp.kind === "file" && leads > 0 && imp.state !== "undone" && (
            <LinkButton look="primary" href={listed[a.new > 0 ? "new" : "update"]!}>
              {s.journey.openInLeads}
            </LinkButton>
          )}
          {(imp.state === "cancelled" || imp.state === "paused") && (
            <Button busy={busy} onClick={() => act("continue")}>
              {s.journey.goOn}
            </Button>
          )}
          {imp.state === "cancelled" && !kept && (
            <Button
              onClick={() => {
                setKept(true);
                toast(w.kept);
              }}
            >
              {s.journey.keepThem}
            </Button>
          )}
          {canUndo && (
            <Button icon={iUndo} onClick={() => setUndoing(0)}>
              {imp.state === "cancelled" ? s.journey.undoThese : s.journey.undoTitle}
            </Button>
          )}
          {imp.parent ? <LinkButton href={`/imports/${imp.parent}`}>{s.journey.seeBefore}</LinkButton> : null}
        </div>
      </div>
      {imp.kind === "undo" ? (
        <Undone of={a} done={imp.state === "done"} id={imp.id} />
      ) : (
        a.records > 0 && (
          <section class={c.part}>
            <h2>{s.review.became}</h2>
            <Line
              of={a}
              label={s.review.became}
              at={outcome}
              href={(o) =>
                (imp.state !== "undone" && listed[o]) || `/imports/${imp.id}?outcome=${o || "all"}`
              }
            />
            {said.length > 0 && <p class={c.quiet}>{said.join(" · ")}</p>}
          </section>
        )
      )}
      {imp.kind === "file" && imp.checked && rejected && <Rest imp={imp} />}
      {imp.kind === "file" && imp.checked && (
        <>
          <section class={c.part}>
            <Lookup id={imp.id} of={a} at={outcome} undo={canUndo ? setUndoing : undefined} />
            <Records id={imp.id} outcome={outcome === "all" ? undefined : outcome} turn={turn} />
          </section>
        </>
      )}
      {imp.kind === "file" && !imp.checked && imp.reason && <Notice tone="error">{imp.reason}</Notice>}
      {undoing !== null && <Undo imp={imp} of={undoing || undefined} onClose={() => setUndoing(null)} />}
    </div>
  );
}

// Rest is what did not come in, and the ways to bring it in: here, as an import
// of its own, or as a file that is mended elsewhere.
function Rest({ imp }: { imp: api.Import }) {
  const a = imp.accounting;
  const left = a.errors + a.conflicts;
  const [busy, setBusy] = useState(false);
  const got = useLoad((abort) => api.children(imp.id, abort), [imp.id]);
  const made = (got.data ?? []).filter((x) => x.started && x.state !== "undone");
  const open =
    left - made.reduce((n, x) => n + x.accounting.records - x.accounting.errors - x.accounting.conflicts, 0) >
    0;
  const go = async () => {
    setBusy(true);
    try {
      navigate(`/imports/${(await api.rest(imp.id)).id}/review`);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
      setBusy(false);
    }
  };
  return (
    <section class={c.rest} aria-label={s.journey.rejects}>
      <Mark tone={open ? "warning" : "info"} />
      <div>
        <h2>{left ? w.restTitle(a.errors, a.conflicts) : s.journey.cellsLeftOut(a.cells_not_imported)}</h2>
        {(open || !left) && <p>{left ? w.restText : w.restCells}</p>}
        {made.map((x) => (
          <p key={x.id}>
            {w.restMade}{" "}
            <a href={`/imports/${x.id}`} dir="auto">
              {x.file}
            </a>{" "}
            · {short(x)}
          </p>
        ))}
      </div>
      <div class={c.buttons}>
        {open && imp.state !== "undone" && (
          <Button busy={busy} icon={iPencil} onClick={go}>
            {w.restHere}
          </Button>
        )}
        <Menu
          look="plain"
          icon={iDown}
          items={[
            { label: s.journey.rejectsCSV, href: api.rejectsURL(imp.id, "csv"), download: true },
            { label: s.journey.rejectsXLSX, href: api.rejectsURL(imp.id, "xlsx"), download: true },
          ]}
        >
          {w.restDownload}
        </Menu>
        <LinkButton look="quiet" href="/imports/new">
          {w.bringHome}
        </LinkButton>
      </div>
    </section>
  );
}

function Running({ imp, busy, onCancel }: { imp: api.Import; busy: boolean; onCancel: () => void }) {
  const p = imp.progress;
  const from = useRef<{ at: number; done: number } | null>(null);
  if (p && !from.current) from.current = { at: Date.now(), done: p.done };
  const span = from.current ? (Date.now() - from.current.at) / 1000 : 0;
  const begun = imp.started ? (Date.now() - +new Date(imp.started)) / 1000 : span;
  const rate =
    p && p.done > 0
      ? span > 2 && p.done > from.current!.done
        ? (p.done - from.current!.done) / span
        : p.done / Math.max(1, begun)
      : 0;
  const stopping = imp.state === "cancelling";
  return (
    <>
      <div class={c.done}>
        <Icon of={iLoad} size={24} class={spin} />
        <div>
          <h2>
            {stopping
              ? s.journey.cancelling
              : imp.kind === "undo" || imp.state === "undoing"
                ? s.journey.undoing
                : s.journey.running}
          </h2>
          <p>{s.journey.survives}</p>
        </div>
        {!stopping && imp.state === "running" && (
          <div class={c.buttons}>
            <Button busy={busy} onClick={onCancel}>
              {s.journey.cancelRun}
            </Button>
          </div>
        )}
      </div>
      <Progress value={p?.done ?? 0} max={p?.total ?? 0} label={s.journey.running} />
      {p && p.total > 0 && (
        <div class={c.line}>
          {figure(number(p.done), w.doneOf(p.total))}
          {rate > 0 && figure(number(Math.round(rate)), w.rate)}
          {rate > 0 && p.total > p.done && figure(duration((p.total - p.done) / rate), w.timeLeft)}
          {p.accounting &&
            (
              [
                ["new", "ok"],
                ["update", "accent"],
                ["unchanged", "neutral"],
                ["skipped", "neutral"],
                ["errors", "error"],
                ["conflicts", "warning"],
              ] as const
            ).map(
              ([k, tone]) =>
                p.accounting![k] > 0 &&
                figure(number(p.accounting![k]), s.journey.counts(k, p.accounting![k]), tone),
            )}
        </div>
      )}
    </>
  );
}

const figure = (value: string, name: string, tone?: Tone) => (
  <div key={name} class={c.number}>
    <b>{value}</b>
    <span>
      {tone && <Dot tone={tone} />}
      {name}
    </span>
  </div>
);

// Undone is what an undo does, or did.
function Undone({ of: a, done, id }: { of: api.Accounting; done?: boolean; id?: number }) {
  const t = s.journey;
  const rows: [number | undefined, Tone, (k: number) => string, string?][] = [
    [a.removed, "warning", done ? t.undidRemove : t.undoRemoved, `/leads?view=bin&changed_import=${id}`],
    [a.restored, "accent", done ? t.undidRestore : t.undoRestored, `/leads?changed_import=${id}`],
    [a.kept, "neutral", done ? t.undidKeep : t.undoKept],
  ];
  return (
    <ul class={c.undone}>
      {rows.map(([k, tone, say, href]) =>
        k ? (
          <li key={tone}>
            <Dot tone={tone} />
            {done && id && href ? <a href={href}>{say(k)}</a> : say(k)}
          </li>
        ) : null,
      )}
    </ul>
  );
}

const outcomes = [
  ["new", "new"],
  ["update", "update"],
  ["unchanged", "unchanged"],
  ["skipped", "skipped"],
  ["errors", "error"],
  ["conflicts", "conflict"],
] as const;

// Lookup heads the records, narrows them to an outcome, and finds one by its number.
function Lookup({
  id,
  of: a,
  at,
  undo,
}: {
  id: number;
  of: api.Accounting;
  at: string;
  undo?: (record: number) => void;
}) {
  const most = a.records;
  const [n, setN] = useState("");
  const [found, setFound] = useState<api.Fate | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const look = async (e: Event) => {
    e.preventDefault();
    setWrong(null);
    setFound(null);
    const k = Number(n);
    if (!Number.isInteger(k) || k < 1 || k > most) {
      setWrong(s.review.range1(most));
      return;
    }
    try {
      setFound(await api.fate(id, k));
    } catch (x) {
      setWrong(api.say(x));
    }
  };
  return (
    <>
      <div class={c.partHead}>
        <h2>{s.review.heads[at] ?? s.journey.anyOutcome}</h2>
        <Select
          compact
          class={c.narrowed}
          aria-label={s.journey.outcome}
          value={at}
          onChange={(e) => setQuery({ outcome: e.currentTarget.value })}
          options={[
            { value: "all", label: s.journey.anyOutcome },
            ...outcomes
              .filter(([of]) => a[of] > 0)
              .map(([, value]) => ({ value, label: s.review.heads[value]! })),
          ]}
        />
        <form class={c.lookup} onSubmit={look}>
          <Field label={s.journey.findRecord} wrong={wrong}>
            <Input compact inputMode="numeric" value={n} onInput={(e) => setN(e.currentTarget.value)} />
          </Field>
          <Button small type="submit">
            {s.journey.findRecordButton}
          </Button>
        </form>
      </div>
      {found && (
        <Notice
          live
          end={
            found.lead ? (
              <>
                <LinkButton small href={`/leads/${found.lead}`}>
                  {s.journey.openLead}
                </LinkButton>
                {undo && ["new", "update"].includes(found.outcome) && (
                  <Button small icon={iUndo} onClick={() => undo(found.record)}>
                    {w.undo.thisOne}
                  </Button>
                )}
              </>
            ) : undefined
          }
        >
          <strong>
            {s.journey.becameOf(found.record)}: {s.journey.outcomes[found.outcome] ?? found.outcome}.
          </strong>{" "}
          {[
            found.note,
            found.merged_into ? s.journey.mergedInto(found.merged_into) : "",
            ...(found.issues ?? []).map((i) => (i.heading ? `${i.heading}: ` : "") + i.message),
          ]
            .filter(Boolean)
            .join(" ")}
        </Notice>
      )}
    </>
  );
}

// recordNumbers reads "3, 17-20"; null where it says something else.
function recordNumbers(text: string, most: number): number[] | null {
  const out = new Set<number>();
  for (const part of text.split(/[,;\s]+/).filter(Boolean)) {
    const m = /^(\d+)(?:[-–](\d+))?$/.exec(part);
    const from = Number(m?.[1]),
      to = Number(m?.[2] ?? m?.[1]);
    if (!m || from < 1 || to < from || to > most || out.size + to - from >= 10000) return null;
    for (let n = from; n <= to; n++) out.add(n);
  }
  return out.size ? [...out] : null;
}

// Undo shows what would happen, of all, of some records or of one field; then
// does it.
function Undo({ imp, of, onClose }: { imp: api.Import; of?: number; onClose: () => void }) {
  const [plan, setPlan] = useState<{ accounting: api.Accounting; kept: api.Kept[] | null } | null>(null);
  const [part, setPart] = useState(of ? "records" : "");
  const [records, setRecords] = useState(of ? String(of) : "");
  const [key, setKey] = useState("");
  const [too, setToo] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [badRecords, setBadRecords] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const numbers = part === "records" ? recordNumbers(records, imp.accounting.records) : null;
  const what: api.UndoPart | null =
    part === "records"
      ? numbers && { records: numbers }
      : part === "field"
        ? key
          ? { field: key }
          : null
        : {};
  const ask = what && JSON.stringify({ ...what, ...(too ? { remove_too: true } : {}) });
  useEffect(() => {
    setPlan(null);
    setWrong(null);
    if (!ask) return;
    setBadRecords(null);
    let stale = false;
    const wait = window.setTimeout(
      () =>
        api.previewUndo(imp.id, JSON.parse(ask)).then(
          (p) => stale || setPlan(p),
          (e) => stale || setWrong(api.say(e)),
        ),
      part === "records" && !of ? 300 : 0,
    );
    return () => {
      stale = true;
      clearTimeout(wait);
    };
  }, [ask]);
  const run = async () => {
    if (!ask) {
      if (part === "records") setBadRecords(w.undo.recordsWrong(imp.accounting.records));
      else setWrong(w.undo.fieldMissing);
      return;
    }
    if (!plan || (!plan.accounting.removed && !plan.accounting.restored)) {
      if (plan) setWrong(s.journey.undoNothing);
      return;
    }
    setBusy(true);
    try {
      const u = await api.undoNow(imp.id, JSON.parse(ask));
      navigate(`/imports/${u.id}`);
      onClose();
    } catch (e) {
      setWrong(api.say(e));
      setBusy(false);
    }
  };
  const a = plan?.accounting;
  return (
    <Dialog
      title={s.journey.undoAsk}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="danger" icon={iUndo} busy={busy} onClick={run}>
            {s.journey.undoNow}
          </Button>
        </>
      }
    >
      {wrong && (
        <Notice tone="error" live>
          {wrong}
        </Notice>
      )}
      {imp.kind === "file" && (
        <div class={c.undoOf}>
          <Field label={w.undo.what}>
            <Select
              value={part}
              onChange={(e) => {
                setPart(e.currentTarget.value);
                setBadRecords(null);
              }}
              options={Object.entries(w.undo.parts).map(([value, label]) => ({ value, label }))}
            />
          </Field>
          {part === "records" && (
            <Field label={s.imports.records} hint={w.undo.recordsHint} wrong={badRecords}>
              <Input
                autoFocus={!of}
                value={records}
                onInput={(e) => setRecords(e.currentTarget.value)}
                onBlur={() =>
                  setBadRecords(records && !numbers ? w.undo.recordsWrong(imp.accounting.records) : null)
                }
              />
            </Field>
          )}
          {part === "field" && (
            <Field label={s.journey.field}>
              <Select
                autoFocus
                value={key}
                onChange={(e) => setKey(e.currentTarget.value)}
                options={[
                  { value: "", label: w.undo.choose },
                  ...fields.value
                    .filter((f) => f.mapped && f.key !== "id")
                    .map((f) => ({ value: f.key, label: f.label })),
                ]}
              />
            </Field>
          )}
        </div>
      )}
      {!a ? (
        !wrong && what && <Loading />
      ) : (
        <>
          <Undone of={a} />
          {!a.removed && !a.restored ? <p>{s.journey.undoNothing}</p> : null}
          {plan!.kept?.length ? (
            <>
              <ul class={c.kept}>
                {plan!.kept.slice(0, 100).map((k) => (
                  <li key={k.record}>
                    <a href={`/leads/${k.lead}`} dir="auto">
                      {k.name || `#${k.lead}`}
                    </a>{" "}
                    · {k.why}
                    {k.actor ? ` · ${personName(k.actor)}` : ""}
                  </li>
                ))}
              </ul>
              {part !== "field" && (
                <Check checked={too} onChange={(e) => setToo(e.currentTarget.checked)}>
                  {s.journey.undoRemoveToo}
                </Check>
              )}
            </>
          ) : null}
        </>
      )}
    </Dialog>
  );
}
