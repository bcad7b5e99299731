// What is the same for every record: asked only for what no column gives.
import { useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { session } from "../session";
import { assignable, choices, teams } from "../desk";
import { countries } from "../countries";
import { Button, Check, Combobox, Field, Input, Select, TextButton } from "../ui/kit";
import { applied, fieldOf, given, targets } from "./mapping";
import type { Journey } from "./journey";
import iX from "../../vendor/lucide/x.svg";

const asked = ["source", "tags", "owner"]; // each has a place of its own
const said = (r: api.Recipe, field: string) => r.same?.find((x) => x.field === field);

// owners are who gets the new leads that the file gives nobody, by user name;
// none: who imports.
export function owners(j: Pick<Journey, "imp" | "prep">): string[] {
  return (j.imp.owner || said(j.prep.recipe, "owner")?.value || "")
    .split(/[,;]/)
    .map((x) => x.trim())
    .filter(Boolean);
}

export function Same({ j }: { j: Journey }) {
  const { prep } = j;
  const value = (field: string) => said(prep.recipe, field)?.value ?? "";
  const put = (field: string, text: string, constant = said(prep.recipe, field)?.constant) =>
    j.change((r) => {
      const list = r.same ?? [];
      const i = list.findIndex((x) => x.field === field);
      const entry: api.Same = { field, value: text, ...(constant ? { constant } : {}) };
      return {
        ...r,
        same:
          text === ""
            ? list.filter((_, k) => k !== i)
            : i < 0
              ? [...list, entry]
              : list.map((x, k) => (k === i ? entry : x)),
      };
    });
  const [tags, setTags] = useState(value("tags"));
  const proposed = j.imp.file
    .replace(/\.[a-z0-9.]{2,8}$/i, "")
    .replace(/[,;]/g, " ")
    .slice(0, 60);
  const [empty, setEmpty] = useState<string[]>([]); // fields that were added and have no value yet
  const more = [...new Set([...(prep.recipe.same ?? []).map((x) => x.field), ...empty])].filter(
    (x) => !asked.includes(x),
  );
  const fed = new Set(prep.columns.flatMap((col) => applied(prep, col)));
  const free = targets().filter(
    (o) =>
      o.value &&
      !["comments", "full_name", ...asked].includes(o.value) &&
      !fed.has(o.value) &&
      !more.includes(o.value) &&
      !["id", "version", "organization"].includes(o.value),
  );
  return (
    <section class={c.part}>
      <div class={c.partHead}>
        <h2>{s.journey.same}</h2>
        <p>{s.journey.sameHint}</p>
      </div>
      <div class={c.same}>
        <div class={c.sameGrid}>
          {!given(prep, "source") && (
            <Field label={s.journey.source}>
              <Select
                value={value("source")}
                onChange={(e) => put("source", e.currentTarget.value)}
                options={[{ value: "", label: s.journey.notSet }, ...choices("source")]}
              />
            </Field>
          )}
          <Field
            label={s.journey.tags}
            hint={
              tags ? (
                w.tagsHint
              ) : (
                <TextButton
                  onClick={() => {
                    setTags(proposed);
                    put("tags", proposed);
                  }}
                >
                  {w.proposedTag(proposed)}
                </TextButton>
              )
            }
          >
            <Input
              value={tags}
              onInput={(e) => setTags(e.currentTarget.value)}
              onChange={(e) => put("tags", e.currentTarget.value.trim())}
            />
          </Field>
          {!given(prep, "owner") && <Owner j={j} put={(list) => put("owner", list.join(", "))} />}
          <Field label={s.journey.country}>
            <Combobox
              value={prep.recipe.file?.country ?? ""}
              options={[{ value: "", label: s.journey.notSet }, ...countries()]}
              onChange={(v) => j.change((r) => ({ ...r, file: { ...r.file, country: v || undefined } }))}
            />
          </Field>
          <div class={c.sameAdd}>
            <Combobox
              label={w.addSame}
              placeholder={w.addSame}
              value=""
              options={free}
              onChange={(v) => setEmpty([...empty, v])}
            />
          </div>
        </div>
        {more.length > 0 && (
          <ul class={c.sameMore} aria-label={w.moreSame}>
            {more.map((x) => (
              <SameValue
                key={x}
                field={x}
                now={said(prep.recipe, x)}
                put={(text, constant) => {
                  put(x, text, constant);
                  if (text && empty.includes(x)) setEmpty(empty.filter((y) => y !== x));
                  if (!text && !empty.includes(x)) setEmpty([...empty, x]);
                }}
                drop={() => {
                  put(x, "");
                  setEmpty(empty.filter((y) => y !== x));
                }}
              />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

// SameValue is one further field, and whether its value fills blanks or goes everywhere.
function SameValue({
  field,
  now,
  put,
  drop,
}: {
  field: string;
  now?: api.Same;
  put: (text: string, constant: boolean) => void;
  drop: () => void;
}) {
  const [text, setText] = useState(now?.value ?? "");
  const [constant, setConstant] = useState(!!now?.constant);
  const label = targets().find((o) => o.value === field)?.label ?? field;
  const { field: f, kind } = fieldOf([field]);
  const save = (v: string, k = constant) => {
    setText(v);
    put(v.trim(), k);
  };
  const options =
    kind === "choice" && f
      ? choices(f.key)
      : kind === "user"
        ? assignable.value.map((p) => ({ value: p.username, label: p.display }))
        : kind === "country"
          ? countries()
          : kind === "yes/no"
            ? [
                { value: "yes", label: s.lead.yes },
                { value: "no", label: s.lead.no },
              ]
            : null;
  return (
    <li>
      <span class={c.sameName}>{label}</span>
      {options ? (
        <Select
          compact
          aria-label={label}
          value={text}
          onChange={(e) => save(e.currentTarget.value)}
          options={[{ value: "", label: s.journey.notSet }, ...options]}
        />
      ) : (
        <Input
          compact
          aria-label={label}
          autoFocus={!now}
          type={kind === "date" ? "date" : "text"}
          dir="auto"
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
          onChange={(e) => save(e.currentTarget.value)}
        />
      )}
      <Select
        compact
        aria-label={w.sameHow(label)}
        value={constant ? "all" : ""}
        onChange={(e) => {
          const k = e.currentTarget.value === "all";
          setConstant(k);
          if (text.trim()) save(text, k);
        }}
        options={[
          { value: "", label: w.sameFor.defaults },
          { value: "all", label: w.sameFor.constant },
        ]}
      />
      <Button small look="quiet" icon={iX} label={w.dropSame(label)} onClick={drop} />
    </li>
  );
}

// Owner is me, one person, or a team or several who share the new leads equally.
function Owner({ j, put }: { j: Journey; put: (list: string[]) => void }) {
  const list = owners(j);
  const [sharing, setSharing] = useState(list.length > 1);
  const me = session.value.user!.username;
  const change = (names: string[]) => {
    if (j.imp.owner) j.owner("");
    put(names);
  };
  const choose = (v: string) => {
    const team = teams.value.find((t) => `team:${t.id}` === v);
    setSharing(v === "*" || !!team);
    if (team) change(assignable.value.filter((p) => p.team === team.id).map((p) => p.username));
    else if (v !== "*") change(v ? [v] : []);
    else if (!list.length) change([me]);
  };
  return (
    <div class={c.owner}>
      <Field label={s.journey.owner}>
        <Select
          value={sharing ? "*" : (list[0] ?? "")}
          onChange={(e) => choose(e.currentTarget.value)}
          options={[
            { value: "", label: s.journey.ownerMe },
            ...assignable.value
              .filter((p) => p.username !== me || list[0] === me)
              .map((p) => ({ value: p.username, label: p.display })),
            ...teams.value.map((t) => ({ value: `team:${t.id}`, label: w.teamShares(t.name) })),
            { value: "*", label: w.equally },
          ]}
        />
      </Field>
      {sharing && (
        <fieldset class={c.sharers}>
          <legend>{w.sharedBy}</legend>
          {assignable.value.map((p) => (
            <Check
              key={p.username}
              checked={list.includes(p.username)}
              onChange={(e) =>
                change(e.currentTarget.checked ? [...list, p.username] : list.filter((x) => x !== p.username))
              }
            >
              <span dir="auto">{p.display}</span>
            </Check>
          ))}
        </fieldset>
      )}
    </div>
  );
}
