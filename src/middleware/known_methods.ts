/**
 * The methods that HTTP defines, for those who measure: clients choose the
 * method, and each value of a label costs memory for ever, here and in whatever
 * stores the numbers.
 *
 * @module
 */

/** RFC 9110 9.3, RFC 5789, and QUERY. */
export const KNOWN_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "QUERY",
];
