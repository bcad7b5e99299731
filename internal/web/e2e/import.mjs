// The import journey in a real browser. Usage: node import.mjs BASE SECRET PART….
// It prints what is wrong and the figures measured, and ends with 1 if anything is.
import { existsSync, readFileSync } from "node:fs";
import { Upload } from "tus-js-client";
import { hold, open, rest, workbook } from "./kit.mjs";

const [base, secret, ...parts] = process.argv.slice(2);
const { browser, wrong, visit, look } = await open(base, secret);
const must = (ok, what) => {
  if (!ok) wrong.push(what);
};
const figures = [];
const first = await visit();
const fair = readFileSync(new URL("fair.csv", import.meta.url), "utf8");

const choose = (page, name, text) =>
  page.setInputFiles("input[type=file]", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
async function begin(page, name, text) {
  await page.goto(`${base}/imports/new`);
  await page.getByRole("heading", { name: "Import leads" }).waitFor();
  await choose(page, name, text);
  await page.getByRole("heading", { name: "First records as they are read" }).waitFor();
  await rest(page);
  return page.url().match(/imports\/(\d+)/)[1];
}
const go = async (page, id, step) => {
  await page.goto(`${base}/imports/${id}/${step}`);
  await page.getByRole("list", { name: "Steps of this import" }).waitFor();
  await rest(page);
};
const again = async (page) => {
  await page.reload();
  await page.locator("main h1").waitFor();
  await rest(page);
};
const grid = (page) => page.getByRole("grid", { name: "Records of the file" });
const cell = (page, row, col) =>
  page
    .locator(`[role=gridcell][aria-colindex="${col + 1}"]`)
    .and(page.locator(`[id$="-${row - 1}-${col - 1}"]`));
const post = (page, path, data) => page.request.post(`${base}/api/v1${path}`, { data });
const shot = async (page, name) => {
  if (!process.env.SHOTS) return;
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
};

const run = {
  // Every step by mouse, looked at in every state, and reloaded in the middle.
  async mouse() {
    const page = await visit();
    for (const name of ["First Fair", "Second Fair"])
      await post(page, "/leads", {
        values: { name, company_name: "Fair Ltd", emails: ["both@fair.example"] },
      });
    await post(page, "/leads", {
      values: {
        name: "Li Wang",
        company_name: "Blue Harbor",
        emails: ["li.wang@example.org"],
        job_title: "Engineer",
      },
    });
    const text =
      fair +
      "Both Fair,Fair Ltd,Owner,both@fair.example,,,Trade Show,B6\nOmar Haddad,Kestrel Labs,CTO,omar.haddad@gmial.com,+49 30 90112239,new,Trade Show,B7\n";
    await page.goto(`${base}/leads`);
    await page.getByRole("link", { name: "Import File" }).first().click();
    await page.getByRole("heading", { name: "Import leads" }).waitFor();
    await look(page, "choose file");
    await shot(page, "1-choose");
    await page.getByRole("button", { name: "Paste from a spreadsheet" }).click();
    await look(page, "paste");
    await page.getByRole("button", { name: "Close" }).click();
    await choose(page, "trade-show.csv", text);
    await page.getByRole("heading", { name: "First records as they are read" }).waitFor();
    await rest(page);
    const id = page.url().match(/imports\/(\d+)/)[1];
    await page.getByRole("button", { name: "How it was recognised" }).click();
    await look(page, "file");
    await shot(page, "2-file");
    // A guess changed is read anew at once, and stays changed.
    await page.getByRole("button", { name: /headings in line 1/i }).click();
    await page.getByRole("menuitemcheckbox", { name: "no heading row" }).click();
    await page.getByRole("columnheader", { name: "Column 1" }).waitFor();
    await again(page);
    await page.getByRole("columnheader", { name: "Column 1" }).waitFor();
    await page.getByRole("button", { name: /headings none/i }).click();
    await page.getByRole("menuitemcheckbox", { name: "headings in line 1" }).click();
    await page.getByRole("columnheader", { name: "Full Name" }).waitFor();
    await rest(page);
    await page.getByRole("link", { name: "Continue to columns" }).click();
    await page.getByRole("heading", { name: "Columns of the file" }).waitFor();
    await rest(page);
    await page
      .getByRole("button", { name: /values/ })
      .first()
      .click();
    await look(page, "columns");
    await shot(page, "3-columns");
    await page.getByRole("button", { name: "Hide values" }).click();
    // Two changes, the second before the first is answered: both stay.
    const free = await hold(page, "**/recipe");
    await page.getByRole("button", { name: "Use “trade-show”" }).click();
    await page.getByRole("button", { name: "Add all to comments" }).click();
    await free();
    await rest(page);
    await again(page);
    must((await page.getByLabel("Tags").inputValue()) === "trade-show", "the tag is lost by a reload");
    must(
      (await page.getByRole("combobox", { name: "Field for Booth" }).inputValue()) === "Add to comments",
      "the mapping is lost by a reload",
    );
    await page.getByRole("button", { name: "More for Company" }).click();
    await page.getByRole("menuitem", { name: /Compute/ }).click();
    await page.getByLabel("Expression").fill("upper(value)");
    await look(page, "compute");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("upper(value)").waitFor();
    await page.getByRole("button", { name: "More for Phone" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Fill it where it is empty" }).click();
    await page
      .locator("span:visible", { hasText: /^Fill it where it is empty$/ })
      .last()
      .waitFor();
    await rest(page);
    await page.getByRole("button", { name: "More for Company" }).click();
    await page.getByRole("menuitem", { name: /Split/ }).click();
    await look(page, "split");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "More for Company" }).click();
    await page.getByRole("menuitem", { name: "Take the value as it is" }).click();
    await rest(page);
    await page.getByRole("link", { name: "Validate" }).click();
    const answer = page.getByRole("combobox", { name: "Map to: Hot" });
    await answer.waitFor();
    await rest(page);
    await look(page, "review");
    await shot(page, "4-review");
    // A value is answered once for all its records.
    await answer.click();
    await answer.pressSequentially("quali");
    await answer.press("Enter");
    await rest(page);
    await page.getByRole("link", { name: /is not an e-mail address/ }).click();
    // One cell is mended in the sheet, by double click.
    await cell(page, 1, 4).dblclick();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("marie.dubois@example.org");
    await page.keyboard.press("Enter");
    await page.getByText("Saved", { exact: true }).waitFor();
    await again(page);
    await page.getByRole("link", { name: "All records" }).click();
    await grid(page).waitFor();
    await page.getByText("marie.dubois@example.org").waitFor();
    await look(page, "all records");
    // A suggestion is taken for all.
    await page.getByRole("link", { name: /looks mistyped/ }).click();
    await page.getByRole("button", { name: /Use the suggestions/ }).click();
    await rest(page);
    await page.getByRole("link", { name: /Several leads fit/ }).click();
    await page.getByRole("heading", { name: "Record 6" }).waitFor();
    await look(page, "decide");
    await shot(page, "5-decide");
    await page.getByRole("button", { name: "Update this one" }).last().click();
    await page.getByRole("link", { name: /Several leads fit/ }).waitFor({ state: "detached" });
    await rest(page);
    await page.getByRole("link", { name: "Import File" }).click();
    await page.getByRole("button", { name: /^Import \d+ leads$/ }).waitFor();
    await rest(page);
    await look(page, "preview");
    await page.getByRole("link", { name: /updates?/ }).click();
    await page.getByText("Engineer").waitFor();
    await shot(page, "6-preview");
    await page.getByLabel("For leads you already have").selectOption("fill");
    await rest(page);
    await again(page);
    must(
      (await page.getByLabel("For leads you already have").inputValue()) === "fill",
      "the choice for leads that are there is lost by a reload",
    );
    await page.getByLabel("For leads you already have").selectOption("");
    await rest(page);
    for (const n of ["new", "updates?", "records"]) {
      await page.getByRole("link", { name: new RegExp(`^\\d+\\s*${n}$`) }).click();
      await page.getByRole("region", { name: "Records" }).waitFor();
    }
    // Another file keeps the work.
    await go(page, id, "file");
    await choose(
      page,
      "trade-show-2.csv",
      text.replace("B7\n", "B7\nSven Berg,Maple Bank,Buyer,sven.berg@example.org,,Hot,Trade Show,B8\n"),
    );
    await page.getByRole("heading", { name: "trade-show-2.csv", level: 1 }).waitFor();
    await rest(page);
    await go(page, id, "preview");
    await rest(page);
    must(
      (await page.getByRole("link", { name: /with errors/ }).count()) === 0,
      "another file has lost the answers",
    );
    await page.getByRole("button", { name: /^Import \d+ leads$/ }).click();
    await page.getByRole("heading", { name: /leads imported/ }).waitFor();
    await look(page, "result");
    await shot(page, "7-result");
    await again(page);
    await page.getByRole("heading", { name: /leads imported/ }).waitFor();
    must(
      (await page.getByRole("link", { name: /^\d+\s*new$/ }).getAttribute("href")) === `/leads?import=${id}`,
      "the number of new leads does not open their list",
    );
    await page.getByLabel("What happens").selectOption("update");
    await page.getByRole("heading", { name: "Updates" }).waitFor();
    await page.getByLabel("What became of record").fill("3");
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("Record 3: New.").waitFor();
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.evaluate((i) => {
        const a = document.createElement("a");
        a.href = `/api/v1/imports/${i}/rejects?format=csv`;
        a.download = "";
        document.body.append(a);
        a.click();
        a.remove();
      }, id),
    ]);
    must((await csv.createReadStream()) !== null, "no rejects file");
    await page.getByRole("button", { name: "Undo this import" }).click();
    await page.getByText(/leads? goe?s? to the bin/).waitFor();
    await look(page, "undo");
    await shot(page, "8-undo");
    await page.getByRole("button", { name: "Undo import" }).click();
    await page.getByRole("heading", { name: /^Undo of/ }).waitFor();
    await page.getByText(/leads? (was|were) put into the bin/).waitFor();
    await look(page, "undone");
    // The same file again is recognised, and its columns are one line.
    const same = await begin(
      page,
      "trade-show.csv",
      "Full Name,Company,E-mail\nUma Ray,Ray Ltd,uma@ray.example\n",
    );
    await go(page, same, "review");
    await page.getByText("No problems found").waitFor();
    await look(page, "no problems");
    await go(page, same, "preview");
    await page.getByRole("button", { name: "Import 1 lead" }).click();
    await page.getByRole("heading", { name: "1 lead imported" }).waitFor();
    const twice = await begin(
      page,
      "trade-show.csv",
      "Full Name,Company,E-mail\nUma Ray,Ray Ltd,uma@ray.example\n",
    );
    await page.getByText("This very file was imported").waitFor();
    await go(page, twice, "columns");
    await page.getByText("Columns as in your import of").waitFor();
    await look(page, "known columns");
    // A draft is left for later, found in the history, and discarded.
    await page.getByRole("button", { name: "Cancel" }).click();
    await look(page, "leave");
    await page.getByRole("button", { name: "Continue later" }).click();
    await page.getByRole("region", { name: "Imports" }).waitFor();
    await look(page, "history");
    await page.getByRole("link", { name: "trade-show.csv" }).first().click();
    await page.getByRole("heading", { name: "trade-show.csv", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Discard this import" }).click();
    await page.getByRole("region", { name: "Imports" }).waitFor();
    must(
      (await page.request.get(`${base}/api/v1/imports/${twice}`)).status() === 404,
      "a discarded draft is still there",
    );
    // A file without records.
    const none = await begin(page, "empty.csv", "Full Name,Company\n");
    await look(page, "no records");
    await go(page, none, "preview");
    await page.getByRole("button", { name: "Nothing to import" }).click();
    await page.getByText("There is nothing to import").waitFor();
    await look(page, "nothing to import");
    await page.context().close();
  },

  // Who owns what comes in, values that no column gives, a field made at its
  // column; then the rest of an import, decided and mended after the run.
  async rest() {
    const page = await visit();
    for (const name of ["First Rest", "Second Rest"])
      await post(page, "/leads", {
        values: { name, company_name: "Rest Ltd", emails: ["both@rest.example"] },
      });
    const id = await begin(
      page,
      "rest.csv",
      "Full Name,Company,E-mail,Status,Hall\nBoth Rest,Rest Ltd,both@rest.example,new,7\nOne Rest,One Ltd,one@rest.example,new,7\nTwo Rest,Two Ltd,two@rest.example,new,8\nThree Rest,Three Ltd,three@rest.example,Warmish,8\n",
    );
    await go(page, id, "columns");
    await page.getByLabel("Owner", { exact: true }).selectOption({ label: "Shared equally…" });
    await page.getByRole("group", { name: "Shared by" }).getByLabel("Ana Lopez").check();
    await page.getByRole("combobox", { name: "Add a value…" }).click();
    await page.keyboard.type("industry");
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Industry" }).fill("Steel");
    await page.getByLabel("Where the value goes: Industry").selectOption("all");
    await page.getByRole("combobox", { name: "Field for Hall" }).click();
    await page.keyboard.type("nothing like it");
    await page.getByRole("option", { name: "Create a field…" }).click();
    await look(page, "new field");
    await page.getByRole("button", { name: "Create field" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await rest(page);
    await again(page);
    await page.getByRole("heading", { name: "Columns of the file" }).waitFor();
    must(
      (await page.getByRole("combobox", { name: "Field for Hall" }).inputValue()) === "Hall",
      "the new field is not the column's",
    );
    must(
      (await page.getByRole("textbox", { name: "Industry" }).inputValue()) === "Steel" &&
        (await page.getByLabel("Where the value goes: Industry").inputValue()) === "all",
      "the value for every record is lost",
    );
    must(
      await page.getByRole("group", { name: "Shared by" }).getByLabel("Ana Lopez").isChecked(),
      "who shares is lost",
    );
    await look(page, "shared owners");
    await go(page, id, "preview");
    await page.getByText("2 new leads shared equally: Dana Demo 1 · Ana Lopez 1").waitFor();
    // Rules of the import, kept with it; what changes no record checks none.
    const checks = [];
    page.on("request", (r) => r.url().endsWith("/check") && checks.push(r.url()));
    const rules = async (edit) => {
      await page.getByRole("button", { name: "Change: Rules" }).click();
      await edit();
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await rest(page);
    };
    await page.getByRole("button", { name: "Tell others" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Ana Lopez" }).click();
    await page.getByText("Dana Demo, Ana Lopez").waitFor();
    await rules(async () => {
      await look(page, "rules");
      await page.getByLabel("If some records cannot be imported").selectOption("all");
    });
    await again(page);
    await page.getByText("Dana Demo, Ana Lopez").waitFor();
    await page.getByText("found by Id, External Id, e-mail, name and company · all or nothing").waitFor();
    must(checks.length === 0, "a file is checked again for what changes no record");
    page.calm = true; // the browser reports the refusal as an error
    const reported = page.waitForEvent("console", (m) => /409/.test(m.text()));
    await page.getByRole("button", { name: "Import 2 leads" }).click();
    await page.getByText(/all or nothing: 1 records? with errors/i).waitFor();
    await reported;
    page.calm = false;
    await rules(async () => {
      await page.getByLabel("If some records cannot be imported").selectOption("");
      await page.getByLabel("What records may do").selectOption("update");
    });
    await page.getByRole("button", { name: "Decide 1 record" }).click();
    await page.getByText("Until then there is nothing to import").waitFor();
    await look(page, "nothing before a decision");
    await rules(() => page.getByLabel("What records may do").selectOption(""));
    await page.getByRole("button", { name: "Import 2 leads" }).click();
    await page.getByRole("heading", { name: "2 leads imported" }).waitFor();
    const owned = (await (await page.request.get(`${base}/api/v1/leads?import=${id}`)).json()).items
      .map((l) => `${l.values.owner} ${l.values.industry}`)
      .sort();
    must(
      new Set(owned).size === 2 && owned.every((x) => x.endsWith("Steel")),
      `owners and industry: ${owned}`,
    );
    await page
      .getByRole("heading", { name: "1 record with an error · 1 record needs your decision" })
      .waitFor();
    await look(page, "what is left");
    await page.getByRole("button", { name: "Mend and decide here" }).click();
    await page.waitForURL(/imports\/\d+\/review/);
    must(!page.url().includes(`/imports/${id}/`), "the rest is no import of its own");
    const child = page.url().match(/imports\/(\d+)/)[1];
    await page.getByRole("link", { name: /Several leads fit/ }).click();
    await page.getByRole("button", { name: "Update this one" }).last().click();
    await page.getByRole("link", { name: /Several leads fit/ }).waitFor({ state: "detached" });
    const answer = page.getByRole("combobox", { name: "Map to: Warmish" });
    await answer.click();
    await answer.pressSequentially("new");
    await answer.press("Enter");
    await rest(page);
    await go(page, child, "preview");
    await page.getByRole("button", { name: "Import 2 leads" }).click();
    await page.getByRole("heading", { name: "2 leads imported" }).waitFor();
    await page.goto(`${base}/imports/${id}`);
    await page.getByText("Brought in later:").waitFor();
    await page.getByRole("link", { name: "rest (rest).csv" }).waitFor();
    must(
      (await page.getByRole("button", { name: "Mend and decide here" }).count()) === 0,
      "all is in, and the page offers to go on",
    );
    // One record of it is taken back.
    await page.getByLabel("What became of record").fill("2");
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByRole("button", { name: "Undo this record" }).click();
    await page.getByText("1 lead goes to the bin").waitFor();
    await look(page, "undo of a record");
    await page.getByRole("button", { name: "Undo import" }).click();
    await page.getByRole("link", { name: "1 lead was put into the bin" }).click();
    await page.getByRole("grid", { name: "Leads list" }).getByText("One Rest").first().waitFor();
    await page.context().close();
  },

  // The whole journey without a mouse.
  async keyboard() {
    const page = await visit(),
      k = page.keyboard;
    for (const name of ["First Keys", "Second Keys"])
      await post(page, "/leads", {
        values: { name, company_name: "Both Ltd", emails: ["both@keys.example"] },
      });
    const to = async (name, most = 120) => {
      // by Tab, as a person would
      for (let i = 0; i < most; i++) {
        await k.press("Tab");
        const at = await page.evaluate(() => {
          const e = document.activeElement;
          return e ? e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent : "";
        });
        if (typeof name === "string" ? at === name : name.test(at ?? "")) return true;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await page.goto(`${base}/leads`);
    await page.getByRole("link", { name: "Import File" }).first().waitFor();
    await k.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await k.type("import file");
    await k.press("Enter");
    await page.getByRole("heading", { name: "Import leads" }).waitFor();
    await to("Choose File");
    const asked = page.waitForEvent("filechooser");
    await page.waitForTimeout(100); // until the browser knows who answers
    await k.press("Enter");
    const chooser = await asked;
    await chooser.setFiles({
      name: "keys.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(
        fair
          .replaceAll("example.org", "keys.example")
          .replace("Li Wang,", "Lien Wang,")
          .replace(/,(\w+) (Tools|GmbH|du|Harbor)/g, ",Key $1 $2") +
          "Zoe Keys,Keys Ltd,CTO,zoe at keys.example,,Hot,Trade Show,B9\nBoth Keys,Both Ltd,Owner,both@keys.example,,,Trade Show,B10\n",
      ),
    });
    await page.getByRole("heading", { name: "First records as they are read" }).waitFor();
    await rest(page);
    await to("Continue to columns");
    await k.press("Enter");
    await page.getByRole("heading", { name: "Columns of the file" }).waitFor();
    await to("Field for Booth");
    await k.type("add to com");
    await k.press("Enter");
    await rest(page);
    await to("Validate");
    await k.press("Enter");
    await page.getByRole("combobox", { name: "Map to: Hot" }).waitFor();
    await rest(page);
    await to("Map to: Hot");
    await k.type("quali");
    await k.press("Enter");
    await rest(page);
    await to(/is not an e-mail address/);
    await k.press("Enter");
    await grid(page).waitFor();
    await page.waitForFunction(() =>
      /keys\.example/.test(document.querySelector("[role=grid]")?.innerText ?? ""),
    );
    await to("Records of the file");
    const active = () =>
      page.evaluate(() => {
        const g = document.querySelector("[role=grid]"),
          id = g.getAttribute("aria-activedescendant"),
          e = id && document.getElementById(id);
        return e
          ? `${e.parentElement.getAttribute("aria-rowindex")}:${e.getAttribute("aria-colindex")} ${e.innerText}`
          : "nothing";
      });
    const is = async (want, what) => {
      for (let i = 0; i < 400; i++) {
        if ((await active()) === want) return;
        await page.waitForTimeout(50);
      }
      wrong.push(`${what}: at ${await active()}, not ${want}`);
    };
    await is(
      "2:5 marie.dubois at example.org".replace("example.org", "keys.example"),
      "the sheet begins at the problem",
    );
    await k.press("F8");
    await is("3:5 zoe at keys.example", "F8");
    await k.press("Shift+F8");
    await is("2:5 marie.dubois at keys.example", "Shift F8");
    await k.press("F2");
    await k.press("Home");
    await k.press("Control+A");
    await k.type("marie@keys.example");
    await k.press("Tab");
    await is("2:6 +33 1 70 18 99 00", "Tab commits and moves");
    await k.press("ArrowDown");
    await k.press("ArrowLeft");
    await k.type("x");
    await k.press("Escape"); // nothing happens
    await is("3:5 zoe at keys.example", "Escape cancels");
    await k.type("zoe@keys.example");
    await k.press("Enter");
    await page.getByText("Saved", { exact: true }).waitFor();
    await rest(page);
    // All records: the keys of a sheet.
    await page.getByRole("link", { name: "All records" }).focus();
    await k.press("Enter");
    await page.waitForFunction(() =>
      /Ana Gómez/.test(document.querySelector("[role=grid]")?.innerText ?? ""),
    );
    await to("Records of the file");
    await k.press("Control+End");
    await is("8:9 B10", "Ctrl End");
    await k.press("Control+Home");
    await is("2:2 Ana Gómez", "Ctrl Home");
    await k.press("End");
    await is("2:9 B1", "End");
    await k.press("PageDown");
    await is("8:9 B10", "Page down");
    await k.press("Control+Home");
    // Copy one cell and fill a range with it, then take it back and do it again.
    await k.press("ArrowRight");
    await k.press("ArrowRight");
    await k.press("Control+C");
    await k.press("Shift+ArrowDown");
    await k.press("Shift+ArrowDown");
    await k.press("Control+V");
    const column = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("[role=gridcell][aria-colindex='4']")]
          .slice(0, 3)
          .map((e) => e.innerText)
          .join("|"),
      );
    const holds = async (want, what) => {
      for (let i = 0; i < 400; i++) {
        if ((await column()) === want) return;
        await page.waitForTimeout(50);
      }
      wrong.push(`${what}: ${await column()}, not ${want}`);
    };
    await holds("Head of Sales|Head of Sales|Head of Sales", "one value fills a range");
    await k.press("Control+Z");
    await holds("Head of Sales|Buyer|Buyer", "undo");
    await k.press("Control+Shift+Z");
    await holds("Head of Sales|Head of Sales|Head of Sales", "redo");
    await k.press("Control+Z");
    await holds("Head of Sales|Buyer|Buyer", "undo again");
    // A block that does not fit is refused, and says why.
    await page.evaluate(() => navigator.clipboard.writeText('a\tb\tc\n"d\te"\tf\tg'));
    await k.press("Escape");
    await k.press("End");
    await k.press("Control+V");
    await page.getByText("Nothing was pasted: the copied block is 3 columns wide").first().waitFor();
    await k.press("Control+F");
    await k.type("buyer");
    await k.press("Enter");
    await to("Replace by", 3);
    await k.type("Purchaser");
    await to("Replace all", 3);
    await k.press("Enter");
    await holds("Head of Sales|Purchaser|Purchaser", "replace all");
    await k.press("Escape");
    await k.press("Control+Z");
    await holds("Head of Sales|Buyer|Buyer", "undo of a replacement");
    await page.waitForTimeout(1500);
    await rest(page);
    // A record that may be about two leads is decided.
    await to(/^([^:]+: )?Several leads fit/);
    await k.press("Enter");
    await page.getByRole("heading", { name: "Record 7" }).waitFor();
    await to("Update this one");
    await k.press("Enter");
    await page.getByRole("link", { name: /Several leads fit/ }).waitFor({ state: "detached" });
    await rest(page);
    await to("Import File");
    await k.press("Enter");
    await page.getByRole("button", { name: /^Import \d leads$/ }).waitFor();
    await rest(page);
    await to(/^Import \d leads$/);
    await k.press("Enter");
    await page.getByRole("heading", { name: /leads imported/ }).waitFor();
    await to("Undo this import");
    await k.press("Enter");
    await page.getByText(/leads? goe?s? to the bin/).waitFor();
    await to("Undo import");
    await k.press("Enter");
    await page.getByRole("heading", { name: /^Undo of/ }).waitFor();
    await page.context().close();
  },

  // Text that attacks, in the file's name, in every heading and cell.
  async hostile() {
    const page = await visit();
    const list = [
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "<svg/onload=alert(1)>",
      "javascript:alert(1)",
      "'-alert(1)-'",
      "{{7*7}}",
      "<iframe srcdoc='<script>alert(1)</script>'>",
      "</title><script>alert(1)</script>",
      "<a href=javascript:alert(1)>x</a>",
      '=HYPERLINK("http://x")',
      "\u202Eevil",
      "ｱ\u0301\u0302",
      "‏رجل‏",
      "x".repeat(300),
      "<style>*{display:none}</style>",
      "${alert(1)}",
      "<input autofocus onfocus=alert(1)>",
    ];
    const corpora = process.env.LEADPORT_CORPORA ?? "";
    if (corpora && existsSync(`${corpora}/blns/blns.json`)) {
      list.push(...JSON.parse(readFileSync(`${corpora}/blns/blns.json`, "utf8")));
      for (const f of ["RSNAKE_XSS.txt", "XSS_Polyglots.txt", "xss_payloads_quick.txt"])
        if (existsSync(`${corpora}/payloads/${f}`))
          list.push(...readFileSync(`${corpora}/payloads/${f}`, "utf8").split("\n").filter(Boolean));
      figures.push(`${list.length} hostile strings`);
    } else figures.push(`${list.length} hostile strings; no corpora (LEADPORT_CORPORA)`);
    const quote = (x) => `"${x.replace(/\0/g, "").replace(/"/g, '""')}"`,
      at = (i) => list[i % list.length];
    const width = 12,
      heads = [
        "Lead name",
        "Company name",
        "Status",
        ...Array.from({ length: width - 3 }, (_, i) => at(i) + (i ? "" : " ")),
      ];
    let text = heads.map(quote).join(",") + "\n";
    for (let r = 0; r * (width - 1) < list.length; r++)
      text += Array.from({ length: width }, (_, i) => quote(at(r * (width - 1) + i))).join(",") + "\n";
    text += Array.from({ length: width }, (_, i) => quote(i === 2 ? "" : at(i))).join(",") + "\n"; // one that comes in
    const clean = async (what) => {
      const bad = await page.evaluate(() => ({
        nodes: [
          ...document.querySelectorAll(
            "script:not([src]), iframe, img:not([src='/icon.svg']), style, input[onfocus], [onerror], [onload], [onclick], a[href^='javascript:' i]",
          ),
        ].map((e) => e.outerHTML.slice(0, 80)),
        reports: window.reports,
      }));
      for (const n of bad.nodes) wrong.push(`hostile, ${what}: a node ${n}`);
      for (const r of bad.reports) wrong.push(`hostile, ${what}: CSP ${r}`);
    };
    const id = await begin(page, "<img src=x onerror=alert(1)>.csv", text);
    await clean("file");
    await go(page, id, "columns");
    const more = page.getByRole("button", { name: "Add all to comments" });
    if (await more.count()) await more.click();
    await rest(page);
    await clean("columns");
    await go(page, id, "review");
    await page.waitForTimeout(300);
    await clean("review");
    await page.getByRole("link", { name: "All records" }).click();
    await grid(page).waitFor();
    await grid(page).focus();
    for (const key of ["Control+End", "Control+Home", "ArrowRight", "F2", "Escape", "F8"]) {
      await page.keyboard.press(key);
      await page.waitForTimeout(60);
      await clean(`sheet, ${key}`);
    }
    await page.getByRole("button", { name: "Edit record" }).click();
    await clean("one record");
    await page.getByRole("button", { name: "Done" }).click();
    await look(page, "hostile sheet");
    await go(page, id, "preview");
    await page
      .getByRole("link", { name: /records/ })
      .first()
      .click();
    await clean("preview");
    const button = page.getByRole("button", { name: /^Import [\d,]+ leads?$/ });
    await button.click();
    await page.waitForTimeout(200);
    await page
      .getByRole("heading", { name: /imported|Please confirm|nothing/i })
      .first()
      .waitFor();
    await clean("result");
    await page.goto(`${base}/imports`);
    await page.getByRole("region", { name: "Imports" }).waitFor();
    await clean("history");
    const [came] = (await (await page.request.get(`${base}/api/v1/leads?import=${id}`)).json()).items;
    await page.goto(`${base}/leads?import=${id}`);
    await page.getByRole("grid", { name: "Leads list" }).getByRole("gridcell").first().waitFor();
    await clean("list");
    await page.goto(`${base}/leads/${came.id}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await clean("lead");
    // The names of a workbook's sheets, of which one is chosen.
    await page.goto(`${base}/imports/new`);
    await page.getByRole("heading", { name: "Import leads" }).waitFor();
    await page.setInputFiles("input[type=file]", {
      name: '"onload=alert(1).xlsx',
      mimeType: "application/octet-stream",
      buffer: workbook(["<img src=x onerror=alert(1)>", "'><svg onload=alert(1)>"]),
    });
    await page.getByRole("heading", { name: "First records as they are read" }).waitFor();
    await rest(page);
    await page.getByRole("button", { name: "How it was recognised" }).click();
    await clean("sheets");
    await page.getByRole("button", { name: /<img src=x/ }).click();
    await page.getByRole("menuitemcheckbox", { name: "'><svg onload=alert(1)>" }).click();
    await page.getByRole("button", { name: /<svg onload/ }).waitFor();
    await rest(page);
    await clean("another sheet");
    await page.context().close();
  },

  // The sheet with 100,000 records that are all wrong.
  async grid() {
    const page = await visit();
    let text = "Full Name,Company,Job Title,E-mail,Phone,Status,City,Country,Employees,Booth\n";
    for (let i = 1; i <= 100000; i++)
      text += `Person ${i},Company ${i % 977},Buyer,person${i} at example.org,+49 30 9${String(i).padStart(7, "0")},Hot ${i % 40},Berlin,Germany,${i % 900},B${i % 40}\n`;
    const id = await begin(page, "hundred-thousand.csv", text);
    await page.goto(`${base}/imports/${id}/review?show=all`);
    await grid(page).waitFor({ timeout: 60000 });
    await rest(page);
    // Timed in the page itself: the messages of the test tool would count too.
    const timed = await page.evaluate(async () => {
      const frame = () => new Promise((r) => requestAnimationFrame(r)),
        box = () => document.querySelector("[role=grid]");
      const until = async (f) => {
        const from = performance.now();
        while (!f()) {
          if (performance.now() - from > 10000) throw new Error("waited in vain: " + f);
          await frame();
        }
        await frame();
        return performance.now() - from;
      };
      const filled = (row) => () => {
        const e = box()?.querySelector(`[aria-rowindex="${row + 1}"] [role=gridcell]`);
        return !!e && e.textContent !== "";
      };
      const key = (k, more) =>
        box().dispatchEvent(
          new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true, ...more }),
        );
      const link = (name) =>
        [...document.querySelectorAll("nav a")].find((a) => a.textContent.startsWith(name));
      const paint = [],
        jump = [];
      for (let i = 0; i < 5; i++) {
        for (const name of ["Records with errors", "All records"]) {
          const was = performance.now();
          link(name).click();
          await frame(); // the sheet of before is gone
          await until(filled(1));
          paint.push(performance.now() - was);
        }
      }
      for (const row of [50000, 99000, 200, 75432, 12345, 88888, 31415]) {
        const from = performance.now();
        box().scrollTop = (row - 1) * 32;
        await until(filled(row));
        jump.push(performance.now() - from);
      }
      key("Home", { ctrlKey: true });
      await until(filled(1));
      // Frames while it scrolls, beside frames of this machine while nothing happens.
      const p95 = async (step) => {
        const list = [];
        let last = await frame();
        for (let i = 0; i < 240; i++) {
          box().scrollTop += step;
          const now = await frame();
          list.push(now - last);
          last = now;
        }
        return list.sort((a, b) => a - b)[Math.floor(list.length * 0.95)];
      };
      const idle = await p95(0),
        moving = await p95(180);
      return { paint, jump, idle, p95: moving, nodes: document.querySelectorAll("*").length };
    });
    const worst = (x) => Math.round(Math.max(...x)),
      mid = (x) => Math.round([...x].sort((a, b) => a - b)[Math.floor(x.length / 2)]);
    figures.push(
      `100,000 records with errors: first paint ${mid(timed.paint)} ms (worst ${worst(timed.paint)}), jump ${mid(timed.jump)} ms (worst ${worst(timed.jump)}), p95 frame ${Math.round(timed.p95)} ms (${Math.round(timed.idle)} ms where nothing moves), ${timed.nodes} nodes`,
    );
    // Times are told always and judged where the machine is quiet and meant for it.
    if (process.env.LEADPORT_FIGURES) {
      must(mid(timed.paint) <= 200, `first paint takes ${mid(timed.paint)} ms`);
      must(mid(timed.jump) <= 150, `a jump takes ${mid(timed.jump)} ms`);
      must(
        timed.p95 <= 34,
        `the 95th of 100 frames takes ${Math.round(timed.p95)} ms, ${Math.round(timed.idle)} ms where nothing moves`,
      );
    }
    must(timed.nodes < 1000, `${timed.nodes} nodes`);
    await look(page, "100,000 records");
    await page.context().close();
  },

  // A cut in the middle of an upload and of a run, a cancel with its answers.
  async cuts() {
    const page = await visit();
    page.calm = true; // the browser itself reports a cut as an error
    let text = "Full Name,Company,E-mail\n";
    for (let i = 1; i <= 120000; i++) text += `Person ${i},Company ${i},p${i}@long.example\n`;
    let cut = 0,
      asked = 0;
    await page.route("**/api/v1/uploads/*", (route) => {
      if (route.request().method() === "HEAD") asked++;
      if (route.request().method() === "PATCH" && cut++ === 0) return route.abort("connectionreset");
      return route.continue();
    });
    const id = await begin(page, "long.csv", text);
    // The protocol's own client: cut in the middle, then another goes on.
    const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
    const bytes = Buffer.from(text.slice(0, 300000));
    const sent = [];
    const send = (uploadUrl, stop) =>
      new Promise((done, failed) => {
        let made = 0;
        const u = new Upload(bytes, {
          endpoint: `${base}/api/v1/uploads`,
          uploadUrl,
          chunkSize: 65536,
          headers: { Cookie: cookie },
          metadata: { filename: "tus.csv" },
          retryDelays: null,
          onChunkComplete: (size, at) => {
            sent.push(size);
            if (at >= stop && at < bytes.length) u.abort().then(() => done(u.url), failed);
          },
          onAfterResponse: (_, r) => void (made = Number(r.getHeader("Leadport-Import")) || made),
          onSuccess: () => done(made),
          onError: failed,
        });
        u.start();
      });
    const tus = await page.request.get(
      `${base}/api/v1/imports/${await send(await send(null, 131072), Infinity)}`,
    );
    must(
      (await tus.json()).size === bytes.length && sent.reduce((a, b) => a + b) === bytes.length,
      `tus-js-client sent ${sent}, and there is ${await tus.text()}`,
    );
    must(cut >= 2 && asked >= 1, `the upload does not go on after a cut: ${cut} parts, ${asked} questions`);
    await go(page, id, "preview");
    await page.getByRole("button", { name: "Import 120,000 leads" }).click();
    await page.getByRole("heading", { name: "Importing" }).waitFor();
    await page.reload(); // and cancelled early, so that there is a run to go on with
    await page.getByRole("button", { name: "Cancel import" }).click();
    await page.getByRole("heading", { name: /of 120,000 leads are in/ }).waitFor();
    await look(page, "cancelled");
    must(
      (await page.getByRole("button", { name: "Continue" }).count()) === 1 &&
        (await page.getByRole("button", { name: "Undo these" }).count()) === 1 &&
        (await page.getByRole("button", { name: "Keep them" }).count()) === 1,
      "a cancelled run has not its three answers",
    );
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: /Importing/ }).waitFor();
    await page.waitForFunction(() => /records a second/.test(document.querySelector("main").innerText));
    await look(page, "running");
    await page.getByRole("heading", { name: "120,000 leads imported" }).waitFor({ timeout: 60000 });
    await page.context().close();
  },
};

for (const part of parts.length ? parts : Object.keys(run)) {
  const began = Date.now();
  try {
    await run[part]();
  } catch (e) {
    wrong.push(`${part}: ${e.stack ?? e}`);
    for (const c of browser.contexts())
      for (const p of c.pages())
        if (p !== first && process.env.SHOT) await p.screenshot({ path: process.env.SHOT }).catch(() => {});
    for (const c of browser.contexts()) if (c !== first.context()) await c.close().catch(() => {});
  }
  figures.push(`${part}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
await browser.close();
for (const f of figures) console.log(f);
for (const w of wrong) console.log(w);
process.exit(wrong.length ? 1 : 0);
