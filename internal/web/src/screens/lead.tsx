import { useEffect, useState } from "preact/hooks";
import * as c from "./lead.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, onLeave, query, setQuery } from "../router";
import { may, session } from "../session";
import { useLoad } from "../load";
import { addressLines, assignable, choices, elements, elementText, field, fields, know, type Lead, personName, show, statusTone, text } from "../desk";
import { moment } from "../format";
import { countries } from "../countries";
import { Area, Badge, Button, Combobox, Field, Input, LinkButton, Loading, Menu, Notice, Select, toast } from "../ui/kit";
import iPencil from "../../vendor/lucide/pencil.svg";
import iMore from "../../vendor/lucide/ellipsis.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iCopy from "../../vendor/lucide/copy.svg";
import iPhone from "../../vendor/lucide/phone.svg";
import iMail from "../../vendor/lucide/mail.svg";
import iGlobe from "../../vendor/lucide/globe.svg";
import iPlus from "../../vendor/lucide/plus.svg";
import iX from "../../vendor/lucide/x.svg";

// The sections of the page and of the form, by field key.
const parts: { title: string; keys: string[] }[] = [
  { title: s.lead.work, keys: ["status", "owner", "source", "follow_up_on", "tags"] },
  { title: s.lead.person, keys: ["name_prefix", "first_name", "middle_name", "last_name", "name_suffix", "job_title"] },
  { title: s.lead.contact, keys: ["emails", "phones", "website", "linked_in", "twitter", "do_not_email", "do_not_call"] },
  { title: s.lead.company, keys: ["company_name", "industry", "number_of_employees", "account"] },
];
const apart = new Set(["name", "addresses", "notes", ...parts.flatMap((p) => p.keys)]);
const editedHere = (f: api.FieldInfo) => f.editable && f.kind !== "link" && f.kind !== "multi-choice" && !["external_id", "source_created", "contact", "opportunities"].includes(f.key);

export function LeadScreen({ id }: { id: number }) {
  const got = useLoad(async (abort) => { await know(); return Promise.all([api.getLead(id, abort), api.leadHistory(id, abort)]); }, [id]);
  const edit = query.value.get("edit") === "1";
  if (got.error && !got.data) return <Page title={s.leads.title} crumb={{ href: "/leads", label: s.leads.title }}><Failed error={got.error} again={got.again} /></Page>;
  if (!got.data) return <Page title={s.leads.title}><Loading /></Page>;
  const [lead, history] = got.data;
  const name = text(lead, "name") || s.leads.noName;
  if (edit) return <Form lead={lead} onDone={() => { setQuery({ edit: null }); got.again(); }} />;
  const reload = async (work: Promise<unknown>, message?: string) => {
    try { await work; if (message) toast(message); } catch (e) { toast(api.say(e), { tone: "error" }); }
    got.again();
  };
  const bin = async () => {
    try {
      const gone = await api.binLead(lead);
      toast(s.lead.deleted, { action: { label: s.undo, run: () => api.restoreLead(gone).then(() => { toast(s.leads.undone); navigate(`/leads/${id}`); }, (e) => toast(api.say(e), { tone: "error" })) } });
      navigate("/leads");
    } catch (e) { toast(api.say(e), { tone: "error" }); got.again(); }
  };
  const phone = elements(lead, "phones")[0], email = elements(lead, "emails")[0], site = text(lead, "website");
  const status = text(lead, "status");
  const more = fields.value.filter((f) => !apart.has(f.key) && lead.values[f.key] !== undefined);
  return (
    <Page title={name} crumb={{ href: "/leads", label: s.leads.title }} bare
      beside={<><Badge dot tone={statusTone(status)}>{show(field("status")!, status)}</Badge>
        {text(lead, "do_not_email") === "true" && <Badge tone="warning">{field("do_not_email")?.label}</Badge>}
        {text(lead, "do_not_call") === "true" && <Badge tone="warning">{field("do_not_call")?.label}</Badge>}</>}
      actions={lead.deleted_at ? <Button icon={iUndo} onClick={() => reload(api.restoreLead(lead), s.leads.restored(1))}>{s.leads.restore}</Button> : <>
        <Menu look="plain" icon={iMore} label={s.shell.actions} end items={[
          { label: s.lead.copyId, icon: iCopy, hint: String(lead.id), onSelect: () => navigator.clipboard?.writeText(String(lead.id)).then(() => toast(s.copied)) },
          ...(may("lead.delete") ? ["rule" as const, { label: s.leads.delete, icon: iTrash, bad: true, onSelect: bin }] : [])]} />
        {may("lead.edit") && <Button look="primary" icon={iPencil} onClick={() => setQuery({ edit: "1" }, {})}>{s.edit}</Button>}</>}>
      <div class={c.cols}>
        <div class={c.left}>
          {lead.deleted_at && <Notice tone="warning">{s.lead.inBin}</Notice>}
          {(phone || email || site) && <div class={c.contacts}>
            {email && <LinkButton icon={iMail} href={`mailto:${encodeURIComponent(elementText("emails", email)).replace("%40", "@")}`}>{elementText("emails", email)}</LinkButton>}
            {phone && <LinkButton icon={iPhone} href={`tel:${(phone.phone ?? "").replace(/[^\d+;=a-z]/gi, "")}`}>{elementText("phones", phone)}</LinkButton>}
            {/^https?:/.test(site) && <LinkButton icon={iGlobe} href={site} target="_blank" rel="noopener noreferrer">{site.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "")}</LinkButton>}
          </div>}
          {parts.map((p) => <Section key={p.title} title={p.title} keys={p.keys} lead={lead} from={history.fields} />)}
          {elements(lead, "addresses").length > 0 && <section class={c.part}><h2>{s.lead.addresses}</h2>
            <dl class={c.list}>{elements(lead, "addresses").map((a, i) => <><dt key={`t${i}`} dir="auto">{a.label || s.lead.address}</dt><dd key={i} dir="auto"><span class={c.stack}>{addressLines(a).map((l, k) => <span key={k}>{l}</span>)}</span>
              {i === 0 && <From of={history.fields.addresses} />}</dd></>)}</dl></section>}
          {more.length > 0 && <Section title={s.lead.more} keys={more.map((f) => f.key)} lead={lead} from={history.fields} />}
        </div>
        <aside class={c.right} aria-label={s.lead.history}>
          {!lead.deleted_at && may("lead.edit") && <Comment id={id} onDone={got.again} />}
          {text(lead, "notes") && <section class={c.part}><h2>{s.lead.comments}</h2><p class={c.notes} dir="auto">{text(lead, "notes")}</p></section>}
          <History lead={lead} history={history} />
        </aside>
      </div>
    </Page>
  );
}

