// Questions and answers that several steps show: guesses to confirm, and
// values that nobody knows.
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { assignable, choices, field } from "../desk";
import { Button, Combobox, type ComboOption, Notice, TextButton } from "../ui/kit";
import { Icon } from "../ui/icon";
import iCheck from "../../vendor/lucide/check.svg";
import type { Journey } from "./journey";
import { guessText } from "./journey-file";
import { foldValue, mapTo } from "./mapping";

// Decisions are the guesses that nothing proves; each is answered by a button.
export function Decisions({ j }: { j: Journey }) {
  const { prep } = j;
  const asked = prep.decisions ?? [];
  const list = [
    ...asked,
    ...(j.busy ? [] : (j.imp.decisions ?? [])).filter(
      (d) => !asked.some((x) => x.code === d.code && x.heading === d.heading),
    ),
  ];
  if (!list.length) return null;
  const answer = (a: api.DecisionAnswer) => {
    if (a.file)
      j.change((r) => ({
        ...r,
        file: { ...r.file, [a.file!]: a.file === "header" ? Number(a.value) : a.value },
      }));
    else if (a.decide) j.change((r) => ({ ...r, decide: { ...r.decide, [a.decide!]: a.value! } }));
    else {
      const col = prep.columns.find((x) => x.heading === a.heading);
      if (col) j.change(mapTo(prep, col, a.to ?? []));
    }
  };
  const name = (a: api.DecisionAnswer) =>
    a.file
      ? guessText(a.file, a.value!)
      : a.decide === "id"
        ? s.journey.idsOurs
        : a.to?.[0] === "external_id"
          ? s.journey.idsTheirs
          : `${a.heading} → ${a.to?.length ? (field(a.to[0]!)?.label ?? a.to[0]) : s.journey.notImported}`;
  return (
    <section class={c.part}>
      <div class={c.partHead}>
        <h2>{s.journey.decisions}</h2>
        <p>{s.journey.decisionsText}</p>
      </div>
      {list.map((d) => (
        <Notice
          key={d.code + d.heading}
          tone="warning"
          end={d.answers.map((a, i) => (
            <Button key={i} small onClick={() => answer(a)}>
              {name(a)}
            </Button>
          ))}
        >
          <strong>{d.question}</strong>
          {d.samples?.length ? <> {d.samples.slice(0, 3).join(" · ")}</> : null}
        </Notice>
      ))}
    </section>
  );
}

export const unknownCodes = ["choice.unknown", "status.unknown", "owner.unknown", "owner.not_assignable"];

function optionsFor(f: api.FieldInfo, value: string): ComboOption[] {
  if (f.kind === "user")
    return assignable.value.map((p) => ({ value: p.username, label: p.display, note: p.username }));
  return [
    ...choices(f.key),
    { value: "add:" + value, label: s.journey.addChoice(value) },
    { value: "tag:", label: s.journey.keepTag },
    ...(f.key === "status" ? [] : [{ value: "empty", label: s.journey.leaveEmpty }]),
  ];
}

// AllAnswers answers all these values in one step: alike, or as proposed.
export function AllAnswers({ j, of: f, values }: { j: Journey; of: api.FieldInfo; values: string[] }) {
  const guessed = values.filter((v) => proposed(j, f, v));
  const options = optionsFor(f, "").map((o) =>
    o.value === "add:" ? { ...o, label: w.addEach(values.length) } : o,
  );
  const say = (list: string[], answer: (value: string) => string) =>
    j.change((r) => {
      const mine = { ...r.values?.[f.key] };
      for (const value of list) mine[foldValue(value)] = answer(value);
      return { ...r, values: { ...r.values, [f.key]: mine } };
    });
  return (
    <div class={c.valueAnswer}>
      <Combobox
        compact
        label={w.allOpen(values.length)}
        placeholder={w.oneAnswer}
        options={options}
        value=""
        onChange={(v) => say(values, (x) => (v === "add:" ? v + x : v === "empty" ? "" : v))}
      />
      {guessed.length > 1 && (
        <Button small onClick={() => say(guessed, (x) => proposed(j, f, x)!)}>
          {w.asProposed(guessed.length)}
        </Button>
      )}
    </div>
  );
}

// proposed is what a value may mean, by what the server knows of other CRMs' words.
function proposed(j: Journey, f: api.FieldInfo, value: string): string | undefined {
  return j.groups.find(
    (g) => g.field === f.key && g.proposal && foldValue(g.value ?? "") === foldValue(value),
  )?.proposal;
}

// ValueAnswer asks once what an unknown value means for all its records.
export function ValueAnswer({ j, of: f, value }: { j: Journey; of: api.FieldInfo; value: string }) {
  const options = optionsFor(f, value);
  const key = foldValue(value);
  const guess = options.find((o) => o.value === proposed(j, f, value));
  const now = j.prep.recipe.values?.[f.key]?.[key];
  const say = (v: string | undefined) =>
    j.change((r) => {
      const mine = { ...r.values?.[f.key] };
      if (v === undefined) delete mine[key];
      else mine[key] = v;
      return { ...r, values: { ...r.values, [f.key]: mine } };
    });
  return (
    <div class={c.valueAnswer}>
      <Combobox
        compact
        label={`${s.journey.mapTo}: ${value}`}
        placeholder={s.journey.mapPlaceholder}
        options={options}
        value={now === undefined ? "" : now === "" ? "empty" : now}
        onChange={(v) => say(v === "empty" ? "" : v)}
      />
      {now === undefined && guess && (
        <Button small onClick={() => say(guess.value)}>
          {s.journey.checkThis(guess.label)}
        </Button>
      )}
      {now !== undefined && (
        <>
          <Icon of={iCheck} size={14} class={c.okIcon} />
          <TextButton onClick={() => say(undefined)}>{w.takeBack}</TextButton>
        </>
      )}
    </div>
  );
}
