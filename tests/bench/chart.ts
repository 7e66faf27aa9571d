/** Figures as a picture: one group of bars a case, CPU per request. */
import type { Result } from "./rounds.ts";

const WIDTH = 820;
const LABEL = 170;
const BAR = 16;
const GAP = 4;
const TITLE = 30;
const FIGURE = 110;

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}
.t{font-weight:600}.o{fill:#0969da}.p{fill:#afb8c1}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.o{fill:#4493f8}.p{fill:#57606a}}`;

/** Bars of CPU time for one request, shorter is better, as SVG. */
export function chart(results: readonly Result[]): string {
  const parts: string[] = [];
  let top = 8;
  for (const result of results) {
    parts.push(group(result, top));
    top += TITLE + result.figures.length * (BAR + GAP) + 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img">
<title>CPU time of the server for one request, us; shorter is better</title>
<style>${STYLE}</style>
${parts.join("\n")}
</svg>
`;
}

function group(result: Result, top: number): string {
  const most = Math.max(...result.figures.map((it) => it.cpuMicros));
  const scale = (WIDTH - LABEL - FIGURE) / most;
  const bars = result.figures.map((it, at) => {
    const y = top + TITLE + at * (BAR + GAP);
    const width = Math.max(1, it.cpuMicros * scale).toFixed(1);
    const kind = it.server.startsWith("ours") ? "o" : "p";
    const end = (LABEL + Number(width) + 6).toFixed(1);
    return `<text x="${LABEL - 8}" y="${
      y + 13
    }" text-anchor="end">${it.server}</text>` +
      `<rect class="${kind}" x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2"/>` +
      `<text x="${end}" y="${y + 13}">${it.cpuMicros.toPrecision(3)} us</text>`;
  });
  return `<text class="t" x="8" y="${top + 18}">${result.name}</text>\n${
    bars.join("\n")
  }`;
}
