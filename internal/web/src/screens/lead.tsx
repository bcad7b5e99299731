import { useEffect, useState } from "preact/hooks";
import * as c from "./lead.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate, query, setQuery } from "../router";
import { useLoad } from "../load";
import { backTo, neighbours, type Neighbours } from "../trail";
import {
  addressLines,
  editable,
  elements,
  elementText,
  field,
  fields,
  know,
  type Lead,
  personName,
  show,
  statusTone,
  text,
  today,
} from "../desk";
import { ago, day, moment } from "../format";
import {
  Area,
  Avatar,
  Badge,
  Button,
  cx,
  Field,
  hidden,
  LinkButton,
  Loading,
  Menu,
  Notice,
  toast,
} from "../ui/kit";
import { Icon } from "../ui/icon";
import { CellEditor, saveField } from "./cell";
import { apart, LeadForm, parts } from "./form";
import { type LinkKind, linkHref } from "./link";
import { Qualify } from "./qualify";
import { keepApart, shares } from "./twins";
import iPencil from "../../vendor/lucide/pencil.svg";
import iMore from "../../vendor/lucide/ellipsis.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iCopy from "../../vendor/lucide/copy.svg";
import iPhone from "../../vendor/lucide/phone.svg";
import iMail from "../../vendor/lucide/mail.svg";
import iGlobe from "../../vendor/lucide/globe.svg";
import iLeft from "../../vendor/lucide/chevron-left.svg";
import iRight from "../../vendor/lucide/chevron-right.svg";
import iQualify from "../../vendor/lucide/user-check.svg";
import iBan from "../../vendor/lucide/ban.svg";
import iFiles from "../../vendor/lucide/files.svg";

