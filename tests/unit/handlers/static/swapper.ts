// A worker that swaps a directory and a link as fast as it can, until told to stop.
type Order = [directory: string, link: string, stop: SharedArrayBuffer];

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: string): void;
};

scope.onmessage = ({ data: [directory, link, stop] }) => {
  scope.postMessage("swapping");
  const flag = new Int32Array(stop);
  while (Atomics.load(flag, 0) === 0) {
    Deno.renameSync(directory, `${directory}.aside`);
    Deno.renameSync(link, directory);
    Deno.renameSync(directory, link);
    Deno.renameSync(`${directory}.aside`, directory);
  }
  scope.postMessage("stopped");
};
