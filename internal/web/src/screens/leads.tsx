import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./leads.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, query, setQuery } from "../router";
import { session } from "../session";
import { useKeep } from "../load";
import { useVirtual } from "../virtual";
import { choices, elements, elementText, field, fields, know, type Lead, assignable, personName, show, statusTone, text } from "../desk";
import { ago, day, moment } from "../format";
import { countries, countryName } from "../countries";
import { Avatar, Badge, Bone, box, Button, Combobox, cx, Dialog, Dot, Empty, Field, Input, LinkButton, Menu, type MenuItem, Search, Select, Tabs, toast } from "../ui/kit";
import { Icon } from "../ui/icon";
import iUpload from "../../vendor/lucide/upload.svg";
import iPlus from "../../vendor/lucide/plus.svg";
import iDown from "../../vendor/lucide/download.svg";
import iX from "../../vendor/lucide/x.svg";
import iFilter from "../../vendor/lucide/list-filter.svg";
import iColumns from "../../vendor/lucide/columns-3.svg";
import iSort from "../../vendor/lucide/arrow-up-down.svg";
import iUp from "../../vendor/lucide/arrow-up.svg";
import iArrow from "../../vendor/lucide/arrow-down.svg";
import iUsers from "../../vendor/lucide/users.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iInbox from "../../vendor/lucide/inbox.svg";

const pageSize = 100;
// The columns there are, with their widths; the first is always shown.
const columns: { key: string; width: string; sort?: string }[] = [
  { key: "name", width: "minmax(200px, 1.6fr)", sort: "name" },
  { key: "status", width: "minmax(124px, 0.8fr)" },
  { key: "company_name", width: "minmax(150px, 1.3fr)", sort: "company" },
  { key: "emails", width: "minmax(190px, 1.5fr)" },
  { key: "phones", width: "minmax(150px, 1.1fr)" },
  { key: "job_title", width: "minmax(150px, 1.1fr)" },
  { key: "owner", width: "minmax(136px, 1fr)" },
  { key: "source", width: "minmax(130px, 1fr)" },
  { key: "tags", width: "minmax(160px, 1.2fr)" },
  { key: "follow_up_on", width: "minmax(120px, 0.8fr)" },
  { key: "industry", width: "minmax(130px, 1fr)" },
  { key: "website", width: "minmax(180px, 1.2fr)" },
  { key: "updated_at", width: "minmax(130px, 0.8fr)", sort: "updated" },
  { key: "created_at", width: "minmax(112px, 0.7fr)", sort: "created" },
];
const usual = ["name", "status", "company_name", "emails", "phones", "owner", "created_at"];
const filterKeys = ["q", "status", "source", "owner", "import", "tag", "country", "domain", "follow_up"] as const;

function columnLabel(key: string): string {
  if (key === "created_at") return s.leads.created;
  if (key === "updated_at") return s.leads.updated;
  return field(key)?.label ?? key;
}

function filterLabel(key: string): string {
  return { q: s.leads.text, import: s.leads.import, domain: s.leads.domain, tag: s.leads.tag, follow_up: s.leads.followUp, country: s.journey.country }[key] ?? field(key)?.label ?? key;
}
function filterValue(key: string, value: string): string {
  if (key === "owner") return value === "none" ? s.leads.nobody : personName(value);
  if (key === "country") return countryName(value);
  if (key === "import") return s.leads.importN(value);
  if (key === "follow_up") return day(value);
  return choices(key).find((o) => o.value === value)?.label ?? value;
}