function Section({ title, keys, lead, from }: { title: string; keys: string[]; lead: Lead; from: Record<string, api.Origin> }) {
  const shown = keys.map(field).filter((f) => f && lead.values[f.key] !== undefined && lead.values[f.key] !== "false") as api.FieldInfo[];
  if (!shown.length) return null;
  return (
    <section class={c.part}>
      <h2>{title}</h2>
      <dl class={c.list}>
        {shown.map((f) => <>
          <dt key={f.key + "t"}>{f.label}</dt>
          <dd key={f.key} dir="auto">
            {f.key === "emails" || f.key === "phones" ? <span class={c.stack}>{elements(lead, f.key).map((e, i) => <span key={i}>{elementText(f.key, e)}</span>)}</span>
              : f.key === "tags" ? <span>{elements(lead, "tags").map((t, i) => <><Badge key={i}>{elementText("tags", t)}</Badge> </>)}</span>
              : <span>{show(f, lead.values[f.key])}</span>}
            <From of={from[f.key]} />
          </dd>
        </>)}
      </dl>
    </section>
  );
}

// From says where a value comes from; by hand needs no word.
function From({ of }: { of?: api.Origin }) {
  if (!of?.import || !of.file || !of.record) return null;
  return <span class={c.origin}><a href={`/imports/${of.import}`}>{s.lead.provenance(of.file, of.record)}</a></span>;
}

function Comment({ id, onDone }: { id: number; onDone: () => void }) {
  const [value, setValue] = useState(""), [busy, setBusy] = useState(false), [wrong, setWrong] = useState<string | null>(null);
  const send = async () => {
    if (!value.trim()) { setWrong(s.gate.missing); return; }
    setBusy(true);
    setWrong(null);
    try { await api.comment(id, value); setValue(""); onDone(); } catch (e) { setWrong(api.say(e)); } finally { setBusy(false); }
  };
  return (
    <div class={c.part}>
      <Field label={s.lead.comment} hint={s.lead.commentHint} wrong={wrong}>
        <Area value={value} onInput={(e) => setValue(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send(); }} />
      </Field>
      <div><Button busy={busy} onClick={send}>{s.lead.addComment}</Button></div>
    </div>
  );
}

