import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import {
  FORM_LIMITS,
  formLimits,
  type FormOptions,
  isForm,
  parseForm,
} from "../../../src/http/form.ts";

const URLENCODED = "application/x-www-form-urlencoded";

function parse(
  text: string,
  type: string,
  options: FormOptions = {},
): Promise<FormData> {
  const bytes = new TextEncoder().encode(text);
  return parseForm(bytes, type, formLimits(options));
}

function multipart(parts: readonly string[], boundary = "x"): string {
  const all = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  return `${all}--${boundary}--\r\n`;
}

function field(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

function file(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"; filename="f"\r\n` +
    `Content-Type: text/plain\r\n\r\n${value}`;
}

async function assertStatus(
  status: number,
  parsing: Promise<unknown>,
  what = "",
): Promise<void> {
  const error = await assertRejects(() => parsing, HttpError, what);
  assertEquals(error.status, status);
}

Deno.test("parseForm() takes as many fields as allowed and no more", async () => {
  for (const count of [0, 1, 3]) {
    const pairs = Array.from({ length: count }, (_, at) => `a${at}=1`);
    const parts = pairs.map((_, at) => field(`a${at}`, "1"));
    const type = "multipart/form-data; boundary=x";
    for (
      const [text, one] of [[pairs.join("&"), URLENCODED], [
        multipart(parts),
        type,
      ]]
    ) {
      const form = await parse(text, one, { fields: count });
      assertEquals([...form].length, count);
      if (count === 0) continue;
      const fields = count - 1;
      await assertStatus(413, parse(text, one, { fields }), `${fields} fields`);
    }
  }
});

Deno.test("parseForm() counts no empty pairs", async () => {
  const form = await parse("&&a=1&&&b=2&", URLENCODED, { fields: 2 });
  assertEquals([...form], [["a", "1"], ["b", "2"]]);
});

Deno.test("parseForm() takes 1,000 fields unless told otherwise", async () => {
  const many = Array.from({ length: 1000 }, (_, at) => `a=${at}`).join("&");
  assertEquals([...await parse(many, URLENCODED)].length, 1000);
  await assertStatus(413, parse(`${many}&b`, URLENCODED), "1000 fields");
});

Deno.test("parseForm() counts parts whatever the boundary", async () => {
  const types: [type: string, boundary: string][] = [
    ["multipart/form-data; boundary=x", "x"],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b"', "a b"],
    ["multipart/form-data;boundary=----=_Part", "----=_Part"],
    ["multipart/form-data; Boundary=--", "--"],
  ];
  for (const [type, boundary] of types) {
    const text = multipart([field("a", "1"), field("b", "2")], boundary);
    await assertStatus(413, parse(text, type, { fields: 1 }));
  }
  const inside = multipart([field("a", "x --x\r\n-- x\r\n-x")]);
  const type = "multipart/form-data; boundary=x";
  const form = await parse(inside, type, { fields: 1 });
  assertEquals(form.get("a"), "x --x\r\n-- x\r\n-x");
});

Deno.test("parseForm() bounds files, their size and the length of fields", async () => {
  const type = "multipart/form-data; boundary=x";
  const text = multipart([
    field("ab", "cde"),
    file("f", "1234"),
    file("g", ""),
  ]);
  const fits = { fields: 3, fieldLength: 5, files: 2, fileBytes: 4 };
  assertEquals([...await parse(text, type, fits)].length, 3);
  const cases: [FormOptions, string][] = [
    [{ files: 1 }, "more than 1 files"],
    [{ fileBytes: 3 }, "larger than 3 bytes"],
    [{ fieldLength: 4 }, "longer than 4 characters"],
  ];
  for (const [options, what] of cases) {
    await assertStatus(413, parse(text, type, options), what);
  }
  await assertStatus(
    413,
    parse("abc=de", URLENCODED, { fieldLength: 4 }),
    "longer than 4",
  );
});

Deno.test("parseForm() answers 400 to a malformed form", async () => {
  for (
    const type of ["multipart/form-data", "multipart/form-data; boundary="]
  ) {
    await assertStatus(400, parse("--x\r\n", type), "not a valid form");
  }
});

Deno.test("parseForm() takes long bodies of nothing but line ends", async () => {
  const type = "multipart/form-data; boundary=x";
  await assertStatus(400, parse("\n".repeat(100_000), type));
});

Deno.test("isForm() knows the types of forms", () => {
  for (const type of [URLENCODED, "Multipart/Form-Data;boundary=x"]) {
    assertEquals(isForm(type), true);
  }
  for (const type of [null, "", "multipart/form-dataX", "text/plain"]) {
    assertEquals(isForm(type), false);
  }
});

Deno.test("formLimits() gives the defaults and checks what is given", () => {
  assertEquals(formLimits({}), FORM_LIMITS);
  assertEquals(formLimits({ files: 0 }), { ...FORM_LIMITS, files: 0 });
  const cases: [unknown, new (message: string) => Error, string][] = [
    [{ fields: "7" }, TypeError, 'Cannot use "7" as "fields" of formData()'],
    [{ fields: null }, TypeError, "null"],
    [{ files: -1 }, RangeError, "-1"],
    [{ fileBytes: NaN }, RangeError, "NaN"],
    [{ parts: 7 }, TypeError, '"parts" among the options of formData()'],
    [null, TypeError, "null"],
  ];
  for (const [options, type, message] of cases) {
    assertThrows(() => formLimits(options as FormOptions), type, message);
  }
});
