// Prints when the series and the zones of a JSON file take place, as ical.js reads them.
//
// Input: {series: [{text, from, to}], zones: [{definition, times}], known: {name: definition}}, with
// instants in seconds. Series name the known zones without defining them.
// Output: {series: [[[start, end], ...]], zones: [[instant, ...]]}, or null for what it cannot read.
import { readFileSync } from "node:fs";

import ICAL from "ical.js";

const mostSteps = 50000;

function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

function occurrences({ text, from, to }) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
  const iterator = event.iterator();
  const found = [];
  for (let step = 0; step < mostSteps; step++) {
    const next = iterator.next();
    if (!next || next.toUnixTime() >= to) {
      return found;
    }
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    if (startDate.toUnixTime() >= from) {
      found.push([startDate.toUnixTime(), endDate.toUnixTime()]);
    }
  }
  return null;
}

function defined(definition) {
  return new ICAL.Timezone(new ICAL.Component(ICAL.parse(definition)));
}

function instants({ definition, times }) {
  const zone = defined(definition);
  return times.map((text) => {
    const time = ICAL.Time.fromDateTimeString(text);
    time.zone = zone;
    return time.toUnixTime();
  });
}

const { series, zones, known } = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const [name, definition] of Object.entries(known)) {
  ICAL.TimezoneService.register(defined(definition), name);
}
console.log(
  JSON.stringify({
    series: series.map((each) => attempt(() => occurrences(each))),
    zones: zones.map((each) => attempt(() => instants(each))),
  }),
);