function History({ lead, history }: { lead: Lead; history: api.History }) {
  const made = history.fields.name;
  // What made the lead by hand is in the journal too; it is told once, below.
  const changes = history.changes.filter((ch) => !(ch.version === 1 && !Object.values(ch.before).some(Boolean)));
  return (
    <section class={c.part}>
      <h2>{s.lead.history}</h2>
      <ol class={c.time}>
        {changes.map((ch) => <li key={ch.id} class={c.event}>
          <p>{s.lead.changedFields(new Set([...Object.keys(ch.before), ...Object.keys(ch.after)]).size)} {personName(ch.actor) && s.lead.typed(personName(ch.actor))}</p>
          <p class={c.meta}><time dateTime={ch.at}>{moment(ch.at)}</time>{ch.import ? <> · <a href={`/imports/${ch.import}`}>{s.leads.import} {s.leads.importN(String(ch.import))}</a></> : null}</p>
          <ul class={c.diff}>{[...new Set([...Object.keys(ch.before), ...Object.keys(ch.after)])].map((k) => {
            const f = field(k), say = (v: unknown) => (f ? show(f, v) : k === "deleted_at" && v ? moment(String(v)) : String(v ?? ""));
            return <li key={k} dir="auto"><b>{f?.label ?? (k === "deleted_at" ? s.leads.bin : k)}</b> {say(ch.before[k]) && <span class={c.was}>{say(ch.before[k])}</span>} {say(ch.after[k])}</li>;
          })}</ul>
        </li>)}
        <li class={c.event}>
          <p>{s.lead.made} {personName(lead.created_by) && s.lead.typed(personName(lead.created_by))}</p>
          <p class={c.meta}><time dateTime={lead.created_at}>{moment(lead.created_at)}</time>
            {lead.import && lead.record ? <> · <a href={`/imports/${lead.import}`}>{made?.import === lead.import && made.file ? s.lead.provenance(made.file, lead.record) : `${s.leads.import} ${s.leads.importN(String(lead.import))}`}</a></> : null}</p>
        </li>
      </ol>
    </section>
  );
}

export function NewLeadScreen() {
  const got = useLoad(() => know().then(() => true), []);
  if (got.error) return <Page title={s.lead.new}><Failed error={got.error} again={got.again} /></Page>;
  if (!got.data) return <Page title={s.lead.new}><Loading /></Page>;
  return <Form lead={null} onDone={() => {}} />;
}

type Values = Record<string, string>;
type Lists = { emails: Values[]; phones: Values[]; addresses: Values[] };

