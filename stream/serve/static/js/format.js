/** Numbers, shares, lengths of time and instants as people read them, in the viewer's language and zone. */
import { LOCALE, t } from "./i18n.js";

export const DASH = "–";

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const some = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const percents = [0, 1].map((digits) => new Intl.NumberFormat(LOCALE, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }));
const signed = new Intl.NumberFormat(LOCALE, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
const clocks = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const days = new Intl.DateTimeFormat(LOCALE, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const dates = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

const missing = (value) => value === null || value === undefined;

export const count = (n) => (missing(n) ? DASH : whole.format(n));
export const number = (n) => (missing(n) ? DASH : some.format(n));
export const percent = (ratio, digits = 0) => (missing(ratio) ? DASH : percents[digits].format(ratio));
const changes = new Intl.NumberFormat(LOCALE, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
export const percentChange = (ratio) => changes.format(ratio);
export const points = (n) => (missing(n) ? DASH : signed.format(n));

/** A level beside its target: never rounded up to a target that is missed. */
export function level(ratio, target) {
  if (missing(ratio)) return DASH;
  const hides = ratio < target && Math.round(ratio * 100) >= Math.round(target * 100);
  return hides ? percents[1].format(Math.floor(ratio * 1000) / 1000) : percents[0].format(ratio);
}

/** A length: 0:07, 3:42, 1h05, 2d 3h. */
export function length(ms) {
  if (missing(ms)) return DASH;
  const all = Math.max(0, Math.floor(ms / 1000));
  const [d, hours, m, s] = [Math.floor(all / 86400), Math.floor(all / 3600), Math.floor(all / 60), all % 60];
  const two = (n) => String(n).padStart(2, "0");
  if (d) return t("time.days", { d, h: hours % 24 });
  return hours ? t("time.hours", { h: hours, m: two(m % 60) }) : `${m}:${two(s)}`;
}

export const secondsLong = (value) => (missing(value) ? DASH : length(Math.round(value) * 1000));

/** A length that somebody set: 20 s, 5 min, 8 h. */
export function setting(ms) {
  const s = Math.round(ms / 1000);
  if (s % 3600 === 0 && s) return t("time.whole_hours", { n: s / 3600 });
  return s % 60 === 0 && s > 60 ? t("time.minutes", { n: s / 60 }) : t("time.seconds", { n: number(ms / 1000) });
}

/** A length in words that are read aloud. */
export function spoken(ms) {
  if (missing(ms)) return t("tile.nobody");
  const all = Math.floor(ms / 1000);
  const parts = [["say.hours", Math.floor(all / 3600)], ["say.minutes", Math.floor(all / 60) % 60], ["say.seconds", all % 60]];
  const said = parts.filter(([, n]) => n).map(([key, n]) => t(key, { n }));
  return said.length ? said.slice(0, 2).join(" ") : t("say.seconds", { n: 0 });
}

const date = (at) => (at instanceof Date ? at : new Date(at));
export const clock = (at) => (missing(at) ? DASH : clocks.format(date(at)));
export const clockSeconds = (at) => (missing(at) ? DASH : seconds.format(date(at)));
export const full = (at) => (missing(at) ? DASH : dates.format(date(at)));

/** A time of today as a clock, of another day with the day. */
export function soon(at, now) {
  return Math.abs(date(at) - now) < 12 * 3600e3 ? clock(at) : days.format(date(at));
}
