/** Messages that an application author can meet. */
import { API, checkMistakes } from "../../support/messages.ts";

const { HttpError, ResponseBuilder, SignedCookies } = API;

Deno.test("errors, cookies and builders tell what is wrong with them, and how to mend it", async () => {
  await checkMistakes([
    [
      () => new HttpError("no such user"),
      RangeError,
      'Cannot make an HttpError with status "no such user": take 400 to 599, and the message second',
    ],
    [
      () => new HttpError(200, "x"),
      RangeError,
      "Cannot make an HttpError with status 200: take 400 to 599, and the message second",
    ],
    [
      () => new HttpError(404, { message: "x" }),
      TypeError,
      "Cannot make an HttpError with a plain object as its message: take a string, and further members as { extensions } third",
    ],
    [
      () => new HttpError("404"),
      RangeError,
      'Cannot make an HttpError with status "404": take 400 to 599, and the message second',
    ],
    [
      () => new HttpError(404, "x", 5),
      TypeError,
      "Cannot use 5 as options of HttpError: take an object with any of cause",
    ],
    [
      () => new ResponseBuilder().header("x"),
      TypeError,
      'Cannot send undefined as the value of header "x": pass a string',
    ],
    [
      () => new ResponseBuilder().cookie("a"),
      TypeError,
      'Cannot set the cookie "a" with the value "undefined": encode it first, as by encodeURIComponent(value)',
    ],
    [
      () => new ResponseBuilder().cookie("a b", "v"),
      TypeError,
      'Cannot set the cookie "a b" with the name "a b": take a token, such as "sid"',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v;x"),
      TypeError,
      'Cannot set the cookie "a" with the value "v;x": encode it first, as by encodeURIComponent(value)',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v", { sameSite: "lax" }),
      TypeError,
      'Cannot set the cookie "a" with sameSite "lax": take "Strict", "Lax" or "None"',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v", { sameSite: "None" }),
      TypeError,
      'Cannot set the cookie "a" with secure "undefined": set it to true for SameSite=None',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v", { maxAge: "1d" }),
      TypeError,
      'Cannot set the cookie "a" with maxAge "1d": take whole seconds from 0',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v", { expires: "tomorrow" }),
      TypeError,
      'Cannot set the cookie "a" with expires "tomorrow": take a Date or milliseconds since 1970',
    ],
    [
      () => new ResponseBuilder().cookie("a", "v", { httponly: true }),
      TypeError,
      'Cannot find "httponly" among the options of a cookie: do you mean "httpOnly"? there are name',
    ],
    [
      () => new ResponseBuilder().cookie("a", { a: 1 }),
      TypeError,
      'Cannot set the cookie "a" with the value "[object Object]": encode it first, as by encodeURIComponent(value)',
    ],
    [
      () => new ResponseBuilder().cache({ maxage: 1 }),
      TypeError,
      'Cannot find "maxage" among the options of Cache-Control: do you mean "maxAge"? there are public',
    ],
    [
      () => new ResponseBuilder().cache({ maxAge: "1h" }),
      RangeError,
      'Cannot write Cache-Control with maxAge "1h": take whole seconds from 0',
    ],
    [
      () => new SignedCookies(),
      TypeError,
      "Cannot sign with options of type undefined: pass { keys: [secret] }",
    ],
    [
      () => new SignedCookies({ keys: ["short"] }),
      RangeError,
      "Cannot sign with a key of 5 bytes: take 32 or more",
    ],
    [
      () => new SignedCookies({ keys: [] }),
      TypeError,
      "Cannot sign without a key: pass { keys: [secret] }",
    ],
  ]);
});
