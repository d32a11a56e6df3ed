// On a phone no view is wider than the screen.

import assert from "node:assert/strict";

export const width = 360;
export const height = 740;

export default async function narrow(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "week");
  await ui.choose(ids.coach);
  for (const view of ["week", "month", "slots", "pending", "settings", "connections", "machine"]) {
    await ui.show(view);
    if (view === "slots") await page.getByRole("button", { name: "Find slots" }).click();
    await page.waitForLoadState("networkidle");
    await page.getByText("Loading …").first().waitFor({ state: "detached" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${view} is ${wide} pixels wide`);
    await ui.picture(`phone-${view}`);
  }
  await ui.show("slots");
  await page.getByRole("button", { name: "Find slots" }).click();
  await page.getByRole("button", { name: /^Book/ }).first().click();
  const box = await page.getByRole("dialog").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= width, "the dialog is wider than the screen");
  await ui.picture("phone-book");
}
