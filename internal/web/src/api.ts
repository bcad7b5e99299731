// Calls of the REST API. Nothing else on this side knows a URL of it.
import { signal } from "@preact/signals";
import { s } from "./strings";
import type * as t from "./api-types";

export const root = "/api/v1";

// Problem is an answer of RFC 9457 (problem+json), or no answer at all.
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: { location?: string; message?: string }[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }
}

// offline is true from a call that got no answer to the next one that does.
export const offline = signal(false);
// signedOut is true after a call that was refused for want of a session.
export const signedOut = signal(false);

export type Answer<T> = { body: T; etag: string | null; status: number };

export async function call<T>(
  method: string,
  path: string,
  opt: {
    body?: unknown;
    raw?: BodyInit;
    type?: string;
    etag?: string | null;
    key?: string;
    signal?: AbortSignal;
  } = {},
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  let body: BodyInit | undefined = opt.raw;
  if (opt.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(opt.body);
  } else if (opt.type) headers["Content-Type"] = opt.type;
  if (opt.etag) headers["If-Match"] = opt.etag;
  if (opt.key) headers["Idempotency-Key"] = opt.key;
  let got: Response;
  try {
    got = await fetch(path.startsWith("/") ? root + path : path, {
      method,
      headers,
      body,
      signal: opt.signal,
      credentials: "same-origin",
    });
  } catch (e) {
    if ((e as Error).name === "AbortError") throw e;
    offline.value = true;
    throw new Problem(0, s.error.offline, s.error.offlineDetail);
  }
  offline.value = false;
  const isJSON = /json/.test(got.headers.get("Content-Type") ?? "");
  // A body that ends early, by abort or by a cut line, is no answer.
  const data = isJSON
    ? await got.json().catch((e: Error) => {
        if (got.ok) throw e;
        return null;
      })
    : null;
  if (!got.ok) {
    if (got.status === 401 && !path.startsWith("/session")) signedOut.value = true;
    const p = (data ?? {}) as {
      title?: string;
      detail?: string;
      errors?: { location?: string; message?: string }[];
    };
    throw new Problem(
      got.status,
      p.title ?? s.error.title,
      p.detail ?? s.error.status(got.status),
      p.errors ?? [],
      (data ?? {}) as Record<string, unknown>,
    );
  }
  return { body: data as T, etag: got.headers.get("ETag"), status: got.status };
}

export async function get<T>(path: string, abort?: AbortSignal): Promise<T> {
  return (await call<T>("GET", path, { signal: abort })).body;
}
export async function post<T>(path: string, body: unknown = {}, key?: string): Promise<T> {
  return (await call<T>("POST", path, { body, key })).body;
}

// params writes a query without its empty values.
export function params(list: Record<string, string | number | boolean | undefined | null>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(list))
    if (v !== undefined && v !== null && v !== "" && v !== false) q.set(k, String(v));
  const text = q.toString();
  return text ? "?" + text : "";
}

export function say(e: unknown): string {
  if (e instanceof Problem) {
    const more = e.errors
      .map((x) => x.message)
      .filter(Boolean)
      .join(" ");
    return [e.detail || e.title, more, e.body.remedy].filter(Boolean).join(" ");
  }
  return s.error.title;
}

// ---- Session

export type User = t.User;
export type Me = t.Me;

export const signIn = (username: string, password: string) =>
  call<Me>("POST", "/session", { body: { username, password } });
export const signInByLink = (secret: string) => call<Me>("POST", "/session/link", { body: { secret } });
export const setUp = (secret: string, f: Record<string, string>) =>
  call<Me>("POST", "/setup", { body: { ...f, secret } });
export const needsSetUp = async () => (await get<{ needed: boolean }>("/setup")).needed;

// ---- Schema

export type FieldInfo = t.FieldInfo;
export type Schema = t.SchemaInfo;
export const addChoice = (field: string, label: string) =>
  call("POST", `/fields/${field}/options`, { body: { label } });
export const retireChoice = (field: string, option: string) =>
  call("DELETE", `/fields/${field}/options/${encodeURIComponent(option)}`);
export const addField = async (label: string, kind: string, imp?: number) =>
  (await call<FieldInfo>("POST", "/fields", { body: { label, kind, import: imp } })).body;
export const schema = () => get<Schema>("/schema");

// ---- Leads

