/** Requests as text. */

/** A request for a path; `more` are whole field lines. */
export function get(path: string, more = "", version = "1.1"): string {
  return `GET ${path} HTTP/${version}\r\nHost: a\r\n${more}\r\n`;
}

/** The head of a POST with these field lines. */
export function postHead(path: string, more: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
}

/** A POST whose body has a declared length. */
export function post(path: string, body: string, more = ""): string {
  const length = new TextEncoder().encode(body).length;
  return postHead(path, `Content-Length: ${length}\r\n${more}`) + body;
}

/** A chunk. */
export function chunk(data: string): string {
  const length = new TextEncoder().encode(data).length;
  return `${length.toString(16)}\r\n${data}\r\n`;
}

/** A POST whose body comes in chunks. */
export function postChunks(path: string, ...data: string[]): string {
  const head = postHead(path, "Transfer-Encoding: chunked\r\n");
  return head + data.map(chunk).join("") + "0\r\n\r\n";
}
