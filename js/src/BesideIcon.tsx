/** A window with a part at the right, and the way there. */
export function BesideIcon() {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.3"
      aria-hidden="true"
    >
      <path d="M2 3.5h12v9H2zM9.5 3.5v9M11.2 6.2 12.6 8l-1.4 1.8" />
    </svg>
  );
}
