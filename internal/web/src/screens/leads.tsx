import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./leads.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, query, setQuery } from "../router";
import { may } from "../session";
import { useKeep } from "../load";
import { editable, elements, elementText, field, fields, know, type Lead, text } from "../desk";
import { number } from "../format";
import { leaveTrail } from "../trail";
import { filterIn, forAPI } from "../filter";
import { Button, Empty, LinkButton, Menu, type MenuItem, Search, toast } from "../ui/kit";
import { type Column, LeadGrid } from "./grid";
import { Views } from "./views";
import { Bulk } from "./bulk";
import { Filters } from "./filters";
import { Twins } from "./twins";
import iUpload from "../../vendor/lucide/upload.svg";
import iPlus from "../../vendor/lucide/plus.svg";
import iDown from "../../vendor/lucide/download.svg";
import iColumns from "../../vendor/lucide/columns-3.svg";
import iSort from "../../vendor/lucide/arrow-up-down.svg";
import iUsers from "../../vendor/lucide/users.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iInbox from "../../vendor/lucide/inbox.svg";

const pageSize = 100;
// Widths and orders of the usual columns; every other field can be one, too.
const known: Record<string, [width: string, sort?: string]> = {
  name: ["minmax(200px, 1.6fr)", "name"],
  status: ["minmax(124px, 0.8fr)"],
  company_name: ["minmax(150px, 1.3fr)", "company"],
  emails: ["minmax(190px, 1.5fr)"],
  phones: ["minmax(172px, 1.1fr)"],
  owner: ["minmax(146px, 1fr)"],
  tags: ["minmax(160px, 1.2fr)"],
  follow_up_on: ["minmax(120px, 0.8fr)"],
  website: ["minmax(180px, 1.2fr)"],
  updated_at: ["minmax(130px, 0.8fr)", "updated"],
  created_at: ["minmax(112px, 0.7fr)", "created"],
};
const usual = ["name", "status", "company_name", "emails", "phones", "owner", "created_at"];

function columnsOf(keys: string[]): Column[] {
  return allColumns().filter((x) => keys.includes(x.key));
}
function allColumns(): Column[] {
  const label = (key: string) =>
    ({ created_at: s.leads.created, updated_at: s.leads.updated })[key] ?? field(key)?.label ?? key;
  const more = fields.value
    .filter(
      (f) =>
        !known[f.key] &&
        (editable(f) || f.key === "source_created" || f.key === "account") &&
        !["notes", "addresses"].includes(f.key),
    )
    .map((f) => f.key);
  return [
    ...Object.keys(known).filter((k) => k !== "updated_at" && k !== "created_at"),
    ...more,
    "updated_at",
    "created_at",
  ].map((key) => ({
    key,
    label: label(key),
    width: known[key]?.[0] ?? "minmax(140px, 1fr)",
    sort: known[key]?.[1],
  }));
}

const isNarrow = () => matchMedia("(max-width: 820px)").matches;

