// The queue of sessions that wait for approval.

import { type Context, attempt, useLoaded } from "./context";
import type { ListedSession } from "./types";
import { Shown } from "./ui";
import { shownTimes } from "./zones";

export function PendingView({ context }: { context: Context }) {
  const { api, open, version, zone } = context;
  const loaded = useLoaded(
    () =>
      api.get<{ sessions: ListedSession[]; cursor: string | null }>("/api/v1/sessions", {
        status: "PENDING_APPROVAL",
        limit: 100,
      }),
    [version],
  );
  const send = (action: string, sessionId: string) =>
    void attempt(context, () => api.send("POST", `/api/v1/events/${action}`, { sessionId }));
  return (
    <section aria-labelledby="pending-title">
      <h2 id="pending-title">Sessions that wait for approval</h2>
      <Shown loaded={loaded}>
        {({ sessions, cursor }) => (
          <>
            {sessions.length === 0 && <p>No session waits for approval.</p>}
            <ul class="cards">
              {sessions.map((each) => (
                <li key={each.sessionId} class="card">
                  <h3>{each.title}</h3>
                  <p>
                    {shownTimes(each.startTime, each.endTime, zone)}
                    <br />
                    {each.coachId.join(", ")} with {each.learnerId.join(", ")}
                  </p>
                  <div class="row">
                    <button
                      type="button"
                      class="main"
                      onClick={() => send("approve", each.sessionId)}
                    >
                      Approve
                    </button>
                    <button type="button" onClick={() => send("decline", each.sessionId)}>
                      Decline
                    </button>
                    <button type="button" onClick={() => open(each.sessionId)}>
                      Details, or decline with a reason
                    </button>
                  </div>
                </li>
              ))}
            </ul>
            {cursor && <p>There are more. They follow when these are decided.</p>}
          </>
        )}
      </Shown>
    </section>
  );
}
