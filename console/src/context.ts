// What every view gets: the caller, the chosen person, and how to report and to open a session.

import { useEffect, useState } from "preact/hooks";
import { type Api, type Features, messageOf } from "./api";
import type { Role } from "./types";

export interface Person {
  userId: string;
  role: "Coach" | "Learner";
}

export interface Context {
  api: Api;
  features: Features;
  me: { userId: string; roles: Role[] };
  isAdmin: boolean;
  person: Person;
  zone: string;
  /** Increases after every change, so that views load again. */
  version: number;
  say(message: string, kind?: "done" | "failed"): void;
  changed(): void;
  open(sessionId: string): void;
}

/** Return the userId to send about the chosen person's settings; undefined for one's own. */
export function otherUser({ me, person }: Context): string | undefined {
  return person.userId === me.userId ? undefined : person.userId;
}

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  isLoading: boolean;
}

/** Load when `keys` change. The data stays while newer data is being loaded. */
export function useLoaded<T>(load: () => Promise<T>, keys: unknown[]): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ data: null, error: null, isLoading: true });
  useEffect(() => {
    let isCurrent = true;
    setState((before) => ({ ...before, isLoading: true }));
    load().then(
      (data) => isCurrent && setState({ data, error: null, isLoading: false }),
      (error) => isCurrent && setState({ data: null, error: messageOf(error), isLoading: false }),
    );
    return () => {
      isCurrent = false;
    };
  }, keys);
  return state;
}

/** Run an action and report its result; return whether it succeeded. */
export async function attempt(
  { say, changed }: Context,
  action: () => Promise<{ message: string }>,
): Promise<boolean> {
  try {
    const { message } = await action();
    say(message);
    changed();
    return true;
  } catch (error) {
    say(messageOf(error), "failed");
    return false;
  }
}
