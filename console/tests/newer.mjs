// Parts for operations that a newer version of the service has. Their responses are made up here.

import assert from "node:assert/strict";

const CONNECTION = {
  id: "11111111-1111-4111-8111-111111111111",
  provider: "google",
  email: "coach@gmail.example",
  calendarName: "Coach",
  status: "active",
  lastError: {
    code: "CALENDAR_DELETED",
    message: "The calendar Family does not exist any more.",
    action: "reconnect",
    since: "2026-11-20T08:00:00Z",
  },
  suspendedUntil: null,
  createdAt: "2026-11-01T08:00:00Z",
  calendars: [
    { calendarId: "primary", name: "Work", checksBusy: true, receivesSessions: true },
    { calendarId: "family", name: "Family", checksBusy: false, receivesSessions: false },
  ],
};
const CHANGE = {
  id: "c1",
  type: "availability.changed",
  schemaVersion: 1,
  occurredAt: "2026-11-23T07:59:00Z",
  subject: { kind: "availability", id: "coach-1" },
  subjectVersion: 1,
  data: { role: "Coach" },
};

export default async function newer(ui) {
  const { page, ids } = ui;
  await page.route("**/api/v1/openapi.json", async (route) => {
    const document = await (await route.fetch()).json();
    document.paths["/api/v1/changes"] = { get: {} };
    document.paths["/api/v1/connections/{connectionId}"].put = {};
    await route.fulfill({ json: document });
  });
  await page.route("**/api/v1/changes*", (route) => {
    const isFirst = !route.request().url().includes("since");
    const changes = isFirst ? [CHANGE] : [];
    return route.fulfill({ json: { message: "", data: { changes, cursor: "x", hasMore: false } } });
  });
  const sent = [];
  await page.route("**/api/v1/connections*", (route) =>
    route.fulfill({ json: { message: "", data: [CONNECTION] } }),
  );
  await page.route("**/api/v1/connections/*", (route) => {
    sent.push(route.request().postDataJSON());
    return route.fulfill({ json: { message: "Calendars chosen.", data: CONNECTION } });
  });

  await ui.signIn("admin", "connections");
  await ui.choose(ids.coach);
  await page.getByText("The calendar Family does not exist any more.").waitFor();
  await ui.picture("calendar-choice");
  await page.getByLabel("Its entries make busy").nth(1).check();
  await ui.said("Calendars chosen.");
  assert.deepEqual(sent, [
    {
      userId: ids.coach,
      calendars: [
        { calendarId: "primary", checksBusy: true, receivesSessions: true },
        { calendarId: "family", checksBusy: true, receivesSessions: false },
      ],
    },
  ]);

  await page.getByRole("link", { name: "Events" }).click();
  await page.getByText("availability.changed").waitFor();
}
