// Small parts that the views share.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Loaded } from "./context";
import { Messages } from "./messages";
import type { Source, Status } from "./types";

export const STATUS_WORDS: Record<Status, string> = {
  PENDING_APPROVAL: "Pending approval",
  SCHEDULED: "Scheduled",
  CANCELLED: "Cancelled",
  DECLINED: "Declined",
  EXPIRED: "Expired",
};

/** Return a word such as reconnect_required for people: Reconnect required. */
export function words(code: string): string {
  const text = code.replace(/_/g, " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type InputProps = Omit<JSX.HTMLAttributes<HTMLInputElement>, "label" | "onChange"> & {
  label: string;
  value: string;
  onValue(value: string): void;
  hint?: string;
};

export function Field({ label, onValue, hint, ...input }: InputProps) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        autocomplete="off"
        {...input}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
    </p>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (string | readonly [string, string])[];
  onValue(value: string): void;
}

export function Select({ label, value, options, onValue }: SelectProps) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map((each) => {
          const [code, text] = typeof each === "string" ? [each, each] : each;
          return (
            <option key={code} value={code} selected={code === value}>
              {text}
            </option>
          );
        })}
      </select>
    </p>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onValue(checked: boolean): void;
}

export function Check({ label, checked, onValue }: CheckProps) {
  return (
    <p class="field check">
      <label>
        <input
          type="checkbox"
          checked={checked}
          onChange={(event) => onValue(event.currentTarget.checked)}
        />
        {label}
      </label>
    </p>
  );
}

interface FormProps {
  label?: string;
  onSubmit(): void;
  children: ComponentChildren;
}

export function Form({ label, onSubmit, children }: FormProps) {
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

interface DialogProps {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

/** A modal dialog: the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    const cancelled = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    shown?.addEventListener("cancel", cancelled);
    shown?.showModal();
    return () => {
      shown?.removeEventListener("cancel", cancelled);
      shown?.close();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id}>
      <header class="row">
        <h2 id={id}>{title}</h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <Messages />
      {children}
    </dialog>
  );
}

export function Status({ status }: { status: Status }) {
  return <span class={`badge ${status.toLowerCase()}`}>{STATUS_WORDS[status] ?? status}</span>;
}

interface WaitingProps<T> {
  loaded: Loaded<T>;
  children(data: T): ComponentChildren;
}

/** Show what was loaded, or that it is loading, or the error. */
export function Shown<T>({ loaded, children }: WaitingProps<T>) {
  if (loaded.error) return <p class="problem">{loaded.error}</p>;
  if (!loaded.data) return <p class="quiet">Loading …</p>;
  return <div aria-busy={loaded.isLoading}>{children(loaded.data)}</div>;
}

/** Name the calendars that could not be read. */
export function Unread({ sources }: { sources: Source[] }) {
  const unread = sources.filter((each) => each.state !== "ok");
  const texts = new Set(
    unread.map((each) => {
      const calendar = each.provider ? `the ${each.provider} calendar` : "a calendar";
      return `${calendar} of ${each.userId} (${words(each.state).toLowerCase()})`;
    }),
  );
  if (!texts.size) return null;
  return (
    <p class="problem" role="alert">
      Not everything could be read: {[...texts].join(", ")}. Times that depend on it are unverified.
    </p>
  );
}
