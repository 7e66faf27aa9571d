/**
 * Handlers: files of a directory, and health checks.
 *
 * @example A site that says how it is
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { HealthCheck, memorySource, staticFiles } from "@x/httpserver/handlers";
 * import { assertEquals } from "@std/assert";
 *
 * const source = memorySource({ "index.html": "<h1>hello</h1>" });
 * const server = new HttpServer();
 * server.get("/health", new HealthCheck().handle);
 * server.get("/*path", staticFiles({ source })); // or a `root` on the disk
 * assertEquals(await (await server.inject({})).text(), "<h1>hello</h1>");
 * ```
 *
 * @module
 */

export {
  type CheckOptions,
  type CheckReport,
  HealthCheck,
  type HealthCheckOptions,
  type HealthDetails,
  type HealthReport,
  type HealthResult,
  type HealthStatus,
} from "./health.ts";
export {
  type DirectoryListing,
  type DotfilePolicy,
  type EntityTagPolicy,
  type EntryFacts,
  type FileCacheOptions,
  type FileCoding,
  type FileSource,
  type ListingEntry,
  type ListingOptions,
  type ListingOrder,
  type ListingSort,
  type MemoryFiles,
  memorySource,
  type MemorySourceOptions,
  type SourceDirectory,
  type SourceEntry,
  type SourceFile,
  staticFiles,
  type StaticFilesHandler,
  type StaticFilesOptions,
  type SymlinkPolicy,
} from "./static/mod.ts";
