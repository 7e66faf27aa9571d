/**
 * Fields that the application adds to the answer with a file.
 *
 * @module
 */

import { splitList } from "../../grammar/lists.ts";
import { contentDisposition } from "../../http/content_disposition.ts";
import { HeaderList } from "../../http/headers.ts";
import type { AnyRequest } from "../../http/request.ts";
import { addVary } from "../../http/vary.ts";
import { basename } from "@std/path/posix";
import type { Settings } from "./settings.ts";

// They tell what is sent, and only who sends it knows that.
const OWN_FIELDS: readonly string[] = [
  "accept-ranges",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
];

function addFields(
  headers: HeaderList,
  path: string,
  request: AnyRequest,
  fields: NonNullable<Settings["headers"]>,
): void {
  const wanted = fields(path, request);
  if (wanted === undefined) return;
  const extra = new HeaderList(wanted);
  for (const name of OWN_FIELDS) {
    if (!extra.has(name)) continue;
    throw new TypeError(
      `Cannot take "${name}" from "headers" of staticFiles for "${path}": ` +
        "leave it out, as it tells what is sent",
    );
  }
  for (const [name, value] of extra) {
    if (name === "vary") {
      for (const one of splitList(value)) addVary(headers, one);
    } else if (name === "set-cookie") headers.append(name, value);
    else headers.set(name, value);
  }
}

/**
 * Adds what the options say of the file at a path.
 *
 * @throws {TypeError} If `headers` gives what is not a field or not its own.
 */
export function addExtraFields(
  headers: HeaderList,
  path: string,
  request: AnyRequest,
  settings: Pick<Settings, "headers" | "download">,
): void {
  const { download } = settings;
  const wanted = typeof download === "function" ? download(path) : download;
  if (wanted !== false) {
    const name = typeof wanted === "string" ? wanted : basename(path);
    headers.set("Content-Disposition", contentDisposition("attachment", name));
  }
  if (settings.headers !== undefined) {
    addFields(headers, path, request, settings.headers);
  }
}
