import { type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import * as c from "./shell.module.css";
import * as api from "./api";
import { s } from "./strings";
import { match, navigate, path, title } from "./router";
import { session, loadSession, signOut } from "./session";
import {
  Avatar,
  Button,
  Empty,
  kbd,
  LinkButton,
  Loading,
  Menu,
  option,
  optionText,
  Toasts,
  toast,
  groupName,
} from "./ui/kit";
import { Icon } from "./ui/icon";
import { Gate } from "./screens/gate";
import { LeadsScreen } from "./screens/leads";
import { readyViews } from "./screens/views";
import { LeadScreen } from "./screens/lead";
import { NewLeadScreen } from "./screens/form";
import { LinkScreen } from "./screens/link";
import { MergeScreen } from "./screens/merge";
import { ImportsScreen } from "./screens/imports";
import { RecipeScreen, RecipesScreen } from "./screens/recipes";
import { SettingsScreen } from "./screens/settings";
import { ImportScreen } from "./screens/journey";
import { NewImportScreen } from "./screens/journey-file";
import { UIScreen } from "./screens/ui";
import { setTheme, theme } from "./theme";
import { may } from "./session";
import iUsers from "../vendor/lucide/users.svg";
import iUpload from "../vendor/lucide/upload.svg";
import iSearch from "../vendor/lucide/search.svg";
import iMenu from "../vendor/lucide/menu.svg";
import iOut from "../vendor/lucide/log-out.svg";
import iPlus from "../vendor/lucide/plus.svg";
import iAlert from "../vendor/lucide/circle-alert.svg";
import iRecipe from "../vendor/lucide/scroll-text.svg";
import iSettings from "../vendor/lucide/settings.svg";
import iHelp from "../vendor/lucide/circle-help.svg";
import iRight from "../vendor/lucide/chevron-right.svg";
import iOff from "../vendor/lucide/wifi-off.svg";

const finder = signal(false);
const drawer = signal(false);

export function App() {
  useEffect(() => {
    loadSession();
  }, []);
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && session.value.state === "in") {
        e.preventDefault();
        finder.value = !finder.value;
      }
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
  useEffect(() => {
    drawer.value = false;
    finder.value = false;
  }, [path.value]);

  const state = session.value.state;
  if (path.value === "/__ui")
    return (
      <>
        <UIScreen />
        <Toasts />
      </>
    );
  if (state === "unknown") return api.offline.value ? <Gone /> : <Loading />;
  if (state === "setup" || state === "out" || api.signedOut.value)
    return (
      <>
        <Gate />
        <Toasts />
      </>
    );
  return (
    <>
      <a class={c.skip} href="#main">
        {s.shell.skip}
      </a>
      <div class={c.frame}>
        <nav class={c.side} aria-label={s.shell.menu}>
          <Side />
        </nav>
        <div class={c.main}>
          <header class={c.bar}>
            <Button
              look="quiet"
              icon={iMenu}
              label={s.shell.openMenu}
              onClick={() => (drawer.value = true)}
            />
            <Brand />
            <Button look="quiet" icon={iSearch} label={s.shell.find} onClick={() => (finder.value = true)} />
          </header>
          {api.offline.value && <Offline />}
          <main id="main" class={c.main}>
            <Route />
          </main>
        </div>
      </div>
      {drawer.value && <Drawer />}
      {finder.value && <Finder />}
      <Toasts />
    </>
  );
}

function Route() {
  const p = path.value;
  let m: Record<string, string> | null;
  if (p === "/" || p === "/sign-in" || p === "/setup") {
    navigate("/leads", { replace: true, quiet: true });
    return null;
  }
  if (p === "/leads") return <LeadsScreen />;
  if (p === "/leads/new") return <NewLeadScreen />;
  if (p === "/leads/merge") return <MergeScreen />;
  if ((m = match("/leads/:id"))) return <LeadScreen key={m.id} id={Number(m.id)} />;
  if ((m = match("/accounts/:which"))) return <LinkScreen key={m.which} kind="account" which={m.which!} />;
  if ((m = match("/contacts/:which"))) return <LinkScreen key={m.which} kind="contact" which={m.which!} />;
  if ((m = match("/opportunities/:which")))
    return <LinkScreen key={m.which} kind="opportunity" which={m.which!} />;
  if (p === "/imports") return <ImportsScreen />;
  if (p === "/imports/new") return <NewImportScreen />;
  if ((m = match("/imports/:id"))) return <ImportScreen key={m.id} id={Number(m.id)} step="" />;
  if ((m = match("/imports/:id/:step"))) return <ImportScreen key={m.id} id={Number(m.id)} step={m.step!} />;
  if (p === "/recipes") return <RecipesScreen />;
  if ((m = match("/recipes/:name"))) return <RecipeScreen key={m.name} name={m.name!} />;
  if (p === "/settings") return <SettingsScreen tab="" />;
  if ((m = match("/settings/:tab"))) return <SettingsScreen key={m.tab} tab={m.tab!} />;
  return (
    <Page title={s.shell.notFound}>
      <Empty
        icon={iHelp}
        title={s.shell.notFound}
        actions={<Button onClick={() => navigate("/leads")}>{s.shell.toLeads}</Button>}
      >
        {s.shell.notFoundText}
      </Empty>
    </Page>
  );
}

