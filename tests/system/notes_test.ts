/** The notes of examples/10_notes in a real browser, from signing up on. */
import { assertEquals, assertGreater } from "@std/assert";
import { type Program, startServer } from "../support/program.ts";
import { Browser } from "./browser.ts";
import { freePort } from "./front.ts";

/** The application with a database and a port that stay over a restart. */
class Notes implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #program: Program;

  private constructor(folder: string, port: number, program: Program) {
    this.#folder = folder;
    this.#port = port;
    this.#program = program;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Notes> {
    const folder = await Deno.makeTempDir({ prefix: "notes_" });
    const port = freePort();
    return new Notes(folder, port, await Notes.#run(folder, port));
  }

  static async #run(folder: string, port: number): Promise<Program> {
    const env = { PORT: `${port}`, NOTES_DATABASE: `${folder}/notes.db` };
    const file = "examples/10_notes/main.ts";
    const program = await startServer(file, [], { env });
    await program.url();
    return program;
  }

  /** Ends the process as an operator does, and starts it again. */
  async restart(): Promise<void> {
    this.#program.kill("SIGTERM");
    assertEquals((await this.#program.ended()).code, 0);
    this.#program = await Notes.#run(this.#folder, this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const TITLES =
  `[...document.querySelectorAll(".item-title")].map((one) => one.textContent)`;

async function seesTitles(page: Browser, titles: string[]): Promise<void> {
  const wanted = JSON.stringify(JSON.stringify(titles));
  await page.waitFor(`JSON.stringify(${TITLES}) === ${wanted}`);
}

async function waitVisible(page: Browser, id: string): Promise<void> {
  await page.waitFor(
    `document.getElementById("${id}")?.checkVisibility() === true`,
  );
}

async function isSaved(page: Browser): Promise<void> {
  await page.waitFor(
    `document.getElementById("status").textContent === "Saved"`,
  );
}

/** Fills in the form at the door, by keys alone. */
async function fillIn(
  page: Browser,
  name: string,
  password: string,
): Promise<void> {
  await waitVisible(page, "gate");
  await page.waitFor(`document.activeElement?.name === "name"`);
  await page.type(name);
  await page.evaluate(`document.querySelector("[name=password]").focus()`);
  await page.type(password);
  await page.press("Enter");
}

async function signUp(page: Browser, name: string): Promise<void> {
  await waitVisible(page, "gate");
  await page.click("#gate-swap");
  await page.waitFor(
    `document.getElementById("gate-submit").textContent === "Create account"`,
  );
  await fillIn(page, name, "correct horse");
  await waitVisible(page, "app");
}

/** Writes a note by keys alone. */
async function write(
  page: Browser,
  title: string,
  text: string,
): Promise<void> {
  await page.press("n");
  await page.waitFor(`document.activeElement?.id === "title"`);
  await page.type(title);
  await page.press("Enter");
  await page.waitFor(`document.activeElement?.id === "text"`);
  await page.type(text);
  await isSaved(page);
  await page.press("Escape");
  await page.waitFor(`document.activeElement?.className.includes("item")`);
}

async function searchFor(page: Browser, text: string): Promise<void> {
  await page.press("/");
  await page.waitFor(`document.activeElement?.id === "search"`);
  await page.type(text);
}

/** What went wrong in the page, but for requests that it gave up itself. */
function problems(page: Browser): string[] {
  return page.problems.filter((text) => !text.includes('"canceled":true'));
}

Deno.test("10_notes keeps what is written in Chromium, and from whom it is", async () => {
  await using notes = await Notes.start();
  await using ada = await Browser.start();
  await ada.show(1280, 800, false);
  await ada.open(notes.url);
  await signUp(ada, "ada");
  await write(ada, "Groceries", "Milk, bread and crème fraîche");
  await write(ada, "Reading list", "The Analytical Engine");
  await seesTitles(ada, ["Reading list", "Groceries"]);

  // Edited, it moves to the top.
  await ada.press("ArrowDown");
  await ada.waitFor(
    `document.querySelector("[aria-current] .item-title")?.textContent ===
      "Groceries"`,
  );
  await ada.press("Enter");
  await ada.waitFor(`document.activeElement?.id === "text"`);
  await ada.evaluate(`document.getElementById("text").select()`);
  await ada.type("Apples");
  await isSaved(ada);
  await ada.press("Escape");
  await seesTitles(ada, ["Groceries", "Reading list"]);

  await searchFor(ada, "analytic");
  await seesTitles(ada, ["Reading list"]);
  assertEquals(
    await ada.evaluate(`document.querySelector("mark").textContent`),
    "Analytical",
  );
  await ada.press("Escape");
  await seesTitles(ada, ["Groceries", "Reading list"]);

  // Another user, in a browser of their own, sees nothing of it.
  await using bob = await Browser.start();
  await bob.open(`${notes.url}/`);
  await signUp(bob, "bob");
  await seesTitles(bob, []);
  await write(bob, "Bob's own", "Nobody else's");
  await seesTitles(bob, ["Bob's own"]);

  await ada.open(notes.url);
  await seesTitles(ada, ["Groceries", "Reading list"]);
  await notes.restart();
  await ada.open(notes.url);
  await seesTitles(ada, ["Groceries", "Reading list"]);

  await ada.click(".item");
  await waitVisible(ada, "note");
  assertEquals(
    await ada.evaluate(`document.getElementById("text").value`),
    "Apples",
  );
  await ada.click("#delete");
  await seesTitles(ada, ["Reading list"]);
  await ada.click("#toast-act");
  await seesTitles(ada, ["Groceries", "Reading list"]);
  await ada.press("Escape");
  await ada.press("Delete");
  await seesTitles(ada, ["Reading list"]);

  await ada.click("#sign-out");
  await waitVisible(ada, "gate");
  assertEquals(await ada.evaluate(TITLES), []);
  await ada.open(notes.url);
  await fillIn(ada, "ada", "correct horse");
  await waitVisible(ada, "app");
  await seesTitles(ada, ["Reading list"]);
  assertEquals([problems(ada), problems(bob)], [[], []]);
});

Deno.test("10_notes lets nobody overwrite what was changed elsewhere", async () => {
  await using notes = await Notes.start();
  await using page = await Browser.start();
  await page.open(notes.url);
  await signUp(page, "ada");
  await write(page, "Plan", "first");
  // Another tab, so to say.
  await page.evaluate(`(async () => {
    const { notes: [note] } = await (await fetch("/api/notes")).json();
    await fetch("/api/notes/" + note.id, {
      method: "PUT",
      headers: { "if-match": '"' + note.version + '"' },
      body: JSON.stringify({ text: "Plan\\nfrom elsewhere" }),
    });
  })()`);
  await page.press("Enter");
  await page.waitFor(`document.activeElement?.id === "text"`);
  await page.type(" mine");
  await waitVisible(page, "conflict");
  await page.click("#take-theirs");
  await page.waitFor(
    `document.getElementById("text").value === "from elsewhere"`,
  );
  await page.type("!");
  await isSaved(page);
  await page.open(notes.url);
  await page.waitFor(
    `document.querySelector(".item-text")?.textContent.includes("elsewhere")`,
  );
  // The refusal is what the browser reports.
  assertEquals(page.answers.filter(([, status]) => status >= 400).length, 1);
});

Deno.test("10_notes tells what is wrong at the door", async () => {
  await using notes = await Notes.start();
  await using page = await Browser.start();
  await page.open(notes.url);
  await fillIn(page, "ada", "unknown to all");
  await page.waitFor(
    `document.getElementById("gate-alert").textContent ===
      "Name or password is wrong"`,
  );
  await page.click("#gate-swap");
  await page.evaluate(`document.getElementById("gate-form").reset()`);
  await fillIn(page, "a", "short");
  await page.waitFor(
    `document.getElementById("password-fault").textContent.includes("8 to")`,
  );
  assertEquals(
    await page.evaluate(
      `[...document.querySelectorAll("[aria-invalid=true]")].map((one) => one.name)`,
    ),
    ["name", "password"],
  );
});

const TEXTS = [
  [
    "Walk along the lake",
    "Take the 8:04 to Rapperswil, then on foot to Schmerikon. Three hours without breaks, bring water.",
  ],
  ["Books to return", "The Left Hand of Darkness, due on Friday."],
  [
    "Sourdough",
    "500 g flour\n375 g water\n100 g starter\n10 g salt\n\nFold every half hour, four times. Overnight in the fridge, then 20 minutes with the lid on and 25 without.",
  ],
  [
    "A title that is much too long for the place that it has in any list of notes",
    "And text.",
  ],
  [
    "Ideas for the garden",
    "Beans along the fence, a bench below the pear tree.",
  ],
  ["", "Only text here"],
  ["Café in the old town", "Ask for the table by the window."],
];

/** Nothing sticks out at the sides. */
async function fits(page: Browser): Promise<void> {
  assertEquals(
    await page.evaluate(
      `document.documentElement.scrollWidth - innerWidth`,
    ),
    0,
  );
}

Deno.test("10_notes fits into 360 and 1280 pixels, light and dark", async () => {
  await using notes = await Notes.start();
  await using page = await Browser.start();
  await page.open(notes.url);
  for (const [width, height] of [[360, 740], [1280, 800]]) {
    for (const scheme of ["light", "dark"] as const) {
      await page.show(width, height, scheme === "dark");
      await waitVisible(page, "gate");
      await fits(page);
      const png = await page.screenshot(`notes_gate_${width}_${scheme}`);
      assertGreater(png.length, 2_000);
    }
  }
  await signUp(page, "ada.lovelace");
  for (const [title, text] of TEXTS) await write(page, title, text);
  await page.press("p");
  for (const [width, height] of [[360, 740], [1280, 800]]) {
    for (const scheme of ["light", "dark"] as const) {
      await page.show(width, height, scheme === "dark");
      const name = `${width}_${scheme}`;
      await page.press("Escape");
      await fits(page);
      await page.screenshot(`notes_list_${name}`);
      await page.press("/");
      await page.type("the");
      await page.waitFor(`document.querySelector("mark") !== null`);
      await page.screenshot(`notes_search_${name}`);
      await page.press("Escape");
      await seesCount(page, `${TEXTS.length} notes`);
      await page.click("li:nth-child(5) .item");
      await waitVisible(page, "note");
      await fits(page);
      await page.screenshot(`notes_note_${name}`);
      await page.press("Escape");
      await page.press("?");
      await page.waitFor(`document.getElementById("keys").open`);
      await page.screenshot(`notes_keys_${name}`);
      await page.evaluate(`document.getElementById("keys").close()`);
    }
  }
  assertEquals(problems(page), []);
});

async function seesCount(page: Browser, text: string): Promise<void> {
  await page.waitFor(
    `document.getElementById("count").textContent === "${text}"`,
  );
}
