// Protobuf's wire format in terms of messages and repeated values, on top of BinaryReader.
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Values } from './graph.ts';

/** Values of a list that are kept: more than the classes a model may have, or the dimensions of anything. */
const HEAD = 4096;

/** Reads the fields of one message; a field that `read` does not want is skipped. */
export function readFields(reader: BinaryReader, end: number, read: (field: number, wire: WireType) => boolean): void {
  while (reader.pos < end) {
    const [field, wire] = reader.tag();
    if (!read(field, wire)) reader.skip(wire, field);
    if (reader.pos > end) throw new RangeError('premature EOF');
  }
}

/** @returns where the message that starts here ends. */
export function readEnd(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('premature EOF');
  return end;
}

export function readMessage(reader: BinaryReader, read: (field: number, wire: WireType) => boolean): void {
  readFields(reader, readEnd(reader), read);
}

/** 64-bit integers as numbers: exact where it matters (dimensions, indices), rounded beyond 2^53. */
export function readInt(reader: BinaryReader): number {
  return Number(reader.int64());
}

export class Collector<T> implements Values<T> {
  count = 0;
  any = false;
  readonly head: T[] = [];
  readonly #most: number;

  /** @param isWhole whether all values are kept. */
  constructor(isWhole = false) {
    this.#most = isWhole ? Number.POSITIVE_INFINITY : HEAD;
  }

  add(value: T): void {
    this.count += 1;
    if (this.head.length < this.#most) this.head.push(value);
    if (value !== 0) this.any = true;
  }
}

/** A repeated number, packed or not: writers of either kind exist. */
export function readNumbers(reader: BinaryReader, wire: WireType, into: Collector<number>, one: () => number): void {
  if (wire !== WireType.LengthDelimited) {
    into.add(one());
    return;
  }
  const end = readEnd(reader);
  while (reader.pos < end) into.add(one());
}

/** One of few words, a million times: beyond the head only whether it is this one is kept. */
export function readWord(reader: BinaryReader, into: Collector<string>, word: string): void {
  if (into.count < HEAD) into.add(reader.string());
  else into.add(reader.bytes().length === word.length ? word : '');
}

/** A vocabulary can hold a million words: those beyond the head are counted, not decoded. */
export function readText(reader: BinaryReader, into: Collector<string>): void {
  if (into.count < HEAD) into.add(reader.string());
  else {
    reader.bytes();
    into.count += 1;
  }
}
