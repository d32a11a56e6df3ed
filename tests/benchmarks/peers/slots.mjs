// Runs two other slot engines on the work in standard input, as JSON, and prints as JSON which slots
// each finds and how many seconds each of its runs took.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const DIST = new URL("node_modules/@calcom/platform-libraries/dist/", import.meta.url);
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MINUTE = 60_000;

const clock = (minutes) => [Math.floor(minutes / 60), minutes % 60]
  .map((each) => String(each).padStart(2, "0")).join(":");
const iso = (minutes) => new Date(minutes * MINUTE).toISOString();

// slot-calculator supports one calendar: both people have the same windows in this work, and the busy
// times of either are unavailable.
function slotCalculator(work) {
  const { getSlots } = require("slot-calculator");
  const config = {
    from: iso(work.from),
    to: iso(work.to),
    duration: work.length,
    outputTimezone: work.zone,
    availability: work.people[0].windows.map(({ weekday, start, end, zone }) => ({
      day: DAYS[weekday], from: clock(start), to: clock(end), timezone: zone,
    })),
    unavailability: work.people.flatMap(({ busy }) =>
      busy.map(([start, end]) => ({ from: iso(start), to: iso(end) }))),
  };
  return () => getSlots(config).availableSlots.map((each) => Date.parse(each.from) / MINUTE);
}

// What getAvailableSlots of Cal.com does between reading its database and filtering by limits:
// each person's ranges minus the busy times, their intersection, and its slots. The package exports
// only the service around it, so getSlots is cut out of the source of its module.
async function calcom(work) {
  const chunk = readdirSync(DIST).find((name) => /^date-ranges-.*\.js$/.test(name));
  const ranges = await import(new URL(chunk, DIST));
  const dayjs = (await import("dayjs")).default;
  const getSlots = slotsOf(dayjs);
  const at = (minutes) => dayjs.utc(minutes * MINUTE);
  const time = (minutes) => new Date(Date.UTC(1970, 0, 1, 0, minutes));
  const people = work.people.map(({ windows, busy }) => ({
    timeZone: windows[0].zone,
    availability: [{
      days: windows.map(({ weekday }) => (weekday + 1) % 7),
      startTime: time(windows[0].start),
      endTime: time(windows[0].end),
    }],
    busy: busy.map(([start, end]) => ({ start: at(start), end: at(end) })),
  }));
  const [dateFrom, dateTo] = [at(work.from), at(work.to)];
  return () => {
    const free = people.map(({ timeZone, availability, busy }) => {
      const { dateRanges } = ranges.b({
        availability, timeZone, dateFrom, dateTo, travelSchedules: [], outOfOffice: {},
      });
      return ranges.s(dateRanges, busy);
    });
    return getSlots({
      inviteeDate: dateFrom.tz(work.zone),
      frequency: work.step,
      eventLength: work.length,
      minimumBookingNotice: 0,
      dateRanges: ranges.i(free),
    }).map((each) => each.time.valueOf() / MINUTE);
  };
}

function slotsOf(dayjs) {
  const source = readFileSync(new URL("slots.js", DIST), "utf8");
  const start = source.indexOf("const minimumOfOne =");
  const end = source.indexOf("const getSlots$1 =");
  if (start < 0 || end < start) throw new Error("slots.js of this version has another layout; update slotsOf");
  const getTimeZone = (date) => date.$x.$timezone;
  return vm.runInThisContext(
    `(dayjs, getTimeZone) => { ${source.slice(start, end)}; return getSlots; }`,
  )(dayjs, getTimeZone);
}

function measured(run, { warmUp, runs }) {
  for (let n = 0; n < warmUp; n += 1) run();
  const seconds = [];
  let slots;
  for (let n = 0; n < runs; n += 1) {
    const [before, used] = [performance.now(), process.cpuUsage()];
    slots = run();
    const wall = (performance.now() - before) / 1e3;
    const { user, system } = process.cpuUsage(used);
    // Wall time includes other processes, processor time includes Node's own threads: use the less.
    seconds.push(Math.min(wall, (user + system) / 1e6));
  }
  return { slots, seconds };
}

const work = JSON.parse(readFileSync(0, "utf8"));
const results = {
  "slot-calculator": measured(slotCalculator(work), work),
  "@calcom/platform-libraries": measured(await calcom(work), work),
};
process.stdout.write(JSON.stringify(results));
