// The list a person came from, so that a lead's page knows the next and the
// previous lead; it outlives a reload of the page.
import * as api from "./api";

export type Order = { sort: string; order: string };
type Trail = {
  ids: number[];
  next: string;
  filter: api.LeadFilter;
  order: Order;
  back: string;
  count: string;
};
const key = "leadport.trail";

export function leaveTrail(t: Trail) {
  try {
    sessionStorage.setItem(key, JSON.stringify(t));
  } catch {
    /* without it the lead's page has no next and previous */
  }
}

function trail(): Trail | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Trail | null;
  } catch {
    return null;
  }
}

// backTo is the list, with its filters.
export const backTo = () => trail()?.back ?? "/leads";

export type Neighbours = { at: number; of: string; previous?: number; next?: number };

// neighbours finds a lead's place; at the end of what was loaded it loads on.
export async function neighbours(id: number): Promise<Neighbours | null> {
  const t = trail();
  const i = t?.ids.indexOf(id) ?? -1;
  if (!t || i < 0) return null;
  if (i === t.ids.length - 1 && t.next) {
    const page = await api.listLeads({ ...t.filter, ...t.order, limit: 100, after: t.next });
    t.ids.push(...page.items.map((l) => l.id));
    t.next = page.next ?? "";
    leaveTrail(t);
  }
  return { at: i + 1, of: t.count, previous: t.ids[i - 1], next: t.ids[i + 1] };
}
