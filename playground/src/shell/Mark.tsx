// The mark: a small door in a wall, ajar.
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M9 26V14a7 7 0 0 1 14 0v12" fill="none" stroke="var(--card)" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M13 26V14.5l6.5-2.2V28z" fill="var(--card)" />
      <circle cx="17.4" cy="20.4" r="1.2" fill="var(--accent)" />
    </svg>
  );
}
