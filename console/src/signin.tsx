// Signing in: with a token, or on one machine as anyone.

import { useState } from "preact/hooks";
import type { Features } from "./api";
import { Field, Form, Select } from "./ui";

interface SignInProps {
  features: Features;
  message: string;
  onToken(token: string): void;
}

export function SignIn({ features, message, onToken }: SignInProps) {
  const [token, setToken] = useState("");
  return (
    <main class="sign-in">
      <h1>Calendar console</h1>
      {message && (
        <p class="problem" role="alert">
          {message}
        </p>
      )}
      {features.isLocal && <LocalSignIn onToken={onToken} />}
      <Form label="Sign in with a token" onSubmit={() => onToken(token)}>
        <Field
          label="Access token"
          required
          value={token}
          onValue={setToken}
          hint="A bearer token of the platform. It stays in this tab."
        />
        <button type="submit" class="main">
          Sign in
        </button>
      </Form>
    </main>
  );
}

function LocalSignIn({ onToken }: { onToken(token: string): void }) {
  const [role, setRole] = useState("Admin");
  const [userId, setUserId] = useState("admin-1");
  const signIn = async () => {
    const response = await fetch("_local/token", {
      method: "POST",
      body: JSON.stringify({ userId, roles: [role] }),
    });
    const content = (await response.json()) as { data: { token: string } };
    onToken(content.data.token);
  };
  return (
    <Form label="Sign in on this machine" onSubmit={() => void signIn()}>
      <div class="fields">
        <Select
          label="Role"
          value={role}
          options={["Admin", "Coach", "Learner"]}
          onValue={(value) => {
            setRole(value);
            setUserId(`${value.toLowerCase()}-1`);
          }}
        />
        <Field label="User id" required value={userId} onValue={setUserId} />
        <button type="submit" class="main">
          Sign in on this machine
        </button>
      </div>
    </Form>
  );
}
