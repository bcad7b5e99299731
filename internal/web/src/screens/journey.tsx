import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, query } from "../router";
import { session } from "../session";
import { assignable, choices, field, fields, know, personName } from "../desk";
import { countries } from "../countries";
import { day, duration, moment, number, percent } from "../format";
import { Badge, Button, Combobox, type ComboOption, cx, Dialog, Dot, Empty, Field, hidden, Input, LinkButton, Loading, Menu, Area, Notice, numeric, Progress, Select, spin, TableBox, toast } from "../ui/kit";
import { Icon } from "../ui/icon";
import { importName, stateTone, TemplateMenu } from "./imports";
import { Line, Records } from "./records";
import iUpload from "../../vendor/lucide/upload.svg";
import iPaste from "../../vendor/lucide/clipboard-paste.svg";
import iArrow from "../../vendor/lucide/arrow-right.svg";
import iCheck from "../../vendor/lucide/check.svg";
import iOk from "../../vendor/lucide/circle-check.svg";
import iError from "../../vendor/lucide/circle-alert.svg";
import iWarn from "../../vendor/lucide/triangle-alert.svg";
import iInfo from "../../vendor/lucide/info.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iFile from "../../vendor/lucide/file-spreadsheet.svg";
import iLoad from "../../vendor/lucide/loader-circle.svg";
import iDown from "../../vendor/lucide/chevron-down.svg";

const crumb = { href: "/imports", label: s.imports.title };

// ---- The file

export function NewImportScreen() {
  const [over, setOver] = useState(false), [pasting, setPasting] = useState(false), [sent, setSent] = useState<{ name: string; done: number; size: number } | null>(null);
  const [wrong, setWrong] = useState<string | null>(null), input = useRef<HTMLInputElement>(null);
  const send = async (file: Blob, name: string) => {
    setWrong(null);
    setSent({ name, done: 0, size: file.size });
    try {
      const imp = await api.upload(file, name, crypto.randomUUID(), (done) => setSent({ name, done, size: file.size }));
      navigate(`/imports/${imp.id}/file`);
    } catch (e) { setWrong(api.say(e)); setSent(null); }
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    const f = e.dataTransfer?.files[0];
    if (f) send(f, f.name);
  };
  return (
    <Page title={s.journey.title} crumb={crumb} actions={<TemplateMenu />}>
      <div class={c.start}>
        {wrong && <Notice tone="error" live>{wrong}</Notice>}
        <div class={cx(c.drop, over && c.over)} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
          <Icon of={iFile} size={32} />
          {sent ? <div class={c.busy} role="status"><h2 dir="auto">{s.journey.uploading(sent.name)}</h2><Progress value={sent.done} max={sent.size} label={s.journey.uploading(sent.name)} /><p>{s.journey.uploaded(sent.done, sent.size)}</p></div>
            : <>
              <h2>{over ? s.journey.dropNow : s.journey.drop}</h2>
              <p>{s.journey.dropHint}</p>
              <div class={c.choose}>
                <Button look="primary" icon={iUpload} onClick={() => input.current?.click()}>{s.journey.choose}</Button>
                <Button icon={iPaste} onClick={() => setPasting(true)}>{s.journey.paste}</Button>
              </div>
            </>}
          <input ref={input} class={hidden} type="file" tabindex={-1} aria-label={s.journey.choose} onChange={(e) => { const f = e.currentTarget.files?.[0]; if (f) send(f, f.name); }} />
        </div>
      </div>
      {pasting && <Paste onClose={() => setPasting(false)} onUse={(text) => { setPasting(false); send(new Blob([text], { type: "text/tab-separated-values" }), s.journey.pastedName); }} />}
    </Page>
  );
}

function Paste({ onClose, onUse }: { onClose: () => void; onUse: (text: string) => void }) {
  const [text, setText] = useState(""), [wrong, setWrong] = useState<string | null>(null);
  const use = () => (text.trim().split(/\r?\n/).length < 2 ? setWrong(s.journey.pasteEmpty) : onUse(text));
  return (
    <Dialog wide title={s.journey.paste} onClose={onClose} foot={<><Button onClick={onClose}>{s.cancel}</Button><Button look="primary" onClick={use}>{s.journey.pasteUse}</Button></>}>
      <Field label={s.journey.pasteLabel} hint={s.journey.pasteHint} wrong={wrong}><Area class={c.pasteArea} autoFocus value={text} onInput={(e) => setText(e.currentTarget.value)} /></Field>
    </Dialog>
  );
}

// ---- One import

const atRest = (state: string) => !["checking", "running", "cancelling", "undoing"].includes(state);
const beforeRun = (state: string) => ["draft", "checking", "checked"].includes(state);
const steps = ["file", "columns", "review", "preview"] as const;

type Journey = {
  imp: api.Import; prep: api.Prepared | null; groups: api.Group[]; turn: number; busy: boolean;
  change: (edit: (r: api.Recipe) => api.Recipe) => void;
  owner: (name: string) => void;
  recheck: (validate?: boolean) => void;
};

