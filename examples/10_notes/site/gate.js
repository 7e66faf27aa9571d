/** The door: signing in, and making an account. */
import { ApiError, signIn, signUp } from "./api.js";

const find = (id) => document.getElementById(id);

const WORDS = {
  in: {
    heading: "Welcome back",
    lead: "Sign in to get to your notes.",
    submit: "Sign in",
    question: "New here?",
    swap: "Create an account",
    autocomplete: "current-password",
  },
  up: {
    heading: "Make yourself at home",
    lead: "A name and a password are all it takes.",
    submit: "Create account",
    question: "Been here before?",
    swap: "Sign in",
    autocomplete: "new-password",
  },
};

/** Calls `onEnter` with the user once somebody has come in. */
export class Gate {
  #mode = "in";
  #form = find("gate-form");
  #onEnter;

  constructor(onEnter) {
    this.#onEnter = onEnter;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter();
    });
    find("gate-swap").addEventListener("click", () => {
      this.#setMode(this.#mode === "in" ? "up" : "in");
      this.#form.elements.name.focus();
    });
  }

  show() {
    find("gate").hidden = false;
    this.#form.reset();
    this.#setMode("in");
    this.#form.elements.name.focus();
  }

  hide() {
    find("gate").hidden = true;
    this.#form.reset();
  }

  #setMode(mode) {
    this.#mode = mode;
    const words = WORDS[mode];
    find("gate-heading").textContent = words.heading;
    find("gate-lead").textContent = words.lead;
    find("gate-submit").textContent = words.submit;
    find("gate-question").textContent = words.question;
    find("gate-swap").textContent = words.swap;
    this.#form.elements.password.autocomplete = words.autocomplete;
    this.#tell("", new Map());
  }

  #tell(alert, faults) {
    find("gate-alert").textContent = alert;
    for (const name of ["name", "password"]) {
      const fault = faults.get(name) ?? "";
      find(`${name}-fault`).textContent = fault;
      this.#form.elements[name].ariaInvalid = fault === "" ? null : "true";
    }
  }

  async #enter() {
    const { name, password } = this.#form.elements;
    const who = { name: name.value.trim(), password: password.value };
    const submit = find("gate-submit");
    submit.disabled = true;
    this.#tell("", new Map());
    try {
      const { user } = await (this.#mode === "in" ? signIn : signUp)(who);
      this.#onEnter(user);
    } catch (error) {
      this.#refuse(error);
    } finally {
      submit.disabled = false;
    }
  }

  #refuse(error) {
    if (!(error instanceof ApiError)) {
      this.#tell("The server can't be reached. Try again.", new Map());
      return;
    }
    this.#tell(error.faults.size === 0 ? error.message : "", error.faults);
    const first = ["name", "password"].find((name) => error.faults.has(name));
    this.#form.elements[first ?? "password"].focus();
  }
}
