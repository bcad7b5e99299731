// The step of the file: choosing one, and how it is read.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { upload, type Sent } from "../upload";
import { s } from "../strings";
import { w } from "../strings-import";
import { Page } from "../app";
import { navigate } from "../router";
import { personName } from "../desk";
import { day, number } from "../format";
import {
  Area,
  Badge,
  Button,
  cx,
  Dialog,
  Empty,
  Field,
  hidden,
  LinkButton,
  Menu,
  Notice,
  numeric,
  Progress,
  TableBox,
  toast,
} from "../ui/kit";
import { Icon } from "../ui/icon";
import { TemplateMenu } from "./imports";
import { crumb, Foot, type Journey } from "./journey";
import iPaste from "../../vendor/lucide/clipboard-paste.svg";
import iFile from "../../vendor/lucide/file-spreadsheet.svg";
import iUpload from "../../vendor/lucide/upload.svg";
import iDown from "../../vendor/lucide/chevron-down.svg";
import iScan from "../../vendor/lucide/columns-3.svg";
import iCheck from "../../vendor/lucide/circle-check.svg";
import iUndo from "../../vendor/lucide/undo-2.svg";
import iInbox from "../../vendor/lucide/inbox.svg";

// useUpload sends a file and says how far it is.
function useUpload(then: (id: number, name: string) => unknown) {
  const [sent, setSent] = useState<(Sent & { name: string }) | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  const send = async (file: Blob, name: string) => {
    setWrong(null);
    abort.current = new AbortController();
    setSent({ name, done: 0, size: file.size, waiting: false });
    try {
      await then(await upload(file, name, (x) => setSent({ ...x, name }), abort.current.signal), name);
    } catch (e) {
      if ((e as Error).name !== "AbortError") setWrong(api.say(e));
    } finally {
      setSent(null);
    }
  };
  return { sent, wrong, send, stop: () => abort.current?.abort() };
}

function Sending({ sent, stop }: { sent: Sent & { name: string }; stop: () => void }) {
  return (
    <div class={c.busy} role="status">
      <h2 dir="auto">{s.journey.uploading(sent.name)}</h2>
      <Progress value={sent.done} max={sent.size} label={s.journey.uploading(sent.name)} />
      <p>{sent.waiting ? w.waiting : w.sent(sent.done, sent.size)}</p>
      <Button small onClick={stop}>
        {w.stop}
      </Button>
    </div>
  );
}

export function NewImportScreen() {
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { sent, wrong, send, stop } = useUpload((id) => navigate(`/imports/${id}/file`));
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    const f = e.dataTransfer?.files[0];
    if (f) send(f, f.name);
  };
  const paste = (e: ClipboardEvent) => {
    const f = e.clipboardData?.files[0];
    if (f) {
      e.preventDefault();
      send(f, f.name);
    }
  };
  return (
    <Page title={s.journey.title} crumb={crumb} actions={<TemplateMenu />}>
      <div class={c.start} onPaste={paste}>
        {wrong && (
          <Notice tone="error" live>
            {wrong}
          </Notice>
        )}
        <div
          class={cx(c.drop, over && c.over)}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <Icon of={iFile} size={32} />
          {sent ? (
            <Sending sent={sent} stop={stop} />
          ) : (
            <>
              <h2>{over ? s.journey.dropNow : s.journey.drop}</h2>
              <p>{s.journey.dropHint}</p>
              <div class={c.choose}>
                <Button look="primary" icon={iUpload} onClick={() => input.current?.click()}>
                  {s.journey.choose}
                </Button>
                <Button icon={iPaste} onClick={() => setPasting(true)}>
                  {s.journey.paste}
                </Button>
              </div>
            </>
          )}
          <input
            ref={input}
            class={hidden}
            type="file"
            tabindex={-1}
            aria-label={s.journey.choose}
            onChange={(e) => {
              const f = e.currentTarget.files?.[0];
              e.currentTarget.value = "";
              if (f) send(f, f.name);
            }}
          />
        </div>
        <ul class={c.promises}>
          {w.promises.map(([head, text], i) => (
            <li key={head}>
              <Icon of={[iScan, iCheck, iUndo][i]!} />
              <h3>{head}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </div>
      {pasting && (
        <Paste
          onClose={() => setPasting(false)}
          onUse={(text) => {
            setPasting(false);
            send(new Blob([text], { type: "text/tab-separated-values" }), s.journey.pastedName);
          }}
        />
      )}
    </Page>
  );
}

function Paste({ onClose, onUse }: { onClose: () => void; onUse: (text: string) => void }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const use = () => (text.trim().split(/\r?\n/).length < 2 ? setWrong(s.journey.pasteEmpty) : onUse(text));
  return (
    <Dialog
      wide
      title={s.journey.paste}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" onClick={use}>
            {s.journey.pasteUse}
          </Button>
        </>
      }
    >
      <Field label={s.journey.pasteLabel} hint={s.journey.pasteHint} wrong={wrong}>
        <Area class={c.pasteArea} autoFocus value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </Field>
    </Dialog>
  );
}

// Fact is one thing that was recognised and has no alternative.
function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class={c.fact}>
      <span>{name}</span>
      <b dir="auto">{children}</b>
    </div>
  );
}

