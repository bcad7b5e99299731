// The step of the preview: what becomes of every record, and the button that
// does it.
import { useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { navigate, query } from "../router";
import { session } from "../session";
import { assignable, personName } from "../desk";
import { day, number } from "../format";
import { Button, Field, Loading, Notice, Select, toast } from "../ui/kit";
import { Decisions } from "./answers";
import { Conflicts } from "./conflicts";
import { given, unmapped } from "./mapping";
import { Foot, type Journey } from "./journey";
import { Line, Records } from "./records";
import { owners } from "./same";

export function PreviewStep({ j }: { j: Journey }) {
  const { prep } = j, a = j.imp.accounting, leads = a.new + a.update, [busy, setBusy] = useState(false), [said, setSaid] = useState<string | null>(null), key = useRef(crypto.randomUUID());
  const outcome = query.value.get("outcome") ?? (a.conflicts ? "conflict" : a.update ? "update" : a.new ? "new" : "all");
  const open = (prep.decisions?.length ?? 0) + (j.imp.decisions?.length ?? 0) > 0, left = unmapped(prep).length, at = `/imports/${j.imp.id}`;
  const until = new Date(Date.now() + 90 * 86400e3);
  const start = async () => {
    if (j.busy) return;
    if (open) { setSaid(s.journey.openDecisions); return; }
    if (!leads) { setSaid(s.journey.nothingToImport); return; }
    setBusy(true);
    try {
      await j.apply(api.act(j.imp.id, "start", key.current));
      toast(session.value.mail ? s.journey.startedMail : s.journey.started);
      navigate(at, { replace: true });
    } catch (e) { setSaid(api.say(e)); key.current = crypto.randomUUID(); } finally { setBusy(false); }
  };
  const foot = <Foot j={j} back="review"><Button look="primary" busy={busy || j.busy} onClick={start}>{s.journey.import(leads)}</Button></Foot>;
  if (!j.imp.checked) return <><div class={c.body}><Loading label={s.journey.checking} /></div>{foot}</>;
  return (
    <>
      <div class={c.body}>
        {said && <Notice tone="warning" live>{said}</Notice>}
        <Decisions j={j} />
        <section class={c.part}>
          <h2>{s.journey.accounting}</h2>
          <Line of={a} label={s.journey.accounting} at={outcome} href={(o) => `${at}/preview?outcome=${o || "all"}`} />
          <ul class={c.factList}>
            {a.update > 0 && <li>{w.updatesSplit}: {[a.update_fill && `${number(a.update_fill)} ${s.journey.fills}`, a.update_replace && `${number(a.update_replace)} ${s.journey.replaces}`, a.update_typed && `${number(a.update_typed)} ${s.journey.typed}`].filter(Boolean).join(" · ")}</li>}
            {a.new > 0 && <li>{given(prep, "owner") ? w.ownerColumn : ownerLine(j)} · <a href={`${at}/columns`}>{s.change}</a></li>}
            {left > 0 && <li>{w.unmapped(left)} · <a href={`${at}/columns`}>{s.change}</a></li>}
            {a.cells_not_imported ? <li>{s.journey.cellsLeftOut(a.cells_not_imported)} · <a href={`${at}/review`}>{s.journey.steps.review}</a></li> : null}
            {a.accounts || a.tags ? <li>{[a.accounts && s.journey.accountsMade(a.accounts), a.tags && s.journey.tagsMade(a.tags)].filter(Boolean).join(" · ")}</li> : null}
            {a.errors > 0 && <li>{w.stillErrors(a.errors)} <a href={`${at}/review?show=errors`}>{s.journey.steps.review}</a></li>}
            {a.conflicts > 0 && <li>{w.stillConflicts(a.conflicts)}</li>}
            {leads > 0 && <li>{w.undoUntil(day(until))}</li>}
          </ul>
        </section>
        {(a.update > 0 || a.unchanged > 0 || prep.recipe.existing) && <div class={c.choicesRow}><Field label={s.journey.existing}>
          <Select value={prep.recipe.existing ?? ""} onChange={(e) => { const v = e.currentTarget.value; j.change((r) => ({ ...r, existing: v || undefined })); }} options={Object.entries(s.journey.existingChoices).map(([value, label]) => ({ value, label }))} /></Field></div>}
        <section class={c.part}>
          <h2>{outcome === "conflict" && a.conflicts ? w.decide(a.conflicts) : s.review.heads[outcome] ?? s.journey.anyOutcome}</h2>
          {outcome === "conflict" ? <Conflicts j={j} /> : <Records id={j.imp.id} outcome={outcome === "all" ? undefined : outcome} turn={j.turn} />}
        </section>
      </div>
      {foot}
    </>
  );
}

// ownerLine says who gets the new leads: of several, the first ones one more
// where the number does not divide.
function ownerLine(j: Journey): string {
  const list = owners(j), k = j.imp.accounting.new, name = (user: string) => assignable.value.find((x) => x.username === user)?.display ?? user;
  if (list.length < 2) return w.ownerLine(k, list[0] ? name(list[0]) : personName(j.imp.actor));
  return w.ownerShares(k, list.map((user, i) => [name(user), Math.floor((k + list.length - 1 - i) / list.length)]));
}
