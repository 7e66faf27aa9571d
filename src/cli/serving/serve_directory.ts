/**
 * The server of a directory.
 *
 * @module
 */

import type {
  DotfilePolicy,
  EntityTagPolicy,
  FileCoding,
  StaticFilesOptions,
  SymlinkPolicy,
} from "../../handlers/static/options.ts";
import { staticFiles } from "../../handlers/static/mod.ts";
import type { Middleware } from "../../http/handler.ts";
import { HttpServer } from "../../server/http_server.ts";
import { listenTarget } from "./listen_errors.ts";
import { liveReload } from "../reload/live_reload.ts";
import {
  listenOptions,
  serverOptions,
  type Settings,
} from "../config/settings.ts";

function mimeTypes(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  }));
}

/** The path below which the files are, without a slash at its end. */
export function basePath(settings: Settings): string {
  return (settings.text("base") ?? "").replace(/\/+$/, "");
}

/** What the options say of the files of a directory. */
export function staticOptions(settings: Settings): StaticFilesOptions {
  const text = (name: string) => settings.text(`static.${name}`);
  const list = (name: string) => settings.list(`static.${name}`);
  const etag = text("etag");
  const cleanUrls = text("cleanUrls");
  const precompressed = list("precompressed") as FileCoding[];
  const number = (name: string) => settings.get(`static.${name}`).value;
  const [maxAge, maxEntries] = [number("cacheMaxAge"), number("listing")];
  return {
    index: list("index"),
    listing: maxEntries !== null && { maxEntries: Number(maxEntries) },
    spa: text("spa") ?? false,
    cleanUrls: cleanUrls === "redirect" ? "redirect" : cleanUrls !== null,
    notFound: text("notFound") ?? undefined,
    dotfiles: (text("dotfiles") ?? "ignore") as DotfilePolicy,
    symlinks: text("symlinks") as SymlinkPolicy,
    cacheMaxAge: maxAge === null ? undefined : Number(maxAge),
    immutable: settings.isOn("static.immutable"),
    etag: etag === "off" ? false : etag as EntityTagPolicy,
    // To what is packed, the script of live reload cannot be added.
    precompressed: !settings.isOn("reload") && precompressed.length > 0 &&
      precompressed,
    mimeTypes: mimeTypes(list("mimeTypes")),
  };
}

/**
 * The middleware that has pages load themselves again when a file changes. It
 * watches the directory from now on.
 *
 * @param root The path of the directory.
 */
export function reloadLayer(root: string, settings: Settings): Middleware {
  // Names that a browser may know this server by.
  const { hostname } = listenTarget(listenOptions(settings));
  const hosts = [hostname, ...settings.list("allowedHosts")];
  return liveReload({ root, base: basePath(settings), hosts });
}

/**
 * Makes a server for the files of a directory.
 *
 * @param root The path of the directory.
 * @param layers What goes around them, the outermost first.
 */
export function serveDirectory(
  root: string,
  settings: Settings,
  layers: readonly Middleware[] = [],
): HttpServer {
  const server = new HttpServer(serverOptions(settings));
  for (const layer of layers) server.use(layer);
  const files = staticFiles({ root, ...staticOptions(settings) });
  return server.get(`${basePath(settings)}/*path`, files);
}
