// Weekly windows as times of a week in another zone, for the background of the week's view.

import type { RoleAvailability, Window } from "./types";
import { instantOf, localTime, plusDays } from "./zones";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export const WEEKDAYS = [...DAYS.slice(1), "sunday"];

/** Return the windows of the days `first` to `last`, both included, in local times of `zone`. */
export function windowTimes(
  availability: RoleAvailability,
  first: string,
  last: string,
  zone: string,
): { start: string; end: string }[] {
  const times = [];
  // Windows are local to their own zone: those of the days before and after may reach in.
  for (let day = plusDays(first, -1); day <= plusDays(last, 1); day = plusDays(day, 1)) {
    const name = DAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? "";
    for (const window of availability.availability[name] ?? []) {
      const own = window.timezone ?? availability.timezone;
      const start = instantOf(`${day}T${window.startTime}:00`, own);
      const end = instantOf(`${endDay(day, window)}T${endTime(window)}:00`, own);
      times.push({ start: localTime(start, zone), end: localTime(end, zone) });
    }
  }
  return times;
}

function endTime(window: Window): string {
  return window.endTime === "24:00" ? "00:00" : window.endTime;
}

function endDay(day: string, window: Window): string {
  return endTime(window) <= window.startTime ? plusDays(day, 1) : day;
}

/** Return windows as text: 09:00-12:00, 13:00-17:30. */
export function windowsText(windows: Window[]): string {
  return windows.map((each) => `${each.startTime}-${each.endTime}`).join(", ");
}

/** Return the windows of a text. Windows of `before` with the same times keep their zone. */
export function parseWindows(text: string, before: Window[] = []): Window[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)
    .map((each) => {
      const match = /^(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})$/.exec(each);
      if (!match) throw new Error(`“${each}” is not a window. Write 09:00-17:00.`);
      const [startTime, endTime] = [match[1] ?? "", match[2] ?? ""].map((time) => time.padStart(5, "0"));
      const same = before.find((old) => old.startTime === startTime && old.endTime === endTime);
      const timezone = same?.timezone;
      return { startTime: startTime ?? "", endTime: endTime ?? "", ...(timezone ? { timezone } : {}) };
    });
}
