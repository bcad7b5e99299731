import { useState } from "preact/hooks";
import * as c from "./settings.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { navigate } from "../router";
import { session } from "../session";
import { useLoad } from "../load";
import { field, know, personName } from "../desk";
import { ago, moment } from "../format";
import {
  Button,
  Dialog,
  Empty,
  Field,
  hidden,
  Input,
  Loading,
  Menu,
  Notice,
  Select,
  TableBox,
  toast,
} from "../ui/kit";
import { rulesOf } from "./rules";
import { w as imports } from "../strings-import";
import iRecipe from "../../vendor/lucide/scroll-text.svg";
import iUpload from "../../vendor/lucide/upload.svg";
import iPlus from "../../vendor/lucide/plus.svg";
import iMore from "../../vendor/lucide/ellipsis.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iPencil from "../../vendor/lucide/pencil.svg";

const w = s.recipes;
const rules = imports.rules;
// useIt reads the next file with saved settings.
const useIt = (name: string) => () => {
  api.chooseRecipe(name);
  navigate("/imports/new");
  toast(w.chosen(name), { tone: "info", action: { label: s.undo, run: () => api.chooseRecipe(null) } });
};
const mine = (r: api.SavedRecipe) => r.owner === session.value.user!.id || "settings" in session.value.may;

