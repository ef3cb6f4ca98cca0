/** Loaded before a program: its time of day is off by SHIFT_CLOCK_MINUTES. See shifted-clock.ts. */
const shiftMs = Number(process.env.SHIFT_CLOCK_MINUTES) * 60_000;
const RealDate = Date;
const now = () => RealDate.now() + shiftMs;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};
