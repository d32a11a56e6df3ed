// The week of a person: sessions by status, windows, holidays and calendar entries.

import type { CalendarOptions, EventInput } from "@fullcalendar/core";
import { useMemo, useState } from "preact/hooks";
import type { Api } from "./api";
import { CalendarView } from "./calendar";
import { type Context, otherUser, useLoaded } from "./context";
import { type Move, MoveDialog } from "./move";
import type { DayEvents, Holiday, ListedSession, RoleAvailability } from "./types";
import { Shown, STATUS_WORDS, Unread } from "./ui";
import { windowTimes } from "./windows";
import { instantOf, localTime, plusDays } from "./zones";

interface WeekProps {
  context: Context;
  date: string;
  days: 1 | 7;
  onDate(date: string): void;
}

interface WeekData {
  sessions: ListedSession[];
  availability: RoleAvailability | undefined;
  holidays: Holiday[];
  days: DayEvents[];
}

export function WeekView({ context, date, days, onDate }: WeekProps) {
  const { person, zone, version } = context;
  const loaded = useLoaded(
    () => loadWeek(context, date, days),
    [date, days, person.userId, person.role, zone, version],
  );
  const step = days === 1 ? "day" : "week";
  return (
    <section aria-labelledby="week-title">
      <div class="row">
        <h2 id="week-title">
          {days === 1 ? "Day" : "Week"} of {new Date(`${date}T00:00:00Z`).toLocaleDateString("en-GB", {
            day: "numeric",
            month: "long",
            year: "numeric",
            timeZone: "UTC",
          })}
        </h2>
        <div class="row">
          <button type="button" onClick={() => onDate(plusDays(date, -days))}>
            Previous {step}
          </button>
          <button type="button" onClick={() => onDate(localTime(Date.now(), zone).slice(0, 10))}>
            Today
          </button>
          <button type="button" onClick={() => onDate(plusDays(date, days))}>
            Next {step}
          </button>
          <button type="button" onClick={context.changed}>
            Load again
          </button>
        </div>
      </div>
      <ul class="legend" aria-label="Colours of entries">
        {Object.entries(STATUS_WORDS).map(([status, text]) => (
          <li key={status}>
            <span class={`swatch ${status.toLowerCase()}`} /> {text}
          </li>
        ))}
        <li>
          <span class="swatch window" /> Window
        </li>
        <li>
          <span class="swatch holiday" /> Holiday
        </li>
        <li>
          <span class="swatch entry" /> Calendar entry
        </li>
      </ul>
      <Shown loaded={loaded}>
        {(data) => <Days context={context} data={data} date={date} days={days} />}
      </Shown>
    </section>
  );
}

function Days({ context, data, date, days }: Omit<WeekProps, "onDate"> & { data: WeekData }) {
  const { open, person, zone } = context;
  const [move, setMove] = useState<Move | null>(null);
  const events = useMemo(() => shownEvents(data, date, days, zone), [data, date, days, zone]);
  const options = useMemo<CalendarOptions>(
    () => ({
      eventClick: ({ event }) => {
        if (event.extendedProps.isSession) open(event.id);
      },
      eventDrop: ({ event, revert }) => setMove(moved(event.id, event, zone, revert)),
      eventResize: ({ event, revert }) => setMove(moved(event.id, event, zone, revert)),
    }),
    [open, zone],
  );
  return (
    <>
      <Unread sources={data.days.flatMap((each) => each.sources)} />
      <CalendarView
        view={days === 1 ? "timeGridDay" : "timeGridWeek"}
        date={date}
        now={localTime(Date.now(), zone)}
        events={events}
        label={`${days === 1 ? "Day" : "Week"} of ${person.userId}`}
        options={options}
      />
      {move && <MoveDialog context={context} move={move} onClose={() => setMove(null)} />}
    </>
  );
}

