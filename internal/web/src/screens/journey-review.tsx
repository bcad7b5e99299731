// The step of the review: what to look at, its repair, and the records as a
// sheet that a choice on the rail narrows.
import { useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { query } from "../router";
import { session } from "../session";
import { field } from "../desk";
import { number } from "../format";
import { countries } from "../countries";
import {
  Button,
  Combobox,
  Dot,
  Empty,
  Input,
  LinkButton,
  Loading,
  Mark,
  Notice,
  type Tone,
  toast,
} from "../ui/kit";
import { AllAnswers, Decisions, unknownCodes, ValueAnswer } from "./answers";
import { Conflicts } from "./conflicts";
import { nextStep } from "./journey-columns";
import { Foot, type Journey } from "./journey";
import { Sheet } from "./sheet";
import iOk from "../../vendor/lucide/circle-check.svg";

const isConflict = (t: { code: string }) => !!w.conflictTexts[t.code];
const toneOf = (t: { code: string; severity: string }) =>
  (isConflict(t) ? "warning" : t.severity) as "error" | "warning" | "info";
const keyOf = (t: api.Total) => `${t.code}.${t.column}`;

// whole reports whether a kind is about the file and not about records; of one
// code they are one kind, however many columns they name.
const whole = (t: api.Total) => t.records === 0;
const has = (t: api.Total) => (g: api.Group) => g.code === t.code && (whole(t) || g.column === t.column);

// textOf is what a kind of problem says, without the value of one record.
function textOf(j: Journey, t: api.Total): string {
  if (isConflict(t)) return w.conflictTexts[t.code]!;
  const g =
    j.groups.find((x) => x.code === t.code && x.column === t.column && x.value !== undefined) ??
    j.groups.find((x) => x.code === t.code && x.column === t.column);
  if (!g) return t.code;
  const all = j.groups.filter(has(t)).length;
  if (whole(t) && all > 1 && w.wholeTexts[t.code]) return w.wholeTexts[t.code]!(all);
  if (t.groups === 1) return g.message;
  if (t.code === "duplicate.possible") return s.review.duplicates;
  return g.value ? g.message.split(`"${g.value}"`).join("…") : g.message;
}

export function ReviewStep({ j }: { j: Journey }) {
  const a = j.imp.accounting;
  const chosen = query.value.get("show");
  const kinds = j.totals.filter(
    (t, i) => !whole(t) || j.totals.findIndex((x) => x.code === t.code && whole(x)) === i,
  );
  const at = `/imports/${j.imp.id}/review?show=`;
  const worst = kinds.filter((t) => t.severity !== "info" && !isConflict(t));
  const conflicts = kinds.filter(isConflict);
  const info = kinds.filter((t) => t.severity === "info");
  const now = kinds.find((t) => keyOf(t) === chosen);
  const show =
    now || chosen === "all" || chosen === "errors" || chosen === "problems"
      ? chosen!
      : worst[0]
        ? keyOf(worst[0])
        : conflicts[0]
          ? keyOf(conflicts[0])
          : "all";
  const kind = kinds.find((t) => keyOf(t) === show);
  const link = (key: string, label: string, n: number, tone: Tone, mark = false, detail?: string) => (
    <li key={key}>
      <a
        class={c.railLink}
        href={at + encodeURIComponent(key)}
        aria-current={show === key ? "true" : undefined}
      >
        {mark ? <Mark tone={tone} /> : <Dot tone={tone} />}
        <span class={c.railText} dir="auto">
          {detail && <b>{detail}: </b>}
          {label}
        </span>
        {n > 0 && <span class={c.count}>{number(n)}</span>}
      </a>
    </li>
  );
  const item = (t: api.Total) =>
    link(keyOf(t), textOf(j, t), t.records, toneOf(t), true, whole(t) ? undefined : t.heading);
  if ((!j.imp.checked && j.busy) || !j.turn)
    return (
      <>
        <div class={c.body}>
          <Loading label={s.journey.checking} />
        </div>
        <ReviewFoot j={j} />
      </>
    );
  const list: api.RecordList = kind
    ? { code: kind.code, column: kind.column }
    : show === "errors"
      ? { outcome: "error" }
      : show === "problems"
        ? { problems: true }
        : {};
  const total = kind
    ? kind.records
    : show === "errors"
      ? a.errors
      : show === "problems"
        ? j.problems
        : a.records;
  return (
    <>
      <div class={c.review}>
        <nav class={c.rail} aria-label={w.rail}>
          <ul>
            {link("all", w.everything, a.records, "neutral")}
            {link("errors", w.errors, a.errors, a.errors ? "error" : "ok")}
            {link("problems", w.problems, j.problems, j.problems ? "warning" : "ok")}
          </ul>
          {worst.length > 0 && (
            <>
              <h2>{w.toMend}</h2>
              <ul>{worst.map(item)}</ul>
            </>
          )}
          {conflicts.length > 0 && (
            <>
              <h2>{w.conflicts}</h2>
              <ul>{conflicts.map(item)}</ul>
            </>
          )}
          {info.length > 0 && (
            <>
              <h2>{w.info}</h2>
              <ul>{info.map(item)}</ul>
            </>
          )}
        </nav>
        <div class={c.pane}>
          <Decisions j={j} />
          {!worst.length && !conflicts.length && (
            <Notice tone="ok">
              <strong>{s.journey.allGood}.</strong> {s.journey.allGoodText}
            </Notice>
          )}
          {kind && <Repair key={keyOf(kind)} j={j} kind={kind} text={textOf(j, kind)} />}
          {kind && isConflict(kind) ? (
            <Conflicts j={j} kind={kind} />
          ) : total > 0 ? (
            <div class={total > 9 ? c.sheetBox : c.sheetFew}>
              <Sheet
                j={j}
                list={list}
                total={total}
                column={kind?.column}
                title={
                  <h2 class={c.sheetTitle}>
                    {kind
                      ? w.records(total)
                      : show === "errors"
                        ? w.errors
                        : show === "problems"
                          ? w.problems
                          : w.everything}
                  </h2>
                }
              />
            </div>
          ) : (
            !kind && <Empty icon={iOk} title={show === "errors" ? w.noErrors : s.journey.noRecords} />
          )}
        </div>
      </div>
      <ReviewFoot j={j} />
    </>
  );
}

function ReviewFoot({ j }: { j: Journey }) {
  return (
    <Foot j={j} back="columns">
      <Button
        onClick={() => {
          j.run(async () => {}, { validate: true }).then(
            () => toast(session.value.mail ? s.journey.validated : w.validated),
            () => {},
          );
        }}
      >
        {s.journey.validate}
      </Button>
      <LinkButton look="primary" href={nextStep(j)}>
        {s.journey.importFile}
      </LinkButton>
    </Foot>
  );
}

const decide: Record<string, [string, string][]> = {
  "skip.deleted": [["new", s.review.bringIn]],
  "erase.blank": [["erase", s.review.erase]],
};

// Repair is how a kind of problem is mended: at once, or value by value.
function Repair({ j, kind, text }: { j: Journey; kind: api.Total; text: string }) {
  const [most, setMost] = useState(6);
  const groups = j.groups.filter(has(kind));
  const first = groups[0];
  if (!first) return null;
  const f = first.field ? field(first.field) : undefined;
  const asked = unknownCodes.includes(kind.code) && f;
  const suggested = groups.filter((g) => g.suggestion);
  const on = !!j.prep.recipe.accept_suggestions;
  const mends =
    kind.column >= 0 && kind.severity !== "info" && kind.code !== "integer.range" && !isConflict(kind);
  const valued = groups.filter((g) => g.value !== undefined && g.value !== "");
  const answers = decide[kind.code];
  return (
    <section class={c.repair} aria-label={w.repairs}>
      <div class={c.repairHead}>
        <Mark tone={toneOf(kind)} />
        <div class={c.groupText}>
          <p dir="auto">
            {kind.heading && !whole(kind) && <b>{kind.heading}: </b>}
            {text}
          </p>
          <p>
            {isConflict(kind)
              ? w.records(kind.records)
              : kind.records
                ? w.groupsOf(groups.length, kind.records)
                : s.review.wholeFile}
            {!isConflict(kind) && groups.every((g) => g.remedy === first.remedy) && first.remedy
              ? ` · ${first.remedy}`
              : ""}
          </p>
        </div>
        <div class={c.groupEnd}>
          {suggested.length > 0 && (
            <Button
              small
              aria-pressed={on}
              onClick={() => j.change((r) => ({ ...r, accept_suggestions: !on || undefined }))}
            >
              {on ? w.suggestionsOn : w.allSuggestions(suggested.reduce((n, g) => n + g.count, 0))}
            </Button>
          )}
          {kind.code === "integer.range" &&
            (["lower", "upper", "empty"] as const).map((r) => (
              <Button
                key={r}
                small
                onClick={() =>
                  j.change((x) => ({
                    ...x,
                    columns: (x.columns ?? []).map((col) =>
                      col.heading === first.heading ? { ...col, range: r } : col,
                    ),
                  }))
                }
              >
                {s.review.range[r]}
              </Button>
            ))}
          {kind.code === "number.ambiguous" &&
            ([".", ","] as const).map((mark) => (
              <Button
                key={mark}
                small
                aria-pressed={j.prep.recipe.file?.decimal === mark}
                onClick={() => j.change((r) => ({ ...r, file: { ...r.file, decimal: mark } }))}
              >
                {w.decimal(mark)}
              </Button>
            ))}
          {answers?.map(([v, label]) => (
            <Button
              key={v}
              small
              aria-pressed={j.prep.recipe.decide?.[kind.code] === v}
              onClick={() => j.change((r) => ({ ...r, decide: { ...r.decide, [kind.code]: v } }))}
            >
              {label}
            </Button>
          ))}
          {kind.code === "cell.placeholder" && (
            <Button
              small
              aria-pressed={!!j.prep.recipe.keep_placeholders}
              onClick={() =>
                j.change((r) => ({ ...r, keep_placeholders: !r.keep_placeholders || undefined }))
              }
            >
              {w.keepWritten}
            </Button>
          )}
          {kind.code === "column.not_imported" && (
            <LinkButton small href={`/imports/${j.imp.id}/columns`}>
              {s.change}
            </LinkButton>
          )}
        </div>
      </div>
      {kind.code === "phone.no_country" && (
        <div class={c.countryOf}>
          <Combobox
            compact
            label={w.localNumbers}
            placeholder={w.localNumbers}
            options={countries()}
            value={j.prep.recipe.file?.country ?? ""}
            onChange={(v) => j.change((r) => ({ ...r, file: { ...r.file, country: v } }))}
          />
        </div>
      )}
      {whole(kind) && groups.length > 1 && (
        <ul class={c.factList}>
          {groups.map((g) => (
            <li key={g.group} dir="auto">
              {g.message}
            </li>
          ))}
        </ul>
      )}
      {!whole(kind) && (asked || mends) && valued.length > 0 && (
        <ul class={c.values}>
          {asked && valued.length > 1 && (
            <li>
              <span class={c.quiet}>{w.allOpen(valued.length)}</span>
              <span />
              <AllAnswers j={j} of={f!} values={valued.map((g) => g.value!)} />
            </li>
          )}
          {valued.slice(0, most).map((g) => (
            <li key={g.value}>
              <span dir="auto" class={c.valueText}>
                {g.value}
              </span>
              <span class={c.count}>{number(g.count)}</span>
              {asked ? <ValueAnswer j={j} of={f!} value={g.value!} /> : <Correct j={j} g={g} />}
            </li>
          ))}
        </ul>
      )}
      {!whole(kind) && valued.length > most && (asked || mends) && (
        <div>
          <Button small look="quiet" onClick={() => setMost(most + 50)}>
            {w.showAll(valued.length)}
          </Button>
        </div>
      )}
    </section>
  );
}

// Correct gives the cells of all the group's records one new text.
function Correct({ j, g }: { j: Journey; g: api.Group }) {
  const [to, setTo] = useState(g.suggestion ?? "");
  const [busy, setBusy] = useState(false);
  const correct = async (e: Event) => {
    e.preventDefault();
    if (!to || to === g.value) return;
    setBusy(true);
    await j
      .run(() => api.fixGroup(j.imp.id, g.group, to))
      .then(
        () => toast(s.journey.fixed(g.count)),
        () => {},
      );
    setBusy(false);
  };
  return (
    <form class={c.valueAnswer} onSubmit={correct}>
      <Input
        compact
        aria-label={`${w.correctTo}: ${g.value}`}
        placeholder={w.correctTo}
        value={to}
        dir="auto"
        onInput={(e) => setTo(e.currentTarget.value)}
      />
      <Button small type="submit" busy={busy}>
        {w.correctAll(g.count)}
      </Button>
    </form>
  );
}
