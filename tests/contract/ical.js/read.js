// Prints what ical.js reads from each .ics file of a folder, as a JSON object by file name.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import ICAL from "ical.js";

const parameters = ["cn", "role", "partstat", "rsvp"];

function person(property) {
  const fields = { address: property.getFirstValue() };
  for (const name of parameters) {
    fields[name] = property.getParameter(name) ?? null;
  }
  return fields;
}

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [component, ...others] = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(component);
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: 1 + others.length,
    uid: event.uid,
    sequence: event.sequence,
    status: component.getFirstPropertyValue("status"),
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    stamp: component.getFirstPropertyValue("dtstamp").toJSDate().toISOString(),
    zones: [event.startDate.zone.tzid, event.endDate.zone.tzid],
    summary: event.summary,
    location: event.location,
    url: component.getFirstPropertyValue("url"),
    organizer: person(component.getFirstProperty("organizer")),
    attendees: component.getAllProperties("attendee").map(person),
  };
}

const folder = process.argv[2];
const files = readdirSync(folder).filter((name) => name.endsWith(".ics"));
const results = files.map((name) => [name, read(readFileSync(join(folder, name), "utf8"))]);
console.log(JSON.stringify(Object.fromEntries(results)));
