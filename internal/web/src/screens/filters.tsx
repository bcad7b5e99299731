// The filters of the list of leads: their menu, and those that are on.
import { useState } from "preact/hooks";
import * as c from "./leads.module.css";
import { s } from "../strings";
import { query, setQuery } from "../router";
import { assignable, choices, elements, elementText, field, type Lead, personName, today } from "../desk";
import { day } from "../format";
import { countries, countryName } from "../countries";
import { flags } from "../filter";
import { Button, Combobox, Field, Input, Menu, type MenuItem } from "../ui/kit";
import { Icon } from "../ui/icon";
import iFilter from "../../vendor/lucide/list-filter.svg";
import iX from "../../vendor/lucide/x.svg";

const asked = ["status", "source", "owner", "tag", "country", "domain", "follow_up"] as const;
type Asked = (typeof asked)[number];
type Filter = Record<string, string>;

function labelOf(key: string): string {
  return (
    {
      q: s.leads.text,
      import: s.leads.import,
      changed_import: s.leads.changedImport,
      domain: s.leads.domain,
      tag: s.leads.tag,
      follow_up: s.leads.followUp,
      country: s.journey.country,
    }[key] ??
    field(key)?.label ??
    key
  );
}
function valueOf(key: string, value: string): string {
  if (key === "owner")
    return value === "none" ? s.leads.nobody : value === "me" ? s.leads.me : personName(value);
  if (key === "country") return countryName(value);
  if (key === "import" || key === "changed_import") return s.leads.importN(value);
  if (key === "follow_up") return value === "today" ? s.leads.todayValue : day(value);
  return choices(key).find((o) => o.value === value)?.label ?? value;
}

// few are the values of a filter that has few.
function few(of: Asked): { value: string; label: string }[] | null {
  if (of === "owner")
    return [
      { value: "me", label: s.leads.me },
      { value: "none", label: s.leads.nobody },
      ...assignable.value.map((p) => ({ value: String(p.id), label: p.display })),
    ];
  return of === "status" || of === "source" ? choices(of) : null;
}

const put = (of: Asked, value: string) =>
  setQuery({ [of]: value || null, view: query.value.get("view") === "bin" ? "bin" : null }, {});

// choose is how a filter's value is chosen: from a list, or in a small form.
function choose(of: Asked, filter: Filter, leads: Lead[]) {
  const now = filter[of] ?? "";
  const items = few(of)?.map((o) => ({
    label: o.label,
    on: now === o.value,
    onSelect: () => put(of, now === o.value ? "" : o.value),
  }));
  if (items) return { items };
  return {
    body: (close: () => void) => {
      const take = (value: string) => {
        close();
        put(of, value);
      };
      return of === "follow_up" ? (
        <Until now={now} take={take} />
      ) : (
        <Pick of={of} now={now} leads={leads} take={take} />
      );
    },
  };
}

// Pick offers the countries, or the tags and domains that the list shows and any other one.
function Pick({
  of,
  now,
  leads,
  take,
}: {
  of: Asked;
  now: string;
  leads: Lead[];
  take: (value: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const seen = () =>
    leads.flatMap((l) =>
      of === "tag"
        ? elements(l, "tags").map((e) => elementText("tags", e))
        : elements(l, "emails").map((e) => elementText("emails", e).split("@")[1] ?? ""),
    );
  const options =
    of === "country"
      ? countries()
      : [...new Set([now, ...seen()])]
          .filter(Boolean)
          .sort((a, b) => a.localeCompare(b))
          .map((value) => ({ value, label: value }));
  const other =
    of !== "country" && typed.trim() && !options.some((o) => o.value === typed.trim())
      ? [{ value: typed.trim(), label: s.leads.exactly(typed.trim()), sticky: true }]
      : [];
  return (
    <Field label={labelOf(of)} hideLabel>
      <Combobox options={[...options, ...other]} value={now} onChange={take} onSearch={setTyped} />
    </Field>
  );
}

function Until({ now, take }: { now: string; take: (value: string) => void }) {
  const [date, setDate] = useState(now === "today" ? today() : now);
  return (
    <form
      class={c.until}
      onSubmit={(e) => {
        e.preventDefault();
        take(date);
      }}
    >
      <Field label={labelOf("follow_up")} hideLabel>
        <Input type="date" value={date} onInput={(e) => setDate(e.currentTarget.value)} />
      </Field>
      <Button onClick={() => take("today")}>{s.leads.dueToday}</Button>
      <Button look="primary" type="submit">
        {s.leads.apply}
      </Button>
    </form>
  );
}

export function Filters({ filter, leads, ready }: { filter: Filter; leads: Lead[]; ready: boolean }) {
  const menu: MenuItem[] = [
    ...asked.map((k) => ({ label: labelOf(k), ...choose(k, filter, leads) })),
    "rule" as const,
    ...flags.map((k) => ({
      label: s.leads.flags[k]!,
      on: !!filter[k],
      onSelect: () => setQuery({ [k]: filter[k] ? null : "1" }, {}),
    })),
  ];
  const on = Object.entries(filter).filter(([k]) => k !== "q");
  return (
    <>
      <Menu look="plain" icon={iFilter} items={menu}>
        {s.leads.filter}
      </Menu>
      {on.length > 0 && (
        <ul class={c.chips} aria-label={s.leads.filters}>
          {on.map(([k, v]) => {
            const label = s.leads.flags[k] ?? labelOf(k);
            const text = s.leads.flags[k] ?? (
              <>
                {label}: <b dir="auto">{ready ? valueOf(k, v) : v}</b>
              </>
            );
            return (
              <li key={k} class={c.chip}>
                {asked.includes(k as Asked) ? (
                  <Menu class={c.chipText} label={label} {...choose(k as Asked, filter, leads)}>
                    {text}
                  </Menu>
                ) : (
                  <span class={c.chipText}>{text}</span>
                )}
                <button
                  type="button"
                  class={c.chipX}
                  aria-label={s.leads.removeFilter(label)}
                  onClick={() => setQuery({ [k]: null }, {})}
                >
                  <Icon of={iX} size={14} />
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