export function ImportScreen({ id, step }: { id: number; step: string }) {
  const [imp, setImp] = useState<api.Import | null>(null), [error, setError] = useState<unknown>(null), [prep, setPrep] = useState<api.Prepared | null>(null);
  const [groups, setGroups] = useState<api.Group[]>([]), [turn, setTurn] = useState(0), [pending, setPending] = useState(0), [fresh, setFresh] = useState(0);
  const stream = useRef<EventSource | null>(null), chain = useRef<Promise<unknown>>(Promise.resolve()), alive = useRef(true), recipe = useRef<api.Recipe | null>(null), wanted = useRef(0);

  const watch = () => {
    stream.current?.close();
    const es = (stream.current = api.events(id));
    es.addEventListener("import", (e) => setImp(JSON.parse((e as MessageEvent).data)));
    // What came may have been the state before the latest step, so it is asked once more.
    es.addEventListener("end", async () => {
      es.close();
      const now = await api.getImport(id).catch(() => null);
      if (!now || !alive.current || stream.current !== es) return;
      setImp(now);
      if (!atRest(now.state)) setTimeout(() => { if (alive.current && stream.current === es) watch(); }, 300);
    });
  };
  // rested waits until a check under way has ended.
  const rested = async () => {
    for (let i = 0; i < 600; i++) {
      const now = await api.getImport(id);
      if (now.state !== "checking") return now;
      await new Promise((r) => setTimeout(r, 200));
    }
    return api.getImport(id);
  };
  // work runs changes one after the other, each followed by one check.
  const work = (edit: ((r: api.Recipe) => api.Recipe) | null, opt: { validate?: boolean; before?: () => Promise<unknown> } = {}) => {
    const mine = ++wanted.current;
    setPending((n) => n + 1);
    chain.current = chain.current.then(async () => {
      try {
        const now = await rested();
        if (!beforeRun(now.state)) { setImp(now); return; }
        await opt.before?.();
        recipe.current ??= await api.getRecipe(id);
        if (edit) recipe.current = edit(structuredClone(recipe.current));
        const got = await api.putRecipe(id, recipe.current);
        recipe.current = got.recipe;
        if (!alive.current) return;
        setPrep(got);
        if (mine === wanted.current) {
          setImp(await api.check(id, !!opt.validate));
          watch();
        }
      } catch (e) {
        if (!alive.current) return;
        if (recipe.current && prep) toast(api.say(e), { tone: "error" }); else setError(e);
        recipe.current = null;
        setImp(await api.getImport(id).catch(() => null));
      } finally { setPending((n) => n - 1); }
    });
  };
  useEffect(() => {
    alive.current = true;
    setError(null);
    (async () => {
      try {
        await know();
        const now = await api.getImport(id);
        setImp(now);
        if (now.kind === "file" && beforeRun(now.state)) work(null);
        else if (!atRest(now.state)) watch();
      } catch (e) { setError(e); }
    })();
    return () => { alive.current = false; stream.current?.close(); };
  }, [fresh]);
  useEffect(() => {
    if (!imp?.checked || imp.state === "checking") return;
    const abort = new AbortController();
    api.groups(id, abort.signal).then((g) => { setGroups(g); setTurn((n) => n + 1); }, () => {});
    return () => abort.abort();
  }, [imp?.state, imp?.checked]);

  if (error && !prep) return <Page title={imp ? importName(imp) : s.journey.title} crumb={crumb} actions={<LinkButton href="/imports/new">{s.journey.chooseOther}</LinkButton>}><Failed error={error} again={() => setFresh((n) => n + 1)} /></Page>;
  if (!imp) return <Page title={s.journey.title} crumb={crumb}><Loading /></Page>;
  const badge = <Badge dot tone={stateTone(imp.state)}>{s.imports.states[imp.state] ?? imp.state}</Badge>;
  if (!beforeRun(imp.state) || imp.kind !== "file")
    return <Page title={importName(imp)} crumb={crumb} beside={badge} bare><Outcome imp={imp} groups={groups} turn={turn} setImp={setImp} watch={watch} /></Page>;
  const j: Journey = {
    imp, prep, groups, turn, busy: pending > 0 || imp.state === "checking",
    change: (edit) => work(edit),
    owner: (name) => work(null, { before: () => api.setOwner(id, name) }),
    recheck: (validate) => work(null, { validate }),
  };
  const at = (steps as readonly string[]).includes(step) ? step : "columns";
  return (
    <Page title={imp.file} crumb={crumb} bare beside={imp.state === "draft" && imp.reason ? <Badge tone="error">{s.imports.states.failed}</Badge> : undefined} actions={<TemplateMenu />}>
      <div class={c.steps}>
        <ol aria-label={s.journey.stepsLabel}>
          {steps.map((x, i) => <li key={x}>
            <a class={c.step} href={`/imports/${id}/${x}`} aria-current={x === at ? "step" : undefined}><i class={i < steps.indexOf(at as "file") ? c.past : ""}>{i < steps.indexOf(at as "file") ? <Icon of={iCheck} size={12} /> : i + 1}</i>{s.journey.steps[x]}</a>
            {i < 3 && <span aria-hidden="true">›</span>}
          </li>)}
        </ol>
        <span class={c.calm}><Icon of={iInfo} size={14} />{s.journey.nothingYet}</span>
      </div>
      {!prep ? <Loading label={s.journey.reading} />
        : at === "file" ? <FileStep j={j} prep={prep} />
        : at === "columns" ? <ColumnsStep j={j} prep={prep} />
        : at === "review" ? <ReviewStep j={j} prep={prep} />
        : <PreviewStep j={j} prep={prep} onStarted={(x) => { setImp(x); watch(); }} />}
    </Page>
  );
}

// Live says what the check has found so far, in one line.
function Live({ j }: { j: Journey }) {
  const a = j.imp.accounting, p = j.imp.progress;
  if (j.busy) return <span class={c.live} role="status"><Icon of={iLoad} class={spin} />{s.journey.checking}{p && p.total > 0 ? ` ${percent(Math.min(1, p.done / p.total))}` : ""}</span>;
  return (
    <span class={c.live} role="status">
      <Dot tone={a.errors ? "error" : "ok"} />{s.journey.withErrorsN(a.errors)}
      {a.warned ? <><Dot tone="warning" />{s.journey.warningsN(a.warned)}</> : null}
    </span>
  );
}

function Foot({ j, children, back }: { j: Journey; children: ComponentChildren; back?: string }) {
  return (
    <div class={c.foot}>
      <Live j={j} />
      <Button look="quiet" onClick={() => { toast(s.imports.keptDraft, { tone: "info" }); navigate("/imports"); }}>{s.cancel}</Button>
      {back && <LinkButton href={`/imports/${j.imp.id}/${back}`}>{s.journey.back}</LinkButton>}
      {children}
    </div>
  );
}

// ---- Step: file

