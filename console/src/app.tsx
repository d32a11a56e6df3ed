// The page: who is signed in, whose calendar is shown, and the view.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Api, type Features, messageOf } from "./api";
import { CHANGES, ChangesView } from "./changes";
import { ConnectionsView } from "./connections";
import type { Context, Person } from "./context";
import { FinderView } from "./finder";
import { MachineView } from "./machine";
import { CurrentMessage, type Message, Messages } from "./messages";
import { MonthView } from "./month";
import { PendingView } from "./pending";
import { PersonChooser } from "./person";
import { SessionDialog } from "./session";
import { SettingsView } from "./settings";
import { SignIn } from "./signin";
import { forgetToken, keepToken, takeToken } from "./token";
import type { Role } from "./types";
import { WeekView } from "./week";
import { isZone, localTime, mondayOf, ownZone } from "./zones";

interface Me {
  userId: string;
  roles: Role[];
}

const ZONES: string[] = Intl.supportedValuesOf("timeZone");
const NARROW = "(max-width: 700px)";
const CHOICE = "calendar-console-choice";

export function App({ features }: { features: Features }) {
  const [token, setToken] = useState(takeToken);
  const [me, setMe] = useState<Me | null>(null);
  const [problem, setProblem] = useState("");
  const signOut = useCallback((message: string) => {
    forgetToken();
    setToken(null);
    setMe(null);
    setProblem(message);
  }, []);
  const api = useMemo(
    () => token && new Api(token, () => signOut("The token is not valid any more. Sign in again.")),
    [token, signOut],
  );
  useEffect(() => {
    if (!api) return;
    api.get<Me>("/api/v1/availability/roles").then(setMe, (error) => signOut(messageOf(error)));
  }, [api, signOut]);
  if (!api) {
    const signIn = (given: string) => {
      keepToken(given);
      setProblem("");
      setToken(takeToken());
    };
    return <SignIn features={features} message={problem} onToken={signIn} />;
  }
  if (!me) return <p class="quiet">Signing in …</p>;
  return <Console api={api} features={features} me={me} onSignOut={() => signOut("")} />;
}

interface ConsoleProps {
  api: Api;
  features: Features;
  me: Me;
  onSignOut(): void;
}

function Console({ api, features, me, onSignOut }: ConsoleProps) {
  const isAdmin = me.roles.includes("Admin");
  const [choice, setChoice] = useState(() => firstChoice(me, features));
  const [view, setView] = useHash();
  const [version, setVersion] = useState(0);
  const [session, setSession] = useState<string | null>(null);
  const [message, setMessage] = useState<Message | null>(null);
  const isNarrow = useMedia(NARROW);
  const [date, setDate] = useState(() => localTime(Date.now(), choice.zone).slice(0, 10));
  const say = useCallback((text: string, kind: Message["kind"] = "done") => {
    setMessage({ text, kind, dismiss: () => setMessage(null) });
  }, []);
  const changed = useCallback(() => setVersion((before) => before + 1), []);
  const context: Context = { api, features, me, isAdmin, version, say, changed, open: setSession, ...choice };
  const views = viewsOf(features, isAdmin);
  const current = views.has(view) ? view : "week";
  const choose = (person: Person, zone: string) => {
    setChoice({ person, zone });
    localStorage.setItem(CHOICE, JSON.stringify({ person, zone }));
    say(`Shown: ${person.userId} as ${person.role}.`);
  };
  const openDay = useCallback(
    (day: string) => {
      setDate(day);
      setView("week");
    },
    [setView],
  );
  return (
    <CurrentMessage.Provider value={message}>
      <header>
        <div class="row">
          <h1>Calendar console</h1>
          <p>
            {me.userId} ({me.roles.join(", ")}){" "}
            <button type="button" onClick={onSignOut}>
              Sign out
            </button>
          </p>
        </div>
        <PersonChooser
          {...choice}
          roles={isAdmin ? (["Coach", "Learner"] as const) : rolesOf(me)}
          mayChoose={isAdmin}
          onChoice={choose}
          onProblem={(text) => say(text, "failed")}
        />
        <nav aria-label="Views">
          <ul class="row">
            {[...views].map(([name, text]) => (
              <li key={name}>
                <a href={`#${name}`} aria-current={name === current ? "page" : undefined}>
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <Messages />
      <main>
        {current === "week" && (
          <WeekView
            context={context}
            date={isNarrow ? date : mondayOf(date)}
            days={isNarrow ? 1 : 7}
            onDate={setDate}
          />
        )}
        {current === "month" && (
          <MonthView context={context} date={date} onDate={setDate} onDay={openDay} />
        )}
        {current === "slots" && <FinderView key={choice.person.userId} context={context} />}
        {current === "pending" && <PendingView context={context} />}
        {current === "settings" && <SettingsView context={context} />}
        {current === "connections" && <ConnectionsView context={context} />}
        {current === "events" && <ChangesView context={context} />}
        {current === "machine" && <MachineView context={context} />}
      </main>
      {session && (
        <SessionDialog context={context} sessionId={session} onClose={() => setSession(null)} />
      )}
      <datalist id="zones">
        {ZONES.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </CurrentMessage.Provider>
  );
}

function viewsOf(features: Features, isAdmin: boolean): Map<string, string> {
  const views = [
    ["week", "Week", true],
    ["month", "Month", true],
    ["slots", "Find a slot", true],
    ["pending", "Approvals", isAdmin],
    ["settings", "Windows and holidays", true],
    ["connections", "Connections", true],
    ["events", "Events", isAdmin && features.has("get", CHANGES)],
    ["machine", "This machine", features.isLocal],
  ] as const;
  return new Map(views.filter((each) => each[2]).map(([name, text]) => [name, text]));
}

function rolesOf(me: Me): ("Coach" | "Learner")[] {
  const roles = (["Coach", "Learner"] as const).filter((each) => me.roles.includes(each));
  return roles.length ? roles : ["Learner"];
}

/** Return whose calendar is shown first: the person an Admin chose last, or oneself. */
function firstChoice(me: Me, features: Features): { person: Person; zone: string } {
  const own = { userId: me.userId, role: rolesOf(me)[0] ?? "Learner" };
  if (!me.roles.includes("Admin")) return { person: own, zone: ownZone() };
  try {
    const stored = JSON.parse(localStorage.getItem(CHOICE) ?? "") as { person: Person; zone: string };
    if (stored.person.userId && isZone(stored.zone)) return stored;
  } catch {
    // Nothing was chosen yet.
  }
  const first: Person = { userId: features.isLocal ? "coach-1" : me.userId, role: "Coach" };
  return { person: first, zone: ownZone() };
}

function useHash(): [string, (name: string) => void] {
  const [hash, setHash] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const changed = () => setHash(location.hash.slice(1));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const go = useCallback((name: string) => {
    location.hash = name;
  }, []);
  return [hash, go];
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = () => setMatches(list.matches);
    list.addEventListener("change", changed);
    return () => list.removeEventListener("change", changed);
  }, [query]);
  return matches;
}
