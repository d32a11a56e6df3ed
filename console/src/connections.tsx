// A person's connected accounts, their calendars and their health.

import { useState } from "preact/hooks";
import { type Context, attempt, otherUser, useLoaded } from "./context";
import type { AccountCalendar, Connection } from "./types";
import { Check, Field, Form, Shown, words } from "./ui";
import { shownInstant } from "./zones";

const CHOICES = "/api/v1/connections/{connectionId}";

export function ConnectionsView({ context }: { context: Context }) {
  const { api, person, version } = context;
  const isOwn = otherUser(context) === undefined;
  const loaded = useLoaded(
    () => api.get<Connection[]>("/api/v1/connections", { userId: otherUser(context) }),
    [person.userId, version],
  );
  return (
    <section aria-labelledby="connections-title">
      <h2 id="connections-title">Connections of {person.userId}</h2>
      <Shown loaded={loaded}>
        {(connections) => (
          <>
            {connections.length === 0 && <p>No calendar is connected.</p>}
            <ul class="cards">
              {connections.map((each) => (
                <li key={each.id} class="card">
                  <Health context={context} connection={each} />
                  <Calendars context={context} connection={each} />
                  {isOwn && <Disconnect context={context} connection={each} />}
                </li>
              ))}
            </ul>
          </>
        )}
      </Shown>
      {isOwn && <Connect context={context} />}
    </section>
  );
}

interface ConnectionProps {
  context: Context;
  connection: Connection;
}

function Health({ context: { zone }, connection }: ConnectionProps) {
  const error = connection.lastError;
  return (
    <>
      <h3>
        {words(connection.provider)}: {connection.email}
      </h3>
      <p>
        <span class={`badge ${connection.status}`}>{words(connection.status)}</span>{" "}
        {connection.calendarName}, since {shownInstant(connection.createdAt, zone)}
      </p>
      {typeof error === "string" && <p class="problem">{error}</p>}
      {error && typeof error === "object" && (
        <p class="problem">
          {error.message} {error.action && words(error.action)} <code>{error.code}</code>
          {error.since && ` since ${shownInstant(error.since, zone)}`}
        </p>
      )}
      {connection.suspendedUntil && (
        <p class="problem">Not asked again before {shownInstant(connection.suspendedUntil, zone)}</p>
      )}
      {connection.needsConsent?.length ? (
        <p class="problem">Needs consent again for {connection.needsConsent.join(", ")}</p>
      ) : null}
    </>
  );
}

/** The calendars of an account, where the service knows them. */
function Calendars({ context, connection }: ConnectionProps) {
  const calendars = connection.calendars;
  if (!calendars?.length) return null;
  const mayChoose = context.features.has("put", CHOICES);
  const choose = (chosen: AccountCalendar[]) =>
    void attempt(context, () =>
      context.api.send("PUT", `/api/v1/connections/${connection.id}`, {
        userId: otherUser(context),
        calendars: chosen.map(({ calendarId, checksBusy, receivesSessions }) => ({
          calendarId,
          checksBusy,
          receivesSessions,
        })),
      }),
    );
  const changed = (id: string, change: Partial<AccountCalendar>) =>
    choose(calendars.map((each) => (each.calendarId === id ? { ...each, ...change } : each)));
  return (
    <ul>
      {calendars.map((each) => (
        <li key={each.calendarId}>
          {each.name ?? each.calendarId}
          {mayChoose ? (
            <>
              <Check
                label="Its entries make busy"
                checked={each.checksBusy}
                onValue={(checksBusy) => changed(each.calendarId, { checksBusy })}
              />
              <Check
                label="Receives sessions"
                checked={each.receivesSessions}
                onValue={(receivesSessions) =>
                  choose(
                    calendars.map((other) => ({
                      ...other,
                      receivesSessions: other.calendarId === each.calendarId && receivesSessions,
                    })),
                  )
                }
              />
            </>
          ) : (
            `: ${[each.checksBusy && "makes busy", each.receivesSessions && "receives sessions"]
              .filter(Boolean)
              .join(", ")}`
          )}
        </li>
      ))}
    </ul>
  );
}

function Disconnect({ context, connection }: ConnectionProps) {
  return (
    <button
      type="button"
      class="danger"
      aria-label={`Disconnect ${connection.email}`}
      onClick={() =>
        void attempt(context, () =>
          context.api.send("DELETE", `/api/v1/connections/${connection.id}`),
        )
      }
    >
      Disconnect
    </button>
  );
}

function Connect({ context }: { context: Context }) {
  const { api } = context;
  const [link, setLink] = useState<{ provider: string; url: string } | null>(null);
  const [account, setAccount] = useState({ serverUrl: "", username: "", password: "" });
  const set = (name: string) => (value: string) => setAccount({ ...account, [name]: value });
  const start = (provider: string) =>
    void attempt({ ...context, changed: () => undefined }, async () => {
      const { data, message } = await api.send<{ authorizationUrl: string }>(
        "GET",
        `/api/v1/auth/${provider}`,
      );
      setLink({ provider, url: data.authorizationUrl });
      return { message };
    });
  return (
    <>
      <h3>Connect an account</h3>
      <div class="row">
        <button type="button" onClick={() => start("google")}>
          Google …
        </button>
        <button type="button" onClick={() => start("outlook")}>
          Outlook …
        </button>
      </div>
      {link && (
        <p>
          <a href={link.url} target="_blank" rel="noopener noreferrer">
            Consent at {words(link.provider)} in a new tab
          </a>
          , then{" "}
          <button type="button" onClick={context.changed}>
            load again
          </button>
          .
        </p>
      )}
      <Form
        label="Connect a CalDAV account"
        onSubmit={() =>
          void attempt(context, () =>
            api.send("POST", "/api/v1/auth/apple/connect", {
              username: account.username,
              password: account.password,
              ...(account.serverUrl ? { serverUrl: account.serverUrl } : {}),
            }),
          )
        }
      >
        <div class="fields">
          <Field
            label="CalDAV server"
            type="url"
            value={account.serverUrl}
            onValue={set("serverUrl")}
            hint="Empty: iCloud"
          />
          <Field label="User name" required value={account.username} onValue={set("username")} />
          <Field
            label="App-specific password"
            type="password"
            required
            value={account.password}
            onValue={set("password")}
          />
          <button type="submit">Connect</button>
        </div>
      </Form>
    </>
  );
}