export function LeadsScreen() {
  const q = query.value;
  const view = q.get("view") ?? "";
  const bin = view === "bin";
  const [ready, setReady] = useState(fields.value.length > 0);
  const [leads, setLeads] = useState<Lead[]>([]);
  const [next, setNext] = useState("");
  const [state, setState] = useState<{
    busy: boolean;
    error: unknown;
    indexing: boolean;
    count: number | null;
  }>({
    busy: true,
    error: null,
    indexing: false,
    count: 0,
  });
  const [turn, setTurn] = useState(0);
  const [picked, setPicked] = useState<Set<number>>(new Set());
  const [everything, setEverything] = useState(false);
  const [kept, setKept] = useKeep("columns", usual);
  const [narrow, setNarrow] = useState(isNarrow());
  const abort = useRef<AbortController | null>(null);
  const loading = useRef(false);
  const filter = filterIn(q);
  const sort = q.get("sort") ?? "created";
  const asc = q.get("asc") === "1";
  const shown = q.get("cols")?.split(",") ?? kept;
  const key = JSON.stringify([filter, sort, asc, view === "duplicates" || bin ? view : ""]);
  const wanted = forAPI(filter, bin);
  const order = { sort, order: asc ? "asc" : "desc" };

  useEffect(() => {
    know().then(
      () => setReady(true),
      (error) => setState((o) => ({ ...o, busy: false, error })),
    );
    const m = matchMedia("(max-width: 820px)");
    const f = () => setNarrow(m.matches);
    m.addEventListener("change", f);
    return () => m.removeEventListener("change", f);
  }, [turn]);
  useEffect(() => {
    if (view === "duplicates") return;
    abort.current?.abort();
    const mine = (abort.current = new AbortController());
    loading.current = true;
    setState((o) => ({ ...o, busy: true, error: null }));
    setPicked(new Set());
    setEverything(false);
    api
      .listLeads({ ...wanted, ...order, limit: pageSize }, mine.signal)
      .then(
        (page) => {
          if (mine.signal.aborted) return;
          setLeads(page.items);
          setNext(page.next ?? "");
          const counted = (count: number | null) => setState((o) => ({ ...o, count }));
          setState((o) => ({ ...o, busy: false, indexing: !!page.indexing }));
          counted(page.next ? null : page.items.length);
          // The leads do not wait for their number.
          if (page.next)
            api.listLeads({ ...wanted, limit: 1, count: true }, mine.signal).then(
              (all) => !mine.signal.aborted && counted(all.count!),
              () => {}, // the list goes without
            );
        },
        (error) => {
          if (!mine.signal.aborted) setState((o) => ({ ...o, busy: false, error }));
        },
      )
      .finally(() => {
        if (abort.current === mine) loading.current = false;
      });
    return () => mine.abort();
  }, [key, turn]);
  const many = (state.count ?? 0) > 10000;
  const count = state.count === null ? "" : many ? s.leads.countMore(10000) : s.leads.count(state.count);
  useEffect(() => {
    if (leads.length)
      leaveTrail({
        ids: leads.map((l) => l.id),
        next,
        filter: wanted,
        order,
        back: location.pathname + location.search,
        count: state.count === null ? "…" : many ? "10,000+" : number(state.count),
      });
  }, [leads, next, state.count]);

  const more = () => {
    if (!next || loading.current) return;
    loading.current = true;
    const mine = abort.current!;
    api
      .listLeads({ ...wanted, ...order, limit: pageSize, after: next }, mine.signal)
      .then(
        (page) => {
          if (mine.signal.aborted) return;
          setLeads((old) => [...old, ...page.items]);
          setNext(page.next ?? "");
        },
        (error) => {
          if (!mine.signal.aborted) toast(api.say(error), { tone: "error" });
        },
      )
      .finally(() => {
        loading.current = false;
      });
  };
  const put = (l: Lead) => setLeads((old) => old.map((x) => (x.id === l.id ? l : x)));
  const again = () => setTurn((n) => n + 1);
  const pick = (ids: number[], yes: boolean) => {
    setEverything(false);
    setPicked((old) => {
      const p = new Set(old);
      for (const id of ids) yes ? p.add(id) : p.delete(id);
      return p;
    });
  };
  const setShown = (keys: string[]) => (q.get("cols") ? setQuery({ cols: keys.join(",") }) : setKept(keys));
  const sortBy = (x: Column) =>
    setQuery({
      sort: x.sort === "created" ? null : x.sort!,
      asc: (x.sort === sort ? !asc : x.sort === "name" || x.sort === "company") ? "1" : null,
    });
  const filtered = Object.keys(filter).length > 0;
  const failed = state.error && !leads.length;
  const cols = columnsOf(shown);
  const sortMenu: MenuItem[] = [
    ...Object.entries(s.leads.sortBy).map(([k, label]) => ({
      label,
      on: sort === k,
      onSelect: () =>
        setQuery({ sort: k === "created" ? null : k, asc: k === "name" || k === "company" ? "1" : null }),
    })),
    "rule" as const,
    { label: s.leads.ascending, on: asc, onSelect: () => setQuery({ asc: "1" }) },
    { label: s.leads.descending, on: !asc, onSelect: () => setQuery({ asc: null }) },
  ];
  const exports = (format: string, these: boolean) =>
    api.exportURL(format, wanted, these ? shown.filter((k) => field(k)).join(",") : undefined);
  return (
    <Page
      title={s.leads.title}
      bare
      actions={
        <>
          {may("lead.export") && view !== "duplicates" && (
            <Menu
              look="plain"
              icon={iDown}
              label={narrow ? s.leads.export : undefined}
              end
              items={[
                { group: filtered || bin ? s.leads.exportThese(count) : s.leads.exportAll },
                { label: s.leads.exportCSV, href: exports("csv", false), download: true },
                { label: s.leads.exportXLSX, href: exports("xlsx", false), download: true },
                "rule",
                { label: s.leads.exportColumnsCSV, href: exports("csv", true), download: true },
                { label: s.leads.exportColumnsXLSX, href: exports("xlsx", true), download: true },
              ]}
            >
              {narrow ? null : s.leads.export}
            </Menu>
          )}
          {may("lead.create") && (
            <LinkButton href="/leads/new" icon={iPlus}>
              {s.leads.create}
            </LinkButton>
          )}
          {may("import") && (
            <LinkButton href="/imports/new" look="primary" icon={iUpload}>
              {s.leads.importFile}
            </LinkButton>
          )}
        </>
      }
    >
      <div class={c.desk}>
        <Views shown={shown} />
        {view !== "duplicates" && (
          <div class={c.tools}>
            <div class={c.find}>
              <SearchLeads value={filter.q ?? ""} />
            </div>
            <Filters filter={filter} leads={leads} ready={ready} />
            <span class={c.end}>
              <Menu look="plain" icon={iSort} items={sortMenu} end>
                {s.leads.sortBy[sort]}
              </Menu>
              {!narrow && (
                <Menu
                  look="plain"
                  icon={iColumns}
                  end
                  items={allColumns()
                    .slice(1)
                    .map((x) => ({
                      label: x.label,
                      on: shown.includes(x.key),
                      onSelect: () =>
                        setShown(
                          shown.includes(x.key) ? shown.filter((k) => k !== x.key) : [...shown, x.key],
                        ),
                    }))}
                >
                  {s.leads.columns}
                </Menu>
              )}
            </span>
          </div>
        )}
        {view === "duplicates" ? (
          <Twins />
        ) : failed ? (
          <Failed error={state.error} again={again} />
        ) : !ready || state.busy || leads.length ? (
          <LeadGrid
            leads={ready ? leads : []}
            columns={cols}
            sort={sort}
            asc={asc}
            onSort={sortBy}
            picked={picked}
            onPick={pick}
            onPickAll={(yes) => {
              setEverything(false);
              setPicked(yes ? new Set(leads.map((l) => l.id)) : new Set());
            }}
            put={put}
            more={more}
            last={!next}
            busy={state.busy}
            narrow={narrow}
            cardNote={(l) =>
              // Each isolated (Unicode's FSI and PDI): a name from right to left turns nothing else around.
              [text(l, "company_name"), elements(l, "emails").map((e) => elementText("emails", e))[0]]
                .filter(Boolean)
                .map((x) => `\u2068${x}\u2069`)
                .join(" · ") || " "
            }
          />
        ) : (
          <NoLeads filtered={filtered} bin={bin} />
        )}
        {picked.size > 0 && (
          <Bulk
            picked={leads.filter((l) => picked.has(l.id))}
            filter={everything ? wanted : null}
            all={picked.size === leads.length && next ? (state.count ?? 0) : 0}
            bin={bin}
            onEverything={() => setEverything(true)}
            onClear={() => {
              setPicked(new Set());
              setEverything(false);
            }}
            onDone={again}
          />
        )}
        {view !== "duplicates" && !failed && leads.length > 0 && (
          <div class={c.foot} role="status">
            <span>{state.error ? api.say(state.error) : count}</span>
            {state.indexing && <span>{s.leads.indexing}</span>}
          </div>
        )}
      </div>
    </Page>
  );
}

