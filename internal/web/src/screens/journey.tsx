// One import: its state, kept in step with the server, and its frame.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { w } from "../strings-import";
import { Failed, Page } from "../app";
import { navigate } from "../router";
import { know } from "../desk";
import { number, percent } from "../format";
import {
  Badge,
  Button,
  cx,
  Dialog,
  Dot,
  LinkButton,
  Loading,
  Notice,
  spin,
  toast,
  type Tone,
} from "../ui/kit";
import { Icon } from "../ui/icon";
import { importName, stateTone, TemplateMenu } from "./imports";
import { FileStep } from "./journey-file";
import { ColumnsStep } from "./journey-columns";
import { ReviewStep } from "./journey-review";
import { PreviewStep } from "./journey-preview";
import { Outcome } from "./journey-result";
import iCheck from "../../vendor/lucide/check.svg";
import iInfo from "../../vendor/lucide/info.svg";
import iLoad from "../../vendor/lucide/loader-circle.svg";

export const crumb = { href: "/imports", label: s.imports.title };
export const atRest = (state: string) => !["checking", "running", "cancelling", "undoing"].includes(state);
const beforeRun = (state: string) => ["draft", "checking", "checked"].includes(state);
const steps = ["file", "columns", "review", "preview"] as const;

export type Journey = {
  imp: api.Import;
  prep: api.Prepared;
  groups: api.Group[];
  totals: api.Total[];
  problems: number;
  turn: number; // rises with every check that has ended
  busy: boolean; // something is on its way, or a check is
  saving: boolean;
  change: (edit: (r: api.Recipe) => api.Recipe) => void;
  run: (what: () => Promise<unknown>, opt?: { validate?: boolean; prepared?: boolean }) => Promise<void>;
  soon: () => void; // a check once nobody edits any more
  owner: (name: string) => void;
  apply: (ask: Promise<api.Import>) => Promise<void>;
};

