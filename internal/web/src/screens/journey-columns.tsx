// The step of the columns: what is the same for all records, and where each
// column goes.
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { may } from "../session";
import { day, number, percent } from "../format";
import {
  Area,
  Badge,
  Button,
  Combobox,
  cx,
  Dialog,
  Field,
  Input,
  LinkButton,
  Menu,
  type MenuItem,
  Notice,
  TextButton,
} from "../ui/kit";
import { Icon } from "../ui/icon";
import { Decisions, unknownCodes, ValueAnswer } from "./answers";
import { fieldOf, foldValue, given, mapTo, settings, targets, unmapped } from "./mapping";
import { Foot, type Journey } from "./journey";
import { NewField } from "./newfield";
import { rulesOf, RulesButton } from "./rules";
import { Same } from "./same";
import iArrow from "../../vendor/lucide/arrow-right.svg";
import iMore from "../../vendor/lucide/ellipsis.svg";
import iCheck from "../../vendor/lucide/check.svg";

export function ColumnsStep({ j }: { j: Journey }) {
  const { prep } = j;
  const [all, setAll] = useState(!prep.known);
  const options = targets();
  const open = unmapped(prep);
  const label = (to: string[]) => to.map((t) => options.find((o) => o.value === t)?.label ?? t).join(" + ");
  const named = ["name", "full_name", "first_name", "last_name", "company_name", "emails", "phones"].some(
    (k) => given(prep, k),
  );
  return (
    <>
      <div class={c.body}>
        <Decisions j={j} />
        {!named && <Notice tone="warning">{w.noName}</Notice>}
        <Same j={j} />
        <section class={c.part}>
          <div class={c.partHead}>
            <h2>{s.journey.columnsTitle}</h2>
            {named && !given(prep, "name") && !given(prep, "full_name") && <p>{s.journey.nameFrom}</p>}
            {open.length > 0 && (
              <span class={c.bar}>
                {s.journey.remaining(open.length)}
                <Button
                  small
                  onClick={() =>
                    j.change((r) => open.reduce((acc, col) => mapTo(prep, col, ["comments"])(acc), r))
                  }
                >
                  {s.journey.allToComments}
                </Button>
              </span>
            )}
          </div>
          {prep.known && (
            <div class={c.known}>
              <Icon of={iCheck} class={c.okIcon} />
              <span>{w.known(day(prep.known.at))}</span>
              {!all && <TextButton onClick={() => setAll(true)}>{s.change}</TextButton>}
            </div>
          )}
          {all && (
            <div class={c.cols}>
              <div class={c.colHead} aria-hidden="true">
                <span>{s.journey.column}</span>
                <span>{s.journey.samples}</span>
                <span>{s.journey.filled}</span>
                <span />
                <span>{s.journey.field}</span>
                <span />
              </div>
              {prep.columns.map((col) => (
                <Column key={col.column} j={j} col={col} options={options} label={label} />
              ))}
            </div>
          )}
        </section>
        <section class={c.ruled} aria-label={w.rules.name}>
          <h2>{w.rules.name}</h2>
          <p>{rulesOf(prep.recipe).join(" · ")}</p>
          <RulesButton j={j} />
        </section>
      </div>
      <Foot j={j} back="file">
        <LinkButton
          href={`/imports/${j.imp.id}/review`}
          onClick={() => j.run(async () => {}, { validate: true }).catch(() => {})}
        >
          {s.journey.validate}
        </LinkButton>
        <LinkButton look="primary" href={nextStep(j)}>
          {s.journey.importFile}
        </LinkButton>
      </Foot>
    </>
  );
}

// nextStep is where Import File leads: to the first open question, else to the preview.
export function nextStep(j: Journey): string {
  const asked = (j.prep.decisions?.length ?? 0) + (j.imp.decisions?.length ?? 0);
  const status = j.groups.some((g) => g.code === "status.unknown" || g.code === "owner.unknown");
  return `/imports/${j.imp.id}/${asked ? "columns" : status && !j.busy ? "review" : "preview"}`;
}

type Asked = "split" | "expr" | "field" | null;