const isNarrow = () => matchMedia("(max-width: 820px)").matches;
const today = () => { const d = new Date(); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`; };

export function LeadsScreen() {
  const q = query.value, bin = q.get("view") === "bin";
  const [known, setKnown] = useState(fields.value.length > 0);
  const [leads, setLeads] = useState<Lead[]>([]), [next, setNext] = useState("");
  const [state, setState] = useState<{ busy: boolean; error: unknown; indexing: boolean; count: string }>({ busy: true, error: null, indexing: false, count: "" });
  const [turn, setTurn] = useState(0);
  const [picked, setPicked] = useState<Set<number>>(new Set());
  const [shown, setShown] = useKeep("columns", usual);
  const [asking, setAsking] = useState<string | null>(null);
  const [narrow, setNarrow] = useState(isNarrow());
  const abort = useRef<AbortController | null>(null), loading = useRef(false);
  const filter: Record<string, string> = {};
  for (const k of filterKeys) if (q.get(k)) filter[k] = q.get(k)!;
  const sort = q.get("sort") ?? "created", asc = q.get("asc") === "1";
  const key = JSON.stringify([filter, sort, asc, bin]);

  useEffect(() => {
    know().then(() => setKnown(true), (error) => setState((o) => ({ ...o, busy: false, error })));
    const m = matchMedia("(max-width: 820px)"), f = () => setNarrow(m.matches);
    m.addEventListener("change", f);
    return () => m.removeEventListener("change", f);
  }, [turn]);
  useEffect(() => {
    abort.current?.abort();
    const mine = (abort.current = new AbortController());
    loading.current = true;
    setState((o) => ({ ...o, busy: true, error: null }));
    setPicked(new Set());
    api.listLeads({ ...filter, sort, order: asc ? "asc" : "desc", bin, limit: pageSize, count: true }, mine.signal).then((page) => {
      if (mine.signal.aborted) return;
      setLeads(page.items);
      setNext(page.next ?? "");
      const k = page.count ?? page.items.length;
      setState((o) => ({ ...o, busy: false, indexing: !!page.indexing, count: k > 10000 ? s.leads.countMore(10000) : s.leads.count(k) }));
      list.current?.scrollTo(0, 0);
    }, (error) => { if (!mine.signal.aborted) setState((o) => ({ ...o, busy: false, error })); }).finally(() => { if (abort.current === mine) loading.current = false; });
    return () => mine.abort();
  }, [key, turn]);

  const more = () => {
    if (!next || loading.current) return;
    loading.current = true;
    const mine = abort.current!;
    api.listLeads({ ...filter, sort, order: asc ? "asc" : "desc", bin, limit: pageSize, after: next }, mine.signal).then((page) => {
      if (mine.signal.aborted) return;
      setLeads((old) => [...old, ...page.items]);
      setNext(page.next ?? "");
    }, (error) => { if (!mine.signal.aborted) toast(api.say(error), { tone: "error" }); }).finally(() => { loading.current = false; });
  };
  const list = useRef<HTMLDivElement>(null);
  const height = narrow ? 60 : 40;
  const virtual = useVirtual(leads.length, height, list);
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  useEffect(() => { if (lastSeen >= leads.length - 40) more(); }, [lastSeen, leads.length]);

  const cols = columns.filter((x) => shown.includes(x.key));
  const grid = `36px ${cols.map((x) => x.width).join(" ")}`;
  const again = () => setTurn((n) => n + 1);
  const filtered = Object.keys(filter).length > 0;
  const me = session.value.user!;
  const on = (want: Record<string, string>) => JSON.stringify(want) === JSON.stringify(filter) && !bin;
  const tabs = [
    { href: "/leads", label: s.leads.all, on: !bin && !filtered },
    { href: `/leads?owner=${me.id}`, label: s.leads.mine, on: on({ owner: String(me.id) }) },
    { href: "/leads?status=new", label: s.leads.untouched, on: on({ status: "new" }) },
    { href: `/leads?follow_up=${today()}`, label: s.leads.today, on: on({ follow_up: today() }) },
    { href: "/leads?owner=none", label: s.leads.unassigned, on: on({ owner: "none" }) },
    { href: "/leads?view=bin", label: s.leads.bin, on: bin },
  ];
  const pick = (id: number, yes: boolean) => { const p = new Set(picked); yes ? p.add(id) : p.delete(id); setPicked(p); };
  const takeBack = (imp: number) => async () => {
    try { await api.undoNow(imp); toast(s.leads.undone); again(); } catch (e) { toast(api.say(e), { tone: "error" }); }
  };
  const bulk = async (change: api.BulkChange) => {
    try {
      const done = await api.bulk([...picked], change);
      toast("delete" in change ? s.leads.deleted(done.changed) : s.leads.changed(done.changed), { action: done.import ? { label: s.undo, run: takeBack(done.import) } : undefined });
      again();
    } catch (e) { toast(api.say(e), { tone: "error" }); }
  };
  const restore = async () => {
    const back = leads.filter((l) => picked.has(l.id));
    try {
      for (const l of back) await api.restoreLead(l);
      toast(s.leads.restored(back.length));
    } catch (e) { toast(api.say(e), { tone: "error" }); }
    again();
  };
  const filterMenu: MenuItem[] = filterKeys.filter((k) => k !== "q" && k !== "import").map((k) => ({ label: filterLabel(k), onSelect: () => setAsking(k) }));
  const sortMenu: MenuItem[] = [
    ...Object.entries(s.leads.sortBy).map(([k, label]) => ({ label, on: sort === k, onSelect: () => setQuery({ sort: k === "created" ? null : k, asc: k === "name" || k === "company" ? "1" : null }) })),
    "rule" as const,
    { label: s.leads.ascending, on: asc, onSelect: () => setQuery({ asc: "1" }) },
    { label: s.leads.descending, on: !asc, onSelect: () => setQuery({ asc: null }) },
  ];
  const first = state.busy && !leads.length;
  return (
    <Page title={s.leads.title} bare actions={<>
      <Menu look="plain" icon={iDown} label={s.leads.export} end items={[
        { label: s.leads.exportCSV, href: api.exportURL("csv"), download: true }, { label: s.leads.exportXLSX, href: api.exportURL("xlsx"), download: true }]} />
      <LinkButton href="/leads/new" icon={iPlus}>{s.leads.create}</LinkButton>
      <LinkButton href="/imports/new" look="primary" icon={iUpload}>{s.leads.importFile}</LinkButton>
    </>}>
      <div class={c.desk}>
        <div class={c.tools}>
          <Tabs label={s.leads.views} tabs={tabs} />
          <div class={c.find}><SearchLeads value={filter.q ?? ""} /></div>
          <Menu look="plain" icon={iFilter} items={filterMenu} end>{s.leads.filter}</Menu>
          <Menu look="plain" icon={iSort} items={sortMenu} label={s.leads.sort} end />
          {!narrow && <Menu look="plain" icon={iColumns} label={s.leads.columns} end items={columns.slice(1).map((x) => ({
            label: columnLabel(x.key), on: shown.includes(x.key), onSelect: () => setShown(shown.includes(x.key) ? shown.filter((k) => k !== x.key) : [...shown, x.key]) }))} />}
        </div>
        {filtered && !tabs.some((t) => t.on) && <ul class={c.chips} aria-label={s.leads.filters}>
          {Object.entries(filter).map(([k, v]) => <li key={k} class={c.chip}><span>{filterLabel(k)}: <b dir="auto">{known ? filterValue(k, v) : v}</b></span>
            <button type="button" aria-label={s.leads.removeFilter(filterLabel(k))} onClick={() => setQuery({ [k]: null })}><Icon of={iX} size={14} /></button></li>)}
          <li><Button small look="quiet" onClick={() => navigate("/leads")}>{s.leads.clearFilters}</Button></li>
        </ul>}
        {picked.size > 0 && <Bulk count={picked.size} bin={bin} run={bulk} restore={restore} clear={() => setPicked(new Set())} />}
        {state.error ? <Failed error={state.error} again={again} />
          : !first && !leads.length ? <NoLeads filtered={filtered} bin={bin} />
          : <div ref={list} class={c.box} tabindex={0} role="region" aria-label={s.leads.list}>
            <div class={c.table} role="table" aria-label={s.leads.list} aria-rowcount={next ? -1 : leads.length + 1} aria-busy={state.busy}>
              {!narrow && <div role="rowgroup"><div class={c.headRow} role="row" aria-rowindex={1} style={{ gridTemplateColumns: grid }}>
                <div class={c.tick} role="columnheader"><input class={box} type="checkbox" aria-label={s.leads.selectAll} checked={picked.size > 0 && picked.size === leads.length}
                  onChange={(e) => setPicked(e.currentTarget.checked ? new Set(leads.map((l) => l.id)) : new Set())} /></div>
                {cols.map((x) => <div key={x.key} class={c.cell} role="columnheader" aria-sort={x.sort === sort ? (asc ? "ascending" : "descending") : undefined}>
                  {x.sort ? <button type="button" class={x.sort === sort ? c.sorted : ""} onClick={() => setQuery({ sort: x.sort === "created" ? null : x.sort!, asc: (x.sort === sort ? !asc : x.sort !== "created" && x.sort !== "updated") ? "1" : null })}>
                    {columnLabel(x.key)}{x.sort === sort && <Icon of={asc ? iUp : iArrow} size={12} />}</button> : columnLabel(x.key)}
                </div>)}
              </div></div>}
              {first ? <Bones grid={narrow ? "36px 1fr" : grid} cols={narrow ? 1 : cols.length} height={height} />
                : <div class={c.rows} role="rowgroup" style={{ height: `${virtual.getTotalSize()}px` }}>
                  {items.map((it) => {
                    const l = leads[it.index];
                    if (!l) return null;
                    const name = text(l, "name") || s.leads.noName, on = picked.has(l.id);
                    const tick = <div class={c.tick} role="cell"><input class={box} type="checkbox" aria-label={s.leads.select(name)} checked={on} onChange={(e) => pick(l.id, e.currentTarget.checked)} /></div>;
                    const style = { transform: `translateY(${it.start}px)`, height: `${height}px` };
                    return narrow
                      ? <div key={l.id} class={cx(c.row, c.card)} role="row" aria-rowindex={it.index + 2} style={style}>
                        {tick}
                        <div class={c.cardText} role="cell"><a class={c.name} dir="auto" href={`/leads/${l.id}`}>{name}</a>
                          <p dir="auto">{[text(l, "company_name"), elements(l, "emails").map((e) => elementText("emails", e))[0]].filter(Boolean).join(" · ") || " "}</p></div>
                        <div role="cell"><Badge dot tone={statusTone(text(l, "status"))}>{filterValue("status", text(l, "status"))}</Badge></div>
                      </div>
                      : <div key={l.id} class={c.row} role="row" aria-rowindex={it.index + 2} style={{ ...style, gridTemplateColumns: grid }}>
                        {tick}
                        {cols.map((x) => <div key={x.key} class={c.cell} role="cell" dir="auto"><LeadCell lead={l} of={x.key} name={name} /></div>)}
                      </div>;
                  })}
                </div>}
            </div>
          </div>}
        {!state.error && leads.length > 0 && <div class={c.foot} role="status"><span>{state.count || s.leads.shown(leads.length, !!next)}</span>{state.indexing && <span>{s.leads.indexing}</span>}</div>}
      </div>
      {asking && <FilterDialog of={asking} value={filter[asking] ?? ""} onClose={() => setAsking(null)} />}
    </Page>
  );
}

function LeadCell({ lead, of, name }: { lead: Lead; of: string; name: string }) {
  const f = field(of);
  switch (of) {
    case "name": return <a class={c.name} href={`/leads/${lead.id}`}>{name}</a>;
    case "status": { const v = text(lead, "status"); return <span class={c.state}><Dot tone={statusTone(v)} />{filterValue("status", v)}</span>; }
    case "owner": { const o = personName(text(lead, "owner")); return o ? <span class={c.person}><Avatar name={o} />{o}</span> : <span class={c.dim}>{s.leads.nobody}</span>; }
    case "tags": return <span class={c.tagList}>{elements(lead, "tags").map((t, i) => <Badge key={i}>{elementText("tags", t)}</Badge>)}</span>;
    case "created_at": return <time class={c.dim} dateTime={lead.created_at} title={lead.created_at && moment(lead.created_at)}>{lead.created_at && ago(lead.created_at)}</time>;
    case "updated_at": return <time class={c.dim} dateTime={lead.updated_at} title={lead.updated_at && moment(lead.updated_at)}>{lead.updated_at && ago(lead.updated_at)}</time>;
    case "emails": case "phones": return <>{text(lead, of)}</>;
    default: return <>{f ? show(f, lead.values[of]) : ""}</>;
  }
}

function Bones({ grid, cols, height }: { grid: string; cols: number; height: number }) {
  return (
    <div role="rowgroup" aria-hidden="true" style={{ height: `${height * 12}px` }} class={c.rows}>
      {Array.from({ length: 12 }, (_, i) => <div key={i} class={c.row} style={{ gridTemplateColumns: grid, transform: `translateY(${i * height}px)`, height: `${height}px` }}>
        <span />{Array.from({ length: cols }, (_, k) => <span key={k} class={c.cell}><Bone width={`${38 + ((i * 7 + k * 13) % 5) * 10}%`} /></span>)}
      </div>)}
    </div>
  );
}

function SearchLeads({ value }: { value: string }) {
  const [now, setNow] = useState(value), wait = useRef(0);
  useEffect(() => setNow(value), [value]);
  const put = (v: string) => { setNow(v); clearTimeout(wait.current); wait.current = setTimeout(() => setQuery({ q: v.trim() || null }), 250) as unknown as number; };
  return <Search label={s.leads.search} value={now} onInput={(e) => put(e.currentTarget.value)} />;
}

function NoLeads({ filtered, bin }: { filtered: boolean; bin: boolean }) {
  if (bin && !filtered) return <Empty icon={iTrash} title={s.leads.binEmpty}>{s.leads.binEmptyText}</Empty>;
  if (filtered) return <Empty icon={iInbox} title={s.leads.noMatch} actions={<Button onClick={() => navigate("/leads")}>{s.leads.clearFilters}</Button>}>{s.leads.noMatchText}</Empty>;
  return <Empty icon={iUsers} title={s.leads.none} actions={<><LinkButton look="primary" icon={iUpload} href="/imports/new">{s.leads.importFile}</LinkButton>
    <LinkButton icon={iPlus} href="/leads/new">{s.leads.create}</LinkButton></>}>{s.leads.noneText}</Empty>;
}

function FilterDialog({ of, value, onClose }: { of: string; value: string; onClose: () => void }) {
  const [v, setV] = useState(value);
  const options = of === "owner" ? [{ value: "none", label: s.leads.nobody }, ...assignable.value.map((p) => ({ value: String(p.id), label: p.display }))]
    : of === "country" ? countries() : of === "status" || of === "source" ? choices(of) : null;
  const apply = (e: Event) => { e.preventDefault(); onClose(); setQuery({ [of]: v || null, view: null }, {}); };
  return (
    <Dialog title={`${s.leads.filterBy}: ${filterLabel(of)}`} onClose={onClose} foot={<><Button onClick={onClose}>{s.cancel}</Button><Button look="primary" onClick={apply}>{s.leads.apply}</Button></>}>
      <form onSubmit={apply}>
        <Field label={filterLabel(of)}>
          {options ? (of === "country" ? <Combobox options={options} value={v} onChange={setV} /> : <Select autoFocus value={v} onChange={(e) => setV(e.currentTarget.value)} options={[{ value: "", label: s.journey.notSet }, ...options]} />)
            : <Input autoFocus type={of === "follow_up" ? "date" : "text"} value={v} onInput={(e) => setV(e.currentTarget.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}

function Bulk({ count, bin, run, restore, clear }: { count: number; bin: boolean; run: (c: api.BulkChange) => void; restore: () => void; clear: () => void }) {
  const [tagging, setTagging] = useState(false), [tag, setTag] = useState("");
  const put = (e: Event) => { e.preventDefault(); if (tag.trim()) { setTagging(false); run({ add_tags: [tag.trim()] }); } };
  return (
    <div class={c.bulk} role="group" aria-label={s.leads.selected(count)}>
      <span role="status">{s.leads.selected(count)}</span>
      {bin ? <Button small icon={iUndo} onClick={() => restore()}>{s.leads.restore}</Button> : <>
        <Menu look="plain" small items={choices("status").map((o) => ({ label: o.label, onSelect: () => run({ status: o.value }) }))}>{s.leads.setStatus}</Menu>
        <Menu look="plain" small items={assignable.value.map((p) => ({ label: p.display, onSelect: () => run({ assign: p.id }) }))}>{s.leads.setOwner}</Menu>
        <Button small onClick={() => setTagging(true)}>{s.leads.addTag}</Button>
        <Button small icon={iTrash} onClick={() => run({ delete: true })}>{s.leads.delete}</Button>
      </>}
      <Button small look="quiet" onClick={clear}>{s.leads.deselect}</Button>
      {tagging && <Dialog title={s.leads.addTag} onClose={() => setTagging(false)} foot={<><Button onClick={() => setTagging(false)}>{s.cancel}</Button><Button look="primary" onClick={put}>{s.leads.addTag}</Button></>}>
        <form onSubmit={put}><Field label={s.leads.tag}><Input autoFocus value={tag} onInput={(e) => setTag(e.currentTarget.value)} /></Field></form></Dialog>}
    </div>
  );
}
