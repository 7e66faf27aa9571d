/** Request heads of three sizes, as the micro benchmarks parse them. */

const MINIMAL = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
const BROWSER = [
  "GET /articles/2024/05/page.html?from=home&n=2 HTTP/1.1",
  "Host: www.example.com",
  "Connection: keep-alive",
  "Cache-Control: max-age=0",
  'sec-ch-ua: "Chromium";v="124", "Not-A.Brand";v="99"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "Upgrade-Insecure-Requests: 1",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Sec-Fetch-Site: none",
  "Sec-Fetch-Mode: navigate",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-US,en;q=0.9",
  "Cookie: session=0123456789abcdef; theme=dark",
  "\r\n",
].join("\r\n");
const FIFTY = [
  "GET /api/items?page=3 HTTP/1.1",
  "Host: www.example.com",
  ...Array.from(
    { length: 49 },
    (_, index) => `X-Field-Number-${index}: value of field ${index}, short`,
  ),
  "\r\n",
].join("\r\n");

const UTF8 = new TextEncoder();

/** A head: its name for the report, and its bytes. */
export interface Head {
  readonly name: string;
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The smallest, a browser's, and one of fifty fields. */
export const HEADS: readonly Head[] = Object.entries({
  minimal: MINIMAL,
  browser: BROWSER,
  "fifty fields": FIFTY,
}).map(([name, text]) => ({
  name: `${name}, ${text.length} B`,
  text,
  bytes: UTF8.encode(text),
}));
