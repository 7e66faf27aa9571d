type Pairs = Map<object, object>;

/** True if both values have the same structure and content: `0` and `-0` are
 * the same, `NaN` is itself, an absent key is not an `undefined` one. */
export function equal(actual: unknown, expected: unknown): boolean {
  return sameValue(actual, expected, new Map());
}

function sameValue(a: unknown, b: unknown, seen: Pairs): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || !sameKind(a, b)) return false;
  // A cycle: the pair is being compared further up.
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date) return Object.is(a.getTime(), Number(b));
  if (writesItselfOut(a)) return String(a) === String(b);
  const bytes = asElements(a);
  if (bytes !== null) return sameElements(bytes, asElements(b) ?? []);
  if (a instanceof Map && b instanceof Map) {
    return sameEntries([...a], [...b], seen);
  }
  if (a instanceof Set && b instanceof Set) {
    return sameEntries([...a], [...b], seen);
  }
  return sameProperties(a, b, seen);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An object without a prototype counts as a plain one. */
function sameKind(a: object, b: object): boolean {
  const kind = (value: object) =>
    Object.getPrototypeOf(value) ?? Object.prototype;
  return kind(a) === kind(b);
}

/** Classes that keep their content in slots no property shows. */
function writesItselfOut(value: object): boolean {
  return value instanceof URL || value instanceof URLSearchParams ||
    value instanceof RegExp;
}

function asElements(value: object): ArrayLike<unknown> | null {
  if (value instanceof DataView) return null;
  // The tag was looked at above; only typed arrays are left among the views.
  if (ArrayBuffer.isView(value)) return value as Uint8Array;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return new Uint8Array(value);
  }
  return null;
}

function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i], b[i])) return false;
  }
  return true;
}

/** Compares collections whatever their order; keys may be objects. */
function sameEntries(a: unknown[], b: unknown[], seen: Pairs): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  for (const entry of a) {
    const at = rest.findIndex((other) =>
      sameValue(entry, other, new Map(seen))
    );
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  return true;
}

function sameProperties(a: object, b: object, seen: Pairs): boolean {
  const keys = propertyKeys(a);
  const others = propertyKeys(b);
  if (keys.size !== others.size) return false;
  for (const key of keys) {
    if (!others.has(key)) return false;
    const left: unknown = Reflect.get(a, key);
    if (!sameValue(left, Reflect.get(b, key), seen)) return false;
  }
  return true;
}

/** Own keys and, for an instance of a class, those of its prototypes: getters
 * are often all that shows of private fields. */
function propertyKeys(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  let at: object | null = value;
  while (at !== null && at !== Object.prototype && at !== Array.prototype) {
    for (const key of Reflect.ownKeys(at)) keys.add(key);
    at = Object.getPrototypeOf(at);
  }
  return keys;
}
