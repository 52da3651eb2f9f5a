import { expect, it } from 'vitest';
import { parseMediaType } from '../../../worker/decode/media-type.ts';

it.each([
  [null, '', null, null],
  ['', '', null, null],
  ['text/csv', 'text/csv', null, null],
  ['Text/CSV ; Charset=UTF-8', 'text/csv', 'utf-8', null],
  ['text/csv; header=present; charset="iso-8859-1"', 'text/csv', 'iso-8859-1', null],
  ['multipart/form-data; boundary=----WebKitFormBoundaryX', 'multipart/form-data', null, '----WebKitFormBoundaryX'],
  ['multipart/form-data; boundary="a b;c"; charset=utf-8', 'multipart/form-data', 'utf-8', 'a b;c'],
  ['multipart/form-data;boundary=a;boundary=b', 'multipart/form-data', null, 'a'],
])('%s', (header, type, charset, boundary) => {
  expect(parseMediaType(header)).toEqual({ type, charset, boundary });
});
