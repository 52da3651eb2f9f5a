// Hands a file to the browser.
import type { Download } from './downloads.ts';

export function save({ name, toBlob }: Download): void {
  const url = URL.createObjectURL(toBlob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes hold of the Blob as it begins; Safari a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
