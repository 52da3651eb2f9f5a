// Makes of any picture the browser can read one that the pipeline takes: its format, its bytes, its pixels.

export const ACCEPTED: readonly string[] = ['image/png', 'image/jpeg', 'image/webp'];
const BYTES = 10 * 2 ** 20;
const PIXELS = 4_000_000;

export interface Prepared {
  /** null: it could not be read. */
  readonly image: Blob | null;
  /** What was changed or what is wrong, for the person. */
  readonly note: string | null;
}

/** @param limits of the pipeline's schema: image_bytes and image_pixels. */
export async function prepareImage(file: Blob, limits: Readonly<Record<string, number>>): Promise<Prepared> {
  const { image_bytes: bytes = BYTES, image_pixels: pixels = PIXELS } = limits;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    // The server says better than the browser what is wrong with a file of a kind that it knows.
    if (ACCEPTED.includes(file.type) && file.size <= bytes) return { image: file, note: null };
    return { image: null, note: 'This browser cannot read the image. Wanted: PNG, JPEG or WebP.' };
  }
  const { width, height } = bitmap;
  if (ACCEPTED.includes(file.type) && file.size <= bytes && width * height <= pixels) {
    bitmap.close();
    return { image: file, note: null };
  }
  const factor = Math.min(1, Math.sqrt(pixels / (width * height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(width * factor);
  canvas.height = Math.floor(height * factor);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const type = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png';
  const image = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.95));
  const note =
    factor < 1
      ? `Scaled from ${width} × ${height} to ${canvas.width} × ${canvas.height} before sending: the pipeline takes ${(pixels / 1e6).toFixed(0)} million pixels.`
      : `Sent as ${type === 'image/png' ? 'PNG' : 'JPEG'}.`;
  return { image, note };
}
