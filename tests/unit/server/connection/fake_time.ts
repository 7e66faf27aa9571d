/** A clock that is set by hand. */
export interface FakeTime {
  now: number;
  exactNow(): number;
}

/** A clock that stands at `now` until it is set. */
export function fakeTime(now: number): FakeTime {
  const time = { now, exactNow: () => time.now };
  return time;
}
