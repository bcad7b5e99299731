// The rules of an import: which records make or change leads, how a lead is
// found, and what errors stop.
import { useState } from "preact/hooks";
import * as c from "./journey.module.css";
import type * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { Button, Check, Dialog, Field, Input, Select, TextButton } from "../ui/kit";
import type { Journey } from "./journey";

const t = w.rules;
const usual = ["id", "external_id", "email", "name"]; // the server's, strongest first
const tiers = Object.keys(t.tiers);

// rulesOf says in short what the rules of these settings are.
export function rulesOf(r: api.Recipe): string[] {
  return [
    r.mode ? t.modes[r.mode] : (t.existing[r.existing ?? ""] ?? t.existing[""]!),
    t.matchedBy((r.match?.length ? r.match : usual).map((k) => t.tiers[k] ?? k)),
    r.strict ? t.isStrict : "",
    r.duplicates_as_errors ? t.isDuplicates : "",
    r.revive_deleted ? t.isRevive : "",
    r.no_new_accounts ? t.isNoAccounts : "",
    r.all_or_nothing ? t.isAll : "",
    r.stop_after ? t.isStop(r.stop_after) : "",
  ].filter((x): x is string => !!x);
}

export function RulesButton({ j }: { j: Journey }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <TextButton aria-label={`${s.change}: ${t.name}`} onClick={() => setOpen(true)}>
        {s.change}
      </TextButton>
      {open && <Rules j={j} onClose={() => setOpen(false)} />}
    </>
  );
}

function Rules({ j, onClose }: { j: Journey; onClose: () => void }) {
  const [r, setR] = useState<api.Recipe>(j.prep.recipe);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const put = (more: Partial<api.Recipe>) => setR({ ...r, ...more });
  const match = r.match?.length ? r.match : usual;
  const [by, setBy] = useState(match);
  const flag = (key: "strict" | "duplicates_as_errors" | "revive_deleted" | "no_new_accounts") => (
    <Check checked={!!r[key]} onChange={(e) => put({ [key]: e.currentTarget.checked || undefined })}>
      {t[key]}
    </Check>
  );
  const save = (e: Event) => {
    e.preventDefault();
    const stop = (r.stop_after ?? "").replace(/\s/g, "");
    const bad: Record<string, string> = {};
    if (!by.length) bad.match = t.matchMissing;
    if (stop && !/^\d+%?$/.test(stop)) bad.stop = t.stopWrong;
    setWrong(bad);
    if (Object.keys(bad).length) return;
    // A file's own order of keys stays; what is added stands where its strength puts it.
    const order = [...match.filter((k) => by.includes(k)), ...by.filter((k) => !match.includes(k))];
    const keys = by.every((k) => match.includes(k)) ? order : tiers.filter((k) => by.includes(k));
    const { mode, existing, strict, duplicates_as_errors, revive_deleted, no_new_accounts, all_or_nothing } =
      r;
    j.change((now) => ({
      ...now,
      ...{ mode, existing, strict, duplicates_as_errors, revive_deleted, no_new_accounts, all_or_nothing },
      match: keys.join() === usual.join() ? undefined : keys,
      stop_after: stop || undefined,
    }));
    onClose();
  };
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={save}>
            {s.save}
          </Button>
        </>
      }
    >
      <form class={c.rules} onSubmit={save} noValidate>
        <Field label={t.mode}>
          <Select
            value={r.mode ?? ""}
            onChange={(e) => put({ mode: e.currentTarget.value || undefined })}
            options={Object.entries(t.modeChoices).map(([value, label]) => ({ value, label }))}
          />
        </Field>
        {r.mode !== "create" && (
          <Field label={s.journey.existing} hint={t.existingHint}>
            <Select
              value={r.existing === "update" ? "" : (r.existing ?? "")}
              onChange={(e) => put({ existing: e.currentTarget.value || undefined })}
              options={Object.entries(s.journey.existingChoices).map(([value, label]) => ({ value, label }))}
            />
          </Field>
        )}
        <fieldset class={c.choices}>
          <legend>{t.match}</legend>
          {tiers.map((k) => (
            <Check
              key={k}
              checked={by.includes(k)}
              onChange={(e) => setBy(e.currentTarget.checked ? [...by, k] : by.filter((x) => x !== k))}
            >
              {t.tierNames[k]}
            </Check>
          ))}
          <p class={wrong.match ? c.wrongText : c.quiet} role={wrong.match ? "alert" : undefined}>
            {wrong.match ?? t.matchHint}
          </p>
        </fieldset>
        <fieldset class={c.choices}>
          <legend>{t.records}</legend>
          {flag("strict")}
          {flag("duplicates_as_errors")}
          {flag("revive_deleted")}
          {flag("no_new_accounts")}
        </fieldset>
        <Field label={t.rest} hint={r.all_or_nothing ? t.allHint : undefined}>
          <Select
            value={r.all_or_nothing ? "all" : ""}
            onChange={(e) => put({ all_or_nothing: e.currentTarget.value === "all" || undefined })}
            options={[
              { value: "", label: t.valid },
              { value: "all", label: t.all },
            ]}
          />
        </Field>
        <Field label={t.stop} hint={t.stopHint} wrong={wrong.stop} optional>
          <Input
            value={r.stop_after ?? ""}
            onInput={(e) => put({ stop_after: e.currentTarget.value || undefined })}
          />
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