export type Lead = t.LeadInfo;
export type Notice = t.FieldProblem;
export type LeadFilter = Partial<
  Record<
    | "q"
    | "status"
    | "source"
    | "owner"
    | "import"
    | "changed_import"
    | "tag"
    | "country"
    | "domain"
    | "follow_up"
    | "linked",
    string
  >
> &
  Partial<Record<"open" | "untouched" | "last_import" | "bin", boolean>>;
export type LeadPage = t.LeadPage;

export const listLeads = (
  f: LeadFilter & { sort?: string; order?: string; limit?: number; after?: string; count?: boolean },
  abort?: AbortSignal,
) => get<LeadPage>("/leads" + params(f), abort);
export const getLead = (id: number, abort?: AbortSignal) => get<Lead>(`/leads/${id}`, abort);
const tag = (version: number) => `"${version}"`;
export const createLead = async (values: Record<string, unknown>) =>
  (await call<Lead & { notices?: Notice[] }>("POST", "/leads", { body: { values } })).body;
export const editLead = async (id: number, version: number, values: Record<string, unknown>) =>
  (
    await call<Lead & { notices?: Notice[] }>("PATCH", `/leads/${id}`, {
      body: { values },
      etag: tag(version),
    })
  ).body;
export const binLead = async (l: Lead) =>
  (await call<Lead>("DELETE", `/leads/${l.id}`, { etag: tag(l.version) })).body;
export const restoreLead = async (l: Lead) =>
  (await call<Lead>("POST", `/leads/${l.id}/restore`, { etag: tag(l.version) })).body;
export const comment = (id: number, text: string) => post<Lead>(`/leads/${id}/comments`, { text });

export type Change = t.ChangeInfo;
export type Origin = t.Origin;
export type History = t.HistoryInfo;
export const leadHistory = (id: number, abort?: AbortSignal) => get<History>(`/leads/${id}/history`, abort);
export type Duplicate = t.DuplicateInfo;
export const duplicates = async (id: number, abort?: AbortSignal) =>
  (await get<{ items: Duplicate[] }>(`/leads/${id}/duplicates`, abort)).items;
export type Twins = t.TwinsInfo;
export const listTwins = (after?: string, abort?: AbortSignal) =>
  get<{ items: Twins[]; next?: string; count: number }>("/duplicates" + params({ after }), abort);
export const setSeparate = (a: number, b: number, separate: boolean) =>
  call("PUT", `/leads/${a}/duplicates/${b}`, { body: { separate } });

// Which leads: these, or those of a filter.
export type Selection = { ids: number[] } | { filter: LeadFilter };
export type BulkChange =
  | { assign: number }
  | { status: string }
  | { add_tags: string[] }
  | { remove_tags: string[] }
  | { delete: true }
  | { restore: true }
  | { count_only: true };
export type BulkAnswer = t.BulkAnswer;
// bulk's filter has numbers where the address has texts.
export const bulk = (of: Selection, change: BulkChange) =>
  post<BulkAnswer>("/leads/bulk", { ...("ids" in of ? of : { filter: forBody(of.filter) }), ...change });
function forBody(f: LeadFilter): Record<string, unknown> {
  const out: Record<string, unknown> = { ...f };
  for (const k of ["import", "changed_import"]) if (out[k]) out[k] = Number(out[k]);
  return out;
}
export type Qualification = t.QualifyBody;
export const qualify = async (l: Lead, q: Qualification) =>
  (await call<BulkAnswer>("POST", `/leads/${l.id}/qualify`, { body: q, etag: tag(l.version) })).body;
export const merge = (into: Lead, from: Lead[], fields: Record<string, number>) =>
  post<BulkAnswer>("/leads/merge", {
    into: into.id,
    version: into.version,
    from: from.map((l) => ({ id: l.id, version: l.version })),
    fields,
  });

// takeBack undoes an operation and waits until that is done.
export async function takeBack(id: number): Promise<Import> {
  let u = await undoNow(id);
  for (
    let i = 0;
    i < 300 && !["done", "failed", "paused", "undone", "partly undone", "cancelled"].includes(u.state);
    i++
  ) {
    await new Promise((go) => setTimeout(go, 100));
    u = await getImport(u.id);
  }
  return u;
}

