/**
 * The pictures before the names of a listing.
 *
 * @module
 */

/** What an entry looks to be. */
export type IconName =
  | "folder"
  | "file"
  | "text"
  | "code"
  | "image"
  | "audio"
  | "video"
  | "archive"
  | "up"
  | "search";

const SHEET = '<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4"/>';

const SHAPES: Readonly<Record<IconName, string>> = {
  folder:
    '<path class="solid" d="M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>',
  file: SHEET,
  text: `${SHEET}<path d="M9 12h6M9 16h6"/>`,
  code: `${SHEET}<path d="m10.5 11.5-2 2.5 2 2.5M13.5 11.5l2 2.5-2 2.5"/>`,
  image:
    '<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.5" cy="10" r="1.5"/><path d="m4 18 5.5-5 3.5 3 3-2.5 4.5 4"/>',
  audio:
    '<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>',
  video:
    '<rect x="3" y="5" width="18" height="14" rx="2"/><path class="solid" d="m10.5 9 4.5 3-4.5 3z"/>',
  archive: '<path d="M4 9v10h16V9M3 5h18v4H3z"/><path d="M10 13h4"/>',
  up: '<path d="M9 14 4 9l5-5"/><path d="M4 9h10a6 6 0 0 1 6 6v5"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
};

// What media types begin with or hold, the telling ones first.
const BY_TYPE: readonly (readonly [RegExp, IconName])[] = [
  [/^image\//, "image"],
  [/^audio\//, "audio"],
  [/^video\//, "video"],
  [/zip|x-tar|compress|x-xz|zstd|x-7z|x-rar|brotli/, "archive"],
  [/html|xml|json|javascript|css|typescript|yaml|wasm|x-sh/, "code"],
  [/^text\/|pdf|msword|document/, "text"],
];

/** The picture of a media type. */
export function iconOf(type: string): IconName {
  return BY_TYPE.find(([pattern]) => pattern.test(type))?.[1] ?? "file";
}

/** A picture by its name; it tells nothing that is not also said in words. */
export function showIcon(name: IconName): string {
  return `<svg class="icon ${name}" aria-hidden="true"><use href="#${name}"/></svg>`;
}

/** The shapes that {@linkcode showIcon} takes up, once a page. */
export const ICONS: string = `<svg class="sheet">${
  Object.entries(SHAPES).map(([name, shape]) =>
    `<symbol id="${name}" viewBox="0 0 24 24">${shape}</symbol>`
  ).join("")
}</svg>`;
