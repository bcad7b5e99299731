// Where columns go, as the recipe says it.
import * as api from "../api";
import { s } from "../strings";
import { fields } from "../desk";
import type { ComboOption } from "../ui/kit";

export function targets(): ComboOption[] {
  const out: ComboOption[] = [
    { value: "", label: s.journey.notImported, group: s.journey.special },
    { value: "comments", label: s.journey.toComments, group: s.journey.special },
    { value: "tags", label: s.journey.toTags, group: s.journey.special },
    { value: "full_name", label: s.journey.fullName, group: s.journey.special },
  ];
  for (const f of fields.value) {
    if (!f.mapped) continue;
    if (!f.parts?.length) {
      out.push({ value: f.key, label: f.heading, group: s.journey.fields });
      continue;
    }
    const n = f.key === "addresses" ? 3 : f.key === "emails" || f.key === "phones" ? 4 : 1;
    for (let i = 1; i <= n; i++)
      for (const p of f.parts)
        if (!p.derived && p.heading)
          out.push({
            value: `${f.key}.${i}.${p.key}`,
            label: p.heading.replace("%d", String(i)),
            group: s.journey.fields,
          });
  }
  return out;
}

const occurrence = (prep: api.Prepared, col: api.FileColumn) => {
  const same = prep.columns.filter((x) => x.heading === col.heading);
  return same.length > 1 ? same.indexOf(col) + 1 : 0;
};
const isOf = (prep: api.Prepared, col: api.FileColumn) => {
  const nth = occurrence(prep, col);
  return (x: api.RecipeColumn) =>
    x.heading === col.heading && ((x.nth ?? 0) === nth || (nth === 1 && !x.nth));
};

// settings is what the recipe says of a column.
export function settings(prep: api.Prepared, col: api.FileColumn): api.RecipeColumn | undefined {
  return prep.recipe.columns?.find(isOf(prep, col));
}
export const applied = (prep: api.Prepared, col: api.FileColumn): string[] => settings(prep, col)?.to ?? [];
// given reports whether a column of the file gives a field.
export const given = (prep: api.Prepared, key: string) =>
  prep.columns.some((col) => applied(prep, col).some((t) => t === key || t.startsWith(key + ".")));
export const unmapped = (prep: api.Prepared) =>
  prep.columns.filter((col) => !applied(prep, col).length && col.filled > 0);

// mapTo is the change of the recipe that sends a column to these targets; a
// field that another column feeds is taken from it.
export function mapTo(
  prep: api.Prepared,
  col: api.FileColumn,
  to: string[],
  more: Partial<api.RecipeColumn> = {},
) {
  return (r: api.Recipe): api.Recipe => {
    const nth = occurrence(prep, col);
    const mine = isOf(prep, col);
    const single = to.filter((t) => !["comments", "tags"].includes(t));
    const rest = (r.columns ?? [])
      .filter((x) => !mine(x))
      .map((x) =>
        x.to?.some((t) => single.includes(t)) ? { ...x, to: x.to.filter((t) => !single.includes(t)) } : x,
      );
    return { ...r, columns: [...rest, { heading: col.heading, ...(nth ? { nth } : {}), to, ...more }] };
  };
}

// fieldOf is the field of a column with one target, and its part's kind.
export function fieldOf(to: string[]): { field?: api.FieldInfo; kind: string } {
  if (to.length !== 1) return { kind: "" };
  const [key, , part] = to[0]!.split(".");
  const field = fields.value.find((f) => f.key === key);
  return {
    field,
    kind: field?.parts?.length
      ? (field.parts.find((p) => p.key === part)?.kind ?? field.parts[0]!.kind)
      : (field?.kind ?? ""),
  };
}

// foldValue folds as the server does: ß and a final sigma have no lower case of their own.
export const foldValue = (v: string) =>
  v.normalize("NFKC").toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ").trim().replace(/\s+/g, " ");
