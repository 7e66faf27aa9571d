/** The open note. What is written is saved by itself, soon after a pause. */
import { addNote, ApiError, changeNote, readNote } from "./api.js";
import { splitText } from "./list.js";

const find = (id) => document.getElementById(id);
const PAUSE_MS = 500;
const RETRY_MS = 3_000;

/** Tells of what has happened by the functions `onSaved` and `onLost`. */
export class Editor {
  #note = null;
  #isDirty = false;
  #saving = null;
  #timer = 0;
  #title = find("title");
  #text = find("text");
  #onSaved;
  #onLost;

  constructor({ onSaved, onLost }) {
    this.#onSaved = onSaved;
    this.#onLost = onLost;
    for (const field of [this.#title, this.#text]) {
      field.addEventListener("input", () => this.#change());
    }
    this.#title.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.#text.focus();
      this.#text.setSelectionRange(0, 0);
    });
    find("take-theirs").addEventListener("click", () => this.#takeTheirs());
    find("keep-mine").addEventListener("click", () => this.#keepMine());
    // The last words before the page goes away.
    addEventListener("pagehide", () => this.#saveLast());
  }

  get note() {
    return this.#note;
  }

  /** The note in the fields, as the API takes it. */
  #content() {
    const { value: rest } = this.#text;
    const title = this.#title.value;
    return {
      text: rest === "" ? title : `${title}\n${rest}`,
      pinned: this.#note.pinned,
    };
  }

  /**
   * Shows a note, or none. False if the one before could not be saved, which
   * then stays.
   */
  async open(note) {
    await this.save();
    if (this.#isDirty) return false;
    this.#show(note);
    return true;
  }

  /** A note that is saved once something is in it. */
  openNew() {
    return this.open({ id: null, text: "", pinned: false });
  }

  /** Shows none, without saving. */
  close() {
    clearTimeout(this.#timer);
    this.#isDirty = false;
    this.#show(null);
  }

  #show(note) {
    this.#note = note;
    find("note").hidden = note === null;
    find("blank").hidden = note !== null;
    find("conflict").hidden = true;
    this.#tell("");
    if (note === null) return;
    const { title, rest } = splitText(note.text);
    this.#title.value = title;
    this.#text.value = rest;
    this.#text.scrollTop = 0;
    this.#showPin();
  }

  focus() {
    if (this.#title.value === "") this.#title.focus();
    else this.#text.focus();
  }

  togglePin() {
    this.#note.pinned = !this.#note.pinned;
    this.#showPin();
    this.#change();
    return this.save();
  }

  #showPin() {
    find("pin").ariaPressed = String(this.#note.pinned);
    find("pin").ariaLabel = this.#note.pinned
      ? "Take the pin out"
      : "Pin to the top";
  }

  #tell(text, isFault = false) {
    find("status").textContent = text;
    find("status").classList.toggle("is-fault", isFault);
  }

  #change() {
    this.#isDirty = true;
    this.#tell("");
    this.#saveIn(PAUSE_MS);
  }

  #saveIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), ms);
  }

  /** Saves what has not been saved; one request at a time. */
  save() {
    clearTimeout(this.#timer);
    this.#saving ??= this.#saveAll().finally(() => this.#saving = null);
    return this.#saving;
  }

  async #saveAll() {
    while (this.#isDirty && find("conflict").hidden) {
      const note = this.#note;
      const content = this.#content();
      this.#isDirty = false;
      // A new note with nothing in it is none.
      if (note.id === null && content.text.trim() === "") return;
      this.#tell("Saving…");
      try {
        Object.assign(note, await this.#send(note, content));
        this.#onSaved(note);
        this.#tell("Saved");
      } catch (error) {
        this.#isDirty = true;
        this.#refuse(error);
        return;
      }
    }
  }

  #send(note, content) {
    return note.id === null ? addNote(content) : changeNote(note, content);
  }

  #refuse(error) {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 401) {
      this.#tell("You are signed out", true);
      this.#onLost();
    } else if (status === 404) {
      // Deleted elsewhere: what is here becomes a new note.
      this.#note.id = null;
      this.#saveIn(0);
    } else if (status === 412) {
      this.#tell("Not saved", true);
      find("conflict").hidden = false;
    } else if (status === 422) {
      this.#tell(error.message, true);
    } else {
      this.#tell("Not saved. Trying again…", true);
      this.#saveIn(RETRY_MS);
    }
  }

  async #takeTheirs() {
    const theirs = await readNote(this.#note.id);
    this.#isDirty = false;
    this.#show(theirs);
    this.#onSaved(theirs);
  }

  async #keepMine() {
    const { version } = await readNote(this.#note.id);
    this.#note.version = version;
    find("conflict").hidden = true;
    await this.save();
  }

  #saveLast() {
    if (!this.#isDirty || !this.#note?.id) return;
    this.#isDirty = false;
    changeNote(this.#note, this.#content(), { keepalive: true }).catch(() => {
      this.#isDirty = true;
    });
  }
}
