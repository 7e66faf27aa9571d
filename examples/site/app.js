// Shows the users of the API and adds new ones.
const API = "/api/users";
const list = document.querySelector("#users");
const status = document.querySelector("#status");
const form = document.querySelector("#add");

/** Sends a request and returns the JSON of its answer. */
async function ask(options) {
  const response = await fetch(API, options);
  const answer = await response.json();
  // An error comes as problem details (RFC 9457): `detail` is for people.
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  return answer;
}

function say(text, failed = false) {
  status.textContent = text;
  status.classList.toggle("failed", failed);
}

async function show() {
  const users = await ask();
  list.replaceChildren(...users.map(({ name }) => {
    const item = document.createElement("li");
    // Never innerHTML: the name is what somebody typed.
    item.textContent = name;
    return item;
  }));
  say(`The API knows ${users.length} of them:`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = new FormData(form).get("name");
  try {
    await ask({ method: "POST", body: JSON.stringify({ name }) });
    form.reset();
    await show();
  } catch (error) {
    say(error.message, true);
  }
});

show().catch((error) => say(error.message, true));
