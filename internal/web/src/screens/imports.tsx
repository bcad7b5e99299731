import { useState } from "preact/hooks";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { useLoad } from "../load";
import { know, personName } from "../desk";
import { ago, moment, number } from "../format";
import {
  Badge,
  Button,
  Empty,
  LinkButton,
  Loading,
  Menu,
  numeric,
  TableBox,
  toast,
  type Tone,
} from "../ui/kit";
import iUpload from "../../vendor/lucide/upload.svg";
import iDown from "../../vendor/lucide/download.svg";
import iFile from "../../vendor/lucide/file-spreadsheet.svg";
import * as c from "./journey.module.css";

export const stateTone = (state: string): Tone =>
  (
    ({
      done: "ok",
      failed: "error",
      paused: "warning",
      cancelled: "warning",
      "partly undone": "neutral",
      undone: "neutral",
      draft: "neutral",
      checked: "accent",
    }) as Record<string, Tone>
  )[state] ?? "info";
export const importName = (i: api.Import) => (i.kind === "undo" ? s.imports.undoOf(i.file) : i.file);

export function TemplateMenu() {
  return (
    <Menu
      look="plain"
      icon={iDown}
      end
      items={[
        { label: s.journey.templateCSV, href: api.templateURL("csv"), download: true },
        { label: s.journey.templateXLSX, href: api.templateURL("xlsx"), download: true },
      ]}
    >
      {s.journey.template}
    </Menu>
  );
}

// ImportsScreen is the history: every import, undo and bulk change.
export function ImportsScreen() {
  const [older, setOlder] = useState<api.Import[]>([]);
  const [next, setNext] = useState<number | undefined>(undefined);
  const [paged, setPaged] = useState(false);
  const got = useLoad(async (abort) => {
    await know();
    return api.listImports(undefined, abort);
  }, []);
  const rows = [...(got.data?.items ?? []), ...older];
  const before = paged ? next : got.data?.next;
  const more = async () => {
    try {
      const page = await api.listImports(before);
      setOlder([...older, ...page.items]);
      setNext(page.next);
      setPaged(true);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <Page
      title={s.imports.title}
      actions={
        <>
          <TemplateMenu />
          <LinkButton look="primary" icon={iUpload} href="/imports/new">
            {s.leads.importFile}
          </LinkButton>
        </>
      }
    >
      {got.error && !got.data ? (
        <Failed error={got.error} again={got.again} />
      ) : !got.data ? (
        <Loading />
      ) : !rows.length ? (
        <Empty
          icon={iFile}
          title={s.imports.none}
          actions={
            <LinkButton look="primary" icon={iUpload} href="/imports/new">
              {s.leads.importFile}
            </LinkButton>
          }
        >
          {s.imports.noneText}
        </Empty>
      ) : (
        <>
          <TableBox label={s.imports.list}>
            <thead>
              <tr>
                <th>{s.imports.file}</th>
                <th>{s.imports.state}</th>
                <th class={numeric}>{s.imports.records}</th>
                <th>{s.imports.result}</th>
                <th>{s.imports.by}</th>
                <th>{s.imports.when}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((i) => (
                <tr key={i.id}>
                  <td class={c.fileCell} dir="auto">
                    <a class={c.fileName} href={`/imports/${i.id}`} title={importName(i)}>
                      {importName(i)}
                    </a>
                  </td>
                  <td>
                    <Badge dot tone={stateTone(i.state)}>
                      {s.imports.states[i.state] ?? i.state}
                    </Badge>
                  </td>
                  <td class={numeric}>{i.accounting.records ? number(i.accounting.records) : ""}</td>
                  <td>{short(i)}</td>
                  <td class={c.nowrap}>{personName(i.actor)}</td>
                  <td class={c.nowrap}>
                    <time dateTime={i.at} title={moment(i.at)}>
                      {ago(i.at)}
                    </time>
                  </td>
                </tr>
              ))}
            </tbody>
          </TableBox>
          {before ? (
            <div class={c.more}>
              <Button onClick={more}>{s.imports.more}</Button>
            </div>
          ) : null}
        </>
      )}
    </Page>
  );
}

// short is the accounting line without its zeros.
export function short(i: api.Import) {
  const a = i.accounting;
  const t = s.journey;
  const parts =
    i.kind === "undo"
      ? [
          a.removed && (i.state === "done" ? t.undidRemove : t.undoRemoved)(a.removed),
          a.restored && (i.state === "done" ? t.undidRestore : t.undoRestored)(a.restored),
          a.kept && (i.state === "done" ? t.undidKeep : t.undoKept)(a.kept),
        ]
      : [counted(a)];
  return <span class={c.quiet}>{parts.filter(Boolean).join(" · ")}</span>;
}

export const counted = (a: api.Accounting) =>
  (["new", "update", "unchanged", "skipped", "errors", "conflicts"] as const)
    .filter((k) => a[k])
    .map((k) => `${number(a[k])} ${s.journey.counts(k, a[k])}`)
    .join(" · ");
