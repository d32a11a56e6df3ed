// Domain events as they happen, where the service lists them.

import { useEffect, useState } from "preact/hooks";
import { messageOf } from "./api";
import type { Context } from "./context";
import type { Change } from "./types";
import { shownInstant } from "./zones";

export const CHANGES = "/api/v1/changes";
const EVERY_MS = 3000;
const KEPT = 200;

interface Page {
  changes: Change[];
  cursor: string | null;
  hasMore: boolean;
}

export function ChangesView({ context }: { context: Context }) {
  const { api, open, zone } = context;
  const [changes, setChanges] = useState<Change[]>([]);
  const [error, setError] = useState("");
  useEffect(() => {
    let isCurrent = true;
    let timer = 0;
    let cursor: string | undefined;
    const look = async () => {
      try {
        const page = await api.get<Page>(CHANGES, { since: cursor, limit: 100 });
        if (!isCurrent) return;
        cursor = page.cursor ?? cursor;
        setError("");
        setChanges((before) => [...page.changes.toReversed(), ...before].slice(0, KEPT));
        timer = window.setTimeout(look, page.hasMore ? 0 : EVERY_MS);
      } catch (failure) {
        if (!isCurrent) return;
        setError(messageOf(failure));
        timer = window.setTimeout(look, EVERY_MS);
      }
    };
    void look();
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [api]);
  return (
    <section aria-labelledby="changes-title">
      <h2 id="changes-title">Domain events</h2>
      {error && <p class="problem">{error}</p>}
      {changes.length === 0 && !error && <p>No event yet.</p>}
      <ul class="cards" aria-live="polite">
        {changes.map((each) => (
          <li key={each.id} class="card">
            <b>{each.type}</b> {shownInstant(each.occurredAt, zone)}{" "}
            {each.subject.kind === "session" ? (
              <button type="button" onClick={() => open(each.subject.id)}>
                {each.subject.id}
              </button>
            ) : (
              <span>
                {each.subject.kind} {each.subject.id}
              </span>
            )}
            <details>
              <summary>Data</summary>
              <pre>{JSON.stringify(each.data, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
