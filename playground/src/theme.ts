// One accent, calm greys, and what every component shares.
import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The green of the reference and the drawings. Shade 7 is the accent on white (6.5:1), 4 on dark. */
const postern: MantineColorsTuple = [
  '#e8f6f2',
  '#d3ebe4',
  '#a6d7ca',
  '#76c3ae',
  '#4fb398',
  '#2f9a80',
  '#17826a',
  '#0b6b58',
  '#075a4a',
  '#03463a',
];

/** Mantine's dark greys, with a breath of the accent in them. */
const dark: MantineColorsTuple = [
  '#e6ecea',
  '#c3cfcb',
  '#9db0a9',
  '#72857e',
  '#3a4844',
  '#2a3532',
  '#1d2623',
  '#161d1b',
  '#111715',
  '#0c100f',
];

export const theme = createTheme({
  primaryColor: 'postern',
  primaryShade: { light: 7, dark: 6 },
  colors: { postern, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
