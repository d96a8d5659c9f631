// What the browser stories share: a Chromium without the network, what a page may not do, axe, screenshots.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What went wrong without ending the story at once. */
const problems = [];

const SHOTS = process.env.SHOTS ?? "target/screenshots";
const PATIENCE = 30_000;

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Fails with what was expected and what there is. */
export function check(truth, what) {
  if (!truth) throw new Error(`this does not hold: ${what}`);
}

/**
 * Runs a story in a browser and tells how it ended. The story is given `visit(options)`, which opens a
 * page at `address` as a person's browser would, and `step(name)`. What no page may do fails it: errors in the
 * console (a broken Content-Security-Policy is one), exceptions, requests to anywhere else.
 */
export async function tell(address, story) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const pages = [];
  let doing = "the beginning";
  const visit = async ({ path = "/", ...options } = {}) => {
    const context = await browser.newContext({
      viewport: DESKTOP,
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(`${doing}: the console says: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`${doing}: ${error.stack}`));
    page.on("request", (request) => {
      const local = ["data:", "blob:", `${address}/`].some((start) => request.url().startsWith(start));
      if (!local) problems.push(`${doing}: the page asks for ${request.url()}`);
    });
    pages.push(page);
    await page.goto(address + path);
    return page;
  };
  const step = (name) => {
    doing = name;
    console.log(`· ${name}`);
  };
  try {
    await story({ visit, step });
    if (problems.length) throw new Error(problems.join("\n"));
  } catch (error) {
    console.error(`${doing}: ${error.stack}\n${problems.join("\n")}`);
    process.exitCode = 1;
    for (const [n, page] of pages.entries()) await shot(page, `failed-${n}`).catch(() => {});
  } finally {
    await browser.close();
  }
}

export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Nothing that axe finds serious or critical; what it finds fails the story at its end. */
export async function accessible(page, name) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  // `preload` would fetch style sheets, which only helps with those of other hosts.
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false }));
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const lines = bad.flatMap(({ id, impact, help, nodes }) => [
    `${impact} ${id}: ${help}`,
    ...nodes.slice(0, 5).map((node) => `    ${node.html}\n      ${node.failureSummary.replaceAll("\n", "\n      ")}`),
  ]);
  const minor = violations.filter((one) => !bad.includes(one)).map(({ id, impact }) => `${impact} ${id}`);
  console.log(`  axe, ${name}: ${bad.length} serious${minor.length ? `; besides: ${minor.join(", ")}` : ""}`);
  if (bad.length) problems.push(`${name} is not accessible:\n${lines.join("\n")}`);
}

/** No part of the page is wider than the window. */
export async function fits(page, name) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(wide <= window, `${name}: ${wide} pixels of page in a window of ${window}`);
}

/** Waits until `locator` shows something. */
export const seen = (locator) => locator.first().waitFor({ state: "visible" });
export const gone = (locator) => locator.first().waitFor({ state: "hidden" });

/** Waits until `ask()` gives something true, asking again whenever the page has drawn. */
export async function until(what, page, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await ask();
    if (found) return found;
    check(Date.now() < end, what);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
  }
}

/** A chat as one person sees it. */
export class Column {
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.node = page.locator(`[data-chat="${id}"]`);
    this.input = this.node.getByTestId("composer-input");
  }

  /** The messages that hold a text. */
  messages(text) {
    return this.node.locator("article[data-message]", { hasText: text });
  }

  /** Waits for the newest message that holds a text. */
  async reads(text) {
    const found = this.messages(text).last();
    await seen(found);
    return found;
  }

  /** The button of this label on the newest message that has one. */
  key(label) {
    return this.node.locator("[data-key]", { hasText: label }).last();
  }

  async press(label) {
    await this.key(label).click();
  }

  async toast() {
    const toast = this.node.getByTestId("toast");
    await seen(toast);
    return toast.innerText();
  }

  async say(text) {
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Begins a reply to a message. */
  async answer(message) {
    await message.hover();
    await message.getByTestId("message-reply").click();
    await seen(this.node.getByTestId("composer-reply"));
  }

  /** Sends a file by the paper clip. */
  async attach(file, caption) {
    const chooser = this.page.waitForEvent("filechooser");
    await this.node.getByTestId("composer-attach").click();
    await (await chooser).setFiles(file);
    await this.page.getByTestId("file-caption").fill(caption);
    await this.page.getByTestId("dialog-send").click();
  }
}

/** A picture to send, of one colour. */
export const PICTURE = {
  name: "screen.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsCmZfynIQgYc" +
      "Tfo3056IWCwWi8VisVgsFov/xgvk2cL9u/0SgAAAAABJRU5ErkJggg==",
    "base64",
  ),
};
