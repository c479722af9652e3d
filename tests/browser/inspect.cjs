// Opens a page in headless Chromium and prints what axe and the layout say, as JSON: node inspect.cjs CHROMIUM PAGE
const { chromium } = require("playwright-core");
const axe = require("axe-core");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = [
  { name: "phone, light", width: 320, scheme: "light" },
  { name: "desk, light", width: 1280, scheme: "light" },
  { name: "desk, dark", width: 1280, scheme: "dark" },
  { name: "200% zoom, dark", width: 640, scheme: "dark" },
];

async function look(browser, page, view) {
  const context = await browser.newContext({ viewport: { width: view.width, height: 900 }, colorScheme: view.scheme, offline: true });
  const tab = await context.newPage();
  const asked = [];
  const failed = [];
  tab.on("request", (request) => asked.push(request.url()));
  tab.on("pageerror", (error) => failed.push(String(error)));
  await tab.goto("file://" + page);
  await tab.evaluate(axe.source);
  const found = await tab.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await tab.keyboard.press("Tab");
  const first = await tab.evaluate(() => document.activeElement.textContent.trim());
  await context.close();
  return {
    view: view.name,
    passes: found.passes.length,
    violations: found.violations.map((v) => ({ rule: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)) })),
    overflow,
    first,
    requests: asked.filter((url) => !url.startsWith("file://" + page) && !url.startsWith("data:") && !url.startsWith("blob:")),
    errors: failed,
  };
}

async function withoutScripts(browser, page) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  await tab.goto("file://" + page);
  const words = (await tab.locator("main").innerText()).length;
  const buttons = await tab.locator("button:visible, input:visible, select:visible").count();
  await context.close();
  return { words, buttons };
}

async function sort(tab) {
  const sortable = tab.locator("table:not(.fixed)", { has: tab.locator("thead th:nth-child(3) button") });
  if (!(await sortable.count())) return null;
  const table = sortable.first();
  const column = table.locator("tbody tr > *:nth-child(3)");
  const before = await column.allInnerTexts();
  const button = table.locator("thead th:nth-child(3) button");
  await button.focus();
  await tab.keyboard.press("Enter");
  const up = await column.allInnerTexts();
  await tab.keyboard.press("Enter");
  const down = await column.allInnerTexts();
  return { before, up, down, said: await table.locator("thead th:nth-child(3)").getAttribute("aria-sort") };
}

async function filter(tab) {
  if (!(await tab.locator("form.tools").count())) return null;
  const group = tab.locator("form.tools select");
  const rows = tab.locator("main tbody tr:visible");
  const all = await rows.count();
  await group.selectOption("White");
  const some = await rows.count();
  await group.selectOption("");
  await tab.getByLabel("Calculators whose name contains").fill("no such name");
  const chapters = await tab.locator("main .chapter:visible").count();
  const said = await tab.locator("nav output").innerText();
  return { all, some, chapters, said };
}

async function interact(browser, page) {
  const context = await browser.newContext({ acceptDownloads: true });
  const tab = await context.newPage();
  await tab.goto("file://" + page);
  const sorted = await sort(tab);
  const waiting = tab.waitForEvent("download");
  await tab.getByRole("button", { name: "Download this table (CSV)" }).first().click();
  const csv = require("fs").readFileSync(await (await waiting).path(), "utf8");
  const filtered = await filter(tab);
  await context.close();
  return { sorted, filtered, csv };
}

(async () => {
  const [, , executablePath, page] = process.argv;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const views = [];
  for (const view of VIEWS) views.push(await look(browser, page, view));
  const plain = await withoutScripts(browser, page);
  const used = await interact(browser, page);
  await browser.close();
  console.log(JSON.stringify({ views, plain, used }));
})();
