// What Pillow and NumPy made of the images in test/fixtures/images (make_images.py there).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Preprocess } from '../../../worker/pipeline/manifest.ts';

const ROOT = join(import.meta.dirname, '../../fixtures/images');

interface Expected {
  images: Record<string, { width: number; height: number; rgb: string }>;
  resize: { filter: Preprocess['filter']; size: [number, number]; mode: 'RGB' | 'L'; values: string }[];
  preprocess: { spec: Preprocess; values: string }[];
}

export const EXPECTED = JSON.parse(readFileSync(join(ROOT, 'expected.json'), 'utf8')) as Expected;
export const FILES = readdirSync(ROOT).sort();

export const readImage = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(ROOT, name)));
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64'));

/** R, G and B of what may have four channels. */
export function toRgb(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  return Uint8Array.from({ length: (data.length / 4) * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)] ?? 0);
}
