// The codecs of jSquash (png: the Rust crate; jpeg: MozJPEG; webp: libwebp), each an instance of its own. The only file
// that imports them.
import createMozJpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import jpegModule from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import pngModule from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm';
import createWebp from '@jsquash/webp/codec/dec/webp_dec.js';
import webpModule from '@jsquash/webp/codec/dec/webp_dec.wasm';
import type { Pixels } from './decode.ts';

export interface Codec {
  /** Throws anything where the data is damaged; the codec must not be used afterwards. */
  decode(bytes: Uint8Array): Pixels;
  memoryBytes(): number;
}

/** @param orient whether to turn a JPEG as its EXIF says, which Pillow does not. */
type Decode = (bytes: Uint8Array, orient?: boolean) => Pixels | null;
type Factory = (options: object) => Promise<{ decode: Decode }>;

export const createJpegCodec = (): Promise<Codec> => createEmscripten(createMozJpeg as Factory, jpegModule, [false]);
export const createWebpCodec = (): Promise<Codec> => createEmscripten(createWebp as Factory, webpModule, []);

/** What browsers have, and the codecs make of their pixels. */
class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

async function createEmscripten(
  factory: Factory,
  module: WebAssembly.Module,
  options: [orient?: boolean],
): Promise<Codec> {
  (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData;
  let memory: WebAssembly.Memory | undefined;
  const { decode } = await factory({
    noInitialRun: true,
    // What it says of a damaged file is not for our log.
    print: () => undefined,
    printErr: () => undefined,
    instantiateWasm(imports: WebAssembly.Imports, onInstance: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      memory = findMemory(instance);
      onInstance(instance);
      return instance.exports;
    },
  });
  return {
    decode(bytes) {
      const pixels = decode(bytes, ...options);
      if (pixels === null) throw new Error('no pixels');
      return pixels;
    },
    memoryBytes: () => memory?.buffer.byteLength ?? 0,
  };
}

interface PngExports {
  readonly memory: WebAssembly.Memory;
  __wbindgen_malloc(bytes: number, align: number): number;
  __wbindgen_free(pointer: number, bytes: number, align: number): void;
  decode(pointer: number, bytes: number): number;
}

/** Without the glue of wasm-bindgen, which can have one instance only. */
export async function createPngCodec(): Promise<Codec> {
  let pixels: Pixels | null = null;
  const take = (pointer: number, length: number, width: number, height: number): number => {
    const data = new Uint8Array(png.memory.buffer, pointer >>> 0, length).slice();
    png.__wbindgen_free(pointer, length, 1);
    pixels = { width: width >>> 0, height: height >>> 0, data };
    return 0;
  };
  const fail = (): never => {
    throw new Error('png');
  };
  // The names of the imports end in a hash that changes with every release.
  const wbg = Object.fromEntries(
    WebAssembly.Module.imports(pngModule).map(({ name }) => [
      name,
      name.startsWith('__wbg_newwithownedu8clampedarray') ? take : fail,
    ]),
  );
  const png = new WebAssembly.Instance(pngModule, { wbg }).exports as unknown as PngExports;
  return {
    decode(bytes) {
      pixels = null;
      const pointer = png.__wbindgen_malloc(bytes.length, 1) >>> 0;
      new Uint8Array(png.memory.buffer, pointer, bytes.length).set(bytes);
      png.decode(pointer, bytes.length);
      if (pixels === null) throw new Error('no pixels');
      return pixels;
    },
    memoryBytes: () => png.memory.buffer.byteLength,
  };
}

function findMemory(instance: WebAssembly.Instance): WebAssembly.Memory | undefined {
  return Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
}
