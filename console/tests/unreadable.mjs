// A calendar cannot be read: the views say so, and slots are unverified until it works again.

export default async function unreadable(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "machine");
  await page.getByRole("combobox", { name: "Google" }).selectOption("unavailable");
  await ui.said("Google: unavailable.");

  await ui.choose(ids.googleCoach);
  await ui.show("week");
  await page.getByText(`the google calendar of ${ids.googleCoach} (unavailable)`).waitFor();
  await ui.show("slots");
  await page.getByLabel("Date").fill("2026-11-25");
  await page.getByRole("button", { name: "Find slots" }).click();
  await page.getByRole("button", { name: "Book 10:00 to 11:00, unverified" }).waitFor();
  await ui.picture("unverified");

  await ui.show("machine");
  await page.getByRole("combobox", { name: "Google" }).selectOption("");
  await ui.said("Google: no fault.");
  // After three failures the service waits before it asks again, and its clock stands still.
  await ui.setClock("2026-11-23T08:10:00Z");
  await ui.show("week");
  await page.locator(".calendar").waitFor();
  await page.waitForLoadState("networkidle");
  // One request asks the provider first; the others still count the calendar as unavailable.
  await page.getByRole("button", { name: "Load again" }).click();
  await page.locator(".fc-event.entry", { hasText: "Piano lesson" }).waitFor();
  await ui.setClock("2026-11-23T08:00:00Z");
}
