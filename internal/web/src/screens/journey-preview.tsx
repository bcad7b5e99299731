// The step of the preview: what becomes of every record, and the button that
// does it.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { navigate, query } from "../router";
import { session } from "../session";
import { assignable, personName } from "../desk";
import { day } from "../format";
import { Button, Loading, Menu, Notice, Select, toast } from "../ui/kit";
import { Decisions } from "./answers";
import { Conflicts } from "./conflicts";
import { given, unmapped } from "./mapping";
import { Foot, type Journey } from "./journey";
import { Line, Records } from "./records";
import { rulesOf, RulesButton } from "./rules";
import { owners } from "./same";

export function PreviewStep({ j }: { j: Journey }) {
  const { prep } = j;
  const a = j.imp.accounting;
  const leads = a.new + a.update;
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const list = useRef<HTMLElement>(null);
  const key = useRef(crypto.randomUUID());
  const outcome =
    query.value.get("outcome") ?? (a.conflicts ? "conflict" : a.update ? "update" : a.new ? "new" : "all");
  const open = (prep.decisions?.length ?? 0) + (j.imp.decisions?.length ?? 0) > 0;
  const left = unmapped(prep).length;
  const at = `/imports/${j.imp.id}`;
  const until = new Date(Date.now() + 90 * 86400e3);
  const start = async () => {
    if (j.busy) return;
    if (open) {
      setSaid(s.journey.openDecisions);
      return;
    }
    if (!leads) {
      if (a.conflicts) {
        navigate(`${at}/preview?outcome=conflict`);
        list.current?.scrollIntoView();
      } else if (a.errors) navigate(`${at}/review?show=errors`);
      setSaid(
        a.conflicts
          ? w.nothing.toDecide(a.conflicts)
          : a.errors
            ? w.nothing.toMend(a.errors)
            : s.journey.nothingToImport,
      );
      return;
    }
    setBusy(true);
    try {
      await j.apply(api.act(j.imp.id, "start", key.current));
      toast(session.value.mail ? s.journey.startedMail : s.journey.started);
      navigate(at, { replace: true });
    } catch (e) {
      setSaid(api.say(e));
      key.current = crypto.randomUUID();
    } finally {
      setBusy(false);
    }
  };
  const foot = (
    <Foot j={j} back="review">
      <Button look="primary" busy={busy || j.busy} onClick={start}>
        {leads
          ? s.journey.import(leads)
          : a.conflicts
            ? w.nothing.decide(a.conflicts)
            : a.errors
              ? w.nothing.mend(a.errors)
              : w.nothing.none}
      </Button>
    </Foot>
  );
  if (!j.imp.checked)
    return (
      <>
        <div class={c.body}>
          <Loading label={s.journey.checking} />
        </div>
        {foot}
      </>
    );
  return (
    <>
      <div class={c.body}>
        {said && (
          <Notice tone="warning" live>
            {said}
          </Notice>
        )}
        <Decisions j={j} />
        <section class={c.part}>
          <h2>{s.journey.accounting}</h2>
          <Line
            of={a}
            label={s.journey.accounting}
            at={outcome}
            href={(o) => `${at}/preview?outcome=${o || "all"}`}
          />
          <dl class={c.terms}>
            {(a.update > 0 || a.unchanged > 0 || prep.recipe.existing) && (
              <div>
                <dt>{s.journey.existing}</dt>
                <dd>
                  <Select
                    compact
                    aria-label={s.journey.existing}
                    value={prep.recipe.existing === "update" ? "" : (prep.recipe.existing ?? "")}
                    onChange={(e) => {
                      const v = e.currentTarget.value;
                      j.change((r) => ({ ...r, existing: v || undefined }));
                    }}
                    options={Object.entries(s.journey.existingChoices).map(([value, label]) => ({
                      value,
                      label,
                    }))}
                  />
                  <span class={c.quiet}>
                    {[
                      a.update_fill && s.journey.fills(a.update_fill),
                      a.update_replace && s.journey.replaces(a.update_replace),
                      a.update_typed && s.journey.typed(a.update_typed),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </dd>
              </div>
            )}
            <div>
              <dt>{w.rules.name}</dt>
              <dd>
                <span>{rulesOf(prep.recipe).join(" · ")}</span>
                <RulesButton j={j} />
              </dd>
            </div>
            {a.new > 0 && (
              <Term name={s.journey.owner} to={`${at}/columns`} verb={s.change}>
                {given(prep, "owner") ? w.ownerColumn : ownerLine(j)}
              </Term>
            )}
            {left > 0 && (
              <Term name={w.terms.columns} to={`${at}/columns`} verb={s.change}>
                {w.unmapped(left)}
              </Term>
            )}
            {a.cells_not_imported ? (
              <Term name={w.terms.cells} to={`${at}/review`} verb={s.journey.steps.review!}>
                {s.journey.cellsLeftOut(a.cells_not_imported)}
              </Term>
            ) : null}
            {a.accounts || a.tags ? (
              <Term name={w.terms.made}>
                {[a.accounts && s.journey.accountsMade(a.accounts), a.tags && s.journey.tagsMade(a.tags)]
                  .filter(Boolean)
                  .join(" · ")}
              </Term>
            ) : null}
            {a.errors > 0 && (
              <Term name={w.terms.errors} to={`${at}/review?show=errors`} verb={s.journey.steps.review!}>
                {prep.recipe.all_or_nothing ? w.allErrors(a.errors) : w.stillErrors(a.errors)}
              </Term>
            )}
            {a.conflicts > 0 && (
              <Term name={w.terms.conflicts} to={`${at}/preview?outcome=conflict`} verb={w.terms.decide}>
                {prep.recipe.all_or_nothing ? w.allConflicts(a.conflicts) : w.stillConflicts(a.conflicts)}
              </Term>
            )}
            {leads > 0 && <Term name={s.undo}>{w.undoUntil(day(until))}</Term>}
            {leads > 0 && <Told j={j} />}
          </dl>
        </section>
        <section class={c.part} ref={list}>
          <h2>
            {outcome === "conflict" && a.conflicts
              ? w.decide(a.conflicts)
              : (s.review.heads[outcome] ?? s.journey.anyOutcome)}
          </h2>
          {outcome === "conflict" ? (
            <Conflicts j={j} />
          ) : (
            <Records id={j.imp.id} outcome={outcome === "all" ? undefined : outcome} turn={j.turn} />
          )}
        </section>
      </div>
      {foot}
    </>
  );
}

// Told is who gets the mail about the result: who imports, and whom that person chooses.
function Told({ j }: { j: Journey }) {
  const me = session.value.user!;
  const told = j.prep.recipe.tell ?? [];
  const others = assignable.value.filter((p) => p.email && p.id !== me.id);
  const who = others.filter((p) => told.includes(p.username)).map((p) => p.display);
  return (
    <div>
      <dt>{w.terms.told}</dt>
      <dd>
        <span dir="auto">
          {[me.email ? me.display : "", ...who].filter(Boolean).join(", ") || s.leads.nobody}
        </span>
        {others.length > 0 && (
          <Menu
            small
            end
            look="plain"
            items={others.map((p) => ({
              label: p.display,
              on: told.includes(p.username),
              onSelect: () =>
                j.change((r) => ({
                  ...r,
                  tell: told.includes(p.username)
                    ? told.filter((x) => x !== p.username)
                    : [...told, p.username],
                })),
            }))}
          >
            {w.tellOthers}
          </Menu>
        )}
      </dd>
    </div>
  );
}

// Term is one thing to know before the import, and where to change it.
function Term({
  name,
  to,
  verb,
  children,
}: {
  name: string;
  to?: string;
  verb?: string;
  children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span>{children}</span>
        {to && (
          <a href={to} aria-label={`${verb}: ${name}`}>
            {verb}
          </a>
        )}
      </dd>
    </div>
  );
}

// ownerLine says who gets the new leads: of several, the first ones one more
// where the number does not divide.
function ownerLine(j: Journey): string {
  const list = owners(j);
  const k = j.imp.accounting.new;
  const name = (user: string) => assignable.value.find((x) => x.username === user)?.display ?? user;
  if (list.length < 2) return w.ownerLine(k, list[0] ? name(list[0]) : personName(j.imp.actor));
  return w.ownerShares(
    k,
    list.map((user, i) => [name(user), Math.floor((k + list.length - 1 - i) / list.length)]),
  );
}
