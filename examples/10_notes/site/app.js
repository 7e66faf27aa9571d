/** Puts the page together: who is here, the list, the open note, the keys. */
import { addNote, ApiError, removeNote, signOut, whoAmI } from "./api.js";
import { Editor } from "./editor.js";
import { Gate } from "./gate.js";
import { NoteList } from "./list.js";

const find = (id) => document.getElementById(id);
const app = find("app");
const search = find("search");
const SEARCH_PAUSE_MS = 150;
const TOAST_MS = 6_000;

const gate = new Gate(enter);
const list = new NoteList((note) => open(note, { focus: true }));
const editor = new Editor({
  onSaved(note) {
    list.put(note);
    if (editor.note?.id === note.id) show(note.id);
  },
  onLost: leave,
});

/** Which of list and note is seen where there is room for one. */
function show(id) {
  app.dataset.view = editor.note === null ? "list" : "note";
  list.mark(id);
  const hash = id === null ? "" : `#${id}`;
  if (location.hash !== hash) {
    history.replaceState(null, "", `${location.pathname}${hash}`);
  }
}

let toastTimer = 0;
function toast(text, label = "", act = () => {}) {
  find("toast-text").textContent = text;
  const button = find("toast-act");
  button.textContent = label;
  button.hidden = label === "";
  button.onclick = () => {
    find("toast").hidden = true;
    act();
  };
  find("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => find("toast").hidden = true, TOAST_MS);
}

/** Says what went wrong, unless a later request has taken the place of one. */
function report(error) {
  if (error.name === "AbortError") return;
  if (error instanceof ApiError && error.status === 401) leave();
  else if (error instanceof ApiError) toast(error.message);
  else toast("The server can't be reached.");
}

async function enter(user) {
  gate.hide();
  find("who").textContent = user.name;
  app.hidden = false;
  search.value = "";
  try {
    await list.load("");
    const note = list.notes.find(({ id }) => `#${id}` === location.hash);
    if (note !== undefined) await open(note);
  } catch (error) {
    report(error);
  }
}

function leave() {
  app.hidden = true;
  editor.close();
  list.clear();
  show(null);
  find("toast").hidden = true;
  gate.show();
}

async function open(note, { focus = false } = {}) {
  if (!(await editor.open(note))) {
    toast("The open note is not saved yet");
    return;
  }
  show(note.id);
  if (focus) editor.focus();
}

async function write() {
  if (search.value !== "") {
    search.value = "";
    await list.load("").catch(report);
  }
  if (await editor.openNew()) {
    show(null);
    editor.focus();
  }
}

async function backToList() {
  await editor.save();
  app.dataset.view = "list";
  list.focus();
}

async function remove() {
  const { note } = editor;
  if (note === null) return;
  await editor.save();
  const next = list.neighbour(1)?.id === note.id
    ? list.neighbour(-1)
    : list.neighbour(1);
  try {
    if (note.id !== null) await removeNote(note.id);
  } catch (error) {
    report(error);
    return;
  }
  editor.close();
  list.remove(note.id);
  show(null);
  if (next !== undefined && next.id !== note.id) list.mark(next.id);
  list.focus();
  const { text, pinned } = note;
  if (text.trim() === "") return;
  toast("Note deleted", "Undo", async () => {
    try {
      const back = await addNote({ text, pinned });
      list.put(back);
      await open(back, { focus: true });
    } catch (error) {
      report(error);
    }
  });
}

async function leaveForGood() {
  await editor.save();
  await signOut().then(leave, report);
}

let searchTimer = 0;
search.addEventListener("input", () => {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(
    () => list.load(search.value.trim()).catch(report),
    SEARCH_PAUSE_MS,
  );
});

find("new").addEventListener("click", write);
find("back").addEventListener("click", backToList);
find("pin").addEventListener("click", () => editor.togglePin());
find("delete").addEventListener("click", remove);
find("sign-out").addEventListener("click", leaveForGood);
find("show-keys").addEventListener("click", () => find("keys").showModal());

const KEYS = {
  n: write,
  "/": () => search.focus(),
  "?": () => find("keys").showModal(),
  p: () => editor.note && editor.togglePin(),
  Delete: remove,
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: () => editor.note && editor.focus(),
};

async function step(by) {
  const note = list.neighbour(by);
  if (note === undefined) return;
  await open(note);
  // Where there is room for one, the list stays until it is left.
  if (!matchMedia("(min-width: 44rem)").matches) app.dataset.view = "list";
  list.focus();
}

/** The keys in a field; true if the key has been taken. */
function fieldKey(event) {
  if (event.key === "Escape" && event.target === search) {
    search.value = "";
    list.load("").catch(report);
    list.focus();
  } else if (event.key === "Escape") backToList();
  else if (event.key === "ArrowDown" && event.target === search) list.focus();
  else return false;
  return true;
}

addEventListener("keydown", (event) => {
  if (app.hidden || find("keys").open || event.isComposing) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === "s") {
    event.preventDefault();
    editor.save();
    return;
  }
  if (isCommand || event.altKey) return;
  if (event.target.matches("input, textarea")) {
    if (fieldKey(event)) event.preventDefault();
    return;
  }
  // Buttons but for those of the list keep their Enter.
  const isButton = event.target.matches("button:not(.item)");
  if (isButton && event.key === "Enter") return;
  if (event.key === "Escape") return void backToList();
  const act = KEYS[event.key];
  if (act === undefined) return;
  // Enter on an item opens it.
  if (event.key === "Enter" && event.target.matches(".item")) return;
  event.preventDefault();
  act();
});

try {
  const { user } = await whoAmI();
  if (user === null) gate.show();
  else await enter(user);
} catch (error) {
  gate.show();
  report(error);
}
