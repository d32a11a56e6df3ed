// The parts of the API's responses that the console shows.

export type Role = "Coach" | "Learner" | "Admin";
export type Status = "PENDING_APPROVAL" | "SCHEDULED" | "CANCELLED" | "DECLINED" | "EXPIRED";

export interface Times {
  startTime: string;
  endTime: string;
}

export interface ListedSession extends Times {
  sessionId: string;
  title: string;
  status: Status;
  coachId: string[];
  learnerId: string[];
}

export interface Copy {
  userId: string;
  connectionId: string;
  provider: string | null;
  state: string;
  error: string | null;
  updatedAt: string;
}

export interface Audit {
  action: string;
  by: string;
  role: string;
  at: string;
  note: string | null;
}

export interface Session extends ListedSession {
  sessionLink: string | null;
  location: string | null;
  owner: string;
  adminId: string | null;
  pendingUntil: string | null;
  reason: string | null;
  version: number;
  warnings: string[];
  sync: Copy[];
  audit?: Audit[];
}

export interface Recipient {
  userId: string | null;
  email: string;
  name: string | null;
  status: string;
  method: string | null;
  attempts: number;
  diagnostic: string | null;
  response?: string | null;
}

export interface InviteStatus {
  recipients: Recipient[];
  unreachable: { userId: string; role: string }[];
}

export interface Source {
  userId: string;
  provider: string | null;
  state: string;
}

export interface MonthDay {
  date: string;
  status: string;
  color: string;
  totalSlots: number;
  availableSlots: number;
  holidays: string[];
  sessions: (Times & { sessionId: string; title: string; status: Status })[];
}

export interface Month {
  days: MonthDay[];
  sources: Source[];
}

export interface Slot extends Times {
  localStart: string;
  available: boolean;
  status: string;
  color: string;
  blockedBy: string[];
}

export interface ExplainedTime extends Times {
  localStart: string;
  available: boolean;
  reasons: { role: string | null; reason: string }[];
}

export interface SlotDay {
  slots: Slot[];
  sources: Source[];
  explanation?: ExplainedTime[];
}

export interface DayEntry extends Times {
  source: string;
  title: string;
  allDay: boolean;
  busy: boolean;
  calendarName?: string | null;
}

export interface DayEvents {
  events: DayEntry[];
  sources: Source[];
}

export interface Window {
  startTime: string;
  endTime: string;
  timezone?: string;
}

export type Week = Record<string, Window[]>;

export interface RoleAvailability {
  role: Role;
  timezone: string;
  useDefaultAvailability: boolean;
  availability: Week;
  changedBy?: string | null;
  changedAt?: string | null;
}

export interface Holiday {
  id: string;
  name: string;
  role: Role;
  startDate: string;
  endDate: string;
  createdBy?: string | null;
}

export interface ConnectionError {
  code: string;
  message: string;
  action?: string | null;
  since?: string | null;
}

export interface AccountCalendar {
  calendarId: string;
  name: string | null;
  access?: string;
  primary?: boolean;
  checksBusy: boolean;
  receivesSessions: boolean;
}

export interface Connection {
  id: string;
  provider: string;
  email: string;
  calendarName: string | null;
  status: string;
  lastError: string | ConnectionError | null;
  suspendedUntil: string | null;
  createdAt: string;
  needsConsent?: string[];
  calendars?: AccountCalendar[];
}

export interface Change {
  id: string;
  type: string;
  occurredAt: string;
  subject: { kind: string; id: string };
  data: unknown;
}
