// What the browser tests share: a browser that notes all that must not happen,
// and a look at every screen in both themes and on a small screen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function open(base, secret, state) {
  const wrong = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const visit = async (opt = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...(state ? { storageState: state } : {}), ...opt });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
    await context.addInitScript(() => {
      window.reports = [];
      addEventListener("securitypolicyviolation", (e) => window.reports.push(`${e.violatedDirective} ${e.blockedURI}`));
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    page.on("console", (m) => { if (m.type() === "error" && !page.calm) wrong.push(`console: ${m.text()} at ${page.url()}`); });
    page.on("pageerror", (e) => wrong.push(`error: ${e.stack}`));
    page.on("dialog", (d) => { wrong.push(`dialog: ${d.message()}`); d.dismiss(); });
    if (!state) {
      await page.goto(`${base}/#sign-in=${secret}`);
      await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
      if (page.url().includes(secret)) wrong.push("the secret stays in the address");
      state = await context.storageState();
    }
    return page;
  };
  const look = async (page, name) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
      // A theme changes colours only.
      const found = await page.evaluate((dark) => window.axe.run(document, { resultTypes: ["violations"], ...(dark ? { runOnly: ["color-contrast", "link-in-text-block"] } : {}) }), colorScheme === "dark");
      for (const v of found.violations) wrong.push(`axe, ${name}, ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" ")}`);
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 320, height: 720 });
    await page.waitForTimeout(120);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) wrong.push(`${name}: ${over} px wider than a screen of 320`);
    if (process.env.SHOTS_SMALL) await page.screenshot({ path: `${process.env.SHOTS_SMALL}/${name.replace(/\W+/g, "-")}-320.png` });
    await page.setViewportSize({ width: 1440, height: 900 });
    const reports = await page.evaluate(() => window.reports);
    for (const r of reports) wrong.push(`CSP, ${name}: ${r}`);
  };
  return { browser, wrong, visit, look };
}

// rest waits until nothing is being read or checked.
export const rest = (page) => page.waitForFunction(() => !/Checking|Reading the file|Loading|Uploading/.test(document.querySelector("main")?.innerText ?? "Loading"));
