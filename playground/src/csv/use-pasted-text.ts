// Rows that are pasted anywhere on the page, but for a field: there they belong to the field.
import { useEffect, useRef } from 'react';

export function usePastedText(onText: (text: string) => void): void {
  const latest = useRef(onText);
  latest.current = onText;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const target = event.target;
      if (target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      // A single line has no rows: it is a slip, not a table.
      if (!/[\r\n]/.test(text.trim())) return;
      event.preventDefault();
      latest.current(text);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
