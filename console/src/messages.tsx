// The newest message to the user. A dialog shows it too, because the page behind it is inert.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

export interface Message {
  text: string;
  kind: "done" | "failed";
  dismiss(): void;
}

export const CurrentMessage = createContext<Message | null>(null);

export function Messages() {
  const message = useContext(CurrentMessage);
  return (
    <div class="messages">
      <div role="status">{message?.kind === "done" && message.text}</div>
      <div role="alert">{message?.kind === "failed" && message.text}</div>
      {message && (
        <button type="button" onClick={message.dismiss} aria-label="Dismiss the message">
          ×
        </button>
      )}
    </div>
  );
}
