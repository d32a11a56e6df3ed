// One session: its people, copies, invitations and history, and what can be done with it.

import { useState } from "preact/hooks";
import { type Context, attempt, useLoaded } from "./context";
import { type Move, MoveDialog } from "./move";
import type { InviteStatus, Session } from "./types";
import { Dialog, Field, Form, Shown, Status, words } from "./ui";
import { instantOf, localTime, shownInstant, shownTimes } from "./zones";

interface SessionProps {
  context: Context;
  sessionId: string;
  onClose(): void;
}

interface SessionData {
  session: Session;
  invites: InviteStatus;
}

export function SessionDialog({ context, sessionId, onClose }: SessionProps) {
  const { api, version } = context;
  const loaded = useLoaded<SessionData>(async () => {
    const [session, invites] = await Promise.all([
      api.get<Session>(`/api/v1/events/${sessionId}`),
      api.get<InviteStatus>(`/api/v1/events/${sessionId}/invite-status`),
    ]);
    return { session, invites };
  }, [sessionId, version]);
  return (
    <Dialog title={loaded.data?.session.title ?? "Session"} onClose={onClose}>
      <Shown loaded={loaded}>
        {({ session, invites }) => (
          <>
            <Facts context={context} session={session} />
            <Actions key={session.version} context={context} session={session} />
            <Copies context={context} session={session} />
            <Invites context={context} session={session} invites={invites} />
            <History context={context} session={session} />
            <button type="button" onClick={context.changed}>
              Load again
            </button>
          </>
        )}
      </Shown>
    </Dialog>
  );
}

interface PartProps {
  context: Context;
  session: Session;
}

function Facts({ context: { zone }, session }: PartProps) {
  return (
    <dl>
      <dt>Status</dt>
      <dd>
        <Status status={session.status} />
        {session.reason && <span> {session.reason}</span>}
        {session.pendingUntil && <span> until {shownInstant(session.pendingUntil, zone)}</span>}
      </dd>
      <dt>Time</dt>
      <dd>
        {shownTimes(session.startTime, session.endTime, zone)} ({zone})
      </dd>
      <dt>Coaches</dt>
      <dd>{session.coachId.join(", ") || "none"}</dd>
      <dt>Learners</dt>
      <dd>{session.learnerId.join(", ") || "none"}</dd>
      {session.location && (
        <>
          <dt>Place</dt>
          <dd>{session.location}</dd>
        </>
      )}
      {session.warnings.length > 0 && (
        <>
          <dt>Warnings</dt>
          <dd>{session.warnings.join(" ")}</dd>
        </>
      )}
    </dl>
  );
}

function Actions({ context, session }: PartProps) {
  const { api, isAdmin, zone } = context;
  const [reason, setReason] = useState("");
  const [move, setMove] = useState<Move | null>(null);
  const [start, setStart] = useState(localTime(session.startTime, zone).slice(0, 16));
  if (!["SCHEDULED", "PENDING_APPROVAL"].includes(session.status)) return null;
  const send = (action: string, more: object = {}) =>
    attempt(context, () =>
      api.send("POST", `/api/v1/events/${action}`, {
        sessionId: session.sessionId,
        expectedVersion: session.version,
        ...more,
      }),
    );
  const withReason = reason ? { reason } : {};
  const isPending = session.status === "PENDING_APPROVAL" && isAdmin;
  const length = Date.parse(session.endTime) - Date.parse(session.startTime);
  const moveTo = () => {
    const startTime = instantOf(`${start}:00`, zone);
    const endTime = new Date(Date.parse(startTime) + length).toISOString().replace(".000Z", "Z");
    setMove({ sessionId: session.sessionId, startTime, endTime });
  };
  return (
    <>
      <Form label="Move" onSubmit={moveTo}>
        <div class="fields">
          <Field
            label={`New start (${zone})`}
            type="datetime-local"
            required
            value={start}
            onValue={setStart}
          />
          <button type="submit">Move …</button>
        </div>
      </Form>
      <div class="fields">
        <Field label="Reason" maxLength={500} value={reason} onValue={setReason} />
        {isPending && (
          <button type="button" class="main" onClick={() => void send("approve")}>
            Approve
          </button>
        )}
        {isPending && (
          <button type="button" onClick={() => void send("decline", withReason)}>
            Decline
          </button>
        )}
        <button type="button" class="danger" onClick={() => void send("cancel", withReason)}>
          Cancel the session
        </button>
      </div>
      {move && <MoveDialog context={context} move={move} onClose={() => setMove(null)} />}
    </>
  );
}

function Copies({ context: { zone }, session }: PartProps) {
  return (
    <>
      <h3>Copies in calendars</h3>
      {session.sync.length === 0 ? (
        <p>No calendar has, had or will get this session.</p>
      ) : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col">Calendar</th>
                <th scope="col">State</th>
                <th scope="col">Since</th>
              </tr>
            </thead>
            <tbody>
              {session.sync.map((each) => (
                <tr key={each.userId + each.connectionId}>
                  <td>{each.userId}</td>
                  <td>{each.provider ?? "connected"}</td>
                  <td>
                    {words(each.state)}
                    {each.error && <small> {each.error}</small>}
                  </td>
                  <td>{shownInstant(each.updatedAt, zone)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Invites({ context, session, invites }: PartProps & { invites: InviteStatus }) {
  const resend = (body: object) =>
    void attempt(context, async () => {
      const path = `/api/v1/events/${session.sessionId}/resend-invites`;
      const { data } = await context.api.send<{
        resent: string[];
        skipped: { email: string; reason: string }[];
      }>("POST", path, body);
      const skipped = data.skipped.map((each) => `${each.email} was not resent: ${each.reason}.`);
      const sent = data.resent.length ? `Sent again to ${data.resent.join(", ")}.` : "";
      return { message: [sent, ...skipped].filter(Boolean).join(" ") || "Nothing to resend." };
    });
  return (
    <>
      <h3>Invitations by mail</h3>
      {invites.unreachable.map((each) => (
        <p key={each.userId} class="problem">
          {each.userId} ({each.role}) has no working calendar and no known address.
        </p>
      ))}
      {invites.recipients.length === 0 ? (
        <p>No one is invited by mail.</p>
      ) : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Recipient</th>
                <th scope="col">Delivery</th>
                <th scope="col">Response</th>
                <th scope="col">Resend</th>
              </tr>
            </thead>
            <tbody>
              {invites.recipients.map((each) => (
                <tr key={each.email}>
                  <td>
                    {each.name ?? each.userId} {each.email}
                  </td>
                  <td>
                    {words(each.status)}
                    {each.method === "CANCEL" && " (cancellation)"}
                    {each.diagnostic && <small> {each.diagnostic}</small>}
                  </td>
                  <td>{each.response ? responseText(each.response) : "–"}</td>
                  <td>
                    <button
                      type="button"
                      aria-label={`Resend to ${each.email}`}
                      onClick={() => resend({ recipients: [each.email] })}
                    >
                      Resend
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <button type="button" onClick={() => resend({})}>
            Resend all that failed
          </button>
        </div>
      )}
    </>
  );
}

function responseText(response: string): string {
  return response === "needsAction" ? "No answer yet" : words(response);
}

function History({ context: { zone }, session }: PartProps) {
  if (!session.audit?.length) return null;
  return (
    <>
      <h3>History</h3>
      <ul>
        {session.audit.map((each) => (
          <li key={each.action + each.at}>
            {shownInstant(each.at, zone)}: {each.action} by {each.by} ({each.role})
            {each.note && `: ${each.note}`}
          </li>
        ))}
      </ul>
    </>
  );
}