// Page is one screen: its heading, which takes the focus on arrival, its
// actions, and what it shows.
export function Page({
  title: text,
  crumb,
  actions,
  children,
  bare,
  beside,
}: {
  title: string;
  crumb?: { href: string; label: string };
  actions?: ComponentChildren;
  children?: ComponentChildren;
  bare?: boolean;
  beside?: ComponentChildren;
}) {
  useLayoutEffect(() => title(text), [text]);
  return (
    <>
      <header class={c.head}>
        {crumb && (
          <span class={c.crumb}>
            <a href={crumb.href}>{crumb.label}</a>
            <Icon of={iRight} size={14} />
          </span>
        )}
        <h1 tabindex={-1} dir="auto" title={text}>
          {text}
        </h1>
        {beside}
        {actions && <div class={c.actions}>{actions}</div>}
      </header>
      {bare ? children : <div class={c.body}>{children}</div>}
    </>
  );
}

function Brand() {
  return (
    <a class={c.brand} href="/leads">
      <img src="/icon.svg" alt="" width="20" height="20" />
      Leadport
    </a>
  );
}

function Side() {
  const user = session.value.user!;
  const link = (href: string, label: string, icon: [string, Record<string, string>][]) => (
    <a
      class={c.link}
      href={href}
      aria-current={path.value === href || path.value.startsWith(href + "/") ? "page" : undefined}
    >
      <Icon of={icon} />
      {label}
    </a>
  );
  return (
    <>
      <Brand />
      <button type="button" class={c.find} onClick={() => (finder.value = true)}>
        <Icon of={iSearch} />
        {s.shell.find}
        <kbd class={kbd}>Ctrl K</kbd>
      </button>
      <div class={c.group}>{s.shell.sales}</div>
      {link("/leads", s.shell.leads, iUsers)}
      {may("import") && link("/imports", s.shell.imports, iUpload)}
      {may("import") && link("/recipes", s.shell.recipes, iRecipe)}
      <div class={c.foot}>
        {link("/settings", s.shell.settings, iSettings)}
        <Menu
          label={undefined}
          items={[
            { group: user.email || user.username },
            ...(["system", "light", "dark"] as const).map((t) => ({
              label: `${s.shell.theme}: ${s.settings.themes[t]}`,
              on: theme.value === t,
              onSelect: () => setTheme(t),
            })),
            "rule",
            { label: s.shell.signOut, icon: iOut, onSelect: signOut },
          ]}
        >
          <Avatar name={user.display} />
          <span class={c.who}>{user.display}</span>
        </Menu>
      </div>
    </>
  );
}

function Drawer() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const el = ref.current!;
    el.showModal();
    return () => el.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={c.menuBox}
      aria-label={s.shell.menu}
      onCancel={(e) => {
        e.preventDefault();
        drawer.value = false;
      }}
      onClick={(e) => {
        if (e.target === ref.current) drawer.value = false;
      }}
    >
      <nav class={c.side} aria-label={s.shell.menu}>
        <Side />
      </nav>
    </dialog>
  );
}

