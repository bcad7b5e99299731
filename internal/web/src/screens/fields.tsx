// The fields that leads have, and the choices of those that have some.
import { useState } from "preact/hooks";
import * as c from "./settings.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w as imports } from "../strings-import";
import { useLoad } from "../load";
import { fields, know } from "../desk";
import { Failed } from "../app";
import { Badge, Button, Dialog, Field, hidden, Input, Loading, TableBox, toast } from "../ui/kit";
import { NewField } from "./newfield";
import iPlus from "../../vendor/lucide/plus.svg";
import iX from "../../vendor/lucide/x.svg";

const w = s.settings;

export function Fields() {
  const got = useLoad(() => know(true).then(() => true), []);
  const [making, setMaking] = useState(false);
  const [choosing, setChoosing] = useState("");
  if (got.error) return <Failed error={got.error} again={got.again} />;
  if (!got.data) return <Loading />;
  // Those that can be changed stand first.
  const list = fields.value
    .filter((f) => f.editable && f.mapped)
    .sort((a, b) => Number(!!b.custom) - Number(!!a.custom) || Number(!!b.options) - Number(!!a.options));
  const open = list.find((f) => f.key === choosing);
  return (
    <section class={c.part}>
      <div class={c.top}>
        <p class={c.note}>{w.fieldsText}</p>
        <Button look="primary" icon={iPlus} onClick={() => setMaking(true)}>
          {imports.newFieldMake}
        </Button>
      </div>
      <TableBox label={w.fields}>
        <thead>
          <tr>
            <th>{s.journey.field}</th>
            <th>{w.inFiles}</th>
            <th>{imports.newFieldKind}</th>
            <th>{s.choices}</th>
            <th>
              <span class={hidden}>{w.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.map((f) => (
            <tr key={f.key}>
              <td dir="auto">
                <span class={c.name}>{f.label}</span> {f.custom && <Badge tone="accent">{w.own}</Badge>}
              </td>
              <td dir="auto">{f.parts?.[0]?.heading.replace("%d", "1") ?? f.heading}</td>
              <td class={c.nowrap}>{w.kinds[f.kind] ?? imports.kinds[f.kind] ?? f.kind}</td>
              <td>
                <span class={c.choices}>
                  {f.options
                    ?.filter((o) => !o.retired)
                    .map((o) => (
                      <Badge key={o.id}>
                        <span dir="auto">{o.label}</span>
                      </Badge>
                    ))}
                </span>
              </td>
              <td>
                {["choice", "multi-choice"].includes(f.kind) && (
                  <div class={c.acts}>
                    <Button small aria-label={`${s.edit}: ${f.label}`} onClick={() => setChoosing(f.key)}>
                      {s.edit}
                    </Button>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </TableBox>
      {making && (
        <NewField
          onClose={() => setMaking(false)}
          onDone={() => {
            setMaking(false);
            toast(s.saved);
          }}
        />
      )}
      {open && <Choices of={open} onClose={() => setChoosing("")} />}
    </section>
  );
}

function Choices({ of: f, onClose }: { of: api.FieldInfo; onClose: () => void }) {
  const [label, setLabel] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const run = async (what: Promise<unknown>) => {
    setWrong(null);
    try {
      await what;
      await know(true);
      setLabel("");
    } catch (e) {
      setWrong(api.say(e));
    }
  };
  const add = (e: Event) => {
    e.preventDefault();
    if (label.trim()) void run(api.addChoice(f.key, label.trim()));
    else setWrong(s.gate.missing);
  };
  return (
    <Dialog
      title={w.choicesOf(f.label)}
      onClose={onClose}
      foot={<Button onClick={onClose}>{s.close}</Button>}
    >
      <p class={c.quiet}>{w.choicesText}</p>
      <ul class={c.choiceList}>
        {f.options
          ?.filter((o) => !o.retired)
          .map((o) => (
            <li key={o.id}>
              <span dir="auto">{o.label}</span>
              <Button
                small
                look="quiet"
                icon={iX}
                label={w.retire(o.label)}
                onClick={() => run(api.retireChoice(f.key, o.id))}
              />
            </li>
          ))}
      </ul>
      <form class={c.addChoice} onSubmit={add} noValidate>
        <Field label={w.newChoice} wrong={wrong}>
          <Input maxLength={255} dir="auto" value={label} onInput={(e) => setLabel(e.currentTarget.value)} />
        </Field>
        <Button type="submit">{s.add}</Button>
      </form>
    </Dialog>
  );
}
