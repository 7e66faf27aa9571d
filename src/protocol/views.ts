/**
 * Memory seen as words, for loops that take several bytes at a time.
 *
 * @module
 */

// A view of all memory that was read: made anew it would cost 65 ns a head, and
// for each of the small buffers that lie in one 150 bytes a connection.
const views = new WeakMap<ArrayBufferLike, DataView>();

/** A view of all of a memory, the same one each time. */
export function viewOf(memory: ArrayBufferLike): DataView {
  let view = views.get(memory);
  if (view === undefined) {
    view = new DataView(memory);
    views.set(memory, view);
  }
  return view;
}
