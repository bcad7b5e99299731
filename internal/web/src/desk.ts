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
export const teams = signal<api.Team[]>([]);
const names = signal<Map<string, string>>(new Map());
let asked: Promise<void> | null = null;

// know loads fields and people once; screens wait for it.
export function know(fresh = false): Promise<void> {
  if (fresh) asked = null;
  asked ??= api.schema().then(
    (x) => {
      fields.value = x.fields;
      assignable.value = x.assignable;
      teams.value = x.teams;
      names.value = new Map(x.users.map((u) => [String(u.id), u.display]));
    },
    (e) => {
      asked = null;
      throw e;
    },
  );
  return asked;
}

export function field(key: string): FieldInfo | undefined {
  return fields.value.find((f) => f.key === key);
}
export function choices(key: string): { value: string; label: string }[] {
  return (field(key)?.options ?? []).filter((o) => !o.retired).map((o) => ({ value: o.id, label: o.label }));
}
export function personName(id: number | string | undefined): string {
  return id ? (names.value.get(String(id)) ?? `#${id}`) : "";
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
  return v.map((e: unknown) =>
    typeof e === "object" && e !== null ? (e as Record<string, string>) : { [main]: String(e) },
  );
}

export function elementText(key: string, e: unknown): string {
  if (e === null || e === undefined) return "";
  if (typeof e !== "object") return String(e);
  const o = e as Record<string, string>;
  if (key === "phones") return o.shown || o.written || o.phone || "";
  if (key === "addresses") return addressLines(o).join(", ");
  const main = field(key)?.parts?.[0]?.key;
  return (main && o[main]) || Object.entries(o).find(([k]) => k !== "id")?.[1] || "";
}

// writtenText is an element as a person wrote it, for an editor.
export function writtenText(key: string, e: Record<string, string> | undefined): string {
  return elementText(key, e && { ...e, shown: "" });
}

export function addressLines(a: Record<string, string>): string[] {
  const get = (...keys: string[]) => keys.map((k) => a[k]).find(Boolean) ?? "";
  return [
    get("organization"),
    [get("name_prefix"), get("first_name"), get("middle_name"), get("last_name"), get("name_suffix")]
      .filter(Boolean)
      .join(" "),
    get("street"),
    get("street2", "street_2"),
    [get("zip", "postal_code"), get("city")].filter(Boolean).join(" "),
    get("region_name", "state", "region"),
    get("country") ? countryName(get("country")) : "",
  ].filter(Boolean);
}

// show writes a value for reading.
export function show(f: FieldInfo, v: unknown): string {
  if (v === null || v === undefined || v === "") return "";
  if (Array.isArray(v))
    return v
      .map((e: unknown) => elementText(f.key, e))
      .filter(Boolean)
      .join(", ");
  const t = String(v);
  switch (f.kind) {
    case "choice":
      return f.options?.find((o) => o.id === t)?.label ?? t;
    case "user":
      return personName(t);
    case "date":
      return day(t);
    case "date-time":
    case "datetime":
      return moment(t);
    case "integer":
      return /^-?\d+$/.test(t) ? number(Number(t)) : t;
    case "yes/no":
    case "bool":
      return t === "true" || t === "yes" ? s.lead.yes : s.lead.no;
    default:
      return t;
  }
}

// editable reports whether a form or a cell can change a field.
export const editable = (f: FieldInfo) =>
  f.editable &&
  f.kind !== "link" &&
  f.kind !== "multi-choice" &&
  !["external_id", "source_created", "contact", "opportunities"].includes(f.key);

// plain is a field's value as its editor holds it.
export function plain(lead: Lead, f: FieldInfo): string {
  if (f.key === "tags")
    return elements(lead, "tags")
      .map((t) => elementText("tags", t))
      .join(", ");
  return f.parts?.length ? writtenText(f.key, elements(lead, f.key)[0]) : text(lead, f.key);
}

// input is what the API takes for an editor's text; of a list it is the first element.
export function input(lead: Lead, f: FieldInfo, value: string): unknown {
  if (f.key === "tags")
    return value
      .split(/[,;]/)
      .map((t) => t.trim())
      .filter(Boolean);
  if (!f.parts?.length) return value || null;
  const rest = elements(lead, f.key)
    .slice(1)
    .map((e) => Object.fromEntries(Object.entries(e).filter(([k]) => k !== "id")));
  return value ? [value, ...rest] : rest;
}

export function optionsOf(f: FieldInfo): { value: string; label: string }[] | null {
  switch (f.kind) {
    case "choice":
      return choices(f.key);
    case "user":
      return assignable.value.map((p) => ({ value: String(p.id), label: p.display }));
    case "yes/no":
      return [
        { value: "true", label: s.lead.yes },
        { value: "false", label: s.lead.no },
      ];
  }
  return null;
}

export const today = () => {
  const d = new Date();
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
};

export const statusTone = (id: string) =>
  (({ new: "info", qualified: "ok", canceled: "neutral" }) as const)[id as "new"] ?? "accent";
