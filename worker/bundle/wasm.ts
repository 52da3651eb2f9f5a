// The few edits of a WebAssembly file that put a snapshot into it. Everything is added behind what is there, so that no
// index in the file changes.
// @see https://webassembly.github.io/spec/core/binary/modules.html

const HEADER_BYTES = 8;
const SECTION = { custom: 0, types: 1, functions: 3, globals: 6, exports: 7, code: 10, data: 11, dataCount: 12 };
const EXPORT = { function: 0, global: 3 };
const OP = { end: [0x0b], globalSet: [0x24], i32Const: [0x41], memoryInit: [0xfc, 0x08] };
const PASSIVE = 1;
const FUNCTION_TYPE = 0x60;

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

/** What a function does: it sets globals, and copies bytes to addresses of the memory. */
export interface Restoration {
  readonly globals: ReadonlyMap<number, number>;
  readonly stretches: readonly { readonly address: number; readonly bytes: Uint8Array }[];
}

/** @returns the file with a custom section of text at its end. */
export function addCustomSection(wasm: Uint8Array, name: string, text: string): Uint8Array<ArrayBuffer> {
  const body = concat([toName(name), new TextEncoder().encode(text)]);
  return toFile([...toSections(wasm), { id: SECTION.custom, body }]);
}

/** @returns the file that exports all globals of its own as "global 0", "global 1" … */
export function exportGlobals(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = toSections(wasm);
  const exports = Array.from({ length: countOf(sections, SECTION.globals) }, (_, index) =>
    concat([toName(`global ${index}`), [EXPORT.global], toNumber(index)]),
  );
  return toFile(append(sections, SECTION.exports, exports));
}

/**
 * @param importedFunctions how many the file imports: they come first when functions are numbered.
 * @returns the file that exports one more function, which restores.
 */
export function addRestoration(
  wasm: Uint8Array,
  name: string,
  importedFunctions: number,
  { globals, stretches }: Restoration,
): Uint8Array<ArrayBuffer> {
  const sections = toSections(wasm);
  const type = countOf(sections, SECTION.types);
  const index = importedFunctions + countOf(sections, SECTION.functions);
  const segment = countOf(sections, SECTION.data);
  const code = concat([
    // No locals.
    toNumber(0),
    ...[...globals].map(([global, value]) => concat([toConstant(value), OP.globalSet, toNumber(global)])),
    ...stretches.map(({ address, bytes }, i) =>
      concat([
        toConstant(address),
        toConstant(0),
        toConstant(bytes.length),
        OP.memoryInit,
        toNumber(segment + i),
        toNumber(0),
      ]),
    ),
    OP.end,
  ]);
  const added = new Map<number, readonly Uint8Array[]>([
    [SECTION.types, [concat([[FUNCTION_TYPE], toNumber(0), toNumber(0)])]],
    [SECTION.functions, [toNumber(type)]],
    [SECTION.exports, [concat([toName(name), [EXPORT.function], toNumber(index)])]],
    [SECTION.code, [concat([toNumber(code.length), code])]],
    [SECTION.data, stretches.map(({ bytes }) => concat([[PASSIVE], toNumber(bytes.length), bytes]))],
  ]);
  const restorable = [...added].reduce((all, [id, items]) => append(all, id, items), sections);
  const dataCount = { id: SECTION.dataCount, body: toNumber(segment + stretches.length) };
  return toFile(restorable.map((section) => (section.id === dataCount.id ? dataCount : section)));
}

function toSections(wasm: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = HEADER_BYTES; at < wasm.length; ) {
    const size = readNumber(wasm, at + 1);
    const end = size.end + size.value;
    sections.push({ id: wasm[at] ?? 0, body: wasm.subarray(size.end, end) });
    at = end;
  }
  return sections;
}

function toFile(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode('\0asm\x01\0\0\0');
  return concat([header, ...sections.flatMap(({ id, body }) => [[id], toNumber(body.length), body])]);
}

/** How many items a section has: its body begins with their number. */
function countOf(sections: readonly Section[], id: number): number {
  const section = sections.find((each) => each.id === id);
  return section === undefined ? 0 : readNumber(section.body, 0).value;
}

/** @throws Error where the file has no such section. */
function append(sections: readonly Section[], id: number, items: readonly Uint8Array[]): Section[] {
  if (!sections.some((section) => section.id === id)) throw new Error(`the file has no section ${id}`);
  return sections.map((section) => {
    if (section.id !== id) return section;
    const count = readNumber(section.body, 0);
    return { id, body: concat([toNumber(count.value + items.length), section.body.subarray(count.end), ...items]) };
  });
}

function toName(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  return concat([toNumber(bytes.length), bytes]);
}

/** An instruction that yields the number. */
function toConstant(value: number): Uint8Array {
  const bytes: number[] = [];
  // Signed LEB128: the sixth bit of the last byte is the sign.
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f;
    if (rest >> 6 === 0 || rest >> 6 === -1) return concat([OP.i32Const, bytes, [low]]);
    bytes.push(low | 0x80);
  }
}

/** Unsigned LEB128. */
function toNumber(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Uint8Array.of(...bytes, rest);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at += 1, shift += 7) {
    const byte = bytes[at] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end: at + 1 };
  }
}

function concat(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
