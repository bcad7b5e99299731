// What the browser tests share: a browser that notes all that must not happen,
// and a look at every screen in both themes and on a small screen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A width changes everything but the colours, which were judged in both themes.
export const notColours = {
  rules: { "color-contrast": { enabled: false }, "link-in-text-block": { enabled: false } },
};
export async function judge(page, where, wrong, opt = {}) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const found = await page.evaluate(
    (opt) => window.axe.run(document, { resultTypes: ["violations"], ...opt }),
    opt,
  );
  for (const v of found.violations)
    wrong.push(
      `axe, ${where}: ${v.id}: ${v.nodes
        .map((n) => n.html.slice(0, 160))
        .slice(0, 3)
        .join(" ")}`,
    );
}

export async function open(base, secret, state) {
  const wrong = [];
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
  const visit = async (opt = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: "reduce",
      ...(state ? { storageState: state } : {}),
      ...opt,
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
    await context.addInitScript(() => {
      window.reports = [];
      addEventListener("securitypolicyviolation", (e) =>
        window.reports.push(`${e.violatedDirective} ${e.blockedURI}`),
      );
    });
    const page = await context.newPage();
    page.setDefaultTimeout(45000);
    page.on("console", (m) => {
      if (m.type() === "error" && !page.calm) wrong.push(`console: ${m.text()} at ${page.url()}`);
    });
    page.on("pageerror", (e) => wrong.push(`error: ${e.stack}`));
    page.on("dialog", (d) => {
      wrong.push(`dialog: ${d.message()}`);
      d.dismiss();
    });
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
      await judge(page, `${name}, ${colorScheme}`, wrong);
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 320, height: 720 });
    await page.waitForTimeout(120);
    await judge(page, `${name}, 320 px`, wrong, notColours);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) wrong.push(`${name}: ${over} px wider than a screen of 320`);
    if (process.env.SHOTS_SMALL)
      await page.screenshot({ path: `${process.env.SHOTS_SMALL}/${name.replace(/\W+/g, "-")}-320.png` });
    await page.setViewportSize({ width: 1440, height: 900 });
    const reports = await page.evaluate(() => window.reports);
    for (const r of reports) wrong.push(`CSP, ${name}: ${r}`);
  };
  return { browser, wrong, visit, look };
}

// crc32 is that of ZIP (ISO 3309), bit by bit.
function crc32(data) {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// workbook is a small .xlsx with sheets of these names, stored in a zip.
export function workbook(names) {
  const xml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;"),
    head = '<?xml version="1.0" encoding="UTF-8"?>';
  const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const cell = (text) => `<c t="inlineStr"><is><t>${xml(text)}</t></is></c>`;
  const parts = {
    "[Content_Types].xml": `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>${names.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join("")}</Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${head}<workbook xmlns="${main}" xmlns:r="${rel}"><sheets>${names.map((n, i) => `<sheet name="${xml(n)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join("")}</Relationships>`,
  };
  names.forEach((n, i) => {
    parts[`xl/worksheets/sheet${i + 1}.xml`] =
      `${head}<worksheet xmlns="${main}"><sheetData><row>${cell("Lead name")}${cell(n)}</row><row>${cell(n)}${cell("x")}</row><row>${cell("Two")}${cell("y")}</row></sheetData></worksheet>`;
  });
  // ZIP, APPNOTE 4.3: local headers with their bytes, the directory, its end.
  const files = [],
    list = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const n = Buffer.from(name),
      data = Buffer.from(text),
      h = Buffer.alloc(26);
    h.writeUInt16LE(20, 0);
    h.writeUInt32LE(crc32(data), 10);
    h.writeUInt32LE(data.length, 14);
    h.writeUInt32LE(data.length, 18);
    h.writeUInt16LE(n.length, 22);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02", 0, "latin1");
    entry.writeUInt16LE(20, 4);
    h.copy(entry, 6);
    entry.writeUInt32LE(at, 42);
    list.push(entry, n);
    files.push(Buffer.from("PK\x03\x04", "latin1"), h, n, data);
    at += 30 + n.length + data.length;
  }
  const directory = Buffer.concat(list),
    end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(list.length / 2, 8);
  end.writeUInt16LE(list.length / 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, directory, end]);
}

// rest waits until nothing is being read or checked.
export const rest = (page) =>
  page.waitForFunction(
    () =>
      !/Checking|Reading the file|Loading|Uploading/.test(
        document.querySelector("main")?.innerText ?? "Loading",
      ),
  );

// hold keeps the requests of an address back. What it returns sends them on and
// waits until they are: an unroute beside one that still waits would send it twice.
export async function hold(page, url) {
  const held = [];
  let free;
  const freed = new Promise((go) => (free = go));
  const keep = (route) => {
    const sent = freed.then(() => route.continue()).catch(() => {}); // its page may be gone
    held.push(sent);
    return sent;
  };
  await page.route(url, keep);
  return async () => {
    free();
    await Promise.all(held);
    await page.unroute(url, keep);
  };
}