export function LeadScreen({ id }: { id: number }) {
  const got = useLoad(
    async (abort) => {
      await know();
      return Promise.all([
        api.getLead(id, abort),
        api.leadHistory(id, abort),
        api.duplicates(id, abort).catch(() => []),
      ]);
    },
    [id],
  );
  const [qualifying, setQualifying] = useState(false);
  const crumb = { href: backTo(), label: s.leads.title };
  if (got.error && !got.data)
    return (
      <Page title={s.leads.title} crumb={crumb}>
        <Failed error={got.error} again={got.again} />
      </Page>
    );
  if (!got.data)
    return (
      <Page title={s.leads.title} crumb={crumb}>
        <Loading />
      </Page>
    );
  const [lead, history, twins] = got.data;
  const name = text(lead, "name") || s.leads.noName;
  if (query.value.get("edit") === "1")
    return (
      <LeadForm
        lead={lead}
        onDone={() => {
          setQuery({ edit: null });
          got.again();
        }}
      />
    );
  // put shows a lead as it was just saved, and asks for its history.
  const put = (l: Lead) => {
    got.set([l, history, twins]);
    got.again();
  };
  const restore = async () => {
    try {
      await api.restoreLead(lead);
      toast(s.leads.restored(1));
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
    got.again();
  };
  const bin = async () => {
    try {
      const gone = await api.binLead(lead);
      toast(s.lead.deleted, {
        action: {
          label: s.undo,
          run: () =>
            api.restoreLead(gone).then(
              () => {
                toast(s.leads.undone);
                navigate(`/leads/${id}`);
              },
              (e) => toast(api.say(e), { tone: "error" }),
            ),
        },
      });
      navigate(backTo());
    } catch (e) {
      toast(api.say(e), { tone: "error" });
      got.again();
    }
  };
  const status = text(lead, "status");
  const edits = lead.may_edit && !lead.deleted_at;
  const to = (v: string) => void saveField(lead, field("status")!, v, put);
  const more = fields.value.filter(
    (f) =>
      !apart.has(f.key) &&
      !["contact", "opportunities", "account"].includes(f.key) &&
      (lead.values[f.key] !== undefined || f.custom),
  );
  return (
    <Page
      title={name}
      crumb={crumb}
      bare
      beside={
        <>
          <Badge dot tone={statusTone(status)}>
            {show(field("status")!, status)}
          </Badge>
          {text(lead, "do_not_email") === "true" && (
            <Badge tone="warning">{field("do_not_email")?.label}</Badge>
          )}
          {text(lead, "do_not_call") === "true" && (
            <Badge tone="warning">{field("do_not_call")?.label}</Badge>
          )}
        </>
      }
      actions={
        <>
          <Around id={id} />
          {lead.deleted_at ? (
            lead.may_delete && (
              <Button icon={iUndo} onClick={restore}>
                {s.leads.restore}
              </Button>
            )
          ) : (
            <>
              <Menu
                look="plain"
                icon={iMore}
                label={s.shell.actions}
                end
                items={[
                  {
                    label: s.lead.copyId,
                    icon: iCopy,
                    hint: String(lead.id),
                    onSelect: () =>
                      navigator.clipboard?.writeText(String(lead.id)).then(() => toast(s.copied)),
                  },
                  ...(edits && status !== "canceled"
                    ? [{ label: s.qualify.disqualify, icon: iBan, onSelect: () => to("canceled") }]
                    : []),
                  ...(edits && ["canceled", "qualified"].includes(status)
                    ? [{ label: s.qualify.reopen, icon: iUndo, onSelect: () => to("new") }]
                    : []),
                  ...(lead.may_delete
                    ? ["rule" as const, { label: s.leads.delete, icon: iTrash, bad: true, onSelect: bin }]
                    : []),
                ]}
              />
              {edits && (
                <Button icon={iPencil} onClick={() => setQuery({ edit: "1" }, {})}>
                  {s.edit}
                </Button>
              )}
              {edits && status !== "qualified" && (
                <Button look="primary" icon={iQualify} onClick={() => setQualifying(true)}>
                  {s.qualify.do}
                </Button>
              )}
            </>
          )}
        </>
      }
    >
      {lead.deleted_at ? (
        <div class={c.above}>
          <Notice tone="warning">{s.lead.inBin(personName(lead.deleted_by), day(lead.deleted_at))}</Notice>
        </div>
      ) : (
        twins.length > 0 && (
          <div class={c.above}>
            <Twin lead={lead} twins={twins} again={got.again} />
          </div>
        )
      )}
      <div class={c.cols}>
        <div class={c.left}>
          <Reach lead={lead} />
          <div class={c.sections}>
            {parts.map((p) => (
              <Section
                key={p.title}
                title={p.title}
                keys={p.keys.filter((k) => k !== "account")}
                lead={lead}
                from={history.fields}
                put={edits ? put : null}
              />
            ))}
            <Section
              title={s.lead.became}
              keys={["contact", "account", "opportunities"]}
              lead={lead}
              from={history.fields}
              put={null}
            />
            {elements(lead, "addresses").length > 0 && (
              <section class={c.part}>
                <h2>{s.lead.addresses}</h2>
                <dl class={c.list}>
                  {elements(lead, "addresses").map((a, i) => (
                    <>
                      <dt key={`t${i}`} dir="auto">
                        {a.label || s.lead.address}
                      </dt>
                      <dd key={i}>
                        <span class={c.stack}>
                          {addressLines(a).map((l, k) => (
                            <span key={k} dir="auto">
                              {l}
                            </span>
                          ))}
                        </span>
                        {i === 0 && <From of={history.fields.addresses} lead={lead} />}
                      </dd>
                    </>
                  ))}
                </dl>
              </section>
            )}
            {more.length > 0 && (
              <Section
                title={s.lead.more}
                keys={more.map((f) => f.key)}
                lead={lead}
                from={history.fields}
                put={edits ? put : null}
              />
            )}
          </div>
        </div>
        <aside class={c.right} aria-label={s.lead.activity}>
          <Comments lead={lead} write={edits} onDone={got.again} />
          <History lead={lead} history={history} />
        </aside>
      </div>
      {qualifying && <Qualify lead={lead} onClose={() => setQualifying(false)} onDone={got.again} />}
    </Page>
  );
}

// Around leads to the next and the previous lead of the list one came from.
function Around({ id }: { id: number }) {
  const [n, setN] = useState<Neighbours | null>(null);
  useEffect(() => {
    let on = true;
    neighbours(id).then(
      (x) => on && setN(x),
      () => {},
    );
    return () => {
      on = false;
    };
  }, [id]);
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (
        e.ctrlKey ||
        e.metaKey ||
        e.altKey ||
        (e.target as Element).closest("input, textarea, select, dialog, [role=menu]")
      )
        return;
      const to = e.key === "j" ? n?.next : e.key === "k" ? n?.previous : undefined;
      if (to) navigate(`/leads/${to}`);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [n]);
  if (!n || (!n.previous && !n.next)) return null;
  const button = (to: number | undefined, label: string, icon: typeof iLeft) => (
    <Button
      look="quiet"
      icon={icon}
      label={label}
      aria-disabled={!to}
      onClick={() => to && navigate(`/leads/${to}`)}
    />
  );
  return (
    <span class={c.around}>
      <span class={c.place}>{s.lead.placeOf(n.at, n.of)}</span>
      {button(n.previous, s.lead.previous, iLeft)}
      {button(n.next, s.lead.next, iRight)}
    </span>
  );
}

