// The leads desk in a real browser: by keyboard, by two people at once, in
// every state, with axe on every screen in both themes. Usage: node desk.mjs
// BASE SECRET. It prints what is wrong and ends with 1 then.
import { chromium } from "playwright-core";
import { hold, judge, notColours } from "./kit.mjs";

const [base, secret] = process.argv.slice(2);
const wrong = [];
const is = (what, got, want) => {
  if (JSON.stringify(got) !== JSON.stringify(want))
    wrong.push(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
};
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let expected = 0; // answers with an error that a step asks for; the browser logs each
async function person() {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45000);
  page.on("console", (m) => {
    if (m.type() === "error" && !(expected > 0 && /Failed to load resource/.test(m.text())))
      wrong.push(`console: ${m.text()} at ${page.url()}`);
  });
  page.on("pageerror", (e) => wrong.push(`error: ${e.stack}`));
  page.on("dialog", (d) => {
    wrong.push(`dialog: ${d.message()}`);
    d.dismiss();
  });
  return page;
}
const page = await person();

async function look(name, on = page, sizes = [320, 720]) {
  for (const colorScheme of ["light", "dark"]) {
    await on.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await judge(on, `${name}, ${colorScheme}`, wrong);
  }
  // 320 px, and 200 % zoom on 1440.
  for (const width of sizes) {
    await on.setViewportSize({ width, height: width === 320 ? 720 : 450 });
    await on.waitForTimeout(120);
    const over = await on.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) wrong.push(`${name}: ${over} px wider than a screen of ${width}`);
    if (width === 320) await judge(on, `${name}, 320 px`, wrong, notColours);
  }
  await on.setViewportSize({ width: 1440, height: 900 });
  await on.waitForTimeout(60);
}
const api = (path, method = "GET", body, headers = {}) =>
  page.evaluate(
    async ([path, method, body, headers]) => {
      const r = await fetch("/api/v1" + path, {
        method,
        headers: { "Content-Type": "application/json", ...headers },
        body: body && JSON.stringify(body),
      });
      return r.status === 204 ? null : r.json();
    },
    [path, method, body, headers],
  );
const grid = (on = page) => on.getByRole("grid", { name: "Leads list" });
const rows = (on = page) =>
  grid(on)
    .getByRole("row")
    .filter({ has: on.getByRole("gridcell") });
const heading = (name, on = page) => on.getByRole("heading", { level: 1, name });
const toast = (text, on = page) => on.getByRole("status").getByText(text).first();
const press = async (...keys) => {
  for (const k of keys) await page.keyboard.press(k);
};

