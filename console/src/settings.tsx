// A person's windows, time zone and holidays. An Admin sets those of other people too.

import { useState } from "preact/hooks";
import { messageOf } from "./api";
import { type Context, attempt, otherUser, useLoaded } from "./context";
import type { Holiday, RoleAvailability } from "./types";
import { Check, Field, Form, Shown, words } from "./ui";
import { WEEKDAYS, parseWindows, windowsText } from "./windows";
import { localTime, shownInstant } from "./zones";

export function SettingsView({ context }: { context: Context }) {
  const { api, person, version } = context;
  const userId = otherUser(context);
  const loaded = useLoaded(async () => {
    const [{ availability }, holidays] = await Promise.all([
      api.get<{ availability: RoleAvailability[] }>("/api/v1/availability", { userId }),
      api.get<Holiday[]>("/api/v1/holidays", { userId }),
    ]);
    return { availability, holidays };
  }, [person.userId, version]);
  return (
    <Shown loaded={loaded}>
      {({ availability, holidays }) => (
        <>
          {availability.map((each) => (
            <Windows
              key={`${person.userId} ${each.role} ${each.changedAt}`}
              context={context}
              stored={each}
            />
          ))}
          <Holidays context={context} holidays={holidays} />
        </>
      )}
    </Shown>
  );
}

function Windows({ context, stored }: { context: Context; stored: RoleAvailability }) {
  const { api, person } = context;
  const [zone, setZone] = useState(stored.timezone);
  const [isDefault, setDefault] = useState(stored.useDefaultAvailability);
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      WEEKDAYS.map((day) => [day, windowsText(stored.availability[day] ?? [])]),
    ),
  );
  const save = () => {
    try {
      const availability = Object.fromEntries(
        WEEKDAYS.map((day) => [day, parseWindows(texts[day] ?? "", stored.availability[day])]),
      );
      void attempt(context, async () => {
        const { data, message } = await api.send<{ conflictingSessions: string[] }>(
          "PUT",
          "/api/v1/availability",
          {
            userId: otherUser(context),
            role: stored.role,
            timezone: zone,
            useDefaultAvailability: isDefault,
            ...(isDefault ? {} : { availability }),
          },
        );
        return { message: [message, ...outside(data.conflictingSessions)].join(" ") };
      });
    } catch (error) {
      context.say(messageOf(error), "failed");
    }
  };
  const title = `Windows of ${person.userId} as ${stored.role}`;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {stored.changedBy && stored.changedAt && (
        <p class="quiet">
          Set by {stored.changedBy} on {shownInstant(stored.changedAt, context.zone)}
        </p>
      )}
      <Form label={title} onSubmit={save}>
        <Field label="Time zone" required value={zone} onValue={setZone} list="zones" />
        <Check
          label="The organization's default windows"
          checked={isDefault}
          onValue={setDefault}
        />
        {!isDefault && (
          <div class="fields">
            {WEEKDAYS.map((day) => (
              <Field
                key={day}
                label={words(day)}
                value={texts[day] ?? ""}
                placeholder="none"
                onValue={(value) => setTexts({ ...texts, [day]: value })}
              />
            ))}
          </div>
        )}
        <p class="quiet">Write windows as 09:00-12:00, 13:00-17:30.</p>
        <button type="submit" class="main">
          Save windows
        </button>
      </Form>
    </section>
  );
}

function Holidays({ context, holidays }: { context: Context; holidays: Holiday[] }) {
  const { api, person, zone } = context;
  const today = localTime(Date.now(), zone).slice(0, 10);
  const [wanted, setWanted] = useState({ name: "", startDate: today, endDate: today });
  const set = (name: string) => (value: string) => setWanted({ ...wanted, [name]: value });
  const userId = otherUser(context);
  const add = () =>
    void attempt(context, async () => {
      const { data, message } = await api.send<{ conflictingSessions: string[] }>(
        "POST",
        "/api/v1/holidays",
        { ...wanted, role: person.role, userId },
      );
      return { message: [message, ...outside(data.conflictingSessions)].join(" ") };
    });
  const remove = (id: string) =>
    void attempt(context, () =>
      api.send("DELETE", `/api/v1/holidays/${id}${userId ? `?userId=${userId}` : ""}`),
    );
  return (
    <section aria-labelledby="holidays-title">
      <h2 id="holidays-title">Holidays of {person.userId}</h2>
      {holidays.length === 0 && <p>No holidays.</p>}
      <ul class="cards">
        {holidays.map((each) => (
          <li key={each.id} class="card row">
            <span>
              <b>{each.name}</b> as {each.role}: {each.startDate} to {each.endDate}
              {each.createdBy && each.createdBy !== person.userId && ` (by ${each.createdBy})`}
            </span>
            <button type="button" aria-label={`Delete ${each.name}`} onClick={() => remove(each.id)}>
              Delete
            </button>
          </li>
        ))}
      </ul>
      <Form label={`Add a holiday as ${person.role}`} onSubmit={add}>
        <div class="fields">
          <Field label="Name" required maxLength={100} value={wanted.name} onValue={set("name")} />
          <Field
            label="First day"
            type="date"
            required
            value={wanted.startDate}
            onValue={set("startDate")}
          />
          <Field
            label="Last day"
            type="date"
            required
            value={wanted.endDate}
            onValue={set("endDate")}
          />
          <button type="submit">Add as {person.role}</button>
        </div>
      </Form>
    </section>
  );
}

function outside(sessions: string[]): string[] {
  return sessions.length ? [`Sessions outside: ${sessions.join(", ")}.`] : [];
}
