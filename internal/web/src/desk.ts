// What the lead desk knows by heart: fields, their choices, and people.
import { signal } from "@preact/signals";
import * as api from "./api";
import { s } from "./strings";
import { countryName } from "./countries";
import { day, moment, number } from "./format";

export type { Lead, FieldInfo } from "./api";
type Lead = api.Lead;
type FieldInfo = api.FieldInfo;

export const fields = signal<FieldInfo[]>([]);
export const assignable = signal<api.User[]>([]);
const names = signal<Map<string, string>>(new Map());
let asked: Promise<void> | null = null;

// know loads fields and people once; screens wait for it.
export function know(fresh = false): Promise<void> {
  if (fresh) asked = null;
  asked ??= api.schema().then((x) => {
    fields.value = x.fields;
    assignable.value = x.assignable;
    names.value = new Map(x.users.map((u) => [String(u.id), u.display]));
  }, (e) => { asked = null; throw e; });
  return asked;
}

export function field(key: string): FieldInfo | undefined { return fields.value.find((f) => f.key === key); }
export function choices(key: string): { value: string; label: string }[] {
  return (field(key)?.options ?? []).filter((o) => !o.retired).map((o) => ({ value: o.id, label: o.label }));
}
export function personName(id: number | string | undefined): string {
  return id ? names.value.get(String(id)) ?? `#${id}` : "";
}

// first returns a list field's first element's main part, or the text.
export function text(lead: Lead, key: string): string {
  const v = lead.values[key];
  if (Array.isArray(v)) return elementText(key, v[0]);
  return v === null || v === undefined ? "" : String(v);
}

export function elements(lead: Lead, key: string): Record<string, string>[] {
  const v = lead.values[key];
  if (!Array.isArray(v)) return [];
  const main = field(key)?.parts?.[0]?.key ?? "value";
  return v.map((e: unknown) => (typeof e === "object" && e !== null ? (e as Record<string, string>) : { [main]: String(e) }));
}

export function elementText(key: string, e: unknown): string {
  if (e === null || e === undefined) return "";
  if (typeof e !== "object") return String(e);
  const o = e as Record<string, string>;
  if (key === "phones") return o.written || o.phone || "";
  if (key === "addresses") return addressLines(o).join(", ");
  const main = field(key)?.parts?.[0]?.key;
  return (main && o[main]) || Object.entries(o).find(([k]) => k !== "id")?.[1] || "";
}

export function addressLines(a: Record<string, string>): string[] {
  const get = (...keys: string[]) => keys.map((k) => a[k]).find(Boolean) ?? "";
  return [
    get("organization"),
    [get("name_prefix"), get("first_name"), get("middle_name"), get("last_name"), get("name_suffix")].filter(Boolean).join(" "),
    get("street"), get("street2", "street_2"),
    [get("zip", "postal_code"), get("city")].filter(Boolean).join(" "),
    get("region_name", "state", "region"),
    get("country") ? countryName(get("country")) : "",
  ].filter(Boolean);
}

// show writes a value for reading.
export function show(f: FieldInfo, v: unknown): string {
  if (v === null || v === undefined || v === "") return "";
  if (Array.isArray(v)) return v.map((e: unknown) => elementText(f.key, e)).filter(Boolean).join(", ");
  const t = String(v);
  switch (f.kind) {
    case "choice": return f.options?.find((o) => o.id === t)?.label ?? t;
    case "user": return personName(t);
    case "date": return day(t);
    case "date-time": case "datetime": return moment(t);
    case "integer": return /^-?\d+$/.test(t) ? number(Number(t)) : t;
    case "yes/no": case "bool": return t === "true" || t === "yes" ? s.lead.yes : s.lead.no;
    default: return t;
  }
}

export const statusTone = (id: string) => ({ new: "info", qualified: "ok", canceled: "neutral" } as const)[id as "new"] ?? "accent";
