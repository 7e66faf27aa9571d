import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  parseConfig,
  readConfigFile,
} from "../../../../src/cli/config/config_file.ts";
import { CliError } from "../../../../src/cli/errors.ts";
import { settingsOf } from "../../../support/command_line.ts";

Deno.test("parseConfig() tells what is wrong and where", () => {
  const cases: [string, string][] = [
    [
      '{\n"prot": 80}',
      'unknown option "prot" in a.json, line 2: did you mean "port"?',
    ],
    [
      '{"limits": {\n"bodybytes": 1}}',
      'unknown option "limits.bodybytes" in a.json, line 2: did you mean "limits.bodyBytes"?',
    ],
    [
      '{"bodyBytes": 1}',
      'unknown option "bodyBytes" in a.json, line 1: did you mean "limits.bodyBytes"?',
    ],
    [
      '{"max-body-bytes": 1}',
      'unknown option "max-body-bytes" in a.json, line 1: did you mean "limits.bodyBytes"?',
    ],
    [
      '{"limit": {}}',
      'unknown option "limit" in a.json, line 1: did you mean "limits"?',
    ],
    [
      '{"host": "::1"}',
      'unknown option "host" in a.json, line 1: did you mean "hostname"?',
    ],
    [
      '{"static": {"port": 1}}',
      'unknown option "static.port" in a.json, line 1: did you mean "port"?',
    ],
    [
      '{"zzzzzzzz": {}}',
      'unknown option "zzzzzzzz" in a.json, line 1: see --help for all',
    ],
    [
      '{"config": "b.json"}',
      'unknown option "config" in a.json, line 1: see --help for all',
    ],
    ['{"limits": 7}', "limits in a.json, line 1, must be an object"],
    ["[]", "the configuration a.json must be an object of options"],
    [
      '{\n"port" 7}',
      'cannot read the configuration a.json, line 2: expected ":", not "7"',
    ],
  ];
  for (const [text, message] of cases) {
    const error = assertThrows(() => parseConfig("a.json", text), CliError);
    assertEquals([error.message, error.exitCode], [message, 2]);
  }
});

Deno.test("parseConfig() passes over the name of a schema", () => {
  assertEquals(parseConfig("a.json", '{"$schema": "./schema.json"}'), []);
});

Deno.test("a value of a wrong type in a file is told", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  const port = "take an integer from 0 to 65535";
  const cases: [string, string][] = [
    ['{\n\n"port": true}', `port in ${path}, line 3, cannot be true: ${port}`],
    ['{"port": "x"}', `port in ${path}, line 1, cannot be "x": ${port}`],
    ['{"port": 80.5}', `port in ${path}, line 1, cannot be 80.5: ${port}`],
    ['{"port": [80]}', `port in ${path}, line 1, cannot be [ 80 ]: ${port}`],
    [
      '{"hostname": 7}',
      `hostname in ${path}, line 1, cannot be 7: take a text that is not empty`,
    ],
    [
      '{"hostname": true}',
      `hostname in ${path}, line 1, cannot be true: take a text that is not empty`,
    ],
    [
      '{"limits": {"bodyBytes": {}}}',
      `limits.bodyBytes in ${path}, line 1, cannot be an object: take bytes like "65536", "64KiB" or "1MB"`,
    ],
    [
      '{"allowedHosts": [7]}',
      `allowedHosts in ${path}, line 1, cannot be [ 7 ]: take hosts like "example.com", ".example.com" or "localhost:8080"`,
    ],
    [
      '{"static": {"etag": "no"}}',
      `static.etag in ${path}, line 1, cannot be "no": take one of "weak", "strong", "off"`,
    ],
    [
      '{"static": {"etag": true}}',
      `static.etag in ${path}, line 1, cannot be true: take one of "weak", "strong", "off"`,
    ],
    [
      '{"auth": ["secret"]}',
      `auth in ${path}, line 1, cannot be what it is: take a user and a password like USER:PASSWORD`,
    ],
  ];
  try {
    for (const [text, message] of cases) {
      await Deno.writeTextFile(path, text);
      const error = await assertRejects(
        () => settingsOf([`--config=${path}`]),
        CliError,
      );
      assertEquals([error.message, error.exitCode], [message, 2]);
    }
    await Deno.writeTextFile(path, '{"static": {"etag": false}}');
    const settings = await settingsOf([`--config=${path}`]);
    assertEquals(settings.text("static.etag"), "off");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readConfigFile() tells of a file that is not there", async () => {
  const error = await assertRejects(
    () => readConfigFile("none.json"),
    CliError,
  );
  assertEquals(
    [error.message, error.exitCode],
    ['cannot read the configuration "none.json": there is no such file', 2],
  );
});
