// The playground's Worker: the page, its server for predictions, and the server of the console.
import { createApp } from './app.ts';

export default createApp();