function Column({
  j,
  col,
  options,
  label,
}: {
  j: Journey;
  col: api.FileColumn;
  options: { value: string; label: string; group?: string }[];
  label: (to: string[]) => string;
}) {
  const { prep } = j;
  const [asked, setAsked] = useState<Asked>(null);
  const [values, setValues] = useState(false);
  const how = settings(prep, col);
  const to = how?.to ?? [];
  const own = to.length > 1 ? to.join("+") : (to[0] ?? "");
  const proposed = !to.length && col.confidence === "Check" && col.to.length > 0;
  const mine =
    to.length > 1 || (own && !options.some((o) => o.value === own))
      ? [...options, { value: own, label: label(to), group: s.journey.fields }]
      : options;
  const certain = to.join() === col.to.join() && to.length ? col.confidence : "";
  const { field: f, kind } = fieldOf(to);
  const choice = f && (kind === "choice" || kind === "user" || kind === "multi-choice") ? f : undefined;
  const unknown = choice
    ? j.groups.filter((g) => g.column === col.column && unknownCodes.includes(g.code) && g.value)
    : [];
  const set = (more: Partial<api.RecipeColumn>, targets = to) => j.change(mapTo(prep, col, targets, more));
  const items: MenuItem[] = [
    { label: w.split, onSelect: () => setAsked("split") },
    { label: w.expr, onSelect: () => setAsked("expr") },
  ];
  if (kind === "integer")
    items.push(
      "rule",
      ...(["lower", "upper", "empty"] as const).map((r) => ({
        label: s.review.range[r],
        on: how?.range === r,
        onSelect: () => set({ range: how?.range === r ? undefined : r }),
      })),
    );
  const policy = f && prep.recipe.policy?.[f.key];
  if (f && f.policy !== "raise")
    items.push(
      "rule",
      { group: s.journey.existing },
      ...Object.entries(w.policies)
        .filter(([k]) => k !== "append" || f.parts?.length || f.kind === "long text")
        .map(([k, text]) => ({
          label: text,
          on: (policy ?? f.policy) === k,
          onSelect: () =>
            j.change((r) => {
              const { [f.key]: _, ...rest } = r.policy ?? {};
              return { ...r, policy: k === f.policy ? rest : { ...rest, [f.key]: k } };
            }),
        })),
    );
  if (how?.split || how?.expr || how?.range)
    items.push("rule", { label: w.plainColumn, onSelect: () => set({}, to.slice(0, 1)) });
  const answered = choice ? (prep.recipe.values?.[choice.key] ?? {}) : {};
  return (
    <div class={cx(c.col, !to.length && !proposed && c.colOff)} role="group" aria-label={col.heading}>
      <span class={c.heading} dir="auto">
        {col.heading}
      </span>
      <span class={c.samples} title={col.samples.join(" · ")}>
        {col.samples.slice(0, 3).map((x, i) => (
          <Fragment key={i}>
            {i > 0 && " · "}
            <bdi>{x}</bdi>
          </Fragment>
        ))}
      </span>
      <span class={c.fill}>
        <meter value={col.filled} max={Math.max(1, prep.records)} aria-label={s.journey.filled} />
        {percent(prep.records ? col.filled / prep.records : 0)}
      </span>
      <Icon of={iArrow} />
      <div class={c.target}>
        <Combobox
          compact
          label={s.journey.targetOf(col.heading)}
          options={
            may("settings")
              ? [...mine, { value: "new:", label: w.newField, group: w.newFieldGroup, sticky: true }]
              : mine
          }
          value={own}
          onChange={(v) => {
            if (v === "new:") setAsked("field");
            else if (v !== own) j.change(mapTo(prep, col, v ? v.split("+") : []));
          }}
        />
      </div>
      <span class={c.colEnd} title={col.reason}>
        {choice && (
          <Button
            small
            look="quiet"
            class={unknown.length ? c.asks : ""}
            aria-expanded={values}
            onClick={() => setValues(!values)}
          >
            {values
              ? w.hideValues
              : `${w.values(col.values.length)}${unknown.length ? ` · ${w.unknown(unknown.length)}` : ""}`}
          </Button>
        )}
        {proposed ? (
          <Button small onClick={() => j.change(mapTo(prep, col, col.to))}>
            {s.journey.checkThis(label(col.to))}
          </Button>
        ) : certain ? (
          <Badge tone={certain === "Exact" ? "ok" : "info"}>
            {s.journey.sure[certain.toLowerCase()] ?? certain}
          </Badge>
        ) : !to.length && col.filled ? (
          <>
            <Button
              small
              look="quiet"
              aria-label={`${s.journey.toComments}: ${col.heading}`}
              onClick={() => set({}, ["comments"])}
            >
              {w.asComment}
            </Button>
            <Button
              small
              look="quiet"
              aria-label={`${s.journey.toTags}: ${col.heading}`}
              onClick={() => set({}, ["tags"])}
            >
              {w.asTag}
            </Button>
          </>
        ) : null}
        <Menu small icon={iMore} label={w.more(col.heading)} items={items} end />
      </span>
      {(how?.split || how?.expr || how?.range || policy) && (
        <div class={c.colMore}>
          {policy && <Badge>{w.policies[policy]}</Badge>}
          {how?.split && <Badge>{w.splitBadge(how.split)}</Badge>}
          {how?.expr && (
            <Badge>
              <span class={c.mono}>{how.expr}</span>
            </Badge>
          )}
          {how?.range && <Badge>{s.review.range[how.range as "lower"]}</Badge>}
        </div>
      )}
      {choice && values && (
        <ul class={c.values} aria-label={w.valuesOf(col.heading)}>
          {col.values.slice(0, 50).map((v) => {
            const asks =
              unknown.some((g) => foldValue(g.value!) === foldValue(v.text)) ||
              answered[foldValue(v.text)] !== undefined;
            return (
              <li key={v.text}>
                <span dir="auto" class={c.valueText}>
                  {v.text}
                </span>
                <span class={c.count}>{number(v.count)}</span>
                {asks ? (
                  <ValueAnswer j={j} of={choice} value={v.text} />
                ) : (
                  <span class={c.quiet}>
                    <Icon of={iCheck} size={14} class={c.okIcon} /> {w.asIs}
                  </span>
                )}
              </li>
            );
          })}
          {(col.values.length > 50 || col.capped) && <li class={c.quiet}>{w.andMore}</li>}
        </ul>
      )}
      {asked === "split" && (
        <Split
          col={col}
          how={how}
          options={options}
          onClose={() => setAsked(null)}
          onUse={(split, targets) => {
            setAsked(null);
            set({ split }, targets);
          }}
        />
      )}
      {asked === "field" && (
        <NewField
          col={col}
          imp={j.imp.id}
          onClose={() => setAsked(null)}
          onDone={(key) => {
            setAsked(null);
            j.change(mapTo(prep, col, [key]));
          }}
        />
      )}
      {asked === "expr" && (
        <Compute
          col={col}
          how={how}
          onClose={() => setAsked(null)}
          onUse={(expr) => {
            setAsked(null);
            set(expr ? { expr } : {});
          }}
        />
      )}
    </div>
  );
}

