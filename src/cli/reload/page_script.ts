/**
 * The script that pages get to load themselves again.
 *
 * @module
 */

/**
 * It asks for changes since the page was made, and again when the page is shown
 * after it was hidden: a browser has few connections to one server. Changed
 * style sheets that the page links are replaced in place.
 */
export const PAGE_SCRIPT = `(() => {
  const own = new URL(document.currentScript.src);
  let since = own.searchParams.get("since");
  let source = null;
  function linkOf(path) {
    return [...document.querySelectorAll('link[rel~="stylesheet"][href]')]
      .find(({ href }) => {
        const url = new URL(href);
        return url.origin === own.origin && url.pathname === path;
      });
  }
  function swap(link) {
    const next = link.cloneNode();
    const url = new URL(link.href);
    url.searchParams.set("reload", since);
    next.href = url.href;
    next.onload = next.onerror = () => link.remove();
    link.after(next);
  }
  function apply(paths) {
    const links = paths.map(linkOf);
    if (links.length === 0 || links.includes(undefined)) location.reload();
    else links.forEach(swap);
  }
  function open() {
    if (source !== null || document.hidden) return;
    source = new EventSource(new URL("changes?since=" + since, own));
    source.addEventListener("change", ({ data, lastEventId }) => {
      since = lastEventId;
      apply(JSON.parse(data));
    });
  }
  function close() {
    source?.close();
    source = null;
  }
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else open();
  });
  open();
})();
`;
