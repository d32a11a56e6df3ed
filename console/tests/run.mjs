// Runs one scenario in Chromium: node run.mjs SCENARIO, with the settings as JSON in CONSOLE_TEST.
// Fails on errors in the browser's console and on requests to other hosts than the service.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const settings = JSON.parse(process.env.CONSOLE_TEST ?? "{}");
const { default: scenario, width = 1280, height = 900 } = await import(
  `./${process.argv[2]}.mjs`
);

const browser = await chromium.launch({
  executablePath: settings.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    colorScheme: "light",
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.clock.setFixedTime(new Date(settings.now));
  const problems = [];
  /** Status codes that the scenario expects; the browser reports each as an error. */
  const expected = new Set();
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // The script that sets the page's time also runs in mails, which may not run any.
    if (/^Blocked script execution in .*_local\/mail/.test(message.text())) return;
    const status = /status of (\d+)/.exec(message.text())?.[1];
    if (!status || !expected.has(Number(status))) problems.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "about:" && origin !== settings.url) {
      problems.push(`foreign request: ${request.url()}`);
    }
  });
  try {
    await scenario(new Console(page, settings, expected));
    assert.deepEqual(problems, []);
  } catch (error) {
    await page.screenshot({ path: `${settings.pictures}/failed-${process.argv[2]}.png` });
    throw error;
  }
} finally {
  await browser.close();
}

/** The console in a page. */
function Console(page, { url, tokens, ids, pictures }, expected) {
  return Object.assign(this, {
    page,
    ids,
    pictures,
    expect: (...statuses) => statuses.forEach((each) => expected.add(each)),
    signIn: async (who, view = "week") => {
      await page.goto(`${url}/console#token=${tokens[who]}`);
      await page.getByText(`${ids[who]} (`).waitFor();
      assert.ok(!page.url().includes("token"), "the token stays in the address");
      await this.show(view);
    },
    show: (view) => page.evaluate((hash) => (location.hash = hash), view),
    choose: async (person, role = "Coach") => {
      const form = page.getByRole("form", { name: "Whose calendar" });
      await form.getByLabel("Person").fill(person);
      await form.getByLabel("As").selectOption(role);
      await form.getByRole("button", { name: "Show" }).click();
      await this.said(`Shown: ${person}`);
    },
    /** Wait for a message to the user. */
    said: (text) => page.locator(".messages").filter({ hasText: text }).last().waitFor(),
    picture: async (name) => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${pictures}/${name}-${colorScheme}.png`, fullPage: true });
      }
      await page.emulateMedia({ colorScheme: "light" });
    },
    setClock: async (now) => {
      const set = await page.evaluate(
        async (body) => (await fetch("_local/clock", { method: "POST", body })).ok,
        JSON.stringify({ now }),
      );
      assert.ok(set, "the clock is not set");
    },
    /** Let the service do its work: copies, mails and reports. */
    settled: async () => {
      const done = await page.evaluate(async () =>
        (await fetch("_local/sync", { method: "POST" })).ok,
      );
      assert.ok(done, "work is left");
    },
  });
}
