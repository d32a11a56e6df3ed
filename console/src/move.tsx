// Moving a session, after a drag or with the keyboard. Conflicts are shown as the API returns them.

import { useEffect, useState } from "preact/hooks";
import { ApiError, messageOf } from "./api";
import { type Context, useLoaded } from "./context";
import type { Session, Times } from "./types";
import { Dialog, Shown } from "./ui";
import { shownTimes } from "./zones";

export interface Move extends Times {
  sessionId: string;
  /** Undo what the calendar shows, if the session is not moved. */
  revert?(): void;
}

interface MoveProps {
  context: Context;
  move: Move;
  onClose(): void;
}

export function MoveDialog({ context, move, onClose }: MoveProps) {
  const { api, zone } = context;
  const loaded = useLoaded(() => api.get<Session>(`/api/v1/events/${move.sessionId}`), [move]);
  const [times, setTimes] = useState<Times>(move);
  const [conflict, setConflict] = useState<ApiError | null>(null);
  useEffect(() => setTimes(move), [move]);
  const cancel = () => {
    move.revert?.();
    onClose();
  };
  const send = async (session: Session, wanted: Times, allowConflicts = false) => {
    setTimes(wanted);
    try {
      const { data } = await api.send<Session>("PUT", "/api/v1/events", {
        sessionId: session.sessionId,
        startTime: wanted.startTime,
        endTime: wanted.endTime,
        owner: session.owner,
        coachId: session.coachId,
        learnerId: session.learnerId,
        ...(session.adminId ? { adminId: session.adminId } : {}),
        expectedVersion: session.version,
        ...(allowConflicts ? { allowConflicts } : {}),
      });
      context.say(["Session moved.", ...data.warnings].join(" "));
      context.changed();
      onClose();
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) setConflict(error);
      else {
        context.say(messageOf(error), "failed");
        cancel();
      }
    }
  };
  return (
    <Dialog title="Move the session" onClose={cancel}>
      <Shown loaded={loaded}>
        {(session) => (
          <>
            <p>
              {session.title}: from {shownTimes(session.startTime, session.endTime, zone)} to{" "}
              <strong>{shownTimes(times.startTime, times.endTime, zone)}</strong>.
            </p>
            {conflict && (
              <Conflict
                context={context}
                conflict={conflict}
                onTimes={(wanted) => void send(session, wanted)}
              />
            )}
            <div class="row">
              <button type="button" class="main" onClick={() => void send(session, times)}>
                {conflict ? "Try again" : "Move"}
              </button>
              {conflict && context.isAdmin && (
                <button type="button" onClick={() => void send(session, times, true)}>
                  Move despite the conflict
                </button>
              )}
              <button type="button" onClick={cancel}>
                Keep the old time
              </button>
            </div>
          </>
        )}
      </Shown>
    </Dialog>
  );
}

interface ConflictProps {
  context: Context;
  conflict: ApiError;
  onTimes(times: Times): void;
}

/** The API's message, and the alternatives as buttons. */
export function Conflict({ context, conflict, onTimes }: ConflictProps) {
  return (
    <div class="problem" role="alert">
      <p>
        {conflict.message} <code>{conflict.code}</code>
      </p>
      {conflict.alternatives.length > 0 && (
        <ul class="row" aria-label="Alternatives">
          {conflict.alternatives.map((each) => (
            <li key={each.startTime}>
              <button type="button" onClick={() => onTimes(each)}>
                {shownTimes(each.startTime, each.endTime, context.zone)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