function moved(
  sessionId: string,
  event: { startStr: string; endStr: string },
  zone: string,
  revert: () => void,
): Move {
  return {
    sessionId,
    startTime: instantOf(event.startStr, zone),
    endTime: instantOf(event.endStr, zone),
    revert,
  };
}

async function loadWeek(context: Context, date: string, days: number): Promise<WeekData> {
  const { api, person, zone } = context;
  const userId = otherUser(context);
  const dates = Array.from({ length: days }, (_, number) => plusDays(date, number));
  const [sessions, availability, holidays, entries] = await Promise.all([
    allSessions(api, person.userId, dates, zone),
    api.get<{ availability: RoleAvailability[] }>("/api/v1/availability", { userId }),
    api.get<Holiday[]>("/api/v1/holidays", { userId }),
    Promise.all(
      dates.map((day) =>
        api.get<DayEvents>("/api/v1/events", { date: day, userId: person.userId, timezone: zone }),
      ),
    ),
  ]);
  return {
    sessions,
    availability: availability.availability.find((each) => each.role === person.role),
    holidays: holidays.filter((each) => each.role === person.role),
    days: entries,
  };
}

/** Return all sessions of these local dates; the API's own dates are in UTC. */
async function allSessions(
  api: Api,
  userId: string,
  dates: string[],
  zone: string,
): Promise<ListedSession[]> {
  const [first, last] = [dates[0] ?? "", dates.at(-1) ?? ""];
  const sessions: ListedSession[] = [];
  let cursor: string | undefined;
  do {
    const page: { sessions: ListedSession[]; cursor: string | null } = await api.get(
      "/api/v1/sessions",
      { userId, from: plusDays(first, -1), to: plusDays(last, 1), cursor },
    );
    sessions.push(...page.sessions);
    cursor = page.cursor ?? undefined;
  } while (cursor);
  return sessions.filter((each) => {
    const [start, end] = [localTime(each.startTime, zone), localTime(each.endTime, zone)];
    return end.slice(0, 10) >= first && start.slice(0, 10) <= last;
  });
}

function shownEvents(data: WeekData, date: string, days: number, zone: string): EventInput[] {
  const last = plusDays(date, days - 1);
  const windows = data.availability ? windowTimes(data.availability, date, last, zone) : [];
  return [
    ...windows.map((each) => ({ ...each, display: "background", classNames: ["window"] })),
    ...data.holidays.map((each) => ({
      title: `Holiday: ${each.name}`,
      start: each.startDate,
      end: plusDays(each.endDate, 1),
      allDay: true,
      interactive: false,
      classNames: ["holiday"],
    })),
    ...entriesOf(data.days, zone),
    ...data.sessions.map((each) => ({
      id: each.sessionId,
      title: `${each.title} (${STATUS_WORDS[each.status]})`,
      start: localTime(each.startTime, zone),
      end: localTime(each.endTime, zone),
      editable: each.status === "SCHEDULED" || each.status === "PENDING_APPROVAL",
      classNames: ["session", each.status.toLowerCase()],
      extendedProps: { isSession: true },
    })),
  ];
}

/** Return the entries of calendars, each once although it may be listed for several days. */
function entriesOf(days: DayEvents[], zone: string): EventInput[] {
  const entries = days.flatMap((day) => day.events).filter((each) => each.source !== "internal");
  const unique = new Map(
    entries.map((each) => [`${each.source}|${each.title}|${each.startTime}|${each.endTime}`, each]),
  );
  return [...unique.values()].map((each) => ({
    title: each.calendarName ? `${each.title} (${each.calendarName})` : each.title,
    start: each.allDay ? localTime(each.startTime, zone).slice(0, 10) : localTime(each.startTime, zone),
    end: each.allDay ? localTime(each.endTime, zone).slice(0, 10) : localTime(each.endTime, zone),
    allDay: each.allDay,
    interactive: false,
    classNames: ["entry", each.busy ? "busy" : "free"],
  }));
}