export function ImportScreen({ id, step }: { id: number; step: string }) {
  const [imp, setImp] = useState<api.Import | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [prep, setPrep] = useState<api.Prepared | null>(null);
  const [fresh, setFresh] = useState(0);
  const [found, setFound] = useState<{ items: api.Group[]; totals: api.Total[]; problems: number }>({
    items: [],
    totals: [],
    problems: 0,
  });
  const [turn, setTurn] = useState(0);
  const [pending, setPending] = useState(0);
  const alive = useRef(true);
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  const wanted = useRef<api.Recipe | null>(null);
  const good = useRef<api.Recipe | null>(null);
  const later = useRef(0);

  const told = useRef(0);
  // apply shows an answer, unless the stream has said something meanwhile: that is newer.
  const apply = async (ask: Promise<api.Import>) => {
    const before = told.current;
    const now = await ask;
    if (alive.current && told.current === before) setImp(now);
  };
  // queue runs what changes the import one after the other; the last of them is
  // followed by a check, unless the server says that every record fares as before.
  const waiting = useRef(0);
  const stale = useRef(false);
  const queue = (work: () => Promise<unknown>, validate = false, settings = false): Promise<void> => {
    if (!settings) stale.current = true;
    waiting.current++;
    setPending((n) => n + 1);
    clearTimeout(later.current);
    const mine = chain.current
      .then(async () => {
        try {
          await work();
        } finally {
          waiting.current--;
        }
        if (waiting.current || !alive.current) return;
        if (!stale.current && (await api.getImport(id)).state === "checked") return;
        stale.current = false;
        await apply(api.check(id, validate));
      })
      .finally(() => {
        if (alive.current) setPending((n) => n - 1);
      });
    chain.current = mine.catch(async (e) => {
      if (!alive.current) return;
      toast(api.say(e), { tone: "error" });
      wanted.current = null;
      await apply(api.getImport(id)).catch(() => {});
      const then = await api.prepared(id).catch(() => null);
      if (then && alive.current) {
        good.current = then.recipe;
        setPrep(then);
      }
    });
    return mine as Promise<void>;
  };
  const change = (edit: (r: api.Recipe) => api.Recipe) => {
    wanted.current = edit(structuredClone(wanted.current ?? good.current!));
    setPrep((p) => p && { ...p, recipe: wanted.current! });
    queue(
      async () => {
        const mine = wanted.current;
        if (!mine) return; // an earlier one has sent it
        wanted.current = null;
        good.current = mine; // what changes before the answer builds on it
        const got = await api.putRecipe(id, mine);
        good.current = got.recipe;
        if (alive.current) setPrep(wanted.current ? { ...got, recipe: wanted.current } : got);
      },
      false,
      true,
    ).catch(() => {});
  };
  const run: Journey["run"] = (what, opt = {}) =>
    queue(async () => {
      const got = await what();
      if (opt.prepared) {
        good.current = (got as api.Prepared).recipe;
        setPrep(got as api.Prepared);
      }
    }, opt.validate);

  useEffect(() => {
    alive.current = true;
    setError(null);
    let stream: EventSource | null = null;
    (async () => {
      try {
        await know();
        let now = await api.getImport(id);
        let got: api.Prepared | null = null;
        if (now.kind === "file" && beforeRun(now.state)) {
          got = now.prepared ? await api.prepared(id) : await api.prepare(id);
          now = await api.getImport(id);
          if (now.state === "draft") now = await api.check(id);
        }
        if (!alive.current) return;
        if (got) {
          good.current = got.recipe;
          setPrep(got);
        }
        setImp(now);
        stream = api.events(id);
        stream.addEventListener("import", (e) => {
          told.current++;
          if (alive.current) setImp(JSON.parse((e as MessageEvent).data));
        });
      } catch (e) {
        if (alive.current) setError(e);
      }
    })();
    return () => {
      alive.current = false;
      stream?.close();
      clearTimeout(later.current);
    };
  }, [fresh]);
  // What a check has found is asked for once it has ended.
  const result =
    imp?.checked && imp.state !== "checking" && imp.state !== "draft" ? `${imp.plan} ${imp.state}` : "";
  useEffect(() => {
    if (!result) return;
    const abort = new AbortController();
    api.groups(id, abort.signal).then(
      (g) => {
        setFound(g);
        setTurn((n) => n + 1);
      },
      () => {},
    );
    // Another device may have changed the settings.
    if (good.current && imp?.state === "checked" && !waiting.current)
      api.prepared(id, abort.signal).then(
        (got) => {
          if (waiting.current || wanted.current) return;
          good.current = got.recipe;
          setPrep(got);
        },
        () => {},
      );
    return () => abort.abort();
  }, [result]);

  if (error && !prep)
    return (
      <Page title={imp ? importName(imp) : s.journey.title} crumb={crumb}>
        <Failed error={error} again={() => setFresh((n) => n + 1)} />
      </Page>
    );
  if (!imp)
    return (
      <Page title={s.journey.title} crumb={crumb}>
        <Loading />
      </Page>
    );
  const badge = (
    <Badge dot tone={stateTone(imp.state)}>
      {s.imports.states[imp.state] ?? imp.state}
    </Badge>
  );
  if (!beforeRun(imp.state) || imp.kind !== "file")
    return (
      <Page title={importName(imp)} crumb={crumb} beside={badge} bare>
        <Outcome imp={imp} turn={turn} apply={apply} />
      </Page>
    );
  const at = (steps as readonly string[]).includes(step) ? step : "columns";
  const behind = steps.indexOf(at as "file");
  const j: Journey | null = prep && {
    imp,
    prep,
    groups: found.items,
    totals: found.totals,
    problems: found.problems,
    turn,
    busy: pending > 0 || imp.state === "checking" || (imp.state === "draft" && !imp.reason),
    saving: pending > 0,
    change,
    run,
    apply,
    soon: () => {
      clearTimeout(later.current);
      later.current = window.setTimeout(() => {
        if (alive.current) queue(async () => {}).catch(() => {});
      }, 1200);
    },
    owner: (name) => {
      run(() => apply(api.setOwner(id, name))).catch(() => {});
    },
  };
  return (
    <Page title={imp.file} crumb={crumb} bare actions={at === "file" ? <TemplateMenu /> : undefined}>
      <div class={c.steps}>
        <ol aria-label={s.journey.stepsLabel}>
          {steps.map((x, i) => (
            <li key={x}>
              <a class={c.step} href={`/imports/${id}/${x}`} aria-current={x === at ? "step" : undefined}>
                <i class={i < behind ? c.past : ""}>{i < behind ? <Icon of={iCheck} size={12} /> : i + 1}</i>
                <span>{s.journey.steps[x]}</span>
              </a>
              {i < 3 && <span class={c.then} aria-hidden="true" />}
            </li>
          ))}
        </ol>
        <span class={c.calm}>
          <Icon of={iInfo} size={14} />
          {s.journey.nothingYet}
        </span>
      </div>
      {j && !j.busy && imp.state === "draft" && (
        <div class={c.failed}>
          <Notice
            tone="error"
            end={
              <Button small onClick={() => run(async () => {}).catch(() => {})}>
                {s.journey.recheck}
              </Button>
            }
          >
            {imp.reason}
          </Notice>
        </div>
      )}
      {!j ? (
        <Loading label={s.journey.reading} />
      ) : at === "file" ? (
        <FileStep j={j} />
      ) : at === "columns" ? (
        <ColumnsStep j={j} />
      ) : at === "review" ? (
        <ReviewStep j={j} />
      ) : (
        <PreviewStep j={j} />
      )}
    </Page>
  );
}

