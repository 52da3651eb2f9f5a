/**
 * A stream of bytes as the platform's request bodies are.
 * @param next the next piece, or null at the end.
 */
export function createByteStream(next: () => Uint8Array | null, cancel = () => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = next();
      if (piece !== null) return controller.enqueue(piece.slice());
      controller.close();
      // Who waits with a buffer of their own is told last.
      controller.byobRequest?.respond(0);
    },
    cancel,
  });
}

/** A text or bytes in pieces of these sizes, again and again. @returns the pieces, and whether the last has been taken. */
export function cut(content: string | Uint8Array, sizes: readonly number[]) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  let at = 0;
  let turn = 0;
  const next = (): Uint8Array | null => {
    if (at >= bytes.length) return null;
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    turn += 1;
    at += size;
    return bytes.subarray(at - size, at);
  };
  return { next, isTaken: () => at >= bytes.length };
}