try {
  await page.goto(`${base}/#sign-in=${secret}`);
  await heading("Leads").waitFor();
  await rows().nth(3).waitFor();

  // --- By keyboard: move, select, edit, take back.
  await grid().focus();
  await press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"); // row 3, company
  const company = async () => (await rows().nth(2).getByRole("gridcell").nth(3).innerText()).trim();
  const before = await company();
  await press("Enter");
  await page.keyboard.type("Zed & Sons <b>");
  await press("Enter");
  await toast("Company name: Zed & Sons <b>").waitFor();
  is("edited", await company(), "Zed & Sons <b>");
  await toast("Zed & Sons").locator("..").getByRole("button", { name: "Undo" }).click();
  await toast(`Company name: ${before}`).waitFor();
  is("taken back", await company(), before);
  await grid().focus();
  await press("F2");
  await page.keyboard.type("never");
  await press("Escape");
  is("Escape leaves the value", await company(), before);
  await press("Control+Home", " ", "ArrowDown", "Shift+ArrowDown", " ");
  await page.getByRole("group", { name: "2 selected" }).waitFor();
  await look("selection");
  await page.getByRole("button", { name: "Set status" }).focus();
  await press("ArrowDown");
  await page.locator("[role=menuitem]:focus").waitFor();
  await press("ArrowDown", "Enter"); // Qualified
  await toast("changed").waitFor();
  await toast("changed").locator("..").getByRole("button", { name: "Undo" }).click();
  await toast("Taken back").waitFor();
  await grid().focus();
  await press("Control+Home", "ArrowUp", "ArrowRight", "Enter"); // sort by the heading of the first column
  await page.waitForURL(/sort=name/);
  await page.waitForFunction(() => /sort=name.*"count":"200"/.test(sessionStorage.getItem("leadport.trail"))); // the list in its new order is there
  await press("ArrowDown", "Enter");
  await page.waitForURL(/\/leads\/\d+$/);
  await page.getByText(/^1 of 200$/).waitFor();
  const first = await heading(/./).innerText();
  await press("j");
  await page.getByText(/^2 of 200$/).waitFor();
  await press("k");
  await heading(first).waitFor();
  await page.getByRole("link", { name: "Leads" }).last().click(); // the crumb, back to the same list
  await page.waitForURL(/sort=name/);

  // --- Views, filters in the address, saved views.
  await page.goto(`${base}/leads?status=new&q=zo`);
  await rows().first().waitFor();
  is(
    "filtered",
    (await rows().allInnerTexts()).every((t) => /Zo/.test(t) && /New/.test(t)),
    true,
  );
  await look("filtered");
  await page.getByRole("button", { name: "Save view" }).click();
  await look("save view");
  await page.getByLabel("Name").fill("Zoé new");
  await page.getByText("Everybody sees it").click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await toast("View “Zoé new” saved").waitFor();
  await page.getByRole("link", { name: "All leads" }).click();
  await page.getByRole("link", { name: "Zoé new" }).click();
  await page.waitForURL(/view=\d+/);
  await page.reload();
  await page.locator("nav a[aria-current=page]", { hasText: "Zoé new" }).waitFor();
  for (const name of [
    "My open leads",
    "New and untouched",
    "Follow up today",
    "Unassigned",
    "Last import",
    "Bin",
  ]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.locator("nav a[aria-current=page]", { hasText: name }).waitFor();
    await page
      .getByText(/^\d[\d,]* leads?$|No leads match|The bin is empty/)
      .first()
      .waitFor();
    if (name !== "My open leads") await look(name);
  }

  // --- Bulk over a whole filter, with its number said first; the bin and back.
  await page.goto(`${base}/leads`);
  await rows().first().waitFor();
  await page.getByLabel("Select all shown").click();
  await page.getByRole("button", { name: "Select all 200 leads" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("This changes 200 leads.").waitFor();
  await look("delete all");
  await page.getByRole("button", { name: "Delete · 200 leads" }).click();
  await toast("200 leads moved to the bin").waitFor();
  await page.getByText("No leads yet").waitFor();
  await look("no leads");
  await page.getByRole("link", { name: "Bin", exact: true }).click();
  await rows().first().waitFor();
  await look("bin");
  await page.getByLabel("Select all shown").click();
  await page.getByRole("button", { name: "Select all 200 leads" }).click();
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("button", { name: "Restore · 200 leads" }).click();
  await toast("200 leads restored").waitFor();
  await page.getByText("The bin is empty").waitFor();

  // --- Two people edit one lead: what only one of them touched is kept, what both did is shown.
  const made = await api("/leads", "POST", {
    values: {
      name: "Ann Miller",
      first_name: "Ann",
      last_name: "Miller",
      company_name: "Acme",
      emails: ["ann@x.example"],
      notes: "Old.",
    },
  });
  await api("/users", "POST", {
    username: "rita",
    name: "Rita Reader",
    role: "readonly",
    password: "a long enough one",
  });
  await api("/users", "POST", {
    username: "bea",
    name: "Bea Boss",
    role: "manager",
    password: "a long enough one",
  });
  const bea = await person();
  expected++; // nobody is signed in yet: 401
  await bea.goto(`${base}/leads/${made.id}?edit=1`);
  await bea.getByLabel("User name or e-mail").waitFor();
  await look("sign in", bea);
  await bea.getByRole("button", { name: "Sign in" }).click();
  await bea.getByText("Please fill this in.").first().waitFor();
  await bea.getByLabel("User name or e-mail").fill("bea");
  await bea.getByLabel("Password").fill("wrong");
  await bea.getByRole("button", { name: "Sign in" }).click();
  await bea.getByText("User name or password is not right.").waitFor();
  await look("wrong password", bea, []);
  await bea.getByLabel("Password").fill("a long enough one");
  await bea.getByRole("button", { name: "Sign in" }).click();
  await bea.getByLabel("Lead name").waitFor();
  await page.goto(`${base}/leads/${made.id}?edit=1`);
  await page.getByLabel("Company name").fill("Acme One");
  await page.getByLabel("Job title").fill("Head");
  await page.getByRole("button", { name: "Save" }).click();
  await toast("Saved").waitFor();
  await bea.getByLabel("Company name").fill("Acme Two");
  await bea.getByLabel("Industry").fill("Tools");
  await bea.getByRole("button", { name: "Save" }).click();
  await bea.getByText("Dana Demo changed this lead meanwhile.").waitFor();
  await bea.getByText("Company name: Acme One").waitFor();
  is("mine is kept", await bea.getByLabel("Company name").inputValue(), "Acme Two");
  is("theirs is taken in", await bea.getByLabel("Job title").inputValue(), "Head");
  await look("conflict", bea);
  await bea.getByRole("button", { name: "Save" }).click();
  await toast("Saved", bea).waitFor();
  const both = (await api(`/leads/${made.id}`)).values;
  is("both edits", [both.company_name, both.job_title, both.industry], ["Acme Two", "Head", "Tools"]);
  // The same in the list.
  await page.goto(`${base}/leads?q=ann+miller`);
  await rows().first().waitFor();
  await api(
    `/leads/${made.id}`,
    "PATCH",
    { values: { company_name: "Acme Three" } },
    { "If-Match": `"${(await api(`/leads/${made.id}`)).version}"` },
  );
  await grid().focus();
  await press("ArrowRight", "ArrowRight", "Enter");
  await page.keyboard.type("Acme Mine");
  await press("Enter");
  await page.getByText(/Company name is now “Acme Three”; your “Acme Mine” is not saved/).waitFor();
  await page.getByRole("button", { name: "Save mine" }).click();
  await toast("Company name: Acme Mine").waitFor();
  expected--;

  // --- The lead's page: comments, a value edited where it stands, qualify and its undo.
  await page.goto(`${base}/leads/${made.id}`);
  await page.getByPlaceholder("Add a comment").fill("Called.\nWill call back.");
  await press("Control+Enter");
  await page.getByText("Will call back.").waitFor();
  await page.getByRole("button", { name: /Edit Follow up on$/ }).focus();
  await press("Enter");
  await page.locator("input[type=date]").fill("2020-02-03");
  await press("Enter");
  await page.getByText("2020 · due").waitFor();
  await look("lead");
  await page.getByRole("button", { name: "Qualify" }).click();
  await look("qualify");
  await page.getByRole("button", { name: "Qualify" }).last().click();
  await toast("Lead qualified").waitFor();
  await page.getByRole("heading", { name: "Qualified to" }).waitFor();
  is("opportunity", (await api(`/leads/${made.id}`)).values.opportunities[0].name, "Ann Miller");
  await toast("Lead qualified").locator("..").getByRole("button", { name: "Undo" }).click();
  await toast("Taken back").waitFor();
  is("qualified no more", (await api(`/leads/${made.id}`)).values.status, "new");

  // --- What leads link to has a page that names them all.
  for (const name of ["One Linked", "Two Linked"]) {
    const l = await api("/leads", "POST", { values: { name } });
    await api(
      `/leads/${l.id}/qualify`,
      "POST",
      { first_name: "Lina", last_name: "Linked", account: "Linked / Sons & Co", opportunity: name },
      { "If-Match": `"${l.version}"` },
    );
    await page.goto(`${base}/leads/${l.id}`);
  }
  await page.getByRole("link", { name: "Lina Linked" }).click();
  await page.getByRole("heading", { name: "2 linked leads" }).waitFor();
  await look("contact");
  await page.getByRole("link", { name: "One Linked" }).click();
  await page.getByRole("link", { name: "Linked / Sons & Co" }).click();
  await page.getByRole("heading", { name: "2 linked leads" }).waitFor();
  await page.goBack();
  await page
    .getByRole("region")
    .or(page.getByRole("heading", { name: "Qualified to" }))
    .first()
    .waitFor();
  await page.getByRole("link", { name: "One Linked" }).last().click();
  await page.getByRole("heading", { name: "1 linked lead" }).waitFor();

  // --- Possible duplicates, not the same, merge and its undo.
  const twin = await api("/leads", "POST", {
    values: {
      name: "Anne Miller",
      first_name: "Anne",
      last_name: "Miller",
      company_name: "Acme Mine",
      phones: ["+15852551127"],
    },
  });
  await page.goto(`${base}/leads?view=duplicates`);
  const pair = page.getByRole("listitem").filter({ hasText: "Anne Miller" }).first();
  await pair.waitFor();
  await look("duplicates");
  await pair.getByRole("button", { name: "Not the same" }).click();
  await pair.waitFor({ state: "detached" });
  await toast("Kept as two leads").locator("..").getByRole("button", { name: "Undo" }).click();
  await pair.getByRole("link", { name: "Merge" }).click();
  await heading("Merge leads").waitFor();
  await look("merge");
  await page.getByRole("group", { name: "First name" }).getByRole("radio", { name: "Anne" }).focus();
  await press("Space");
  await page.getByRole("button", { name: "Merge 2 leads" }).click();
  await toast("2 leads merged into one").waitFor();
  const merged = (await api(`/leads/${made.id}`)).values;
  is(
    "merged",
    [merged.first_name, merged.phones?.[0]?.phone, merged.company_name],
    ["Anne", "+15852551127", "Acme Mine"],
  );
  is("the other is in the bin", !!(await api(`/leads/${twin.id}`)).deleted_at, true);
  await page.goto(`${base}/leads/${twin.id}`);
  await page.getByText("This lead is in the bin").waitFor();
  await look("lead in the bin");
  await page.getByRole("button", { name: "Restore" }).click();
  await toast("1 lead restored").waitFor();

  // --- Long names, hostile text, right to left.
  const long = await api("/leads", "POST", {
    values: {
      name: "W".repeat(255),
      company_name: "<img src=x onerror=alert(1)>".repeat(9),
      emails: [`${"l".repeat(60)}@${"d".repeat(60)}.example`],
      tags: ["t".repeat(200), "عميل"],
      notes: "x".repeat(3000),
      website: "https://example.com/" + "p".repeat(200),
    },
  });
  const arabic = await api("/leads", "POST", {
    values: { name: "شركة الاختبار المحدودة", company_name: "רמי לוי", status: "new" },
  });
  await page.goto(`${base}/leads`);
  await rows().nth(2).waitFor();
  await look("long and right-to-left names");
  await page.goto(`${base}/leads/${long.id}`);
  await heading("W".repeat(255)).waitFor();
  await look("long lead");
  await page.goto(`${base}/leads/${long.id}?edit=1`);
  await page.getByLabel("Lead name").waitFor();
  await look("form");
  await page.goto(`${base}/leads/merge?ids=${long.id},${arabic.id},${made.id}`);
  await heading("Merge leads").waitFor();
  await page.getByRole("button", { name: "Merge 3 leads" }).waitFor();
  await look("merge of three");

  // --- Settings and recipes.
  for (const [path, text] of [
    ["/settings", "Present password"],
    ["/settings/general", "Keep uploaded files"],
    ["/settings/people", "Add person"],
    ["/settings/tokens", "Make token"],
    ["/settings/mail", "No mail"],
    ["/settings/fields", "Demand Generation"],
    ["/settings/audit", "Leads changed together"],
    ["/recipes", "No saved import settings yet"],
  ]) {
    await page.goto(base + path);
    await page.getByText(text).first().waitFor();
    await look(path);
  }
  // A team is made where somebody joins it, and shares the leads of an import.
  await page.goto(`${base}/settings/people`);
  await page.getByRole("button", { name: "Edit: Ana Lopez" }).click();
  await page.getByLabel("Team").fill("North");
  await look("person");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("row", { name: /Ana Lopez.*North/ }).waitFor();
  // A recipe from an import, applied to the next file, renamed, deleted and brought back.
  const csv = (mail) => ({
    name: "people.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`First name,Last name,Email,Extra\nUma,Ray,${mail},x\n`),
  });
  await page.goto(`${base}/imports/new`);
  await page.setInputFiles("input[type=file]", csv("uma@x.example"));
  await page.waitForURL(/\/imports\/\d+/);
  const imp = Number(/imports\/(\d+)/.exec(page.url())[1]);
  await page.getByText("uma@x.example").first().waitFor();
  await page.goto(`${base}/imports/${imp}/columns`);
  const shared = page.waitForResponse((r) => r.request().method() === "PUT" && /\/recipe$/.test(r.url()));
  await page.getByLabel("Owner", { exact: true }).selectOption({ label: "North, shared equally" });
  await page.getByRole("checkbox", { name: "Ana Lopez", checked: true }).waitFor();
  await shared;
  is("who shares", (await api(`/imports/${imp}/recipe`)).same?.[0]?.value, "ana");
  await page.goto(`${base}/recipes`);
  await page.getByRole("button", { name: "Save settings of an import" }).first().click();
  await page.getByLabel("Name").fill("Fair list");
  await look("save recipe");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await heading("Fair list").waitFor();
  const kept = await api("/recipes/Fair%20list");
  kept.recipe.columns.find((x) => x.heading === "Extra").to = ["industry"];
  await api("/recipes/Fair%20list", "PUT", kept.recipe);
  await page.reload();
  await page.getByText("Industry").first().waitFor();
  await look("recipe");
  await page.getByRole("button", { name: "Use for an import" }).click();
  await page.setInputFiles("input[type=file]", csv("uma2@x.example"));
  await page.waitForURL(/\/imports\/\d+/);
  await page.getByText("uma2@x.example").first().waitFor();
  const next = await api(`/imports/${/imports\/(\d+)/.exec(page.url())[1]}/recipe`);
  is(
    "the recipe is applied",
    [next.columns.find((x) => x.heading === "Extra").to, imp !== next.id],
    [["industry"], true],
  );
  await page.goto(`${base}/recipes/Fair%20list`);
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Fairs");
  await page.getByRole("button", { name: "Rename" }).last().click();
  await heading("Fairs").waitFor();
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete recipe" }).click();
  await toast("Recipe “Fairs” deleted").locator("..").getByRole("button", { name: "Undo" }).click();
  await heading("Fairs").waitFor();

  await page.goto(`${base}/settings/tokens`);
  await page.getByRole("button", { name: "Make token" }).click();
  await page.getByLabel("What it is for").fill("a script");
  await look("make token");
  await page.getByRole("button", { name: "Make token" }).last().click();
  await page.getByText(/^lp_/).waitFor();
  await look("token made");
  await page.goto(`${base}/settings`);
  await page.getByRole("button", { name: "Dark" }).click();
  is("dark", await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
  await page.reload();
  await page.getByRole("button", { name: "Dark", pressed: true }).waitFor();
  await page.getByRole("button", { name: "As the system" }).click();

  // --- Loading, an error, the server gone, nobody's page.
  const free = await hold(page, "**/api/v1/leads?**");
  const going = page.goto(`${base}/leads`);
  await page.locator("[role=grid][aria-busy=true]").waitFor();
  await look("loading", page, [320]);
  await free();
  await going;
  await rows().first().waitFor();
  expected++;
  await page.route("**/api/v1/leads?**", (r) =>
    r.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "Internal Server Error", status: 500, detail: "Something went wrong." }),
    }),
  );
  await page.goto(`${base}/leads`);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await look("error", page, [320]);
  await page.unroute("**/api/v1/leads?**");
  await page.getByRole("button", { name: "Try again" }).click();
  await rows().first().waitFor();
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Unassigned" }).click();
  await page.getByRole("alert").getByText("There is no answer from the server.").waitFor();
  await look("server gone", page, [320]);
  await page.context().setOffline(false);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.goto(`${base}/leads/999999`);
  await page.getByText("This does not exist any more").waitFor();
  await look("no such lead", page, [320]);
  await page.goto(`${base}/nowhere`);
  await page.getByText("The address may be mistyped").waitFor();
  const rita = await person();
  await rita.goto(base);
  await rita.getByLabel("User name or e-mail").fill("rita");
  await rita.getByLabel("Password").fill("a long enough one");
  await rita.getByRole("button", { name: "Sign in" }).click();
  await rows(rita).first().waitFor();
  is(
    "read-only sees no way to change",
    await rita.getByRole("link", { name: /Import File|Create lead|Imports/ }).count(),
    0,
  );
  await grid(rita).focus();
  for (const k of ["ArrowRight", "ArrowRight", "F2"]) await rita.keyboard.press(k);
  is("read-only edits nothing", await rita.locator("[role=grid] input:not([type=checkbox])").count(), 0);
  await look("read-only", rita);
  await rita.goto(`${base}/settings/people`);
  await rita.getByText("You may not see this").waitFor();
  await look("no permission", rita, [320]);
  expected--;

  // --- The command menu, and the widgets.
  await page.goto(`${base}/leads`);
  await rows().first().waitFor();
  await press("Control+k");
  await page.getByRole("combobox").fill("ann mil");
  await page
    .getByRole("option", { name: /Anne? Miller/ })
    .first()
    .waitFor();
  await look("command menu");
  await press("Enter");
  await page.waitForURL(/\/leads\/\d+/);
  await heading(/Miller/).waitFor();
  await press("Control+k");
  await page.getByRole("combobox").fill("create");
  await press("Enter");
  await heading("New lead").waitFor();
  await look("new lead");
  await page.getByLabel("Lead name").fill('Zoë "><img src=x onerror=alert(1)>');
  await page.getByRole("button", { name: "Create lead" }).click();
  await heading(/^Zoë/).waitFor();
  // Each of the twelve widgets, and those that float while they do.
  await page.goto(`${base}/__ui`);
  const shown = (await page.getByRole("heading", { level: 2 }).allInnerTexts()).join(" ");
  for (const name of [
    "Button",
    "Field",
    "Select",
    "Combobox",
    "Menu",
    "Tooltip",
    "Dialog",
    "Tabs",
    "Toast",
    "Table",
    "Grid",
    "Progress",
  ])
    is(`/__ui shows ${name}`, shown.includes(name), true);
  await page.getByRole("grid", { name: "Records" }).focus();
  await press("F8");
  await page.getByText("is not an e-mail address.").last().waitFor();
  await look("widgets");
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("menuitem", { name: "Leads" }).waitFor();
  await look("widgets, menu", page, []);
  await press("Escape");
  await page.getByLabel("Field", { exact: true }).click();
  await page.getByRole("option", { name: "Company name" }).waitFor();
  await look("widgets, combobox", page, []);
  await press("Escape");
  await page.getByRole("button", { name: "Tooltip" }).focus();
  await page.getByRole("tooltip").waitFor();
  await page.getByRole("button", { name: "Toast" }).click();
  await toast("37 leads changed").waitFor();
  await look("widgets, tooltip and toast", page, []);
  await page.getByRole("button", { name: "Dialog", exact: true }).click();
  await page.getByRole("dialog").waitFor();
  await look("widgets, dialog", page, []);

  // --- The description of the API, from the same server and under the same policy.
  await page.goto(`${base}/api/v1/docs`);
  await page.getByText("/api/v1/imports/{id}/records").first().waitFor();
  await look("API");
} catch (e) {
  wrong.push(String(e.stack ?? e));
  await page.screenshot({ path: process.env.SHOT ?? "/tmp/leadport-desk.png" }).catch(() => {});
}
await browser.close();
for (const w of wrong) console.log(w);
process.exit(wrong.length ? 1 : 0);