function guessText(name: string, value: string): string {
  if (name === "delimiter") return s.journey.delimiters[value] ?? value;
  if (name === "dates") return s.journey.orders[value] ?? value;
  if (name === "header") return s.journey.headerLine(value.replace(/^line /, ""));
  return name === "encoding" || name === "format" ? value.toUpperCase() : value || "–";
}

function FileStep({ j, prep }: { j: Journey; prep: api.Prepared }) {
  const [first, setFirst] = useState<api.FileRecord[]>([]);
  useEffect(() => {
    if (!j.imp.checked || j.busy) return;
    const abort = new AbortController();
    api.records(j.imp.id, { limit: 8 }, abort.signal).then((p) => setFirst(p.items), () => {});
    return () => abort.abort();
  }, [j.turn, j.busy]);
  const seen = new Set<string>();
  const guesses = prep.detection.ledger.filter((g) => s.journey.guess[g.name] && !seen.has(g.name) && seen.add(g.name) && (!["quote", "escape"].includes(g.name) || g.certainty === "unproven"));
  const settable = ["encoding", "delimiter", "quote", "escape", "header", "sheet", "dates", "decimal"];
  const set = (g: api.Guess, value: string) => j.change((r) => {
    r.file = { ...r.file, [g.name]: g.name === "header" ? Number(value.replace(/^line /, "")) || 0 : value };
    if (["encoding", "delimiter", "quote", "escape", "header", "sheet"].includes(g.name)) r.columns = []; // read anew: the headings may be others
    return r;
  });
  const before = prep.before[0];
  const head = prep.detection.headings;
  return (
    <>
      <div class={c.body}>
        {before && <Notice tone="warning" end={<LinkButton small href={`/imports/${before.id}`}>{s.journey.seeBefore}</LinkButton>}>{s.journey.before(day(before.at))}</Notice>}
        <section class={c.part}>
          <h2>{s.journey.recognised}</h2>
          <div class={c.strip}>
            {!seen.has("format") && <Badge>{prep.detection.format.toUpperCase()}</Badge>}
            {guesses.map((g) => {
              const others = (g.alternatives ?? []).filter((v) => v !== g.value);
              return settable.includes(g.name) && others.length
                ? <Menu key={g.name} look="plain" small items={[{ group: `${s.journey.guess[g.name]}. ${g.evidence}` }, ...[g.value, ...others].map((v) => ({ label: guessText(g.name, v), on: v === g.value, onSelect: () => v !== g.value && set(g, v) }))]}>
                  {guessText(g.name, g.value)}<Icon of={iDown} size={14} /></Menu>
                : <Badge key={g.name}>{guessText(g.name, g.value)}</Badge>;
            })}
            <Badge tone="accent">{s.journey.records(prep.records)}</Badge>
          </div>
        </section>
        <section class={c.part}>
          <h2>{s.journey.asRead}</h2>
          {first.length ? <div class={c.sheet}><TableBox label={s.journey.asRead}>
            <thead><tr><th class={numeric}>{s.journey.record}</th>{head.map((h, i) => <th key={i} dir="auto" title={h}>{h}</th>)}</tr></thead>
            <tbody>{first.map((r) => <tr key={r.record}><td class={c.rowNo}>{r.record}</td>{head.map((_, i) => <td key={i} dir="auto" title={r.cells?.[i]}>{r.cells?.[i] ?? ""}</td>)}</tr>)}</tbody>
          </TableBox></div> : <Loading label={s.journey.reading} />}
        </section>
      </div>
      <Foot j={j}><LinkButton look="primary" href={`/imports/${j.imp.id}/columns`}>{s.journey.toColumns}</LinkButton></Foot>
    </>
  );
}

// ---- Step: columns

function targets(): ComboOption[] {
  const out: ComboOption[] = [{ value: "", label: s.journey.notImported, group: s.journey.special }, { value: "comments", label: s.journey.toComments, group: s.journey.special },
    { value: "tags", label: s.journey.toTags, group: s.journey.special }, { value: "full_name", label: s.journey.fullName, group: s.journey.special }];
  for (const f of fields.value) {
    if (!f.mapped) continue;
    if (!f.parts?.length) { out.push({ value: f.key, label: f.heading, group: s.journey.fields }); continue; }
    const n = f.key === "addresses" ? 3 : f.key === "emails" || f.key === "phones" ? 4 : 1;
    for (let i = 1; i <= n; i++) for (const p of f.parts) if (!p.derived && p.heading && !(f.key === "tags")) out.push({ value: `${f.key}.${i}.${p.key}`, label: p.heading.replace("%d", String(i)), group: s.journey.fields });
  }
  return out;
}
const occurrence = (prep: api.Prepared, col: api.FileColumn) => {
  const same = prep.columns.filter((x) => x.heading === col.heading);
  return same.length > 1 ? same.indexOf(col) + 1 : 0;
};
function applied(prep: api.Prepared, col: api.FileColumn): string[] {
  const nth = occurrence(prep, col);
  return prep.recipe.columns?.find((x) => x.heading === col.heading && ((x.nth ?? 0) === nth || nth === 1 && !x.nth))?.to ?? [];
}
function mapTo(prep: api.Prepared, col: api.FileColumn, to: string[]) {
  return (r: api.Recipe): api.Recipe => {
    const nth = occurrence(prep, col);
    const rest = (r.columns ?? []).filter((x) => !(x.heading === col.heading && ((x.nth ?? 0) === nth || nth === 1 && !x.nth)))
      .map((x) => (to.length === 1 && !["comments", "tags"].includes(to[0]!) && x.to?.includes(to[0]!) ? { ...x, to: x.to.filter((t) => t !== to[0]) } : x));
    return { ...r, columns: [...rest, { heading: col.heading, ...(nth ? { nth } : {}), to }] };
  };
}