// Twin says that this lead may be another one's double.
function Twin({ lead, twins, again }: { lead: Lead; twins: api.Duplicate[]; again: () => void }) {
  const first = twins[0]!;
  const name = text(first.lead, "name") || s.leads.noName;
  return (
    <Notice
      tone="info"
      end={
        lead.may_edit ? (
          <>
            {lead.may_edit && first.lead.may_delete && (
              <LinkButton small icon={iFiles} href={`/leads/merge?ids=${lead.id},${first.lead.id}`}>
                {s.twins.compare}
              </LinkButton>
            )}
            <Button small onClick={() => keepApart(lead.id, first.lead.id, again)}>
              {s.twins.apart}
            </Button>
          </>
        ) : undefined
      }
    >
      {s.twins.mayBe}{" "}
      <a href={`/leads/${first.lead.id}`} dir="auto">
        {name}
      </a>{" "}
      ({shares(first.by)}){twins.length > 1 && " " + s.twins.andMore(twins.length - 1)}
    </Notice>
  );
}

// Reach are the ways to get in touch; what the person asked not to get is none.
function Reach({ lead }: { lead: Lead }) {
  const phone = elements(lead, "phones")[0];
  const email = elements(lead, "emails")[0];
  const site = text(lead, "website");
  const noCall = text(lead, "do_not_call") === "true";
  const noMail = text(lead, "do_not_email") === "true";
  if (!phone && !email && !site) return null;
  const link = (icon: typeof iMail, verb: string, whom: string, href: string) => (
    <LinkButton
      icon={icon}
      href={href}
      title={whom}
      label={`${verb} ${whom}`}
      {...(/^http/.test(href) ? { target: "_blank", rel: "noopener noreferrer" } : {})}
    >
      {verb}
    </LinkButton>
  );
  return (
    <div class={c.contacts}>
      {email &&
        !noMail &&
        link(
          iMail,
          s.lead.reach.mail,
          elementText("emails", email),
          `mailto:${encodeURIComponent(elementText("emails", email)).replace("%40", "@")}`,
        )}
      {phone &&
        !noCall &&
        link(
          iPhone,
          s.lead.reach.call,
          elementText("phones", phone),
          `tel:${(phone.phone ?? "").replace(/[^\d+;=a-z]/gi, "")}`,
        )}
      {/^https?:/.test(site) && link(iGlobe, s.lead.reach.site, site, site)}
    </div>
  );
}

const daily = [
  "status",
  "owner",
  "source",
  "follow_up_on",
  "tags",
  "job_title",
  "emails",
  "phones",
  "company_name",
  "website",
];

