// Why a page may not know the URL, drawn: the way that is refused, and the way that works.
import classes from './snippets.module.css';

export function WhyNot() {
  return (
    <section className={classes.why} aria-labelledby="why">
      <h2 id="why">Why your page may not know the URL</h2>
      <h3 data-way="wrong">Not so</h3>
      <WrongWay />
      <h3 data-way="right">But so</h3>
      <RightWay />
      <ul className={classes.reasons}>
        <li>
          <b>Whoever has the URL spends your predictions.</b> What a page knows, each of its visitors can read in the
          browser's network panel, and keep.
        </li>
        <li>
          <b>Pages are refused.</b> A call that comes from a page gets <code>403 browser_call</code>, and no CORS header
          lets another origin read an answer.
        </li>
        <li>
          <b>Your server decides.</b> It knows who asks, how often they may, and which values make sense; the secret
          stays in its environment. This playground works the same way.
        </li>
      </ul>
    </section>
  );
}

function WrongWay() {
  return (
    <svg
      viewBox="0 0 400 104"
      className={classes.drawing}
      role="img"
      aria-label="A page that calls the secret URL shows it to every visitor, and is refused"
    >
      <g style={{ '--wrong': 'light-dark(#b3372f, #f09b94)' } as React.CSSProperties}>
        <Arrowhead id="wrong" color="var(--wrong)" />
        <Page x={4} y={18} />
        <path d="M108 48 H268" stroke="var(--wrong)" strokeWidth="1.8" strokeDasharray="5 5" markerEnd="url(#wrong)" />
        <g transform="translate(188 48)">
          <circle r="13" fill="var(--card)" stroke="var(--wrong)" strokeWidth="1.8" />
          <path d="M-5 -5 L5 5 M5 -5 L-5 5" stroke="var(--wrong)" strokeWidth="2" strokeLinecap="round" />
        </g>
        <Door x={290} y={10} />
        <Label x={188} y={94}>
          the secret in everybody's browser
        </Label>
      </g>
    </svg>
  );
}

function RightWay() {
  return (
    <svg
      viewBox="0 0 400 116"
      className={classes.drawing}
      role="img"
      aria-label="The page calls your server, your server calls the secret URL"
    >
      <Arrowhead id="right" color="var(--accent)" />
      <Page x={4} y={18} />
      <path d="M108 48 H142" stroke="var(--accent)" strokeWidth="1.8" markerEnd="url(#right)" />
      <rect
        x="152"
        y="14"
        width="98"
        height="68"
        rx="9"
        fill="var(--accent-soft)"
        stroke="var(--accent)"
        strokeWidth="1.6"
      />
      <Label x={201} y={40} strong>
        your server
      </Label>
      <Key x={164} y={57} />
      <Label x={211} y={63}>
        holds the URL
      </Label>
      <path d="M250 48 H278" stroke="var(--accent)" strokeWidth="1.8" markerEnd="url(#right)" />
      <Door x={290} y={10} />
      <Label x={125} y={104}>
        /predict
      </Label>
      <Label x={264} y={104}>
        the secret URL
      </Label>
    </svg>
  );
}

function Arrowhead({ id, color }: { id: string; color: string }) {
  return (
    <defs>
      <marker id={id} viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">
        <path d="M1 1 L9 5 L1 9" fill="none" stroke={color} strokeWidth="1.8" strokeLinecap="round" />
      </marker>
    </defs>
  );
}

function Page({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect width="98" height="64" rx="9" fill="var(--card)" stroke="var(--soft)" strokeWidth="1.4" />
      <path d="M0 18 H98" stroke="var(--soft)" strokeWidth="1.4" />
      <circle cx="11" cy="9" r="2.4" fill="var(--soft)" />
      <circle cx="20" cy="9" r="2.4" fill="var(--soft)" />
      <circle cx="29" cy="9" r="2.4" fill="var(--soft)" />
      <Label x={49} y={46} strong>
        your page
      </Label>
    </g>
  );
}

function Door({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect width="104" height="76" rx="9" fill="var(--card)" stroke="var(--accent)" strokeWidth="1.6" />
      <path d="M38 48 V28 a14 14 0 0 1 28 0 V48" fill="var(--accent-soft)" stroke="var(--accent)" strokeWidth="1.8" />
      <circle cx="59" cy="35" r="1.8" fill="var(--accent)" />
      <Label x={52} y={66} strong>
        Postern
      </Label>
    </g>
  );
}

function Key({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`} fill="none" stroke="var(--accent)" strokeWidth="1.6" strokeLinecap="round">
      <circle r="4" />
      <path d="M4 0 H13 M10 0 V4" transform="rotate(45)" />
    </g>
  );
}

function Label({ x, y, strong = false, children }: { x: number; y: number; strong?: boolean; children: string }) {
  return (
    <text
      x={x}
      y={y}
      textAnchor="middle"
      fontSize={strong ? 12.5 : 11}
      fontWeight={strong ? 580 : 400}
      fill={strong ? 'var(--ink)' : 'var(--soft)'}
    >
      {children}
    </text>
  );
}