function ColumnsStep({ j, prep }: { j: Journey; prep: api.Prepared }) {
  const options = targets(), label = (to: string[]) => to.map((t) => options.find((o) => o.value === t)?.label ?? t).join(" + ");
  const same = (key: string) => prep.recipe.same?.find((x) => x.field === key)?.value ?? "";
  const setSame = (key: string, value: string) => j.change((r) => ({ ...r, same: [...(r.same ?? []).filter((x) => x.field !== key), ...(value ? [{ field: key, value }] : [])] }));
  const given = (key: string) => prep.columns.some((col) => applied(prep, col).some((t) => t === key || t.startsWith(key + ".")));
  const open = prep.columns.filter((col) => !applied(prep, col).length && col.filled > 0);
  const [tags, setTags] = useState(same("tags"));
  return (
    <>
      <div class={c.body}>
        <Decisions j={j} prep={prep} />
        <section class={c.part}>
          <div class={c.partHead}><h2>{s.journey.same}</h2><p>{s.journey.sameHint}</p></div>
          <div class={c.same}>
            {!given("source") && <Field label={s.journey.source}><Select value={same("source")} onChange={(e) => setSame("source", e.currentTarget.value)} options={[{ value: "", label: s.journey.notSet }, ...choices("source")]} /></Field>}
            <Field label={s.journey.tags}><Input value={tags} onInput={(e) => setTags(e.currentTarget.value)} onChange={(e) => setSame("tags", e.currentTarget.value.trim())} /></Field>
            {!given("owner") && <Field label={s.journey.owner}><Select value={j.imp.owner ?? ""} onChange={(e) => j.owner(e.currentTarget.value)}
              options={[{ value: "", label: s.journey.ownerMe }, ...assignable.value.filter((p) => p.id !== session.value.user!.id).map((p) => ({ value: p.username, label: p.display }))]} /></Field>}
            <Field label={s.journey.country}><Combobox value={String(prep.recipe.file?.country ?? "")} options={[{ value: "", label: s.journey.notSet }, ...countries()]}
              onChange={(v) => j.change((r) => ({ ...r, file: { ...r.file, country: v || undefined } }))} /></Field>
          </div>
        </section>
        <section class={c.part}>
          <div class={c.partHead}><h2>{s.journey.columnsTitle}</h2>{!given("name") && !given("full_name") && <p>{s.journey.nameFrom}</p>}</div>
          <div class={c.cols}>
            <div class={c.colHead} aria-hidden="true"><span>{s.journey.column}</span><span>{s.journey.samples}</span><span>{s.journey.filled}</span><span /><span>{s.journey.field}</span><span /></div>
            {prep.columns.map((col) => {
              const to = applied(prep, col), own = to.length > 1 ? to.join("+") : to[0] ?? "", proposed = !to.length && col.confidence === "Check" && col.to.length > 0;
              const mine = to.length > 1 || own && !options.some((o) => o.value === own) ? [...options, { value: own, label: label(to), group: s.journey.fields }] : options;
              const certain = to.join() === col.to.join() && to.length ? col.confidence : "";
              return (
                <div key={col.column} class={c.col} role="group" aria-label={col.heading}>
                  <span class={c.heading} dir="auto">{col.heading}</span>
                  <span class={c.samples} dir="auto" title={col.samples.join(" · ")}>{col.samples.slice(0, 3).join(" · ")}</span>
                  <span class={c.fill}><meter value={col.filled} max={Math.max(1, prep.records)} aria-label={s.journey.filled} />{percent(prep.records ? col.filled / prep.records : 0)}</span>
                  <Icon of={iArrow} />
                  <div class={c.target}><Combobox compact label={s.journey.targetOf(col.heading)} options={mine} value={own} onChange={(v) => v !== own && j.change(mapTo(prep, col, v ? v.split("+") : []))} /></div>
                  <span title={col.reason}>{proposed ? <Button small onClick={() => j.change(mapTo(prep, col, col.to))}>{s.journey.checkThis(label(col.to))}</Button>
                    : certain ? <Badge tone={certain === "Exact" ? "ok" : "info"}>{s.journey.sure[certain.toLowerCase()] ?? certain}</Badge> : null}</span>
                </div>
              );
            })}
          </div>
          {open.length > 0 && <div class={c.bar}><span>{s.journey.remaining(open.length)}</span>
            <Button small onClick={() => j.change((r) => open.reduce((acc, col) => mapTo(prep, col, ["comments"])(acc), r))}>{s.journey.allToComments}</Button></div>}
        </section>
      </div>
      <Foot j={j} back="file">
        <LinkButton href={`/imports/${j.imp.id}/review`} onClick={() => j.recheck(true)}>{s.journey.validate}</LinkButton>
        <LinkButton look="primary" href={`/imports/${j.imp.id}/preview`}>{s.journey.importFile}</LinkButton>
      </Foot>
    </>
  );
}

// Decisions are the guesses that nothing proves; each is answered by a button.
function Decisions({ j, prep }: { j: Journey; prep: api.Prepared }) {
  const list = [...(prep.decisions ?? []), ...(j.busy ? [] : j.imp.decisions ?? []).filter((d) => !prep.decisions?.some((x) => x.code === d.code))];
  if (!list.length) return null;
  const answer = (a: api.DecisionAnswer) => {
    if (a.file) j.change((r) => ({ ...r, file: { ...r.file, [a.file!]: a.file === "header" ? Number(a.value) : a.value } }));
    else if (a.decide) j.change((r) => ({ ...r, decide: { ...r.decide, [a.decide!]: a.value! } }));
    else {
      const col = prep.columns.find((x) => x.heading === a.heading);
      if (col) j.change(mapTo(prep, col, a.to ?? []));
    }
  };
  const name = (d: api.Decision, a: api.DecisionAnswer) => a.file ? guessText(a.file, a.value!) : a.decide === "id" ? s.journey.idsOurs
    : a.to?.[0] === "external_id" ? s.journey.idsTheirs : `${a.heading} → ${a.to?.length ? field(a.to[0]!)?.label ?? a.to[0] : s.journey.notImported}`;
  return (
    <section class={c.part}>
      <div class={c.partHead}><h2>{s.journey.decisions}</h2><p>{s.journey.decisionsText}</p></div>
      {list.map((d) => <Notice key={d.code + d.heading} tone="warning" end={d.answers.map((a, i) => <Button key={i} small onClick={() => answer(a)}>{name(d, a)}</Button>)}>
        <strong>{d.question}</strong>{d.samples?.length ? <> {d.samples.slice(0, 3).join(" · ")}</> : null}</Notice>)}
    </section>
  );
}