function Split({
  col,
  how,
  options,
  onClose,
  onUse,
}: {
  col: api.FileColumn;
  how?: api.RecipeColumn;
  options: { value: string; label: string }[];
  onClose: () => void;
  onUse: (split: string, to: string[]) => void;
}) {
  const [at, setAt] = useState(how?.split ?? (col.samples.some((x) => x.includes(",")) ? "," : " "));
  const [to, setTo] = useState<string[]>(how?.to && how.to.length > 1 ? how.to : [how?.to?.[0] ?? "", ""]);
  const fields = options.filter((o) => !["comments", "tags", "full_name"].includes(o.value));
  const pieces = (text: string) => {
    const p = at ? text.split(at) : [text];
    return [...p.slice(0, to.length - 1), p.slice(to.length - 1).join(at)].map((x) => x.trim());
  };
  const full = to.filter(Boolean);
  return (
    <Dialog
      wide
      title={w.splitTitle(col.heading)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={() => (at && full.length > 1 ? onUse(at, full) : onClose())}>
            {s.save}
          </Button>
        </>
      }
    >
      <Field label={w.splitAt} hint={w.splitHint}>
        <Input value={at} onInput={(e) => setAt(e.currentTarget.value)} />
      </Field>
      {to.map((t, i) => (
        <Field
          key={i}
          label={w.splitTo(i + 1)}
          hint={
            <span dir="auto">
              {col.samples
                .slice(0, 3)
                .map((x) => pieces(x)[i])
                .filter(Boolean)
                .join(" · ")}
            </span>
          }
        >
          <Combobox
            options={fields}
            value={t}
            placeholder={s.journey.notImported}
            onChange={(v) => setTo(to.map((x, k) => (k === i ? v : x)))}
          />
        </Field>
      ))}
      <div>
        <Button small onClick={() => setTo([...to, ""])}>
          {w.addPart}
        </Button>
      </div>
    </Dialog>
  );
}

function Compute({
  col,
  how,
  onClose,
  onUse,
}: {
  col: api.FileColumn;
  how?: api.RecipeColumn;
  onClose: () => void;
  onUse: (expr: string) => void;
}) {
  const [text, setText] = useState(how?.expr ?? "");
  return (
    <Dialog
      wide
      title={w.exprTitle(col.heading)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={() => onUse(text.trim())}>
            {s.save}
          </Button>
        </>
      }
    >
      <Field label={w.exprLabel} hint={w.exprHint}>
        <Area
          class={c.mono}
          value={text}
          placeholder="trim(value)"
          spellcheck={false}
          onInput={(e) => setText(e.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
}
