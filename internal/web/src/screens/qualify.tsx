import { useState } from "preact/hooks";
import * as c from "./lead.module.css";
import * as api from "../api";
import { s } from "../strings";
import { type Lead, elements, text } from "../desk";
import { Button, Dialog, Field, Input, Notice } from "../ui/kit";
import { operated } from "./bulk";

// Qualify makes a lead a contact, an account and an opportunity.
export function Qualify({ lead, onClose, onDone }: { lead: Lead; onClose: () => void; onDone: () => void }) {
  const contact = elements(lead, "contact")[0];
  const first = contact?.first_name ?? text(lead, "first_name");
  const last = contact?.last_name ?? text(lead, "last_name");
  const [q, setQ] = useState<Required<api.Qualification>>({
    first_name: first || last ? first : "",
    last_name: first || last ? last : text(lead, "company_name") ? "" : text(lead, "name"),
    account: text(lead, "account") || text(lead, "company_name"),
    opportunity: text(lead, "name"),
  });
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const put = (key: keyof typeof q) => (e: { currentTarget: { value: string } }) =>
    setQ({ ...q, [key]: e.currentTarget.value });
  const go = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setFailed(null);
    try {
      operated(s.qualify.done, await api.qualify(lead, q), onDone);
      onClose();
      onDone();
    } catch (x) {
      setFailed((x as api.Problem).status === 412 ? s.qualify.stale : api.say(x));
      if ((x as api.Problem).status === 412) onDone();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={s.qualify.title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" busy={busy} onClick={go}>
            {s.qualify.do}
          </Button>
        </>
      }
    >
      <form onSubmit={go} class={c.dialogForm}>
        {failed && (
          <Notice tone="error" live>
            {failed}
          </Notice>
        )}
        <p>{s.qualify.text}</p>
        <div class={c.fields}>
          <Field label={s.qualify.first} optional>
            <Input autoFocus maxLength={255} dir="auto" value={q.first_name} onInput={put("first_name")} />
          </Field>
          <Field label={s.qualify.last} optional>
            <Input maxLength={255} dir="auto" value={q.last_name} onInput={put("last_name")} />
          </Field>
        </div>
        <Field label={s.qualify.account} optional hint={s.qualify.accountHint}>
          <Input maxLength={255} dir="auto" value={q.account} onInput={put("account")} />
        </Field>
        <Field label={s.qualify.opportunity} optional>
          <Input maxLength={255} dir="auto" value={q.opportunity} onInput={put("opportunity")} />
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
