// An invitation bounces, and is sent again.

export default async function bounce(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "slots");
  await ui.choose(ids.coach);
  const finder = page.getByRole("form", { name: "Find a slot" });
  await finder.getByLabel("Date").fill("2026-11-27");
  await finder.getByLabel("Learners").fill(ids.learner);
  await finder.getByLabel("Minutes").fill("60");
  await finder.getByRole("button", { name: "Find slots" }).click();
  await page.getByRole("button", { name: "Book 10:00 to" }).click();
  const book = page.getByRole("dialog", { name: "Book a session" });
  await book.getByLabel("Title").fill("Mailed talk");
  await book.getByLabel(`Mail address of ${ids.learner}`).fill("lee@example.com");
  await book.getByRole("button", { name: "Book", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Mailed talk" });
  await dialog.waitFor();
  await ui.settled();
  await dialog.getByRole("button", { name: "Close" }).click();

  await ui.show("machine");
  const mail = page.locator(".card", { hasText: "Mailed talk" }).filter({ hasText: "lee@example.com" });
  await mail.getByRole("button", { name: "Show" }).click();
  await page.frameLocator("iframe.mail").getByText("Mailed talk").first().waitFor();
  await ui.picture("machine");
  // A picture of a whole page leaves frames empty.
  await page.locator("iframe.mail").screenshot({ path: `${ui.pictures}/mail.png` });
  await mail.getByRole("button", { name: /^Report bounce/ }).click();
  await ui.said("SES reported Bounce.");

  await ui.show("week");
  await page.locator(".fc-event.session", { hasText: "Mailed talk" }).click();
  await dialog.getByRole("cell", { name: "Bounced" }).waitFor();
  await ui.picture("bounced");
  await dialog.getByRole("button", { name: "Resend to lee@example.com" }).click();
  await ui.said("Sent again to lee@example.com.");
  await ui.settled();
  await dialog.getByRole("button", { name: "Load again" }).click();
  await dialog.getByRole("cell", { name: "Sent", exact: true }).waitFor();
}