function Form({ lead, onDone }: { lead: Lead | null; onDone: () => void }) {
  const firstValues = (): Values => {
    const v: Values = {};
    for (const f of fields.value) if (!f.parts?.length) v[f.key] = lead ? text(lead, f.key) : "";
    v.tags = lead ? elements(lead, "tags").map((t) => elementText("tags", t)).join(", ") : "";
    if (!lead) { v.status = "new"; v.owner = String(session.value.user!.id); }
    return v;
  };
  const listOf = (key: string, part: string): Values[] => {
    const l = lead ? elements(lead, key).map((e) => (key === "addresses" ? { ...e } : { [part]: elementText(key, e) })) : [];
    return l.length || key === "addresses" ? l : [{ [part]: "" }];
  };
  const [base] = useState(firstValues), [values, setValues] = useState(base);
  const [baseLists] = useState<Lists>(() => ({ emails: listOf("emails", "email"), phones: listOf("phones", "phone"), addresses: listOf("addresses", "") }));
  const [lists, setLists] = useState(baseLists);
  const [busy, setBusy] = useState(false), [wrong, setWrong] = useState<Record<string, string>>({}), [failed, setFailed] = useState<string | null>(null), [version, setVersion] = useState(lead?.version ?? 0);
  const [stale, setStale] = useState(false);
  const dirty = JSON.stringify([values, lists]) !== JSON.stringify([base, baseLists]);
  useEffect(() => {
    onLeave(dirty ? () => confirm(s.lead.leave) : null);
    const hold = (e: BeforeUnloadEvent) => { if (dirty) e.preventDefault(); };
    addEventListener("beforeunload", hold);
    return () => { onLeave(null); removeEventListener("beforeunload", hold); };
  }, [dirty]);
  const put = (key: string, v: string) => setValues({ ...values, [key]: v });
  const putList = (key: keyof Lists, i: number, part: string, v: string) => setLists({ ...lists, [key]: lists[key].map((e, k) => (k === i ? { ...e, [part]: v } : e)) });
  const drop = (key: keyof Lists, i: number) => setLists({ ...lists, [key]: lists[key].filter((_, k) => k !== i) });
  const addTo = (key: keyof Lists, e: Values) => setLists({ ...lists, [key]: [...lists[key], e] });

  const save = async (e: Event) => {
    e.preventDefault();
    const out: Record<string, unknown> = {};
    for (const f of fields.value) {
      if (f.key === "tags" || f.parts?.length || !editedHere(f) || values[f.key] === base[f.key] && (lead || !values[f.key])) continue;
      out[f.key] = values[f.key] || null;
    }
    if (values.tags !== base.tags) out.tags = values.tags!.split(/[,;]/).map((t) => t.trim()).filter(Boolean);
    for (const key of ["emails", "phones", "addresses"] as const) {
      if (JSON.stringify(lists[key]) === JSON.stringify(baseLists[key])) continue;
      out[key] = lists[key].map((x) => Object.fromEntries(Object.entries(x).filter(([k, v]) => v && k !== "id"))).filter((x) => Object.keys(x).length);
    }
    if (lead && !Object.keys(out).length) { onLeave(null); onDone(); return; }
    setBusy(true);
    setWrong({});
    setFailed(null);
    try {
      const got = lead ? await api.editLead(lead.id, version, out) : await api.createLead(out);
      onLeave(null);
      toast(lead ? s.saved : s.lead.created);
      for (const n of got.notices ?? []) toast(n.message, { tone: "info" });
      if (lead) onDone(); else navigate(`/leads/${got.id}`, { replace: true });
    } catch (x) {
      const p = x as api.Problem;
      if (p.status === 412 && lead) {
        setStale(true);
        setVersion(Number(p.body.current_version) || version);
        return;
      }
      const by: Record<string, string> = {};
      for (const w of p.errors ?? []) by[(w.location ?? "").replace(/^body\.values\./, "")] = w.message ?? p.title;
      setWrong(by);
      setFailed(api.say(x));
      requestAnimationFrame(() => (document.querySelector<HTMLElement>("[aria-invalid=true]") ?? document.querySelector<HTMLElement>("[role=alert]"))?.focus());
    } finally { setBusy(false); }
  };
  const cancel = () => { if (lead) { if (!dirty || confirm(s.lead.leave)) { onLeave(null); setQuery({ edit: null }); } } else navigate("/leads"); };
  const wrongAt = (key: string) => wrong[key] ?? null;

  const control = (f: api.FieldInfo) => {
    const v = values[f.key] ?? "", set = (x: string) => put(f.key, x);
    const opts = f.kind === "choice" ? choices(f.key) : f.kind === "user" ? assignable.value.map((p) => ({ value: String(p.id), label: p.display }))
      : f.kind === "yes/no" ? [{ value: "true", label: s.lead.yes }, { value: "false", label: s.lead.no }] : null;
    if (opts && v && !opts.some((o) => o.value === v)) opts.push({ value: v, label: show(f, v) });
    const empty = f.key === "status" ? [] : [{ value: "", label: s.journey.notSet }];
    return (
      <Field key={f.key} label={f.label} wrong={wrongAt(f.key)}>
        {opts ? <Select value={v} onChange={(e) => set(e.currentTarget.value)} options={[...empty, ...opts]} />
          : f.kind === "long text" ? <Area value={v} onInput={(e) => set(e.currentTarget.value)} />
          : <Input value={v} maxLength={f.max_length || undefined} type={f.kind === "date" ? "date" : "text"} dir="auto"
            inputMode={f.kind === "integer" ? "numeric" : f.kind === "URL" ? "url" : undefined} onInput={(e) => set(e.currentTarget.value)} />}
      </Field>
    );
  };
  const extra = fields.value.filter((f) => !apart.has(f.key) && editedHere(f) && !f.parts?.length);
  const title = lead ? text(lead, "name") || s.lead.edit : s.lead.new;
  return (
    <Page title={title} crumb={{ href: "/leads", label: s.leads.title }} bare>
      <form onSubmit={save} noValidate>
        <div class={c.form}>
          {failed && <Notice tone="error" live>{failed}</Notice>}
          {stale && <Notice tone="warning" live end={<Button small onClick={() => open(`/leads/${lead!.id}`, "_blank", "noopener")}>{s.lead.loadTheirs}</Button>}>{s.lead.conflict}</Notice>}
          <Field label={field("name")?.label ?? ""} hint={s.lead.nameHint} wrong={wrongAt("name")}><Input value={values.name ?? ""} maxLength={255} dir="auto" onInput={(e) => put("name", e.currentTarget.value)} /></Field>
          {parts.map((p) => <section key={p.title} class={c.part}>
            <h2>{p.title}</h2>
            <div class={c.fields}>
              {p.keys.map((k) => {
                const f = field(k);
                if (k === "emails" || k === "phones") {
                  const part = k === "emails" ? "email" : "phone";
                  return <div key={k} class={c.rows}>
                    {lists[k].map((e, i) => <div key={i} class={c.rowOf}>
                      <Field label={k === "emails" ? s.lead.email(i + 1) : s.lead.phone(i + 1)} wrong={wrong[`${k}.${i + 1}.${part}`] ?? wrong[`${k}.${i + 1}`] ?? null}>
                        <Input value={e[part] ?? ""} type={k === "emails" ? "email" : "tel"} onInput={(x) => putList(k, i, part, x.currentTarget.value)} /></Field>
                      {lists[k].length > 1 && <Button look="quiet" icon={iX} label={s.remove} onClick={() => drop(k, i)} />}
                    </div>)}
                    <div><Button small look="quiet" icon={iPlus} onClick={() => addTo(k, { [part]: "" })}>{k === "emails" ? s.lead.addEmail : s.lead.addPhone}</Button></div>
                  </div>;
                }
                if (k === "tags") return <Field key={k} label={f?.label ?? ""} hint={s.lead.tagsHint} wrong={wrongAt("tags")}><Input value={values.tags ?? ""} onInput={(e) => put("tags", e.currentTarget.value)} /></Field>;
                return f && editedHere(f) ? control(f) : null;
              })}
            </div>
          </section>)}
          <section class={c.part}>
            <h2>{s.lead.addresses}</h2>
            {lists.addresses.map((a, i) => {
              const input = (part: string, label: string, width: string) => <Field key={part} class={width} label={label} wrong={wrong[`addresses.${i + 1}.${part}`] ?? null}><Input value={a[part] ?? ""} dir="auto" onInput={(e) => putList("addresses", i, part, e.currentTarget.value)} /></Field>;
              const label = (part: string) => (field("addresses")?.parts?.find((p) => p.key === part)?.heading ?? part).replace(/^Address %d /, "");
              return <fieldset key={i} class={c.address} aria-label={`${s.lead.address} ${i + 1}`}>
                {input("label", label("label"), c.a4)}<div class={c.a2}><Button small look="quiet" icon={iX} onClick={() => drop("addresses", i)}>{s.remove}</Button></div>
                {input("street", label("street"), c.a6)}{input("street2", label("street2"), c.a6)}
                {input("postal_code", label("postal_code"), c.a2)}{input("city", label("city"), c.a4)}
                <div class={c.a3}><Field label={s.journey.country} wrong={wrong[`addresses.${i + 1}.country`] ?? null}><Combobox options={[{ value: "", label: s.journey.notSet }, ...countries()]} value={a.country ?? ""} onChange={(v) => putList("addresses", i, "country", v)} /></Field></div>
                {input(a.region ? "region" : "state", label(a.region ? "region" : "state"), c.a3)}
              </fieldset>;
            })}
            <div><Button small icon={iPlus} onClick={() => addTo("addresses", {})}>{s.lead.addAddress}</Button></div>
          </section>
          {extra.length > 0 && <section class={c.part}><h2>{s.lead.more}</h2><div class={c.fields}>{extra.map(control)}</div></section>}
          <Field label={s.lead.comments} wrong={wrongAt("notes")}><Area value={values.notes ?? ""} dir="auto" onInput={(e) => put("notes", e.currentTarget.value)} /></Field>
        </div>
        <div class={c.bottom}><Button type="submit" look="primary" busy={busy}>{lead ? s.save : s.leads.create}</Button><Button onClick={cancel}>{s.cancel}</Button></div>
      </form>
    </Page>
  );
}
