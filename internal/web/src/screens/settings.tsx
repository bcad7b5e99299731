import { type ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import * as c from "./settings.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { loadSession, may, session } from "../session";
import { type Loaded, useLoad } from "../load";
import { know, personName } from "../desk";
import { ago, day, moment } from "../format";
import { countries } from "../countries";
import { setTheme, theme } from "../theme";
import {
  Badge,
  Button,
  Check,
  Combobox,
  Dialog,
  Empty,
  Field,
  hidden,
  Input,
  Loading,
  Notice,
  Section,
  Select,
  TableBox,
  Tabs,
  toast,
} from "../ui/kit";
import { Fields } from "./fields";
import { counted } from "./imports";
import iPlus from "../../vendor/lucide/plus.svg";
import iCopy from "../../vendor/lucide/copy.svg";
import iMail from "../../vendor/lucide/mail.svg";
import iKey from "../../vendor/lucide/key-round.svg";

const w = s.settings;

export function SettingsScreen({ tab }: { tab: string }) {
  const admin = may("settings");
  const tabs = [
    { key: "profile", label: w.profile, show: Profile },
    { key: "tokens", label: w.tokens, show: Tokens },
    ...(admin
      ? [
          { key: "general", label: w.general, show: General },
          { key: "fields", label: w.fields, show: Fields },
          { key: "people", label: w.people, show: People },
          { key: "mail", label: w.mail, show: Outbox },
          { key: "audit", label: w.audit, show: Audit },
        ]
      : []),
  ];
  const here = tabs.find((t) => t.key === (tab || "profile"));
  const Show = here?.show;
  return (
    <Page title={here ? `${here.label}` : w.title} crumb={{ href: "/settings", label: w.title }} bare>
      <div class={c.page}>
        <div class={c.tabs}>
          <Tabs
            label={w.title}
            tabs={tabs.map((t) => ({
              href: t.key === "profile" ? "/settings" : `/settings/${t.key}`,
              label: t.label,
              on: t === here,
            }))}
          />
        </div>
        <div class={c.body}>
          {Show ? (
            <Show />
          ) : (
            <Failed
              error={
                new api.Problem(
                  ["general", "fields", "people", "mail", "audit"].includes(tab) ? 403 : 404,
                  "",
                  w.noSuch,
                )
              }
              again={() => location.reload()}
            />
          )}
        </div>
      </div>
    </Page>
  );
}

// From shows what was loaded, or that it is being loaded, or why it cannot be.
function From<T>({ got, children }: { got: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (got.error && !got.data) return <Failed error={got.error} again={got.again} />;
  return got.data ? <>{children(got.data)}</> : <Loading />;
}

// useForm is a form's values, what is wrong with them, and its way out.
function useForm<T extends object>(first: T) {
  const [f, setF] = useState(first);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const put = (key: keyof T & string) => (e: { currentTarget: { value: string } }) =>
    setF({ ...f, [key]: e.currentTarget.value });
  const send = async (work: () => Promise<unknown>, then?: () => void) => {
    setBusy(true);
    setWrong({});
    setFailed(null);
    try {
      await work();
      then?.();
    } catch (x) {
      const p = x as api.Problem;
      const by: Record<string, string> = {};
      for (const e of p.errors ?? []) by[(e.location ?? "").replace(/^body\./, "")] = e.message ?? p.title;
      setWrong(by);
      if (!Object.keys(by).some((k) => k in f)) setFailed(api.say(x));
    } finally {
      setBusy(false);
    }
  };
  return { f, setF, put, wrong, setWrong, failed, busy, send };
}

// FormDialog asks for a form's values; above them stands what was wrong.
function FormDialog(p: {
  title: string;
  action: string;
  form: { busy: boolean; failed: string | null };
  save: (e: Event) => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog
      title={p.title}
      onClose={p.onClose}
      foot={
        <>
          <Button onClick={p.onClose}>{s.cancel}</Button>
          <Button look="primary" busy={p.form.busy} onClick={p.save}>
            {p.action}
          </Button>
        </>
      }
    >
      <form class={c.form} onSubmit={p.save} noValidate>
        {p.form.failed && (
          <Notice tone="error" live>
            {p.form.failed}
          </Notice>
        )}
        {p.children}
      </form>
    </Dialog>
  );
}

function zones(): { value: string; label: string }[] {
  return [
    { value: "", label: "UTC" },
    ...Intl.supportedValuesOf("timeZone").map((z) => ({ value: z, label: z.replaceAll("_", " ") })),
  ];
}

function Profile() {
  const u = session.value.user!;
  const form = useForm({ name: u.name, email: u.email, zone: u.zone });
  const pass = useForm({ old: "", new: "" });
  const save = (e: Event) => {
    e.preventDefault();
    void form.send(
      async () => {
        await api.putProfile(form.f);
        await loadSession();
        await know(true);
      },
      () => toast(s.saved),
    );
  };
  const change = (e: Event) => {
    e.preventDefault();
    if ([...pass.f.new].length < 10) {
      pass.setWrong({ new: s.gate.short });
      return;
    }
    void pass.send(
      () => api.putPassword(pass.f.old, pass.f.new),
      () => {
        pass.setF({ old: "", new: "" });
        toast(w.passwordChanged);
      },
    );
  };
  return (
    <>
      <Section title={w.theme} hint={w.themeHint}>
        <div class={c.theme} role="group" aria-label={w.theme}>
          {(["system", "light", "dark"] as const).map((t) => (
            <Button key={t} aria-pressed={theme.value === t} onClick={() => setTheme(t)}>
              {w.themes[t]}
            </Button>
          ))}
        </div>
      </Section>
      <Section title={w.you}>
        <form class={c.form} onSubmit={save} noValidate>
          {form.failed && (
            <Notice tone="error" live>
              {form.failed}
            </Notice>
          )}
          <Field label={s.gate.name} optional wrong={form.wrong.name}>
            <Input autocomplete="name" maxLength={255} value={form.f.name} onInput={form.put("name")} />
          </Field>
          <Field label={s.gate.email} optional hint={w.emailHint} wrong={form.wrong.email}>
            <Input
              type="email"
              autocomplete="email"
              maxLength={254}
              value={form.f.email}
              onInput={form.put("email")}
            />
          </Field>
          <Field label={s.gate.zone} hint={w.zoneHint} wrong={form.wrong.zone}>
            <Combobox
              options={zones()}
              value={form.f.zone}
              onChange={(zone) => form.setF({ ...form.f, zone })}
            />
          </Field>
          <div>
            <Button type="submit" look="primary" busy={form.busy}>
              {s.save}
            </Button>
          </div>
        </form>
      </Section>
      <Section title={s.gate.password}>
        <form class={c.form} onSubmit={change} noValidate>
          {pass.failed && (
            <Notice tone="error" live>
              {pass.failed}
            </Notice>
          )}
          <input type="text" autocomplete="username" value={u.username} readOnly hidden />
          <Field label={w.oldPassword} hint={w.oldPasswordHint} wrong={pass.wrong.old}>
            <Input
              type="password"
              autocomplete="current-password"
              value={pass.f.old}
              onInput={pass.put("old")}
            />
          </Field>
          <Field label={w.newPassword} hint={s.gate.passwordHint} wrong={pass.wrong.new}>
            <Input type="password" autocomplete="new-password" value={pass.f.new} onInput={pass.put("new")} />
          </Field>
          <div>
            <Button type="submit" busy={pass.busy}>
              {w.changePassword}
            </Button>
          </div>
        </form>
      </Section>
    </>
  );
}

function General() {
  const got = useLoad((abort) => api.getSettings(abort), []);
  return (
    <From got={got}>
      {(data) => <GeneralForm key={JSON.stringify(data)} data={data} onSaved={got.set} />}
    </From>
  );
}

function GeneralForm({ data, onSaved }: { data: api.Settings; onSaved: (x: api.Settings) => void }) {
  const form = useForm({ ...data, upload_days: String(data.upload_days) });
  const save = (e: Event) => {
    e.preventDefault();
    const days = Number(form.f.upload_days);
    if (!Number.isInteger(days) || days < 1 || days > 3650) {
      form.setWrong({ upload_days: w.daysWrong });
      return;
    }
    void form.send(
      async () => onSaved(await api.putSettings({ ...form.f, upload_days: days })),
      () => toast(s.saved),
    );
  };
  return (
    <Section title={w.general} hint={w.generalHint}>
      <form class={c.form} onSubmit={save} noValidate>
        {form.failed && (
          <Notice tone="error" live>
            {form.failed}
          </Notice>
        )}
        <Field label={w.organization} optional hint={w.organizationHint} wrong={form.wrong.organization}>
          <Input maxLength={255} value={form.f.organization} onInput={form.put("organization")} />
        </Field>
        <Field label={s.gate.country} hint={s.gate.countryHint} wrong={form.wrong.country}>
          <Combobox
            options={[{ value: "", label: s.journey.notSet }, ...countries()]}
            value={form.f.country}
            onChange={(country) => form.setF({ ...form.f, country })}
          />
        </Field>
        <Field label={s.gate.zone} hint={w.zoneAllHint} wrong={form.wrong.zone}>
          <Combobox
            options={zones()}
            value={form.f.zone}
            onChange={(zone) => form.setF({ ...form.f, zone })}
          />
        </Field>
        <Field label={w.days} hint={w.daysHint} wrong={form.wrong.upload_days}>
          <Input inputMode="numeric" value={form.f.upload_days} onInput={form.put("upload_days")} />
        </Field>
        <div>
          <Button type="submit" look="primary" busy={form.busy}>
            {s.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function People() {
  const got = useLoad((abort) => Promise.all([api.listUsers(abort), api.listTeams(abort)]), []);
  const [editing, setEditing] = useState<api.User | "new" | null>(null);
  return (
    <From got={got}>
      {([users, teams]) => (
        <section class={c.part}>
          <div class={c.top}>
            <p class={c.note}>{w.peopleText}</p>
            <Button look="primary" icon={iPlus} onClick={() => setEditing("new")}>
              {w.addPerson}
            </Button>
          </div>
          <TableBox label={w.people}>
            <thead>
              <tr>
                <th>{w.name}</th>
                <th>{s.gate.user}</th>
                <th>{s.gate.email}</th>
                <th>{w.role}</th>
                <th>{w.team}</th>
                <th>
                  <span class={hidden}>{s.settings.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.map((u) => (
                <tr key={u.id}>
                  <td dir="auto">
                    <span class={c.name}>{u.display}</span>{" "}
                    {u.disabled && <Badge tone="warning">{w.disabled}</Badge>}
                  </td>
                  <td dir="auto">{u.username}</td>
                  <td dir="auto">{u.email}</td>
                  <td class={c.nowrap}>{w.roles[u.role] ?? u.role}</td>
                  <td dir="auto">{teams.find((t) => t.id === u.team)?.name}</td>
                  <td>
                    <div class={c.acts}>
                      <Button small aria-label={`${s.edit}: ${u.display}`} onClick={() => setEditing(u)}>
                        {s.edit}
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </TableBox>
          {editing && (
            <Person
              user={editing === "new" ? null : editing}
              teams={teams}
              onClose={() => setEditing(null)}
              onDone={() => {
                setEditing(null);
                toast(s.saved);
                got.again();
                void know(true);
              }}
            />
          )}
        </section>
      )}
    </From>
  );
}

function Person({
  user,
  teams,
  onClose,
  onDone,
}: {
  user: api.User | null;
  teams: api.Team[];
  onClose: () => void;
  onDone: () => void;
}) {
  const form = useForm({
    username: user?.username ?? "",
    name: user?.name ?? "",
    email: user?.email ?? "",
    role: user?.role ?? "sales",
    team: teams.find((t) => t.id === user?.team)?.name ?? "",
    password: "",
  });
  const [disabled, setDisabled] = useState(!!user?.disabled);
  const self = user?.id === session.value.user!.id;
  const save = (e: Event) => {
    e.preventDefault();
    const f = form.f;
    if (!f.username.trim()) {
      form.setWrong({ username: s.gate.missing });
      return;
    }
    if ((f.password && [...f.password].length < 10) || (!user && !f.password)) {
      form.setWrong({ password: f.password ? s.gate.short : s.gate.missing });
      return;
    }
    const name = f.team.trim();
    const send = async () => {
      const team = name ? (teams.find((t) => t.name === name) ?? (await api.addTeam(name))) : undefined;
      const body: api.UserBody = { ...rest, team: team?.id };
      await (user ? api.putUser(user.id, body) : api.addUser(body));
    };
    const rest: api.UserBody = {
      username: f.username,
      name: f.name,
      email: f.email,
      role: f.role as api.UserBody["role"],
      disabled,
      zone: user?.zone || undefined,
      password: f.password || undefined,
    };
    void form.send(send, onDone);
  };
  return (
    <FormDialog
      title={user ? user.display : w.addPerson}
      action={s.save}
      form={form}
      save={save}
      onClose={onClose}
    >
      <Field label={s.gate.user} wrong={form.wrong.username}>
        <Input
          autoFocus
          autocapitalize="none"
          maxLength={255}
          value={form.f.username}
          onInput={form.put("username")}
        />
      </Field>
      <div class={c.two}>
        <Field label={w.name} optional wrong={form.wrong.name}>
          <Input maxLength={255} value={form.f.name} onInput={form.put("name")} />
        </Field>
        <Field label={s.gate.email} optional wrong={form.wrong.email}>
          <Input type="email" maxLength={254} value={form.f.email} onInput={form.put("email")} />
        </Field>
      </div>
      <Field label={w.role} hint={self ? w.selfRole : w.roleHints[form.f.role]}>
        <Select
          value={form.f.role}
          disabled={self}
          onChange={form.put("role")}
          options={Object.entries(w.roles).map(([value, label]) => ({ value, label }))}
        />
      </Field>
      <Field label={w.team} optional hint={w.teamHint} wrong={form.wrong.team}>
        <Input
          maxLength={255}
          {...({ list: "teams" } as object)}
          value={form.f.team}
          onInput={form.put("team")}
        />
      </Field>
      <datalist id="teams">
        {teams.map((t) => (
          <option key={t.id} value={t.name} />
        ))}
      </datalist>
      <Field
        label={user ? w.newPassword : s.gate.password}
        optional={!!user}
        hint={user ? w.setPasswordHint : w.firstPasswordHint}
        wrong={form.wrong.password}
      >
        <Input
          type="password"
          autocomplete="new-password"
          value={form.f.password}
          onInput={form.put("password")}
        />
      </Field>
      {user && !self && (
        <Check checked={disabled} onChange={(e) => setDisabled(e.currentTarget.checked)}>
          {w.disable}
        </Check>
      )}
      <button type="submit" hidden />
    </FormDialog>
  );
}

function Tokens() {
  const got = useLoad(async (abort) => {
    await know();
    return api.listTokens(abort);
  }, []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<api.Token | null>(null);
  const [dropping, setDropping] = useState<api.Token | null>(null);
  const drop = async () => {
    const t = dropping!;
    setDropping(null);
    try {
      await api.dropToken(t.id);
      toast(w.revoked(t.name));
      got.again();
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <From got={got}>
      {(tokens) => (
        <section class={c.part}>
          <div class={c.top}>
            <p class={c.note}>
              {w.tokensText}{" "}
              <a href="/api/v1/docs" target="_blank" rel="noopener">
                {w.apiDocs}
              </a>
            </p>
            <Button look="primary" icon={iPlus} onClick={() => setMaking(true)}>
              {w.makeToken}
            </Button>
          </div>
          {made?.secret && (
            <Notice
              tone="ok"
              live
              end={
                <Button small onClick={() => setMade(null)}>
                  {s.close}
                </Button>
              }
            >
              <p>{w.secretText}</p>
              <div class={c.secret}>
                <code>{made.secret}</code>
                <Button
                  icon={iCopy}
                  onClick={() => navigator.clipboard?.writeText(made.secret!).then(() => toast(s.copied))}
                >
                  {s.copy}
                </Button>
              </div>
            </Notice>
          )}
          {!tokens.length ? (
            <Empty icon={iKey} title={w.noTokens}>
              {w.noTokensText}
            </Empty>
          ) : (
            <TableBox label={w.tokens}>
              <thead>
                <tr>
                  <th>{w.name}</th>
                  <th>{w.person}</th>
                  <th>{w.scopes}</th>
                  <th>{w.used}</th>
                  <th>{w.expires}</th>
                  <th>
                    <span class={hidden}>{s.settings.actions}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {tokens.map((t) => (
                  <tr key={t.id}>
                    <td dir="auto" class={c.name}>
                      {t.name}
                    </td>
                    <td dir="auto">{personName(t.user)}</td>
                    <td>
                      {t.scopes.length ? t.scopes.map((x) => w.scopeNames[x] ?? x).join(", ") : w.allScopes}
                    </td>
                    <td class={c.nowrap}>{t.used ? ago(t.used) : w.never}</td>
                    <td class={c.nowrap}>{t.expires ? day(t.expires) : w.never}</td>
                    <td>
                      <div class={c.acts}>
                        <Button small aria-label={`${w.revoke}: ${t.name}`} onClick={() => setDropping(t)}>
                          {w.revoke}
                        </Button>
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </TableBox>
          )}
          {making && (
            <NewToken
              onClose={() => setMaking(false)}
              onDone={(t) => {
                setMaking(false);
                setMade(t);
                got.again();
              }}
            />
          )}
          {dropping && (
            <Dialog
              title={w.revokeAsk(dropping.name)}
              onClose={() => setDropping(null)}
              foot={
                <>
                  <Button onClick={() => setDropping(null)}>{s.cancel}</Button>
                  <Button look="danger" onClick={drop}>
                    {w.revoke}
                  </Button>
                </>
              }
            >
              <p>{w.revokeText}</p>
            </Dialog>
          )}
        </section>
      )}
    </From>
  );
}

function NewToken({ onClose, onDone }: { onClose: () => void; onDone: (t: api.Token) => void }) {
  const form = useForm({ name: "", days: "90" });
  const mine = Object.keys(session.value.may).sort();
  const [scopes, setScopes] = useState<string[]>([]);
  const save = (e: Event) => {
    e.preventDefault();
    if (!form.f.name.trim()) {
      form.setWrong({ name: s.gate.missing });
      return;
    }
    void form.send(async () =>
      onDone(
        await api.addToken({
          name: form.f.name.trim(),
          days: Number(form.f.days) || undefined,
          scopes: scopes.join(",") || undefined,
        }),
      ),
    );
  };
  return (
    <FormDialog title={w.makeToken} action={w.makeToken} form={form} save={save} onClose={onClose}>
      <Field label={w.tokenName} wrong={form.wrong.name}>
        <Input autoFocus maxLength={255} value={form.f.name} onInput={form.put("name")} />
      </Field>
      <Field label={w.expires}>
        <Select
          value={form.f.days}
          onChange={form.put("days")}
          options={[
            ["30", w.inDays(30)],
            ["90", w.inDays(90)],
            ["365", w.inDays(365)],
            ["0", w.never],
          ].map(([value, label]) => ({ value: value!, label: label! }))}
        />
      </Field>
      <fieldset class={c.part}>
        <legend class={c.name}>{w.scopes}</legend>
        <p class={c.note}>{w.scopesHint}</p>
        <div class={c.two}>
          {mine.map((p) => (
            <Check
              key={p}
              checked={scopes.includes(p)}
              onChange={(e) =>
                setScopes(e.currentTarget.checked ? [...scopes, p] : scopes.filter((x) => x !== p))
              }
            >
              {w.scopeNames[p] ?? p}
            </Check>
          ))}
        </div>
      </fieldset>
      <button type="submit" hidden />
    </FormDialog>
  );
}

const mailTone = { sent: "ok", waiting: "info", failed: "error" } as const;

function Outbox() {
  const got = useLoad((abort) => api.listMail(undefined, abort), []);
  const [open, setOpen] = useState<api.Mail | null>(null);
  return (
    <From got={got}>
      {(mail) => (
        <section class={c.part}>
          <p class={c.note}>{session.value.mail ? w.mailText : w.mailOff}</p>
          {!mail.length ? (
            <Empty icon={iMail} title={w.noMail}>
              {w.noMailText}
            </Empty>
          ) : (
            <TableBox label={w.mail}>
              <thead>
                <tr>
                  <th>{w.subject}</th>
                  <th>{w.to}</th>
                  <th>{s.imports.state}</th>
                  <th>{s.imports.when}</th>
                </tr>
              </thead>
              <tbody>
                {mail.map((m) => (
                  <tr key={m.id}>
                    <td dir="auto">
                      <button type="button" class={c.name + " " + c.link} onClick={() => setOpen(m)}>
                        {m.subject}
                      </button>
                    </td>
                    <td dir="auto">{m.recipients}</td>
                    <td class={c.nowrap}>
                      <Badge dot tone={mailTone[m.state as "sent"]}>
                        {w.mailStates[m.state] ?? m.state}
                      </Badge>
                    </td>
                    <td class={c.nowrap}>
                      <time dateTime={m.at} title={moment(m.at)}>
                        {ago(m.at)}
                      </time>
                    </td>
                  </tr>
                ))}
              </tbody>
            </TableBox>
          )}
          <Older
            rows={mail}
            more={(before) => api.listMail(before)}
            onMore={(rows) => got.set([...mail, ...rows])}
          />
          {open && <Letter mail={open} onClose={() => setOpen(null)} />}
        </section>
      )}
    </From>
  );
}

function Letter({ mail, onClose }: { mail: api.Mail; onClose: () => void }) {
  let body = mail.message;
  try {
    body = (JSON.parse(mail.message) as { Text?: string }).Text ?? body;
  } catch {
    /* shown as it is */
  }
  return (
    <Dialog wide title={mail.subject} onClose={onClose}>
      <dl class={c.pairs}>
        <dt>{w.to}</dt>
        <dd dir="auto">{mail.recipients}</dd>
        <dt>{s.imports.when}</dt>
        <dd>{moment(mail.at)}</dd>
        {mail.reason && (
          <>
            <dt>{w.reason}</dt>
            <dd dir="auto">{mail.reason}</dd>
          </>
        )}
      </dl>
      <pre class={c.pre} dir="auto" tabindex={0}>
        {body}
      </pre>
    </Dialog>
  );
}

function Audit() {
  const got = useLoad(async (abort) => {
    await know();
    return api.listAudit(undefined, abort);
  }, []);
  return (
    <From got={got}>
      {(list) => (
        <section class={c.part}>
          <p class={c.note}>{w.auditText}</p>
          <TableBox label={w.audit}>
            <thead>
              <tr>
                <th>{s.imports.when}</th>
                <th>{w.person}</th>
                <th>{w.what}</th>
                <th>{w.of}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((e) => (
                <tr key={e.id}>
                  <td class={c.nowrap}>
                    <time dateTime={e.at}>{moment(e.at)}</time>
                  </td>
                  <td dir="auto">{e.actor ? personName(e.actor) : w.system}</td>
                  <td class={c.nowrap}>{w.audited[e.action] ?? e.action}</td>
                  <td dir="auto">
                    <Touched e={e} />
                  </td>
                </tr>
              ))}
            </tbody>
          </TableBox>
          <Older
            rows={list}
            more={(before) => api.listAudit(before)}
            onMore={(rows) => got.set([...list, ...rows])}
          />
        </section>
      )}
    </From>
  );
}

// Touched is what a line of the audit log is about: an import or a person by
// name, else what it says itself.
function Touched({ e }: { e: Awaited<ReturnType<typeof api.listAudit>>[number] }) {
  const on = e.action.split(".")[0]!;
  const person = ["user", "session", "setup"].includes(on);
  const id = e.target ? `#${e.target}` : "";
  const detail = e.detail.startsWith("{") ? counted(JSON.parse(e.detail)) : e.detail;
  return (
    <>
      {["import", "lead"].includes(on) && e.target ? (
        <a href={`/imports/${e.target}`}>{id}</a>
      ) : person ? (
        personName(e.target)
      ) : (
        id
      )}
      {detail && (
        <span class={c.quiet}>
          {id && " · "}
          {detail}
        </span>
      )}
    </>
  );
}

// Older loads the rows before the last one; a short page was the last.
function Older<T extends { id: number }>({
  rows,
  more,
  onMore,
}: {
  rows: T[];
  more: (before: number) => Promise<T[]>;
  onMore: (rows: T[]) => void;
}) {
  const [end, setEnd] = useState(rows.length < 50);
  if (end) return null;
  const load = async () => {
    try {
      const got = await more(rows.at(-1)!.id);
      setEnd(got.length < 50);
      onMore(got);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <div>
      <Button onClick={load}>{s.imports.more}</Button>
    </div>
  );
}
