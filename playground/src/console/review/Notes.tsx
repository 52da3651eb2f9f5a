// What the import had to guess about a field, beside it.
import { IconHelpCircle } from '@tabler/icons-react';
import page from './review.module.css';

export function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={page.notes}>
      {notes.map((note) => (
        <li key={note}>
          <IconHelpCircle size={15} aria-hidden />
          <span>{note}</span>
        </li>
      ))}
    </ul>
  );
}
