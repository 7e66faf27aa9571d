/** A video element seeks in a file that `staticFiles` serves: by ranges, and to
 * the frame that it asked for. Chromium itself makes the frames of the video. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { join } from "@std/path";
import { html, HttpServer, noContent } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { Browser } from "./browser.ts";
import { webm } from "./webm.ts";

const FRAMES = 60;
const FRAME_MS = 500;
const SIZE = [640, 360] as const;
// So many that the browser will not hold all of it in advance.
const LEAST_BYTES = 12_000_000;

/** Encodes frames of noise, the number of each in six squares, and sends them. */
const MAKE_FRAMES = `(async () => {
  const canvas = new OffscreenCanvas(${SIZE});
  const context = canvas.getContext("2d");
  const noise = context.createImageData(${SIZE});
  const chunks = [];
  const encoder = new VideoEncoder({
    output: (chunk) => chunks.push(chunk),
    error: (error) => console.error(error),
  });
  encoder.configure({
    codec: "vp8",
    width: ${SIZE[0]},
    height: ${SIZE[1]},
    framerate: ${1000 / FRAME_MS},
    bitrate: 40_000_000,
  });
  let seed = 1;
  for (let frame = 0; frame < ${FRAMES}; frame++) {
    for (let at = 0; at < noise.data.length; at++) {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      noise.data[at] = at % 4 === 3 ? 255 : seed >>> 24;
    }
    context.putImageData(noise, 0, 0);
    for (let bit = 0; bit < 6; bit++) {
      context.fillStyle = frame >> bit & 1 ? "white" : "black";
      context.fillRect(bit * 80, 0, 80, 80);
    }
    const timestamp = frame * ${FRAME_MS * 1000};
    const image = new VideoFrame(canvas, { timestamp });
    encoder.encode(image, { keyFrame: true });
    image.close();
  }
  await encoder.flush();
  for (const [at, chunk] of chunks.entries()) {
    const body = new Uint8Array(chunk.byteLength);
    chunk.copyTo(body);
    await fetch("/frames/" + at, { method: "POST", body });
  }
  return chunks.length;
})()`;

/** The number of the frame that the video shows. */
const SHOWN_FRAME = `(() => {
  const canvas = new OffscreenCanvas(${SIZE});
  const context = canvas.getContext("2d");
  context.drawImage(document.querySelector("video"), 0, 0);
  let number = 0;
  for (let bit = 0; bit < 6; bit++) {
    const [red] = context.getImageData(bit * 80 + 40, 40, 1, 1).data;
    if (red > 127) number |= 1 << bit;
  }
  return number;
})()`;

const WATCH = `<!DOCTYPE html><title>Watch</title>
<video src="/media/clip.webm" preload="metadata" muted width="640"></video>`;

/** A request for the video, and what it was answered. */
interface Answer {
  readonly range: string | null;
  readonly status: number;
  readonly contentRange: string | null;
}

/** A site with a video, and how it was asked for. */
class Site implements AsyncDisposable {
  readonly frames: Uint8Array[] = [];
  readonly answers: Answer[] = [];
  readonly root: string;
  readonly #server = new HttpServer({
    limits: { bodyBytes: 16 * 1024 * 1024 },
  });
  url = "";

  private constructor(root: string) {
    this.root = root;
  }

  static async start(): Promise<Site> {
    const site = new Site(await Deno.makeTempDir({ prefix: "video_" }));
    site.#define();
    const { port } = await site.#server.listen({ port: 0 }) as Deno.NetAddr;
    site.url = `http://127.0.0.1:${port}`;
    return site;
  }

  #define(): void {
    const server = this.#server;
    server.get("/favicon.ico", () => noContent());
    server.get("/make", () => html("<!DOCTYPE html><title>Make</title>"));
    server.get("/watch", () => html(WATCH));
    server.post("/frames/:at", async (request) => {
      this.frames[Number(request.params.at)] = await request.bytes();
      return noContent();
    });
    server.use("/media", async (request, next) => {
      const response = await next();
      this.answers.push({
        range: request.header("range"),
        status: response.status,
        contentRange: response.header("content-range"),
      });
      return response;
    });
    server.get("/media/*path", staticFiles({ root: this.root }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown({ graceMs: 0 });
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Makes the video; its length in bytes. */
async function makeVideo(site: Site, browser: Browser): Promise<number> {
  await browser.open(`${site.url}/make`);
  assertEquals(await browser.evaluate(MAKE_FRAMES), FRAMES);
  const video = webm(site.frames, FRAME_MS, SIZE);
  assertGreater(video.length, LEAST_BYTES);
  await Deno.writeFile(join(site.root, "clip.webm"), video);
  return video.length;
}

async function seek(browser: Browser, seconds: number): Promise<void> {
  await browser.evaluate(`new Promise((resolve, reject) => {
    const video = document.querySelector("video");
    video.onerror = () => reject(new Error(video.error.message));
    video.onseeked = resolve;
    video.currentTime = ${seconds};
  })`);
}

function startOf({ contentRange }: Answer): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? "")?.[1]);
}

Deno.test("a video element seeks in a file of staticFiles, by answers of 206", async () => {
  await using site = await Site.start();
  await using browser = await Browser.start();
  const length = await makeVideo(site, browser);

  await browser.open(`${site.url}/watch`);
  await browser.waitFor(`document.querySelector("video").readyState >= 1`);
  assertEquals(
    await browser.evaluate(`document.querySelector("video").duration`),
    FRAMES * FRAME_MS / 1000,
  );
  assertEquals(site.answers[0], {
    range: "bytes=0-",
    status: 206,
    contentRange: `bytes 0-${length - 1}/${length}`,
  });

  // Far ahead of what has been read, back, and close to the end.
  for (const frame of [50, 7, 33, 59, 0, 21]) {
    await seek(browser, (frame + 0.5) * FRAME_MS / 1000);
    assertEquals(await browser.evaluate(SHOWN_FRAME), frame);
  }
  const starts = site.answers.map(startOf);
  assert(starts.some((start) => start > length / 2), starts.join());
  for (const { range, status, contentRange } of site.answers) {
    assertEquals(status, 206, `${range}`);
    const [, start] = /^bytes=(\d+)-/.exec(range ?? "") ?? [];
    assertEquals(contentRange, `bytes ${start}-${length - 1}/${length}`);
  }

  // It plays on from there.
  await seek(browser, 20);
  await browser.evaluate(`document.querySelector("video").play()`);
  await browser.waitFor(`document.querySelector("video").currentTime > 20.6`);
  await browser.evaluate(`document.querySelector("video").pause()`);
  assertGreater(Number(await browser.evaluate(SHOWN_FRAME)), 40);
  assertLess(site.answers.length, 40);
});
