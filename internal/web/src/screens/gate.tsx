import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import * as c from "../shell.module.css";
import * as api from "../api";
import { s } from "../strings";
import { linkFailed, loadSession, session, setupSecret } from "../session";
import { navigate, path, query, title } from "../router";
import { Button, Field, Input, Notice, Select } from "../ui/kit";
import { countries } from "../countries";

// Gate is what stands before the application: sign-in, or with the link from
// the server's console the set-up of a new installation.
export function Gate() {
  const setup = session.value.state === "setup" && setupSecret.value !== "";
  return <main class={c.gate}>{setup ? <SetUp /> : <SignIn />}</main>;
}

async function enter() {
  await loadSession();
  const next = query.value.get("next");
  setupSecret.value = "";
  if (["/sign-in", "/setup"].includes(path.value))
    navigate(next?.startsWith("/") && !next.startsWith("//") ? next : "/leads", { replace: true });
}

function SignIn() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string | null>(linkFailed.value || null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  useLayoutEffect(() => title(s.gate.signIn), []);
  useEffect(() => {
    if (session.value.state === "in" && path.value === "/sign-in" && !api.signedOut.value) enter();
  }, []);
  const submit = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (!username || !password) return;
    setBusy(true);
    setWrong(null);
    try {
      await api.signIn(username, password);
      await enter();
    } catch (x) {
      setWrong((x as api.Problem).status === 401 ? s.gate.wrong : api.say(x));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class={c.card}>
      <img src="/icon.svg" alt="" width="32" height="32" />
      <div>
        <h1 tabindex={-1}>{s.gate.signIn}</h1>
        <p class={c.lead}>{s.gate.signInText}</p>
      </div>
      {wrong ? (
        <Notice tone="error" live>
          {wrong}
        </Notice>
      ) : (
        session.value.state === "setup" && <Notice tone="info">{s.gate.needsLink}</Notice>
      )}
      <form onSubmit={submit} noValidate>
        <Field label={s.gate.username} wrong={tried && !username ? s.gate.missing : null}>
          <Input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            value={username}
            autoFocus
            onInput={(e) => setUsername(e.currentTarget.value)}
          />
        </Field>
        <Field label={s.gate.password} wrong={tried && !password ? s.gate.missing : null}>
          <Input
            name="password"
            type="password"
            autocomplete="current-password"
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </Field>
        <Button look="primary" type="submit" busy={busy}>
          {s.gate.signIn}
        </Button>
      </form>
    </section>
  );
}

function SetUp() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const guess = new Intl.Locale(navigator.language || "en").region ?? "";
  const [f, setF] = useState({ name: "", username: "", email: "", password: "", country: guess, zone });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const secret = setupSecret.value;
  useLayoutEffect(() => title(s.gate.setUp), []);
  const put = (key: keyof typeof f) => (e: { currentTarget: { value: string } }) =>
    setF({ ...f, [key]: e.currentTarget.value });
  const short = [...f.password].length < 10;
  const submit = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (!f.username || short || !f.country) return;
    setBusy(true);
    setWrong(null);
    try {
      await api.setUp(secret, f);
      await enter();
    } catch (x) {
      setWrong((x as api.Problem).status === 403 ? s.gate.linkUsed : api.say(x));
    } finally {
      setBusy(false);
    }
  };
  const zones = Intl.supportedValuesOf("timeZone");
  if (!zones.includes(zone)) zones.unshift(zone);
  return (
    <section class={c.card}>
      <img src="/icon.svg" alt="" width="32" height="32" />
      <div>
        <h1 tabindex={-1}>{s.gate.setUp}</h1>
        <p class={c.lead}>{s.gate.setUpText}</p>
      </div>
      {wrong && (
        <Notice tone="error" live>
          {wrong}
        </Notice>
      )}
      <form onSubmit={submit} noValidate>
        <Field label={s.gate.name} optional>
          <Input autocomplete="name" value={f.name} onInput={put("name")} autoFocus />
        </Field>
        <Field label={s.gate.user} wrong={tried && !f.username ? s.gate.missing : null}>
          <Input autocomplete="username" autocapitalize="none" value={f.username} onInput={put("username")} />
        </Field>
        <Field label={s.gate.email} optional>
          <Input type="email" autocomplete="email" value={f.email} onInput={put("email")} />
        </Field>
        <Field
          label={s.gate.password}
          hint={s.gate.passwordHint}
          wrong={tried && short ? s.gate.short : null}
        >
          <Input type="password" autocomplete="new-password" value={f.password} onInput={put("password")} />
        </Field>
        <div class={c.two}>
          <Field label={s.gate.country} wrong={tried && !f.country ? s.gate.missing : null}>
            <Select
              value={f.country}
              onChange={put("country")}
              options={[{ value: "", label: s.journey.notSet }, ...countries()]}
            />
          </Field>
          <Field label={s.gate.zone}>
            <Select
              value={f.zone}
              onChange={put("zone")}
              options={zones.map((z) => ({ value: z, label: z.replaceAll("_", " ") }))}
            />
          </Field>
        </div>
        <Button look="primary" type="submit" busy={busy}>
          {s.gate.create}
        </Button>
      </form>
    </section>
  );
}
