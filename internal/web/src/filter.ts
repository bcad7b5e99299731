// The filters of the list of leads, which live in its address.
import type { LeadFilter } from "./api";
import { today } from "./desk";

const texts = [
  "q",
  "status",
  "source",
  "owner",
  "import",
  "changed_import",
  "tag",
  "country",
  "domain",
  "follow_up",
] as const;
export const flags = ["open", "untouched", "last_import"] as const;

// filterIn reads the filters that stand in the address.
export function filterIn(q: URLSearchParams): Record<string, string> {
  const out: Record<string, string> = {};
  for (const k of [...texts, ...flags]) if (q.get(k)) out[k] = q.get(k)!;
  return out;
}

// forAPI is a filter as the API takes it: "today" is a day, a flag is a yes.
export function forAPI(f: Record<string, string>, bin: boolean): LeadFilter {
  const out: Record<string, unknown> = { ...f };
  for (const k of flags) if (f[k]) out[k] = true;
  if (f.follow_up === "today") out.follow_up = today();
  if (bin) out.bin = true;
  return out as LeadFilter;
}
