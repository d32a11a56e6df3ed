// The simulated calendars are edited as their owners would, and the service follows.

export default async function machine(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "machine");
  for (const name of ["Google coach@gmail.example", "Outlook coach-1@contoso.example", "Apple coach-1"]) {
    await page.getByRole("button", { name: `Add an entry to ${name}` }).click();
    const dialog = page.getByRole("dialog", { name: "Add an entry" });
    await dialog.getByLabel("Title").fill(`Yoga ${name}`);
    await dialog.getByLabel("Start").fill("2026-11-28T10:00");
    await dialog.getByLabel("End").fill("2026-11-28T11:00");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: `Yoga ${name}` }).waitFor();
  }
  await ui.picture("calendars");
  await ui.choose(ids.coach);
  await ui.show("week");
  await page.locator(".fc-event.entry", { hasText: "Yoga Apple" }).waitFor();

  await ui.show("machine");
  for (const name of ["Google coach@gmail.example", "Outlook coach-1@contoso.example", "Apple coach-1"]) {
    await page.getByRole("button", { name: `Yoga ${name}` }).click();
    const dialog = page.getByRole("dialog", { name: "Change the entry" });
    await dialog.getByLabel("Title").fill("Moved");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Moved" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Moved" }).waitFor({ state: "detached" });
  }
}