// ---- Step: review

const foldValue = (v: string) => v.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");
const decide: Record<string, [string, string][]> = {
  "match.other_person": [["same", s.review.same], ["separate", s.review.separate], ["skip", s.review.skip]],
  "id.contradicted": [["same", s.review.sameLead], ["separate", s.review.separate], ["skip", s.review.skip]],
  "skip.deleted": [["new", s.review.bringIn]],
  "changed.since_export": [["file", s.review.file], ["keep", s.review.keep]],
  "erase.blank": [["erase", s.review.erase]],
};

function ReviewStep({ j, prep }: { j: Journey; prep: api.Prepared }) {
  const list = j.groups.filter((g) => g.severity !== "info" || g.suggestion);
  const notes = j.groups.filter((g) => g.severity === "info" && !g.suggestion);
  return (
    <>
      <div class={c.body}>
        <Decisions j={j} prep={prep} />
        <section class={c.part}>
          <h2>{j.imp.accounting.errors ? s.journey.withErrors : s.journey.groups}</h2>
          {j.busy && !list.length ? <Loading label={s.journey.checking} />
            : !list.length ? <Empty icon={iOk} title={s.journey.allGood}>{s.journey.allGoodText}</Empty>
            : <div class={c.groups}>{clusters(list).map((many) => (many.length > 3 ? <Cluster key={many[0]!.code + many[0]!.field} many={many} j={j} prep={prep} /> : many.map((g) => <GroupRow key={g.code + g.field + g.value} g={g} j={j} prep={prep} />)))}</div>}
        </section>
        {notes.length > 0 && <section class={c.part}><h2>{s.review.notes}</h2><div class={c.groups}>{notes.map((g) => <GroupRow key={g.code + g.field + g.value} g={g} j={j} prep={prep} />)}</div></section>}
      </div>
      <Foot j={j} back="columns">
        <Button onClick={() => j.recheck(true)}>{s.journey.validate}</Button>
        <LinkButton look="primary" href={`/imports/${j.imp.id}/preview`}>{s.journey.importFile}</LinkButton>
      </Foot>
    </>
  );
}

// clusters puts groups of one kind and column together, in the order of their first.
function clusters(list: api.Group[]): api.Group[][] {
  const by = new Map<string, api.Group[]>();
  for (const g of list) {
    const key = ["choice.unknown", "status.unknown", "owner.unknown"].includes(g.code) ? `${g.group}` : `${g.code} ${g.field ?? ""} ${g.column}`;
    by.set(key, [...(by.get(key) ?? []), g]);
  }
  return [...by.values()];
}

// fixesOf gives the cells of a group's records one new text.
async function fixesOf(id: number, g: api.Group, to: string) {
  const fixes: { record: number; column: number; was: string; new: string }[] = [];
  for (let first: number | undefined = 1; first && fixes.length < 10000;) {
    const page: api.RecordPage = await api.records(id, { group: g.group, first, limit: 500 });
    for (const r of page.items) fixes.push({ record: r.record, column: g.column, was: r.cells?.[g.column] ?? "", new: to });
    first = page.next;
  }
  return fixes;
}

// Cluster is many values with the same problem: one line, and its values on demand.
function Cluster({ many, j, prep }: { many: api.Group[]; j: Journey; prep: api.Prepared }) {
  const [open, setOpen] = useState(false), [busy, setBusy] = useState(false), [most, setMost] = useState(20), g = many[0]!;
  const suggested = many.filter((x) => x.suggestion && x.column >= 0);
  const all = async () => {
    setBusy(true);
    try {
      const fixes = [];
      for (const x of suggested) fixes.push(...await fixesOf(j.imp.id, x, x.suggestion!));
      await api.fix(j.imp.id, fixes.slice(0, 10000));
      toast(s.journey.fixed(fixes.length));
      j.recheck();
    } catch (e) { toast(api.say(e), { tone: "error" }); } finally { setBusy(false); }
  };
  const text = g.code === "duplicate.possible" ? s.review.duplicates : g.value ? g.message.split(`"${g.value}"`).join("…") : g.message;
  return (
    <div class={c.group}>
      <SeverityIcon of={g.severity} />
      <div class={c.groupText}>
        <p dir="auto">{g.heading && <b>{g.heading}: </b>}{text}</p>
        <p>{s.journey.inRecords(many.reduce((n, x) => n + x.count, 0))} · {s.review.values(many.length)}{g.remedy && ` · ${g.remedy}`}</p>
      </div>
      <div class={c.groupEnd}><Button small look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? s.review.hideValues : s.review.showValues}</Button></div>
      {suggested.length > 1 && <div class={c.answer}><Button small busy={busy} onClick={all}>{s.review.useAll(suggested.length)}</Button></div>}
      {open && <div class={c.inner}><div class={c.groups}>{many.slice(0, most).map((x) => <GroupRow key={x.value ?? x.group} g={x} j={j} prep={prep} />)}</div>
        {many.length > most && <div class={c.more}><Button small onClick={() => setMost(most + 50)}>{s.imports.more}</Button></div>}</div>}
    </div>
  );
}

function SeverityIcon({ of }: { of: string }) {
  return <Icon of={of === "error" ? iError : of === "warning" ? iWarn : iInfo} class={of === "error" ? c.eIcon : of === "warning" ? c.wIcon : c.iIcon} />;
}

