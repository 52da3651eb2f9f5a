// What every answer carries: a strict policy for the page, and nothing for other sites.
/// <reference types="vite/types/importMeta.d.ts" />
import { NONCE, secureHeaders } from 'hono/secure-headers';

/** Vite's client of the development server brings inline scripts and styles, and a WebSocket. */
const DEVELOPMENT = import.meta.env.DEV;

export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: DEVELOPMENT ? ["'self'", "'unsafe-inline'"] : ["'self'"],
    // A nonce would switch 'unsafe-inline' off.
    styleSrc: DEVELOPMENT ? ["'self'", "'unsafe-inline'"] : ["'self'", NONCE],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"],
    connectSrc: DEVELOPMENT ? ["'self'", 'ws:'] : ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Other names under the same domain are not the playground's to decide about.
  strictTransportSecurity: 'max-age=15552000',
  // What only old Internet Explorers and Flash players read.
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  permissionsPolicy: {
    accelerometer: false,
    camera: false,
    displayCapture: false,
    geolocation: false,
    gyroscope: false,
    hid: false,
    magnetometer: false,
    microphone: false,
    midi: false,
    payment: false,
    publickeyCredentialsGet: false,
    screenWakeLock: false,
    serial: false,
    usb: false,
    xrSpatialTracking: false,
  },
});
