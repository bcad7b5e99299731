// A custom field, made in the settings or at the column that needs it.
import { useState } from "preact/hooks";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { know } from "../desk";
import { Button, Dialog, Field, Input, Notice, Select } from "../ui/kit";

// kindOf proposes what a column's values are.
function kindOf(col: api.FileColumn): string {
  const all = (re: RegExp) => col.samples.length > 0 && col.samples.every((x) => re.test(x.trim()));
  if (all(/^(yes|no|true|false|y|n|ja|nein|oui|non|sí|si)$/i)) return "yes/no";
  if (all(/^-?\d{1,15}$/) && !all(/^0\d/)) return "integer";
  if (all(/^-?\d{1,12}[.,]\d+$/)) return "decimal";
  if (all(/^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$/)) return "date";
  if (all(/^https?:\/\//i)) return "URL";
  if (all(/^[^@\s]+@[^@\s]+\.[^@\s]+$/)) return "e-mail";
  if (col.samples.some((x) => x.length > 200 || x.includes("\n"))) return "long text";
  if (!col.capped && col.values.length > 1 && col.values.length <= 12 && col.filled >= 4 * col.values.length)
    return "choice";
  return "text";
}

export function NewField({
  col,
  imp,
  onClose,
  onDone,
}: {
  col?: api.FileColumn;
  imp?: number;
  onClose: () => void;
  onDone: (key: string) => void;
}) {
  const [label, setLabel] = useState(col?.heading ?? "");
  const [kind, setKind] = useState(col ? kindOf(col) : "text");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async (e: Event) => {
    e.preventDefault();
    if (!label.trim()) {
      setWrong(s.gate.missing);
      return;
    }
    setBusy(true);
    try {
      const f = await api.addField(label.trim(), kind, imp);
      await know(true);
      onDone(f.key);
    } catch (x) {
      setWrong(api.say(x));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={w.newFieldTitle}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" busy={busy} onClick={make}>
            {w.newFieldMake}
          </Button>
        </>
      }
    >
      <form onSubmit={make} noValidate>
        <Field label={w.newFieldName} wrong={wrong}>
          <Input
            autoFocus
            maxLength={255}
            dir="auto"
            value={label}
            onInput={(e) => setLabel(e.currentTarget.value)}
          />
        </Field>
      </form>
      <Field
        label={w.newFieldKind}
        hint={col && <span dir="auto">{col.samples.slice(0, 3).join(" · ")}</span>}
      >
        <Select
          value={kind}
          onChange={(e) => setKind(e.currentTarget.value)}
          options={Object.entries(w.kinds).map(([value, text]) => ({ value, label: text }))}
        />
      </Field>
      <Notice>{w.newFieldText}</Notice>
    </Dialog>
  );
}