function GroupRow({ g, j, prep }: { g: api.Group; j: Journey; prep: api.Prepared }) {
  const [open, setOpen] = useState(false), [to, setTo] = useState(g.suggestion ?? ""), [busy, setBusy] = useState(false);
  const f = g.field ? field(g.field) : undefined;
  const asked = ["choice.unknown", "status.unknown", "owner.unknown", "owner.not_assignable"].includes(g.code) && f && g.value;
  const answer = (v: string) => j.change((r) => ({ ...r, values: { ...r.values, [g.field!]: { ...r.values?.[g.field!], [foldValue(g.value!)]: v } } }));
  const options: ComboOption[] = !asked ? [] : f.kind === "user" ? assignable.value.map((p) => ({ value: p.username, label: p.display, note: p.username }))
    : [...choices(f.key), { value: "add:", label: s.journey.addChoice(g.value!) }, { value: "tag:", label: s.journey.keepTag }, ...(f.key === "status" ? [] : [{ value: "empty", label: s.journey.leaveEmpty }])];
  // The same correction goes to the cells of all the group's records.
  const correct = async () => {
    setBusy(true);
    try {
      const fixes = await fixesOf(j.imp.id, g, to);
      await api.fix(j.imp.id, fixes.slice(0, 10000));
      toast(s.journey.fixed(fixes.length));
      j.recheck();
    } catch (e) { toast(api.say(e), { tone: "error" }); } finally { setBusy(false); }
  };
  const mends = g.column >= 0 && g.value && g.severity !== "info" && !asked && g.code !== "integer.range" && g.count <= 10000;
  const answers = decide[g.code];
  const now = prep.recipe.decide?.[g.code];
  return (
    <div class={c.group}>
      <SeverityIcon of={g.severity} />
      <div class={c.groupText}>
        <p dir="auto">{g.heading && <b>{g.heading}: </b>}{g.message}</p>
        <p>{g.record ? s.journey.inRecords(g.count) : s.review.wholeFile}{g.remedy && ` · ${g.remedy}`}</p>
      </div>
      <div class={c.groupEnd}>{g.record ? <Button small look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? s.review.hide : s.journey.showRecords}</Button> : null}</div>
      {asked && <div class={c.answer}><span>{s.journey.mapTo}</span><div><Combobox compact label={`${s.journey.mapTo}: ${g.value}`} placeholder={s.journey.mapPlaceholder} options={options} value="" onChange={(v) => answer(v === "empty" ? "" : v)} /></div></div>}
      {g.code === "integer.range" && <div class={c.answer}>{(["lower", "upper", "empty"] as const).map((r) => <Button key={r} small onClick={() => j.change((x) => ({ ...x, columns: (x.columns ?? []).map((col) => (col.heading === g.heading ? { ...col, range: r } : col)) }))}>{s.review.range[r]}</Button>)}</div>}
      {answers && <div class={c.answer}>{answers.map(([v, label]) => <Button key={v} small aria-pressed={now === v || undefined} onClick={() => j.change((r) => ({ ...r, decide: { ...r.decide, [g.code]: v } }))}>{label}</Button>)}</div>}
      {mends && <form class={c.answer} onSubmit={(e) => { e.preventDefault(); if (to && to !== g.value) correct(); }}>
        <div><Input compact aria-label={`${s.journey.replaceBy}: ${g.value}`} placeholder={s.journey.replaceBy} value={to} dir="auto" onInput={(e) => setTo(e.currentTarget.value)} /></div>
        <Button small type="submit" busy={busy}>{g.suggestion && to === g.suggestion ? s.journey.suggestion(g.suggestion) : s.journey.fix}</Button>
      </form>}
      {open && <div class={c.inner}><Records id={j.imp.id} group={g.group} column={g.column} turn={j.turn} onFixed={() => j.recheck()} /></div>}
    </div>
  );
}

// ---- Step: preview

function PreviewStep({ j, prep, onStarted }: { j: Journey; prep: api.Prepared; onStarted: (i: api.Import) => void }) {
  const a = j.imp.accounting, leads = a.new + a.update, [busy, setBusy] = useState(false), [said, setSaid] = useState<string | null>(null), key = useRef(crypto.randomUUID());
  const outcome = query.value.get("outcome") ?? (a.conflicts ? "conflict" : a.update ? "update" : a.new ? "new" : "all");
  const open = [...(prep.decisions ?? []), ...(j.imp.decisions ?? [])].length > 0;
  const unmapped = prep.columns.filter((col) => !applied(prep, col).length && col.filled > 0).length;
  const start = async () => {
    if (open) { setSaid(s.journey.openDecisions); return; }
    if (!leads) { setSaid(s.journey.nothingToImport); return; }
    setBusy(true);
    try {
      const now = await api.act(j.imp.id, "start", key.current);
      toast(session.value.mail ? s.journey.startedMail : s.journey.started);
      navigate(`/imports/${j.imp.id}`, { replace: true });
      onStarted(now);
    } catch (e) { setSaid(api.say(e)); key.current = crypto.randomUUID(); } finally { setBusy(false); }
  };
  if (!j.imp.checked) return <><div class={c.body}><Loading label={s.journey.checking} /></div><Foot j={j} back="review">{null}</Foot></>;
  return (
    <>
      <div class={c.body}>
        {said && <Notice tone="warning" live>{said}</Notice>}
        <Decisions j={j} prep={prep} />
        <section class={c.part}>
          <h2>{s.journey.accounting}</h2>
          <Line of={a} label={s.journey.accounting} at={outcome} href={(o) => `/imports/${j.imp.id}/preview?outcome=${o || "all"}`} />
          <div class={c.facts}>
            {a.update_fill ? <span>{number(a.update_fill)} {s.journey.fills}</span> : null}
            {a.update_replace ? <span>{number(a.update_replace)} {s.journey.replaces}</span> : null}
            {a.update_typed ? <span>{number(a.update_typed)} {s.journey.typed}</span> : null}
            {a.cells_not_imported ? <span>{s.journey.cellsLeftOut(a.cells_not_imported)}</span> : null}
            {a.accounts ? <span>{s.journey.accountsMade(a.accounts)}</span> : null}
            {a.tags ? <span>{s.journey.tagsMade(a.tags)}</span> : null}
            {a.new ? <span>{s.journey.ownersLine(ownerName(j.imp), a.new)} · <a href={`/imports/${j.imp.id}/columns`}>{s.change}</a></span> : null}
            {unmapped ? <span>{s.journey.unmappedLine(unmapped)} · <a href={`/imports/${j.imp.id}/columns`}>{s.change}</a></span> : null}
            <span>{s.journey.undoLater}</span>
          </div>
        </section>
        {(a.update > 0 || a.unchanged > 0 || prep.recipe.existing) && <div class={c.choicesRow}><Field label={s.journey.existing}>
          <Select value={prep.recipe.existing ?? ""} onChange={(e) => j.change((r) => ({ ...r, existing: e.currentTarget.value || undefined }))} options={Object.entries(s.journey.existingChoices).map(([value, label]) => ({ value, label }))} /></Field></div>}
        <section class={c.part}>
          <h2>{s.review.heads[outcome] ?? s.journey.anyOutcome}</h2>
          <Records id={j.imp.id} outcome={outcome === "all" ? undefined : outcome} turn={j.turn} />
        </section>
      </div>
      <Foot j={j} back="review"><Button look="primary" busy={busy || j.busy} onClick={() => !j.busy && start()}>{s.journey.import(leads)}</Button></Foot>
    </>
  );
}

