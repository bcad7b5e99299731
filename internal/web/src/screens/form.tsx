import { useEffect, useState } from "preact/hooks";
import * as c from "./lead.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, onLeave, setQuery } from "../router";
import { session } from "../session";
import { useLoad } from "../load";
import { backTo } from "../trail";
import {
  editable,
  elements,
  elementText,
  writtenText,
  field,
  fields,
  know,
  type Lead,
  optionsOf,
  personName,
  show,
  text,
} from "../desk";
import { countries } from "../countries";
import { Area, Button, Combobox, Field, Input, Loading, Notice, Section, Select, toast } from "../ui/kit";
import iPlus from "../../vendor/lucide/plus.svg";
import iX from "../../vendor/lucide/x.svg";

// The sections of the page and of the form, by field key.
export const parts: { title: string; keys: string[] }[] = [
  { title: s.lead.work, keys: ["status", "owner", "source", "follow_up_on", "tags"] },
  {
    title: s.lead.person,
    keys: ["name_prefix", "first_name", "middle_name", "last_name", "name_suffix", "job_title"],
  },
  {
    title: s.lead.contact,
    keys: ["emails", "phones", "website", "linked_in", "twitter", "do_not_email", "do_not_call"],
  },
  { title: s.lead.company, keys: ["company_name", "industry", "number_of_employees", "account"] },
];
export const apart = new Set(["name", "addresses", "notes", ...parts.flatMap((p) => p.keys)]);

export function NewLeadScreen() {
  const got = useLoad(() => know().then(() => true), []);
  if (got.error)
    return (
      <Page title={s.lead.new}>
        <Failed error={got.error} again={got.again} />
      </Page>
    );
  if (!got.data)
    return (
      <Page title={s.lead.new}>
        <Loading />
      </Page>
    );
  return <LeadForm lead={null} onDone={() => {}} />;
}

type Values = Record<string, string>;
type Lists = { emails: Values[]; phones: Values[]; addresses: Values[] };
type Theirs = { who: string; fields: { key: string; theirs: string }[]; lead: Lead };

function valuesOf(lead: Lead | null): Values {
  const v: Values = {};
  for (const f of fields.value) if (!f.parts?.length) v[f.key] = lead ? text(lead, f.key) : "";
  v.tags = lead
    ? elements(lead, "tags")
        .map((t) => elementText("tags", t))
        .join(", ")
    : "";
  if (!lead) {
    v.status = "new";
    v.owner = String(session.value.user!.id);
  }
  return v;
}
function listsOf(lead: Lead | null): Lists {
  const of = (key: string, part: string): Values[] => {
    const l = lead
      ? elements(lead, key).map((e) => (key === "addresses" ? { ...e } : { [part]: writtenText(key, e) }))
      : [];
    return l.length || key === "addresses" ? l : [{ [part]: "" }];
  };
  return { emails: of("emails", "email"), phones: of("phones", "phone"), addresses: of("addresses", "") };
}