export function guessText(name: string, value: string): string {
  if (name === "delimiter") return s.journey.delimiters[value] ?? value;
  if (name === "dates") return s.journey.orders[value] ?? value;
  if (name === "header") return s.journey.headerLine(value === "none" ? "0" : value.replace(/^line /, ""));
  if (name === "encoding") return value.startsWith("windows") ? value.replace("w", "W") : value.toUpperCase();
  return name === "format" ? value.toUpperCase() : value || "–";
}

// usual is what a person may know better than any guess, whatever the file looks like.
const usual: Record<string, string[]> = {
  encoding: [
    "utf-8",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "macintosh",
    "shift_jis",
    "gb18030",
    "big5",
    "euc-kr",
    "utf-16le",
  ],
  delimiter: [",", ";", "\t", "|"],
};
const isText = (format: string) => /csv|tsv|text|delimited/i.test(format);

const settable = ["encoding", "delimiter", "quote", "escape", "header", "sheet", "dates", "decimal"];
const bytes = settable.slice(0, 6);

export function FileStep({ j }: { j: Journey }) {
  const { prep } = j;
  const input = useRef<HTMLInputElement>(null);
  const [evidence, setEvidence] = useState(false);
  const { sent, wrong, send, stop } = useUpload(async (from, name) => {
    await j.run(() => api.takeFile(j.imp.id, from), { prepared: true });
    toast(w.anotherDone(name));
  });
  const seen = new Set<string>();
  const ledger = prep.detection.ledger ?? [];
  const guesses = ledger.filter(
    (g) =>
      s.journey.guess[g.name] &&
      !seen.has(g.name) &&
      seen.add(g.name) &&
      (!["quote", "escape"].includes(g.name) || g.certainty === "unproven"),
  );
  const set = (g: api.Guess, value: string | null) =>
    j.change((r) => {
      r.file = {
        ...r.file,
        [g.name]:
          value === null ? undefined : g.name === "header" ? Number(value.replace(/^line /, "")) || 0 : value,
      };
      if (bytes.includes(g.name)) r.columns = []; // read anew: the headings may be others
      return r;
    });
  const before = prep.before[0];
  const head = prep.detection.headings ?? [];
  return (
    <>
      <div class={c.body}>
        {wrong && (
          <Notice tone="error" live>
            {wrong}
          </Notice>
        )}
        {before && (
          <Notice
            tone="warning"
            end={
              <LinkButton small href={`/imports/${before.id}`}>
                {s.journey.seeBefore}
              </LinkButton>
            }
          >
            {w.by(day(before.at), personName(before.actor))}
          </Notice>
        )}
        <section class={c.part}>
          <div class={c.partHead}>
            <h2>{s.journey.recognised}</h2>
            <span class={c.space} />
            <Button small look="quiet" aria-expanded={evidence} onClick={() => setEvidence(!evidence)}>
              {w.evidence}
            </Button>
            <Button small icon={iUpload} onClick={() => input.current?.click()}>
              {w.another}
            </Button>
            <input
              ref={input}
              class={hidden}
              type="file"
              tabindex={-1}
              aria-label={w.another}
              onChange={(e) => {
                const f = e.currentTarget.files?.[0];
                e.currentTarget.value = "";
                if (f) send(f, f.name);
              }}
            />
          </div>
          {sent && <Sending sent={sent} stop={stop} />}
          <div class={c.line}>
            <Fact name={s.imports.records}>{number(prep.records)}</Fact>
            {!seen.has("format") && (
              <Fact name={s.journey.guess.format!}>{prep.detection.format.toUpperCase()}</Fact>
            )}
            {guesses.map((g) => {
              const others = [
                ...new Set([
                  ...(g.alternatives ?? []),
                  ...(isText(prep.detection.format) ? (usual[g.name] ?? []) : []),
                ]),
              ].filter((v) => v !== g.value);
              const text = guessText(g.name, g.value);
              const said = prep.recipe.file?.[g.name as keyof api.RecipeFile] !== undefined;
              return settable.includes(g.name) && (others.length || said) ? (
                <Menu
                  key={g.name}
                  class={c.fact}
                  label={w.guessOf(s.journey.guess[g.name]!, text)}
                  items={[
                    { group: g.evidence },
                    ...[g.value, ...others].map((v) => ({
                      label: guessText(g.name, v),
                      on: v === g.value,
                      onSelect: () => v !== g.value && set(g, v),
                    })),
                    ...(said ? ["rule" as const, { label: w.detect, onSelect: () => set(g, null) }] : []),
                  ]}
                >
                  <span>{s.journey.guess[g.name]}</span>
                  <b dir="auto">
                    {g.name === "header" ? w.inLine(g.value.replace(/^line /, "")) : text}
                    <Icon of={iDown} size={14} />
                  </b>
                </Menu>
              ) : (
                <Fact key={g.name} name={s.journey.guess[g.name]!}>
                  {text}
                </Fact>
              );
            })}
          </div>
          {evidence && (
            <TableBox label={w.evidence}>
              <thead>
                <tr>
                  <th>{w.what}</th>
                  <th>{w.value}</th>
                  <th>{w.why}</th>
                  <th>{w.certain}</th>
                </tr>
              </thead>
              <tbody>
                {ledger
                  .filter((g) => s.journey.guess[g.name])
                  .map((g, i) => (
                    <tr key={i}>
                      <td class={c.nowrap}>
                        {s.journey.guess[g.name]}
                        {g.column >= 0 && (
                          <span class={c.quiet} dir="auto">
                            {" "}
                            {head[g.column]}
                          </span>
                        )}
                      </td>
                      <td class={c.nowrap}>{guessText(g.name, g.value)}</td>
                      <td dir="auto">
                        {g.evidence}
                        {g.samples?.length ? (
                          <span class={c.quiet}> {g.samples.slice(0, 3).join(" · ")}</span>
                        ) : null}
                      </td>
                      <td>
                        <Badge
                          tone={
                            g.certainty === "proven" ? "ok" : g.certainty === "likely" ? "info" : "warning"
                          }
                        >
                          {w[g.certainty as "proven"]}
                        </Badge>
                      </td>
                    </tr>
                  ))}
              </tbody>
            </TableBox>
          )}
        </section>
        <section class={c.part}>
          <div class={c.partHead}>
            <h2>{s.journey.asRead}</h2>
            {prep.first.length > 0 && <p>{w.rowsOf(prep.first.length, prep.records)}</p>}
          </div>
          {prep.first.length ? (
            <div class={c.sheet}>
              <TableBox label={s.journey.asRead}>
                <thead>
                  <tr>
                    <th class={numeric}>{s.journey.record}</th>
                    {head.slice(0, 100).map((h, i) => (
                      <th key={i} dir="auto" title={h}>
                        {h}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {prep.first.map((cells, r) => (
                    <tr key={r}>
                      <td class={c.rowNo}>{number(r + 1)}</td>
                      {head.slice(0, 100).map((_, i) => (
                        <td key={i} dir="auto" title={cells?.[i]}>
                          {cells?.[i] ?? ""}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </TableBox>
            </div>
          ) : (
            <Empty icon={iInbox} title={w.noRecords} />
          )}
        </section>
      </div>
      <Foot j={j}>
        <LinkButton look="primary" href={`/imports/${j.imp.id}/columns`}>
          {s.journey.toColumns}
        </LinkButton>
      </Foot>
    </>
  );
}
