// Calls of the public API with the user's own token. Addresses are relative to the page.

import type { Times } from "./types";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly alternatives: Times[];

  constructor(status: number, body: unknown) {
    const envelope = (body ?? {}) as {
      message?: string;
      error?: { code?: string; alternatives?: Times[]; details?: { field: string; message: string }[] };
    };
    const details = envelope.error?.details ?? [];
    const fields = details.map((each) => `${each.field} ${each.message}`).join("; ");
    const message = envelope.message ?? `The service returned ${status}.`;
    super(fields ? `${message} (${fields})` : message);
    this.status = status;
    this.code = envelope.error?.code ?? "";
    this.alternatives = envelope.error?.alternatives ?? [];
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface Answer<T> {
  data: T;
  message: string;
}

/** Sends requests with one token. `rejected` is called when the token is not valid any more. */
export class Api {
  constructor(
    private readonly token: string,
    private readonly rejected: () => void,
  ) {}

  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.send<T>("GET", path + queryText(query))).data;
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(path.replace(/^\//, ""), {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content: unknown = await response.json().catch(() => null);
    if (response.status === 401) this.rejected();
    if (!response.ok) throw new ApiError(response.status, content);
    return content as Answer<T>;
  }
}

export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Which operations this version of the service has, and whether it runs on one machine. */
export interface Features {
  has(method: string, path: string): boolean;
  readonly isLocal: boolean;
}

export async function loadFeatures(): Promise<Features> {
  const [document, clock] = await Promise.all([
    fetch("api/v1/openapi.json").then((response) => response.json()),
    isLoopback() ? fetch("_local/clock").then((response) => response.ok) : false,
  ]);
  const paths = (document as { paths: Record<string, Record<string, unknown>> }).paths;
  return {
    has: (method, path) => paths[path]?.[method.toLowerCase()] !== undefined,
    isLocal: clock,
  };
}

function isLoopback(): boolean {
  return ["127.0.0.1", "[::1]", "localhost"].includes(location.hostname);
}