function ownerName(i: api.Import): string {
  const p = i.owner ? assignable.value.find((x) => x.username === i.owner) : null;
  return p ? p.display : i.owner || personName(i.actor);
}

// ---- Run and result

function Outcome({ imp, groups, turn, setImp, watch }: { imp: api.Import; groups: api.Group[]; turn: number; setImp: (i: api.Import) => void; watch: () => void }) {
  const [undoing, setUndoing] = useState(false), [busy, setBusy] = useState(false), a = imp.accounting, leads = a.new + a.update;
  const act = async (what: "cancel" | "continue") => {
    setBusy(true);
    try { setImp(await api.act(imp.id, what)); watch(); } catch (e) { toast(api.say(e), { tone: "error" }); } finally { setBusy(false); }
  };
  const outcome = query.value.get("outcome") ?? (a.conflicts ? "conflict" : a.errors ? "error" : "all");
  const canUndo = imp.kind !== "undo" && ["done", "cancelled", "failed", "partly undone"].includes(imp.state) && (leads > 0 || imp.kind === "bulk");
  if (!atRest(imp.state)) return <div class={c.body}><Running imp={imp} busy={busy} onCancel={() => act("cancel")} /></div>;
  const rejected = a.errors + a.conflicts + (a.cells_not_imported ? 1 : 0) > 0;
  const head = imp.kind === "undo" ? s.imports.states.done! : imp.state === "undone" ? s.journey.undoneTitle : imp.state === "partly undone" ? s.journey.partlyTitle : imp.state === "failed" ? s.journey.failedTitle
    : imp.state === "paused" ? s.journey.pausedTitle : imp.state === "cancelled" ? s.journey.cancelledTitle(leads, leads) : leads ? s.journey.doneTitle(leads) : s.journey.nothingImported;
  const bad = imp.state === "failed" || imp.state === "paused";
  return (
    <div class={c.body}>
      <div class={c.done}>
        <Icon of={bad ? iError : iOk} size={24} class={bad ? c.eIcon : ""} />
        <div class={c.part}>
          <div><h2>{head}</h2>
            <p>{[imp.finished && moment(imp.finished), imp.reason, canUndo && imp.undo_until && s.journey.undoUntil(day(imp.undo_until))].filter(Boolean).join(" · ")}</p></div>
          <div class={c.buttons}>
            {imp.kind === "file" && a.new > 0 && imp.state !== "undone" && <LinkButton look="primary" href={`/leads?import=${imp.id}`}>{s.journey.openInLeads}</LinkButton>}
            {(imp.state === "cancelled" || imp.state === "paused") && <Button busy={busy} onClick={() => act("continue")}>{s.journey.goOn}</Button>}
            {canUndo && <Button icon={iUndo} onClick={() => setUndoing(true)}>{imp.state === "cancelled" ? s.journey.undoThese : s.journey.undoTitle}</Button>}
            {imp.parent ? <LinkButton href={`/imports/${imp.parent}`}>{s.journey.seeBefore}</LinkButton> : null}
          </div>
        </div>
      </div>
      {imp.kind === "undo" ? <div class={c.facts}>
        {a.removed ? <span>{s.journey.undoRemoved(a.removed)}</span> : null}{a.restored ? <span>{s.journey.undoRestored(a.restored)}</span> : null}{a.kept ? <span>{s.journey.undoKept(a.kept)}</span> : null}
      </div> : a.records > 0 && <section class={c.part}>
        <h2>{s.review.became}</h2>
        <Line of={a} label={s.review.became} at={outcome} href={(o) => `/imports/${imp.id}?outcome=${o || "all"}`} />
        <div class={c.facts}>
          {imp.started && imp.finished ? <span>{s.journey.took} {duration((+new Date(imp.finished) - +new Date(imp.started)) / 1000)}</span> : null}
          <span>{personName(imp.actor)}</span>
          {a.cells_not_imported ? <span>{s.journey.cellsLeftOut(a.cells_not_imported)}</span> : null}
        </div>
      </section>}
      {imp.kind === "file" && imp.checked && rejected && <Notice tone={a.errors ? "error" : "warning"} end={<>
        <LinkButton small href={api.rejectsURL(imp.id, "csv")} download>{s.journey.rejectsCSV}</LinkButton><LinkButton small href={api.rejectsURL(imp.id, "xlsx")} download>{s.journey.rejectsXLSX}</LinkButton></>}>
        <strong>{s.journey.rejects}.</strong> {a.errors + a.conflicts ? s.journey.rejectsText(a.errors + a.conflicts) : s.journey.cellsLeftOut(a.cells_not_imported)}</Notice>}
      {imp.kind === "file" && imp.checked && <>
        <Lookup id={imp.id} most={a.records} />
        <section class={c.part}><h2>{s.review.heads[outcome] ?? s.journey.anyOutcome}</h2><Records id={imp.id} outcome={outcome === "all" ? undefined : outcome} turn={turn} /></section>
      </>}
      {imp.kind === "file" && !imp.checked && groups.length === 0 && imp.reason && <Notice tone="error">{imp.reason}</Notice>}
      {undoing && <Undo imp={imp} onClose={() => setUndoing(false)} />}
    </div>
  );
}

