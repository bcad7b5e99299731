// Editing one value where it stands.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as c from "./cell.module.css";
import * as api from "../api";
import { s } from "../strings";
import { input, type FieldInfo, type Lead, optionsOf, plain, show } from "../desk";
import { toast } from "../ui/kit";

// saveField writes one value. Where someone was quicker, theirs is shown and
// the person's own is offered again, so that neither is lost.
export async function saveField(
  lead: Lead,
  f: FieldInfo,
  value: string,
  put: (l: Lead) => void,
): Promise<boolean> {
  const was = plain(lead, f);
  if (value.trim() === was) return true;
  try {
    const now = await api.editLead(lead.id, lead.version, { [f.key]: input(lead, f, value.trim()) });
    put(now);
    toast(s.leads.nowIs(f.label, show(f, now.values[f.key]) || s.lead.empty), {
      action: {
        label: s.undo,
        run: () => {
          void saveField(now, f, was, put);
        },
      },
    });
    for (const n of now.notices ?? []) toast(n.message, { tone: "info" });
    return true;
  } catch (e) {
    if (!(e instanceof api.Problem) || e.status !== 412) {
      toast(api.say(e), { tone: "error" });
      return false;
    }
    const now = await api.getLead(lead.id).catch(() => null);
    if (!now) {
      toast(api.say(e), { tone: "error" });
      return false;
    }
    put(now);
    toast(s.leads.changedMeanwhile(f.label, show(f, now.values[f.key]) || s.lead.empty, value.trim()), {
      tone: "error",
      action: {
        label: s.leads.saveMine,
        run: () => {
          void saveField(now, f, value, put);
        },
      },
    });
    return true;
  }
}

// CellEditor is the field's own control, which saves when it is left.
export function CellEditor({
  lead,
  field: f,
  put,
  onDone,
}: {
  lead: Lead;
  field: FieldInfo;
  put: (l: Lead) => void;
  onDone: (move: number) => void;
}) {
  const first = plain(lead, f);
  const [value, setValue] = useState(first);
  const ref = useRef<HTMLElement>(null);
  const done = useRef(false);
  const options = optionsOf(f);
  useLayoutEffect(() => {
    // before the next key arrives
    const el = ref.current!;
    el.focus();
    if (el instanceof HTMLInputElement && el.type === "text") el.select();
    if (el instanceof HTMLSelectElement)
      try {
        el.showPicker();
      } catch {
        /* only where a person just did something */
      }
  }, []);
  const finish = (keep: boolean, move: number, v = value) => {
    if (done.current) return;
    done.current = true;
    onDone(move);
    if (keep) void saveField(lead, f, v, put);
  };
  const keys = (e: KeyboardEvent) => {
    e.stopPropagation();
    if (e.key === "Escape") {
      e.preventDefault();
      finish(false, 0);
    }
    if (e.key === "Enter" && !e.isComposing) {
      e.preventDefault();
      finish(true, 1);
    }
    if (e.key === "Tab") {
      e.preventDefault();
      finish(true, 0);
    }
  };
  const rest = {
    ref: ref as never,
    class: c.edit,
    "aria-label": f.label,
    value,
    onKeyDown: keys,
    onBlur: () => finish(true, 0),
  };
  if (!options)
    return (
      <input
        {...rest}
        type={(f.kind === "date" ? "date" : "text") as "text"}
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        maxLength={f.max_length || undefined}
        inputMode={f.kind === "integer" ? "numeric" : undefined}
        onInput={(e) => setValue(e.currentTarget.value)}
      />
    );
  const all = [...(f.key === "status" ? [] : [{ value: "", label: s.journey.notSet }]), ...options];
  if (value && !all.some((o) => o.value === value)) all.push({ value, label: show(f, value) });
  return (
    <select
      {...rest}
      onChange={(e) => {
        setValue(e.currentTarget.value);
        finish(true, 0, e.currentTarget.value);
      }}
    >
      {all.map((o) => (
        <option key={o.value} value={o.value} selected={o.value === value}>
          {o.label}
        </option>
      ))}
    </select>
  );
}
