/**
 * How a listing looks.
 *
 * @module
 */

/** The style sheet of the page; the policy of the page names its hash. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8;
  --card: #ffffff;
  --text: #1c2128;
  --soft: #5b6472;
  --line: #e2e5ea;
  --edge: #858e9b;
  --hover: #f0f5fd;
  --link: #0b57c2;
  --folder: #3b82e6;
  --note: #fff6dc;
  --note-text: #5c4400;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216;
    --card: #171b21;
    --text: #e4e8ee;
    --soft: #9aa5b4;
    --line: #2a313b;
  --edge: #657182;
    --hover: #1e2630;
    --link: #84b8ff;
    --folder: #6ca6f5;
    --note: #33290c;
    --note-text: #f3d88a;
  }
}
html { scrollbar-gutter: stable; }
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0;
  padding: 2.5rem 1.5rem;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
header, main, footer { max-width: 60rem; margin: 0 auto; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .25rem; }
.icon {
  flex: none;
  width: 1.25rem;
  height: 1.25rem;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.7;
  stroke-linecap: round;
  stroke-linejoin: round;
  color: var(--soft);
}
.sheet { display: none; }
.solid { fill: currentColor; }
.folder { color: var(--folder); }
.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.unseen {
  margin: 0 .1em;
  padding: 0 .25em;
  border: 1px solid var(--line);
  border-radius: .25em;
  color: var(--soft);
  font-size: .75em;
}

header { display: flex; flex-wrap: wrap; align-items: end; gap: 1rem 2rem; margin-bottom: 1.25rem; }
.where { flex: 1 1 20rem; min-width: 0; }
nav ol { display: flex; flex-wrap: wrap; margin: 0 0 .25rem; padding: 0; list-style: none; font-size: .875rem; }
nav li { overflow-wrap: anywhere; }
nav li + li::before { content: "/"; content: "/" / ""; margin: 0 .5em; color: var(--soft); }
nav [aria-current] { color: var(--soft); }
h1 { margin: 0; font-size: 1.625rem; font-weight: 650; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
.sum { margin: .25rem 0 0; color: var(--soft); font-size: .875rem; }

.sum a { white-space: nowrap; }

form { display: flex; flex: 0 1 17rem; }
form input, form button {
  height: 2.5rem;
  border: 1px solid var(--edge);
  background: var(--card);
  color: inherit;
  font: inherit;
  font-size: .9375rem;
}
form input { flex: 1; min-width: 0; padding: 0 .875rem; border-right: 0; border-radius: .625rem 0 0 .625rem; }
form input::placeholder { color: var(--soft); opacity: 1; }
form button { display: grid; place-items: center; width: 2.75rem; border-radius: 0 .625rem .625rem 0; cursor: pointer; }
form button:hover { background: var(--hover); }
form :focus-visible { outline-offset: -2px; border-radius: .625rem; }

.note { margin: 0 0 1rem; padding: .75rem 1rem; border-radius: .625rem; background: var(--note); color: var(--note-text); font-size: .9375rem; }
.card { overflow: hidden; border: 1px solid var(--line); border-radius: .875rem; background: var(--card); box-shadow: 0 1px 3px rgb(0 0 0 / 6%); }
table { width: 100%; border-collapse: collapse; }
th { padding: 0; font-weight: 400; text-align: left; }
thead { font-size: .8125rem; }
thead th { border-bottom: 1px solid var(--line); white-space: nowrap; }
thead a { display: inline-flex; gap: .375em; padding: .625rem 1rem; color: var(--soft); }
thead [aria-sort] a { color: var(--text); font-weight: 600; }
thead a:focus-visible, td a:focus-visible, tbody th a:focus-visible { outline-offset: -3px; border-radius: .5rem; }
tbody tr:hover { background: var(--hover); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th a { display: flex; align-items: flex-start; gap: .75rem; padding: .5625rem 1rem; color: inherit; }
tbody tr:hover a { color: var(--link); }
tbody th .folder + span { font-weight: 500; }
tbody th .icon { margin-top: .125rem; }
tbody th bdi { overflow-wrap: anywhere; white-space: break-spaces; }
td { padding: .5625rem 1rem; color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; white-space: nowrap; vertical-align: top; line-height: 1.714; }
.size { text-align: right; }
.date { width: 1%; }
.empty { padding: 3rem 1rem; text-align: center; white-space: normal; font-size: 1rem; }
footer { margin-top: 1rem; color: var(--soft); font-size: .8125rem; }

@media (max-width: 40rem) {
  body { padding: 1.25rem .75rem; }
  form { flex: 1 1 100%; }
  table, tbody { display: block; }
  thead, thead tr { display: block; }
  thead tr { display: flex; border-bottom: 1px solid var(--line); }
  thead th { border: 0; }
  thead th:first-child { flex: 1; }
  thead .date { width: auto; }
  thead a { padding: .75rem; }
  tbody tr { position: relative; display: flex; flex-wrap: wrap; padding: .5rem .75rem .5rem 2.75rem; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr + tr > * { border-top: 0; }
  tbody th { flex: 1 1 100%; }
  tbody th a { padding: 0; }
  tbody th a::after { content: ""; position: absolute; inset: 0; }
  tbody th .icon { position: absolute; left: .75rem; top: .625rem; }
  td { padding: 0; font-size: .8125rem; }
  td.none { display: none; }
  td.size + td.date:not(.none)::before { content: "·"; content: "·" / ""; margin: 0 .5em; }
  td.size.none + td.date::before { content: none !important; }
  .empty { flex: 1; padding: 1.5rem 1rem; }
  tr:has(.empty) { padding: .5rem .75rem; }
}
@media (forced-colors: active) {
  .icon, .folder { color: CanvasText; }
}
`;
