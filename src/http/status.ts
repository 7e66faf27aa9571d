/**
 * Status codes and their reason phrases (RFC 9110 15 and the IANA registry).
 *
 * @module
 */

/**
 * Status codes by name.
 *
 * @example Usage
 * ```ts
 * import { HttpStatus } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HttpStatus.NOT_FOUND, 404);
 * ```
 */
export const HttpStatus: {
  /** 100 Continue. */
  readonly CONTINUE: 100;
  /** 101 Switching Protocols. */
  readonly SWITCHING_PROTOCOLS: 101;
  /** 103 Early Hints. */
  readonly EARLY_HINTS: 103;
  /** 200 OK. */
  readonly OK: 200;
  /** 201 Created. */
  readonly CREATED: 201;
  /** 202 Accepted. */
  readonly ACCEPTED: 202;
  /** 203 Non-Authoritative Information. */
  readonly NON_AUTHORITATIVE_INFORMATION: 203;
  /** 204 No Content. */
  readonly NO_CONTENT: 204;
  /** 205 Reset Content. */
  readonly RESET_CONTENT: 205;
  /** 206 Partial Content. */
  readonly PARTIAL_CONTENT: 206;
  /** 207 Multi-Status. */
  readonly MULTI_STATUS: 207;
  /** 208 Already Reported. */
  readonly ALREADY_REPORTED: 208;
  /** 226 IM Used. */
  readonly IM_USED: 226;
  /** 300 Multiple Choices. */
  readonly MULTIPLE_CHOICES: 300;
  /** 301 Moved Permanently. */
  readonly MOVED_PERMANENTLY: 301;
  /** 302 Found. */
  readonly FOUND: 302;
  /** 303 See Other. */
  readonly SEE_OTHER: 303;
  /** 304 Not Modified. */
  readonly NOT_MODIFIED: 304;
  /** 307 Temporary Redirect. */
  readonly TEMPORARY_REDIRECT: 307;
  /** 308 Permanent Redirect. */
  readonly PERMANENT_REDIRECT: 308;
  /** 400 Bad Request. */
  readonly BAD_REQUEST: 400;
  /** 401 Unauthorized. */
  readonly UNAUTHORIZED: 401;
  /** 402 Payment Required. */
  readonly PAYMENT_REQUIRED: 402;
  /** 403 Forbidden. */
  readonly FORBIDDEN: 403;
  /** 404 Not Found. */
  readonly NOT_FOUND: 404;
  /** 405 Method Not Allowed. */
  readonly METHOD_NOT_ALLOWED: 405;
  /** 406 Not Acceptable. */
  readonly NOT_ACCEPTABLE: 406;
  /** 407 Proxy Authentication Required. */
  readonly PROXY_AUTHENTICATION_REQUIRED: 407;
  /** 408 Request Timeout. */
  readonly REQUEST_TIMEOUT: 408;
  /** 409 Conflict. */
  readonly CONFLICT: 409;
  /** 410 Gone. */
  readonly GONE: 410;
  /** 411 Length Required. */
  readonly LENGTH_REQUIRED: 411;
  /** 412 Precondition Failed. */
  readonly PRECONDITION_FAILED: 412;
  /** 413 Content Too Large. */
  readonly CONTENT_TOO_LARGE: 413;
  /** 414 URI Too Long. */
  readonly URI_TOO_LONG: 414;
  /** 415 Unsupported Media Type. */
  readonly UNSUPPORTED_MEDIA_TYPE: 415;
  /** 416 Range Not Satisfiable. */
  readonly RANGE_NOT_SATISFIABLE: 416;
  /** 417 Expectation Failed. */
  readonly EXPECTATION_FAILED: 417;
  /** 418 I'm a teapot. */
  readonly IM_A_TEAPOT: 418;
  /** 421 Misdirected Request. */
  readonly MISDIRECTED_REQUEST: 421;
  /** 422 Unprocessable Content. */
  readonly UNPROCESSABLE_CONTENT: 422;
  /** 423 Locked. */
  readonly LOCKED: 423;
  /** 424 Failed Dependency. */
  readonly FAILED_DEPENDENCY: 424;
  /** 425 Too Early. */
  readonly TOO_EARLY: 425;
  /** 426 Upgrade Required. */
  readonly UPGRADE_REQUIRED: 426;
  /** 428 Precondition Required. */
  readonly PRECONDITION_REQUIRED: 428;
  /** 429 Too Many Requests. */
  readonly TOO_MANY_REQUESTS: 429;
  /** 431 Request Header Fields Too Large. */
  readonly REQUEST_HEADER_FIELDS_TOO_LARGE: 431;
  /** 451 Unavailable For Legal Reasons. */
  readonly UNAVAILABLE_FOR_LEGAL_REASONS: 451;
  /** 500 Internal Server Error. */
  readonly INTERNAL_SERVER_ERROR: 500;
  /** 501 Not Implemented. */
  readonly NOT_IMPLEMENTED: 501;
  /** 502 Bad Gateway. */
  readonly BAD_GATEWAY: 502;
  /** 503 Service Unavailable. */
  readonly SERVICE_UNAVAILABLE: 503;
  /** 504 Gateway Timeout. */
  readonly GATEWAY_TIMEOUT: 504;
  /** 505 HTTP Version Not Supported. */
  readonly HTTP_VERSION_NOT_SUPPORTED: 505;
  /** 506 Variant Also Negotiates. */
  readonly VARIANT_ALSO_NEGOTIATES: 506;
  /** 507 Insufficient Storage. */
  readonly INSUFFICIENT_STORAGE: 507;
  /** 508 Loop Detected. */
  readonly LOOP_DETECTED: 508;
  /** 511 Network Authentication Required. */
  readonly NETWORK_AUTHENTICATION_REQUIRED: 511;
} = {
  CONTINUE: 100,
  SWITCHING_PROTOCOLS: 101,
  EARLY_HINTS: 103,
  OK: 200,
  CREATED: 201,
  ACCEPTED: 202,
  NON_AUTHORITATIVE_INFORMATION: 203,
  NO_CONTENT: 204,
  RESET_CONTENT: 205,
  PARTIAL_CONTENT: 206,
  MULTI_STATUS: 207,
  ALREADY_REPORTED: 208,
  IM_USED: 226,
  MULTIPLE_CHOICES: 300,
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  NOT_MODIFIED: 304,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  PAYMENT_REQUIRED: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  PROXY_AUTHENTICATION_REQUIRED: 407,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  GONE: 410,
  LENGTH_REQUIRED: 411,
  PRECONDITION_FAILED: 412,
  CONTENT_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RANGE_NOT_SATISFIABLE: 416,
  EXPECTATION_FAILED: 417,
  IM_A_TEAPOT: 418,
  MISDIRECTED_REQUEST: 421,
  UNPROCESSABLE_CONTENT: 422,
  LOCKED: 423,
  FAILED_DEPENDENCY: 424,
  TOO_EARLY: 425,
  UPGRADE_REQUIRED: 426,
  PRECONDITION_REQUIRED: 428,
  TOO_MANY_REQUESTS: 429,
  REQUEST_HEADER_FIELDS_TOO_LARGE: 431,
  UNAVAILABLE_FOR_LEGAL_REASONS: 451,
  INTERNAL_SERVER_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
  GATEWAY_TIMEOUT: 504,
  HTTP_VERSION_NOT_SUPPORTED: 505,
  VARIANT_ALSO_NEGOTIATES: 506,
  INSUFFICIENT_STORAGE: 507,
  LOOP_DETECTED: 508,
  NETWORK_AUTHENTICATION_REQUIRED: 511,
};

