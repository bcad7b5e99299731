// Every screen in every state. Usage: node shots.mjs BASE SECRET [SCENE…]. With
// SHOTS=DIR it leaves pictures there, for the eye, in four widths and both
// themes; without, axe looks at each as in the other tests. It prints what is
// wrong and ends with 1 then.
import { mkdirSync, readFileSync } from "node:fs";
import { hold, open, rest } from "./kit.mjs";

const [base, secret, ...only] = process.argv.slice(2);
const dir = process.env.SHOTS;
if (dir) mkdirSync(dir, { recursive: true });
const { browser, wrong, visit, look } = await open(base, secret);
const page = await visit();
page.calm = true; // refused and cut calls are part of the pictures
const fair = readFileSync(new URL("fair.csv", import.meta.url), "utf8");
let count = 0;

// picture is one, of what cannot be held for all widths.
const picture = async (name, on = page) => {
  if (dir) await on.screenshot({ path: `${dir}/${name}.png` });
};
async function snap(name, on = page, full = false) {
  if (!dir) return look(on, name);
  for (const [width, height] of [
    [1920, 1080],
    [1440, 900],
    [768, 1024],
    [320, 720],
  ]) {
    await on.setViewportSize({ width, height });
    await on.waitForTimeout(180);
    const over = await on.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) wrong.push(`${name}: ${over} px wider than a screen of ${width}`);
    // A picture of the whole page would show what sticks to the window's edge in its middle.
    if (full && width > 320) {
      await on.setViewportSize({
        width,
        height: Math.max(height, await on.evaluate(() => document.documentElement.scrollHeight)),
      });
      await on.waitForTimeout(120);
    }
    for (const colorScheme of ["light", "dark"]) {
      await on.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await on.screenshot({ path: `${dir}/${name}-${width}-${colorScheme}.png`, fullPage: width === 320 });
      count++;
    }
  }
  await on.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await on.setViewportSize({ width: 1440, height: 900 });
  await on.waitForTimeout(120);
}

// nobody is a visitor who is not signed in.
async function nobody() {
  const on = await visit({ storageState: { cookies: [], origins: [] } });
  on.calm = true;
  return on;
}
const api = (path, method = "GET", data) =>
  page.request.fetch(`${base}/api/v1${path}`, { method, data }).then((r) => r.json().catch(() => null));
const answers = (on, url, status, body) =>
  on.route(url, (r) =>
    r.fulfill({
      status,
      contentType: status < 400 ? "application/json" : "application/problem+json",
      body: JSON.stringify(body),
    }),
  );
const title = (name, on = page) => on.getByRole("heading", { level: 1, name }).waitFor();
const rows = (on = page) => on.locator("[role=grid] [role=row] [role=gridcell]");
const settled = async (on = page) => {
  await rest(on);
  await on.waitForTimeout(150);
};
const leads = async (query = "") => {
  await page.goto(`${base}/leads${query}`);
  await page.locator("[role=grid][aria-busy=false], main h2").first().waitFor();
  await settled();
};
async function begin(name, text, type = "text/csv") {
  await page.goto(`${base}/imports/new`);
  await title("Import leads");
  await page.setInputFiles("input[type=file]", { name, mimeType: type, buffer: Buffer.from(text) });
  await page.getByRole("heading", { name: "First records as they are read" }).waitFor();
  await settled();
  return page.url().match(/imports\/(\d+)/)[1];
}
const step = async (id, at) => {
  await page.goto(`${base}/imports/${id}/${at}`);
  await page.getByRole("list", { name: "Steps of this import" }).waitFor();
  await settled();
};
async function started(id) {
  await step(id, "preview");
  await page.getByRole("button", { name: /^Import [\d,]+ leads?$/ }).click();
  await page.waitForURL(new RegExp(`/imports/${id}$`));
  await page.getByText("What became of record").waitFor();
  await settled();
}
const long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(8).slice(0, 255).trim();
const trap =
  "A very long company name that goes on and on, and on, until nobody can read it any more Incorporated";
const mixed =
  fair +
  "Both Fair,Fair Ltd,Owner,both@fair.example,,,Trade Show,B6\nOmar Haddad,Kestrel Labs,CTO,omar.haddad@gmial.com,+49 30 90112239,new,Trade Show,B7\n";

