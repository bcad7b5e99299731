// The views of the list: the ready ones, one's own and those others share.
import { useEffect, useState } from "preact/hooks";
import * as c from "./leads.module.css";
import * as api from "../api";
import { s } from "../strings";
import { navigate, query } from "../router";
import { may, session } from "../session";
import { Button, Check, Dialog, Field, Input, Menu, type MenuItem, Tabs, toast } from "../ui/kit";
import { filterIn } from "../filter";
import iMore from "../../vendor/lucide/ellipsis.svg";
import iBookmark from "../../vendor/lucide/bookmark.svg";

export const readyViews: { label: string; query: string }[] = [
  { label: s.leads.all, query: "" },
  { label: s.leads.mine, query: "open=1&owner=me" },
  { label: s.leads.untouched, query: "status=new&untouched=1" },
  { label: s.leads.today, query: "open=1&follow_up=today" },
  { label: s.leads.unassigned, query: "open=1&owner=none" },
  { label: s.leads.lastImport, query: "last_import=1" },
  { label: s.leads.duplicates, query: "view=duplicates" },
];
const bin = { label: s.leads.bin, query: "view=bin" };
const href = (query: string) => "/leads" + (query ? "?" + query : "");

// A saved view also holds the order and the columns.
function queryOf(q: URLSearchParams, shown: string[]): string {
  const out = new URLSearchParams(filterIn(q));
  for (const k of ["sort", "asc"]) if (q.get(k)) out.set(k, q.get(k)!);
  out.set("cols", shown.join(","));
  return out.toString();
}
const same = (a: URLSearchParams, b: string) => {
  const key = (q: URLSearchParams) =>
    JSON.stringify(
      [filterIn(q), q.get("view") === "bin" || q.get("view") === "duplicates" ? q.get("view") : ""].map(
        (x) => (typeof x === "string" ? x : Object.entries(x as object).sort()),
      ),
    );
  return key(a) === key(new URLSearchParams(b));
};

export function Views({ shown }: { shown: string[] }) {
  const [saved, setSaved] = useState<api.View[]>([]);
  const [naming, setNaming] = useState<"new" | "change" | null>(null);
  const load = () => api.listViews().then(setSaved, () => {}); // the ready views remain
  useEffect(() => {
    void load();
  }, []);
  const q = query.value;
  const id = Number(q.get("view")) || 0;
  const own = saved.find((v) => v.id === id);
  const mine = own?.user === session.value.user?.id;
  const now = queryOf(q, shown);
  const special = ["bin", "duplicates"].includes(q.get("view") ?? "");
  const changed = own && now !== own.query;
  const go = (v: api.View) => navigate(href(`view=${v.id}&${v.query}`), { replace: true });
  const save = async (name: string, shared: boolean) => {
    try {
      const v =
        naming === "change" && own
          ? await api.putView(own.id, { name, query: own.query, shared })
          : await api.addView({ name, query: now, shared });
      setNaming(null);
      await load();
      if (naming === "new") go(v);
      toast(s.views.saved(v.name));
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  const update = () =>
    api.putView(own!.id, { name: own!.name, shared: !!own!.shared, query: now }).then(
      () => {
        void load();
        toast(s.views.saved(own!.name));
      },
      (e) => toast(api.say(e), { tone: "error" }),
    );
  const drop = async () => {
    const was = own!;
    try {
      await api.dropView(was.id);
      await load();
      navigate("/leads");
      toast(s.views.deleted(was.name), {
        action: {
          label: s.undo,
          run: () =>
            api
              .addView({ name: was.name, query: was.query, shared: !!was.shared })
              .then(load, (e) => toast(api.say(e), { tone: "error" })),
        },
      });
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  const menu: MenuItem[] = [
    ...(mine
      ? [
          ...(changed ? [{ label: s.views.update, onSelect: update }] : []),
          { label: s.views.change, onSelect: () => setNaming("change") },
        ]
      : []),
    { label: s.views.saveAs, onSelect: () => setNaming("new") },
    ...(mine ? ["rule" as const, { label: s.views.delete, bad: true, onSelect: drop }] : []),
  ];
  const tabs = [
    ...readyViews
      .filter((v) => v.query !== "last_import=1" || may("import"))
      .map((v) => ({ href: href(v.query), label: v.label, on: !own && same(q, v.query) })),
    ...saved.map((v) => ({
      href: href(`view=${v.id}&${v.query}`),
      label: <span dir="auto">{v.name}</span>,
      on: v.id === id,
    })),
    ...(may("lead.delete")
      ? [{ href: href(bin.query), label: bin.label, on: !own && same(q, bin.query) }]
      : []),
  ];
  return (
    <div class={c.views}>
      <Tabs label={s.leads.views} tabs={tabs} />
      {own && changed && mine && (
        <Button small onClick={update}>
          {s.views.update}
        </Button>
      )}
      {own ? (
        <Menu look="quiet" small icon={iMore} label={s.views.actions(own.name)} end items={menu} />
      ) : (
        !special &&
        !tabs.some((t) => t.on) && (
          <Button small look="quiet" icon={iBookmark} onClick={() => setNaming("new")}>
            {s.views.save}
          </Button>
        )
      )}
      {naming && (
        <Naming view={naming === "change" ? own! : null} onSave={save} onClose={() => setNaming(null)} />
      )}
    </div>
  );
}

function Naming({
  view,
  onSave,
  onClose,
}: {
  view: api.View | null;
  onSave: (name: string, shared: boolean) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(view?.name ?? "");
  const [shared, setShared] = useState(!!view?.shared);
  const [tried, setTried] = useState(false);
  const save = (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (name.trim()) onSave(name.trim(), shared);
  };
  return (
    <Dialog
      title={view ? s.views.change : s.views.save}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={save}>
            {s.save}
          </Button>
        </>
      }
    >
      <form onSubmit={save} class={c.form}>
        <Field label={s.views.name} hint={s.views.hint} wrong={tried && !name.trim() ? s.gate.missing : null}>
          <Input autoFocus maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <Check checked={shared} onChange={(e) => setShared(e.currentTarget.checked)}>
          {s.views.share}
        </Check>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
