/**
 * Makes the server of a directory or a module.
 *
 * @module
 */

import { answerLayers, type LayerContext } from "./answer_layers.ts";
import { loadServer, type RunnableServer } from "./load_module.ts";
import { checkScope } from "../config/scope.ts";
import { reloadLayer, serveDirectory } from "./serve_directory.ts";
import type { Settings } from "../config/settings.ts";
import type { Target } from "../target.ts";

/**
 * Makes the server of a directory or a module, which does not listen yet.
 *
 * @param name What to call it in messages.
 * @throws {CliError} If there is none, or an option is not for it.
 */
export async function makeServer(
  target: Target,
  name: string,
  settings: Settings,
  context: LayerContext,
): Promise<RunnableServer> {
  const layers = () => answerLayers(settings, context);
  if (target.kind === "module") {
    return await loadServer(target.url, name, settings, layers);
  }
  checkScope(settings, "directory", name);
  const all = await layers();
  const isWatched = settings.isOn("reload") && context.isServing === true;
  if (isWatched) all.push(reloadLayer(target.path, settings));
  return serveDirectory(target.path, settings, all);
}