// Live says what every record comes to, while it is being found out.
function Live({ j }: { j: Journey }) {
  const p = j.imp.progress;
  const checking = j.busy;
  const a = checking && p?.accounting?.records ? p.accounting : j.imp.accounting;
  const parts: [number | undefined, string, Tone][] = [
    [a.new, w.live.new, "ok"],
    [a.update, w.live.update(a.update), "accent"],
    [a.conflicts, w.live.conflict, "warning"],
    [a.errors, w.live.error, "error"],
    [a.warned, w.live.warned, "warning"],
  ];
  return (
    <div class={c.live}>
      {checking && (
        <span>
          <Icon of={iLoad} class={spin} size={14} />
          {p && p.total > 0 && p.done > 0
            ? w.checkingPart(percent(Math.min(1, p.done / p.total)))
            : w.checking}
        </span>
      )}
      {parts.map(([n, label, tone]) =>
        n ? (
          <span key={label} class={cx(checking && c.stale)}>
            <Dot tone={tone} />
            <b>{number(n)}</b> {label}
          </span>
        ) : null,
      )}
      {!checking && !a.errors && a.records > 0 && (
        <span>
          <Dot tone="ok" />
          {w.noErrors}
        </span>
      )}
    </div>
  );
}

// Foot is the bar of every step: what it comes to so far, and where to go on.
export function Foot({ j, children, back }: { j: Journey; children: ComponentChildren; back?: string }) {
  const [leaving, setLeaving] = useState(false);
  const discard = async () => {
    try {
      await api.discard(j.imp.id);
      toast(w.discarded, { tone: "info" });
      navigate("/imports");
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <div class={c.foot}>
      <Live j={j} />
      <div class={c.footEnd}>
        <Button look="quiet" onClick={() => setLeaving(true)}>
          {s.cancel}
        </Button>
        {back && <LinkButton href={`/imports/${j.imp.id}/${back}`}>{s.journey.back}</LinkButton>}
        {children}
      </div>
      {leaving && (
        <Dialog
          title={s.journey.cancelTitle}
          onClose={() => setLeaving(false)}
          foot={
            <>
              <Button onClick={discard}>{s.journey.discard}</Button>
              <Button
                look="primary"
                onClick={() => {
                  toast(s.imports.keptDraft, { tone: "info" });
                  navigate("/imports");
                }}
              >
                {s.journey.goOnLater}
              </Button>
            </>
          }
        >
          <p>{s.journey.keepDraft}</p>
        </Dialog>
      )}
    </div>
  );
}
