/** Headless Chromium, driven over its DevTools protocol. */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
  "--remote-debugging-port=0",
  "--window-size=1280,800",
];

const KEY_CODES: Readonly<Record<string, number>> = {
  Backspace: 8,
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ArrowUp: 38,
  ArrowDown: 40,
  Delete: 46,
};

/** One command after the other, and the events between them. */
class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Set<(message: Message) => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new DevTools(socket);
  }

  #receive(message: Message): void {
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    else for (const listener of this.#listeners) listener(message);
  }

  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async send(
    method: string,
    params: Record<string, unknown> = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const answer = new Promise<Message>((resolve) =>
      this.#waiting.set(id, resolve)
    );
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

/** A browser with one page. */
export class Browser implements AsyncDisposable {
  /** What the page has complained about: console errors, failed loads, exceptions. */
  readonly problems: string[] = [];
  /** URL and status of each answer. */
  readonly answers: [url: string, status: number][] = [];

  readonly #child: Deno.ChildProcess;
  readonly #profile: string;
  readonly #tools: DevTools;
  readonly #session: string;

  private constructor(
    child: Deno.ChildProcess,
    profile: string,
    tools: DevTools,
    session: string,
  ) {
    this.#child = child;
    this.#profile = profile;
    this.#tools = tools;
    this.#session = session;
    tools.listen((message) => this.#note(message));
  }

  /** Starts Chromium with an empty profile. */
  static async start(): Promise<Browser> {
    const profile = await Deno.makeTempDir({ prefix: "browser_" });
    const child = new Deno.Command("chromium", {
      args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const tools = await DevTools.connect(await toolsUrl(child));
    const { targetId } = await tools.send("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await tools.send("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const browser = new Browser(child, profile, tools, String(sessionId));
    for (const domain of ["Page", "Runtime", "Log", "Network"]) {
      await browser.#send(`${domain}.enable`);
    }
    return browser;
  }

  #send(
    method: string,
    params?: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    return this.#tools.send(method, params, this.#session);
  }

  #note({ method, params }: Message): void {
    const text = JSON.stringify(params);
    if (method === "Runtime.exceptionThrown") this.problems.push(text);
    if (method === "Network.loadingFailed") this.problems.push(text);
    if (method === "Log.entryAdded" && /"level":"error"/.test(text)) {
      this.problems.push(text);
    }
    if (method === "Runtime.consoleAPICalled" && params?.type === "error") {
      this.problems.push(text);
    }
    if (method === "Network.responseReceived") {
      const response = params?.response as { url: string; status: number };
      this.answers.push([response.url, response.status]);
    }
  }

  /** Goes to a page and waits for its load event. */
  async open(url: string): Promise<void> {
    await this.#loading(() => this.#send("Page.navigate", { url }));
  }

  /** Evaluates what leads to another page and waits for its load event. */
  async leave(expression: string): Promise<void> {
    await this.#loading(() => this.#send("Runtime.evaluate", { expression }));
  }

  async #loading(act: () => Promise<unknown>): Promise<void> {
    const loaded = Promise.withResolvers<void>();
    const stop = this.#tools.listen(({ method }) => {
      if (method === "Page.loadEventFired") loaded.resolve();
    });
    await act();
    await loaded.promise;
    stop();
  }

  /** Evaluates an expression in the page, awaiting a promise. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(exceptionDetails));
    }
    return (result as { value?: unknown }).value;
  }

  /** Waits until an expression is true in the page; asks again at each frame. */
  async waitFor(expression: string): Promise<void> {
    await this.evaluate(`new Promise((resolve) => {
      const look = () => (${expression}) ? resolve() : setTimeout(look, 20);
      look();
    })`);
  }

  /** Sets the size of the page in CSS pixels, and whether the user likes it
   * dark; without transitions, which a picture would show half done. */
  async show(width: number, height: number, isDark: boolean): Promise<void> {
    await this.#send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    const value = isDark ? "dark" : "light";
    await this.#send("Emulation.setEmulatedMedia", {
      features: [
        { name: "prefers-color-scheme", value },
        { name: "prefers-reduced-motion", value: "reduce" },
      ],
    });
  }

  /** Presses a key, such as `n`, Tab or Escape, and lets it go. */
  async press(key: string): Promise<void> {
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    const event = { key, code: key, text };
    await this.#send("Input.dispatchKeyEvent", {
      ...event,
      type: text === undefined ? "rawKeyDown" : "keyDown",
      // What the browser itself does on a key goes by its number.
      windowsVirtualKeyCode: KEY_CODES[key],
    });
    await this.#send("Input.dispatchKeyEvent", { ...event, type: "keyUp" });
  }

  /** Puts text where the focus is. */
  async type(text: string): Promise<void> {
    await this.#send("Input.insertText", { text });
  }

  /** Clicks on the middle of what a selector finds. */
  async click(selector: string): Promise<void> {
    const point = await this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "nearest" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.#send("Input.dispatchMouseEvent", {
        ...{ type, button: "left", clickCount: 1 },
        ...point as { x: number; y: number },
      });
    }
  }

  /** Each element of the accessibility tree as "role: name". */
  async accessibility(): Promise<string[]> {
    const { nodes } = await this.#send("Accessibility.getFullAXTree");
    const list = nodes as {
      ignored: boolean;
      role?: { value: string };
      name?: { value: string };
    }[];
    return list.filter((node) => !node.ignored)
      .map(({ role, name }) => `${role?.value}: ${name?.value ?? ""}`);
  }

  /** A PNG of what can be seen; also kept in SCREENSHOT_DIR if that is set. */
  async screenshot(name: string): Promise<Uint8Array> {
    const { data } = await this.#send("Page.captureScreenshot");
    const png = Uint8Array.from(atob(String(data)), (c) => c.charCodeAt(0));
    const folder = Deno.env.get("SCREENSHOT_DIR");
    if (folder) await Deno.writeFile(`${folder}/${name}.png`, png);
    return png;
  }

  /** Ends the browser and removes its profile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tools.send("Browser.close").catch(() => {});
    await this.#tools.close();
    await this.#child.status;
    await Deno.remove(this.#profile, { recursive: true });
  }
}

async function toolsUrl(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Chromium did not start: ${text}`);
    text += value;
    const found = /DevTools listening on (ws:\S+)/.exec(text);
    if (found === null) continue;
    drain(reader);
    return found[1];
  }
}

// A full pipe would stop the browser.
async function drain(
  reader: ReadableStreamDefaultReader<string>,
): Promise<void> {
  while (!(await reader.read()).done);
}
