// The simulated calendars side by side, which can be edited as their owners would.

import { useState } from "preact/hooks";
import { type Context, attempt, useLoaded } from "./context";
import { Dialog, Field, Form, Shown, words } from "./ui";
import { instantOf, localTime, shownTimes } from "./zones";

interface Entry {
  id: string;
  title: string;
  start: string;
  end: string;
}

interface OwnersCalendar {
  path: string;
  provider: string;
  account: string;
  entries: Entry[];
}

interface Editing {
  calendar: OwnersCalendar;
  entry: Entry | null;
}

export function CalendarsView({ context }: { context: Context }) {
  const { api, changed, version, zone } = context;
  const loaded = useLoaded(() => api.get<OwnersCalendar[]>("/_local/calendars"), [version]);
  const [editing, setEditing] = useState<Editing | null>(null);
  return (
    <section aria-labelledby="owners-title">
      <div class="row">
        <h2 id="owners-title">Calendars as their owners see them</h2>
        <button type="button" onClick={changed}>
          Load again
        </button>
      </div>
      <Shown loaded={loaded}>
        {(calendars) => (
          <div class="columns">
            {calendars.map((calendar) => (
              <section
                key={calendar.path}
                class="card"
                aria-label={`${words(calendar.provider)} ${calendar.account}`}
              >
                <h3>
                  {words(calendar.provider)}: {calendar.account}
                </h3>
                {calendar.entries.length === 0 && <p>No entries.</p>}
                <ul>
                  {calendar.entries.map((entry) => (
                    <li key={entry.id + entry.start}>
                      <button
                        type="button"
                        class="link"
                        onClick={() => setEditing({ calendar, entry })}
                      >
                        {entry.title || "(no title)"}
                      </button>{" "}
                      {shownTimes(entry.start, entry.end, zone)}
                    </li>
                  ))}
                </ul>
                <button
                  type="button"
                  aria-label={`Add an entry to ${words(calendar.provider)} ${calendar.account}`}
                  onClick={() => setEditing({ calendar, entry: null })}
                >
                  Add an entry
                </button>
              </section>
            ))}
          </div>
        )}
      </Shown>
      {editing && (
        <EntryDialog context={context} editing={editing} onClose={() => setEditing(null)} />
      )}
    </section>
  );
}

interface EntryProps {
  context: Context;
  editing: Editing;
  onClose(): void;
}

function EntryDialog({ context, editing: { calendar, entry }, onClose }: EntryProps) {
  const { api, zone } = context;
  const tomorrow = localTime(Date.now() + 86_400_000, zone).slice(0, 10);
  const [title, setTitle] = useState(entry?.title ?? "Private");
  const [start, setStart] = useState(entry ? localTime(entry.start, zone) : `${tomorrow}T10:00:00`);
  const [end, setEnd] = useState(entry ? localTime(entry.end, zone) : `${tomorrow}T11:00:00`);
  const path = entry ? `${calendar.path}/${encodeURIComponent(entry.id)}` : calendar.path;
  const send = async (method: string, body?: object) => {
    if (await attempt(context, () => api.send(method, path, body))) onClose();
  };
  const whole = (time: string) => instantOf(`${time.slice(0, 16)}:00`, zone);
  return (
    <Dialog title={entry ? "Change the entry" : "Add an entry"} onClose={onClose}>
      <Form
        onSubmit={() =>
          void send(entry ? "PUT" : "POST", { title, start: whole(start), end: whole(end) })
        }
      >
        <Field label="Title" value={title} onValue={setTitle} />
        <Field
          label="Start"
          type="datetime-local"
          required
          value={start.slice(0, 16)}
          onValue={setStart}
        />
        <Field
          label="End"
          type="datetime-local"
          required
          value={end.slice(0, 16)}
          onValue={setEnd}
        />
        <div class="row">
          <button type="submit" class="main">
            Save
          </button>
          {entry && (
            <button type="button" class="danger" onClick={() => void send("DELETE")}>
              Delete
            </button>
          )}
        </div>
      </Form>
    </Dialog>
  );
}
