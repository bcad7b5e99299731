// What can be done with the selected leads, or with all of a filter.
import { useState } from "preact/hooks";
import * as c from "./leads.module.css";
import * as api from "../api";
import { s } from "../strings";
import { navigate } from "../router";
import { may } from "../session";
import { assignable, choices, elements, elementText, type Lead } from "../desk";
import { Button, Dialog, Field, Input, Menu, Select, toast } from "../ui/kit";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iX from "../../vendor/lucide/x.svg";
import iMerge from "../../vendor/lucide/merge.svg";

// operated says what an operation did and offers to take it back.
export function operated(message: string, done: api.BulkAnswer, again: () => void) {
  const back = async () => {
    try {
      const u = await api.takeBack(done.import!);
      toast(u.accounting.kept ? s.leads.partlyUndone(u.accounting.kept) : s.leads.undone);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
    again();
  };
  toast(message + (done.skipped ? " " + s.leads.skippedToo(done.skipped) : ""), {
    action: done.import ? { label: s.undo, run: back } : undefined,
  });
}

type Plan = { change: api.BulkChange; title: string; danger?: boolean };

export function Bulk({
  picked,
  filter,
  all,
  bin,
  onEverything,
  onClear,
  onDone,
}: {
  picked: Lead[];
  filter: api.LeadFilter | null;
  all: number;
  bin: boolean;
  onEverything: () => void;
  onClear: () => void;
  onDone: () => void;
}) {
  const [tagging, setTagging] = useState<"add_tags" | "remove_tags" | null>(null);
  const [busy, setBusy] = useState(false);
  const [plan, setPlan] = useState<(Plan & { count: number }) | null>(null);
  const of: api.Selection = filter ? { filter } : { ids: picked.map((l) => l.id) };
  const run = async (p: Plan) => {
    setPlan(null);
    setBusy(true);
    try {
      const done = await api.bulk(of, p.change);
      operated(
        "delete" in p.change
          ? s.leads.deleted(done.changed)
          : "restore" in p.change
            ? s.leads.restored(done.changed)
            : s.leads.changed(done.changed),
        done,
        onDone,
      );
      onDone();
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    } finally {
      setBusy(false);
    }
  };
  // Over a whole filter the number is said before anything is done.
  const ask = async (p: Plan) => {
    if (!filter) return run(p);
    try {
      setPlan({ ...p, count: (await api.bulk(of, { count_only: true })).leads });
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  const label = filter ? s.leads.allSelected : s.leads.selected(picked.length);
  return (
    <div class={c.bulk} role="group" aria-label={label} aria-busy={busy}>
      <span role="status">{label}</span>
      {!filter && all > picked.length && (
        <Button small look="quiet" onClick={onEverything}>
          {all > 10000 ? s.leads.selectEverything : s.leads.selectAllOf(all)}
        </Button>
      )}
      <span class={c.bulkActs}>
        {bin
          ? may("lead.delete") && (
              <Button
                small
                icon={iUndo}
                onClick={() => ask({ change: { restore: true }, title: s.leads.restore })}
              >
                {s.leads.restore}
              </Button>
            )
          : may("lead.edit") && (
              <>
                <Menu
                  look="plain"
                  small
                  items={choices("status").map((o) => ({
                    label: o.label,
                    onSelect: () =>
                      ask({ change: { status: o.value }, title: `${s.leads.setStatus}: ${o.label}` }),
                  }))}
                >
                  {s.leads.setStatus}
                </Menu>
                <Menu
                  look="plain"
                  small
                  items={[
                    ...(may("lead.assign")
                      ? [
                          {
                            label: s.leads.nobody,
                            onSelect: () =>
                              ask({ change: { assign: 0 }, title: `${s.leads.setOwner}: ${s.leads.nobody}` }),
                          },
                        ]
                      : []),
                    ...assignable.value.map((p) => ({
                      label: p.display,
                      onSelect: () =>
                        ask({ change: { assign: p.id }, title: `${s.leads.setOwner}: ${p.display}` }),
                    })),
                  ]}
                >
                  {s.leads.setOwner}
                </Menu>
                <Menu
                  look="plain"
                  small
                  items={[
                    { label: s.leads.addTag, onSelect: () => setTagging("add_tags") },
                    { label: s.leads.removeTag, onSelect: () => setTagging("remove_tags") },
                  ]}
                >
                  {s.leads.tags}
                </Menu>
                {!filter && picked.length >= 2 && picked.length <= 3 && may("lead.delete") && (
                  <Button
                    small
                    icon={iMerge}
                    onClick={() => navigate(`/leads/merge?ids=${picked.map((l) => l.id).join(",")}`)}
                  >
                    {s.merge.merge}
                  </Button>
                )}
                {may("lead.delete") && (
                  <Button
                    small
                    icon={iTrash}
                    onClick={() => ask({ change: { delete: true }, title: s.leads.delete, danger: true })}
                  >
                    {s.leads.delete}
                  </Button>
                )}
              </>
            )}
        <Button small look="quiet" icon={iX} label={s.leads.deselect} onClick={onClear} />
      </span>
      {plan && (
        <Dialog
          title={plan.title}
          onClose={() => setPlan(null)}
          foot={
            <>
              <Button onClick={() => setPlan(null)}>{s.cancel}</Button>
              {plan.count <= 50000 && (
                <Button look={plan.danger ? "danger" : "primary"} onClick={() => run(plan)}>
                  {s.leads.forCount(plan.title, plan.count)}
                </Button>
              )}
            </>
          }
        >
          <p>{plan.count > 50000 ? s.leads.tooMany : s.leads.forAll(plan.count)}</p>
        </Dialog>
      )}
      {tagging && (
        <Tagging
          what={tagging}
          picked={picked}
          onClose={() => setTagging(null)}
          onDone={(tags) => {
            setTagging(null);
            void ask({
              change: tagging === "add_tags" ? { add_tags: tags } : { remove_tags: tags },
              title: `${tagging === "add_tags" ? s.leads.addTag : s.leads.removeTag}: ${tags.join(", ")}`,
            });
          }}
        />
      )}
    </div>
  );
}

function Tagging({
  what,
  picked,
  onClose,
  onDone,
}: {
  what: "add_tags" | "remove_tags";
  picked: Lead[];
  onClose: () => void;
  onDone: (tags: string[]) => void;
}) {
  const there = [
    ...new Set(picked.flatMap((l) => elements(l, "tags").map((t) => elementText("tags", t)))),
  ].sort();
  const choose = what === "remove_tags" && there.length > 0;
  const [tag, setTag] = useState(choose ? there[0]! : "");
  const [tried, setTried] = useState(false);
  const title = what === "add_tags" ? s.leads.addTag : s.leads.removeTag;
  const put = (e: Event) => {
    e.preventDefault();
    setTried(true);
    const tags = tag
      .split(/[,;]/)
      .map((t) => t.trim())
      .filter(Boolean);
    if (tags.length) onDone(tags);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={put}>
            {title}
          </Button>
        </>
      }
    >
      <form onSubmit={put}>
        <Field
          label={s.leads.tag}
          hint={choose ? undefined : s.lead.tagsHint}
          wrong={tried && !tag.trim() ? s.gate.missing : null}
        >
          {choose ? (
            <Select
              autoFocus
              value={tag}
              onChange={(e) => setTag(e.currentTarget.value)}
              options={there.map((t) => ({ value: t, label: t }))}
            />
          ) : (
            <Input autoFocus maxLength={255} value={tag} onInput={(e) => setTag(e.currentTarget.value)} />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
