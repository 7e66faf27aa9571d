/**
 * {@linkcode isCompressible}: which media types are worth compressing.
 *
 * @module
 */

// Of the types that the MIME database calls compressible, those without a
// suffix that says so.
const NAMES: ReadonlySet<string> = new Set([
  "application/dart",
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/json-seq",
  "application/json5",
  "application/jsonl",
  "application/jsonlines",
  "application/ndjson",
  "application/pgp-keys",
  "application/pgp-signature",
  "application/postscript",
  "application/rtf",
  "application/sql",
  "application/tar",
  "application/toml",
  "application/vnd.dart",
  "application/vnd.ms-fontobject",
  "application/vnd.ms-opentype",
  "application/wasm",
  "application/x-httpd-php",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-ns-proxy-autoconfig",
  "application/x-sh",
  "application/x-tar",
  "application/x-www-form-urlencoded",
  "application/x-yaml",
  "application/xml",
  "application/xml-dtd",
  "application/xml-external-parsed-entity",
  "application/yaml",
  "font/collection",
  "font/otf",
  "font/sfnt",
  "font/ttf",
  "image/bmp",
  "image/vnd.adobe.photoshop",
  "image/vnd.microsoft.icon",
  "image/vnd.ms-dds",
  "image/x-icon",
  "image/x-ms-bmp",
  "message/rfc822",
  "model/gltf-binary",
  "model/mtl",
  "model/obj",
  "model/step",
  "x-shader/x-fragment",
  "x-shader/x-vertex",
]);

// RFC 6838 4.2.8: a suffix tells the syntax below a type.
const BY_SYNTAX = /^text\/.|\+(?:json|json-seq|text|xml|yaml)$/;

/** The media type of a `Content-Type`, without parameters, in lower case. */
export function essenceOf(contentType: string): string {
  const semicolon = contentType.indexOf(";");
  const type = semicolon < 0 ? contentType : contentType.slice(0, semicolon);
  return type.trim().toLowerCase();
}

/**
 * Tells whether contents of a media type are worth compressing: text of any
 * kind, JSON, XML, JavaScript, WebAssembly, fonts and images that are not
 * compressed by themselves.
 *
 * @param type A media type; its case and its parameters do not count.
 *
 * @example Usage
 * ```ts
 * import { isCompressible } from "@x/httpserver/middleware/compression";
 * import { assert } from "@std/assert";
 *
 * assert(isCompressible("application/problem+json; charset=utf-8"));
 * assert(isCompressible("image/svg+xml"));
 * assert(!isCompressible("image/png"));
 * ```
 */
export function isCompressible(type: string): boolean {
  const essence = essenceOf(type);
  return NAMES.has(essence) || BY_SYNTAX.test(essence);
}
