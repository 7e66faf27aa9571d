import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  essenceOf,
  isCompressible,
} from "../../../../src/middleware/coding/compressible.ts";

const YES = [
  "text/plain",
  "text/html; charset=utf-8",
  "TEXT/CSS",
  "text/event-stream",
  "text/javascript",
  "application/javascript",
  "application/json",
  " application/json ;charset=utf-8",
  "application/problem+json",
  "application/ld+json",
  "application/manifest+json",
  "application/xml",
  "application/rss+xml",
  "application/xhtml+xml",
  "application/yaml",
  "application/toml",
  "application/x-ndjson",
  "application/x-www-form-urlencoded",
  "application/wasm",
  "application/vnd.ms-fontobject",
  "application/x-tar",
  "image/svg+xml",
  "image/bmp",
  "image/x-icon",
  "image/vnd.microsoft.icon",
  "font/ttf",
  "font/otf",
  "message/rfc822",
  "model/gltf+json",
  "model/gltf-binary",
];

const NO = [
  "",
  "text/",
  "application/octet-stream",
  "application/pdf",
  "application/zip",
  "application/gzip",
  "application/zstd",
  "application/grpc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/avif",
  "image/gif",
  "font/woff",
  "font/woff2",
  "audio/mpeg",
  "video/mp4",
  "multipart/byteranges; boundary=text/plain",
  "multipart/form-data; boundary=x",
  "model/gltf+zip",
  "xtext/plain",
];

Deno.test("isCompressible() tells what is worth it", () => {
  for (const type of YES) assert(isCompressible(type), type);
  for (const type of NO) assertFalse(isCompressible(type), type);
});

Deno.test("essenceOf() leaves parameters and case out", () => {
  assertEquals(essenceOf(' Text/HTML ; charset="a;b"'), "text/html");
  assertEquals(essenceOf("a/b"), "a/b");
});