export type View = t.ViewInfo;
type ViewBody = Pick<View, "name" | "query" | "shared">;
export const listViews = async () => (await get<{ items: View[] }>("/views")).items;
export const addView = (v: ViewBody) => post<View>("/views", v);
export const putView = async (id: number, v: ViewBody) =>
  (await call<View>("PUT", `/views/${id}`, { body: v })).body;
export const dropView = (id: number) => call("DELETE", `/views/${id}`);

// findLeads is the command menu's search.
export async function findLeads(
  text: string,
  abort: AbortSignal,
): Promise<{ id: number; name: string; note: string }[]> {
  const page = await listLeads({ q: text, limit: 8 }, abort);
  return page.items.map((l) => ({
    id: l.id,
    name: String(l.values.name ?? ""),
    note: String(l.values.company_name ?? ""),
  }));
}

export type Link = t.LinkInfo;
export const getLink = (kind: string, which: string, abort?: AbortSignal) =>
  get<Link>(`/links/${kind}` + params(kind === "account" ? { name: which } : { id: which }), abort);

// ---- Imports

export type Accounting = t.AccountingInfo;
export type DecisionAnswer = t.Answer;
export type Decision = t.DecisionInfo;
export type Import = t.ImportInfo;
export type Guess = t.Guess;
export type Detection = t.Detection;
export type RecipeColumn = t.Column;
export type Recipe = t.Recipe;
export type RecipeFile = t.File;
export type Same = t.Same;
export type FileColumn = t.ColumnInfo;
export type Prepared = t.PreparedInfo;
export type Issue = t.Issue;
export type Group = t.GroupInfo;
export type FileRecord = t.RecordInfo;
export type Total = t.TotalInfo;
export type RecordList = {
  outcome?: string;
  group?: number;
  code?: string;
  column?: number;
  problems?: boolean;
};
export type RecordPage = t.RecordPage;
export type Fate = t.Fate;
export type Kept = t.Kept;

export const listImports = (before?: number, abort?: AbortSignal) =>
  get<{ items: Import[]; next?: number }>("/imports" + params({ before, limit: 50 }), abort);
export const getImport = (id: number, abort?: AbortSignal) => get<Import>(`/imports/${id}`, abort);
export const setOwner = async (id: number, owner: string) =>
  (await call<Import>("PATCH", `/imports/${id}`, { body: { owner } })).body;
export const getRecipe = (id: number) => get<Recipe>(`/imports/${id}/recipe`);
export const putRecipe = async (id: number, recipe: Recipe) =>
  (await call<Prepared>("PUT", `/imports/${id}/recipe`, { body: recipe })).body;
export const check = (id: number, validate = false) => post<Import>(`/imports/${id}/check`, { validate });
export const rest = (id: number) => post<Import>(`/imports/${id}/rest`);
export const children = async (id: number, abort?: AbortSignal) =>
  (await get<{ items: Import[] }>(`/imports?kind=file&parent=${id}`, abort)).items;
export const act = (id: number, what: "start" | "cancel" | "continue", key?: string) =>
  post<Import>(`/imports/${id}/${what}`, {}, key);
export const groups = (id: number, abort?: AbortSignal) =>
  get<{ items: Group[]; totals: Total[]; problems: number }>(`/imports/${id}/groups`, abort);
export const prepare = (id: number) => {
  const saved = nextRecipe();
  chooseRecipe(null);
  return post<Prepared>(`/imports/${id}/prepare`, saved ? { saved } : {});
};
export const prepared = (id: number, abort?: AbortSignal) => get<Prepared>(`/imports/${id}/prepared`, abort);
export const discard = (id: number) => call("DELETE", `/imports/${id}`);
export const takeFile = (id: number, from: number) => post<Prepared>(`/imports/${id}/file`, { from });
export const problem = (id: number, q: RecordList & { from: number; back?: boolean }) =>
  get<{ record: number; at: number }>(`/imports/${id}/problems` + params(q));
export const findCells = (
  id: number,
  q: { text: string; column: number; exact: boolean; first: number; limit: number },
) =>
  get<{ items: { record: number; column: number; text: string }[]; next?: number }>(
    `/imports/${id}/cells` + params(q),
  );
export const fixGroup = (id: number, group: number, text: string) =>
  call("POST", `/imports/${id}/fixes`, { body: { group: { group, new: text } } });
