import { useLayoutEffect, useState } from "preact/hooks";
import * as c from "./ui.module.css";
import { title } from "../router";
import { u } from "../strings-ui";
import * as k from "../ui/kit";
import { Grid, type GridMark, type GridRow } from "../ui/grid";
import iUpload from "../../vendor/lucide/upload.svg";
import iPlus from "../../vendor/lucide/plus.svg";
import iTrash from "../../vendor/lucide/trash-2.svg";
import iUsers from "../../vendor/lucide/users.svg";
import iMore from "../../vendor/lucide/ellipsis.svg";

const tones = ["neutral", "accent", "ok", "warning", "error", "info"] as const;

// UIScreen shows every widget in its states; the browser tests visit it.
export function UIScreen() {
  const [combo, setCombo] = useState("email");
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => title(u.title), []);
  const fields = [
    { value: "name", label: "Lead name", group: u.fields },
    { value: "email", label: "Emails 1 Email", group: u.fields, note: "name@example.com" },
    { value: "company", label: "Company name", group: u.fields },
    { value: "comments", label: "Add to comments", group: u.special },
  ];
  return (
    <main class={c.page}>
      <h1 tabindex={-1}>{u.title}</h1>
      <section class={c.part}>
        <h2>{u.colours}</h2>
        <div class={c.grid}>
          {(
            [
              "ground",
              "surface",
              "subtle",
              "accent",
              "tint",
              "ok",
              "warning",
              "error",
              "info",
              "danger",
            ] as const
          ).map((x) => (
            <div key={x} class={`${c.swatch} ${swatch[x]}`}>
              {x}
            </div>
          ))}
        </div>
      </section>
      <section class={c.part}>
        <h2>{u.type}</h2>
        <p class={c.type1}>{u.sample}</p>
        <p class={c.type2}>{u.sample}</p>
        <p class={c.type3}>{u.sample}</p>
        <p>{u.sample}</p>
        <p class={c.type4}>{u.sample}</p>
        <p class={c.type5}>{u.sample}</p>
      </section>
      <section class={c.part}>
        <h2>{u.button}</h2>
        <div class={c.row}>
          <k.Button look="primary" icon={iUpload}>
            Import File
          </k.Button>
          <k.Button icon={iPlus}>Create lead</k.Button>
          <k.Button look="quiet">Cancel</k.Button>
          <k.Button look="danger" icon={iTrash}>
            Delete
          </k.Button>
          <k.Button look="primary" busy>
            Import File
          </k.Button>
          <k.Button icon={iMore} label="More" />
        </div>
        <div class={c.row}>
          <k.Button small look="primary">
            Map to
          </k.Button>
          <k.Button small>Change</k.Button>
          <k.Button small look="quiet">
            Skip
          </k.Button>
          <k.Button small aria-pressed={true}>
            Chosen
          </k.Button>
          <k.TextButton>Text button</k.TextButton>
        </div>
      </section>
      <section class={c.part}>
        <h2>{u.field}</h2>
        <div class={c.grid}>
          <k.Field label="Lead name">
            <k.Input value="Gov Mart" />
          </k.Field>
          <k.Field label="Website" optional hint="http or https">
            <k.Input placeholder="example.com" />
          </k.Field>
          <k.Field label="E-mail" wrong="An e-mail address has an @, as in jerry@example.com.">
            <k.Input value="jerry.example.com" />
          </k.Field>
          <k.Field label="Comments">
            <k.Area value={"Met at the fair.\nCall in June."} />
          </k.Field>
          <k.Field label="Status">
            <k.Select
              value="new"
              options={[
                { value: "new", label: "New" },
                { value: "qualified", label: "Qualified" },
              ]}
            />
          </k.Field>
          <k.Field label="Field">
            <k.Combobox options={fields} value={combo} onChange={setCombo} />
          </k.Field>
          <k.Check checked>Do not e-mail</k.Check>
          <k.Search label="Search leads" />
        </div>
      </section>
      <section class={c.part}>
        <h2>{u.menu}</h2>
        <div class={c.row}>
          <k.Menu
            look="plain"
            items={[
              { group: "jerry@example.com" },
              { label: "Leads", icon: iUsers, href: "/leads" },
              "rule",
              { label: "Delete", icon: iTrash, bad: true },
            ]}
          >
            Menu
          </k.Menu>
          <k.Menu
            look="plain"
            items={[
              { label: "Company", on: true },
              { label: "E-mail", on: false },
            ]}
          >
            Columns
          </k.Menu>
          <k.Tooltip text="A tooltip says more about what it stands at.">
            <k.Button>Tooltip</k.Button>
          </k.Tooltip>
          <k.Button onClick={() => setOpen(true)}>Dialog</k.Button>
          <k.Button
            onClick={() =>
              k.toast("37 leads changed", {
                action: { label: "Undo", run: () => k.toast("Taken back", { tone: "info" }) },
              })
            }
          >
            Toast
          </k.Button>
        </div>
        {open && (
          <k.Dialog
            title="Leave this import?"
            onClose={() => setOpen(false)}
            foot={
              <>
                <k.Button onClick={() => setOpen(false)}>Continue later</k.Button>
                <k.Button look="danger" onClick={() => setOpen(false)}>
                  Discard this import
                </k.Button>
              </>
            }
          >
            <p>Your choices are saved. Go on whenever you like, on another device too.</p>
          </k.Dialog>
        )}
      </section>
      <section class={c.part}>
        <h2>{u.tabs}</h2>
        <k.Tabs
          label="Views"
          tabs={[
            { href: "/__ui", label: "All leads", on: true, count: "12,480" },
            { href: "/leads", label: "My leads", on: false },
            { href: "/leads?owner=none", label: "Unassigned", on: false },
          ]}
        />
      </section>
      <section class={c.part}>
        <h2>{u.badges}</h2>
        <div class={c.row}>
          {tones.map((t) => (
            <k.Badge key={t} tone={t}>
              {t}
            </k.Badge>
          ))}
          {tones.map((t) => (
            <k.Badge key={t} tone={t} dot>
              {t}
            </k.Badge>
          ))}
          <k.Avatar name="Ana Gómez" />
        </div>
        {tones
          .filter((t) => t !== "accent")
          .map((t) => (
            <k.Notice key={t} tone={t} end={<k.Button small>Change</k.Button>}>
              <strong>Status Id.</strong> The value “Hot” is not a valid choice; 37 records have it.
            </k.Notice>
          ))}
      </section>
      <section class={c.part}>
        <h2>{u.table}</h2>
        <k.TableBox label="Imports">
          <thead>
            <tr>
              <th>File</th>
              <th>State</th>
              <th class={k.numeric}>Records</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>trade-show.csv</td>
              <td>
                <k.Badge tone="ok" dot>
                  Done
                </k.Badge>
              </td>
              <td class={k.numeric}>12,480</td>
            </tr>
            <tr>
              <td dir="auto">رابط-العملاء-{"x".repeat(120)}.xlsx</td>
              <td>
                <k.Badge tone="warning" dot>
                  Paused
                </k.Badge>
              </td>
              <td class={k.numeric}>7</td>
            </tr>
          </tbody>
        </k.TableBox>
      </section>
      <section class={c.part}>
        <h2>{u.sheet}</h2>
        <Sheet />
      </section>
      <section class={c.part}>
        <h2>{u.progress}</h2>
        <k.Progress value={62} max={100} label="Importing" />
        <k.Progress value={0} max={0} label="Reading" />
        <k.Loading />
        <k.Empty
          icon={iUsers}
          title="No leads yet"
          actions={
            <k.Button look="primary" icon={iUpload}>
              Import File
            </k.Button>
          }
        >
          Bring in a spreadsheet you have. You see what every row will do before anything is written.
        </k.Empty>
      </section>
    </main>
  );
}