function Section({
  title,
  keys,
  lead,
  from,
  put,
}: {
  title: string;
  keys: string[];
  lead: Lead;
  from: Record<string, api.Origin>;
  put: ((l: Lead) => void) | null;
}) {
  const [editing, setEditing] = useState("");
  const filled = (f: api.FieldInfo) => lead.values[f.key] !== undefined && lead.values[f.key] !== "false";
  // What is worked with every day is there to be filled; the rest shows once it has a value.
  const shown = keys
    .map(field)
    .filter((f) => f && (filled(f) || (put && daily.includes(f.key)))) as api.FieldInfo[];
  if (!shown.length) return null;
  return (
    <section class={c.part}>
      <h2>{title}</h2>
      <dl class={c.list}>
        {shown.map((f) => {
          const can =
            put && editable(f) && (!f.parts?.length || f.key === "tags" || elements(lead, f.key).length <= 1);
          const late =
            f.key === "follow_up_on" &&
            filled(f) &&
            text(lead, f.key) <= today() &&
            !["qualified", "canceled"].includes(text(lead, "status"));
          const value =
            f.key === "tags" && filled(f) ? (
              <span class={c.tags}>
                {elements(lead, "tags").map((t, i) => (
                  <Badge key={i}>
                    <span dir="auto">{elementText("tags", t)}</span>
                  </Badge>
                ))}
              </span>
            ) : f.parts?.length && !f.entity && elements(lead, f.key).length > 1 ? (
              <span class={c.stack}>
                {elements(lead, f.key).map((e, i) => (
                  <span key={i} dir="auto">
                    {elementText(f.key, e)}
                  </span>
                ))}
              </span>
            ) : f.entity ? (
              <Links lead={lead} of={f} />
            ) : (
              <span dir="auto" class={cx(!filled(f) && c.none, late && c.late)}>
                {show(f, lead.values[f.key]) || s.lead.empty}
                {late && ` · ${s.lead.due}`}
              </span>
            );
          return (
            <>
              <dt key={f.key + "t"}>{f.label}</dt>
              <dd key={f.key}>
                {can && editing === f.key ? (
                  <span class={c.editBox}>
                    <CellEditor lead={lead} field={f} put={put} onDone={() => setEditing("")} />
                  </span>
                ) : can ? (
                  <button type="button" class={c.value} onClick={() => setEditing(f.key)}>
                    {value}
                    <span class={hidden}> · {s.lead.editField(f.label)}</span>
                    <Icon of={iPencil} size={13} />
                  </button>
                ) : (
                  <span class={c.fixed}>{value}</span>
                )}
                <From of={from[f.key]} lead={lead} />
              </dd>
            </>
          );
        })}
      </dl>
    </section>
  );
}

// Links lead to what a lead became.
function Links({ lead, of: f }: { lead: Lead; of: api.FieldInfo }) {
  const kind = f.entity as LinkKind;
  const list =
    kind === "account"
      ? [{ name: text(lead, f.key), ref: text(lead, f.key) }]
      : elements(lead, f.key).map((e) => ({
          name: kind === "contact" ? [e.first_name, e.last_name].filter(Boolean).join(" ") : (e.name ?? ""),
          ref: e.ref,
        }));
  return (
    <span class={c.stack}>
      {list.map((x, i) => (
        <span key={i} dir="auto">
          {x.ref ? <a href={linkHref(kind, x.ref)}>{x.name}</a> : x.name}
        </span>
      ))}
    </span>
  );
}

// From says where a value comes from; by hand needs no word. What came with the
// lead itself shows where one points: the history says it for all.
function From({ of, lead }: { of?: api.Origin; lead: Lead }) {
  if (!of?.import || !of.file || !of.record) return null;
  return (
    <span class={cx(c.origin, of.import === lead.import && of.record === lead.record && c.asMade)}>
      <a href={`/imports/${of.import}`} dir="auto">
        {s.lead.provenance(of.file, of.record)}
      </a>
    </span>
  );
}

// entries cuts the comments at the lines that date them, newest first; what
// stands before the first of them has no date.
export function entries(notes: string): { at: string; by: string; text: string }[] {
  const out: { at: string; by: string; text: string }[] = [];
  for (const block of notes.split("\n\n")) {
    const m = /^(\d{4}-\d\d-\d\d(?: \d\d:\d\d)?) ([^\n]{1,255})\n([\s\S]+)$/.exec(block);
    if (m) out.push({ at: m[1]!, by: m[2]!, text: m[3]! });
    else if (out.length) out.at(-1)!.text += "\n\n" + block;
    else out.push({ at: "", by: "", text: block });
  }
  return out.reverse();
}