export function LeadForm({ lead, onDone }: { lead: Lead | null; onDone: () => void }) {
  const [base, setBase] = useState(() => valuesOf(lead));
  const [values, setValues] = useState(base);
  const [baseLists, setBaseLists] = useState(() => listsOf(lead));
  const [lists, setLists] = useState(baseLists);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [failed, setFailed] = useState<string | null>(null);
  const [version, setVersion] = useState(lead?.version ?? 0);
  const [theirs, setTheirs] = useState<Theirs | null>(null);
  const dirty = JSON.stringify([values, lists]) !== JSON.stringify([base, baseLists]);
  useEffect(() => {
    onLeave(dirty ? () => confirm(s.lead.leave) : null);
    const hold = (e: BeforeUnloadEvent) => {
      if (dirty) e.preventDefault();
    };
    addEventListener("beforeunload", hold);
    return () => {
      onLeave(null);
      removeEventListener("beforeunload", hold);
    };
  }, [dirty]);
  const put = (key: string, v: string) => setValues({ ...values, [key]: v });
  const putList = (key: keyof Lists, i: number, part: string, v: string) =>
    setLists({ ...lists, [key]: lists[key].map((e, k) => (k === i ? { ...e, [part]: v } : e)) });
  const drop = (key: keyof Lists, i: number) =>
    setLists({ ...lists, [key]: lists[key].filter((_, k) => k !== i) });
  const addTo = (key: keyof Lists, e: Values) => setLists({ ...lists, [key]: [...lists[key], e] });

  // meet takes in what someone else saved meanwhile: fields that were not
  // touched here get it, the others stay as typed and are listed.
  const meet = async () => {
    const now = await api.getLead(lead!.id);
    const nv = valuesOf(now);
    const nl = listsOf(now);
    const clash: Theirs["fields"] = [];
    const v = { ...values };
    const l = { ...lists };
    for (const k of Object.keys(nv)) {
      if (values[k] === base[k]) v[k] = nv[k]!;
      else if (nv[k] !== base[k] && nv[k] !== values[k])
        clash.push({ key: k, theirs: k === "tags" ? nv[k]! : show(field(k)!, nv[k]) });
    }
    for (const k of ["emails", "phones", "addresses"] as const) {
      const is = (x: unknown) => JSON.stringify(x);
      if (is(lists[k]) === is(baseLists[k])) l[k] = nl[k];
      else if (is(nl[k]) !== is(baseLists[k])) clash.push({ key: k, theirs: show(field(k)!, now.values[k]) });
    }
    const last = (await api.leadHistory(lead!.id).catch(() => null))?.changes[0];
    setBase(nv);
    setBaseLists(nl);
    setValues(v);
    setLists(l);
    setVersion(now.version);
    setTheirs({ who: last ? personName(last.actor) : "", fields: clash, lead: now });
    requestAnimationFrame(() => document.getElementById("theirs")?.focus());
  };
  const useTheirs = (key: string) => {
    const nv = valuesOf(theirs!.lead);
    const nl = listsOf(theirs!.lead);
    if (key in nl) setLists({ ...lists, [key]: nl[key as keyof Lists] });
    else put(key, nv[key]!);
    setTheirs({ ...theirs!, fields: theirs!.fields.filter((f) => f.key !== key) });
  };

  const save = async (e: Event) => {
    e.preventDefault();
    const out: Record<string, unknown> = {};
    for (const f of fields.value) {
      if (
        f.key === "tags" ||
        f.parts?.length ||
        !editable(f) ||
        (values[f.key] === base[f.key] && (lead || !values[f.key]))
      )
        continue;
      out[f.key] = values[f.key] || null;
    }
    if (values.tags !== base.tags)
      out.tags = values
        .tags!.split(/[,;]/)
        .map((t) => t.trim())
        .filter(Boolean);
    for (const key of ["emails", "phones", "addresses"] as const) {
      if (JSON.stringify(lists[key]) === JSON.stringify(baseLists[key])) continue;
      out[key] = lists[key]
        .map((x) => Object.fromEntries(Object.entries(x).filter(([k, v]) => v && k !== "id")))
        .filter((x) => Object.keys(x).length);
    }
    if (lead && !Object.keys(out).length) {
      onLeave(null);
      onDone();
      return;
    }
    setBusy(true);
    setWrong({});
    setFailed(null);
    try {
      const got = lead ? await api.editLead(lead.id, version, out) : await api.createLead(out);
      onLeave(null);
      toast(lead ? s.saved : s.lead.created);
      for (const n of got.notices ?? []) toast(n.message, { tone: "info" });
      if (lead) onDone();
      else navigate(`/leads/${got.id}`, { replace: true });
    } catch (x) {
      const p = x as api.Problem;
      if (p.status === 412 && lead) return meet().catch((e) => setFailed(api.say(e)));
      const by: Record<string, string> = {};
      for (const w of p.errors ?? [])
        by[(w.location ?? "").replace(/^body\.values\./, "")] = w.message ?? p.title;
      setWrong(by);
      setFailed(api.say(x));
      requestAnimationFrame(() =>
        (
          document.querySelector<HTMLElement>("[aria-invalid=true]") ??
          document.querySelector<HTMLElement>("[role=alert]")
        )?.focus(),
      );
    } finally {
      setBusy(false);
    }
  };
  const cancel = () => {
    if (lead) {
      if (!dirty || confirm(s.lead.leave)) {
        onLeave(null);
        setQuery({ edit: null });
      }
    } else navigate(backTo());
  };
  const wrongAt = (key: string) => wrong[key] ?? null;

  const control = (f: api.FieldInfo) => {
    const v = values[f.key] ?? "";
    const set = (x: string) => put(f.key, x);
    const opts = optionsOf(f);
    if (opts && v && !opts.some((o) => o.value === v)) opts.push({ value: v, label: show(f, v) });
    const empty = f.key === "status" ? [] : [{ value: "", label: s.journey.notSet }];
    return (
      <Field key={f.key} label={f.label} wrong={wrongAt(f.key)}>
        {opts ? (
          <Select value={v} onChange={(e) => set(e.currentTarget.value)} options={[...empty, ...opts]} />
        ) : f.kind === "long text" ? (
          <Area value={v} onInput={(e) => set(e.currentTarget.value)} />
        ) : (
          <Input
            value={v}
            maxLength={f.max_length || undefined}
            type={f.kind === "date" ? "date" : "text"}
            dir="auto"
            inputMode={f.kind === "integer" ? "numeric" : f.kind === "URL" ? "url" : undefined}
            onInput={(e) => set(e.currentTarget.value)}
          />
        )}
      </Field>
    );
  };
  const extra = fields.value.filter((f) => !apart.has(f.key) && editable(f) && !f.parts?.length);
  const title = lead ? text(lead, "name") || s.lead.edit : s.lead.new;
  return (
    <Page title={title} crumb={{ href: backTo(), label: s.leads.title }} bare>
      <form class={c.sheet} onSubmit={save} noValidate>
        <div class={c.form}>
          {failed && (
            <Notice tone="error" live>
              {failed}
            </Notice>
          )}
          {theirs && (
            <div id="theirs" tabindex={-1}>
              <Notice tone="warning" live>
                <p>
                  {s.lead.conflict(theirs.who)}{" "}
                  {theirs.fields.length ? s.lead.conflictFields : s.lead.conflictNone}
                </p>
                {theirs.fields.length > 0 && (
                  <ul class={c.clash}>
                    {theirs.fields.map((f) => (
                      <li key={f.key}>
                        <span dir="auto">
                          <b>{field(f.key)?.label}</b>: {f.theirs || s.lead.empty}
                        </span>
                        <Button small onClick={() => useTheirs(f.key)}>
                          {s.lead.takeTheirs}
                        </Button>
                      </li>
                    ))}
                  </ul>
                )}
              </Notice>
            </div>
          )}
          <Section title={s.lead.details}>
            <Field label={field("name")?.label ?? ""} hint={s.lead.nameHint} wrong={wrongAt("name")}>
              <Input
                value={values.name ?? ""}
                maxLength={255}
                dir="auto"
                onInput={(e) => put("name", e.currentTarget.value)}
              />
            </Field>
          </Section>
          {parts.map((p) => (
            <Section key={p.title} title={p.title}>
              <div class={c.fields}>
                {p.keys.map((k) => {
                  const f = field(k);
                  if (k === "emails" || k === "phones") {
                    const part = k === "emails" ? "email" : "phone";
                    return (
                      <div key={k} class={c.rows}>
                        {lists[k].map((e, i) => (
                          <div key={i} class={c.rowOf}>
                            <Field
                              label={k === "emails" ? s.lead.email(i + 1) : s.lead.phone(i + 1)}
                              wrong={wrong[`${k}.${i + 1}.${part}`] ?? wrong[`${k}.${i + 1}`] ?? null}
                            >
                              <Input
                                value={e[part] ?? ""}
                                type={k === "emails" ? "email" : "tel"}
                                onInput={(x) => putList(k, i, part, x.currentTarget.value)}
                              />
                            </Field>
                            {lists[k].length > 1 && (
                              <Button look="quiet" icon={iX} label={s.remove} onClick={() => drop(k, i)} />
                            )}
                          </div>
                        ))}
                        <div>
                          <Button small look="quiet" icon={iPlus} onClick={() => addTo(k, { [part]: "" })}>
                            {k === "emails" ? s.lead.addEmail : s.lead.addPhone}
                          </Button>
                        </div>
                      </div>
                    );
                  }
                  if (k === "tags")
                    return (
                      <Field key={k} label={f?.label ?? ""} hint={s.lead.tagsHint} wrong={wrongAt("tags")}>
                        <Input
                          value={values.tags ?? ""}
                          onInput={(e) => put("tags", e.currentTarget.value)}
                        />
                      </Field>
                    );
                  return f && editable(f) ? control(f) : null;
                })}
              </div>
            </Section>
          ))}
          <Section title={s.lead.addresses}>
            {lists.addresses.map((a, i) => {
              const input = (part: string, label: string, width: string) => (
                <Field
                  key={part}
                  class={width}
                  label={label}
                  wrong={wrong[`addresses.${i + 1}.${part}`] ?? null}
                >
                  <Input
                    value={a[part] ?? ""}
                    dir="auto"
                    onInput={(e) => putList("addresses", i, part, e.currentTarget.value)}
                  />
                </Field>
              );
              const label = (part: string) =>
                (field("addresses")?.parts?.find((p) => p.key === part)?.heading ?? part).replace(
                  /^Address %d /,
                  "",
                );
              return (
                <fieldset key={i} class={c.address} aria-label={`${s.lead.address} ${i + 1}`}>
                  {input("label", label("label"), c.a4)}
                  <div class={c.a2}>
                    <Button small look="quiet" icon={iX} onClick={() => drop("addresses", i)}>
                      {s.remove}
                    </Button>
                  </div>
                  {input("street", label("street"), c.a6)}
                  {input("street2", label("street2"), c.a6)}
                  {input("postal_code", label("postal_code"), c.a2)}
                  {input("city", label("city"), c.a4)}
                  <div class={c.a3}>
                    <Field label={s.journey.country} wrong={wrong[`addresses.${i + 1}.country`] ?? null}>
                      <Combobox
                        options={[{ value: "", label: s.journey.notSet }, ...countries()]}
                        value={a.country ?? ""}
                        onChange={(v) => putList("addresses", i, "country", v)}
                      />
                    </Field>
                  </div>
                  {input(a.region ? "region" : "state", label(a.region ? "region" : "state"), c.a3)}
                </fieldset>
              );
            })}
            <div>
              <Button small icon={iPlus} onClick={() => addTo("addresses", {})}>
                {s.lead.addAddress}
              </Button>
            </div>
          </Section>
          {extra.length > 0 && (
            <Section title={s.lead.more}>
              <div class={c.fields}>{extra.map(control)}</div>
            </Section>
          )}
          <Section title={s.lead.comments}>
            <Field label={s.lead.comments} hideLabel wrong={wrongAt("notes")}>
              <Area
                value={values.notes ?? ""}
                dir="auto"
                onInput={(e) => put("notes", e.currentTarget.value)}
              />
            </Field>
          </Section>
        </div>
        <div class={c.bottom}>
          <Button onClick={cancel}>{s.cancel}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {lead ? s.save : s.leads.create}
          </Button>
        </div>
      </form>
    </Page>
  );
}