export function RecipesScreen() {
  const got = useLoad(async (abort) => {
    await know();
    return api.listRecipes(abort);
  }, []);
  const [making, setMaking] = useState(false);
  return (
    <Page
      title={w.title}
      actions={
        <Button icon={iPlus} onClick={() => setMaking(true)}>
          {w.make}
        </Button>
      }
    >
      {got.error && !got.data ? (
        <Failed error={got.error} again={got.again} />
      ) : !got.data ? (
        <Loading />
      ) : !got.data.length ? (
        <Empty
          icon={iRecipe}
          title={w.none}
          actions={<Button onClick={() => setMaking(true)}>{w.make}</Button>}
        >
          {w.noneText}
        </Empty>
      ) : (
        <TableBox label={w.title}>
          <thead>
            <tr>
              <th>{w.name}</th>
              <th>{w.by}</th>
              <th>{w.updated}</th>
              <th>
                <span class={hidden}>{s.settings.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {got.data.map((r) => (
              <tr key={r.name}>
                <td dir="auto">
                  <a class={c.name} href={`/recipes/${encodeURIComponent(r.name)}`}>
                    {r.name}
                  </a>
                </td>
                <td dir="auto">{personName(r.owner)}</td>
                <td class={c.nowrap}>
                  <time dateTime={r.updated} title={moment(r.updated)}>
                    {ago(r.updated)}
                  </time>
                </td>
                <td>
                  <div class={c.acts}>
                    <Button small aria-label={`${w.use}: ${r.name}`} onClick={useIt(r.name)} icon={iUpload}>
                      {w.use}
                    </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      {making && <FromImport taken={got.data?.map((r) => r.name) ?? []} onClose={() => setMaking(false)} />}
    </Page>
  );
}

// FromImport keeps an import's settings under a name.
function FromImport({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const got = useLoad(
    async (abort) =>
      (await api.listImports(undefined, abort)).items.filter(
        (i) => i.kind === "file" && i.state !== "failed",
      ),
    [],
  );
  const [id, setID] = useState("");
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const chosen = id || String(got.data?.[0]?.id ?? "");
  const save = async (e: Event) => {
    e.preventDefault();
    const n = name.trim();
    if (!n || !chosen) return setWrong({ name: s.gate.missing });
    if (taken.includes(n)) return setWrong({ name: w.taken });
    try {
      await api.saveRecipe(n, await api.getRecipe(Number(chosen)));
      toast(w.saved(n));
      navigate(`/recipes/${encodeURIComponent(n)}`);
    } catch (x) {
      setWrong({ all: api.say(x) });
    }
  };
  return (
    <Dialog
      title={w.make}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          {got.data && got.data.length > 0 && (
            <Button look="primary" onClick={save}>
              {s.save}
            </Button>
          )}
        </>
      }
    >
      {got.error ? (
        <Notice tone="error">{api.say(got.error)}</Notice>
      ) : !got.data ? (
        <Loading />
      ) : !got.data.length ? (
        <p>{w.noImports}</p>
      ) : (
        <form class={c.form} onSubmit={save}>
          {wrong.all && (
            <Notice tone="error" live>
              {wrong.all}
            </Notice>
          )}
          <Field label={w.import}>
            <Select
              value={chosen}
              onChange={(e) => setID(e.currentTarget.value)}
              options={got.data.map((i) => ({ value: String(i.id), label: `${i.file} · ${ago(i.at)}` }))}
            />
          </Field>
          <Field label={w.name} wrong={wrong.name}>
            <Input autoFocus maxLength={255} value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
          <button type="submit" hidden />
        </form>
      )}
    </Dialog>
  );
}

export function RecipeScreen({ name }: { name: string }) {
  const got = useLoad(
    async (abort) => {
      await know();
      return api.getSavedRecipe(name, abort);
    },
    [name],
  );
  const [renaming, setRenaming] = useState(false);
  const crumb = { href: "/recipes", label: w.title };
  if (got.error && !got.data)
    return (
      <Page title={name} crumb={crumb}>
        <Failed error={got.error} again={got.again} />
      </Page>
    );
  if (!got.data)
    return (
      <Page title={name} crumb={crumb}>
        <Loading />
      </Page>
    );
  const saved = got.data;
  const r = saved.recipe!;
  const drop = async () => {
    try {
      await api.dropRecipe(name);
      navigate("/recipes");
      toast(w.deleted(name), {
        action: {
          label: s.undo,
          run: () =>
            api.saveRecipe(name, r).then(
              () => navigate(`/recipes/${encodeURIComponent(name)}`),
              (e) => toast(api.say(e), { tone: "error" }),
            ),
        },
      });
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  const target = (to: string) => {
    const [key, nth, part] = to.split(".");
    const f = field(key!);
    return f ? (f.parts?.find((p) => p.key === part)?.heading.replace("%d", nth ?? "1") ?? f.label) : to;
  };
  const option = (key: string, v: string) =>
    v === ""
      ? s.journey.leaveEmpty
      : v === "tag:"
        ? s.journey.keepTag
        : v === "add:"
          ? w.add
          : (field(key)?.options?.find((o) => o.id === v)?.label ?? v);
  const values = Object.entries(r.values ?? {}).flatMap(([key, list]) =>
    Object.entries(list).map(([v, to]) => [field(key)?.label ?? key, v, option(key, to)] as const),
  );
  const file = Object.entries(r.file ?? {}).filter(([, v]) => v !== undefined && v !== "");
  return (
    <Page
      title={name}
      crumb={crumb}
      bare
      actions={
        <>
          {mine(saved) && (
            <Menu
              look="plain"
              icon={iMore}
              label={s.shell.actions}
              end
              items={[
                { label: w.rename, icon: iPencil, onSelect: () => setRenaming(true) },
                "rule",
                { label: w.delete, icon: iTrash, bad: true, onSelect: drop },
              ]}
            />
          )}
          <Button look="primary" icon={iUpload} onClick={useIt(name)}>
            {w.use}
          </Button>
        </>
      }
    >
      <div class={c.body}>
        <p class={c.note}>{w.savedBy(personName(saved.owner), moment(saved.updated))}</p>
        {!!r.columns?.length && (
          <section class={c.part}>
            <h2>{w.columns}</h2>
            <TableBox label={w.columns}>
              <thead>
                <tr>
                  <th>{w.heading}</th>
                  <th>{w.field}</th>
                </tr>
              </thead>
              <tbody>
                {r.columns.map((x, i) => (
                  <tr key={i}>
                    <td dir="auto">{x.heading}</td>
                    <td dir="auto">
                      {x.to?.length ? (
                        x.to.map(target).join(", ")
                      ) : (
                        <span class={c.quiet}>{s.journey.sure.none}</span>
                      )}
                      {x.expr && <span class={c.quiet}> · {x.expr}</span>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </TableBox>
          </section>
        )}
        {!!r.same?.length && (
          <section class={c.part}>
            <h2>{s.journey.same}</h2>
            <dl class={c.pairs}>
              {r.same.map((x) => (
                <>
                  <dt key={x.field + "t"}>{target(x.field)}</dt>
                  <dd key={x.field} dir="auto">
                    {option(x.field, x.value)}
                  </dd>
                </>
              ))}
            </dl>
          </section>
        )}
        {values.length > 0 && (
          <section class={c.part}>
            <h2>{w.values}</h2>
            <TableBox label={w.values}>
              <thead>
                <tr>
                  <th>{w.field}</th>
                  <th>{w.inFile}</th>
                  <th>{w.becomes}</th>
                </tr>
              </thead>
              <tbody>
                {values.map(([f, v, to], i) => (
                  <tr key={i}>
                    <td>{f}</td>
                    <td dir="auto">{v}</td>
                    <td dir="auto">{to}</td>
                  </tr>
                ))}
              </tbody>
            </TableBox>
          </section>
        )}
        <section class={c.part}>
          <h2>{rules.name}</h2>
          <p class={c.note}>{rulesOf(r).join(" · ")}</p>
        </section>
        {file.length > 0 && (
          <section class={c.part}>
            <h2>{w.file}</h2>
            <dl class={c.pairs}>
              {file.map(([k, v]) => (
                <>
                  <dt key={k + "t"}>{s.journey.guess[k] ?? w.fileKeys[k] ?? k}</dt>
                  <dd key={k}>{String(v)}</dd>
                </>
              ))}
            </dl>
          </section>
        )}
        {saved.toml && (
          <section class={c.part}>
            <h2>{w.asFile}</h2>
            <p class={c.note}>{w.asFileText}</p>
            <pre class={c.pre} tabindex={0} aria-label={w.asFile}>
              {saved.toml}
            </pre>
          </section>
        )}
      </div>
      {renaming && <Rename name={name} recipe={r} onClose={() => setRenaming(false)} />}
    </Page>
  );
}

function Rename({ name, recipe, onClose }: { name: string; recipe: api.Recipe; onClose: () => void }) {
  const [value, setValue] = useState(name);
  const [wrong, setWrong] = useState<string | null>(null);
  const save = async (e: Event) => {
    e.preventDefault();
    const n = value.trim();
    if (!n) return setWrong(s.gate.missing);
    if (n === name) return onClose();
    try {
      if ((await api.listRecipes()).some((r) => r.name === n)) return setWrong(w.taken);
      await api.saveRecipe(n, { ...recipe, name: n });
      await api.dropRecipe(name);
      toast(s.saved);
      navigate(`/recipes/${encodeURIComponent(n)}`, { replace: true });
    } catch (x) {
      setWrong(api.say(x));
    }
  };
  return (
    <Dialog
      title={w.rename}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={save}>
            {w.rename}
          </Button>
        </>
      }
    >
      <form onSubmit={save}>
        <Field label={w.name} wrong={wrong}>
          <Input autoFocus maxLength={255} value={value} onInput={(e) => setValue(e.currentTarget.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