const PHRASES: ReadonlyMap<number, string> = new Map([
  [100, "Continue"],
  [101, "Switching Protocols"],
  [103, "Early Hints"],
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [203, "Non-Authoritative Information"],
  [204, "No Content"],
  [205, "Reset Content"],
  [206, "Partial Content"],
  [207, "Multi-Status"],
  [208, "Already Reported"],
  [226, "IM Used"],
  [300, "Multiple Choices"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [407, "Proxy Authentication Required"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [411, "Length Required"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [415, "Unsupported Media Type"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [418, "I'm a teapot"],
  [421, "Misdirected Request"],
  [422, "Unprocessable Content"],
  [423, "Locked"],
  [424, "Failed Dependency"],
  [425, "Too Early"],
  [426, "Upgrade Required"],
  [428, "Precondition Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
  [506, "Variant Also Negotiates"],
  [507, "Insufficient Storage"],
  [508, "Loop Detected"],
  [511, "Network Authentication Required"],
]);

/**
 * The reason phrase of a status code; empty when it has none (RFC 9112 4).
 *
 * @example Usage
 * ```ts
 * import { reasonPhrase } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(reasonPhrase(404), "Not Found");
 * ```
 */
export function reasonPhrase(status: number): string {
  return PHRASES.get(status) ?? "";
}

/**
 * Tells whether an answer with this status never has content: 1xx, 204 and 304
 * (RFC 9110 6.4.1).
 */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}
