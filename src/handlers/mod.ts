/**
 * Handlers: files of a directory, and health checks.
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
