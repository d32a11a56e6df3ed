// Local times of a zone. FullCalendar gets local times as if they were UTC, so that any zone works.

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let known = FORMATS.get(zone);
  if (!known) {
    known = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    FORMATS.set(zone, known);
  }
  return known;
}

/** Return an instant as local time of the zone: 2026-03-02T09:00:00. */
export function localTime(instant: string | number | Date, zone: string): string {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(new Date(instant))
      .map((each) => [each.type, each.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}`;
}

function offset(milliseconds: number, zone: string): number {
  const whole = Math.floor(milliseconds / 1000) * 1000;
  return Date.parse(`${localTime(whole, zone)}Z`) - whole;
}

/** Return the instant of a local time as text in UTC; a time that a clock change skips moves on. */
export function instantOf(local: string, zone: string): string {
  const asUtc = Date.parse(`${local.slice(0, 19)}Z`);
  const first = asUtc - offset(asUtc, zone);
  const second = asUtc - offset(first, zone);
  return new Date(second).toISOString().replace(".000Z", "Z");
}

export function isZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Return the date that is some days later: 2026-03-02 and 7 are 2026-03-09. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Return the Monday of the date's week. */
export function mondayOf(date: string): string {
  return plusDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** Return the first day of a month that is some months later. */
export function plusMonths(date: string, months: number): string {
  const first = new Date(`${date.slice(0, 7)}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + months);
  return first.toISOString().slice(0, 10);
}

/** Return local times for people: Mon 2 Mar 2026, 09:00–10:00. */
export function shownTimes(start: string, end: string, zone: string): string {
  const day = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(new Date(start));
  return `${day}, ${clock(start, zone)}–${clock(end, zone)}`;
}

export function shownInstant(instant: string, zone: string): string {
  return localTime(instant, zone).slice(0, 16).replace("T", " ");
}

export function clock(instant: string, zone: string): string {
  return localTime(instant, zone).slice(11, 16);
}
