// The slot finder: bookable times of any people, and why other times are not available.

import { useState } from "preact/hooks";
import { BookDialog, type Booking } from "./book";
import { type Context, useLoaded } from "./context";
import type { ExplainedTime, Slot, SlotDay } from "./types";
import { Field, Form, Select, Shown, Unread, words } from "./ui";
import { clock, localTime } from "./zones";

interface Wanted {
  date: string;
  coaches: string;
  learners: string;
  duration: string;
  role: "Coach" | "Learner";
}

export function idsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

export function FinderView({ context }: { context: Context }) {
  const { person, zone } = context;
  const [wanted, setWanted] = useState<Wanted>({
    date: localTime(Date.now() + 86_400_000, zone).slice(0, 10),
    coaches: person.role === "Coach" ? person.userId : "",
    learners: person.role === "Learner" ? person.userId : "",
    duration: "",
    role: person.role,
  });
  const [asked, setAsked] = useState<Wanted | null>(null);
  const set = (name: keyof Wanted) => (value: string) => setWanted({ ...wanted, [name]: value });
  return (
    <section aria-labelledby="finder-title">
      <h2 id="finder-title">Find a slot</h2>
      <Form label="Find a slot" onSubmit={() => setAsked({ ...wanted })}>
        <div class="fields">
          <Field label="Date" type="date" required value={wanted.date} onValue={set("date")} />
          <Field
            label="Coaches"
            value={wanted.coaches}
            onValue={set("coaches")}
            hint="User ids, separated by commas"
          />
          <Field label="Learners" value={wanted.learners} onValue={set("learners")} />
          <Field
            label="Minutes"
            type="number"
            min={5}
            max={480}
            value={wanted.duration}
            onValue={set("duration")}
            hint="Empty: the organization's length"
          />
          <Select
            label="As seen by"
            value={wanted.role}
            options={["Coach", "Learner"]}
            onValue={set("role")}
          />
        </div>
        <button type="submit" class="main">
          Find slots
        </button>
      </Form>
      {asked && <Found context={context} wanted={asked} />}
    </section>
  );
}

function Found({ context, wanted }: { context: Context; wanted: Wanted }) {
  const { api, isAdmin, zone, version } = context;
  const [booking, setBooking] = useState<Booking | null>(null);
  const [coaches, learners] = [idsOf(wanted.coaches), idsOf(wanted.learners)];
  const loaded = useLoaded(() => {
    const people = isAdmin
      ? { coachIds: coaches.join(","), learnerIds: learners.join(",") }
      : { coachId: coaches.join(","), learnerId: learners.join(",") };
    return api.get<SlotDay>(`/api/v1/available-slots${isAdmin ? "-admin" : ""}`, {
      date: wanted.date,
      role: wanted.role,
      timezone: zone,
      duration: wanted.duration || undefined,
      explain: true,
      ...people,
    });
  }, [wanted, zone, version]);
  return (
    <>
      <Shown loaded={loaded}>
        {(day) => (
          <>
            <Unread sources={day.sources} />
            <Slots
              slots={day.slots}
              zone={zone}
              onBook={(slot) => setBooking({ ...slot, coaches, learners })}
            />
            <Reasons times={day.explanation ?? []} zone={zone} />
          </>
        )}
      </Shown>
      {booking && (
        <BookDialog context={context} booking={booking} onClose={() => setBooking(null)} />
      )}
    </>
  );
}

function Slots({ slots, zone, onBook }: { slots: Slot[]; zone: string; onBook(slot: Slot): void }) {
  const free = slots.filter((each) => each.available).length;
  return (
    <>
      <h3>
        Slots ({free} of {slots.length} available)
      </h3>
      {slots.length === 0 && <p>No window is open on this day.</p>}
      <ul class="slots">
        {slots.map((each) => (
          <li key={each.startTime}>
            <button
              type="button"
              class={`slot ${each.color}`}
              onClick={() => onBook(each)}
              aria-label={`Book ${clock(each.startTime, zone)} to ${clock(each.endTime, zone)}, ${each.status}`}
            >
              <b>
                {clock(each.startTime, zone)}–{clock(each.endTime, zone)}
              </b>
              <span>{words(each.status)}</span>
              {each.blockedBy.length > 0 && <small>by {each.blockedBy.join(" and ")}</small>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Reasons({ times, zone }: { times: ExplainedTime[]; zone: string }) {
  const runs = runsOf(times.filter((each) => !each.available));
  if (!runs.length) return null;
  return (
    <details>
      <summary>Why other times are not available</summary>
      <div class="wide">
        <table>
          <caption class="quiet">Start times of the grid, with the reasons per person</caption>
          <thead>
            <tr>
              <th scope="col">Starts</th>
              <th scope="col">Reasons</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.first.startTime}>
                <td>
                  {clock(run.first.startTime, zone)}
                  {run.last !== run.first && `–${clock(run.last.startTime, zone)}`}
                </td>
                <td>{run.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface Run {
  first: ExplainedTime;
  last: ExplainedTime;
  text: string;
}

/** Join times that follow each other and have the same reasons. */
function runsOf(times: ExplainedTime[]): Run[] {
  const runs: Run[] = [];
  for (const each of times) {
    const text = each.reasons
      .map(({ role, reason }) => `${role ?? "organization"}: ${words(reason).toLowerCase()}`)
      .join("; ");
    const before = runs.at(-1);
    if (before && before.text === text) before.last = each;
    else runs.push({ first: each, last: each, text });
  }
  return runs;
}
