// Calls of the REST API. Nothing else on this side knows a URL of it.
import { signal } from "@preact/signals";
import { s } from "./strings";

export const root = "/api/v1";

// Problem is an answer of RFC 9457 (problem+json), or no answer at all.
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string,
    readonly errors: { location?: string; message?: string }[] = [], readonly body: Record<string, unknown> = {}) {
    super(detail || title);
  }
}

// offline is true from a call that got no answer to the next one that does.
export const offline = signal(false);
// signedOut is true after a call that was refused for want of a session.
export const signedOut = signal(false);

export type Answer<T> = { body: T; etag: string | null; status: number };

export async function call<T>(method: string, path: string, opt: {
  body?: unknown; raw?: BodyInit; type?: string; etag?: string | null; key?: string; signal?: AbortSignal;
} = {}): Promise<Answer<T>> {
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
    got = await fetch(path.startsWith("/") ? root + path : path, { method, headers, body, signal: opt.signal, credentials: "same-origin" });
  } catch (e) {
    if ((e as Error).name === "AbortError") throw e;
    offline.value = true;
    throw new Problem(0, s.error.offline, s.error.offlineDetail);
  }
  offline.value = false;
  const isJSON = /json/.test(got.headers.get("Content-Type") ?? "");
  const data = isJSON ? await got.json().catch(() => null) : null;
  if (!got.ok) {
    if (got.status === 401 && !path.startsWith("/session")) signedOut.value = true;
    const p = (data ?? {}) as { title?: string; detail?: string; errors?: { location?: string; message?: string }[] };
    throw new Problem(got.status, p.title ?? s.error.title, p.detail ?? s.error.status(got.status), p.errors ?? [], (data ?? {}) as Record<string, unknown>);
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
  for (const [k, v] of Object.entries(list)) if (v !== undefined && v !== null && v !== "" && v !== false) q.set(k, String(v));
  const text = q.toString();
  return text ? "?" + text : "";
}

export function say(e: unknown): string {
  if (e instanceof Problem) {
    const more = e.errors.map((x) => x.message).filter(Boolean).join(" ");
    return [e.detail || e.title, more].filter(Boolean).join(" ");
  }
  return s.error.title;
}

// findLeads is the command menu's search.
export async function findLeads(text: string, abort: AbortSignal): Promise<{ id: number; name: string; note: string }[]> {
  return [];
}
export async function setUp(secret: string, f: Record<string, string>): Promise<void> {
  await post("/setup", { ...f, secret });
}