export const answer = (
  id: number,
  body: {
    records?: number[];
    group?: number;
    code?: string;
    column?: number;
    do: "update" | "new" | "skip" | "ask";
    lead?: number;
    row?: number;
  },
) => call("POST", `/imports/${id}/answers`, { body });
export const records = (
  id: number,
  q: RecordList & { first?: number; at?: number; limit?: number; cells?: boolean },
  abort?: AbortSignal,
) => get<RecordPage>(`/imports/${id}/records` + params(q), abort);
export const fate = (id: number, record: number) => get<Fate>(`/imports/${id}/records/${record}`);
export const fix = (id: number, fixes: { record: number; column: number; was: string; new: string }[]) =>
  call("POST", `/imports/${id}/fixes`, { body: { fixes } });
export type UndoPart = t.UndoBody;
export const previewUndo = (id: number, what: UndoPart = {}) =>
  post<{ accounting: Accounting; kept: Kept[] | null }>(`/imports/${id}/undo/preview`, what);
export const undoNow = (id: number, what: UndoPart = {}) => post<Import>(`/imports/${id}/undo`, what);
export const rejectsURL = (id: number, format: string) => `${root}/imports/${id}/rejects?format=${format}`;
export const templateURL = (format: string) => `${root}/template?format=${format}`;
export const exportURL = (format: string, f: LeadFilter = {}, columns?: string) =>
  `${root}/export` + params({ format, ...f, columns });
export const events = (id: number) => new EventSource(`${root}/imports/${id}/events`);

// ---- Settings

// The saved settings that the next file of this tab is read with.
const recipeKey = "leadport.recipe";
export const nextRecipe = () => {
  try {
    return sessionStorage.getItem(recipeKey);
  } catch {
    return null;
  }
};
export function chooseRecipe(name: string | null) {
  try {
    if (name) sessionStorage.setItem(recipeKey, name);
    else sessionStorage.removeItem(recipeKey);
  } catch {
    /* then a file begins without settings */
  }
}
export type SavedRecipe = t.RecipeInfo;
export const listRecipes = async (abort?: AbortSignal) =>
  (await get<{ items: SavedRecipe[] }>("/recipes", abort)).items;
const recipePath = (name: string) => `/recipes/${encodeURIComponent(name)}`;
export const getSavedRecipe = (name: string, abort?: AbortSignal) =>
  get<SavedRecipe>(recipePath(name), abort);
export const saveRecipe = async (name: string, r: Recipe) =>
  (await call<SavedRecipe>("PUT", recipePath(name), { body: r })).body;
export const dropRecipe = (name: string) => call("DELETE", recipePath(name));

export type Settings = t.Settings;
export const getSettings = (abort?: AbortSignal) => get<Settings>("/settings", abort);
export const putSettings = async (x: Settings) =>
  (await call<Settings>("PUT", "/settings", { body: x })).body;
export type Profile = t.ProfileBody;
export const putProfile = async (x: Profile) => (await call<Me>("PUT", "/session/profile", { body: x })).body;
export const putPassword = (old: string, fresh: string) =>
  call("PUT", "/session/password", { body: { old, new: fresh } });
export type UserBody = t.UserBody;
export type Team = t.TeamInfo;
export const listTeams = async (abort?: AbortSignal) => (await get<{ items: Team[] }>("/teams", abort)).items;
export const addTeam = (name: string) => post<Team>("/teams", { name });
export const listUsers = async (abort?: AbortSignal) => (await get<{ items: User[] }>("/users", abort)).items;
export const addUser = (u: UserBody) => post<User>("/users", u);
export const putUser = async (id: number, u: UserBody) =>
  (await call<User>("PUT", `/users/${id}`, { body: u })).body;
export type Token = t.TokenInfo;
export const listTokens = async (abort?: AbortSignal) =>
  (await get<{ items: Token[] }>("/tokens", abort)).items;
export const addToken = (x: { name: string; scopes?: string; days?: number }) => post<Token>("/tokens", x);
export const dropToken = (id: number) => call("DELETE", `/tokens/${id}`);
export type Mail = t.MailInfo;
export const listMail = async (before?: number, abort?: AbortSignal) =>
  (await get<{ items: Mail[] }>("/outbox" + params({ before }), abort)).items;
export type AuditEntry = t.AuditInfo;
export const listAudit = async (before?: number, abort?: AbortSignal) =>
  (await get<{ items: AuditEntry[] }>("/audit" + params({ before }), abort)).items;
