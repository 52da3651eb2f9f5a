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
