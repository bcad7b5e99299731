// Two or three leads side by side; the person chooses value by value.
import { useState } from "preact/hooks";
import * as c from "./merge.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, query } from "../router";
import { useLoad } from "../load";
import { backTo } from "../trail";
import { elements, elementText, fields, know, type FieldInfo, type Lead, show, text } from "../desk";
import { ago } from "../format";
import { Badge, Button, Check, LinkButton, Loading, Notice, toast } from "../ui/kit";
import { operated } from "./bulk";
import iMerge from "../../vendor/lucide/merge.svg";

const hiddenKeys = new Set([
  "id",
  "version",
  "created_at",
  "updated_at",
  "created_by",
  "import",
  "organization",
]);

export function MergeScreen() {
  const ids = [
    ...new Set(
      (query.value.get("ids") ?? "")
        .split(",")
        .map(Number)
        .filter((n) => n > 0),
    ),
  ];
  const got = useLoad(
    async (abort) => {
      await know();
      return Promise.all(ids.map((id) => api.getLead(id, abort)));
    },
    [ids.join()],
  );
  const crumb = { href: backTo(), label: s.leads.title };
  if (ids.length < 2 || ids.length > 3)
    return (
      <Page title={s.merge.title} crumb={crumb}>
        <Notice tone="info">{s.merge.choose}</Notice>
      </Page>
    );
  if (got.error && !got.data)
    return (
      <Page title={s.merge.title} crumb={crumb}>
        <Failed error={got.error} again={got.again} />
      </Page>
    );
  if (!got.data)
    return (
      <Page title={s.merge.title} crumb={crumb}>
        <Loading />
      </Page>
    );
  return (
    <Merge key={got.data.map((l) => `${l.id}.${l.version}`).join()} leads={got.data} again={got.again} />
  );
}

// Union is what a list gets if nobody chooses: what all of them hold.
const union = -1;

function Merge({ leads, again }: { leads: Lead[]; again: () => void }) {
  const filled = (l: Lead) => Object.keys(l.values).length;
  const [into, setInto] = useState(() => leads.reduce((best, l) => (filled(l) > filled(best) ? l : best)).id);
  const [chosen, setChosen] = useState<Record<string, number>>({});
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const rows = fields.value.filter(
    (f) => !hiddenKeys.has(f.key) && leads.some((l) => l.values[f.key] !== undefined),
  );
  const shownOf = (f: FieldInfo, l: Lead) =>
    f.parts?.length
      ? elements(l, f.key)
          .map((e) => elementText(f.key, e))
          .join("\n")
      : show(f, l.values[f.key]);
  const differs = (f: FieldInfo) => new Set(leads.map((l) => shownOf(f, l))).size > 1;
  const open = rows.filter(differs);
  // What a field gets: what was chosen, else all elements, the kept lead's own, or the first that is there.
  const from = (f: FieldInfo): number => {
    if (chosen[f.key] !== undefined) return chosen[f.key]!;
    if (
      (f.parts?.length && f.kind !== "link") ||
      f.key === "opportunities" ||
      (f.key === "notes" && leads.filter((l) => l.values.notes).length > 1)
    )
      return union;
    const has = (l: Lead) => l.values[f.key] !== undefined;
    return (leads.find((l) => l.id === into && has(l)) ?? leads.find(has) ?? leads[0]!).id;
  };
  const merge = async () => {
    setBusy(true);
    setFailed(null);
    try {
      const keep = leads.find((l) => l.id === into)!;
      const send: Record<string, number> = {};
      for (const f of open)
        if ((from(f) !== union && from(f) !== into) || chosen[f.key] === into) send[f.key] = from(f);
      const done = await api.merge(
        keep,
        leads.filter((l) => l.id !== into),
        send,
      );
      operated(s.merge.done(leads.length), done, () => navigate(`/leads/${into}`));
      navigate(`/leads/${into}`, { replace: true });
    } catch (e) {
      if ((e as api.Problem).status === 412) {
        toast(s.merge.stale, { tone: "error" });
        again();
        return;
      }
      setFailed(api.say(e));
    } finally {
      setBusy(false);
    }
  };
  const name = (l: Lead) => text(l, "name") || s.leads.noName;
  return (
    <Page title={s.merge.title} crumb={{ href: backTo(), label: s.leads.title }} bare>
      <div class={c.page}>
        <p class={c.intro}>{s.merge.intro}</p>
        {failed && (
          <Notice tone="error" live>
            {failed}
          </Notice>
        )}
        <div class={c.table} style={{ "--n": leads.length } as never}>
          <fieldset class={c.row + " " + c.heads}>
            <legend class={c.label}>{s.merge.keep}</legend>
            <div class={c.values}>
              {leads.map((l) => (
                <label key={l.id} class={c.value + (into === l.id ? " " + c.on : "")}>
                  <input type="radio" name="into" checked={into === l.id} onChange={() => setInto(l.id)} />
                  <span class={c.text}>
                    <b dir="auto" title={name(l)}>
                      {name(l)}
                    </b>
                    <small>
                      #{l.id} · {s.leads.created} {ago(l.created_at)}
                    </small>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          {(all ? rows : open).map((f) => {
            const now = from(f);
            const list =
              (!!f.parts?.length && f.kind !== "link") || f.key === "opportunities" || f.key === "notes";
            return (
              <fieldset key={f.key} class={c.row}>
                <legend class={c.label}>
                  {f.label}
                  {list && differs(f) && (
                    <button
                      type="button"
                      class={c.both}
                      aria-pressed={now === union}
                      onClick={() => setChosen({ ...chosen, [f.key]: union })}
                    >
                      {s.merge.union}
                    </button>
                  )}
                </legend>
                {!differs(f) ? (
                  <div class={c.sameValue} dir="auto">
                    {shownOf(f, leads[0]!)}
                  </div>
                ) : (
                  <div class={c.values}>
                    {leads.map((l) => (
                      <label
                        key={l.id}
                        class={c.value + (now === l.id || (now === union && shownOf(f, l)) ? " " + c.on : "")}
                      >
                        <input
                          type="radio"
                          name={f.key}
                          checked={now === l.id}
                          onChange={() => setChosen({ ...chosen, [f.key]: l.id })}
                        />
                        <span class={c.text} dir="auto" title={shownOf(f, l)}>
                          {shownOf(f, l) || <i>{s.lead.empty}</i>}
                        </span>
                      </label>
                    ))}
                  </div>
                )}
              </fieldset>
            );
          })}
          {!open.length && <p class={c.intro}>{s.merge.same}</p>}
        </div>
        {rows.length > open.length && (
          <Check checked={all} onChange={(e) => setAll(e.currentTarget.checked)}>
            {s.merge.showAll}
          </Check>
        )}
      </div>
      <div class={c.bottom}>
        <Badge>{s.merge.undoable}</Badge>
        <span class={c.space} />
        <LinkButton href={backTo()}>{s.cancel}</LinkButton>
        <Button look="primary" icon={iMerge} busy={busy} onClick={merge}>
          {s.merge.mergeN(leads.length)}
        </Button>
      </div>
    </Page>
  );
}
