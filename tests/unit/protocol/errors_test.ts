import { assert, assertEquals, assertThrows } from "@std/assert";
import * as protocol from "../../../src/protocol/mod.ts";

const { ProtocolError } = protocol;

const FAULTS: [number, number, string][] = [
  [protocol.BAD_METHOD, 400, "bad-method"],
  [protocol.BAD_TARGET, 400, "bad-target"],
  [protocol.BAD_VERSION, 400, "bad-version"],
  [protocol.UNSUPPORTED_VERSION, 505, "unsupported-version"],
  [protocol.BAD_LINE_END, 400, "bad-line-end"],
  [protocol.BAD_FIELD_NAME, 400, "bad-field-name"],
  [protocol.BAD_FIELD_VALUE, 400, "bad-field-value"],
  [protocol.OBS_FOLD, 400, "obs-fold"],
  [protocol.REQUEST_LINE_TOO_LONG, 414, "request-line-too-long"],
  [protocol.METHOD_TOO_LONG, 400, "method-too-long"],
  [protocol.FIELDS_TOO_LARGE, 431, "fields-too-large"],
  [protocol.TOO_MANY_FIELDS, 431, "too-many-fields"],
  [protocol.BAD_HOST, 400, "bad-host"],
  [protocol.BAD_CONTENT_LENGTH, 400, "bad-content-length"],
  [protocol.LENGTH_AND_CODING, 400, "length-and-coding"],
  [protocol.BAD_TRANSFER_ENCODING, 400, "bad-transfer-encoding"],
  [protocol.UNKNOWN_TRANSFER_CODING, 501, "unknown-transfer-coding"],
  [protocol.REPEATED_FIELD, 400, "repeated-field"],
  [protocol.EXPECTATION_FAILED, 417, "expectation-failed"],
  [protocol.NOT_IMPLEMENTED, 501, "not-implemented"],
  [protocol.BAD_CHUNK_SIZE, 400, "bad-chunk-size"],
  [protocol.BAD_CHUNK_EXTENSION, 400, "bad-chunk-extension"],
  [protocol.BAD_CHUNK_END, 400, "bad-chunk-end"],
  [protocol.CHUNK_LINE_TOO_LONG, 431, "chunk-line-too-long"],
  [protocol.TRUNCATED, 400, "truncated"],
  [protocol.REQUEST_TIMEOUT, 408, "request-timeout"],
  [protocol.BAD_PROXY_HEADER, 400, "bad-proxy-header"],
];

Deno.test("ProtocolError.of() gives status and code of every fault", () => {
  for (const [fault, status, code] of FAULTS) {
    const error = ProtocolError.of(fault);
    assertEquals([error.status, error.code], [status, code]);
    assertEquals(error.name, "ProtocolError");
    assert(error instanceof Error);
    assert(/^[A-Z].*[^.]$/.test(error.message), error.message);
  }
});

Deno.test("ProtocolError.of() knows every exported fault", () => {
  const exported = Object.entries(protocol)
    .filter(([name, value]) => /^[A-Z_]+$/.test(name) && Number(value) < 0)
    .map(([, value]) => value);
  assertEquals(
    new Set<unknown>(exported),
    new Set<unknown>(FAULTS.map(([fault]) => fault)),
  );
  assertEquals(exported.length, new Set(exported).size);
});

Deno.test("ProtocolError.of() throws when there is no such fault", () => {
  for (const fault of [0, 1, -28, -1000, -1.5, NaN]) {
    assertThrows(() => ProtocolError.of(fault), RangeError, `${fault}`);
  }
});