// Sheet is the grid on records of its own: nothing leaves the page.
const people = [
  "Ana Gómez",
  "Jürgen Müller",
  "שרה כהן",
  "x".repeat(120),
  "Li Wang",
  "محمد علي",
  "Zoé Larsen",
];
function marksOf(i: number): Record<number, GridMark> {
  if (i === 2)
    return {
      1: {
        tone: "warning",
        text: "“marie at example.org” is not an e-mail address.",
        suggestion: "marie@example.org",
      },
    };
  return i === 4 ? { 2: { tone: "error", text: "The value “Hot” is not a valid choice." } } : {};
}
const records: GridRow[] = people.map((name, i) => ({
  number: i + 1,
  cells: [
    name,
    i === 2 ? "marie at example.org" : `p${i}@example.org`,
    i === 4 ? "Hot" : "New",
    "2026-02-03",
  ],
  edited: i === 5 ? [0] : [],
  marks: marksOf(i),
}));

function Sheet() {
  const next = (from: number, back: boolean) =>
    (back ? records.toReversed() : records).find(
      (r) => (back ? r.number < from : r.number > from) && Object.keys(r.marks).length,
    );
  return (
    <Grid
      label="Records"
      list="all"
      turn={0}
      total={records.length}
      columns={[
        { label: "Lead name", width: 220 },
        { label: "E-mail", width: 200 },
        {
          label: "Status",
          width: 120,
          options: [
            { value: "new", label: "New" },
            { value: "qualified", label: "Qualified" },
          ],
        },
        { label: "Follow up on", width: 120, date: true },
      ]}
      page={async (at, limit) => records.slice(at, at + limit)}
      at={async (n) => n - 1}
      save={async () => {}}
      problem={async (from, back) => {
        const r = next(from, back);
        return r ? { number: r.number, at: r.number - 1 } : null;
      }}
      find={async (text) => ({
        hits: records.flatMap((r) =>
          r.cells.flatMap((x, column) =>
            x.toLowerCase().includes(text.toLowerCase()) ? [{ number: r.number, column, text: x }] : [],
          ),
        ),
      })}
    />
  );
}

const swatch = {
  ground: c.ground,
  surface: c.surface,
  subtle: c.subtle,
  accent: c.accent,
  tint: c.tint,
  ok: c.ok,
  warning: c.warning,
  error: c.error,
  info: c.info,
  danger: c.danger,
};