function Running({ imp, busy, onCancel }: { imp: api.Import; busy: boolean; onCancel: () => void }) {
  const p = imp.progress, from = useRef<{ at: number; done: number } | null>(null);
  if (p && !from.current) from.current = { at: Date.now(), done: p.done };
  const span = from.current ? (Date.now() - from.current.at) / 1000 : 0;
  const begun = imp.started ? (Date.now() - +new Date(imp.started)) / 1000 : span;
  const rate = p && p.done > 0 ? (span > 2 && p.done > from.current!.done ? (p.done - from.current!.done) / span : p.done / Math.max(1, begun)) : 0;
  const stopping = imp.state === "cancelling";
  return (
    <section class={c.run}>
      <h2>{stopping ? s.journey.cancelling : imp.kind === "undo" || imp.state === "undoing" ? s.journey.undoing : s.journey.running}</h2>
      <Progress value={p?.done ?? 0} max={p?.total ?? 0} label={s.journey.running} />
      <div class={c.runLine}>
        {p && p.total > 0 && <span>{s.journey.doneOf(p.done, p.total)}</span>}
        {rate > 0 && p!.total > 0 && <span>{s.journey.perSecond(Math.round(rate))}</span>}
        {rate > 0 && p!.total > p!.done && <span>{s.journey.left(duration((p!.total - p!.done) / rate))}</span>}
      </div>
      <p class={c.quiet}>{s.journey.survives}</p>
      {!stopping && imp.state === "running" && <div><Button busy={busy} onClick={onCancel}>{s.journey.cancelRun}</Button></div>}
    </section>
  );
}

function Lookup({ id, most }: { id: number; most: number }) {
  const [n, setN] = useState(""), [found, setFound] = useState<api.Fate | null>(null), [wrong, setWrong] = useState<string | null>(null);
  const look = async (e: Event) => {
    e.preventDefault();
    setWrong(null);
    setFound(null);
    const k = Number(n);
    if (!Number.isInteger(k) || k < 1 || k > most) { setWrong(s.review.range1(most)); return; }
    try { setFound(await api.fate(id, k)); } catch (x) { setWrong(api.say(x)); }
  };
  return (
    <section class={c.part}>
      <form class={c.lookup} onSubmit={look}>
        <Field label={s.journey.findRecord} wrong={wrong}><Input inputMode="numeric" value={n} onInput={(e) => setN(e.currentTarget.value)} /></Field>
        <Button type="submit">{s.journey.findRecordButton}</Button>
      </form>
      {found && <Notice live end={found.lead ? <LinkButton small href={`/leads/${found.lead}`}>{s.journey.openLead}</LinkButton> : undefined}>
        <strong>{s.journey.becameOf(found.record)}: {s.journey.outcomes[found.outcome] ?? found.outcome}.</strong>{" "}
        {[found.note, found.merged_into ? s.journey.mergedInto(found.merged_into) : "", ...(found.issues ?? []).map((i) => (i.heading ? `${i.heading}: ` : "") + i.message)].filter(Boolean).join(" ")}</Notice>}
    </section>
  );
}

// Undo shows what would happen, then does it.
function Undo({ imp, onClose }: { imp: api.Import; onClose: () => void }) {
  const [plan, setPlan] = useState<{ accounting: api.Accounting; kept: api.Kept[] | null } | null>(null), [too, setToo] = useState(false), [wrong, setWrong] = useState<string | null>(null), [busy, setBusy] = useState(false);
  useEffect(() => { setPlan(null); api.previewUndo(imp.id, too).then(setPlan, (e) => setWrong(api.say(e))); }, [too]);
  const run = async () => {
    if (!plan || !plan.accounting.removed && !plan.accounting.restored) { setWrong(s.journey.undoNothing); return; }
    setBusy(true);
    try { const u = await api.undoNow(imp.id, too); navigate(`/imports/${u.id}`); onClose(); } catch (e) { setWrong(api.say(e)); setBusy(false); }
  };
  const a = plan?.accounting;
  return (
    <Dialog title={s.journey.undoAsk} onClose={onClose} foot={<><Button onClick={onClose}>{s.cancel}</Button><Button look="danger" icon={iUndo} busy={busy} onClick={run}>{s.journey.undoNow}</Button></>}>
      {wrong && <Notice tone="error" live>{wrong}</Notice>}
      {!a ? !wrong && <Loading /> : <>
        <ul class={c.part}>
          {a.removed ? <li><Dot tone="warning" /> {s.journey.undoRemoved(a.removed)}</li> : null}
          {a.restored ? <li><Dot tone="accent" /> {s.journey.undoRestored(a.restored)}</li> : null}
          {a.kept ? <li><Dot /> {s.journey.undoKept(a.kept)}</li> : null}
          {!a.removed && !a.restored ? <li>{s.journey.undoNothing}</li> : null}
        </ul>
        {plan!.kept?.length ? <>
          <ul class={c.kept}>{plan!.kept.slice(0, 100).map((k) => <li key={k.record}><a href={`/leads/${k.lead}`} dir="auto">{k.name || `#${k.lead}`}</a> · {k.why}{k.actor ? ` · ${personName(k.actor)}` : ""}</li>)}</ul>
          <label><input type="checkbox" checked={too} onChange={(e) => setToo(e.currentTarget.checked)} /> {s.journey.undoRemoveToo}</label>
        </> : null}
      </>}
    </Dialog>
  );
}