function Comments({ lead, write, onDone }: { lead: Lead; write: boolean; onDone: () => void }) {
  const [value, setValue] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const notes = text(lead, "notes");
  const list = notes ? entries(notes) : [];
  if (!write && !list.length) return null;
  const send = async () => {
    if (!value.trim()) {
      setWrong(s.gate.missing);
      return;
    }
    setBusy(true);
    setWrong(null);
    try {
      await api.comment(lead.id, value);
      setValue("");
      onDone();
    } catch (e) {
      setWrong(api.say(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class={c.part}>
      <h2>{s.lead.comments}</h2>
      {write && (
        <div class={c.compose}>
          <Field label={s.lead.comment} hideLabel wrong={wrong}>
            <Area
              value={value}
              placeholder={s.lead.comment}
              dir="auto"
              maxLength={10000}
              onInput={(e) => setValue(e.currentTarget.value)}
              onKeyDown={(e) => {
                if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void send();
              }}
            />
          </Field>
          <div class={c.send}>
            <span class={c.meta}>{s.lead.commentHint}</span>
            <Button small busy={busy} onClick={send}>
              {s.lead.addComment}
            </Button>
          </div>
        </div>
      )}
      {list.length > 0 && (
        <ol class={c.comments}>
          {list.map((e, i) => (
            <li key={i}>
              {e.by && (
                <p class={c.byline}>
                  <Avatar name={e.by} />
                  <b dir="auto">{e.by}</b>{" "}
                  <span class={c.meta}>
                    {e.at.includes(":") ? moment(e.at.replace(" ", "T")) : day(e.at)}
                  </span>
                </p>
              )}
              <p class={c.notes} dir="auto">
                {e.text}
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

// madeBy says what changed a lead together with others.
function madeBy(ch: api.History["changes"][number]): string {
  if (!ch.file) return `${ch.reverts ? s.lead.undoOf : s.leads.import} ${s.leads.importN(String(ch.import))}`;
  if (ch.reverts) return s.imports.undoOf(ch.file);
  return ch.record ? s.lead.provenance(ch.file, ch.record) : ch.file;
}

function History({ lead, history }: { lead: Lead; history: api.History }) {
  const made = history.fields.name;
  // What made the lead by hand is in the journal too; it is told once, below.
  const changes = history.changes.filter(
    (ch) => !(ch.version === 1 && !Object.values(ch.before).some(Boolean)),
  );
  const when = (t: string) => (
    <time dateTime={t} title={moment(t)}>
      {ago(t)}
    </time>
  );
  return (
    <section class={c.part}>
      <h2>{s.lead.history}</h2>
      <ol class={c.time}>
        {changes.map((ch) => {
          const keys = [...new Set([...Object.keys(ch.before), ...Object.keys(ch.after)])];
          const what = keys.includes("deleted_at")
            ? ch.after.deleted_at
              ? s.lead.binned
              : s.lead.restored
            : keys.length === 1 && keys[0] === "notes"
              ? s.lead.commented
              : s.lead.changedFields(keys.length);
          return (
            <li key={ch.id} class={c.event}>
              <p>
                {what} {personName(ch.actor) && s.lead.typed(personName(ch.actor))}
              </p>
              <p class={c.meta}>
                {when(ch.at)}
                {ch.import ? (
                  <>
                    {" "}
                    ·{" "}
                    <a href={`/imports/${ch.import}`} dir="auto">
                      {madeBy(ch)}
                    </a>
                  </>
                ) : null}
              </p>
              {what !== s.lead.commented && (
                <ul class={c.diff}>
                  {keys
                    .filter((k) => k !== "deleted_at")
                    .map((k) => {
                      const f = field(k);
                      const say = (v: unknown) => (f ? show(f, v) : String(v ?? ""));
                      return (
                        <li key={k}>
                          <b>{f?.label ?? k}</b>{" "}
                          {say(ch.before[k]) && (
                            <>
                              <bdi>
                                <del class={c.was}>{say(ch.before[k])}</del>
                              </bdi>{" "}
                              →{" "}
                            </>
                          )}
                          <bdi>{say(ch.after[k]) || s.lead.empty}</bdi>
                        </li>
                      );
                    })}
                </ul>
              )}
            </li>
          );
        })}
        <li class={c.event}>
          <p>
            {s.lead.made} {personName(lead.created_by) && s.lead.typed(personName(lead.created_by))}
          </p>
          <p class={c.meta}>
            {when(lead.created_at)}
            {lead.import && lead.record ? (
              <>
                {" "}
                ·{" "}
                <a href={`/imports/${lead.import}`} dir="auto">
                  {made?.import === lead.import && made.file
                    ? s.lead.provenance(made.file, lead.record)
                    : `${s.leads.import} ${s.leads.importN(String(lead.import))}`}
                </a>
              </>
            ) : null}
          </p>
        </li>
      </ol>
    </section>
  );
}
