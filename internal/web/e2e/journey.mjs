// The journey of one import in a real browser, and axe on every screen in both
// themes. Usage: node journey.mjs BASE SECRET FILE. It prints what is wrong and
// ends with 1 then.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, secret, file] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(20000);
page.on("console", (m) => { if (m.type() === "error") wrong.push(`console: ${m.text()} at ${page.url()}`); });
page.on("pageerror", (e) => wrong.push(`error: ${e.stack}`));
page.on("dialog", (d) => { wrong.push(`dialog: ${d.message()}`); d.dismiss(); });

async function look(name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const v of found.violations) wrong.push(`axe, ${name}, ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(" ")}`);
  }
  await page.setViewportSize({ width: 320, height: 720 });
  await page.waitForTimeout(150);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) wrong.push(`${name}: ${over} px wider than a screen of 320`);
  await page.setViewportSize({ width: 1440, height: 900 });
}
const rest = () => page.waitForFunction(() => !/Checking every record|Reading the file|Loading/.test(document.querySelector("main")?.innerText ?? ""));

try {
  await page.goto(`${base}/#sign-in=${secret}`);
  await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
  if (page.url().includes(secret)) wrong.push("the secret stays in the address");
  await page.getByRole("grid", { name: "Leads list" }).getByRole("row").nth(2).waitFor();
  await look("leads");
  await page.getByRole("link", { name: "Import File" }).click();
  await page.getByRole("heading", { name: "Import leads" }).waitFor();
  await look("choose file");
  await page.setInputFiles("input[type=file]", file);
  await page.getByText("First records as they are read").waitFor();
  await rest();
  await page.getByRole("region", { name: "First records as they are read" }).waitFor();
  await look("file");
  await page.getByRole("link", { name: "Continue to columns" }).click();
  await page.getByText("Columns of the file").waitFor();
  await rest();
  await look("columns");
  await page.reload(); // nothing is lost
  await page.getByText("Columns of the file").waitFor();
  await rest();
  await page.getByRole("link", { name: "Validate" }).click();
  await page.getByText("is not a valid choice").first().waitFor();
  await rest();
  await look("review");
  const answer = page.getByRole("combobox", { name: "Map to: Hot" });
  await answer.click();
  await answer.pressSequentially("quali");
  await answer.press("Enter");
  await answer.waitFor({ state: "detached" });
  await rest();
  await page.getByRole("link", { name: "Import File" }).click();
  await page.getByRole("button", { name: /^Import \d+ leads$/ }).waitFor();
  await rest();
  await look("preview");
  await page.getByRole("button", { name: /^Import \d+ leads$/ }).click();
  await page.getByRole("heading", { name: /\d+ leads imported/ }).waitFor();
  await look("result");
  await page.getByRole("button", { name: "Undo this import" }).click();
  await page.getByText(/leads? goe?s? to the bin/).waitFor();
  await look("undo");
  await page.getByRole("button", { name: "Undo import" }).click();
  await page.getByRole("heading", { name: /^Undo of/ }).waitFor();
  await page.getByRole("link", { name: "Imports" }).first().click();
  await page.getByRole("region", { name: "Imports" }).waitFor();
  await look("imports");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("create");
  await look("command menu");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "New lead" }).waitFor();
  await look("new lead");
  await page.getByLabel("Lead name").fill("Zoë \"><img src=x onerror=alert(1)>");
  await page.getByRole("button", { name: "Create lead" }).click();
  await page.getByRole("heading", { level: 1, name: /Zoë/ }).waitFor();
  await look("lead");
  await page.goto(`${base}/__ui`);
  await look("widgets");
} catch (e) {
  wrong.push(String(e.stack ?? e));
  await page.screenshot({ path: process.env.SHOT ?? "/tmp/leadport-e2e.png" }).catch(() => {});
}
await browser.close();
for (const w of wrong) console.log(w);
process.exit(wrong.length ? 1 : 0);
