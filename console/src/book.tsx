// Booking a session.

import { useState } from "preact/hooks";
import { ApiError, messageOf } from "./api";
import type { Context } from "./context";
import { Conflict } from "./move";
import type { Session, Times } from "./types";
import { Check, Dialog, Field, Form } from "./ui";
import { shownTimes } from "./zones";

export interface Booking extends Times {
  coaches: string[];
  learners: string[];
}

interface BookProps {
  context: Context;
  booking: Booking;
  onClose(): void;
}

/** Return who owns a session that the caller books: the highest of the caller's roles. */
function ownerOf({ me }: Context): string {
  if (me.roles.includes("Admin")) return "ADMIN";
  return me.roles.includes("Coach") ? "COACH" : "COACHEE";
}

export function BookDialog({ context, booking, onClose }: BookProps) {
  const { api, zone, me } = context;
  const owner = ownerOf(context);
  const [times, setTimes] = useState<Times>(booking);
  const [title, setTitle] = useState("Coaching session");
  const [emails, setEmails] = useState<Record<string, string>>({});
  const [isApproved, setApproved] = useState(owner !== "COACHEE");
  const [allowConflicts, setAllowConflicts] = useState(false);
  const [conflict, setConflict] = useState<ApiError | null>(null);
  const [sessionId] = useState(() => `console-${crypto.randomUUID().slice(0, 18)}`);
  const people = [...booking.coaches, ...booking.learners];
  const book = async (wanted: Times) => {
    setTimes(wanted);
    try {
      const { data } = await api.send<Session>("POST", "/api/v1/events", {
        sessionId,
        title,
        startTime: wanted.startTime,
        endTime: wanted.endTime,
        timezone: zone,
        owner,
        coachId: booking.coaches,
        learnerId: booking.learners,
        adminId: owner === "ADMIN" ? me.userId : undefined,
        autoApproval: isApproved,
        allowConflicts,
        contacts: people
          .filter((each) => emails[each])
          .map((each) => ({ userId: each, email: emails[each] })),
      });
      context.say(["Session booked.", ...data.warnings].join(" "));
      context.changed();
      onClose();
      context.open(data.sessionId);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) setConflict(error);
      else context.say(messageOf(error), "failed");
    }
  };
  return (
    <Dialog title="Book a session" onClose={onClose}>
      <Form onSubmit={() => void book(times)}>
        <p>
          <strong>{shownTimes(times.startTime, times.endTime, zone)}</strong> ({zone}), coaches{" "}
          {booking.coaches.join(", ") || "none"}, learners {booking.learners.join(", ") || "none"}
        </p>
        {conflict && (
          <Conflict context={context} conflict={conflict} onTimes={(wanted) => void book(wanted)} />
        )}
        <Field label="Title" required maxLength={200} value={title} onValue={setTitle} />
        {owner !== "COACHEE" &&
          people.map((each) => (
            <Field
              key={each}
              label={`Mail address of ${each}`}
              type="email"
              value={emails[each] ?? ""}
              onValue={(value) => setEmails({ ...emails, [each]: value })}
              hint="For an invitation, if no calendar is connected"
            />
          ))}
        {owner !== "COACHEE" && (
          <Check label="Approved at once" checked={isApproved} onValue={setApproved} />
        )}
        {context.isAdmin && (
          <Check label="Despite conflicts" checked={allowConflicts} onValue={setAllowConflicts} />
        )}
        <button type="submit" class="main">
          Book
        </button>
      </Form>
    </Dialog>
  );
}