// Finder is the command menu: places, actions, and leads by name.
function Finder() {
  const ref = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [leads, setLeads] = useState<{ id: number; name: string; note: string }[]>([]);
  useEffect(() => {
    const el = ref.current!;
    el.showModal();
    return () => el.close();
  }, []);
  useEffect(() => {
    if (text.trim().length < 2) {
      setLeads([]);
      return;
    }
    const abort = new AbortController();
    const wait = setTimeout(() => {
      api.findLeads(text.trim(), abort.signal).then(
        (found) => {
          setLeads(found);
        },
        () => setLeads([]),
      );
    }, 120);
    return () => {
      clearTimeout(wait);
      abort.abort();
    };
  }, [text]);
  const places: {
    label: string;
    icon: [string, Record<string, string>][];
    run: () => void;
    group: string;
    note?: string;
  }[] = [
    { label: s.shell.goLeads, icon: iUsers, run: () => navigate("/leads"), group: s.shell.places },
    ...(may("import")
      ? [
          { label: s.shell.goImports, icon: iUpload, run: () => navigate("/imports"), group: s.shell.places },
          { label: s.shell.goRecipes, icon: iRecipe, run: () => navigate("/recipes"), group: s.shell.places },
        ]
      : []),
    { label: s.shell.goSettings, icon: iSettings, run: () => navigate("/settings"), group: s.shell.places },
    ...readyViews.slice(1).map((v) => ({
      label: v.label,
      icon: iUsers,
      run: () => navigate("/leads?" + v.query),
      group: s.leads.views,
    })),
    ...(may("import")
      ? [
          {
            label: s.leads.importFile,
            icon: iUpload,
            run: () => navigate("/imports/new"),
            group: s.shell.actions,
          },
        ]
      : []),
    ...(may("lead.create")
      ? [{ label: s.leads.create, icon: iPlus, run: () => navigate("/leads/new"), group: s.shell.actions }]
      : []),
    ...(["system", "light", "dark"] as const)
      .filter((t) => t !== theme.value)
      .map((t) => ({
        label: `${s.shell.theme}: ${s.settings.themes[t]}`,
        icon: iSettings,
        run: () => setTheme(t),
        group: s.shell.actions,
      })),
    { label: s.shell.signOut, icon: iOut, run: signOut, group: s.shell.actions },
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [
    ...places.filter((p) => words.every((w) => p.label.toLowerCase().includes(w))),
    ...leads.map((l) => ({
      label: l.name,
      note: l.note,
      icon: iUsers,
      run: () => navigate(`/leads/${l.id}`),
      group: s.shell.leads,
    })),
  ];
  const here = Math.min(at, Math.max(0, all.length - 1));
  useEffect(() => {
    list.current?.querySelector(`[data-on="true"]`)?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const run = (i: number) => {
    const x = all[i];
    if (x) {
      finder.value = false;
      x.run();
    }
  };
  let group = "";
  return (
    <dialog
      ref={ref}
      class={c.palette}
      aria-label={s.shell.find}
      onCancel={(e) => {
        e.preventDefault();
        finder.value = false;
      }}
      onClick={(e) => {
        if (e.target === ref.current) finder.value = false;
      }}
    >
      <input
        class={c.paletteInput}
        role="combobox"
        aria-expanded="true"
        aria-controls="finder"
        aria-autocomplete="list"
        aria-label={s.shell.findHint}
        spellcheck={false}
        aria-activedescendant={all.length ? `finder-${here}` : undefined}
        placeholder={s.shell.findHint}
        value={text}
        autocomplete="off"
        onInput={(e) => {
          setText(e.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(e) => {
          const step = { ArrowDown: 1, ArrowUp: all.length - 1 }[e.key];
          if (step !== undefined && all.length) {
            e.preventDefault();
            setAt((here + step) % all.length);
          }
          if (e.key === "Enter") {
            e.preventDefault();
            run(here);
          }
        }}
      />
      <div ref={list} class={c.paletteList} role="listbox" id="finder" aria-label={s.shell.find}>
        {all.map((x, i) => {
          const head = x.group !== group ? (group = x.group) : "";
          return (
            <>
              {head && (
                <div class={groupName} role="presentation">
                  {head}
                </div>
              )}
              <div
                key={i}
                id={`finder-${i}`}
                class={option}
                role="option"
                aria-selected={i === here}
                data-on={i === here}
                onMouseMove={() => setAt(i)}
                onClick={() => run(i)}
              >
                <Icon of={x.icon} />
                <span class={optionText} dir="auto">
                  {x.label}
                </span>
                {x.note && <small dir="auto">{x.note}</small>}
              </div>
            </>
          );
        })}
      </div>
      {!all.length && <p class={c.paletteEmpty}>{s.nothingFound}</p>}
    </dialog>
  );
}

// Offline stands above the page while the server does not answer; it asks
// again by itself.
function Offline() {
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    try {
      await loadSession();
      if (!api.offline.value) toast(s.shell.back);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    const t = setInterval(ask, 5000);
    return () => clearInterval(t);
  }, []);
  return (
    <div class={c.banner} role="alert">
      <Icon of={iOff} />
      {s.error.offlineDetail}
      <Button small busy={busy} onClick={ask}>
        {s.again}
      </Button>
    </div>
  );
}

function Gone() {
  return (
    <Empty icon={iOff} title={s.error.offline} actions={<Button onClick={loadSession}>{s.again}</Button>}>
      {s.error.offlineDetail}
    </Empty>
  );
}

// Failed says what went wrong where a page's content should be.
export function Failed({ error, again }: { error: unknown; again: () => void }) {
  const p = error instanceof api.Problem ? error : null;
  const refused = String(p?.body.code ?? "").startsWith("file."); // no try mends it: another file does
  const head = refused
    ? s.error.refused
    : p?.status === 404
      ? s.error.gone
      : p?.status === 403
        ? s.error.forbidden
        : p?.status === 0
          ? s.error.offline
          : s.error.title;
  return (
    <Empty
      icon={p?.status === 0 ? iOff : iAlert}
      title={head}
      actions={
        refused ? (
          <LinkButton look="primary" href="/imports/new">
            {s.error.another}
          </LinkButton>
        ) : (
          <Button onClick={again}>{s.again}</Button>
        )
      }
    >
      {api.say(error)}
    </Empty>
  );
}
