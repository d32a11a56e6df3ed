// Everything is done with the keyboard: find, book, move to another time, cancel.

import assert from "node:assert/strict";

export default async function keyboard(ui) {
  const { page, ids } = ui;
  await ui.signIn("coach", "week");
  await tabTo(page, "Find a slot");
  await page.keyboard.press("Enter");
  await tabTo(page, "Learners");
  await page.keyboard.type(ids.learner);
  await tabTo(page, "Minutes");
  await page.keyboard.type("60");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Book .* available$/ }).first().waitFor();
  await tabTo(page, /^Book 16:00 .* available$/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Book a session" }).waitFor();
  await tabTo(page, "Title");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "By keyboard" });
  await dialog.getByText("Scheduled").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await tabTo(page, "Week");
  await page.keyboard.press("Enter");
  const session = page.locator(".fc-event.session", { hasText: "By keyboard" });
  await session.waitFor();
  await tabTo(page, /By keyboard/);
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await tabTo(page, /^New start/);
  await page.getByLabel("New start").fill("2026-11-24T15:00");
  await page.keyboard.press("Enter");
  const move = page.getByRole("dialog", { name: "Move the session" });
  await move.getByText("15:00–16:00").waitFor();
  await tabTo(page, "Move");
  await page.keyboard.press("Enter");
  await ui.said("Session moved.");
  await dialog.getByText("15:00–16:00").waitFor();
  await tabTo(page, "Cancel the session");
  await page.keyboard.press("Enter");
  await dialog.getByText("Cancelled", { exact: true }).waitFor();
}

/** Press Tab until the focus is on what has that name. */
async function tabTo(page, name) {
  const seen = [];
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: each } = document;
      const style = each && getComputedStyle(each);
      return {
        name: each?.getAttribute("aria-label") ?? each?.labels?.[0]?.textContent ?? each?.textContent ?? "",
        isVisible: each?.matches(":focus-visible") && style?.outlineStyle !== "none",
      };
    });
    seen.push(focused.name.trim());
    const matches = typeof name === "string" ? focused.name.trim() === name : name.test(focused.name);
    if (matches) {
      assert.ok(focused.isVisible, `the focus on ${name} is not visible`);
      return;
    }
  }
  assert.fail(`no Tab leads to ${name}: ${[...new Set(seen)].join(" | ")}`);
}