function SearchLeads({ value }: { value: string }) {
  const [now, setNow] = useState(value);
  const wait = useRef(0);
  useEffect(() => setNow(value), [value]);
  const put = (v: string) => {
    setNow(v);
    clearTimeout(wait.current);
    wait.current = setTimeout(() => setQuery({ q: v.trim() || null }), 250) as unknown as number;
  };
  return (
    <Search label={s.leads.search} value={now} maxLength={200} onInput={(e) => put(e.currentTarget.value)} />
  );
}

function NoLeads({ filtered, bin }: { filtered: boolean; bin: boolean }) {
  if (bin && !filtered)
    return (
      <Empty icon={iTrash} title={s.leads.binEmpty}>
        {s.leads.binEmptyText}
      </Empty>
    );
  if (filtered)
    return (
      <Empty
        icon={iInbox}
        title={s.leads.noMatch}
        actions={<Button onClick={() => navigate("/leads")}>{s.leads.clearFilters}</Button>}
      >
        {s.leads.noMatchText}
      </Empty>
    );
  return (
    <Empty
      icon={iUsers}
      title={s.leads.none}
      actions={
        <>
          {may("import") && (
            <LinkButton look="primary" icon={iUpload} href="/imports/new">
              {s.leads.importFile}
            </LinkButton>
          )}
          {may("lead.create") && (
            <LinkButton icon={iPlus} href="/leads/new">
              {s.leads.create}
            </LinkButton>
          )}
        </>
      }
    >
      {s.leads.noneText}
    </Empty>
  );
}
