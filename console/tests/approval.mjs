// A learner asks for a session; an Admin approves it, and declines another one with a reason.

import assert from "node:assert/strict";

export default async function approval(ui) {
  const { page, ids } = ui;
  await ui.signIn("learner", "slots");
  const views = await page.getByRole("navigation", { name: "Views" }).getByRole("link").allTextContents();
  assert.ok(!views.includes("Approvals"), "a learner sees the queue");
  assert.ok(!views.includes("Events"), "a feature that the service does not have is shown");
  await request(ui, "12:00");
  await request(ui, "14:00");

  await ui.signIn("admin", "pending");
  const cards = page.locator(".card", { hasText: ids.learner });
  await cards.nth(1).waitFor();
  await ui.picture("approvals");
  await cards.first().getByRole("button", { name: "Approve" }).click();
  await ui.said("Event approved");
  await cards.first().getByRole("button", { name: "Details" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Too many sessions");
  await dialog.getByRole("button", { name: "Decline" }).click();
  await dialog.getByText("Too many sessions").first().waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByText("No session waits for approval.").waitFor();

  await ui.signIn("learner", "week");
  await page.locator(".fc-event.scheduled", { hasText: "Coaching session" }).waitFor();
  await page.locator(".fc-event.declined").waitFor();
  await ui.picture("learner-week");
}

async function request({ page, ids }, time) {
  const finder = page.getByRole("form", { name: "Find a slot" });
  await finder.getByLabel("Date").fill("2026-11-26");
  await finder.getByLabel("Coaches").fill(ids.coach);
  await finder.getByLabel("Minutes").fill("60");
  await finder.getByRole("button", { name: "Find slots" }).click();
  await page.getByRole("button", { name: `Book ${time} to` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Book", exact: true }).click();
  const booked = page.getByRole("dialog", { name: "Coaching session" });
  await booked.getByText("Pending approval").waitFor();
  await booked.getByRole("button", { name: "Close" }).click();
}
