// An Admin reads and sets another person's windows and holidays, and looks at the connections.

export default async function support(ui) {
  const { page, ids } = ui;
  await ui.signIn("admin", "settings");
  await ui.choose(ids.supported, "Learner");
  const windows = page.getByRole("form", { name: `Windows of ${ids.supported} as Learner` });
  await windows.getByLabel("The organization's default windows").uncheck();
  await windows.getByLabel("Monday").fill("9-17");
  await windows.getByRole("button", { name: "Save windows" }).click();
  await ui.said("“9-17” is not a window. Write 09:00-17:00.");
  await windows.getByLabel("Monday").fill("09:00-12:00, 22:00-02:00");
  await windows.getByRole("button", { name: "Save windows" }).click();
  await ui.said("Availability saved.");
  await page.getByText(`Set by ${ids.admin} on`).waitFor();

  const holiday = page.getByRole("form", { name: "Add a holiday as Learner" });
  await holiday.getByLabel("Name").fill("Moving house");
  await holiday.getByLabel("First day").fill("2026-11-26");
  await holiday.getByLabel("Last day").fill("2026-11-27");
  await holiday.getByRole("button").click();
  await page.getByText(`2026-11-26 to 2026-11-27 (by ${ids.admin})`).waitFor();
  await ui.picture("settings");

  await ui.show("week");
  await page.locator(".fc-event.holiday", { hasText: "Moving house" }).waitFor();
  await page.locator(".fc-bg-event.window").first().waitFor();
  await ui.show("settings");
  await page.getByRole("button", { name: "Delete Moving house" }).click();
  await page.getByText("No holidays.").waitFor();

  await ui.choose(ids.coach);
  await ui.show("connections");
  await page.getByRole("heading", { name: /^Apple/ }).waitFor();
  await ui.picture("connections");
}
