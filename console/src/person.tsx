// Choosing whose calendar is shown, in which role and time zone.

import { useState } from "preact/hooks";
import type { Person } from "./context";
import { Field, Form, Select } from "./ui";
import { isZone } from "./zones";

interface ChooserProps {
  person: Person;
  zone: string;
  roles: readonly ("Coach" | "Learner")[];
  mayChoose: boolean;
  onChoice(person: Person, zone: string): void;
  onProblem(message: string): void;
}

export function PersonChooser(props: ChooserProps) {
  const { mayChoose, onChoice, onProblem, roles } = props;
  const [userId, setUserId] = useState(props.person.userId);
  const [role, setRole] = useState<string>(props.person.role);
  const [zone, setZone] = useState(props.zone);
  const choose = () => {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(userId)) {
      onProblem("A user id has 1 to 64 letters, digits, hyphens and underscores.");
    } else if (!isZone(zone)) onProblem(`${zone} is not a time zone. Write Europe/Berlin.`);
    else onChoice({ userId, role: role as Person["role"] }, zone);
  };
  return (
    <Form label="Whose calendar" onSubmit={choose}>
      <div class="fields">
        {mayChoose ? (
          <Field label="Person" required value={userId} onValue={setUserId} />
        ) : (
          <p class="field">
            <span class="label">Person</span>
            <b>{userId}</b>
          </p>
        )}
        <Select label="As" value={role} options={roles} onValue={setRole} />
        <Field label="Time zone" required value={zone} onValue={setZone} list="zones" />
        <button type="submit">Show</button>
      </div>
    </Form>
  );
}
