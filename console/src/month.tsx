// The month of a person in the service's colours.

import type { CalendarOptions } from "@fullcalendar/core";
import { useMemo } from "preact/hooks";
import { CalendarView } from "./calendar";
import { type Context, useLoaded } from "./context";
import type { Month } from "./types";
import { Shown, Unread, words } from "./ui";
import { localTime, plusMonths } from "./zones";

const LEGEND = [
  ["green", "Free"],
  ["amber", "Few slots left"],
  ["red", "Full"],
  ["orange", "Unverified"],
  ["purple", "Holiday"],
  ["white", "No windows"],
  ["grey", "Past"],
] as const;

const STATUS_TEXTS: Record<string, string> = { unavailable: "No windows" };

interface MonthProps {
  context: Context;
  date: string;
  onDate(date: string): void;
  onDay(date: string): void;
}

export function MonthView({ context, date, onDate, onDay }: MonthProps) {
  const { api, person, zone, version } = context;
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  const loaded = useLoaded(
    () =>
      api.get<Month>("/api/v1/month-calendar", {
        year,
        month,
        role: person.role,
        timezone: zone,
        [person.role === "Coach" ? "coachId" : "learnerId"]: person.userId,
      }),
    [year, month, person.userId, person.role, zone, version],
  );
  return (
    <section aria-labelledby="month-title">
      <div class="row">
        <h2 id="month-title">
          {new Date(`${date.slice(0, 7)}-01T00:00:00Z`).toLocaleDateString("en-GB", {
            month: "long",
            year: "numeric",
            timeZone: "UTC",
          })}
        </h2>
        <div class="row">
          <button type="button" onClick={() => onDate(plusMonths(date, -1))}>
            Previous month
          </button>
          <button type="button" onClick={() => onDate(plusMonths(date, 1))}>
            Next month
          </button>
          <button type="button" onClick={context.changed}>
            Load again
          </button>
        </div>
      </div>
      <ul class="legend" aria-label="Colours of days">
        {LEGEND.map(([color, text]) => (
          <li key={color}>
            <span class={`swatch ${color}`} /> {text}
          </li>
        ))}
      </ul>
      <Shown loaded={loaded}>
        {(data) => <Days context={context} data={data} date={date} onDay={onDay} />}
      </Shown>
    </section>
  );
}

interface DaysProps {
  context: Context;
  data: Month;
  date: string;
  onDay(date: string): void;
}

function Days({ context, data, date, onDay }: DaysProps) {
  const { zone, open, person } = context;
  const days = useMemo(() => new Map(data.days.map((each) => [each.date, each])), [data]);
  const events = useMemo(
    () =>
      data.days.flatMap((day) =>
        day.sessions.map((each) => ({
          id: each.sessionId,
          title: each.title,
          start: localTime(each.startTime, zone),
          end: localTime(each.endTime, zone),
          classNames: [each.status.toLowerCase()],
        })),
      ),
    [data, zone],
  );
  const options = useMemo<CalendarOptions>(
    () => ({
      fixedWeekCount: false,
      eventDisplay: "block",
      dayCellClassNames: ({ date: day }) => days.get(dayOf(day))?.color ?? "",
      dayCellContent: ({ date: day, dayNumberText }) => ({
        html: dayText(dayNumberText, days.get(dayOf(day))),
      }),
      navLinks: true,
      navLinkDayClick: (day) => onDay(dayOf(day)),
      eventClick: ({ event }) => open(event.id),
    }),
    [days, onDay, open],
  );
  return (
    <>
      <Unread sources={data.sources} />
      <CalendarView
        view="dayGridMonth"
        date={date}
        now={localTime(Date.now(), zone)}
        events={events}
        label={`Month of ${person.userId} as ${person.role}`}
        options={options}
      />
    </>
  );
}

function dayOf(day: Date): string {
  return day.toISOString().slice(0, 10);
}

/** Return the content of a day. Its texts are numbers and words of the service's statuses. */
function dayText(number: string, day: Month["days"][number] | undefined): string {
  if (!day) return number;
  const slots = day.totalSlots ? `${day.availableSlots}/${day.totalSlots} free` : "";
  const holiday = day.holidays.length ? "Holiday" : "";
  const text = [slots, holiday].filter(Boolean).join(", ") || STATUS_TEXTS[day.status] || words(day.status);
  return `<b>${Number(number)}</b> <span class="day-text">${text}</span>`;
}
