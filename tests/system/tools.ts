/** Programs of the machine that the system tests run. */

/** What a program has written. */
export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; throws what it has written if it fails. */
export async function runTool(
  name: string,
  args: readonly string[],
): Promise<ToolOutput> {
  const command = new Deno.Command(name, { args: [...args], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  const output = {
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
  if (success) return output;
  throw new Error(`${name} failed: ${output.stdout}${output.stderr}`);
}
