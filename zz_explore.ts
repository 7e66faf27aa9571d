import { inSevenBits } from "./tests/differential/reading.ts";
import { llhttp } from "./tests/differential/llhttp.ts";
import { httpParserJs } from "./tests/differential/http_parser_js.ts";
import { readOurs } from "./tests/differential/ours.ts";
import { compare } from "./tests/differential/compare.ts";
import { mutations, wireInputs } from "./tests/differential/corpus.ts";
import { encodeBytes } from "./tests/support/notation.ts";
const n = Number(Deno.args[0] ?? 20000);
function* all() { yield* wireInputs(); let i=0; for (const m of mutations(1)) { if (i++>n) return; yield m; } }
const t=performance.now();
const classes = new Map<string, {count:number, ex:string[]}>();
let runs=0;
for (const b of all()) { runs++;
  const ours = readOurs(b);
  for (const peer of [llhttp, httpParserJs]) {
    let theirs; try { theirs = peer.read(b); } catch (e) { console.log("CRASH", peer.name, e, encodeBytes(b)); Deno.exit(1); }
    const d = compare(peer.isSevenBit ? inSevenBits(ours) : ours, theirs);
    if (!d) continue;
    const key = d.kind==="other" ? `${peer.name} OTHER ${d.ours.replace(/ .*/, "")}` : `${peer.name} ${d.kind} ${d.ours} ${d.theirs}`;
    const c = classes.get(key) ?? {count:0, ex:[]}; c.count++; const ex=encodeBytes(b)+(d.kind==="other"?`\n        => ${d.ours} | ${d.theirs}`:""); if (c.ex.length<6 && (d.kind==="other"||ex.length<600)) c.ex.push(ex); classes.set(key,c);
  }
}
console.log(runs, (performance.now()-t)/1000);
for (const [k,{count,ex}] of [...classes].sort()) console.log(k, count, "\n    "+ex.slice(0, k.includes("OTHER")?6:3).join("\n    "));
