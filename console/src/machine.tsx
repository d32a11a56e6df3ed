// One machine only: simulated calendars, sent mail, the clock and faults.

import { useState } from "preact/hooks";
import { type Context, attempt, useLoaded } from "./context";
import { CalendarsView } from "./owners";
import { Field, Form, Select, Shown, words } from "./ui";
import { instantOf, localTime, shownInstant } from "./zones";

export function MachineView({ context }: { context: Context }) {
  return (
    <>
      <Clock context={context} />
      <Faults context={context} />
      <CalendarsView context={context} />
      <Mails context={context} />
    </>
  );
}

function Clock({ context }: { context: Context }) {
  const { api, version, zone } = context;
  const loaded = useLoaded(
    () => api.get<{ now: string; isFixed: boolean }>("/_local/clock"),
    [version],
  );
  const [time, setTime] = useState("");
  const set = (now: string | null) =>
    void attempt(context, () => api.send("POST", "/_local/clock", { now }));
  return (
    <section aria-labelledby="clock-title">
      <h2 id="clock-title">Clock</h2>
      <Shown loaded={loaded}>
        {({ now, isFixed }) => (
          <p>
            The service's time is <b>{shownInstant(now, zone)}</b>
            {isFixed ? ", fixed." : ", the real time."}
          </p>
        )}
      </Shown>
      <Form label="Set the clock" onSubmit={() => set(instantOf(`${time}:00`, zone))}>
        <div class="fields">
          <Field
            label={`New time (${zone})`}
            type="datetime-local"
            required
            value={time || localTime(Date.now(), zone).slice(0, 16)}
            onValue={setTime}
          />
          <button type="submit">Set</button>
          <button type="button" onClick={() => set(null)}>
            Real time
          </button>
        </div>
      </Form>
    </section>
  );
}

interface FaultsOn {
  faults: Record<string, string | null>;
  kinds: string[];
}

function Faults({ context }: { context: Context }) {
  const { api, version } = context;
  const loaded = useLoaded(() => api.get<FaultsOn>("/_local/faults"), [version]);
  const set = (provider: string, fault: string) =>
    void attempt(context, async () => {
      await api.send("POST", "/_local/faults", { provider, fault: fault || null });
      return { message: `${words(provider)}: ${fault ? words(fault).toLowerCase() : "no fault"}.` };
    });
  return (
    <section aria-labelledby="faults-title">
      <h2 id="faults-title">Faults of providers</h2>
      <Shown loaded={loaded}>
        {({ faults, kinds }) => (
          <div class="fields">
            {Object.entries(faults).map(([provider, fault]) => (
              <Select
                key={provider}
                label={words(provider)}
                value={fault ?? ""}
                options={[["", "No fault"], ...kinds.map((each) => [each, words(each)] as const)]}
                onValue={(value) => set(provider, value)}
              />
            ))}
          </div>
        )}
      </Shown>
    </section>
  );
}

interface Mail {
  messageId: string;
  to: string;
  subject: string;
}

const REPORTS = ["delivery", "bounce", "complaint", "delay"];

function Mails({ context }: { context: Context }) {
  const { api, changed, version } = context;
  const loaded = useLoaded(() => api.get<Mail[]>("/_local/mail"), [version]);
  const [shown, setShown] = useState<Mail | null>(null);
  const report = (mail: Mail, name: string) =>
    void attempt(context, () => api.send("POST", `/_local/mail/${mail.messageId}/${name}`));
  return (
    <section aria-labelledby="mails-title">
      <div class="row">
        <h2 id="mails-title">Sent mail</h2>
        <button type="button" onClick={changed}>
          Load again
        </button>
      </div>
      <Shown loaded={loaded}>
        {(mails) => (
          <>
            {mails.length === 0 && <p>No mail was sent.</p>}
            <ul class="cards">
              {mails.toReversed().map((mail) => (
                <li key={mail.messageId} class="card">
                  <b>{mail.subject}</b> to {mail.to}
                  <div class="row">
                    <button type="button" onClick={() => setShown(mail)}>
                      Show
                    </button>
                    {REPORTS.map((name) => (
                      <button
                        key={name}
                        type="button"
                        aria-label={`Report ${name} of ${mail.subject} to ${mail.to}`}
                        onClick={() => report(mail, name)}
                      >
                        {words(name)}
                      </button>
                    ))}
                  </div>
                  {shown?.messageId === mail.messageId && (
                    <iframe
                      class="mail"
                      title={`Mail: ${mail.subject}`}
                      src={`_local/mail/${mail.messageId}/html`}
                      sandbox=""
                    />
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </Shown>
    </section>
  );
}
