/** What a parser makes of the bytes of one connection. */

/** One request. */
export interface Message {
  readonly method: string;
  readonly target: string;
  /** Names as sent, values without white space around. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
}

/** All requests that are complete, and what came of the rest. */
export interface Reading {
  readonly messages: readonly Message[];
  /** The name of the fault, or `null`. */
  readonly fault: string | null;
  /** True if nothing behind the last message is read, by its own request. */
  readonly isLast: boolean;
  /** True if the last message asks to switch protocols: its body is left. */
  readonly isSwitched: boolean;
}

/** A parser to compare. */
export interface Peer {
  readonly name: string;
  /** True if it reads each byte without its highest bit. */
  readonly isSevenBit: boolean;
  read(bytes: Uint8Array<ArrayBuffer>): Reading;
}

/** Collects messages from callbacks; texts hold a character for each byte. */
export class Collector {
  /** The complete messages. */
  readonly messages: Message[] = [];

  #method = "";
  #target = "";
  #fields: [string, string][] = [];
  #trailers: [string, string][] = [];
  #body = "";
  #inBody = false;
  #name = "";
  #value = "";
  #hasValue = false;

  /** A message begins. */
  begin(): void {
    this.#method = this.#target = this.#body = "";
    this.#name = this.#value = "";
    this.#hasValue = this.#inBody = false;
    this.#fields = [];
    this.#trailers = [];
  }

  /** Some of the target. */
  target(text: string): void {
    this.#target += text;
  }

  /** Some of a field name. */
  name(text: string): void {
    if (this.#hasValue) this.#endField();
    this.#name += text;
  }

  /** Some of a field value. */
  value(text: string): void {
    this.#hasValue = true;
    this.#value += text;
  }

  #endField(): void {
    if (this.#name !== "") {
      const field: [string, string] = [this.#name, trim(this.#value)];
      (this.#inBody ? this.#trailers : this.#fields).push(field);
    }
    this.#name = this.#value = "";
    this.#hasValue = false;
  }

  /** A whole field. */
  field(name: string, value: string): void {
    this.name(name);
    this.value(value);
    this.#endField();
  }

  /** The head is complete. */
  headers(method: string): void {
    this.#endField();
    this.#method = method;
    this.#inBody = true;
  }

  /** Some of the body. */
  body(text: string): void {
    this.#body += text;
  }

  /** The message is complete. */
  complete(): void {
    this.#endField();
    this.messages.push({
      method: this.#method,
      target: this.#target,
      fields: this.#fields,
      body: this.#body,
      trailers: this.#trailers,
    });
    this.begin();
  }
}

/**
 * A reading as of a parser that drops the highest bit of each byte, and then
 * takes a value to end behind what has become a line end.
 */
export function inSevenBits(reading: Reading): Reading {
  const messages = reading.messages.map((message) => ({
    ...message,
    fields: message.fields.map(maskField),
    trailers: message.trailers.map(maskField),
  }));
  return { ...reading, messages };
}

function maskField([name, value]: readonly [string, string]) {
  const masked = value.replace(
    /[\x80-\xff]/g,
    (char) => String.fromCharCode(char.charCodeAt(0) & 0x7f),
  );
  const cut = masked.replace(/^([^\r\n]*[\r\n])[^]*$/, "$1");
  return [name, trim(cut)] as const;
}

function trim(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}