const scene = {
  async gate() {
    const on = await nobody();
    await on.goto(`${base}/leads`);
    await on.getByLabel("User name or e-mail").waitFor();
    await snap("gate-sign-in", on);
    await on.getByRole("button", { name: "Sign in" }).click();
    await snap("gate-missing", on);
    await answers(on, "**/api/v1/setup", 200, { needed: true });
    await on.goto(`${base}/leads?new#setup=abc`);
    await on.waitForTimeout(400);
    await snap("gate-set-up", on);
    await on.context().close();
  },
  async leads() {
    await leads();
    await snap("leads");
    await page.locator("[role=grid] input[type=checkbox]").nth(1).click();
    await page.locator("[role=grid] input[type=checkbox]").nth(2).click();
    await snap("leads-selected");
    await leads("?q=zo&status=new");
    await snap("leads-filtered");
    await leads("?q=nothing+like+this");
    await snap("leads-no-match");
    const one = (await api("/leads?limit=1")).items[0];
    await leads(`?q=${encodeURIComponent(one.values.name)}`);
    await snap("leads-one");
    await leads("?view=bin");
    await snap("leads-bin-empty");
    await leads();
    for (const name of ["Columns", "Add filter", "Filter"]) {
      const b = page.getByRole("button", { name, exact: true });
      if (!(await b.count())) continue;
      await b.first().click();
      await page.waitForTimeout(150);
      await picture(`leads-menu-${name.replace(" ", "-").toLowerCase()}-1440-light`);
      if (name === "Filter") {
        await page.getByRole("menuitem", { name: "Status" }).click();
        await page.waitForTimeout(150);
        await picture("leads-menu-filter-status-1440-light");
      }
      await page.keyboard.press("Escape");
    }
    await page.locator("[role=grid]").focus();
    for (const k of ["ArrowDown", "ArrowRight", "ArrowRight", "Enter"]) await page.keyboard.press(k);
    await snap("leads-editing");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("le");
    await page.waitForTimeout(500);
    await snap("command-menu");
    await page.keyboard.press("Escape");
  },
  async states() {
    const list = "**/api/v1/leads?**";
    await answers(page, list, 200, { items: [], count: 0 });
    await leads();
    await snap("leads-none");
    await page.unroute(list);
    await answers(page, list, 500, {
      title: "Internal Server Error",
      status: 500,
      detail: "Something went wrong. Request 5f2e.",
    });
    await leads();
    await snap("leads-error");
    await page.unroute(list);
    const free = await hold(page, list);
    await page.goto(`${base}/leads`);
    await page.locator("[role=grid][aria-busy=true]").waitFor();
    await snap("leads-loading");
    await free();
    await leads();
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Unassigned" }).click();
    await page.getByRole("alert").first().waitFor();
    await snap("server-gone");
    await page.context().setOffline(false);
    await leads();
    await page.goto(`${base}/leads/999999`);
    await page.getByText("This does not exist any more").waitFor();
    await snap("lead-gone");
    await page.goto(`${base}/nowhere`);
    await settled();
    await snap("no-such-page");
    await api("/users", "POST", {
      username: "rita",
      name: "Rita Reader",
      role: "readonly",
      password: "a long enough one",
    });
    const on = await nobody();
    await on.goto(base);
    await on.getByLabel("User name or e-mail").fill("rita");
    await on.getByLabel("Password").fill("a long enough one");
    await on.getByRole("button", { name: "Sign in" }).click();
    await rows(on).first().waitFor();
    await snap("read-only", on);
    await on.goto(`${base}/settings/people`);
    await on.getByText("You may not see this").waitFor();
    await snap("no-permission", on);
    await on.context().close();
  },
  async lead() {
    const tall = await api("/leads", "POST", {
      values: {
        name: long,
        company_name: trap,
        job_title: trap,
        emails: [`${"l".repeat(60)}@${"d".repeat(60)}.example`, "second@x.example"],
        phones: ["+15852551127"],
        tags: ["t".repeat(120), "عميل", "vip"],
        notes: "A note.\n".repeat(30),
        website: "https://example.com/" + "p".repeat(200),
        industry: trap,
      },
    });
    const right = await api("/leads", "POST", {
      values: {
        name: "شركة الاختبار المحدودة",
        company_name: "רמי לוי שיווק השקמה",
        job_title: "مدير المبيعات",
        emails: ["ahmad@x.example"],
        tags: ["عميل"],
        notes: "ملاحظة قصيرة",
        status: "new",
      },
    });
    const wide = await api("/leads", "POST", {
      values: {
        name: "株式会社山田太郎商店東京営業本部第二営業部",
        company_name: "深圳市宏远电子科技有限公司",
        job_title: "영업 본부장",
        emails: ["yamada@x.example"],
        tags: ["重要なお客様"],
        notes: "来週もう一度電話する。",
        status: "new",
      },
    });
    const bare = await api("/leads", "POST", { values: { name: "Bare" } });
    const full = (await api("/leads?limit=3&sort=name")).items;
    await page.goto(`${base}/leads`);
    await settled();
    await snap("leads-long-and-rtl");
    await page.goto(`${base}/leads/${full[0].id}`);
    await page.locator("main h1").waitFor();
    await settled();
    await snap("lead");
    await page.goto(`${base}/leads/${tall.id}`);
    await page.locator("main h1").waitFor();
    await settled();
    await snap("lead-long");
    await page.goto(`${base}/leads/${right.id}`);
    await page.locator("main h1").waitFor();
    await settled();
    await snap("lead-rtl");
    await page.goto(`${base}/leads/${wide.id}`);
    await page.locator("main h1").waitFor();
    await settled();
    await snap("lead-cjk");
    await page.goto(`${base}/leads/${bare.id}`);
    await page.locator("main h1").waitFor();
    await settled();
    await snap("lead-bare");
    await page.goto(`${base}/leads/${bare.id}?edit=1`);
    await page.getByLabel("Lead name").waitFor();
    await settled();
    await snap("lead-edit");
    await page.goto(`${base}/leads/new`);
    await page.getByLabel("Lead name").waitFor();
    await settled();
    await snap("lead-new");
    await page.getByRole("button", { name: "Create lead" }).click();
    await page.waitForTimeout(300);
    await snap("lead-new-wrong");
    await page.goto(`${base}/leads/merge?ids=${tall.id},${right.id},${bare.id}`);
    await title("Merge leads");
    await settled();
    await snap("lead-merge");
    await page.goto(`${base}/leads/${bare.id}`);
    await page.getByRole("button", { name: "Qualify" }).click();
    await page.waitForTimeout(200);
    await snap("lead-qualify");
    await page.getByRole("button", { name: "Qualify" }).last().click();
    await page.getByRole("heading", { name: "Qualified to" }).waitFor();
    await snap("lead-qualified");
    for (const l of [
      ["Ann Miller", "Acme", "+15852551127"],
      ["Anne Miller", "Acme", "+15852551127"],
    ])
      await api("/leads", "POST", {
        values: {
          name: l[0],
          first_name: l[0].split(" ")[0],
          last_name: "Miller",
          company_name: l[1],
          phones: [l[2]],
        },
      });
    await page.goto(`${base}/leads?view=duplicates`);
    await page.getByRole("listitem").filter({ hasText: "Anne Miller" }).first().waitFor();
    await snap("duplicates");
    await page.goto(`${base}/leads/${bare.id}`);
    await page.locator("main h1").waitFor();
    await api("/leads/bulk", "POST", { ids: [right.id, tall.id, bare.id], delete: true });
    await page.reload();
    await settled();
    await snap("lead-in-bin");
    await leads("?view=bin");
    await snap("leads-bin");
  },
  async choose() {
    await page.route("**/api/v1/imports?**", (r) =>
      r.fulfill({ contentType: "application/json", body: '{"items":[]}' }),
    );
    await page.goto(`${base}/imports`);
    await settled();
    await snap("imports-none");
    await page.unroute("**/api/v1/imports?**");
    await page.goto(`${base}/imports/new`);
    await title("Import leads");
    await snap("choose");
    await page.getByRole("button", { name: "Paste from a spreadsheet" }).click();
    await snap("choose-paste");
    await page.getByRole("button", { name: "Close" }).click();
    await page.setInputFiles("input[type=file]", {
      name: "report.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n"),
    });
    await page.waitForTimeout(1200);
    await snap("choose-refused");
    await page.goto(`${base}/imports/new`);
    await title("Import leads");
    const free = await hold(page, "**/api/v1/uploads/*");
    await page.setInputFiles("input[type=file]", {
      name: `${"long-name-".repeat(20)}.csv`,
      mimeType: "text/csv",
      buffer: Buffer.from(fair),
    });
    await page.waitForTimeout(500);
    await snap("choose-sending");
    await free();
    await page.waitForURL(/imports\/\d+/);
    await settled();
    await begin("empty.csv", "Full Name,Company\n");
    await snap("file-no-records");
  },
  async journey() {
    for (const name of ["First Fair", "Second Fair"])
      await api("/leads", "POST", {
        values: { name, company_name: "Fair Ltd", emails: ["both@fair.example"] },
      });
    await api("/leads", "POST", {
      values: {
        name: "Li Wang",
        company_name: "Blue Harbor",
        emails: ["li.wang@example.org"],
        job_title: "Engineer",
      },
    });
    const id = await begin("trade-show.csv", mixed);
    await snap("file");
    await page.getByRole("button", { name: "How it was recognised" }).click();
    await snap("file-evidence");
    await page.getByRole("button", { name: /headings in line 1/i }).click();
    await page.waitForTimeout(150);
    await picture(`file-menu-1440-light`);
    await page.keyboard.press("Escape");
    await step(id, "columns");
    await snap("columns");
    await page
      .getByRole("button", { name: /values/ })
      .first()
      .click();
    await snap("columns-values", page, true);
    await page.getByRole("combobox", { name: "Field for Booth" }).click();
    await page.waitForTimeout(150);
    await picture(`columns-targets-1440-light`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "More for Company" }).click();
    await page.getByRole("menuitem", { name: /Compute/ }).click();
    await snap("columns-compute");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "More for Company" }).click();
    await page.getByRole("menuitem", { name: /Split/ }).click();
    await snap("columns-split");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await step(id, "review");
    await page.getByRole("combobox", { name: "Map to: Hot" }).waitFor();
    await settled();
    await snap("review");
    await step(id, "review?show=all");
    await snap("review-all");
    await step(id, "review?show=errors");
    await snap("review-errors");
    await page.getByRole("link", { name: /looks mistyped/ }).click();
    await settled();
    await snap("review-suggestions");
    await page.getByRole("link", { name: /Several leads fit/ }).click();
    await page.getByRole("heading", { name: "Record 6" }).waitFor();
    await settled();
    await snap("review-decide");
    await step(id, "review?show=all");
    await page.locator("[role=grid]").focus();
    await page.keyboard.press("Control+f");
    await page.keyboard.type("b");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(400);
    await snap("review-find");
    await step(id, "preview");
    await snap("preview", page, true);
    await page.getByRole("button", { name: "Change: Rules" }).click();
    await snap("rules");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /updates?/ }).click();
    await settled();
    await snap("preview-updates");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForTimeout(200);
    await snap("leave");
    await page.keyboard.press("Escape");
    await started(id);
    await snap("result", page, true);
    await page.getByRole("button", { name: "Undo this import" }).click();
    await page.getByText(/leads? goe?s? to the bin/).waitFor();
    await snap("undo");
    await page.getByRole("button", { name: "Undo import" }).click();
    await title(/^Undo of/);
    await page.getByText(/leads? (was|were) put into the bin/).waitFor();
    await settled();
    await snap("undone");
    await page.goto(`${base}/imports/${id}`);
    await settled();
    await snap("result-undone");
    const same = await begin("trade-show.csv", "Full Name,Company,E-mail\nUma Ray,Ray Ltd,uma@ray.example\n");
    await step(same, "review");
    await snap("review-no-problems");
    await started(same);
    await snap("result-all-in");
    const twice = await begin(
      "trade-show.csv",
      "Full Name,Company,E-mail\nUma Ray,Ray Ltd,uma@ray.example\n",
    );
    await snap("file-again");
    await step(twice, "columns");
    await snap("columns-known");
    await step(twice, "preview");
    await page.getByRole("button", { name: "Nothing to import" }).click();
    await page.waitForTimeout(300);
    await snap("preview-nothing");
    const dates = await begin(
      "dates.csv",
      "Lead name,Company,Follow up on,Employees\nAda One,Ada Ltd,03/04/2025,10\nBen Two,Ben Ltd,05/06/2025,20-50\n",
    );
    await step(dates, "columns");
    await snap("columns-confirm");
    await page.goto(`${base}/imports`);
    await settled();
    await snap("imports");
  },
  async wide() {
    const width = 60,
      heads = Array.from({ length: width }, (_, i) =>
        i % 7 ? `Column ${i} ${"of a wide file ".repeat(i % 5)}` : i % 2 ? "שם החברה" : `اسم ${i}`,
      );
    let text = heads.join(",") + "\n";
    for (let r = 0; r < 300; r++)
      text += heads.map((_, i) => (i === 3 ? long : i % 7 ? `v${r}.${i}` : "قيمة")).join(",") + "\n";
    const id = await begin(`${"a-file-name-that-is-long-".repeat(9)}.csv`, text);
    await snap("wide-file");
    await step(id, "columns");
    await snap("wide-columns");
    await step(id, "review");
    await snap("wide-review");
    await step(id, "review?show=all");
    await snap("wide-review-all");
    await step(id, "preview");
    await snap("wide-preview");
  },
  async many() {
    let text = "Full Name,Company,E-mail,Status,Phone\n";
    for (let i = 1; i <= 60000; i++)
      text += `Person ${i},Company ${i % 977},${i % 40 ? `p${i}@long.example` : `p${i} at long`},${i % 50 ? "new" : `Hot ${i % 400}`},+49 30 9${String(i).padStart(7, "0")}\n`;
    const id = await begin("sixty-thousand.csv", text);
    await snap("many-file");
    await step(id, "columns");
    await snap("many-columns");
    await step(id, "review");
    await snap("many-review");
    await step(id, "preview");
    await snap("many-preview");
    await page.getByRole("button", { name: /^Import [\d,]+ leads?$/ }).click();
    await page.waitForFunction(() => /records a second/.test(document.querySelector("main").innerText));
    await picture(`running-1440-light`);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await picture(`running-1440-dark`);
    await page.getByRole("button", { name: "Cancel import" }).click();
    await page.getByRole("heading", { name: /leads are in/ }).waitFor();
    await snap("cancelled");
    await leads();
    await snap("leads-many");
  },
  async rest() {
    await page.goto(`${base}/recipes`);
    await settled();
    await snap("recipes-none");
    const id = await begin("people.csv", "First name,Last name,Email,Extra\nUma,Ray,uma@x.example,x\n");
    await api("/recipes/Fair%20list", "PUT", await api(`/imports/${id}/recipe`));
    await page.goto(`${base}/recipes`);
    await settled();
    await snap("recipes");
    await page.goto(`${base}/recipes/Fair%20list`);
    await title("Fair list");
    await settled();
    await snap("recipe");
    for (const tab of ["", "general", "fields", "people", "tokens", "mail", "audit"]) {
      await page.goto(`${base}/settings/${tab}`.replace(/\/$/, ""));
      await settled();
      await snap(`settings-${tab || "you"}`);
    }
    await page.goto(`${base}/settings/tokens`);
    await page.getByRole("button", { name: "Make token" }).click();
    await page.waitForTimeout(200);
    await snap("settings-token-new");
    await page.goto(`${base}/settings/people`);
    await page.getByRole("button", { name: "Edit: Ana Lopez" }).click();
    await page.getByLabel("Team").fill("Sales North");
    await snap("settings-person");
    await page.goto(`${base}/leads`);
    await settled();
    await page.setViewportSize({ width: 320, height: 720 });
    await page.getByRole("button", { name: "Open menu" }).click();
    await page.waitForTimeout(200);
    await picture(`menu-320-light`);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${base}/__ui`);
    await page.waitForTimeout(300);
    await snap("widgets", page, true);
  },
};

for (const name of only.length ? only : Object.keys(scene)) {
  try {
    await scene[name]();
  } catch (e) {
    wrong.push(`${name}: ${e.stack ?? e}`);
    await picture(`broken-${name}`).catch(() => {});
  }
  await page.unrouteAll({ behavior: "ignoreErrors" }).catch(() => {});
  await page.context().setOffline(false);
}
await browser.close();
if (dir) console.log(`${count} pictures in ${dir}`);
for (const w of wrong) console.log(w);
process.exit(wrong.length ? 1 : 0);
