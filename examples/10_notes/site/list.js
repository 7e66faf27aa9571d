/** The list of notes at the side: pages, search, marks. */
import { listNotes } from "./api.js";

const find = (id) => document.getElementById(id);
const LANGUAGE = navigator.language;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** First line and rest of a note. */
export function splitText(text) {
  const end = text.indexOf("\n");
  return end < 0
    ? { title: text, rest: "" }
    : { title: text.slice(0, end), rest: text.slice(end + 1) };
}

function when(time) {
  const date = new Date(time);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) {
    return date.toLocaleTimeString(LANGUAGE, { timeStyle: "short" });
  }
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(LANGUAGE, {
    ...{ day: "numeric", month: "short", year },
  });
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** A text as nodes, with the words marked that begin with one searched for. */
function marked(text, search) {
  const words = (search.match(WORD) ?? []).map(plain);
  if (words.length === 0) return [text];
  const nodes = [];
  let at = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!words.some((begin) => plain(word).startsWith(begin))) continue;
    const mark = document.createElement("mark");
    mark.textContent = word;
    nodes.push(text.slice(at, index), mark);
    at = index + word.length;
  }
  return [...nodes, text.slice(at)];
}

const SNIPPET = 90;
const LEAD = 24;

/** A line of the note: around what was searched for, else its beginning. */
function snippet(rest, search) {
  const line = rest.replace(/\s+/g, " ").trim();
  const words = (search.match(WORD) ?? []).map(plain);
  const hit = [...line.matchAll(WORD)].find(({ 0: word }) =>
    words.some((begin) => plain(word).startsWith(begin))
  );
  const from = hit === undefined || hit.index < LEAD
    ? 0
    : line.lastIndexOf(" ", hit.index - LEAD) + 1;
  return (from > 0 ? "…" : "") + line.slice(from, from + SNIPPET);
}

function span(className, ...nodes) {
  const element = document.createElement("span");
  element.className = className;
  element.append(...nodes);
  return element;
}

function inOrder(a, b) {
  return Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt ||
    (a.id < b.id ? 1 : -1);
}

/** Keeps what is shown; `onOpen` is called with a note that is chosen. */
export class NoteList {
  notes = [];
  #total = 0;
  #next = null;
  #search = "";
  #current = null;
  #loading = new AbortController();
  #list = find("list");

  constructor(onOpen) {
    this.#list.addEventListener("click", ({ target }) => {
      const id = target.closest("button")?.dataset.id;
      const note = this.notes.find((one) => one.id === id);
      if (note !== undefined) onOpen(note);
    });
    find("more").addEventListener("click", () => this.more());
  }

  get search() {
    return this.#search;
  }

  /** Loads the first page anew. */
  async load(search = this.#search) {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const page = await listNotes({ search, signal });
    this.#search = search;
    this.notes = page.notes;
    this.#total = page.total;
    this.#next = page.next;
    this.render();
  }

  /** Loads the next page. */
  async more() {
    if (this.#next === null) return;
    const { signal } = this.#loading;
    const page = await listNotes({
      ...{ search: this.#search, cursor: this.#next, signal },
    });
    const known = new Set(this.notes.map(({ id }) => id));
    this.notes.push(...page.notes.filter(({ id }) => !known.has(id)));
    this.#total = page.total;
    this.#next = page.next;
    this.render();
  }

  /** Puts a note that was saved where it belongs. */
  put(note) {
    const at = this.notes.findIndex(({ id }) => id === note.id);
    if (at < 0) this.#total++;
    else this.notes.splice(at, 1);
    this.notes.push(note);
    this.notes.sort(inOrder);
    this.render();
  }

  remove(id) {
    const at = this.notes.findIndex((note) => note.id === id);
    if (at < 0) return;
    this.notes.splice(at, 1);
    this.#total--;
    this.render();
  }

  clear() {
    this.#loading.abort();
    this.notes = [];
    this.#total = 0;
    this.#next = null;
    this.#search = "";
    this.#current = null;
    this.render();
  }

  /** Marks the note that is open. */
  mark(id) {
    this.#current = id;
    this.render();
    const item = this.#item(id);
    item?.scrollIntoView({ block: "nearest" });
  }

  #item(id) {
    return id === null
      ? null
      : this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  /** Puts the focus on the open note, or on the first. */
  focus() {
    const item = this.#item(this.#current) ??
      this.#list.querySelector("button");
    item?.focus();
  }

  /** The note `step` places further down. */
  neighbour(step) {
    const at = this.notes.findIndex(({ id }) => id === this.#current);
    if (at < 0) return this.notes[0];
    return this.notes[Math.max(0, Math.min(this.notes.length - 1, at + step))];
  }

  render() {
    const focused = document.activeElement?.dataset?.id;
    this.#list.replaceChildren(...this.notes.map((note) => this.#draw(note)));
    if (focused !== undefined) this.#item(focused)?.focus();
    find("more").hidden = this.#next === null;
    find("count").textContent = this.#describe();
  }

  #describe() {
    const notes = this.#total === 1 ? "1 note" : `${this.#total} notes`;
    if (this.#search === "") return this.#total === 0 ? "No notes yet" : notes;
    return this.#total === 0
      ? `Nothing found for “${this.#search}”`
      : `${notes} with “${this.#search}”`;
  }

  #draw(note) {
    const { title, rest } = splitText(note.text);
    const button = document.createElement("button");
    button.className = "item";
    button.dataset.id = note.id;
    if (note.id === this.#current) button.ariaCurrent = "true";
    if (note.pinned) button.classList.add("pinned");
    const name = title.trim() === "" ? "Untitled" : title;
    button.append(
      span("item-title", ...marked(name, this.#search)),
      span("item-when", when(note.updatedAt)),
      span(
        "item-text",
        ...marked(snippet(rest, this.#search), this.#search),
      ),
    );
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
