// An Admin finds a slot, books it, sees it, moves it by drag and cancels it with a reason.

import assert from "node:assert/strict";

export default async function mainJob(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "slots");
  await ui.choose(ids.coach);

  const finder = page.getByRole("form", { name: "Find a slot" });
  await finder.getByLabel("Date").fill("2026-11-25");
  await finder.getByLabel("Learners").fill(ids.learner);
  await finder.getByLabel("Minutes").fill("60");
  await finder.getByRole("button", { name: "Find slots" }).click();
  await page.getByText("Why other times are not available").click();
  await page.getByRole("cell", { name: "coach: outside windows" }).first().waitFor();
  await ui.picture("slots");

  await page.getByRole("button", { name: "Book 10:00 to 11:00, available" }).click();
  const book = page.getByRole("dialog", { name: "Book a session" });
  await book.getByLabel("Title").fill("First talk");
  await ui.picture("book");
  await book.getByRole("button", { name: "Book", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "First talk" });
  await dialog.getByText("Scheduled").waitFor();
  await ui.settled();
  await dialog.getByRole("button", { name: "Load again" }).click();
  await dialog.getByRole("cell", { name: "Synced" }).waitFor();
  await ui.picture("session");
  await dialog.getByRole("button", { name: "Close" }).click();

  await ui.show("week");
  const session = page.locator(".fc-event.session", { hasText: "First talk" });
  await session.waitFor();
  await ui.picture("week");
  await ui.show("month");
  await page.getByRole("group", { name: /Month of/ }).getByText("First talk").waitFor();
  await ui.picture("month");

  // Onto a calendar entry first: the conflict is shown as the API returns it.
  await ui.show("week");
  ui.expect(409);
  await dragTo(page, session, page.locator(".fc-event.entry", { hasText: "Dentist" }));
  const move = page.getByRole("dialog", { name: "Move the session" });
  await move.getByRole("button", { name: "Move", exact: true }).click();
  await move.getByText("SLOT_TAKEN").waitFor();
  await ui.picture("conflict");
  await move.getByRole("list", { name: "Alternatives" }).getByRole("button").first().click();
  await ui.said("Session moved.");

  await session.click();
  await dialog.getByLabel("Reason").fill("The coach is ill");
  await dialog.getByRole("button", { name: "Cancel the session" }).click();
  await dialog.getByText("The coach is ill").first().waitFor();
  assert.equal(await dialog.locator(".badge").first().textContent(), "Cancelled");
}

async function dragTo(page, from, to) {
  await from.evaluate((each) => each.scrollIntoView({ block: "center" }));
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(start.x + start.width / 2, start.y + 5);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + 20, { steps: 12 });
  await page.mouse.move(end.x + end.width / 2, end.y + 5, { steps: 3 });
  await page.mouse.up();
}
