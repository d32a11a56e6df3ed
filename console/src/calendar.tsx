// FullCalendar in a component. It gets and returns local times, see zones.ts.

import { Calendar, type CalendarOptions, type EventInput } from "@fullcalendar/core";
import dayGrid from "@fullcalendar/daygrid";
import interaction from "@fullcalendar/interaction";
import timeGrid from "@fullcalendar/timegrid";
import { useEffect, useRef } from "preact/hooks";

interface CalendarProps {
  view: "dayGridMonth" | "timeGridWeek" | "timeGridDay";
  date: string;
  now: string;
  events: EventInput[];
  label: string;
  options: CalendarOptions;
}

const HOURS = { hour: "2-digit", minute: "2-digit", hour12: false } as const;

export function CalendarView({ view, date, now, events, label, options }: CalendarProps) {
  const place = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar | null>(null);

  useEffect(() => {
    if (!place.current) return undefined;
    const made = new Calendar(place.current, {
      plugins: [dayGrid, timeGrid, interaction],
      timeZone: "UTC",
      locale: "en-gb",
      firstDay: 1,
      headerToolbar: false,
      height: "auto",
      nowIndicator: true,
      eventInteractive: true,
      eventTimeFormat: HOURS,
      slotLabelFormat: HOURS,
      scrollTime: "07:00:00",
      slotEventOverlap: false,
      allDayText: "All day",
      initialView: view,
      initialDate: date,
      now,
      ...options,
    });
    made.render();
    calendar.current = made;
    return () => made.destroy();
  }, [view]);

  useEffect(() => {
    const made = calendar.current;
    if (!made) return;
    made.batchRendering(() => {
      made.setOption("now", now);
      for (const [name, value] of Object.entries(options)) {
        made.setOption(name as keyof CalendarOptions, value as never);
      }
      made.gotoDate(date);
      made.removeAllEvents();
      for (const each of events) made.addEvent(each);
    });
  }, [view, date, now, events, options]);

  return <div class="calendar" ref={place} role="group" aria-label={label} />;
}
